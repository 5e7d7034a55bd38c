#include "sim/number.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>

#define DIGITS 7
#define SMALLEST 1e-4     /* below and from LARGEST on printf() writes an exponent: left to it */
#define LARGEST 9999999.0 /* and the integers that round up to it */
#define DOUBT 1e-7 /* digits this near to half a unit are left to printf(): a scaled value is off by 4e-9 at most */

/* Puts digits of n, at least width of them; returns the end. */
static char *put_digits(char *out, uint32_t n, int width)
{
    char reversed[12];
    int count = 0;

    for (; n > 0 || count < width; n /= 10) {
        reversed[count++] = (char)('0' + n % 10);
    }
    while (count > 0) {
        *out++ = reversed[--count];
    }
    return out;
}

/* digits / 10^decimals without trailing zeros. */
static char *put_fixed(char *out, uint32_t digits, int decimals)
{
    static const uint32_t power[] = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000 };

    while (decimals > 0 && digits % 10 == 0) {
        digits /= 10;
        decimals--;
    }
    const uint32_t unit = decimals <= DIGITS ? power[decimals] : UINT32_MAX; /* a longer fraction has no whole part */

    out = put_digits(out, digits / unit, 1);
    if (decimals > 0) {
        *out++ = '.';
        out = put_digits(out, digits % unit, decimals);
    }
    return out;
}

/* Decimals that make seven digits of a size in SMALLEST..LARGEST. */
static int decimals_of(double size)
{
    static const double limit[] = { 1e6, 1e5, 1e4, 1e3, 1e2, 1e1, 1e0, 1e-1, 1e-2, 1e-3 };
    int decimals = 0;

    while (decimals < 10 && size < limit[decimals]) {
        decimals++;
    }
    return decimals;
}

size_t number_print(char out[NUMBER_SIZE], double value)
{
    static const double power[] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10 };
    const double size = fabs(value);
    char *end = out;

    if (size < LARGEST && (size >= SMALLEST || value == 0.0) && !(value == 0.0 && signbit(value))) {
        const int decimals = decimals_of(size);
        const double scaled = size * power[decimals], whole = floor(scaled), rest = scaled - whole;

        if (value < 0.0) {
            *end++ = '-';
        }
        if (value == 0.0 || rest == 0.0 || fabs(rest - 0.5) > DOUBT) {
            end = put_fixed(end, (uint32_t)whole + (rest > 0.5), value == 0.0 ? 0 : decimals);
            *end = '\0';
            return (size_t)(end - out);
        }
    }
    return (size_t)snprintf(out, NUMBER_SIZE, "%.*g", DIGITS, value);
}
