#include "sim/quantity.h"

#include "sim/quantity_unit.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_MAX 60 /* characters */
#define DIM_NOUN(identifier, noun, unit) noun,
#define DIM_UNIT(identifier, noun, unit) unit,

const char *dim_noun(enum dim dim)
{
    static const char *const noun[] = { DIMS(DIM_NOUN) };

    return noun[dim];
}

const char *dim_unit(enum dim dim)
{
    static const char *const unit[] = { DIMS(DIM_UNIT) };

    return unit[dim];
}

double dim_scale(enum dim dim)
{
    return dim == DIM_RATIO ? 100.0 : 1.0;
}

struct reader {
    const char *text;
    size_t size, at;
    char *error;
    size_t error_size;
    size_t *error_at;
};

__attribute__((format(printf, 3, 4))) static bool fail(struct reader *r, size_t at, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)vsnprintf(r->error, r->error_size, format, args);
    va_end(args);
    *r->error_at = at;
    return false;
}

static bool starts(const struct reader *r, const char *word)
{
    const size_t size = strlen(word);

    return r->size - r->at >= size && memcmp(r->text + r->at, word, size) == 0;
}

static bool at_digit(const struct reader *r)
{
    return r->at < r->size && r->text[r->at] >= '0' && r->text[r->at] <= '9';
}

static bool take(struct reader *r, const char *set)
{
    const bool found = r->at < r->size && r->text[r->at] != '\0' && strchr(set, r->text[r->at]) != NULL;

    r->at += found ? 1 : 0;
    return found;
}

static void skip_blanks(struct reader *r)
{
    while (take(r, " ")) {
    }
}

static size_t skip_digits(struct reader *r)
{
    const size_t begin = r->at;

    while (at_digit(r)) {
        r->at++;
    }
    return r->at - begin;
}

static bool no_number(struct reader *r, size_t begin)
{
    if (starts(r, "\xE2\x88\x92") || starts(r, "\xE2\x80\x93")) {
        return fail(r, begin, "write \"-\" for minus");
    }
    if (starts(r, ".")) {
        return fail(r, begin, "a digit is missing before the decimal point");
    }
    if (starts(r, "nan") || starts(r, "NaN") || starts(r, "inf") || starts(r, "Inf")) {
        return fail(r, begin, "a quantity must be a finite number");
    }
    return fail(r, begin, "expected a quantity such as \"3.70 V\"");
}

/* [+-]digits[.digits] as text in number, and its exponent apart. */
static bool read_number(struct reader *r, char number[NUMBER_MAX + 1], int *exp10)
{
    const size_t begin = r->at;

    (void)take(r, "+-");
    if (skip_digits(r) == 0) {
        return no_number(r, begin);
    }
    if (take(r, ".") && skip_digits(r) == 0) {
        return fail(r, r->at, "a digit is missing after the decimal point");
    }
    const size_t end = r->at;

    if (starts(r, ",")) {
        return fail(r, end, "write a decimal point, and no commas");
    }
    *exp10 = 0;
    if (take(r, "eE")) {
        const bool negative = r->at < r->size && r->text[r->at] == '-';
        (void)take(r, "+-");
        if (!at_digit(r)) {
            return fail(r, r->at, "a digit is missing in the exponent");
        }
        for (; at_digit(r); r->at++) {
            *exp10 = *exp10 < 10000 ? *exp10 * 10 + (r->text[r->at] - '0') : *exp10;
        }
        *exp10 = negative ? -*exp10 : *exp10;
    }
    if (end - begin > NUMBER_MAX) {
        return fail(r, begin, "a number has at most %d characters", NUMBER_MAX);
    }
    memcpy(number, r->text + begin, end - begin);
    number[end - begin] = '\0';
    return true;
}

static bool is_unit_byte(char c)
{
    return isalnum((unsigned char)c) != 0 || c == '.' || c == '/' || c == '%' || (unsigned char)c >= 0x80;
}

/* The unit with symbols spelled out; false if it is too long to be one. */
static bool read_unit(struct reader *r, char unit[UNIT_SIZE])
{
    size_t used = 0;

    while (r->at < r->size && is_unit_byte(r->text[r->at])) {
        size_t step = 0;
        const char *letters = unit_symbol(r->text + r->at, r->size - r->at, &step);
        const size_t length = letters != NULL ? strlen(letters) : 1;

        if (used + length >= UNIT_SIZE) {
            return false;
        }
        memcpy(unit + used, letters != NULL ? letters : r->text + r->at, length);
        used += length;
        r->at += letters != NULL ? step : 1;
    }
    unit[used] = '\0';
    return true;
}

