/* Monitors on scripted signals: a voltage that is a function of time, and a flag that switches at given instants. */
#include "sim/monitor.h"
#include "sim/rig.h"
#include "tests/support/check_run.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND INT64_C(1000000000)
#define PIECE (SECOND / 10)
#define SWITCHES 24

/* ---- the script
 * ------------------------------------------------------------------------------------------------------ */

static struct {
    double start_V, slope_V_s, step_V;
    int64_t step_ns;            /* the voltage jumps by step_V here */
    int64_t flips_ns[SWITCHES]; /* the flag changes here; 0 ends the list */
} script;

static double voltage_at(int64_t t_ns)
{
    const double jump = t_ns >= script.step_ns ? script.step_V : 0.0;

    return script.start_V + script.slope_V_s * (double)t_ns * 1e-9 + jump;
}

static double read_voltage(const struct rig *rig, int pack, int index, int64_t offset_ns)
{
    (void)pack;
    (void)index;
    return voltage_at(rig_time_ns(rig) + offset_ns);
}

static bool flag;

static double read_flag(const struct rig *rig, int pack, int index, int64_t offset_ns)
{
    (void)rig;
    (void)pack;
    (void)index;
    (void)offset_ns;
    return flag;
}

const struct signal_info signal_table[] = {
    { .name = "x.voltage",
      .dim = DIM_VOLTAGE,
      .continuous = true,
      .plausible_min = -100,
      .plausible_max = 100,
      .read = read_voltage },
    { .name = "flag", .dim = DIM_BOOL, .read = read_flag },
};
const size_t signal_count = 2;

/* ---- a monitor on it
 * -------------------------------------------------------------------------------------------------- */

static struct rig *rig;
static struct expectation expectation;
static struct monitor monitor;
static int64_t labels[2];

static void compile(struct expr *e, const char *text, enum expr_want want)
{
    const struct expr_context context = { .limits = { 1, 1, 1 } };
    char error[200];
    size_t at;

    ck_assert_msg(expr_parse(text, strlen(text), want, &context, e, error, sizeof error, &at), "%s: %s", text, error);
}

static void set_up(void)
{
    rig = calloc(1, sizeof *rig);
    ck_assert_ptr_nonnull(rig);
    memset(&script, 0, sizeof script);
    script.step_ns = INT64_MAX;
    flag = false;
    labels[0] = labels[1] = INT64_MAX;
    expectation = (struct expectation){ .dim = DIM_TIME,
                                        .within_s = NAN,
                                        .not_before_s = NAN,
                                        .hold_s = NAN,
                                        .for_s = NAN,
                                        .delay_min_s = NAN,
                                        .delay_nom_s = NAN,
                                        .delay_max_s = NAN,
                                        .until = { .kind = POINT_END } };
}

static void tear_down(void)
{
    free(rig);
}

static int64_t next_stop(int64_t now_ns, int64_t end_ns)
{
    int64_t stop = now_ns + PIECE < end_ns ? now_ns + PIECE : end_ns;

    for (int i = 0; i < SWITCHES && script.flips_ns[i] != 0; i++) {
        stop = script.flips_ns[i] > now_ns && script.flips_ns[i] < stop ? script.flips_ns[i] : stop;
    }
    for (int i = 0; i < 2; i++) {
        stop = labels[i] > now_ns && labels[i] < stop ? labels[i] : stop;
    }
    return stop;
}

/* Plays the script for a time and gives the verdict. The voltage's jump counts as continuous: it is located. */
static struct verdict_row play(double seconds, const char *cut)
{
    const int64_t end_ns = (int64_t)(seconds * 1e9);

    monitor_begin(&monitor, &expectation, labels, 0.1);
    monitor_advance(&monitor, rig, 0, 0);
    while (rig->now_ns < end_ns) {
        const int64_t stop = next_stop(rig->now_ns, end_ns);

        monitor_advance(&monitor, rig, 0, stop - rig->now_ns);
        for (int i = 0; i < SWITCHES && script.flips_ns[i] != 0; i++) {
            if (script.flips_ns[i] == stop) {
                flag = !flag;
                monitor_advance(&monitor, rig, stop - rig->now_ns, stop - rig->now_ns);
            }
        }
        rig->now_ns = stop;
    }
    monitor_advance(&monitor, rig, 0, 0);
    return monitor_end(&monitor, rig, cut);
}

