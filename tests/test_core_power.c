/* Modes and keys: what the core asks of its supply, and when. */
#include "tests/support/check_run.h"
#include "tests/support/core_bed.h"

#include <check.h>
#include <stdlib.h>

#define HOUR_us (3600 * BED_SECOND_us)

static struct core_bed *bed;

static void setup(void)
{
    bed = calloc(1, sizeof *bed);
    ck_assert_ptr_nonnull(bed);
    bed_init(bed);
    bed->sample.keys = 0;
    bed->params.value[BMS_PARAM_KEY_RESET_WAKE] = 1000;
    bed->params.value[BMS_PARAM_KEY_RESET_REST] = 3000;
    bed->params.value[BMS_PARAM_KEY_RESET_ARM] = 6000;
    bed->params.value[BMS_PARAM_KEY_RESET_RESET] = 10000;
    bed_boot(bed);
    bed_run(bed, 2 * BED_SECOND_us);
}

static void teardown(void)
{
    free(bed);
}

static void press(uint32_t keys, uint64_t time_us)
{
    bed->sample.keys |= keys;
    bed_run(bed, time_us);
    bed->sample.keys &= ~keys;
    bed_run(bed, BED_SECOND_us);
}

/* What the front end does when it wakes a resting firmware: RAM as it was, or lost. */
static void wake(enum bms_wake cause)
{
    bed->sample.wake = (uint8_t)cause;
    bed->sample.wakes++;
    if (bed->command.power != BMS_POWER_SLEEP) {
        bed_boot(bed);
    }
}

START_TEST(a_press_is_judged_by_its_length)
{
    static const struct {
        uint64_t ms;
        enum bms_power becomes;
    } presses[] = { { 500, BMS_POWER_RUN },    { 2980, BMS_POWER_RUN },     { 3000, BMS_POWER_SLEEP },
                    { 5980, BMS_POWER_SLEEP }, { 6000, BMS_POWER_RESTART }, { 11000, BMS_POWER_RESTART } };

    press(BMS_KEY_RESET, presses[_i].ms * 1000);
    ck_assert_uint_eq(bed->command.power, presses[_i].becomes);
}
END_TEST

START_TEST(a_held_key_restarts_at_its_time_and_only_once)
{
    bed->sample.keys = BMS_KEY_RESET;
    bed_run(bed, 9990000);
    ck_assert_uint_eq(bed->command.power, BMS_POWER_RUN);
    bed_run(bed, 100000);
    ck_assert_uint_eq(bed->command.power, BMS_POWER_RESTART);
    wake(BMS_WAKE_RESET); /* the key is still held: stuck */
    bed_run(bed, 60 * BED_SECOND_us);
    ck_assert_uint_eq(bed->command.power, BMS_POWER_RUN);
    ck_assert(bed->command.charge_allowed);
}
END_TEST

START_TEST(bounces_do_not_end_a_press)
{
    for (int i = 0; i < 350; i++) { /* 3.5 s with a gap of 10 ms every 100 ms */
        bed->sample.keys = i % 10 == 9 ? 0 : BMS_KEY_RESET;
        bed_run(bed, BED_TICK_us);
    }
    bed->sample.keys = 0;
    bed_run(bed, BED_SECOND_us);
    ck_assert_uint_eq(bed->command.power, BMS_POWER_SLEEP);
}
END_TEST

START_TEST(gates_are_open_before_the_mode_follows)
{
    bed->sample.keys = BMS_KEY_RESET;
    bed_run(bed, 4 * BED_SECOND_us);
    bed->sample.keys = 0;
    while (bed->command.charge_fet) {
        bed_run(bed, BED_TICK_us);
        ck_assert_uint_eq(bed->command.power, BMS_POWER_RUN);
    }
    bed_run(bed, BED_SECOND_us);
    ck_assert_uint_eq(bed->command.power, BMS_POWER_SLEEP);
    ck_assert(!bed->command.discharge_fet);
}
END_TEST

