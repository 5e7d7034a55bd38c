#include "sim/diag.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CONTEXT 48   /* columns of a source line kept before and after the caret when the line must be cut */
#define WORD_MAX 64  /* longer words are near to nothing */
#define TEXT_MAX 400 /* bytes of a message kept: what is quoted in it may be as long as a file */
#define EXCERPT_MAX ((2 * CONTEXT + 2) * 4 + 16) /* an escaped byte takes four columns */

void diag_init(struct diag *d)
{
    memset(d, 0, sizeof *d);
}

static void free_message(struct diag_message *m)
{
    free(m->file);
    free(m->path);
    free(m->text);
    free(m->hint);
    free(m->source);
}

void diag_free(struct diag *d)
{
    for (size_t i = 0; i < d->count; i++) {
        free_message(&d->message[i]);
    }
    diag_init(d);
}

/* Bytes of the UTF-8 character at p (1 to 4), or 0 if none stands there. */
static size_t utf8_length(const unsigned char *p, size_t left)
{
    const size_t n = p[0] < 0x80 ? 1 : p[0] < 0xC2 ? 0 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : p[0] < 0xF5 ? 4 : 0;

    if (n == 0 || n > left) {
        return 0;
    }
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xC0U) != 0x80) {
            return 0;
        }
    }
    return n;
}

/* Is the character at p, n bytes of UTF-8, safe to show? Control characters would reach the user's terminal. */
static bool is_shown(const unsigned char *p, size_t n)
{
    const bool c1_control = n == 2 && p[0] == 0xC2 && p[1] < 0xA0;

    return n > 1 ? !c1_control : n == 1 && p[0] >= 0x20 && p[0] != 0x7F;
}

/* A copy with what cannot be shown as \xNN, cut to TEXT_MAX. */
static char *copy(const char *text)
{
    const size_t size = text != NULL ? strlen(text) : 0;
    char *out = text != NULL ? malloc((size < TEXT_MAX ? 4 * size : TEXT_MAX) + 8) : NULL;
    size_t to = 0;

    if (out == NULL) {
        return NULL;
    }
    for (size_t at = 0; at < size;) {
        const size_t n = utf8_length((const unsigned char *)text + at, size - at);

        if (to + 4 > TEXT_MAX) {
            memcpy(out + to, "...", 3);
            to += 3;
            break;
        }
        if (is_shown((const unsigned char *)text + at, n)) {
            memcpy(out + to, text + at, n);
            to += n;
            at += n;
        } else {
            to += (size_t)snprintf(out + to, 5, "\\x%02X", (unsigned)(unsigned char)text[at]);
            at++;
        }
    }
    out[to] = '\0';
    return out;
}

static char *format_text(const char *format, va_list args)
{
    char text[2 * TEXT_MAX];

    return vsnprintf(text, sizeof text, format, args) < 0 ? NULL : copy(text);
}

/* The line that offset stands on is text[begin..end); the column counts characters. */
static void locate(const char *text, size_t size, size_t offset, struct diag_message *m, size_t *begin, size_t *end)
{
    size_t start = 0;
    const char *newline = NULL;

    m->line = 1;
    while ((newline = memchr(text + start, '\n', offset - start)) != NULL) {
        start = (size_t)(newline - text) + 1;
        m->line++;
    }
    m->col = 1;
    for (size_t at = start; at < offset; m->col++) {
        const size_t n = utf8_length((const unsigned char *)text + at, offset - at);

        at += n > 0 ? n : 1;
    }
    newline = memchr(text + offset, '\n', size - offset);
    *begin = start;
    *end = newline != NULL ? (size_t)(newline - text) : size;
    if (*end > *begin && text[*end - 1] == '\r') {
        (*end)--;
    }
}

/* Moves a cut to the start of the character it falls into. */
static size_t whole(const char *text, size_t from, size_t at)
{
    for (int i = 0; i < 3 && at > from && ((unsigned char)text[at] & 0xC0U) == 0x80; i++) {
        at--;
    }
    return at;
}

struct excerpt {
    char line[EXCERPT_MAX], pad[EXCERPT_MAX];
    size_t line_size, pad_size;
};

