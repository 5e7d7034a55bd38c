#include "tests/support/check_run.h"
#include "tests/support/core_bed.h"

#include <check.h>
#include <stdlib.h>

static struct core_bed *bed;

static void setup(void)
{
    bed = calloc(1, sizeof *bed);
    ck_assert_ptr_nonnull(bed);
    bed_start(bed);
}

static void teardown(void)
{
    free(bed);
}

/* One call at an instant. */
static void at(uint64_t now_us)
{
    bed->now_us = now_us;
    bed_call(bed);
}

/* Calls often enough for the data to stay fresh, up to but not at an instant. */
static void keep_alive(uint64_t until_us)
{
    while (bed->now_us + 500000 < until_us) {
        at(bed->now_us + 500000);
    }
}

/* ---- short circuit and lock ---------------------------------------------------------------------------------------
 */

/* The comparator fires; the front end latches until the alert is taken back. */
static void short_circuit(void)
{
    bed->sample.alerts = BMS_ALERT_SCD;
    bed_call(bed);
    ck_assert(bed_tripped(bed, BMS_FAULT_SHORT));
    ck_assert_uint_eq(bed->command.discharge_fet, 0);
    ck_assert_uint_eq(bed->command.alert_clear, BMS_ALERT_SCD);
    bed->sample.alerts = 0;
    bed->now_us += BED_TICK_us;
    bed_run(bed, BED_TICK_us);
    ck_assert_uint_eq(bed->command.alert_clear, 0);
}

START_TEST(a_short_circuit_is_retried_a_minute_after_it)
{
    const uint64_t t0 = bed->now_us;

    short_circuit();
    ck_assert_uint_eq(bed->command.charge_allowed, 1);
    keep_alive(t0 + 60000000);
    at(t0 + 59999999);
    ck_assert_uint_eq(bed->command.discharge_fet, 0);
    at(t0 + 60000000);
    ck_assert_uint_eq(bed->command.discharge_fet, 1);
}
END_TEST

START_TEST(the_third_event_locks_and_a_charger_unlocks)
{
    const uint64_t t0 = bed->now_us;

    for (int event = 0; event < 3; event++) {
        keep_alive(t0 + (uint64_t)event * 300000000);
        at(t0 + (uint64_t)event * 300000000);
        ck_assert_uint_eq(bed->command.locked, 0);
        short_circuit();
    }
    ck_assert_uint_eq(bed->command.locked, 1);
    keep_alive(bed->now_us + 3600000000U);
    ck_assert_uint_eq(bed->command.locked, 1);
    ck_assert_uint_eq(bed->command.discharge_fet, 0);
    ck_assert_uint_eq(bed->command.charge_allowed, 1);
    bed->sample.detect = BMS_DETECT_CHARGER;
    bed_run(bed, BED_TICK_us);
    ck_assert_uint_eq(bed->command.locked, 0);
    ck_assert_uint_eq(bed->command.discharge_fet, 1);
}
END_TEST

START_TEST(the_charger_that_unlocks_ends_the_wait_as_well)
{
    for (int event = 0; event < 3; event++) {
        bed_run(bed, 62 * BED_SECOND_us);
        short_circuit();
    }
    ck_assert_uint_eq(bed->command.locked, 1);
    bed_run(bed, BED_SECOND_us);
    bed->sample.detect = BMS_DETECT_CHARGER;
    bed_run(bed, BED_TICK_us);
    ck_assert_uint_eq(bed->command.locked, 0);
    ck_assert_uint_eq(bed->command.discharge_fet, 1);
    short_circuit(); /* and counting begins anew */
    ck_assert_uint_eq(bed->command.locked, 0);
}
END_TEST

START_TEST(a_supply_that_dips_counts_as_a_short_even_through_the_restart)
{
    for (int event = 1; event <= 3; event++) {
        bed->sample.wake = BMS_WAKE_BROWN_OUT;
        bed_boot(bed);
        bed_run(bed, 2 * BED_SECOND_us);
        ck_assert_uint_eq(bed->command.discharge_fet, 0);
        ck_assert_uint_eq(bed->command.charge_allowed, 1);
        ck_assert_uint_eq(bed->command.locked, event == 3);
        keep_alive(bed->now_us + 61 * BED_SECOND_us);
        bed_call(bed);
        ck_assert_uint_eq(bed->command.discharge_fet, event < 3);
    }
    bed->sample.detect = BMS_DETECT_CHARGER;
    bed_run(bed, BED_TICK_us);
    bed->sample.detect = 0;
    for (int event = 1; event <= 2; event++) {
        bed_run(bed, 62 * BED_SECOND_us);
        short_circuit();
    }
    bed_run(bed, BED_SECOND_us);
    bed->sample.wake = BMS_WAKE_POWER_ON; /* switched off and on before a lock: counting begins anew */
    bed_boot(bed);
    bed_run(bed, 2 * BED_SECOND_us);
    ck_assert_uint_eq(bed->command.discharge_fet, 1);
    short_circuit();
    ck_assert_uint_eq(bed->command.locked, 0);
}
END_TEST