static bool unknown_unit(struct reader *r, size_t begin, const char *name)
{
    const char *nearest = unit_nearest(name);

    if (nearest != NULL) {
        return fail(r, begin, "unknown unit \"%s\": did you mean \"%s\"?", name, nearest);
    }
    return fail(r, begin, "unknown unit \"%s\"", name);
}

/* The double nearest to number * 10^exp10; refuses what a double cannot hold. */
static bool to_double(struct reader *r, const char *number, int exp10, double *out)
{
    char text[NUMBER_MAX + 16];

    (void)snprintf(text, sizeof text, "%se%d", number, exp10);
    *out = strtod(text, NULL);
    if (!isfinite(*out)) {
        return fail(r, 0, "the number is too large");
    }
    if (*out == 0 && strpbrk(number, "123456789") != NULL) {
        return fail(r, 0, "the number is too small to tell from 0");
    }
    return true;
}

static bool parse(struct reader *r, struct quantity *out)
{
    static const struct unit bare = { "", DIM_NONE, 0, 1, 1, 0 };
    char number[NUMBER_MAX + 1], name[UNIT_SIZE] = "";
    int exp10 = 0;
    double value = 0;

    skip_blanks(r);
    if (!read_number(r, number, &exp10)) {
        return false;
    }
    skip_blanks(r);
    const size_t unit_at = r->at;

    if (starts(r, ".") || !read_unit(r, name)) {
        return fail(r, unit_at, "this is no unit");
    }
    const struct unit *unit = name[0] != '\0' ? unit_find(name) : &bare;

    if (unit == NULL) {
        return unknown_unit(r, unit_at, name);
    }
    skip_blanks(r);
    if (r->at < r->size) {
        return fail(r, r->at, "text after the quantity");
    }
    if (!to_double(r, number, exp10 + unit->exp10, &value)) {
        return false;
    }
    value = value * unit->factor / unit->divisor;
    if (!isfinite(value)) {
        return fail(r, 0, "the number is too large");
    }
    *out = (struct quantity){ .value = value, .dim = unit->dim };
    return true;
}

bool quantity_parse(const char *text, size_t size, struct quantity *out, char *error, size_t error_size,
                    size_t *error_at)
{
    struct reader r = { .text = text, .size = size, .error_size = error_size };

    r.error = error;
    r.error_at = error_at;
    return parse(&r, out);
}

/* The fewest digits that read back as value, which is finite: digits without point or zeros at the end, and the power
 * of ten of the first. */
static int shortest(double value, char digits[24])
{
    char text[40];

    for (int precision = 0; precision < 17; precision++) {
        (void)snprintf(text, sizeof text, "%.*e", precision, value);
        if (strtod(text, NULL) == value) {
            break;
        }
    }
    const char *exponent = strchr(text, 'e') + 1;
    size_t count = 0;

    for (const char *p = text; *p != 'e'; p++) {
        if (*p >= '0' && *p <= '9') {
            digits[count++] = *p;
        }
    }
    digits[count] = '\0';
    return (int)strtol(exponent, NULL, 10);
}

static void print_number(double value, int exp10, char out[48])
{
    char digits[24];
    const int shown = shortest(fabs(value), digits);
    const int power = value == 0 ? 0 : shown - exp10;
    const int count = (int)strlen(digits);
    const char *sign = value < 0 ? "-" : "";

    if (power < -4 || power > 14) {
        (void)snprintf(out, 48, "%s%c%s%se%d", sign, digits[0], count > 1 ? "." : "", digits + 1, power);
    } else if (power < 0) {
        (void)snprintf(out, 48, "%s0.%.*s%s", sign, -1 - power, "0000", digits);
    } else if (count <= power + 1) {
        (void)snprintf(out, 48, "%s%s%.*s", sign, digits, power + 1 - count, "00000000000000");
    } else {
        (void)snprintf(out, 48, "%s%.*s.%s", sign, power + 1, digits, digits + power + 1);
    }
}

void quantity_print(struct quantity q, char *out, size_t size)
{
    const struct unit *unit = unit_for_print(q.dim, q.value);
    char number[48];

    if (q.dim == DIM_BOOL) {
        (void)snprintf(out, size, "%s", q.value != 0 ? "true" : "false");
        return;
    }
    if (!isfinite(q.value)) {
        (void)snprintf(number, sizeof number, "%s", isnan(q.value) ? "nan" : q.value > 0 ? "inf" : "-inf");
    } else if (unit != NULL && unit->factor != 1) {
        print_number(q.value / unit->factor, unit->exp10, number);
    } else {
        print_number(q.value, unit != NULL ? unit->exp10 : 0, number);
    }
    (void)snprintf(out, size, "%s%s%s", number, unit != NULL ? " " : "", unit != NULL ? unit->name : "");
}
