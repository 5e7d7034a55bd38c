/* One case from first step to last verdict, on the shipped pack, front end and core. */
#include "model/string.h"
#include "tests/support/bench_bed.h"
#include "tests/support/check_run.h"

#include <check.h>
#include <math.h>
#include <string.h>
#include <sys/time.h>

#define TICK_s 0.01
#define COMMAND_s 0.001
#define FET_OFF_s 20e-6

static void check_verdict(const struct verdict_row *row, enum verdict wanted, const char *why)
{
    ck_assert_msg(row->verdict == wanted, "%s, not %s: %s (measured %g, %g .. %g)", verdict_name(row->verdict),
                  verdict_name(wanted), row->why, row->measured, row->low, row->high);
    ck_assert_msg(strstr(row->why, why) != NULL, "\"%s\" does not say \"%s\"", row->why, why);
}

/* ---- verdicts ------------------------------------------------------------------------------------------------------
 */

/* 150 A from 2 s on: an overcurrent that the core cuts after its delay of 1 s. */
#define OVERCURRENT(expectation)                                                                                       \
    "'steps': [ { 'at': '2 s', 'load': { 'current': '150 A' }, 'label': 'on' }, { 'after': '3 s' } ], "                \
    "'expect': [ " expectation " ] }"
#define TRIP "'trip': 'discharge.allowed becomes false', 'on': 'discharge.current', 'measure': 'delay', "

START_TEST(a_delay_inside_its_band_passes_with_the_measured_time)
{
    struct case_result r =
        bench_result(OVERCURRENT("{ " TRIP "'rising': '130 A', 'tolerance': '1 A', 'delay': '1 s' }"));

    ck_assert_uint_eq(r.count, 1);
    check_verdict(&r.row[0], VERDICT_PASS, "");
    ck_assert_int_eq(r.verdict, VERDICT_PASS);
    ck_assert_str_eq(r.why, "");
    ck_assert_double_eq_tol(r.row[0].t_trigger_s, 2.0, 1e-3);
    ck_assert_double_eq_tol(r.row[0].t_response_s, 3.0, 2.0 * TICK_s);
    ck_assert_double_eq_tol(r.row[0].measured, r.row[0].t_response_s - r.row[0].t_trigger_s, 1e-9);
    ck_assert_double_eq_tol(r.row[0].low, 0.99, 1e-12);
    ck_assert_double_ge(r.row[0].high, 1.1);
    ck_assert_double_le(r.row[0].high, 1.1 + 0.1 + TICK_s + COMMAND_s + 0.001);
    ck_assert_double_eq_tol(r.row[0].margin, fmin(r.row[0].measured - r.row[0].low, r.row[0].high - r.row[0].measured),
                            1e-12);
    ck_assert_double_eq_tol(r.simulated_s, 10.0 + 2.0 + 3.0 + 1.0, 1e-9);
    case_result_free(&r);
}
END_TEST

/* clang-format off */
static const struct {
    const char *text, *why;
    double margin_low, margin_high;
} out_of_reach[] = {
    { OVERCURRENT("{ " TRIP "'rising': '130 A', 'tolerance': '1 A', 'delay': '2 s' }"), "too early", -1.0, -0.95 },
    { OVERCURRENT("{ " TRIP "'rising': '130 A', 'tolerance': '1 A', 'delay': '300 ms' }"), "no response", NAN, NAN },
    { OVERCURRENT("{ " TRIP "'rising': '200 A', 'tolerance': '1 A', 'delay': '1 s' }"), "too early", -49.1, -48.9 },
    { OVERCURRENT("{ 'after': 'on', 'then': 'discharge.allowed becomes false', 'within': '500 ms' }"), "no response in time", NAN, NAN },
    { OVERCURRENT("{ 'after': 'on', 'then': 'discharge.allowed becomes false', 'within': '9 s', 'not before': '1.5 s' }"), "too early", -0.51, -0.48 },
    { OVERCURRENT("{ 'after': 'on', 'stays': 'discharge.allowed is true', 'for': '2 s' }"), "did not stay", -1.01, -0.98 },
    { OVERCURRENT("{ 'always': 'discharge.current below 120 A' }"), "did not hold", -30.1, -29.9 },
    { OVERCURRENT("{ 'never': 'discharge.current above 149 A' }"), "happened", -1.1, -0.9 },
};
/* clang-format on */

