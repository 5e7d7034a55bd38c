#include "sim/json_scan.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static unsigned line_at(const struct scan *s, size_t at)
{
    unsigned line = 1;

    for (const char *p = s->doc->text; (p = memchr(p, '\n', at - (size_t)(p - s->doc->text))) != NULL; p++) {
        line++;
    }
    return line;
}

static bool at_end(struct scan *s, const char *expected)
{
    char hint[100] = "the file may have been cut off";

    if (s->depth > 0) {
        const struct level *top = &s->level[s->depth - 1];
        const size_t open = s->doc->place[top->place].offset;

        (void)snprintf(hint, sizeof hint, "the \"%c\" of line %u is not closed: a missing \"%c\", or a file cut off",
                       s->doc->text[open], line_at(s, open), top->close);
    }
    return scan_complain(s, s->doc->size, hint, "the text ends where %s is expected", expected);
}

static bool add_place(struct scan *s, size_t key_offset)
{
    struct json_doc *doc = s->doc;

    if (doc->place_count == s->capacity) {
        const size_t wanted = s->capacity * 2 + 64;
        struct json_place *grown = realloc(doc->place, wanted * sizeof *grown);

        if (grown == NULL) {
            return scan_complain(s, s->at, NULL, "out of memory");
        }
        doc->place = grown;
        s->capacity = wanted;
    }
    struct level *top = s->depth > 0 ? &s->level[s->depth - 1] : NULL;

    for (; s->line_end < s->at; s->line_end++) {
        s->line += doc->text[s->line_end] == '\n' ? 1 : 0;
    }
    doc->place[doc->place_count++] = (struct json_place){
        .offset = s->at,
        .key_offset = key_offset,
        .parent = top != NULL ? top->place : 0,
        .index = top != NULL ? top->count++ : 0,
        .line = s->line,
    };
    return true;
}

static bool open_level(struct scan *s)
{
    if (s->depth == JSON_DEPTH_MAX) {
        return scan_complain(s, s->at, NULL, "nested deeper than %d levels", JSON_DEPTH_MAX);
    }
    s->level[s->depth++] = (struct level){ .place = (uint32_t)(s->doc->place_count - 1),
                                           .comma = SIZE_MAX,
                                           .close = scan_peek(s) == '{' ? '}' : ']' };
    s->at++;
    return true;
}

static bool scan_value(struct scan *s, size_t key_offset)
{
    static const char *const literal[] = { "true", "false", "null" };
    bool going = true, done = false;

    scan_space(s);
    if (s->at == s->doc->size) {
        return at_end(s, "a value");
    }
    if (!add_place(s, key_offset)) {
        return false;
    }
    const char c = scan_peek(s);

    for (size_t i = 0; i < sizeof literal / sizeof literal[0] && !done; i++) {
        const size_t size = strlen(literal[i]);

        if (scan_at(s, literal[i]) && !scan_is_word(s->doc->text[s->at + size])) {
            s->at += size;
            done = true;
        }
    }
    if (!done) {
        if (c == '{' || c == '[') {
            return open_level(s);
        }
        if (c == '"') {
            going = scan_string(s);
        } else if (isdigit((unsigned char)c) != 0 || c == '-' || c == '+' || c == '.') {
            scan_number(s);
        } else {
            going = scan_wrong_value(s);
        }
    }
    s->value_end = s->at;
    return going;
}

static bool scan_key(struct scan *s)
{
    const char c = scan_peek(s);
    const size_t begin = s->at;

    if (c == '"') {
        if (!scan_string(s)) {
            return false;
        }
    } else if (c == '\'' || scan_is_word(c)) {
        s->at += c == '\'' ? 1 : 0;
        scan_word(s);
        (void)scan_complain(s, begin, NULL, "write \"%.*s\": a key takes double quotes",
                            s->at - begin < 40 ? (int)(s->at - begin - (c == '\'')) : 40,
                            s->doc->text + begin + (c == '\''));
        s->at += scan_peek(s) == '\'' ? 1 : 0;
    } else {
        return scan_complain(s, begin, c == ',' ? "one comma too many" : NULL,
                             "expected a key in double quotes, got \"%c\"", c);
    }
    scan_space(s);
    if (s->at == s->doc->size) {
        return at_end(s, "\":\"");
    }
    if (scan_peek(s) != ':') {
        if (scan_peek(s) != '=') {
            return scan_complain(s, s->at, "a quote or a colon is missing", "expected \":\" after the key");
        }
        (void)scan_complain(s, s->at, "write \":\"", "expected \":\" after the key, got \"=\"");
    }
    s->at++;
    return scan_value(s, begin);
}

static bool close_level(struct scan *s, const struct level *top)
{
    if (scan_peek(s) != top->close) {
        const size_t open = s->doc->place[top->place].offset;

        return scan_complain(s, s->at, NULL, "\"%c\" cannot close the \"%c\" of line %u: expected \"%c\"", scan_peek(s),
                             s->doc->text[open], line_at(s, open), top->close);
    }
    if (top->comma != SIZE_MAX) {
        (void)scan_complain(s, top->comma, "leave it out", "a comma after the last element");
    }
    s->at++;
    s->depth--;
    s->value_end = s->at;
    return true;
}

/* The next comma, element or end of the innermost array or object. */
static bool scan_next(struct scan *s)
{
    struct level *top = &s->level[s->depth - 1];

    scan_space(s);
    const char c = scan_peek(s);

    if (s->at == s->doc->size) {
        return at_end(s, top->count == 0 ? "an element" : top->close == '}' ? "\",\" or \"}\"" : "\",\" or \"]\"");
    }
    if (c == '}' || c == ']') {
        return close_level(s, top);
    }
    if (top->count > 0 && top->comma == SIZE_MAX) {
        if (c == ',') {
            top->comma = s->at++;
            return true;
        }
        (void)scan_complain(s, s->value_end, NULL, "a comma is missing between two elements");
        if (c == ':' || c == ';' || c == '=') {
            return false;
        }
    }
    top->comma = SIZE_MAX;
    return top->close == '}' ? scan_key(s) : scan_value(s, SIZE_MAX);
}

bool json_scan(struct json_doc *doc, struct diag *d)
{
    struct scan s = { .doc = doc, .d = d, .line = 1 };

    scan_space(&s);
    if (s.at == doc->size) {
        return scan_complain(&s, s.at, NULL, "%s", s.failed ? "nothing but comments" : "the file is empty");
    }
    bool going = scan_value(&s, SIZE_MAX);

    while (going && s.depth > 0) {
        going = scan_next(&s);
    }
    if (going) {
        scan_space(&s);
        if (s.at < doc->size) {
            (void)scan_complain(&s, s.at, "a file holds one value; is a \"}\" too early?", "text after the end");
        }
    }
    return !s.failed;
}
