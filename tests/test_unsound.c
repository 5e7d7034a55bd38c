/* A plant that yields NaN or infinity is the rig's error, with signal and time, whatever was expected: never a fail. */
#include "tests/support/bench_bed.h"
#include "tests/support/check_run.h"

#include <check.h>
#include <math.h>
#include <string.h>

/* What would pass, what would fail, and what would have been decided before. */
#define EXPECTED                                                                                                       \
    "'expect': [ { 'always': 'pack.voltage above 40 V' }, { 'never': 'pack.voltage above 40 V' }, "                    \
    "{ 'always': 'cell.temperature.max below 60 degC' }, { 'report': 'pack.soc', 'at': 'end' } ] }"
#define STEPS                                                                                                          \
    "'steps': [ { 'at': '1 s', 'load': { 'current': '50 A' } }, { 'at': '30 s', 'load': 'off', 'label': 'end' } ], "

static double bad; /* what is put into the plant */

static void spoil_core(struct rig *rig)
{
    rig->plant.pack[0].string.core_degC[2] = bad;
}

static void spoil_charge(struct rig *rig)
{
    rig->plant.pack[0].string.charge_C[5] = bad;
}

static void spoil_branch(struct rig *rig)
{
    rig->plant.pack[0].string.branch[0][1] = bad;
}

static void spoil_ntc(struct rig *rig)
{
    rig->plant.pack[0].ntc[1].body_degC = bad;
}

/* Nobody here reads it: found by the sweep. */
static void spoil_avalanche(struct rig *rig)
{
    rig->plant.pack[0].harm.avalanche_J = bad;
}

static void spoil_plating(struct rig *rig)
{
    rig->plant.pack[0].string.plating_Ah[15] = bad;
}

static const struct {
    void (*prepare)(struct rig *rig);
    const char *says; /* "" where several signals may be the first */
} spoilt[] = {
    { spoil_core, "" },
    { spoil_charge, "" },
    { spoil_branch, "" },
    { spoil_ntc, "NTC_degC of sensor 2 of pack 1" },
    { spoil_avalanche, "AVALANCHE_J of pack 1" },
    { spoil_plating, "HARM_PLATING_Ah of cell 16 of pack 1" },
};

START_TEST(a_plant_that_is_not_finite_is_the_rigs_error_in_every_row)
{
    struct bench b;

    bad = _i % 2 == 0 ? NAN : INFINITY;
    bench_open(&b, STEPS EXPECTED);
    b.options.prepare = spoilt[_i / 2].prepare;
    bench_run(&b);
    ck_assert_int_eq(b.result.verdict, VERDICT_ERROR);
    for (size_t i = 0; i < b.result.count; i++) {
        ck_assert_int_eq(b.result.row[i].verdict, VERDICT_ERROR);
        ck_assert(isnan(b.result.row[i].measured));
        ck_assert_str_eq(b.result.row[i].why, b.result.why);
    }
    ck_assert_ptr_nonnull(strstr(b.result.why, "no finite number: "));
    ck_assert_ptr_nonnull(strstr(b.result.why, spoilt[_i / 2].says));
    ck_assert_ptr_nonnull(strstr(b.result.why, " s"));
    ck_assert_double_lt(b.result.simulated_s, 60.0); /* since power-on: the run ended */
    bench_close(&b);
}
END_TEST

static void leave_alone(struct rig *rig)
{
    ck_assert(!rig->unsound.found);
}

/* The same scenario on a sound plant: what the rows above would have been. */
START_TEST(without_it_the_rows_are_what_they_are)
{
    struct bench b;

    bench_open(&b, STEPS EXPECTED);
    b.options.prepare = leave_alone;
    bench_run(&b);
    ck_assert_str_eq(b.result.why, "");
    ck_assert_int_eq(b.result.row[0].verdict, VERDICT_PASS);
    ck_assert_int_eq(b.result.row[1].verdict, VERDICT_FAIL);
    ck_assert_int_eq(b.result.row[2].verdict, VERDICT_PASS);
    bench_close(&b);
}
END_TEST

/* In the middle of a run: the time is that of the first value that was not finite. */
START_TEST(the_time_is_when_it_was_first_seen)
{
    struct rig_observer nobody = { 0 };
    struct rig_built built;
    struct bench b;
    char text[160];

    bench_open(&b, STEPS EXPECTED);
    struct rig *rig = bench_rig(&b, &built);

    bench_run_rig(rig, 20.0);
    rig_unsound_text(rig, text, sizeof text);
    ck_assert_str_eq(text, "");
    rig->plant.pack[0].ntc[0].body_degC = NAN;
    ck_assert(!rig_run(rig, rig->zero_ns + INT64_C(300000000000), &nobody));
    ck_assert_ptr_nonnull(rig->error);
    ck_assert_int_ge(rig->unsound.t_ns - rig->zero_ns, INT64_C(20000000000));
    ck_assert_int_le(rig->unsound.t_ns - rig->zero_ns, INT64_C(21000000000)); /* a scan of the temperatures later */
    rig_unsound_text(rig, text, sizeof text);
    ck_assert_ptr_nonnull(strstr(text, "NTC_degC of sensor 1 of pack 1 is not a number at 2"));
    const int64_t ended = rig->now_ns;

    ck_assert(!rig_run(rig, rig->now_ns + 1000000000, &nobody)); /* it does not go on */
    ck_assert_int_eq(rig->now_ns, ended);
    rig_built_free(&built);
    bench_close(&b);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("unsound");
    TCase *t = tcase_create("unsound");

    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, a_plant_that_is_not_finite_is_the_rigs_error_in_every_row, 0,
                        2 * (int)(sizeof spoilt / sizeof spoilt[0]));
    tcase_add_test(t, without_it_the_rows_are_what_they_are);
    tcase_add_test(t, the_time_is_when_it_was_first_seen);
    suite_add_tcase(s, t);
    return check_run(s);
}
