#include "model/ntc.h"
#include "tests/support/check_run.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

/* R25 = 10 kOhm; resistances computed apart from this code, printed to 10 mOhm. */
static const struct {
    double b_K, temperature_degC, resistance_Ohm;
} known[] = {
    { 3435, -20, 77522.55 }, { 3435, 0, 28704.29 }, { 3435, 25, 10000.00 },
    { 3435, 60, 2980.85 },   { 3435, 85, 1451.35 }, { 3950, -20, 105384.69 },
    { 3950, 0, 33620.60 },   { 3950, 60, 2486.16 }, { 3950, 85, 1086.67 },
};

static struct ntc_params with(double b_K, int bits)
{
    struct ntc_params p = ntc_default;

    p.b_K = b_K;
    p.adc_bits = bits;
    return p;
}

START_TEST(resistance_is_that_of_the_beta_law)
{
    const struct ntc_params p = with(known[_i].b_K, 12);

    ck_assert_double_eq_tol(ntc_resistance_Ohm(&p, known[_i].temperature_degC), known[_i].resistance_Ohm, 0.005);
}
END_TEST

START_TEST(divider_at_60_degC_gives_0_757794_V)
{
    ck_assert_double_eq_tol(ntc_voltage_V(&ntc_default, ntc_resistance_Ohm(&ntc_default, 60.0)), 0.757794, 5e-7);
    ck_assert_double_eq_tol(ntc_voltage_V(&ntc_default, 10000.0), 1.65, 1e-12);
}
END_TEST

START_TEST(the_rails_of_the_divider_are_finite)
{
    ck_assert_double_eq_tol(ntc_voltage_V(&ntc_default, INFINITY), 3.3, 1e-15);
    ck_assert_double_eq_tol(ntc_voltage_V(&ntc_default, 0.0), 0.0, 1e-15);
    ck_assert(isinf(ntc_resistance_Ohm(&ntc_default, -300.0)));
}
END_TEST

START_TEST(an_open_sensor_reads_minus_40_and_a_shorted_one_plus_120) /* _i: bits */
{
    const struct ntc_params p = with(3435, _i);
    const int32_t top = (1 << _i) - 1;

    ck_assert_int_eq(ntc_adc_code(&p, ntc_voltage_V(&p, INFINITY)), top);
    ck_assert_int_eq(ntc_code_ddegC(&p, top), NTC_OPEN_ddegC);
    ck_assert_int_eq(ntc_code_ddegC(&p, ntc_adc_code(&p, 0.0)), NTC_SHORT_ddegC);
    ck_assert_int_eq(ntc_code_ddegC(&p, 1), NTC_SHORT_ddegC);
    ck_assert_int_eq(ntc_code_ddegC(&p, -5), NTC_SHORT_ddegC);
    ck_assert_int_eq(ntc_code_ddegC(&p, top + 5), NTC_OPEN_ddegC);
    ck_assert_int_eq(ntc_adc_code(&p, -1.0), 0);
    ck_assert_int_eq(ntc_adc_code(&p, (double)NAN), 0);
    ck_assert_int_eq(ntc_adc_code(&p, 99.0), top);
}
END_TEST

START_TEST(the_adc_rounds_to_the_nearest_code)
{
    const double lsb_V = 3.3 / 4095.0;

    ck_assert_int_eq(ntc_adc_code(&ntc_default, 100.49 * lsb_V), 100);
    ck_assert_int_eq(ntc_adc_code(&ntc_default, 100.51 * lsb_V), 101);
}
END_TEST

START_TEST(a_code_is_a_ratio_of_resistances)
{
    const struct ntc_params p = with(3435, 8);

    ck_assert_int_eq(ntc_code_ddegC(&p, 51), 658);  /* 10 kOhm 51 / 204 = 2.5 kOhm: 65.78 degC */
    ck_assert_int_eq(ntc_code_ddegC(&p, 204), -70); /* 40 kOhm: -7.02 degC */
}
END_TEST

START_TEST(a_reading_is_within_the_adc_step_of_the_temperature)
{
    const struct ntc_params fine = with(3435, 24);

    for (int t = -390; t <= 1190; t++) {
        ck_assert_int_eq(ntc_reading_ddegC(&fine, 0.1 * t), t);
        /* 12 bits: half a code is at most 0.30 K in this range (at 119 degC). */
        ck_assert_int_le(abs(ntc_reading_ddegC(&ntc_default, 0.1 * t) - t), 4);
    }
}
END_TEST

START_TEST(readings_never_rise_with_the_code) /* _i: bits */
{
    const struct ntc_params p = with(3950, _i);
    int last = NTC_SHORT_ddegC;

    for (int32_t code = 0; code < 1 << _i; code++) {
        const int reading = ntc_code_ddegC(&p, code);

        ck_assert(reading <= last && reading >= NTC_OPEN_ddegC);
        last = reading;
    }
}
END_TEST

START_TEST(temperatures_beyond_the_range_saturate)
{
    ck_assert_int_eq(ntc_reading_ddegC(&ntc_default, -60.0), NTC_OPEN_ddegC);
    ck_assert_int_eq(ntc_reading_ddegC(&ntc_default, -400.0), NTC_OPEN_ddegC);
    ck_assert_int_eq(ntc_reading_ddegC(&ntc_default, 121.0), NTC_SHORT_ddegC);
    ck_assert_int_eq(ntc_reading_ddegC(&ntc_default, 1e6), NTC_SHORT_ddegC);
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("ntc");
    TCase *const tc = tcase_create("ntc");

    tcase_add_loop_test(tc, resistance_is_that_of_the_beta_law, 0, (int)(sizeof known / sizeof known[0]));
    tcase_add_test(tc, divider_at_60_degC_gives_0_757794_V);
    tcase_add_test(tc, the_rails_of_the_divider_are_finite);
    tcase_add_loop_test(tc, an_open_sensor_reads_minus_40_and_a_shorted_one_plus_120, 8, 17);
    tcase_add_test(tc, the_adc_rounds_to_the_nearest_code);
    tcase_add_test(tc, a_code_is_a_ratio_of_resistances);
    tcase_add_test(tc, a_reading_is_within_the_adc_step_of_the_temperature);
    tcase_add_loop_test(tc, readings_never_rise_with_the_code, 8, 17);
    tcase_add_test(tc, temperatures_beyond_the_range_saturate);
    suite_add_tcase(suite, tc);

    return check_run(suite);
}
