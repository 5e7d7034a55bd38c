#include "sim/quantity.h"
#include "tests/support/check_run.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* clang-format off */
static const struct {
    const char *text;
    double value;
    enum dim dim;
} good[] = {
    { "3.70 V", 3.7, DIM_VOLTAGE },          { "300 us", 0.0003, DIM_TIME },         { "-5 degC", -5, DIM_TEMPERATURE },
    { "0.2 C", 0.2, DIM_C_RATE },            { "50 uV", 5e-5, DIM_VOLTAGE },         { "1 mV", 1e-3, DIM_VOLTAGE },
    { "2 kV", 2e3, DIM_VOLTAGE },            { "7 uA", 7e-6, DIM_CURRENT },          { "130 A", 130, DIM_CURRENT },
    { "2 kA", 2000, DIM_CURRENT },           { "3 mA", 3e-3, DIM_CURRENT },          { "5 uOhm", 5e-6, DIM_RESISTANCE },
    { "100 mOhm", 0.1, DIM_RESISTANCE },     { "1 Ohm", 1, DIM_RESISTANCE },         { "100 kOhm", 1e5, DIM_RESISTANCE },
    { "1 MOhm", 1e6, DIM_RESISTANCE },       { "5 mW", 5e-3, DIM_POWER },            { "5 W", 5, DIM_POWER },
    { "5 kW", 5e3, DIM_POWER },              { "5 J", 5, DIM_ENERGY },               { "5 kJ", 5e3, DIM_ENERGY },
    { "5 mJ", 5e-3, DIM_ENERGY },            { "1 Wh", 3600, DIM_ENERGY },           { "1 kWh", 3.6e6, DIM_ENERGY },
    { "100 Ah", 100, DIM_CHARGE },           { "1 mAh", 1e-3, DIM_CHARGE },          { "3600 As", 1, DIM_CHARGE },
    { "1 mF", 1e-3, DIM_CAPACITANCE },       { "1 F", 1, DIM_CAPACITANCE },          { "1 uF", 1e-6, DIM_CAPACITANCE },
    { "1 nH", 1e-9, DIM_INDUCTANCE },        { "1 uH", 1e-6, DIM_INDUCTANCE },       { "1 mH", 1e-3, DIM_INDUCTANCE },
    { "1 H", 1, DIM_INDUCTANCE },            { "1 ns", 1e-9, DIM_TIME },             { "1 ms", 1e-3, DIM_TIME },
    { "1 s", 1, DIM_TIME },                  { "1 min", 60, DIM_TIME },              { "2 h", 7200, DIM_TIME },
    { "1 d", 86400, DIM_TIME },              { "10 K", 10, DIM_TEMP_DIFF },          { "50 mK", 0.05, DIM_TEMP_DIFF },
    { "90 %", 0.9, DIM_RATIO },              { "20 ppm", 2e-5, DIM_RATIO },          { "1 V.s", 1, DIM_VOLT_SECONDS },
    { "1 mV.s", 1e-3, DIM_VOLT_SECONDS },    { "1 K/s", 1, DIM_TEMP_RATE },          { "60 K/min", 1, DIM_TEMP_RATE },
    { "60 degC/min", 1, DIM_TEMP_RATE },     { "3600 K/h", 1, DIM_TEMP_RATE },       { "1 A/s", 1, DIM_CURRENT_RATE },
    { "60 A/min", 1, DIM_CURRENT_RATE },     { "1 mA/s", 1e-3, DIM_CURRENT_RATE },   { "1 V/s", 1, DIM_VOLTAGE_RATE },
    { "1 mV/s", 1e-3, DIM_VOLTAGE_RATE },    { "1 uV/s", 1e-6, DIM_VOLTAGE_RATE },   { "60 V/min", 1, DIM_VOLTAGE_RATE },
    { "60 mV/min", 1e-3, DIM_VOLTAGE_RATE },
    { "3", 3, DIM_NONE },                    { " 3.7  V ", 3.7, DIM_VOLTAGE },       { "3.7V", 3.7, DIM_VOLTAGE },
    { "+50 A", 50, DIM_CURRENT },            { "1e-3 V", 1e-3, DIM_VOLTAGE },        { "1E3 V", 1e3, DIM_VOLTAGE },
    { "5 \xC2\xB5s", 5e-6, DIM_TIME },       { "5 \xCE\xBCs", 5e-6, DIM_TIME },      { "5 m\xCE\xA9", 5e-3, DIM_RESISTANCE },
    { "5 k\xE2\x84\xA6", 5e3, DIM_RESISTANCE }, { "25 \xC2\xB0""C", 25, DIM_TEMPERATURE },
};