/* flag becomes true when x.voltage rises through 3.68 .. 3.72 V, 1 s later (0.99 .. 1.1 s, latency 0.1 s). */
static void expect_trip(enum measure measure)
{
    expectation.verb = VERB_TRIP;
    expectation.measure = measure;
    expectation.rising = true;
    expectation.dim = DIM_VOLTAGE;
    expectation.low = 3.68;
    expectation.high = 3.72;
    expectation.delay_min_s = 0.99;
    expectation.delay_nom_s = 1.0;
    expectation.delay_max_s = 1.1;
    compile(&expectation.what, "flag becomes true", EXPR_WANT_EVENT);
    compile(&expectation.on, "x.voltage", EXPR_WANT_VALUE);
}

static void ramp_from_3V(void)
{
    script.start_V = 3.0;
    script.slope_V_s = 0.001; /* 3.68 V at 680 s, 3.72 V at 720 s */
}

START_TEST(a_trip_inside_its_band_passes_with_the_level_that_the_delay_saw)
{
    expect_trip(MEASURE_LEVEL);
    ramp_from_3V();
    script.flips_ns[0] = 701 * SECOND;
    const struct verdict_row row = play(800, NULL);

    ck_assert_int_eq(row.verdict, VERDICT_PASS);
    ck_assert_double_eq_tol(row.measured, 3.70001, 1e-6); /* at 701 s - 0.99 s */
    ck_assert_double_eq_tol(row.margin, 0.0200, 3e-4);
    ck_assert_double_eq_tol(row.t_trigger_s, 680.0, 1e-6);
    ck_assert_double_eq_tol(row.t_response_s, 701.0, 1e-9);
    ck_assert_int_eq(row.occurrences, 1);
}
END_TEST

START_TEST(a_trip_before_the_band_and_its_shortest_delay_fails)
{
    expect_trip(MEASURE_LEVEL);
    ramp_from_3V();
    script.flips_ns[0] = 680 * SECOND + SECOND / 2; /* inside the band, but half a second after it was entered */
    const struct verdict_row row = play(800, NULL);

    ck_assert_int_eq(row.verdict, VERDICT_FAIL);
    ck_assert(row.margin < 0.0);
}
END_TEST

START_TEST(a_trip_far_under_the_band_fails)
{
    expect_trip(MEASURE_LEVEL);
    ramp_from_3V();
    script.flips_ns[0] = 300 * SECOND;
    const struct verdict_row row = play(400, NULL);

    ck_assert_int_eq(row.verdict, VERDICT_FAIL);
    ck_assert_double_eq_tol(row.measured, 3.3, 1e-6);
}
END_TEST

START_TEST(a_trip_that_never_comes_fails_once_the_longest_delay_has_passed)
{
    expect_trip(MEASURE_LEVEL);
    ramp_from_3V();
    ck_assert_int_eq(play(722, NULL).verdict, VERDICT_FAIL);
}
END_TEST

START_TEST(a_run_that_ends_before_the_longest_delay_is_inconclusive)
{
    expect_trip(MEASURE_LEVEL);
    ramp_from_3V();
    ck_assert_int_eq(play(721, NULL).verdict, VERDICT_INCONCLUSIVE);
}
END_TEST

START_TEST(a_signal_that_never_reaches_its_band_tests_nothing)
{
    expect_trip(MEASURE_LEVEL);
    script.start_V = 3.0;
    ck_assert_int_eq(play(10, NULL).verdict, VERDICT_INCONCLUSIVE);
}
END_TEST

struct delay_case {
    int64_t response_ns;
    enum verdict verdict;
};

static const struct delay_case delays[] = {
    { 10 * SECOND + 980000000, VERDICT_FAIL },         { 10 * SECOND + 989000000, VERDICT_FAIL },
    { 10 * SECOND + 990000500, VERDICT_INCONCLUSIVE }, { 10 * SECOND + 991000000, VERDICT_PASS },
    { 11 * SECOND + 199000000, VERDICT_PASS },         { 11 * SECOND + 199999500, VERDICT_INCONCLUSIVE },
    { 11 * SECOND + 201000000, VERDICT_FAIL },
};

START_TEST(a_delay_is_judged_to_the_microsecond)
{
    expect_trip(MEASURE_DELAY);
    script.start_V = 3.0;
    script.step_V = 1.0;
    script.step_ns = 10 * SECOND;
    script.flips_ns[0] = delays[_i].response_ns;
    const struct verdict_row row = play(20, NULL);

    ck_assert_int_eq(row.verdict, delays[_i].verdict);
    if (row.verdict == VERDICT_PASS) {
        ck_assert_double_eq_tol(row.measured, (double)(delays[_i].response_ns - 10 * SECOND) * 1e-9, 2e-9);
    }
}
END_TEST

