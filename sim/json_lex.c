#include "sim/json_scan.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_MAX 63 /* characters; cJSON reads no more of one */

bool scan_complain(struct scan *s, size_t at, const char *hint, const char *format, ...)
{
    char text[200];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    diag_at(s->d, DIAG_ERROR, s->doc->file, s->doc->text, s->doc->size, at, NULL, hint, "%s", text);
    s->failed = true;
    return false;
}

char scan_peek(const struct scan *s)
{
    return s->doc->text[s->at];
}

bool scan_at(const struct scan *s, const char *word)
{
    return strncmp(s->doc->text + s->at, word, strlen(word)) == 0;
}

bool scan_is_word(char c)
{
    return isalnum((unsigned char)c) != 0 || c == '_' || c == '-' || c == '.' || c == '+' || (unsigned char)c >= 0x80;
}

void scan_word(struct scan *s)
{
    while (scan_is_word(scan_peek(s))) {
        s->at++;
    }
}

void scan_space(struct scan *s)
{
    for (;;) {
        const char *text = s->doc->text + s->at;

        s->at += strspn(text, " \t\r\n");
        if (!scan_at(s, "//") && !scan_at(s, "/*") && scan_peek(s) != '#') {
            return;
        }
        (void)scan_complain(s, s->at, "put it into a \"comment\" key where the format has one, or leave it out",
                            "comments are not JSON");
        if (scan_at(s, "/*")) {
            for (s->at += 2; s->at < s->doc->size && !scan_at(s, "*/"); s->at++) {
            }
            s->at += s->at < s->doc->size ? 2 : 0;
        } else {
            s->at += strcspn(s->doc->text + s->at, "\n");
        }
    }
}

static unsigned hex4(const char *p)
{
    unsigned value = 0;

    for (int i = 0; i < 4; i++) {
        const char *const digits = "0123456789abcdef";
        const char *digit = p[i] != '\0' ? strchr(digits, tolower((unsigned char)p[i])) : NULL;

        if (digit == NULL) {
            return UINT32_MAX;
        }
        value = value << 4U | (unsigned)(digit - digits);
    }
    return value;
}

size_t json_escape_size(const char *p, size_t *decoded)
{
    if (p[1] != 'u') {
        *decoded = 1;
        return 2;
    }
    const unsigned code = hex4(p + 2);

    *decoded = code < 0x80 ? 1 : code < 0x800 ? 2 : code >= 0xD800 && code < 0xDC00 ? 4 : 3;
    return *decoded == 4 ? 12 : 6;
}

static void scan_unicode(struct scan *s)
{
    const char *p = s->doc->text + s->at;
    const unsigned code = hex4(p + 2);
    const size_t begin = s->at;

    s->at += 2;
    if (code == UINT32_MAX) {
        (void)scan_complain(s, begin, NULL, "\\u takes four hexadecimal digits");
        return;
    }
    s->at += 4;
    if (code == 0) {
        (void)scan_complain(s, begin, NULL, "a string cannot hold the character \\u0000");
    } else if (code >= 0xD800 && code < 0xE000) {
        const unsigned low = code < 0xDC00 && p[6] == '\\' && p[7] == 'u' ? hex4(p + 8) : 0;

        if (low >= 0xDC00 && low < 0xE000) {
            s->at += 6;
        } else {
            (void)scan_complain(s, begin, NULL, "half of a surrogate pair stands alone");
        }
    }
}

bool scan_string(struct scan *s)
{
    const size_t begin = s->at++;

    for (;;) {
        const char c = scan_peek(s);

        if (c == '"') {
            s->at++;
            return true;
        }
        if (c == '\n' || c == '\r' || s->at == s->doc->size) {
            return scan_complain(s, begin, "a closing quote (\") is missing on this line", "the string never ends");
        }
        if (c != '\\') {
            if ((unsigned char)c < 0x20) {
                (void)scan_complain(s, s->at, c == '\t' ? "write \\t" : NULL, "a control character in a string");
            }
            s->at++;
        } else if (s->doc->text[s->at + 1] == 'u') {
            scan_unicode(s);
        } else if (s->at + 1 < s->doc->size && strchr("\"\\/bfnrt", s->doc->text[s->at + 1]) != NULL) {
            s->at += 2;
        } else {
            (void)scan_complain(s, s->at, "a backslash itself is written \\\\", "no such escape");
            s->at++;
        }
    }
}

/* "3.7 V" without its quotes: says so and skips it. */
static bool is_bare_quantity(struct scan *s, size_t begin, size_t end)
{
    const char *p = s->doc->text + end;
    const char *unit = p + strspn(p, " ");
    size_t size = 0;

    while (scan_is_word(unit[size]) || unit[size] == '%' || unit[size] == '/') {
        size++;
    }
    if (size == 0 || isdigit((unsigned char)unit[0]) != 0 || strchr("+-./_", unit[0]) != NULL) {
        return false;
    }
    char hint[120];

    (void)snprintf(hint, sizeof hint, "write \"%.*s %.*s\"", end - begin < 40 ? (int)(end - begin) : 40,
                   s->doc->text + begin, size < 20 ? (int)size : 20, unit);
    (void)scan_complain(s, begin, hint, "a quantity with a unit is a string");
    s->at = (size_t)(unit - s->doc->text) + size;
    return true;
}