/* Restarted by whatever cause; the lock and its directions are there from the first command on. */
static void restart(uint8_t wake, uint32_t detect)
{
    bed_run(bed, BED_SECOND_us); /* the counters are written */
    bed->sample.wake = wake;
    bed->sample.detect = detect;
    bed_boot(bed);
    ck_assert_uint_eq(bed->bms.command.locked, 1);
    ck_assert_uint_eq(bed->bms.command.discharge_fet, 0);
    bed_run(bed, 2 * BED_SECOND_us);
}

START_TEST(a_lock_outlives_a_restart_and_a_charger_ends_it)
{
    static const uint8_t wakes[] = { BMS_WAKE_POWER_ON, BMS_WAKE_KEY, BMS_WAKE_BROWN_OUT, BMS_WAKE_WATCHDOG,
                                     BMS_WAKE_RESET };
    uint32_t locks = 0;

    for (int event = 0; event < 3; event++) {
        bed_run(bed, 62 * BED_SECOND_us);
        short_circuit();
    }
    bed_run(bed, BED_SECOND_us);
    locks = bed->command.trips[BMS_TALLY_LOCK];
    for (unsigned i = 0; i < sizeof wakes; i++) {
        restart(wakes[i], 0);
        ck_assert_uint_eq(bed->command.locked, 1);
        ck_assert_uint_eq(bed->command.discharge_allowed, 0);
        ck_assert_uint_eq(bed->command.charge_allowed, 1);
        ck_assert_uint_eq(bed->command.trips[BMS_TALLY_LOCK], locks);
    }
    bed->sample.detect = BMS_DETECT_CHARGER;
    bed_run(bed, BED_TICK_us);
    ck_assert_uint_eq(bed->command.locked, 0);
    ck_assert_uint_eq(bed->command.discharge_allowed, 1);
    bed_run(bed, BED_SECOND_us);
    bed_boot(bed); /* and it is gone for good */
    bed_run(bed, 2 * BED_SECOND_us);
    ck_assert_uint_eq(bed->command.locked, 0);
}
END_TEST

/* Three over-currents in charge. */
static void lock_the_charging(void)
{
    for (int event = 0; event < 3; event++) {
        bed_run(bed, 62 * BED_SECOND_us);
        bed->sample.current_mA = 135000;
        bed_run(bed, BED_SECOND_us);
        ck_assert_uint_eq(bed->command.charge_fet, 1);
        bed_run(bed, BED_TICK_us);
        ck_assert_uint_eq(bed->command.charge_fet, 0);
        bed->sample.current_mA = 0;
        bed_run(bed, BED_SECOND_us);
    }
    ck_assert_uint_eq(bed->command.locked, 1);
    ck_assert_uint_eq(bed->command.charge_allowed, 0);
    ck_assert_uint_eq(bed->command.discharge_allowed, 1);
}

/* Taking the charger away does not end the lock, nor does one that was seen again so soon that it had never left;
 * putting it on anew does. */
static void unlock_by_a_new_charger(void)
{
    bed->sample.detect = 0;
    bed_run(bed, 2 * BED_SECOND_us - BED_TICK_us);
    ck_assert_uint_eq(bed->command.locked, 1);
    bed->sample.detect = BMS_DETECT_CHARGER;
    bed_run(bed, BED_SECOND_us);
    ck_assert_uint_eq(bed->command.locked, 1);
    bed->sample.detect = 0;
    bed_run(bed, 2 * BED_SECOND_us);
    ck_assert_uint_eq(bed->command.locked, 1);
    bed->sample.detect = BMS_DETECT_CHARGER;
    bed_run(bed, BED_TICK_us);
    ck_assert_uint_eq(bed->command.locked, 0);
}

START_TEST(after_a_restart_too_the_charger_of_the_events_must_come_anew)
{
    lock_the_charging();
    restart(BMS_WAKE_RESET, BMS_DETECT_CHARGER);
    ck_assert_uint_eq(bed->command.locked, 1);
    unlock_by_a_new_charger();
    bed->sample.detect = 0;
    lock_the_charging();
    restart(BMS_WAKE_CHARGER, BMS_DETECT_CHARGER); /* the one that woke it has come anew */
    ck_assert_uint_eq(bed->command.locked, 0);
}
END_TEST