START_TEST(the_worst_of_two_trips_is_reported)
{
    expect_trip(MEASURE_DELAY);
    script.start_V = 4.0;
    script.step_V = -1.0;
    script.step_ns = 5 * SECOND;
    expectation.rising = false;
    expectation.low = 3.28;
    expectation.high = 3.32;
    script.flips_ns[0] = 6 * SECOND;
    const struct verdict_row row = play(20, NULL);

    ck_assert_int_eq(row.verdict, VERDICT_PASS);
    ck_assert_double_eq_tol(row.measured, 1.0, 1e-8);
}
END_TEST

START_TEST(a_signal_that_comes_back_to_its_band_when_the_event_cannot_come_is_no_trigger)
{
    expect_trip(MEASURE_LEVEL);
    expectation.rising = false;
    expectation.low = 2.30;
    expectation.high = 2.34;
    script.start_V = 3.0;
    script.slope_V_s = -0.001; /* 2.32 V at 680 s */
    script.step_V = 0.05;      /* away and back again, the flag still being true */
    script.step_ns = 685 * SECOND;
    script.flips_ns[0] = 681 * SECOND;
    ck_assert_int_eq(play(730, NULL).verdict, VERDICT_PASS);
}
END_TEST

/* ---- then
 * ---------------------------------------------------------------------------------------------------------------- */

static void expect_then(const char *what, double within_s)
{
    expectation.verb = VERB_THEN;
    expectation.trigger.kind = POINT_LABEL;
    expectation.within_s = within_s;
    compile(&expectation.what, what, EXPR_WANT_CONDITION_OR_EVENT);
    labels[0] = 5 * SECOND;
}

START_TEST(a_response_is_timed_from_its_label)
{
    expect_then("flag becomes true", 2.0);
    script.flips_ns[0] = 6 * SECOND + 500000000;
    const struct verdict_row row = play(10, NULL);

    ck_assert_int_eq(row.verdict, VERDICT_PASS);
    ck_assert_double_eq_tol(row.measured, 1.5, 1e-9);
}
END_TEST

START_TEST(a_response_after_its_window_fails)
{
    expect_then("flag becomes true", 1.0);
    script.flips_ns[0] = 6 * SECOND + 500000000;
    ck_assert_int_eq(play(10, NULL).verdict, VERDICT_FAIL);
}
END_TEST

START_TEST(an_event_before_its_label_is_no_response)
{
    expect_then("flag becomes true", 1.0);
    script.flips_ns[0] = 4 * SECOND;
    ck_assert_int_eq(play(10, NULL).verdict, VERDICT_FAIL);
}
END_TEST

START_TEST(a_condition_that_already_holds_at_its_label_is_met_at_once)
{
    expect_then("flag is true", 1.0);
    script.flips_ns[0] = 4 * SECOND;
    const struct verdict_row row = play(10, NULL);

    ck_assert_int_eq(row.verdict, VERDICT_PASS);
    ck_assert_double_eq_tol(row.measured, 0.0, 1e-9);
}
END_TEST

START_TEST(a_response_before_the_earliest_moment_fails)
{
    expect_then("flag becomes true", 3.0);
    expectation.not_before_s = 2.0;
    script.flips_ns[0] = 6 * SECOND;
    ck_assert_int_eq(play(10, NULL).verdict, VERDICT_FAIL);
}
END_TEST

START_TEST(a_response_that_does_not_hold_fails)
{
    expect_then("flag becomes true", 3.0);
    expectation.hold_s = 2.0;
    script.flips_ns[0] = 6 * SECOND;
    script.flips_ns[1] = 7 * SECOND;
    ck_assert_int_eq(play(10, NULL).verdict, VERDICT_FAIL);
}
END_TEST

START_TEST(a_response_that_holds_passes)
{
    expect_then("flag becomes true", 3.0);
    expectation.hold_s = 2.0;
    script.flips_ns[0] = 6 * SECOND;
    ck_assert_int_eq(play(10, NULL).verdict, VERDICT_PASS);
}
END_TEST

START_TEST(a_window_cut_by_the_end_is_inconclusive)
{
    expect_then("flag becomes true", 3.0);
    ck_assert_int_eq(play(6, NULL).verdict, VERDICT_INCONCLUSIVE);
}
END_TEST