static void put(struct excerpt *x, const char *bytes, size_t size, bool before)
{
    memcpy(x->line + x->line_size, bytes, size);
    x->line_size += size;
    if (before) { /* one column for a character, however many bytes; a tab stays a tab */
        const size_t columns = (unsigned char)bytes[0] >= 0x80 ? 1 : size;

        memset(x->pad + x->pad_size, bytes[0] == '\t' ? '\t' : ' ', columns);
        x->pad_size += columns;
    }
}

/* text[from..to) with what cannot be shown as \xNN, and as many blanks as stand before offset. */
static void put_line(struct excerpt *x, const char *text, size_t from, size_t to, size_t offset)
{
    for (size_t at = from; at < to;) {
        const unsigned char c = (unsigned char)text[at];
        const size_t n = utf8_length((const unsigned char *)text + at, to - at);

        if (c == '\t' || is_shown((const unsigned char *)text + at, n)) {
            put(x, text + at, n, at < offset);
            at += n;
        } else {
            char escape[8];

            (void)snprintf(escape, sizeof escape, "\\x%02X", c);
            put(x, escape, 4, at < offset);
            at++;
        }
    }
}

/* The source line, cut around the caret, and the caret's own line below it. */
static char *excerpt(const char *text, size_t begin, size_t end, size_t offset)
{
    struct excerpt x = { .line_size = 0, .pad_size = 0 };
    size_t from = begin, to = end;

    if (offset - begin > CONTEXT && end - begin > (size_t)2 * CONTEXT) {
        from = whole(text, begin, offset - CONTEXT);
        put(&x, "...", 3, true);
    }
    if (end - from > (size_t)2 * CONTEXT) {
        to = whole(text, offset, from + (size_t)2 * CONTEXT);
    }
    put_line(&x, text, from, to, offset);
    if (to < end) {
        put(&x, "...", 3, false);
    }
    char *out = malloc(x.line_size + x.pad_size + 3);

    if (out != NULL) {
        memcpy(out, x.line, x.line_size);
        out[x.line_size] = '\n';
        memcpy(out + x.line_size + 1, x.pad, x.pad_size);
        memcpy(out + x.line_size + 1 + x.pad_size, "^", 2);
    }
    return out;
}