static const char *number_fault(const char *p, size_t size)
{
    const char *digits = p + (p[0] == '-' || p[0] == '+' ? 1 : 0);
    const char *after = digits + strspn(digits, "0123456789");

    if (p[0] == '+') {
        return "a number takes no plus sign";
    }
    if (digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X')) {
        return "JSON has no hexadecimal numbers";
    }
    if (strncmp(digits, "Infinity", 8) == 0 || strncmp(digits, "NaN", 3) == 0) {
        return "JSON has no number that is not finite";
    }
    if (after == digits) {
        return digits[0] == '.' ? "a digit is missing before the decimal point" : "a number has no digits";
    }
    if (digits[0] == '0' && after > digits + 1) {
        return "a number must not begin with 0";
    }
    if (after[0] == '.') {
        const char *fraction = after + 1;

        after = fraction + strspn(fraction, "0123456789");
        if (after == fraction) {
            return "a digit is missing after the decimal point";
        }
    }
    if (after[0] == 'e' || after[0] == 'E') {
        const char *power = after + 1 + (after[1] == '-' || after[1] == '+' ? 1 : 0);

        after = power + strspn(power, "0123456789");
        if (after == power) {
            return "a digit is missing in the exponent";
        }
    }
    if (after != p + size) {
        return "not a number";
    }
    return size > NUMBER_MAX ? "a number has at most 63 characters" : NULL;
}

void scan_number(struct scan *s)
{
    const size_t begin = s->at;
    const char *p = s->doc->text + begin;
    char *end = NULL;
    size_t mantissa = strspn(p, "+-.0123456789");

    if ((p[mantissa] == 'e' || p[mantissa] == 'E') && strspn(p + mantissa + 1, "+-0123456789") > 0) {
        mantissa += 1 + strspn(p + mantissa + 1, "+-0123456789");
    }
    if (number_fault(p, mantissa) == NULL && is_bare_quantity(s, begin, begin + mantissa)) {
        return;
    }
    scan_word(s);
    const char *fault = number_fault(p, s->at - begin);

    if (fault != NULL) {
        (void)scan_complain(s, begin, NULL, "%s", fault);
        return;
    }
    const double value = strtod(p, &end);

    if (isinf(value) || (value == 0 && p[strspn(p, "-0.")] >= '1' && p[strspn(p, "-0.")] <= '9')) {
        (void)scan_complain(s, begin, NULL, "the number is too %s for a double", isinf(value) ? "large" : "small");
    }
}

bool scan_wrong_value(struct scan *s)
{
    static const struct {
        const char *word, *hint;
    } habit[] = {
        { "True", "write true" },   { "TRUE", "write true" },        { "yes", "write true" },
        { "False", "write false" }, { "FALSE", "write false" },      { "no", "write false" },
        { "None", "write null" },   { "NULL", "write null" },        { "nil", "write null" },
        { "NaN", "JSON has none" }, { "Infinity", "JSON has none" },
    };
    const size_t begin = s->at;
    const char c = scan_peek(s);
    const char *hint = NULL;

    if (c == '\'') {
        s->at += 1 + strcspn(s->doc->text + s->at + 1, "'\n");
        (void)scan_complain(s, begin, "write \"...\"", "strings take double quotes");
        return scan_peek(s) == '\'' ? s->at++ > 0 : false;
    }
    if (!scan_is_word(c)) {
        return scan_complain(s, begin, c == ',' ? "one comma too many, or a value left out" : NULL,
                             "expected a value, got \"%c\"", c);
    }
    scan_word(s);
    for (size_t i = 0; i < sizeof habit / sizeof habit[0]; i++) {
        const size_t size = strlen(habit[i].word);

        if (size == s->at - begin && memcmp(s->doc->text + begin, habit[i].word, size) == 0) {
            hint = habit[i].hint;
        }
    }
    (void)scan_complain(s, begin, hint != NULL ? hint : "text goes into double quotes", "expected a value, got %.*s",
                        s->at - begin < 40 ? (int)(s->at - begin) : 40, s->doc->text + begin);
    return true;
}

/* Unicode 15, table 3-7: well-formed byte sequences. */
size_t utf8_check(const char *text, size_t size)
{
    for (size_t at = 0; at < size;) {
        const unsigned char *p = (const unsigned char *)text + at;
        const size_t n = p[0] < 0x80 ? 1 : p[0] < 0xC2 ? 0 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : p[0] < 0xF5 ? 4 : 0;

        if (n == 0 || n > size - at) {
            return at;
        }
        for (size_t i = 1; i < n; i++) {
            if ((p[i] & 0xC0U) != 0x80) {
                return at;
            }
        }
        if ((p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xED && p[1] > 0x9F) || (p[0] == 0xF0 && p[1] < 0x90) ||
            (p[0] == 0xF4 && p[1] > 0x8F)) {
            return at;
        }
        at += n;
    }
    return size;
}
