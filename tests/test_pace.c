/* Lateness: percentiles, and what a verdict is worth in its light. */
#include "sim/pace.h"
#include "tests/support/check_run.h"

#include <check.h>
#include <math.h>
#include <string.h>
#include <time.h>

#define TICK_ns INT64_C(10000000)

static struct pace p;

static void setup(void)
{
    memset(&p, 0, sizeof p);
    p.speed = 1.0;
}

/* A call that was so late. */
static void late(int64_t ns)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    p.deadline_ns = (int64_t)t.tv_sec * 1000000000 + t.tv_nsec - ns;
    pace_done(&p, TICK_ns);
}

static struct verdict_row time_row(double measured_s, double low_s, double high_s)
{
    return verdict_judge(measured_s, low_s, high_s, 1e-6, DIM_TIME);
}

START_TEST(percentiles_are_upper_bounds_within_a_tenth)
{
    for (int i = 0; i < 990; i++) {
        late(100000);
    }
    for (int i = 0; i < 10; i++) {
        late(2000000);
    }
    ck_assert_uint_eq(p.now.calls, 1000);
    ck_assert_int_ge(pace_percentile(&p.now, 0.5), 100000);
    ck_assert_int_le(pace_percentile(&p.now, 0.5), 150000);
    ck_assert_int_ge(pace_percentile(&p.now, 0.999), 2000000);
    ck_assert_int_le(pace_percentile(&p.now, 0.999), 2500000);
    ck_assert_int_ge(p.now.max_ns, 2000000);
    ck_assert_uint_eq(p.now.overruns, 0);
}
END_TEST

START_TEST(a_margin_finer_than_the_lateness_is_inconclusive)
{
    struct verdict_row fine = time_row(1.0, 0.999, 1.1), coarse = time_row(1.05, 0.9, 1.2),
                       failed = time_row(1.3, 0.9, 1.2);
    struct verdict_row near_miss = time_row(1.201, 0.9, 1.2), level = verdict_judge(3.7, 3.6, 3.8, 1e-5, DIM_VOLTAGE);

    for (int i = 0; i < 100; i++) {
        late(3000000);
    }
    pace_judge(&p, TICK_ns, &fine);
    pace_judge(&p, TICK_ns, &coarse);
    pace_judge(&p, TICK_ns, &failed);
    pace_judge(&p, TICK_ns, &near_miss);
    pace_judge(&p, TICK_ns, &level);
    ck_assert_int_eq(fine.verdict, VERDICT_INCONCLUSIVE);
    ck_assert_int_eq(coarse.verdict, VERDICT_PASS);
    ck_assert(coarse.uncertainty > 0.003);
    ck_assert_int_eq(failed.verdict, VERDICT_FAIL);
    ck_assert_int_eq(near_miss.verdict, VERDICT_INCONCLUSIVE);
    ck_assert_int_eq(level.verdict, VERDICT_PASS);
}
END_TEST

START_TEST(answers_later_than_a_tick_make_everything_inconclusive)
{
    struct verdict_row coarse = time_row(5.0, 0.0, 10.0), level = verdict_judge(3.7, 3.6, 3.8, 1e-5, DIM_VOLTAGE);

    for (int i = 0; i < 100; i++) {
        late(i < 99 ? 10000 : 20000000);
    }
    pace_judge(&p, TICK_ns, &coarse);
    pace_judge(&p, TICK_ns, &level);
    ck_assert_uint_eq(p.now.overruns, 1);
    ck_assert_int_eq(coarse.verdict, VERDICT_INCONCLUSIVE);
    ck_assert_int_eq(level.verdict, VERDICT_INCONCLUSIVE);
}
END_TEST

/* At ten times real time a lateness of 2 ms is one of 20 ms to the scenario. */
START_TEST(speed_makes_lateness_larger)
{
    struct verdict_row row = time_row(5.0, 0.0, 10.0);

    p.speed = 10.0;
    for (int i = 0; i < 10; i++) {
        late(2000000);
    }
    pace_judge(&p, TICK_ns, &row);
    ck_assert_uint_eq(p.now.overruns, 10);
    ck_assert_int_eq(row.verdict, VERDICT_INCONCLUSIVE);
}
END_TEST

START_TEST(calls_wait_for_their_deadline)
{
    struct timespec a, b;

    pace_init(&p, 10.0);
    pace_begin(&p);
    (void)clock_gettime(CLOCK_MONOTONIC, &a);
    for (int k = 0; k <= 20; k++) {
        pace_wait(&p, 1000000000 + k * TICK_ns);
        pace_done(&p, TICK_ns);
    }
    (void)clock_gettime(CLOCK_MONOTONIC, &b);
    pace_end(&p);
    const double took_s = (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) * 1e-9;

    ck_assert(took_s >= 0.020); /* 200 ms of virtual time */
    ck_assert_uint_eq(p.all.calls, 21);
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("pace");
    TCase *const tc = tcase_create("pace");

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_test(tc, percentiles_are_upper_bounds_within_a_tenth);
    tcase_add_test(tc, a_margin_finer_than_the_lateness_is_inconclusive);
    tcase_add_test(tc, answers_later_than_a_tick_make_everything_inconclusive);
    tcase_add_test(tc, speed_makes_lateness_larger);
    tcase_add_test(tc, calls_wait_for_their_deadline);
    suite_add_tcase(suite, tc);

    return check_run(suite);
}
