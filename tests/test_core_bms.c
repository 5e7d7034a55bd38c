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

/* ---- boot and data age --------------------------------------------------------------------------------------------
 */

START_TEST(gates_stay_open_until_every_group_has_been_scanned)
{
    static const struct {
        int cells, current, temps;
    } scanned[] = { { 0, 1, 1 }, { 1, 0, 1 }, { 1, 1, 0 }, { 0, 0, 0 } };

    bed_init(bed);
    bed_boot(bed);
    for (int i = 0; i < 80; i++) {
        bed->sample.cell_scan_us = scanned[_i].cells ? bed->now_us : 0;
        bed->sample.current_scan_us = scanned[_i].current ? bed->now_us : 0;
        bed->sample.temp_scan_us = scanned[_i].temps ? bed->now_us : 0;
        bms_step(&bed->bms, &bed->sample, bed->now_us, &bed->command);
        ck_assert_uint_eq(bed->command.charge_fet | bed->command.discharge_fet, 0);
        ck_assert_uint_eq(bed->command.protections, 0);
        bed->now_us += BED_TICK_us;
    }
    bed_call(bed);
    ck_assert_uint_eq(bed->command.charge_fet & bed->command.discharge_fet, 1);
}
END_TEST

START_TEST(latches_of_before_boot_are_taken_back_once_and_are_no_events)
{
    bed_init(bed);
    bed->sample.alerts = BMS_ALERT_SCD | BMS_ALERT_RESET;
    bed_boot(bed);
    bed_call(bed);
    ck_assert_uint_eq(bed->command.alert_clear, BMS_ALERT_SCD | BMS_ALERT_RESET);
    ck_assert_uint_eq(bed->command.discharge_fet, 0);
    bed->sample.alerts = 0;
    bed_run(bed, BED_TICK_us * 2);
    ck_assert_uint_eq(bed->command.alert_clear, 0);
    ck_assert_uint_eq(bed->command.discharge_fet, 1);
    ck_assert_uint_eq(bed->command.protections, 0);
}
END_TEST

START_TEST(a_silent_front_end_stops_both_directions_within_a_second_and_is_no_voltage_fault)
{
    uint64_t last_us = 0;

    at(bed->now_us);
    last_us = bed->now_us;
    bed->silent = true;
    bed_cells(bed, 0);
    at(last_us + 10000);
    ck_assert_uint_eq(bed->due_us <= last_us + 900000, 1);
    bed_cells(bed, 3300);
    at(last_us + 899999);
    ck_assert_uint_eq(bed->command.discharge_fet, 1);
    at(last_us + 900000);
    ck_assert_uint_eq(bed->command.charge_fet | bed->command.discharge_fet, 0);
    ck_assert_uint_eq(bed->command.protections, UINT32_C(1) << BMS_FAULT_STALE);
    ck_assert_uint_eq(bed->command.mode, BMS_MODE_FAULT);
    for (int i = 0; i < 1000; i++) {
        at(bed->now_us + 100000);
    }
    ck_assert_uint_eq(bed->command.protections, UINT32_C(1) << BMS_FAULT_STALE);
    bed->silent = false;
    bed_run(bed, BED_SECOND_us);
    ck_assert_uint_eq(bed->command.discharge_fet, 0);
    bed_run(bed, BED_TICK_us);
    ck_assert_uint_eq(bed->command.charge_fet & bed->command.discharge_fet, 1);
}
END_TEST

START_TEST(one_silent_group_is_enough)
{
    const uint64_t last_us = bed->now_us;

    for (int i = 0; i < 400; i++) {
        bed->now_us += BED_TICK_us;
        bed->sample.cell_scan_us = _i == 0 ? last_us : bed->now_us;
        bed->sample.current_scan_us = _i == 1 ? last_us : bed->now_us;
        bed->sample.temp_scan_us = _i == 2 ? last_us : bed->now_us;
        bms_step(&bed->bms, &bed->sample, bed->now_us, &bed->command);
        ck_assert_int_eq(bed_tripped(bed, BMS_FAULT_STALE), bed->now_us >= last_us + (_i == 2 ? 3000000U : 900000U));
    }
}
END_TEST

