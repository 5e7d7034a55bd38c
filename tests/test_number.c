/* Numbers for the trace: the bytes of printf(), whatever the value. */
#include "sim/number.h"
#include "tests/support/check_run.h"

#include <check.h>
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define SAMPLES 200000

static void check_value(double value)
{
    char ours[NUMBER_SIZE], theirs[64];
    const size_t size = number_print(ours, value);

    (void)snprintf(theirs, sizeof theirs, "%.7g", value);
    ck_assert_str_eq(ours, theirs);
    ck_assert_uint_eq(size, strlen(theirs));
}

/* xorshift: the same samples everywhere. */
static uint64_t next_bits(void)
{
    static uint64_t x = 88172645463325252U;

    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return x;
}

START_TEST(any_pattern_of_bits)
{
    for (int i = 0; i < SAMPLES; i++) {
        const uint64_t bits = next_bits();
        double value;

        memcpy(&value, &bits, sizeof value);
        check_value(value);
    }
}
END_TEST

START_TEST(values_of_every_size)
{
    for (int decade = -12; decade <= 12; decade++) {
        for (int i = 0; i < SAMPLES / 10; i++) {
            const double part = (double)(next_bits() >> 11) * 0x1p-53;

            check_value((i % 2 == 0 ? part : -part) * pow(10.0, decade));
        }
    }
}
END_TEST

/* Halves of the last digit, exact and by a hair, and runs of nines that carry into another digit. */
START_TEST(values_on_the_edge_of_rounding)
{
    for (int decimals = 0; decimals <= 11; decimals++) {
        for (int i = 0; i < SAMPLES / 10; i++) {
            const double half = (floor((double)(next_bits() % 10000000U)) + 0.5) / pow(10.0, decimals);

            check_value(half);
            check_value(nextafter(half, 0.0));
            check_value(nextafter(half, DBL_MAX));
        }
    }
    for (int decade = -8; decade <= 9; decade++) {
        const double at = pow(10.0, decade);

        check_value(at);
        check_value(nextafter(at, 0.0));
        check_value(at * (1.0 - 4e-8));
        check_value(at * (1.0 - 6e-8));
        check_value(at * (1.0 + 5e-8));
    }
}
END_TEST

START_TEST(values_that_are_special)
{
    static const double special[] = { 0.0,          -0.0,          1.0,       -1.0,      0.1,     9999999.0, 9999998.5,
                                      9999999.5,    INFINITY,      -INFINITY, NAN,       DBL_MAX, DBL_MIN,   1e-4,
                                      9.9999995e-5, 0.00099999995, 1e7,       123456.75, -40.0,   65535.0,   3.3 };

    for (size_t i = 0; i < sizeof special / sizeof special[0]; i++) {
        check_value(special[i]);
    }
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("number");
    TCase *const tc = tcase_create("number");

    tcase_add_test(tc, any_pattern_of_bits);
    tcase_add_test(tc, values_of_every_size);
    tcase_add_test(tc, values_on_the_edge_of_rounding);
    tcase_add_test(tc, values_that_are_special);
    tcase_set_timeout(tc, 60.0);
    suite_add_tcase(suite, tc);

    return check_run(suite);
}
