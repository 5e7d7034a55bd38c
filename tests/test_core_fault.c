#include "bms_core/fault_engine.h"
#include "tests/support/check_run.h"
#include "tests/support/core_bed.h"

#include <check.h>
#include <string.h>

#define ROW 0 /* the row under test; the others are off */
#define BIT 1U
#define START_us 1000000

static struct fault_engine engine;
static struct fault_input input;
static struct fault_rule rules[BMS_FAULT_COUNT];

static void setup(void)
{
    memset(rules, 0, sizeof rules);
    memset(&input, 0, sizeof input);
    rules[ROW] = (struct fault_rule){ .alarm = 90,
                                      .alarm_release = 80,
                                      .trip = 100,
                                      .release = 70,
                                      .alarm_delay_ms = 500,
                                      .trip_delay_ms = 1000,
                                      .release_delay_ms = 2000,
                                      .signal = FAULT_STACK_mV,
                                      .enable = BMS_ENABLE_TRIP | BMS_ENABLE_ALARM };
    input.valid = UINT32_MAX;
}

static void begin(void)
{
    fault_engine_init(&engine, rules);
}

/* Mirrors the row and its values, so that each test runs for both senses. */
static int32_t mirrored(int sense, int32_t value)
{
    return sense == 0 ? value : -value;
}

static void begin_sense(int sense)
{
    struct fault_rule *r = &rules[ROW];

    r->below = sense == 1;
    r->alarm = mirrored(sense, r->alarm);
    r->alarm_release = mirrored(sense, r->alarm_release);
    r->trip = mirrored(sense, r->trip);
    r->release = mirrored(sense, r->release);
    begin();
}

static void show(int32_t value, uint64_t now_us)
{
    input.value[FAULT_STACK_mV] = value;
    fault_engine_step(&engine, &input, BIT, now_us);
}

START_TEST(a_trip_comes_at_the_level_and_the_delay_and_not_before)
{
    begin_sense(_i);
    show(mirrored(_i, 99), START_us);
    ck_assert_uint_eq(engine.running, 0);
    show(mirrored(_i, 100), START_us);
    ck_assert_uint_eq(engine.tripped, 0);
    ck_assert_uint_eq(engine.due_us, START_us + 500000); /* the alarm's */
    show(mirrored(_i, 100), START_us + 999999);
    ck_assert_uint_eq(engine.tripped, 0);
    ck_assert_uint_eq(engine.alarmed, BIT);
    ck_assert_uint_eq(engine.due_us, START_us + 1000000);
    fault_engine_step(&engine, &input, 0, START_us + 1000000);
    ck_assert_uint_eq(engine.tripped, BIT);
    ck_assert_uint_eq(engine.due_us, FAULT_NEVER_us);
}
END_TEST

START_TEST(a_release_comes_at_the_level_and_the_delay_and_not_before)
{
    begin_sense(_i);
    fault_engine_trip(&engine, ROW, START_us);
    show(mirrored(_i, 71), START_us);
    ck_assert_uint_eq(engine.running, 0);
    show(mirrored(_i, 70), START_us);
    ck_assert_uint_eq(engine.due_us, START_us + 2000000);
    show(mirrored(_i, 70), START_us + 1999999);
    ck_assert_uint_eq(engine.tripped, BIT);
    show(mirrored(_i, 70), START_us + 2000000);
    ck_assert_uint_eq(engine.tripped, 0);
}
END_TEST

START_TEST(a_value_that_returns_for_an_instant_starts_the_delay_anew)
{
    begin_sense(_i);
    show(mirrored(_i, 100), START_us);
    show(mirrored(_i, 99), START_us + 999998);
    show(mirrored(_i, 100), START_us + 999999);
    show(mirrored(_i, 100), START_us + 1999998);
    ck_assert_uint_eq(engine.tripped, 0);
    show(mirrored(_i, 100), START_us + 1999999);
    ck_assert_uint_eq(engine.tripped, BIT);
    show(mirrored(_i, 70), START_us + 3000000);
    show(mirrored(_i, 71), START_us + 4000000);
    show(mirrored(_i, 70), START_us + 5000000);
    show(mirrored(_i, 70), START_us + 6999999);
    ck_assert_uint_eq(engine.tripped, BIT);
    show(mirrored(_i, 70), START_us + 7000000);
    ck_assert_uint_eq(engine.tripped, 0);
}
END_TEST