START_TEST(a_label_that_never_came_is_no_pass)
{
    expect_then("flag becomes true", 3.0);
    labels[0] = INT64_MAX;
    ck_assert_int_eq(play(6, "line 3: waited 1 s").verdict, VERDICT_INCONCLUSIVE);
}
END_TEST

START_TEST(every_occurrence_of_an_event_is_judged)
{
    expect_then("flag is true", 1.0);
    expectation.trigger.kind = POINT_EVENT;
    compile(&expectation.trigger.event, "flag becomes false", EXPR_WANT_EVENT);
    for (int i = 0; i < 4; i++) { /* false at 2 s, true at 2.5, false at 3, true at 4.5: the second is late */
        static const int64_t at[] = { SECOND, 2 * SECOND, 2 * SECOND + SECOND / 2, 3 * SECOND };
        script.flips_ns[i] = at[i];
    }
    script.flips_ns[4] = 4 * SECOND + SECOND / 2;
    const struct verdict_row row = play(10, NULL);

    ck_assert_int_eq(row.verdict, VERDICT_FAIL);
    ck_assert_int_eq(row.occurrences, 2);
    ck_assert_double_eq_tol(row.t_trigger_s, 3.0, 1e-9);
}
END_TEST

START_TEST(a_trigger_that_came_less_often_than_asked_is_inconclusive)
{
    expect_then("flag becomes true", 2.0);
    expectation.times = 2;
    script.flips_ns[0] = 6 * SECOND;
    ck_assert_int_eq(play(10, NULL).verdict, VERDICT_INCONCLUSIVE);
}
END_TEST

/* Ten triggers, a second apart, wait for what comes 100 s after: two of them found no place. */
START_TEST(a_trigger_that_could_not_be_watched_is_inconclusive_and_said)
{
    expect_then("x.voltage above 3.10 V", 200.0);
    expectation.trigger.kind = POINT_EVENT;
    compile(&expectation.trigger.event, "flag becomes true", EXPR_WANT_EVENT);
    ramp_from_3V();
    for (int i = 0; i < 20; i++) {
        script.flips_ns[i] = SECOND / 2 * (i + 1);
    }
    const struct verdict_row row = play(150, NULL);

    ck_assert_int_eq(row.verdict, VERDICT_INCONCLUSIVE);
    ck_assert_str_eq(row.why, "2 triggers were not watched: more than 8 waited for their response at once");
    script.flips_ns[16] = 0; /* eight of them: all are judged */
    flag = false;
    rig->now_ns = 0;
    const struct verdict_row eight = play(150, NULL);

    ck_assert_int_eq(eight.verdict, VERDICT_PASS);
    ck_assert_int_eq(eight.occurrences, 8);
}
END_TEST

/* ---- zero divided by zero
 * ------------------------------------------------------------------------------------------------- */

static const struct undefined_case { /* the voltage is 0 V for 5 s, then 1 V; the label comes at 2 s */
    enum verb verb;
    const char *what;
    enum verdict verdict;
    double at_s; /* when it had no value; NAN: it always had one that mattered */
} undefined_cases[] = {
    { VERB_ALWAYS, "x.voltage / x.voltage above 50 %", VERDICT_INCONCLUSIVE, 0.0 },
    { VERB_NEVER, "x.voltage / x.voltage above 500 %", VERDICT_INCONCLUSIVE, 0.0 },
    { VERB_ALWAYS, "x.voltage / x.voltage above 500 %", VERDICT_FAIL, NAN }, /* seen where it has a value: stands */
    { VERB_ALWAYS, "not x.voltage / x.voltage above 500 %", VERDICT_INCONCLUSIVE, 0.0 },
    { VERB_ALWAYS, "x.voltage below 0.5 V or x.voltage / x.voltage above 50 %", VERDICT_PASS, NAN },
    { VERB_NEVER, "x.voltage above 0.5 V and x.voltage / x.voltage above 500 %", VERDICT_PASS, NAN },
    { VERB_NEVER, "x.voltage below 0.5 V and x.voltage / x.voltage above 500 %", VERDICT_INCONCLUSIVE, 0.0 },
    { VERB_THEN, "x.voltage / x.voltage above 50 %", VERDICT_INCONCLUSIVE, 2.0 },
    { VERB_THEN, "x.voltage / x.voltage rises above 50 %", VERDICT_INCONCLUSIVE, 2.0 },
    { VERB_STAYS, "x.voltage / x.voltage above 50 %", VERDICT_INCONCLUSIVE, 2.0 },
    { VERB_TRIP, "x.voltage / x.voltage rises above 50 %", VERDICT_INCONCLUSIVE, 0.0 },
    { VERB_REPORT, "x.voltage / x.voltage", VERDICT_INCONCLUSIVE, 2.0 },
};