static const struct {
    const char *text;
    size_t at;
    const char *says; /* part of the message */
} bad[] = {
    { "", 0, "expected a quantity" },        { "V", 0, "expected a quantity" },      { "3.7 mv", 4, "\"mV\"" },
    { "3.7 v", 4, "\"V\"" },                 { "5 MA", 2, "\"mA\"" },                { "5 sec", 2, "\"s\"" },
    { "5 minutes", 2, "\"min\"" },           { "5 Volt", 2, "\"V\"" },               { "5 ohm", 2, "\"Ohm\"" },
    { "5 celsius", 2, "\"degC\"" },          { "3,7 V", 1, "decimal point" },        { "1,000 V", 1, "no commas" },
    { ".5 V", 0, "before the decimal" },     { "5. V", 2, "after the decimal" },     { "1e V", 2, "exponent" },
    { "nan V", 0, "finite" },                { "inf V", 0, "finite" },               { "NaN", 0, "finite" },
    { "1e400 V", 0, "too large" },           { "1e307 kV", 0, "too large" },         { "1e-400 V", 0, "too small" },
    { "1e307 h", 0, "too large" },           { "3.7 V x", 6, "text after" },         { "3.7.2 V", 3, "no unit" },
    { "3.7 V V", 6, "text after" },          { "3.7 qqqqqqq", 4, "unknown unit" },   { "--5 V", 0, "expected a quantity" },
    { "\xE2\x88\x92""5 V", 0, "minus" },     { "5 Vvvvvvvvvvvvvvvvvvvvv", 2, "no unit" }, { "0x10 V", 1, "unknown unit" },
    { "1111111111222222222233333333334444444444555555555566666666667 V", 0, "at most 60" },
};

static const struct {
    double value;
    enum dim dim;
    const char *text;
} printed[] = {
    { 3.7, DIM_VOLTAGE, "3.7 V" },           { 3e-4, DIM_TIME, "300 us" },           { 0.1 + 0.2, DIM_VOLTAGE, "300.00000000000004 mV" },
    { 0, DIM_VOLTAGE, "0 V" },               { 0, DIM_RATIO, "0 %" },                            { -0.0, DIM_CURRENT, "0 A" },           { 0.5, DIM_VOLTAGE, "500 mV" },
    { 999.5, DIM_VOLTAGE, "999.5 V" },       { 1000, DIM_VOLTAGE, "1 kV" },          { -130, DIM_CURRENT, "-130 A" },
    { 3600, DIM_TIME, "1 h" },               { 5400, DIM_TIME, "90 min" },           { 90, DIM_TIME, "90 s" },
    { 2000, DIM_TIME, "2000 s" },            { 172800, DIM_TIME, "2 d" },            { 61, DIM_TIME, "61 s" },
    { 0.9, DIM_RATIO, "90 %" },              { 1e-5, DIM_RATIO, "10 ppm" },          { 3.6e6, DIM_ENERGY, "1 kWh" },
    { 5000, DIM_ENERGY, "5 kJ" },            { -5, DIM_TEMPERATURE, "-5 degC" },     { 0, DIM_TEMPERATURE, "0 degC" },
    { 0.2, DIM_C_RATE, "0.2 C" },            { 3, DIM_COUNT, "3" },                  { 1e20, DIM_NONE, "1e20" },
    { 1.5e-9, DIM_VOLTAGE, "0.0015 uV" },    { 1.5e-20, DIM_VOLTAGE, "1.5e-14 uV" }, { 1, DIM_BOOL, "true" },
    { 0, DIM_BOOL, "false" },                { INFINITY, DIM_VOLTAGE, "inf V" },     { -INFINITY, DIM_TIME, "-inf s" },
    { NAN, DIM_CURRENT, "nan A" },           { 100, DIM_NONE, "100" },               { 0.02, DIM_TEMP_DIFF, "0.02 K" },
    { 123456, DIM_NONE, "123456" },          { 0.001, DIM_NONE, "0.001" },
};
/* clang-format on */

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