START_TEST(an_alarm_has_its_own_levels_and_delay)
{
    begin_sense(_i);
    show(mirrored(_i, 89), START_us);
    ck_assert_uint_eq(engine.alarm_running, 0);
    show(mirrored(_i, 90), START_us);
    show(mirrored(_i, 90), START_us + 499999);
    ck_assert_uint_eq(engine.alarmed, 0);
    show(mirrored(_i, 90), START_us + 500000);
    ck_assert_uint_eq(engine.alarmed, BIT);
    ck_assert_uint_eq(engine.tripped, 0);
    show(mirrored(_i, 81), START_us + 600000);
    ck_assert_uint_eq(engine.alarm_running, 0);
    show(mirrored(_i, 80), START_us + 700000);
    show(mirrored(_i, 80), START_us + 1199999);
    ck_assert_uint_eq(engine.alarmed, BIT);
    show(mirrored(_i, 80), START_us + 1200000);
    ck_assert_uint_eq(engine.alarmed, 0);
}
END_TEST

START_TEST(an_unknown_value_may_trip_but_never_release)
{
    begin();
    input.valid = 0;
    show(100, START_us); /* unknown from the start: nothing begins */
    ck_assert_uint_eq(engine.running | engine.alarm_running, 0);
    input.valid = UINT32_MAX;
    show(100, START_us);
    input.valid = 0;
    show(0, START_us + 1000000);
    ck_assert_uint_eq(engine.tripped, BIT);
    ck_assert_uint_eq(engine.alarmed, BIT);
    show(0, START_us + 90000000);
    ck_assert_uint_eq(engine.tripped, BIT);
    ck_assert_uint_eq(engine.alarmed, BIT);
    input.valid = UINT32_MAX;
    show(0, START_us + 90000000);
    input.valid = 0;
    show(0, START_us + 91000000); /* the release run is broken, the alarm's too */
    ck_assert_uint_eq(engine.running | engine.alarm_running, 0);
}
END_TEST

START_TEST(a_row_without_enable_bits_never_trips)
{
    rules[ROW].enable = 0;
    begin();
    show(INT32_MAX, START_us);
    show(INT32_MAX, START_us + 90000000);
    fault_engine_prime(&engine, &input, START_us + 90000000);
    fault_engine_trip(&engine, ROW, START_us + 90000000);
    ck_assert_uint_eq(engine.tripped | engine.alarmed, 0);
}
END_TEST

START_TEST(a_release_waits_for_what_it_needs)
{
    static const uint8_t needs[] = { BMS_NEEDS_CHARGE, BMS_NEEDS_CHARGER, BMS_NEEDS_KEY };

    rules[ROW].needs = needs[_i];
    begin();
    fault_engine_trip(&engine, ROW, START_us);
    input.met = UINT32_MAX & ~(uint32_t)needs[_i] & ~(uint32_t)BMS_NEEDS_OR_SOC;
    show(0, START_us);
    ck_assert_uint_eq(engine.running, 0);
    input.met = needs[_i];
    show(71, START_us); /* the condition alone is not enough */
    ck_assert_uint_eq(engine.running, 0);
    show(70, START_us);
    show(70, START_us + 2000000);
    ck_assert_uint_eq(engine.tripped, 0);
}
END_TEST

START_TEST(a_low_charge_releases_anywhere_inside_the_trip_level)
{
    rules[ROW].needs = _i == 0 ? 0 : BMS_NEEDS_OR_SOC;
    begin();
    fault_engine_trip(&engine, ROW, START_us);
    show(99, START_us);
    ck_assert_uint_eq(engine.running, 0);
    input.met = BMS_NEEDS_OR_SOC;
    show(100, START_us);
    ck_assert_uint_eq(engine.running, 0);
    show(99, START_us);
    ck_assert_uint_eq(engine.running, _i == 0 ? 0 : BIT);
}
END_TEST