START_TEST(a_late_event_of_the_other_direction_does_not_change_a_lock)
{
    lock_the_charging();
    keep_alive(bed->now_us + 400000000);
    bed_call(bed);
    short_circuit();
    ck_assert_uint_eq(bed->command.locked, 1);
    ck_assert_uint_eq(bed->command.charge_allowed, 0);
    keep_alive(bed->now_us + 61000000);
    bed_call(bed);
    ck_assert_uint_eq(bed->command.charge_allowed, 0);
    ck_assert_uint_eq(bed->command.discharge_allowed, 1);
}
END_TEST

START_TEST(events_further_apart_do_not_lock)
{
    uint64_t next_us = bed->now_us;

    for (int event = 0; event < 6; event++) {
        keep_alive(next_us);
        at(next_us);
        short_circuit();
        ck_assert_uint_eq(bed->command.locked, 0);
        next_us += 300000001;
    }
}
END_TEST

START_TEST(an_overload_that_stays_is_tried_three_times)
{
    int trips = 0;

    for (int i = 0; i < 30000; i++) {
        const bool was = bed_tripped(bed, BMS_FAULT_DSG_OC);

        bed->sample.current_mA = bed->command.discharge_fet ? -131000 : 0;
        bed_run(bed, BED_TICK_us);
        trips += !was && bed_tripped(bed, BMS_FAULT_DSG_OC);
    }
    ck_assert_int_eq(trips, 3);
    ck_assert_uint_eq(bed->command.locked, 1);
}
END_TEST

START_TEST(a_lock_by_charging_waits_for_the_charger_to_come_anew)
{
    bed->sample.detect = BMS_DETECT_CHARGER;
    for (int i = 0; i < 30000; i++) {
        bed->sample.current_mA = bed->command.charge_fet ? 131000 : 0;
        bed_run(bed, BED_TICK_us);
    }
    ck_assert_uint_eq(bed->command.locked, 1);
    ck_assert_uint_eq(bed->command.charge_allowed, 0);
    ck_assert_uint_eq(bed->command.discharge_allowed, 1);
    unlock_by_a_new_charger();
    ck_assert_uint_eq(bed->command.charge_allowed, 1);
}
END_TEST

START_TEST(without_a_lock_count_it_is_retried_for_ever)
{
    bed_init(bed);
    bed->params.value[BMS_PARAM_LOCK_COUNT] = 0;
    bed_boot(bed);
    bed_run(bed, 2 * BED_SECOND_us);
    for (int event = 0; event < 10; event++) {
        short_circuit();
        keep_alive(bed->now_us + 61 * BED_SECOND_us);
    }
    ck_assert_uint_eq(bed->command.locked, 0);
    ck_assert_uint_eq(bed->command.discharge_fet, 1);
}
END_TEST

START_TEST(a_hardware_overcurrent_alert_trips_its_direction_at_once)
{
    bed->sample.alerts = _i == 0 ? BMS_ALERT_OCD : BMS_ALERT_OCC;
    bed_call(bed);
    ck_assert(bed_tripped(bed, _i == 0 ? BMS_FAULT_DSG_OC : BMS_FAULT_CHG_OC));
    ck_assert_uint_eq(bed->command.discharge_allowed, _i != 0);
    ck_assert_uint_eq(bed->command.charge_allowed, _i == 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("core_lock");
    TCase *tc = tcase_create("lock");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 30);
    tcase_add_test(tc, a_short_circuit_is_retried_a_minute_after_it);
    tcase_add_test(tc, the_third_event_locks_and_a_charger_unlocks);
    tcase_add_test(tc, the_charger_that_unlocks_ends_the_wait_as_well);
    tcase_add_test(tc, a_supply_that_dips_counts_as_a_short_even_through_the_restart);
    tcase_add_test(tc, a_lock_outlives_a_restart_and_a_charger_ends_it);
    tcase_add_test(tc, after_a_restart_too_the_charger_of_the_events_must_come_anew);
    tcase_add_test(tc, a_late_event_of_the_other_direction_does_not_change_a_lock);
    tcase_add_test(tc, events_further_apart_do_not_lock);
    tcase_add_test(tc, an_overload_that_stays_is_tried_three_times);
    tcase_add_test(tc, a_lock_by_charging_waits_for_the_charger_to_come_anew);
    tcase_add_test(tc, without_a_lock_count_it_is_retried_for_ever);
    tcase_add_loop_test(tc, a_hardware_overcurrent_alert_trips_its_direction_at_once, 0, 2);
    suite_add_tcase(s, tc);

    return check_run(s);
}