START_TEST(a_limit_out_of_reach_fails_with_a_negative_margin_and_says_why)
{
    struct case_result r = bench_result(out_of_reach[_i].text);

    check_verdict(&r.row[0], VERDICT_FAIL, out_of_reach[_i].why);
    ck_assert_int_eq(r.verdict, VERDICT_FAIL);
    ck_assert_str_eq(r.why, ""); /* the run itself went to its end */
    if (!isnan(out_of_reach[_i].margin_low)) {
        ck_assert_double_ge(r.row[0].margin, out_of_reach[_i].margin_low);
        ck_assert_double_le(r.row[0].margin, out_of_reach[_i].margin_high);
    }
    case_result_free(&r);
}
END_TEST

START_TEST(a_trigger_that_never_comes_is_inconclusive)
{
    struct case_result r = bench_result(
        OVERCURRENT("{ 'when': 'charge.current rises above 5 A', 'then': 'charge.allowed is true', 'within': '1 s' }, "
                    "{ " TRIP "'rising': '400 A', 'tolerance': '1 A', 'delay': '1 s' }, "
                    "{ 'when': 'discharge.current rises above 100 A', 'then': 'discharge.allowed is true', "
                    "'within': '1 s', 'times': 2 }"));

    check_verdict(&r.row[0], VERDICT_INCONCLUSIVE, "never came");
    check_verdict(&r.row[1], VERDICT_FAIL, "too early"); /* it did trip, at 150 A */
    check_verdict(&r.row[2], VERDICT_INCONCLUSIVE, "1 times, not 2");
    case_result_free(&r);
}
END_TEST

/* ---- ends ---------------------------------------------------------------------------------------------------------
 */

#define UNTIL_NEVER                                                                                                    \
    "'steps': [ { 'at': '1 s', 'load': { 'current': '20 A' }, 'label': 'on' }, "                                       \
    "{ 'until': 'discharge.current above 90 A', 'timeout': '5 s', 'label': 'never' }, { 'after': '100 s' } ], "

START_TEST(a_timeout_cuts_the_run_and_judges_what_has_expired)
{
    struct case_result r =
        bench_result(UNTIL_NEVER "'expect': [ "
                                 "{ 'after': 'on', 'then': 'discharge.allowed is false', 'within': '2 s' }, "
                                 "{ 'after': 'on', 'then': 'discharge.allowed is false', 'within': '50 s' }, "
                                 "{ 'after': 'never', 'then': 'discharge.allowed is false', 'within': '1 s' }, "
                                 "{ 'always': 'discharge.allowed is true' }, "
                                 "{ 'always': 'discharge.current below 19 A' }, "
                                 "{ 'after': 'on', 'then': 'discharge.current above 19 A', 'within': '2 s' }, "
                                 "{ 'after': 'on', 'stays': 'discharge.allowed is true', 'for': '3 s' }, "
                                 "{ 'report': 'discharge.current', 'at': 'never' } ] }");

    check_verdict(&r.row[0], VERDICT_FAIL, "no response in time");
    check_verdict(&r.row[1], VERDICT_INCONCLUSIVE, "ended inside the window");
    check_verdict(&r.row[2], VERDICT_INCONCLUSIVE, "never came");
    check_verdict(&r.row[3], VERDICT_INCONCLUSIVE, "held so far");
    check_verdict(&r.row[4], VERDICT_FAIL, "did not hold");
    check_verdict(&r.row[5], VERDICT_PASS, "");
    check_verdict(&r.row[6], VERDICT_PASS, "");
    check_verdict(&r.row[7], VERDICT_INCONCLUSIVE, "");
    ck_assert_msg(strstr(r.why, "waited 5 s for: discharge.current above 90 A") != NULL, "%s", r.why);
    ck_assert_double_eq_tol(r.simulated_s, 10.0 + 1.0 + 5.0, 1e-9);
    case_result_free(&r);
}
END_TEST

START_TEST(a_timeout_alone_makes_a_case_inconclusive)
{
    struct case_result r = bench_result(
        UNTIL_NEVER "'expect': [ { 'after': 'on', 'then': 'discharge.current above 19 A', 'within': '2 s' } ] }");

    check_verdict(&r.row[0], VERDICT_PASS, "");
    ck_assert_int_eq(r.verdict, VERDICT_INCONCLUSIVE);
    case_result_free(&r);
}
END_TEST