START_TEST(a_wait_since_the_trip_releases_anywhere_inside_the_trip_level)
{
    rules[ROW].needs = BMS_NEEDS_OR_WAIT;
    rules[ROW].enable = BMS_ENABLE_TRIP;
    rules[ROW + 1] = rules[ROW];
    begin();
    engine.wait_us = 60000000;
    fault_engine_trip(&engine, ROW, START_us);
    show(99, START_us + 1);
    ck_assert_uint_eq(engine.running, 0);
    ck_assert_uint_eq(engine.due_us, START_us + 60000000);
    fault_engine_trip(&engine, ROW + 1, START_us + 2); /* a later one is due later */
    show(99, START_us + 2);
    ck_assert_uint_eq(engine.due_us, START_us + 60000000);
    fault_engine_release(&engine, BIT << 1);
    fault_engine_step(&engine, &input, 0, START_us + 59999999);
    ck_assert_uint_eq(engine.running, 0);
    fault_engine_step(&engine, &input, 0, START_us + 60000000); /* the wait is over: the delay begins */
    ck_assert_uint_eq(engine.due_us, START_us + 62000000);
    fault_engine_step(&engine, &input, 0, START_us + 62000000);
    ck_assert_uint_eq(engine.tripped, 0);
    ck_assert_uint_eq(engine.due_us, FAULT_NEVER_us);
    /* The next trip waits anew; beyond the trip level the end of the wait is no deadline that stays. */
    show(100, START_us + 70000000);
    show(100, START_us + 71000000);
    ck_assert_uint_eq(engine.tripped, BIT);
    ck_assert_uint_eq(engine.due_us, START_us + 131000000);
    fault_engine_step(&engine, &input, 0, START_us + 131000000);
    ck_assert_uint_eq(engine.running, 0);
    ck_assert_uint_eq(engine.due_us, FAULT_NEVER_us);
    show(99, START_us + 140000000);
    ck_assert_uint_eq(engine.due_us, START_us + 142000000);
}
END_TEST

START_TEST(a_release_by_time_counts_from_the_trip)
{
    rules[ROW].needs = BMS_NEEDS_TIME;
    begin();
    fault_engine_trip(&engine, ROW, START_us);
    show(0, START_us + 500000);
    ck_assert_uint_eq(engine.due_us, START_us + 2000000);
    fault_engine_step(&engine, &input, 0, START_us + 2000000);
    ck_assert_uint_eq(engine.tripped, 0);
    /* The value is still out when the time is over: it goes as soon as the value is in. */
    fault_engine_trip(&engine, ROW, START_us);
    show(71, START_us + 2000000);
    ck_assert_uint_eq(engine.tripped, BIT);
    show(70, START_us + 5000000);
    ck_assert_uint_eq(engine.tripped, 0);
    /* A trip run is not concerned. */
    show(100, START_us + 6000000);
    ck_assert_uint_eq(engine.run[ROW].since_us, START_us + 6000000);
}
END_TEST

START_TEST(without_delay_it_trips_and_releases_in_the_same_call)
{
    rules[ROW].alarm_delay_ms = rules[ROW].trip_delay_ms = rules[ROW].release_delay_ms = 0;
    begin();
    show(100, START_us);
    ck_assert_uint_eq(engine.tripped & engine.alarmed, BIT);
    show(70, START_us);
    ck_assert_uint_eq(engine.tripped | engine.alarmed, 0);
}
END_TEST

START_TEST(boot_needs_no_delay_but_the_level)
{
    begin();
    input.value[FAULT_STACK_mV] = _i == 0 ? 99 : 100;
    fault_engine_prime(&engine, &input, START_us);
    ck_assert_uint_eq(engine.tripped, _i == 0 ? 0 : BIT);
    ck_assert_uint_eq(engine.alarmed, BIT);
    ck_assert_uint_eq(engine.run[ROW].tripped_us, _i == 0 ? 0 : START_us);
    fault_engine_prime(&engine, &input, START_us + 1); /* again: nothing changes */
    ck_assert_uint_eq(engine.tripped, _i == 0 ? 0 : BIT);
    ck_assert_uint_eq(engine.alarmed, BIT);
}
END_TEST

START_TEST(a_forced_trip_is_not_repeated_and_a_forced_release_ends_it)
{
    begin();
    fault_engine_trip(&engine, ROW, START_us);
    fault_engine_trip(&engine, ROW, START_us + 1);
    ck_assert_uint_eq(engine.tripped, BIT);
    ck_assert_uint_eq(engine.run[ROW].tripped_us, START_us);
    show(0, START_us + 2);
    ck_assert_uint_eq(engine.running, BIT);
    fault_engine_release(&engine, BIT);
    ck_assert_uint_eq(engine.tripped, 0);
    show(0, START_us + 2);
    ck_assert_uint_eq(engine.running, 0);
    ck_assert_uint_eq(engine.due_us, FAULT_NEVER_us);
}
END_TEST

