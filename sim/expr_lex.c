#include "sim/expr_inner.h"

#include "sim/quantity_unit.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool expr_fail(struct expr_parser *p, size_t at, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)vsnprintf(p->error, p->error_size, format, args);
    va_end(args);
    *p->error_at = at;
    return false;
}

static bool token_is(const struct expr_parser *p, const char *word)
{
    const size_t size = p->token.end - p->token.begin;

    return strlen(word) == size && memcmp(p->text + p->token.begin, word, size) == 0;
}

bool expr_at_name(const struct expr_parser *p, const char *name)
{
    return p->token.kind == TOKEN_NAME && token_is(p, name);
}

bool expr_at_symbol(const struct expr_parser *p, const char *symbol)
{
    return p->token.kind == TOKEN_SYMBOL && token_is(p, symbol);
}

bool expr_is_keyword(const char *word, size_t size)
{
    static const char *const keyword[] = { "and",   "or",    "not",     "is",   "above", "below", "at",      "becomes",
                                           "rises", "falls", "changes", "true", "false", "req",   "contains" };

    for (size_t i = 0; i < sizeof keyword / sizeof keyword[0]; i++) {
        if (strlen(keyword[i]) == size && memcmp(keyword[i], word, size) == 0) {
            return true;
        }
    }
    return false;
}

/* The character at i; 0 behind the end. */
static char at(const struct expr_parser *p, size_t i)
{
    if (i >= p->size) {
        return '\0';
    }
    return p->text[i];
}

static bool is_letter(char c)
{
    return isalpha((unsigned char)c) != 0 || (unsigned char)c >= 0x80;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t letters_end(const struct expr_parser *p, size_t i)
{
    while (is_letter(at(p, i))) {
        i++;
    }
    return i;
}

static bool is_unit(const struct expr_parser *p, size_t begin, size_t end)
{
    char name[UNIT_SIZE];

    if (end - begin >= sizeof name) {
        return false;
    }
    memcpy(name, p->text + begin, end - begin);
    name[end - begin] = '\0';
    return unit_find(name) != NULL;
}

/* The end of the unit that follows a number ending at i; i if none follows. */
static size_t unit_end(const struct expr_parser *p, size_t i)
{
    size_t begin = i;

    while (at(p, begin) == ' ') {
        begin++;
    }
    if (at(p, begin) == '%') {
        return begin + 1;
    }
    const size_t word = letters_end(p, begin);

    if (word == begin || (begin > i && expr_is_keyword(p->text + begin, word - begin))) {
        return i;
    }
    if (at(p, word) == '.' || at(p, word) == '/') { /* V.s, K/min; but "6 V/2" and "1 V/x" are divisions */
        const size_t second = letters_end(p, word + 1);

        if (second > word + 1 && is_unit(p, begin, second)) {
            return second;
        }
    }
    return word;
}

static bool read_quantity(struct expr_parser *p, size_t begin)
{
    size_t end = begin, fault = 0;

    while (is_digit(at(p, end)) || at(p, end) == '.') {
        end++;
    }
    if ((at(p, end) == 'e' || at(p, end) == 'E') &&
        (is_digit(at(p, end + 1)) || ((at(p, end + 1) == '-' || at(p, end + 1) == '+') && is_digit(at(p, end + 2))))) {
        for (end += 2; is_digit(at(p, end));) {
            end++;
        }
    }
    if (at(p, end) == ',' && is_digit(at(p, end + 1)) && p->depth == 0) { /* min(3,7) has two numbers */
        return expr_fail(p, end, "write a decimal point, and no commas");
    }
    end = unit_end(p, end);
    p->token = (struct token){ .kind = TOKEN_QUANTITY, .begin = begin, .end = end };
    if (!quantity_parse(p->text + begin, end - begin, &p->token.number, p->error, p->error_size, &fault)) {
        *p->error_at = begin + fault;
        return false;
    }
    if (p->token.number.dim == DIM_C_RATE) {
        if (!(p->context->nominal_Ah > 0)) {
            return expr_fail(p, begin, "a C rate is not known here: no pack gives the capacity; write it in A");
        }
        p->token.number.dim = DIM_CURRENT;
        p->token.number.value *= p->context->nominal_Ah;
    }
    return true;
}

static bool read_symbol(struct expr_parser *p, size_t begin)
{
    static const struct {
        const char *symbol, *word;
    } foreign[] = {
        { "&&", "and" }, { "||", "or" }, { "!=", "is not" }, { "==", "is" },
        { "=", "is" },   { "!", "not" }, { "&", "and" },     { "|", "or" },
    };
    const char c = at(p, begin);
    const bool wide = (c == '>' || c == '<') && at(p, begin + 1) == '=';

    p->token = (struct token){ .kind = TOKEN_SYMBOL, .begin = begin, .end = begin + (wide ? 2 : 1) };
    if (c != '\0' && strchr("+-*/(),<>", c) != NULL) {
        return true;
    }
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
        const size_t size = strlen(foreign[i].symbol);

        if (p->size - begin >= size && memcmp(p->text + begin, foreign[i].symbol, size) == 0) {
            return expr_fail(p, begin, "write \"%s\" for \"%s\"", foreign[i].word, foreign[i].symbol);
        }
    }
    if (p->size - begin >= 3 && memcmp(p->text + begin, "\xE2\x88\x92", 3) == 0) {
        return expr_fail(p, begin, "write \"-\" for minus");
    }
    if (isprint((unsigned char)c) != 0) {
        return expr_fail(p, begin, "\"%c\" means nothing here", c);
    }
    return expr_fail(p, begin, "a character that means nothing here");
}

/* 'text' or "text": what stands between; the quotes belong to the token. */
static bool read_text(struct expr_parser *p, size_t begin)
{
    const char quote = at(p, begin);
    size_t end = begin + 1;

    while (at(p, end) != quote && end < p->size) {
        end++;
    }
    if (end >= p->size) {
        return expr_fail(p, begin, "the text has no closing %c", quote);
    }
    if (end == begin + 1) {
        return expr_fail(p, begin, "an empty text: write \"is ' '\" for a blank line");
    }
    p->token = (struct token){ .kind = TOKEN_TEXT, .begin = begin, .end = end + 1 };
    return true;
}

bool expr_next(struct expr_parser *p)
{
    size_t begin = p->token.end;

    p->last_end = p->token.end;
    while (at(p, begin) == ' ') {
        begin++;
    }
    if (begin >= p->size) {
        p->token = (struct token){ .kind = TOKEN_END, .begin = p->size, .end = p->size };
        return true;
    }
    const char c = at(p, begin);

    if (is_digit(c) || (c == '.' && is_digit(at(p, begin + 1)))) {
        return read_quantity(p, begin);
    }
    if (isalpha((unsigned char)c) != 0 || c == '_') {
        size_t end = begin;

        while (isalnum((unsigned char)at(p, end)) != 0 || (at(p, end) != '\0' && strchr("_.[]", at(p, end)) != NULL) ||
               (at(p, end) == '*' && at(p, end - 1) == '[')) {
            end++;
        }
        p->token = (struct token){ .kind = TOKEN_NAME, .begin = begin, .end = end };
        return true;
    }
    if (c == '\'' || c == '"') {
        return read_text(p, begin);
    }
    return read_symbol(p, begin);
}