START_TEST(what_has_no_value_is_inconclusive_and_said)
{
    const struct undefined_case *c = &undefined_cases[_i];
    char text[96];

    script.step_V = 1.0;
    script.step_ns = 5 * SECOND;
    labels[0] = 2 * SECOND;
    expectation.verb = c->verb;
    expectation.within_s = 10.0;
    expectation.for_s = 4.0;
    expectation.rising = true;
    expectation.low = 0.4;
    expectation.high = 0.6;
    expectation.delay_min_s = 0.0;
    expectation.delay_max_s = 1.0;
    if (c->verb != VERB_ALWAYS && c->verb != VERB_NEVER) {
        expectation.trigger.kind = POINT_LABEL;
    }
    compile(&expectation.on, "x.voltage", EXPR_WANT_VALUE);
    compile(&expectation.what, c->what, c->verb == VERB_REPORT ? EXPR_WANT_VALUE : EXPR_WANT_CONDITION_OR_EVENT);
    const struct verdict_row row = play(8, NULL);

    ck_assert_int_eq(row.verdict, c->verdict);
    (void)snprintf(text, sizeof text, "its expression has no value at %g s: zero divided by zero", c->at_s);
    if (!isnan(c->at_s)) {
        ck_assert_str_eq(row.why, text);
    }
}
END_TEST

START_TEST(a_trigger_that_has_no_value_is_inconclusive)
{
    expect_then("flag is false", 1.0);
    expectation.trigger.kind = POINT_EVENT;
    compile(&expectation.trigger.event, "x.voltage / x.voltage rises above 50 %", EXPR_WANT_EVENT);
    script.step_V = 1.0;
    script.step_ns = 5 * SECOND;
    const struct verdict_row row = play(8, NULL);

    ck_assert_int_eq(row.verdict, VERDICT_INCONCLUSIVE);
    ck_assert_ptr_nonnull(strstr(row.why, "zero divided by zero"));
}
END_TEST

/* ---- stays, always, never
 * ----------------------------------------------------------------------------------------------- */

START_TEST(what_stays_long_enough_passes)
{
    expect_then("flag is false", NAN);
    expectation.verb = VERB_STAYS;
    expectation.for_s = 3.0;
    script.flips_ns[0] = 9 * SECOND;
    ck_assert_int_eq(play(12, NULL).verdict, VERDICT_PASS);
}
END_TEST

START_TEST(what_does_not_stay_fails_with_the_time_that_it_held)
{
    expect_then("flag is false", NAN);
    expectation.verb = VERB_STAYS;
    expectation.for_s = 3.0;
    script.flips_ns[0] = 7 * SECOND;
    const struct verdict_row row = play(12, NULL);

    ck_assert_int_eq(row.verdict, VERDICT_FAIL);
    ck_assert_double_eq_tol(row.measured, 2.0, 1e-9);
}
END_TEST

static void expect_always(enum verb verb, const char *what)
{
    expectation.verb = verb;
    expectation.dim = DIM_VOLTAGE;
    compile(&expectation.what, what, EXPR_WANT_CONDITION);
    ramp_from_3V();
}

START_TEST(always_reports_the_smallest_margin)
{
    expect_always(VERB_ALWAYS, "x.voltage below 3.2 V");
    const struct verdict_row row = play(100, NULL);

    ck_assert_int_eq(row.verdict, VERDICT_PASS);
    ck_assert_double_eq_tol(row.measured, 3.1, 1e-9);
    ck_assert_double_eq_tol(row.margin, 0.1, 1e-9);
    ck_assert_double_eq_tol(row.high, 3.2, 1e-12);
}
END_TEST

START_TEST(always_fails_where_the_condition_first_breaks)
{
    expect_always(VERB_ALWAYS, "x.voltage below 3.05 V");
    const struct verdict_row row = play(100, NULL);

    ck_assert_int_eq(row.verdict, VERDICT_FAIL);
    ck_assert_double_eq_tol(row.t_response_s, 50.0, 1e-6);
    ck_assert_double_eq_tol(row.measured, 3.1, 1e-9); /* how far it went */
}
END_TEST

START_TEST(never_is_the_contrary_of_always)
{
    expect_always(VERB_NEVER, "x.voltage above 3.05 V");
    ck_assert_int_eq(play(100, NULL).verdict, VERDICT_FAIL);
}
END_TEST