START_TEST(the_earliest_run_of_all_rows_is_due_first)
{
    rules[3] = rules[ROW];
    rules[3].alarm_delay_ms = 300;
    rules[5] = rules[ROW];
    rules[5].trip_delay_ms = 100;
    begin();
    input.value[FAULT_STACK_mV] = 100;
    fault_engine_step(&engine, &input, UINT32_MAX >> (32 - BMS_FAULT_COUNT), START_us);
    ck_assert_uint_eq(engine.due_us, START_us + 100000);
    fault_engine_step(&engine, &input, 0, START_us + 100000);
    ck_assert_uint_eq(engine.tripped, UINT32_C(1) << 5);
    ck_assert_uint_eq(engine.due_us, START_us + 300000);
    fault_engine_step(&engine, &input, 0, START_us + 300000);
    ck_assert_uint_eq(engine.alarmed, UINT32_C(1) << 3);
    ck_assert_uint_eq(engine.due_us, START_us + 500000);
}
END_TEST

START_TEST(a_call_before_anything_is_due_changes_nothing)
{
    begin();
    show(100, START_us);
    const struct fault_engine before = engine;

    fault_engine_step(&engine, &input, 0, START_us + 499999);
    ck_assert_mem_eq(&engine, &before, sizeof engine);
}
END_TEST

/* The engine against a naive one that keeps the whole history, at random instants and values. */
START_TEST(the_state_depends_on_the_values_and_not_on_the_calls)
{
    uint64_t state = (uint64_t)_i + 1, now_us = START_us, since_us = 0;
    bool running = false, tripped = false;
    struct fault_engine often;

    begin();
    often = engine;
    for (int step = 0; step < 2000; step++) {
        const int32_t value = (int32_t)bed_random(&state, 140);
        const uint64_t next_us = now_us + bed_random(&state, 1500000);
        const bool wants = tripped ? value <= 70 : value >= 100;

        if (wants && !running) {
            since_us = now_us;
        }
        running = wants;
        show(value, now_us);
        fault_engine_step(&often, &input, BIT, now_us);
        while (engine.due_us <= next_us) { /* both end what is due at its instant */
            const uint64_t due_us = engine.due_us;

            fault_engine_step(&engine, &input, 0, due_us);
            fault_engine_step(&often, &input, BIT, due_us);
        }
        for (int extra = 0; extra < 3; extra++) {
            fault_engine_step(&often, &input, BIT, now_us + (next_us - now_us) * (uint64_t)(extra + 1) / 3);
        }
        now_us = next_us;
        if (running && now_us - since_us >= (tripped ? 2000000U : 1000000U)) {
            tripped = !tripped;
            running = false;
        }
        ck_assert_msg((engine.tripped & BIT) == (tripped ? 1U : 0U), "seed %d step %d", _i, step);
        ck_assert_msg(often.tripped == engine.tripped && often.alarmed == engine.alarmed, "seed %d step %d", _i, step);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("core_fault");
    TCase *tc = tcase_create("engine");

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_loop_test(tc, a_trip_comes_at_the_level_and_the_delay_and_not_before, 0, 2);
    tcase_add_loop_test(tc, a_release_comes_at_the_level_and_the_delay_and_not_before, 0, 2);
    tcase_add_loop_test(tc, a_value_that_returns_for_an_instant_starts_the_delay_anew, 0, 2);
    tcase_add_loop_test(tc, an_alarm_has_its_own_levels_and_delay, 0, 2);
    tcase_add_test(tc, an_unknown_value_may_trip_but_never_release);
    tcase_add_test(tc, a_row_without_enable_bits_never_trips);
    tcase_add_loop_test(tc, a_release_waits_for_what_it_needs, 0, 3);
    tcase_add_loop_test(tc, a_low_charge_releases_anywhere_inside_the_trip_level, 0, 2);
    tcase_add_test(tc, a_wait_since_the_trip_releases_anywhere_inside_the_trip_level);
    tcase_add_test(tc, a_release_by_time_counts_from_the_trip);
    tcase_add_test(tc, without_delay_it_trips_and_releases_in_the_same_call);
    tcase_add_loop_test(tc, boot_needs_no_delay_but_the_level, 0, 2);
    tcase_add_test(tc, a_forced_trip_is_not_repeated_and_a_forced_release_ends_it);
    tcase_add_test(tc, the_earliest_run_of_all_rows_is_due_first);
    tcase_add_test(tc, a_call_before_anything_is_due_changes_nothing);
    tcase_add_loop_test(tc, the_state_depends_on_the_values_and_not_on_the_calls, 0, 5);
    suite_add_tcase(s, tc);

    return check_run(s);
}