static bool same(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* Each case of a sweep meets the same mistake: it is told once. */
static bool is_known(const struct diag *d, const struct diag_message *m)
{
    for (size_t i = 0; i < d->count; i++) {
        const struct diag_message *o = &d->message[i];

        if (o->severity == m->severity && o->line == m->line && o->col == m->col && same(o->file, m->file) &&
            same(o->path, m->path) && same(o->text, m->text)) {
            return true;
        }
    }
    return false;
}

/* Makes room for an error. */
static void drop_last_warning(struct diag *d)
{
    size_t last = d->count - 1;

    while (last > 0 && d->message[last].severity == DIAG_ERROR) {
        last--;
    }
    free_message(&d->message[last]);
    d->count--;
    d->dropped++;
    memmove(&d->message[last], &d->message[last + 1], (d->count - last) * sizeof d->message[0]);
}

/* Takes m over. */
static void keep(struct diag *d, struct diag_message *m)
{
    if (is_known(d, m)) {
        free_message(m);
        return;
    }
    d->errors += m->severity == DIAG_ERROR ? 1 : 0;
    if (d->count == DIAG_MAX) { /* else is_hopeless() would have stopped it */
        drop_last_warning(d);
    }
    if (m->text == NULL) { /* out of memory */
        d->dropped++;
        free_message(m);
        return;
    }
    d->message[d->count++] = *m;
}

/* Nothing of a message like this will be kept: only count it. Bad input may bring a million of them. */
static bool is_hopeless(struct diag *d, enum diag_severity severity)
{
    bool full = d->count == DIAG_MAX;

    for (size_t i = 0; i < d->count && severity == DIAG_ERROR; i++) {
        full = full && d->message[i].severity == DIAG_ERROR;
    }
    if (full) {
        d->dropped++;
        d->errors += severity == DIAG_ERROR ? 1 : 0;
    }
    return full;
}

static struct diag_message new_message(enum diag_severity severity, const char *file, const char *path,
                                       const char *hint)
{
    return (struct diag_message){ .severity = severity, .file = copy(file), .path = copy(path), .hint = copy(hint) };
}

void diag_at(struct diag *d, enum diag_severity severity, const char *file, const char *text, size_t size,
             size_t offset, const char *path, const char *hint, const char *format, ...)
{
    if (is_hopeless(d, severity)) {
        return;
    }
    struct diag_message m = new_message(severity, file, path != NULL && path[0] != '\0' ? path : NULL, hint);
    va_list args;

    va_start(args, format);
    m.text = format_text(format, args);
    va_end(args);
    if (text != NULL && offset <= size) {
        size_t begin = 0, end = 0;

        locate(text, size, offset, &m, &begin, &end);
        m.source = excerpt(text, begin, end, offset);
    }
    keep(d, &m);
}

void diag_plain(struct diag *d, enum diag_severity severity, const char *file, const char *hint, const char *format,
                ...)
{
    if (is_hopeless(d, severity)) {
        return;
    }
    struct diag_message m = new_message(severity, file, NULL, hint);
    va_list args;

    va_start(args, format);
    m.text = format_text(format, args);
    va_end(args);
    keep(d, &m);
}

static void print_message(const struct diag_message *m, FILE *out)
{
    if (m->file != NULL) {
        (void)fprintf(out, "%s:", m->file);
        if (m->line > 0) {
            (void)fprintf(out, "%u:%u:", m->line, m->col);
        }
        (void)fputc(' ', out);
    }
    if (m->path != NULL) {
        (void)fprintf(out, "%s: ", m->path);
    }
    (void)fprintf(out, "%s: %s\n", m->severity == DIAG_ERROR ? "error" : "warning", m->text);
    for (const char *line = m->source; line != NULL;) {
        const char *newline = strchr(line, '\n');

        (void)fprintf(out, "  %.*s\n", newline != NULL ? (int)(newline - line) : (int)strlen(line), line);
        line = newline != NULL ? newline + 1 : NULL;
    }
    if (m->hint != NULL) {
        (void)fprintf(out, "  hint: %s\n", m->hint);
    }
}

void diag_print(const struct diag *d, FILE *out)
{
    for (size_t i = 0; i < d->count; i++) {
        print_message(&d->message[i], out);
    }
    if (d->dropped > 0) {
        (void)fprintf(out, "and %zu more\n", d->dropped);
    }
}

/* Twice the edits from a to b: insert, remove, replace, swap neighbours. A letter in the wrong case is half an edit, so
 * that "mv" finds "mV" before "ms". */
static unsigned distance(const char *a, const char *b)
{
    const size_t na = strlen(a), nb = strlen(b);
    unsigned row[3][WORD_MAX + 1] = { { 0 } };

    for (size_t j = 0; j <= nb; j++) {
        row[0][j] = (unsigned)j * 2;
    }
    for (size_t i = 1; i <= na; i++) {
        unsigned *now = row[i % 3];
        const unsigned *up = row[(i + 2) % 3], *up2 = row[(i + 1) % 3];

        now[0] = (unsigned)i * 2;
        for (size_t j = 1; j <= nb; j++) {
            const int x = (unsigned char)a[i - 1], y = (unsigned char)b[j - 1];
            unsigned best = up[j - 1] + (x == y ? 0 : tolower(x) == tolower(y) ? 1 : 2);

            best = up[j] + 2 < best ? up[j] + 2 : best;
            best = now[j - 1] + 2 < best ? now[j - 1] + 2 : best;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && up2[j - 2] + 2 < best) {
                best = up2[j - 2] + 2;
            }
            now[j] = best;
        }
    }
    return row[na % 3][nb];
}

const char *diag_nearest(const char *word, const char *const words[], size_t count)
{
    const size_t size = strlen(word);
    const size_t edits = size < 3 ? 1 : size < 8 ? 2 : 2 + size / 8; /* a third of the word at most, roughly */
    unsigned best = (unsigned)edits * 2 + 1;
    const char *nearest = NULL;

    if (size == 0 || size > WORD_MAX) {
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        const size_t length = strlen(words[i]);

        if (length > WORD_MAX || length > size + edits || size > length + edits) {
            continue;
        }
        const unsigned far = distance(word, words[i]);

        if (far < best && far < 2 * length) { /* not a word of which every letter is new */
            best = far;
            nearest = words[i];
        }
    }
    return nearest;
}