START_TEST(what_is_awaited_and_already_true_takes_no_time)
{
    struct case_result r = bench_result("'steps': [ { 'at': '1.234567 s' }, "
                                        "{ 'until': 'discharge.allowed is true', 'label': 'permission' }, "
                                        "{ 'until': 'cell.voltage.max above 3 V', 'label': 'voltage' } ], "
                                        "'expect': [ { 'report': 'pack.soc', 'at': 'permission' }, "
                                        "{ 'report': 'pack.soc', 'at': 'voltage' }, { 'never': 'bms.locked' } ] }");

    ck_assert_double_eq_tol(r.row[0].t_trigger_s, 1.234567, 1e-9);
    ck_assert_double_eq_tol(r.row[1].t_trigger_s, 1.234567, 1e-9);
    case_result_free(&r);
}
END_TEST

#define LONG_REST                                                                                                      \
    "'steps': [ { 'at': '1 s', 'label': 'early' }, { 'after': '300 d', 'label': 'late' } ], 'expect': [ "              \
    "{ 'after': 'early', 'then': 'discharge.allowed is true', 'within': '1 s' }, "                                     \
    "{ 'after': 'late', 'then': 'discharge.allowed is true', 'within': '500 ms' }, "                                   \
    "{ 'always': 'discharge.allowed is true' } ] }"

static struct bench *stopping;

static void stop(int number)
{
    (void)number;
    stopping->stop = 1;
}

START_TEST(a_signal_ends_a_run_and_leaves_the_undecided_inconclusive)
{
    struct sigaction action;
    struct bench b;

    bench_open(&b, LONG_REST);
    stopping = &b;
    memset(&action, 0, sizeof action);
    action.sa_handler = stop;
    ck_assert_int_eq(sigaction(SIGALRM, &action, NULL), 0);
    for (int tenths = 2; tenths < 200; tenths *= 4) { /* under valgrind the first is too soon for the first verdict */
        const struct itimerval soon = { .it_value = { .tv_sec = tenths / 10,
                                                      .tv_usec = (suseconds_t)(tenths % 10) * 100000 } };

        b.stop = 0;
        ck_assert_int_eq(setitimer(ITIMER_REAL, &soon, NULL), 0);
        bench_run(&b);
        if (b.result.row[0].verdict == VERDICT_PASS) {
            break;
        }
    }
    check_verdict(&b.result.row[0], VERDICT_PASS, "");
    check_verdict(&b.result.row[1], VERDICT_INCONCLUSIVE, "stopped by a signal");
    check_verdict(&b.result.row[2], VERDICT_INCONCLUSIVE, "held so far");
    ck_assert_int_eq(b.result.verdict, VERDICT_INCONCLUSIVE);
    ck_assert_str_eq(b.result.why, "stopped by a signal");
    ck_assert_double_lt(b.result.simulated_s, 300.0 * 86400.0);
    ck_assert_double_lt(b.result.wall_s, 60.0);
    bench_close(&b);
}
END_TEST

START_TEST(a_signal_before_the_run_leaves_nothing_judged)
{
    struct bench b;

    bench_open(&b, LONG_REST);
    b.stop = 1;
    bench_run(&b);
    for (size_t i = 0; i < b.result.count; i++) {
        check_verdict(&b.result.row[i], VERDICT_INCONCLUSIVE, "stopped by a signal");
    }
    bench_close(&b);
}
END_TEST

/* A release above its trip: the loader cannot know what the other value is by then, the target does. */
START_TEST(what_the_rig_cannot_do_is_an_error_and_no_failure)
{
    struct case_result r = bench_result(
        "'steps': [ { 'at': '1 s', 'parameter': { 'cell_ov.trip_mV': '2.9 V' } }, { 'after': '1 s' } ], "
        "'expect': [ { 'always': 'discharge.allowed is true' }, { 'never': 'discharge.allowed is true' } ] }");

    check_verdict(&r.row[0], VERDICT_ERROR, "refused a parameter");
    check_verdict(&r.row[1], VERDICT_FAIL, "happened"); /* what was already decided stands */
    ck_assert_int_eq(r.verdict, VERDICT_ERROR);
    ck_assert_msg(strstr(r.why, "refused a parameter") != NULL, "%s", r.why);
    case_result_free(&r);
}
END_TEST