START_TEST(a_wake_up_by_key_needs_its_time)
{
    press(BMS_KEY_RESET, 4 * BED_SECOND_us);
    ck_assert_uint_eq(bed->command.power, BMS_POWER_SLEEP);
    bed->now_us += HOUR_us;
    wake(BMS_WAKE_KEY);
    press(BMS_KEY_RESET, 900000);
    ck_assert_uint_eq(bed->command.power, BMS_POWER_SLEEP);
    ck_assert(!bed->command.charge_fet);
    bed->now_us += HOUR_us;
    wake(BMS_WAKE_KEY);
    press(BMS_KEY_RESET, 4 * BED_SECOND_us); /* the press that wakes does nothing else */
    ck_assert_uint_eq(bed->command.power, BMS_POWER_RUN);
    bed_run(bed, BED_SECOND_us);
    ck_assert(bed->command.charge_fet && bed->command.discharge_fet);
}
END_TEST

START_TEST(a_sleeping_core_does_nothing_until_woken)
{
    press(BMS_KEY_RESET, 4 * BED_SECOND_us);
    const struct bms_command before = bed->command;

    bed->now_us += HOUR_us;
    bed_cells(bed, 3800);
    bed_run(bed, 5 * BED_SECOND_us);
    ck_assert(bed_same_command(&before, &bed->command));
    ck_assert_uint_eq(bed->due_us, UINT64_MAX);
    wake(BMS_WAKE_CHARGER);
    bed_run(bed, BED_SECOND_us);
    ck_assert(bed_tripped(bed, BMS_FAULT_CELL_OV));
    ck_assert(bed->command.discharge_fet && !bed->command.charge_fet);
    bed_run(bed, 60 * BED_SECOND_us);
    ck_assert_uint_le(bed->command.runtime_min, 2); /* the hour asleep is none that it ran */
}
END_TEST

START_TEST(idleness_leads_to_standby_and_sleep)
{
    bed->params.value[BMS_PARAM_POWER_STANDBY] = 60;
    bed->params.value[BMS_PARAM_POWER_SLEEP] = 4 * 3600;
    bed_boot(bed);
    bed->sample.current_mA = -490; /* below the valid current of 0.5 A */
    bed_run(bed, 59 * BED_SECOND_us);
    ck_assert_uint_eq(bed->command.power, BMS_POWER_RUN);
    bed_run(bed, 3 * BED_SECOND_us);
    ck_assert_uint_eq(bed->command.power, BMS_POWER_STANDBY);
    bed->sample.current_mA = -500;
    bed_run(bed, BED_SECOND_us);
    ck_assert_uint_eq(bed->command.power, BMS_POWER_RUN);
    bed->sample.current_mA = 0;
    for (uint64_t s = 0; s < 4 * 3600 * 2 - 10; s++) {
        bed_call(bed);
        bed->now_us += BED_SECOND_us / 2;
    }
    ck_assert_uint_eq(bed->command.power, BMS_POWER_STANDBY);
    bed_run(bed, 10 * BED_SECOND_us);
    ck_assert_uint_eq(bed->command.power, BMS_POWER_SLEEP);
}
END_TEST

/* What keeps a woken pack from starting must not keep it awake. */
START_TEST(an_alert_that_stays_does_not_keep_it_awake)
{
    bed->params.value[BMS_PARAM_POWER_SLEEP] = 60;
    bed_boot(bed);
    bed->sample.alerts = BMS_ALERT_RESET;
    bed_run(bed, 59 * BED_SECOND_us);
    ck_assert(!bed->command.charge_fet && !bed->command.discharge_fet);
    ck_assert_uint_eq(bed->command.power, BMS_POWER_RUN);
    bed_run(bed, 2 * BED_SECOND_us);
    ck_assert_uint_eq(bed->command.power, BMS_POWER_SLEEP);
}
END_TEST

START_TEST(the_cell_that_counts_switches_off)
{
    const bool by_highest = _i == 1;

    bed->params.value[BMS_PARAM_POWER_OFF] = 2450;
    bed->params.value[BMS_PARAM_POWER_OFF_BY] = by_highest;
    bed_boot(bed);
    bed_run(bed, BED_SECOND_us);
    bed_cell(bed, 4, 2400);
    bed_run(bed, 5 * BED_SECOND_us);
    ck_assert_uint_eq(bed->command.power, by_highest ? BMS_POWER_RUN : BMS_POWER_OFF);
    bed_cells(bed, 2450);
    bed_run(bed, 5 * BED_SECOND_us);
    ck_assert_uint_eq(bed->command.power, BMS_POWER_OFF);
}
END_TEST