START_TEST(always_looks_only_between_from_and_until)
{
    expect_always(VERB_ALWAYS, "x.voltage below 3.05 V");
    expectation.until = (struct point){ .kind = POINT_TIME, .time_ns = 40 * SECOND };
    ck_assert_int_eq(play(100, NULL).verdict, VERDICT_PASS);
}
END_TEST

START_TEST(always_in_a_window_that_never_came_is_inconclusive)
{
    expect_always(VERB_ALWAYS, "x.voltage below 3.05 V");
    expectation.from = (struct point){ .kind = POINT_LABEL, .step = 0 };
    ck_assert_int_eq(play(100, NULL).verdict, VERDICT_INCONCLUSIVE);
}
END_TEST

START_TEST(a_margin_within_the_uncertainty_is_inconclusive)
{
    expect_always(VERB_ALWAYS, "x.voltage below 3.100005 V");
    ck_assert_int_eq(play(100, NULL).verdict, VERDICT_INCONCLUSIVE);
}
END_TEST

START_TEST(a_report_gives_the_value_at_its_moment)
{
    expectation.verb = VERB_REPORT;
    expectation.dim = DIM_VOLTAGE;
    expectation.trigger = (struct point){ .kind = POINT_TIME, .time_ns = 7 * SECOND };
    compile(&expectation.what, "x.voltage", EXPR_WANT_VALUE);
    ramp_from_3V();
    const struct verdict_row row = play(10, NULL);

    ck_assert_int_eq(row.verdict, VERDICT_PASS);
    ck_assert_double_eq_tol(row.measured, 3.007, 1e-4);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("monitor");
    TCase *t = tcase_create("monitor");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, a_trip_inside_its_band_passes_with_the_level_that_the_delay_saw);
    tcase_add_test(t, a_trip_before_the_band_and_its_shortest_delay_fails);
    tcase_add_test(t, a_trip_far_under_the_band_fails);
    tcase_add_test(t, a_trip_that_never_comes_fails_once_the_longest_delay_has_passed);
    tcase_add_test(t, a_run_that_ends_before_the_longest_delay_is_inconclusive);
    tcase_add_test(t, a_signal_that_never_reaches_its_band_tests_nothing);
    tcase_add_loop_test(t, a_delay_is_judged_to_the_microsecond, 0, (int)(sizeof delays / sizeof delays[0]));
    tcase_add_test(t, the_worst_of_two_trips_is_reported);
    tcase_add_test(t, a_signal_that_comes_back_to_its_band_when_the_event_cannot_come_is_no_trigger);
    tcase_add_test(t, a_response_is_timed_from_its_label);
    tcase_add_test(t, a_response_after_its_window_fails);
    tcase_add_test(t, an_event_before_its_label_is_no_response);
    tcase_add_test(t, a_condition_that_already_holds_at_its_label_is_met_at_once);
    tcase_add_test(t, a_response_before_the_earliest_moment_fails);
    tcase_add_test(t, a_response_that_does_not_hold_fails);
    tcase_add_test(t, a_response_that_holds_passes);
    tcase_add_test(t, a_window_cut_by_the_end_is_inconclusive);
    tcase_add_test(t, a_label_that_never_came_is_no_pass);
    tcase_add_test(t, every_occurrence_of_an_event_is_judged);
    tcase_add_test(t, a_trigger_that_came_less_often_than_asked_is_inconclusive);
    tcase_add_test(t, a_trigger_that_could_not_be_watched_is_inconclusive_and_said);
    tcase_add_loop_test(t, what_has_no_value_is_inconclusive_and_said, 0,
                        (int)(sizeof undefined_cases / sizeof undefined_cases[0]));
    tcase_add_test(t, a_trigger_that_has_no_value_is_inconclusive);
    tcase_add_test(t, what_stays_long_enough_passes);
    tcase_add_test(t, what_does_not_stay_fails_with_the_time_that_it_held);
    tcase_add_test(t, always_reports_the_smallest_margin);
    tcase_add_test(t, always_fails_where_the_condition_first_breaks);
    tcase_add_test(t, never_is_the_contrary_of_always);
    tcase_add_test(t, always_looks_only_between_from_and_until);
    tcase_add_test(t, always_in_a_window_that_never_came_is_inconclusive);
    tcase_add_test(t, a_margin_within_the_uncertainty_is_inconclusive);
    tcase_add_test(t, a_report_gives_the_value_at_its_moment);
    suite_add_tcase(s, t);
    return check_run(s);
}