START_TEST(a_rig_that_cannot_be_built_is_an_error)
{
    struct scenario_world world;
    struct bench b;

    bench_open(&b, LONG_REST);
    world = b.world;
    world.params_folder = "/nonexistent";
    b.options.world = &world;
    bench_run(&b);
    ck_assert_int_eq(b.result.verdict, VERDICT_ERROR);
    for (size_t i = 0; i < b.result.count; i++) {
        check_verdict(&b.result.row[i], VERDICT_ERROR, "");
        ck_assert_str_ne(b.result.row[i].why, "");
    }
    bench_close(&b);
}
END_TEST

/* ---- time ---------------------------------------------------------------------------------------------------------
 */

#define LOOKED_AT                                                                                                      \
    "'initial': { 'soc': '97 %', 'cells': { '7': { 'soc': '98.5 %' } } }, "                                            \
    "'steps': [ { 'at': '1 s', 'charger': { 'current': '50 A', 'voltage': '60 V' } }, "                                \
    "{ 'until': 'charge.allowed is false', 'label': 'trip' }, { 'after': '5 s', 'charger': 'off' }, "                  \
    "{ 'after': '1 s', 'load': { 'current': { 'from': '10 A', 'to': '140 A', 'over': '5 s' } } }, "                    \
    "{ 'after': '10 s' } ], 'expect': [ "                                                                              \
    "{ 'trip': 'charge.allowed becomes false', 'on': 'cell.voltage.max', 'rising': '3.70 V', 'tolerance': '20 mV', "   \
    "'delay': '1 s' }, "                                                                                               \
    "{ 'when': 'cell.voltage.max rises above 3.65 V', 'then': 'charge.allowed becomes false', 'within': '1 h' }, "     \
    "{ 'when': 'discharge.current rises above 130 A', 'then': 'discharge.allowed becomes false', 'within': '2 s' }, "  \
    "{ 'always': 'cell.voltage.max below 3.8 V' }, "                                                                   \
    "{ 'after': 'trip', 'then': 'charge.current below 1 A', 'within': '1 s' } ] }"

/* Whatever the pace of the observers: the same verdicts, times to a microsecond, values to the plant's tolerance. */
START_TEST(results_do_not_depend_on_how_often_observers_look)
{
    static const int64_t look_ns[] = { 1000000, 7000000, 30000000, 1000000000 };
    struct case_result usual = bench_result(LOOKED_AT);
    struct bench b;

    bench_open(&b, LOOKED_AT);
    b.options.pace.look_ns = look_ns[_i];
    bench_run(&b);
    for (size_t i = 0; i < usual.count; i++) {
        const struct verdict_row *a = &usual.row[i], *o = &b.result.row[i];

        check_verdict(o, a->verdict, a->why);
        ck_assert(isnan(a->t_trigger_s) == isnan(o->t_trigger_s));
        ck_assert(isnan(a->t_response_s) == isnan(o->t_response_s));
        if (!isnan(a->t_trigger_s)) {
            ck_assert_double_eq_tol(a->t_trigger_s, o->t_trigger_s, 1e-6);
        }
        if (!isnan(a->t_response_s)) {
            ck_assert_double_eq_tol(a->t_response_s, o->t_response_s, 1e-6);
        }
        ck_assert_double_eq_tol(a->measured, o->measured, 1e-4);
    }
    bench_close(&b);
    case_result_free(&usual);
}
END_TEST

#define SHORT_Ohm 0.02
#define HOURS 3.0

/* A step of voltage on R and L in series reaches a current at -L/R ln(1 - I R / U). */
static double crossing_s(struct rig *rig, double current_A)
{
    const struct pack_params *params = rig->plant.pack[0].params;
    const double rest_V = bench_signal(rig, "pack.voltage");
    double cells_Ohm;

    (void)string_voltage(&rig->plant.pack[0].string, 0.0, -100.0, -100.0, &cells_Ohm);
    const double ohm = cells_Ohm + params->shunt_Ohm + params->breaker_Ohm + params->fet.rds_Ohm[FET_CHARGE] +
                       params->fet.rds_Ohm[FET_DISCHARGE] + SHORT_Ohm;

    return -params->path_H / ohm * log(1.0 - current_A * ohm / rest_V);
}