START_TEST(every_unit_reads_as_the_nearest_double)
{
    char error[200];
    size_t at = 0;
    struct quantity q = { 0 };

    ck_assert_msg(quantity_parse(good[_i].text, strlen(good[_i].text), &q, error, sizeof error, &at), "%s: %s",
                  good[_i].text, error);
    ck_assert_msg(q.value == good[_i].value, "%s gives %.17g", good[_i].text, q.value);
    ck_assert_int_eq(q.dim, good[_i].dim);
}
END_TEST

START_TEST(bad_text_is_refused_at_its_place_with_a_reason)
{
    char error[200] = "";
    size_t at = 99;
    struct quantity q = { .value = 42, .dim = DIM_COUNT };

    ck_assert(!quantity_parse(bad[_i].text, strlen(bad[_i].text), &q, error, sizeof error, &at));
    ck_assert_msg(strstr(error, bad[_i].says) != NULL, "%s: %s", bad[_i].text, error);
    ck_assert_uint_eq(at, bad[_i].at);
    ck_assert(q.value == 42 && q.dim == DIM_COUNT);
}
END_TEST

START_TEST(printing_takes_a_suitable_prefix)
{
    char text[80];

    quantity_print((struct quantity){ .value = printed[_i].value, .dim = printed[_i].dim }, text, sizeof text);
    ck_assert_str_eq(text, printed[_i].text);
}
END_TEST

/* A value from the bits of a counter: all exponents and both signs. */
static double value_of(uint64_t n)
{
    uint64_t bits = n * UINT64_C(0x9E3779B97F4A7C15);
    double value = 0;

    bits ^= bits >> 29U;
    bits *= UINT64_C(0xBF58476D1CE4E5B9);
    memcpy(&value, &bits, sizeof value);
    return value;
}

START_TEST(what_is_printed_reads_back_as_the_same_double)
{
    for (uint64_t n = 1; n < 2000; n++) {
        const double value = n % 3 == 0 ? value_of(n) : (double)(n * n) * pow(10, (double)(n % 19) - 9);
        struct quantity q = { .value = value, .dim = (enum dim)_i }, again = { 0 };
        char text[80], error[200] = "";
        size_t at = 0;

        if (!isfinite(value) || fabs(value) < 1e-290 || fabs(value) > 1e290) {
            continue;
        }
        quantity_print(q, text, sizeof text);
        ck_assert_msg(quantity_parse(text, strlen(text), &again, error, sizeof error, &at), "%.17g %s: %s", value, text,
                      error);
        ck_assert_msg(again.value == value, "%.17g printed as %s reads %.17g", value, text, again.value);
        ck_assert(again.dim == q.dim || q.dim == DIM_COUNT);
    }
}
END_TEST

START_TEST(a_text_is_read_no_further_than_its_size)
{
    char error[200];
    size_t at = 0;
    struct quantity q = { 0 };

    ck_assert(quantity_parse("3.7 Vxyz", 5, &q, error, sizeof error, &at));
    ck_assert(q.value == 3.7);
    ck_assert(quantity_parse("12345", 3, &q, error, sizeof error, &at));
    ck_assert(q.value == 123);
}
END_TEST

START_TEST(a_nul_in_the_text_is_no_end)
{
    char error[200];
    size_t at = 0;
    struct quantity q = { 0 };

    ck_assert(!quantity_parse("3.7 V\0 ", 7, &q, error, sizeof error, &at));
    ck_assert_uint_eq(at, 5);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("quantity");
    TCase *t = tcase_create("quantity");

    tcase_add_loop_test(t, every_unit_reads_as_the_nearest_double, 0, COUNT(good));
    tcase_add_loop_test(t, bad_text_is_refused_at_its_place_with_a_reason, 0, COUNT(bad));
    tcase_add_loop_test(t, printing_takes_a_suitable_prefix, 0, COUNT(printed));
    tcase_add_loop_test(t, what_is_printed_reads_back_as_the_same_double, DIM_VOLTAGE, DIM_TEXT);
    tcase_add_test(t, a_text_is_read_no_further_than_its_size);
    tcase_add_test(t, a_nul_in_the_text_is_no_end);
    suite_add_tcase(suite, t);
    return check_run(suite);
}