START_TEST(an_old_current_is_no_proof_of_a_stuck_fet)
{
    const uint64_t stopped_us = bed->now_us;

    bed->sample.current_mA = -50000; /* cells stop first; the shunt's last word is the load */
    bed_call(bed);
    bed->silent = true;
    for (int i = 0; i < 500; i++) {
        bed->now_us += BED_TICK_us;
        bed->sample.current_scan_us = bed->now_us < stopped_us + 90000 ? bed->now_us : bed->sample.current_scan_us;
        bed_call(bed);
    }
    ck_assert_uint_eq(bed->command.protections, UINT32_C(1) << BMS_FAULT_STALE);
    bed->silent = false;
    bed->sample.current_mA = 0;
    bed_run(bed, BED_SECOND_us + BED_TICK_us);
    ck_assert_uint_eq(bed->command.protections, 0);
    bed_cells(bed, 3700); /* a current that the FET cannot stop is found after the silence, too */
    bed_run(bed, 2 * BED_SECOND_us);
    bed->sample.current_mA = 5000;
    bed_run(bed, 100000);
    bed->silent = true;
    bed_run(bed, 2 * BED_SECOND_us);
    bed->silent = false;
    bed_run(bed, BED_SECOND_us + BED_TICK_us);
    ck_assert(bed_tripped(bed, BMS_FAULT_FET));
}
END_TEST

START_TEST(a_front_end_that_never_speaks_is_reported)
{
    bed_init(bed);
    bed->silent = true;
    bed_boot(bed);
    bed_run(bed, BED_SECOND_us);
    ck_assert(bed_tripped(bed, BMS_FAULT_STALE));
    ck_assert_uint_eq(bed->command.charge_fet | bed->command.discharge_fet, 0);
}
END_TEST

START_TEST(a_limit_passed_while_nobody_looked_trips_at_once_when_data_return)
{
    bed->silent = true;
    bed_run(bed, 2 * BED_SECOND_us);
    bed_cell(bed, 4, 3710);
    bed->silent = false;
    bed_run(bed, BED_TICK_us);
    ck_assert(bed_tripped(bed, BMS_FAULT_CELL_OV));
}
END_TEST

START_TEST(a_scan_from_the_future_is_not_fresh_for_ever)
{
    bed->silent = true;
    bed->sample.cell_scan_us = bed->now_us + 3600 * BED_SECOND_us;
    for (int i = 0; i < 100; i++) {
        bed->sample.current_scan_us = bed->now_us;
        bed_run(bed, BED_TICK_us);
    }
    ck_assert(bed_tripped(bed, BMS_FAULT_STALE));
}
END_TEST

START_TEST(nothing_is_known_before_the_second_reset_of_the_front_end_is_over)
{
    bed->sample.alerts = BMS_ALERT_RESET;
    bed_run(bed, BED_TICK_us);
    ck_assert_uint_eq(bed->command.charge_fet | bed->command.discharge_fet, 0);
    ck_assert_uint_eq(bed->command.alert_clear, BMS_ALERT_RESET);
    ck_assert_uint_eq(bed->command.scd_threshold_mA, 350000);
    ck_assert(bed_tripped(bed, BMS_FAULT_AFE_RESET));
    bed->sample.alerts = 0;
    bed_run(bed, 200000);
    ck_assert_uint_eq(bed->command.discharge_fet, 0);
    bed_run(bed, BED_TICK_us);
    ck_assert_uint_eq(bed->command.discharge_fet & bed->command.charge_fet, 1);
}
END_TEST

START_TEST(the_mode_follows_the_current_with_hysteresis)
{
    static const struct {
        int current_mA, mode;
    } walk[] = { { 499, BMS_MODE_IDLE },       { 500, BMS_MODE_CHARGE },     { 250, BMS_MODE_CHARGE },
                 { 249, BMS_MODE_IDLE },       { -499, BMS_MODE_IDLE },      { -500, BMS_MODE_DISCHARGE },
                 { -250, BMS_MODE_DISCHARGE }, { 400, BMS_MODE_IDLE },       { 20000, BMS_MODE_CHARGE },
                 { -300, BMS_MODE_IDLE },      { -600, BMS_MODE_DISCHARGE }, { 0, BMS_MODE_IDLE } };

    for (unsigned i = 0; i < sizeof walk / sizeof walk[0]; i++) {
        bed->sample.current_mA = walk[i].current_mA;
        bed_run(bed, BED_TICK_us);
        ck_assert_msg(bed->command.mode == walk[i].mode, "step %u: %d", i, bed->command.mode);
    }
}
END_TEST

/* ---- ideal diode --------------------------------------------------------------------------------------------------
 */