/* Three hours of rest, then microseconds: where the current crosses, and where the gate opens. */
START_TEST(a_short_circuit_after_hours_of_rest_is_located_to_a_microsecond)
{
    const double threshold_A = 350.0, begin_s = HOURS * 3600.0;
    struct rig_built built;
    struct bench b;

    bench_open(&b, "'initial': { 'soc': '60 %' }, 'steps': [ "
                   "{ 'at': '3 h', 'short': { 'resistance': '20 mOhm' } }, { 'after': '1 h' } ], 'expect': [ "
                   "{ 'when': 'discharge.current rises above 350 A', 'then': 'fet.discharge becomes false', "
                   "'within': '300 us' }, "
                   "{ 'when': 'discharge.current rises above 200 A', 'then': 'fet.discharge becomes false', "
                   "'within': '300 us' } ] }");
    bench_run(&b);
    struct rig *rig = bench_rig(&b, &built);

    bench_run_rig(rig, 0.1);
    const struct bms_command *applied = &rig->board[0].applied;
    const double grid_s = (double)rig->board[0].afe_config.grid_ns[AFE_SCD] * 1e-9;
    const double delay_s = ceil((double)applied->scd_delay_us * 1e-6 / grid_s - 1e-9) * grid_s +
                           (double)rig->board[0].afe_config.filter_ns * 1e-9;

    ck_assert_uint_eq(applied->scd_threshold_mA, 350000);
    check_verdict(&b.result.row[0], VERDICT_PASS, "");
    ck_assert_double_eq_tol(b.result.row[0].t_trigger_s, begin_s + crossing_s(rig, threshold_A), 1e-6);
    ck_assert_double_eq_tol(b.result.row[1].t_trigger_s, begin_s + crossing_s(rig, 200.0), 1e-6);
    ck_assert_double_eq_tol(b.result.row[0].measured, delay_s + FET_OFF_s, 1e-7);
    ck_assert_double_lt(b.result.wall_s, 60.0); /* a global microsecond step would be 14 thousand million of them */
    rig_built_free(&built);
    bench_close(&b);
}
END_TEST

START_TEST(two_runs_of_a_case_are_the_same)
{
    struct case_result a = bench_result(LOOKED_AT), o = bench_result(LOOKED_AT);

    for (size_t i = 0; i < a.count; i++) {
        ck_assert_mem_eq(&a.row[i].t_response_s, &o.row[i].t_response_s, sizeof a.row[i].t_response_s);
        ck_assert_mem_eq(&a.row[i].measured, &o.row[i].measured, sizeof a.row[i].measured);
        ck_assert_mem_eq(&a.row[i].margin, &o.row[i].margin, sizeof a.row[i].margin);
        ck_assert_int_eq(a.row[i].occurrences, o.row[i].occurrences);
    }
    ck_assert_int_eq(a.steps, o.steps);
    case_result_free(&a);
    case_result_free(&o);
}
END_TEST

static TCase *verdicts(void)
{
    TCase *t = tcase_create("verdicts");

    tcase_set_timeout(t, 300);
    tcase_add_test(t, a_delay_inside_its_band_passes_with_the_measured_time);
    tcase_add_loop_test(t, a_limit_out_of_reach_fails_with_a_negative_margin_and_says_why, 0,
                        (int)(sizeof out_of_reach / sizeof out_of_reach[0]));
    tcase_add_test(t, a_trigger_that_never_comes_is_inconclusive);
    tcase_add_test(t, a_timeout_cuts_the_run_and_judges_what_has_expired);
    tcase_add_test(t, a_timeout_alone_makes_a_case_inconclusive);
    tcase_add_test(t, what_is_awaited_and_already_true_takes_no_time);
    tcase_add_test(t, a_signal_ends_a_run_and_leaves_the_undecided_inconclusive);
    tcase_add_test(t, a_signal_before_the_run_leaves_nothing_judged);
    tcase_add_test(t, what_the_rig_cannot_do_is_an_error_and_no_failure);
    tcase_add_test(t, a_rig_that_cannot_be_built_is_an_error);
    return t;
}

static TCase *times(void)
{
    TCase *t = tcase_create("time");

    tcase_set_tags(t, "long"); /* too much for valgrind: scripts/ci/valgrind leaves it out */
    tcase_set_timeout(t, 300);
    tcase_add_loop_test(t, results_do_not_depend_on_how_often_observers_look, 0, 4);
    tcase_add_test(t, a_short_circuit_after_hours_of_rest_is_located_to_a_microsecond);
    tcase_add_test(t, two_runs_of_a_case_are_the_same);
    return t;
}

int main(void)
{
    Suite *s = suite_create("case");

    suite_add_tcase(s, verdicts());
    suite_add_tcase(s, times());
    return check_run(s);
}