START_TEST(an_empty_pack_that_nobody_charges_goes_to_rest)
{
    bed->params.value[BMS_PARAM_POWER_UV_TIME] = 30;
    bed_boot(bed);
    bed_cells(bed, 2480);
    bed->sample.detect = BMS_DETECT_CHARGER;
    bed_run(bed, 60 * BED_SECOND_us);
    ck_assert_uint_eq(bed->command.power, BMS_POWER_RUN);
    bed->sample.detect = 0;
    bed_run(bed, 29 * BED_SECOND_us);
    ck_assert_uint_eq(bed->command.power, BMS_POWER_RUN);
    bed_run(bed, 2 * BED_SECOND_us);
    ck_assert_uint_eq(bed->command.power, BMS_POWER_SLEEP);
}
END_TEST

START_TEST(a_latching_switch_is_the_supply)
{
    bed->params.value[BMS_PARAM_KEY_LATCHING] = 1;
    bed->sample.keys = BMS_KEY_POWER;
    bed_boot(bed);
    bed_run(bed, 60 * BED_SECOND_us);
    ck_assert(bed->command.discharge_fet);
    bed->sample.keys = 0;
    bed_run(bed, BED_SECOND_us);
    ck_assert_uint_eq(bed->command.power, BMS_POWER_OFF);
    wake(BMS_WAKE_CHARGER); /* the switch is open: it goes off again */
    bed_run(bed, BED_SECOND_us);
    ck_assert_uint_eq(bed->command.power, BMS_POWER_OFF);
    bed->sample.keys = BMS_KEY_POWER;
    wake(BMS_WAKE_KEY);
    bed_run(bed, BED_SECOND_us);
    ck_assert_uint_eq(bed->command.power, BMS_POWER_RUN);
    ck_assert(bed->command.discharge_fet);
}
END_TEST

START_TEST(rest_counters_and_clock_outlive_the_supply)
{
    bed->sample.clock_s = 1800000000;
    bed->sample.current_mA = -36000;
    bed_run(bed, 100 * BED_SECOND_us);
    bed->sample.current_mA = 0;
    press(BMS_KEY_RESET, 7 * BED_SECOND_us);
    ck_assert_uint_eq(bed->command.power, BMS_POWER_RESTART);
    wake(BMS_WAKE_RESET);
    bed->sample.clock_s = 0; /* lost meanwhile: time goes on from what was known */
    bed_run(bed, 2 * BED_SECOND_us);
    ck_assert_uint_eq(bed->command.runtime_min, 1);
    ck_assert_uint_eq(bed->command.discharged_Ah, 1);
    ck_assert_uint_ge(bed->command.record_clock_s, 1800000100);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("core_power");
    TCase *tests = tcase_create("power");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, a_press_is_judged_by_its_length, 0, 6);
    tcase_add_test(tests, an_alert_that_stays_does_not_keep_it_awake);
    tcase_add_test(tests, a_held_key_restarts_at_its_time_and_only_once);
    tcase_add_test(tests, bounces_do_not_end_a_press);
    tcase_add_test(tests, gates_are_open_before_the_mode_follows);
    tcase_add_test(tests, a_wake_up_by_key_needs_its_time);
    tcase_add_test(tests, a_sleeping_core_does_nothing_until_woken);
    tcase_add_test(tests, idleness_leads_to_standby_and_sleep);
    tcase_add_loop_test(tests, the_cell_that_counts_switches_off, 0, 2);
    tcase_add_test(tests, an_empty_pack_that_nobody_charges_goes_to_rest);
    tcase_add_test(tests, a_latching_switch_is_the_supply);
    tcase_add_test(tests, rest_counters_and_clock_outlive_the_supply);
    suite_add_tcase(suite, tests);

    return check_run(suite);
}