START_TEST(a_body_diode_that_conducts_has_its_fet_closed)
{
    const int sign = _i == 0 ? -1 : 1; /* discharging while charging is forbidden, and the mirror image */
    const uint8_t *const forbidden = _i == 0 ? &bed->command.charge_fet : &bed->command.discharge_fet;

    bed_cells(bed, _i == 0 ? 3700 : 2500);
    bed_run(bed, 2 * BED_SECOND_us);
    ck_assert_uint_eq(*forbidden, 0);
    bed->sample.current_mA = sign * 999;
    bed_run(bed, BED_TICK_us);
    ck_assert_uint_eq(*forbidden, 0);
    bed->sample.current_mA = sign * 1000;
    bed_run(bed, BED_TICK_us);
    ck_assert_uint_eq(*forbidden, 1);
    ck_assert_uint_eq(bed->command.charge_allowed & bed->command.discharge_allowed, 0);
    bed->sample.current_mA = sign * 500;
    bed_run(bed, BED_TICK_us);
    ck_assert_uint_eq(*forbidden, 1);
    bed->sample.current_mA = sign * 499;
    bed_run(bed, BED_TICK_us);
    ck_assert_uint_eq(*forbidden, 0);
    bed->sample.current_mA = -sign * 100000;
    bed_run(bed, BED_TICK_us);
    ck_assert_uint_eq(*forbidden, 0);
}
END_TEST

START_TEST(a_fault_of_both_directions_keeps_both_gates_open_whatever_flows)
{
    bed->sample.temp_ddegC[4] = 1100;
    bed_run(bed, 3 * BED_SECOND_us);
    bed->sample.current_mA = _i == 0 ? 50000 : -50000;
    bed_run(bed, BED_TICK_us);
    ck_assert_uint_eq(bed->command.charge_fet | bed->command.discharge_fet, 0);
}
END_TEST

START_TEST(an_overcurrent_keeps_its_gate_open_even_if_the_diode_conducts)
{
    bed->sample.current_mA = _i == 0 ? 130000 : -130000;
    bed_run(bed, BED_SECOND_us + BED_TICK_us);
    bed->sample.current_mA = _i == 0 ? -50000 : 50000;
    bed_run(bed, BED_TICK_us);
    ck_assert_uint_eq(_i == 0 ? bed->command.charge_fet : bed->command.discharge_fet, 0);
    ck_assert_uint_eq(_i == 0 ? bed->command.discharge_fet : bed->command.charge_fet, 1);
}
END_TEST

START_TEST(a_current_against_an_open_gate_is_a_stuck_fet_within_a_second)
{
    bed_cells(bed, 3700);
    bed_run(bed, 2 * BED_SECOND_us);
    bed->sample.current_mA = 1999;
    bed_run(bed, 3 * BED_SECOND_us);
    ck_assert(!bed_tripped(bed, BMS_FAULT_FET));
    bed->sample.current_mA = 2000;
    bed_run(bed, BED_SECOND_us);
    ck_assert(!bed_tripped(bed, BMS_FAULT_FET));
    bed_run(bed, BED_TICK_us);
    ck_assert(bed_tripped(bed, BMS_FAULT_FET));
    ck_assert_uint_eq(bed->command.charge_fet | bed->command.discharge_fet, 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("core_bms");
    TCase *tc = tcase_create("bms");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 30);
    tcase_add_loop_test(tc, gates_stay_open_until_every_group_has_been_scanned, 0, 4);
    tcase_add_test(tc, latches_of_before_boot_are_taken_back_once_and_are_no_events);
    tcase_add_test(tc, a_silent_front_end_stops_both_directions_within_a_second_and_is_no_voltage_fault);
    tcase_add_loop_test(tc, one_silent_group_is_enough, 0, 3);
    tcase_add_test(tc, a_front_end_that_never_speaks_is_reported);
    tcase_add_test(tc, a_limit_passed_while_nobody_looked_trips_at_once_when_data_return);
    tcase_add_test(tc, a_scan_from_the_future_is_not_fresh_for_ever);
    tcase_add_test(tc, the_mode_follows_the_current_with_hysteresis);
    tcase_add_test(tc, nothing_is_known_before_the_second_reset_of_the_front_end_is_over);
    tcase_add_loop_test(tc, a_body_diode_that_conducts_has_its_fet_closed, 0, 2);
    tcase_add_loop_test(tc, a_fault_of_both_directions_keeps_both_gates_open_whatever_flows, 0, 2);
    tcase_add_loop_test(tc, an_overcurrent_keeps_its_gate_open_even_if_the_diode_conducts, 0, 2);
    tcase_add_test(tc, a_current_against_an_open_gate_is_a_stuck_fet_within_a_second);
    tcase_add_test(tc, an_old_current_is_no_proof_of_a_stuck_fet);
    suite_add_tcase(s, tc);

    return check_run(s);
}
