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

/* ---- plausibility and options -------------------------------------------------------------------------------------
 */

START_TEST(a_sensor_at_a_rail_is_a_sensor_fault_and_nothing_else)
{
    static const int rail[] = { -400, 1200 };

    bed->sample.temp_ddegC[_i / 2] = (int16_t)rail[_i % 2];
    bed_run(bed, 2 * BED_SECOND_us);
    ck_assert_uint_eq(bed->command.protections, 0);
    bed_run(bed, BED_TICK_us);
    ck_assert_uint_eq(bed->command.protections, UINT32_C(1) << BMS_FAULT_SENSOR);
    ck_assert_uint_eq(bed->command.charge_fet | bed->command.discharge_fet, 0);
    bed_run(bed, 20 * BED_SECOND_us);
    ck_assert_uint_eq(bed->command.protections, UINT32_C(1) << BMS_FAULT_SENSOR);
    ck_assert_uint_eq(bed->command.alarms, 0);
}
END_TEST

START_TEST(cold_is_judged_by_the_coldest_and_hot_by_the_hottest_sensor)
{
    bed->sample.temp_ddegC[_i] = -60;
    bed_run(bed, 3 * BED_SECOND_us);
    ck_assert_uint_eq(bed->command.charge_allowed, 0);
    bed->sample.temp_ddegC[_i] = 560;
    bed_run(bed, 5 * BED_SECOND_us);
    ck_assert(bed_tripped(bed, BMS_FAULT_CHG_OT));
}
END_TEST

START_TEST(an_open_wire_is_a_wire_fault_and_its_neighbours_do_not_trip)
{
    /* A broken wire costs the cell below it half a volt and gives that to the cell above; an outer one has one cell. */
    const int wire = _i;

    if (wire > 0) {
        bed->sample.cell_mV[wire - 1] = (int16_t)(wire == 16 ? -1000 : 2600);
    }
    if (wire < 16) {
        bed->sample.cell_mV[wire] = (int16_t)(wire == 0 ? 1000 : 4000);
    }
    bed_run(bed, 10 * BED_SECOND_us);
    ck_assert(bed_tripped(bed, BMS_FAULT_WIRE));
    ck_assert(!bed_tripped(bed, BMS_FAULT_CELL_OV));
    ck_assert(!bed_tripped(bed, BMS_FAULT_CELL_UV));
    ck_assert_uint_eq(bed->command.charge_fet | bed->command.discharge_fet | bed->command.balance, 0);
}
END_TEST

START_TEST(one_cell_that_really_differs_is_no_wire)
{
    bed_cell(bed, _i, 3710);
    bed_run(bed, 3 * BED_SECOND_us);
    ck_assert(bed_tripped(bed, BMS_FAULT_CELL_OV));
    ck_assert(!bed_tripped(bed, BMS_FAULT_WIRE));
    bed_cell(bed, _i, 2490);
    bed_run(bed, 3 * BED_SECOND_us);
    ck_assert(bed_tripped(bed, BMS_FAULT_CELL_UV));
    ck_assert(!bed_tripped(bed, BMS_FAULT_WIRE));
}
END_TEST

START_TEST(zeros_from_the_front_end_are_not_an_empty_pack)
{
    bed_cells(bed, 0);
    bed_run(bed, 5 * BED_SECOND_us);
    ck_assert(bed_tripped(bed, BMS_FAULT_WIRE));
    ck_assert(!bed_tripped(bed, BMS_FAULT_CELL_UV));
    ck_assert_uint_eq(bed->command.charge_fet | bed->command.discharge_fet, 0);
}
END_TEST

START_TEST(a_stack_that_is_not_the_sum_of_its_cells_stops_both_directions)
{
    bed->sample.stack_mV = 52800 + (_i == 0 ? 1000 : -1000);
    bed_run(bed, 3 * BED_SECOND_us);
    ck_assert(!bed_tripped(bed, BMS_FAULT_STACK));
    bed_run(bed, BED_TICK_us);
    ck_assert(bed_tripped(bed, BMS_FAULT_STACK));
    ck_assert_uint_eq(bed->command.charge_fet | bed->command.discharge_fet, 0);
}
END_TEST

START_TEST(a_set_for_another_number_of_cells_blocks_everything)
{
    bed->sample.cell_count = 15;
    bed_run(bed, 3 * BED_SECOND_us);
    ck_assert(bed_tripped(bed, BMS_FAULT_SENSOR));
    ck_assert_uint_eq(bed->command.charge_fet | bed->command.discharge_fet, 0);
}
END_TEST

START_TEST(an_under_voltage_that_needs_charging_is_not_released_by_rest)
{
    bed_init(bed);
    bed->params.value[BMS_PARAM_CELL_UV_NEEDS] = BMS_NEEDS_CHARGE;
    bed->params.value[BMS_PARAM_PACK_UV_NEEDS] = BMS_NEEDS_CHARGE;
    bed_boot(bed);
    bed_run(bed, 2 * BED_SECOND_us);
    bed_cells(bed, 2490);
    bed_run(bed, 2 * BED_SECOND_us);
    bed_cells(bed, 3100);
    bed_run(bed, 600 * BED_SECOND_us);
    ck_assert_uint_eq(bed->command.discharge_allowed, 0);
    ck_assert_uint_eq(bed->command.charge_allowed, 1); /* never a deadlock */
    bed->sample.current_mA = 1000;
    bed_run(bed, BED_SECOND_us + BED_TICK_us);
    ck_assert_uint_eq(bed->command.discharge_allowed, 1);
}
END_TEST

/* A full pack is released at 95 %; one that trips there already, for one high cell, has to give 5 % first. */
START_TEST(an_over_voltage_may_be_released_by_a_low_charge)
{
    bed_init(bed);
    bed->params.value[BMS_PARAM_CELL_OV_NEEDS] = BMS_NEEDS_OR_SOC;
    bed->params.value[BMS_PARAM_PACK_OV_NEEDS] = BMS_NEEDS_OR_SOC;
    bed->params.value[BMS_PARAM_SOC_BOOT] = _i == 2 ? 949000 : 960000;
    bed_boot(bed);
    bed_run(bed, 2 * BED_SECOND_us);
    bed_cells(bed, 3700);
    bed_run(bed, 2 * BED_SECOND_us);
    ck_assert_uint_eq(bed->command.charge_allowed, 0);
    bed_cells(bed, 3395);
    bed->sample.current_mA = _i == 1 ? 0 : -100000;
    bed_run(bed, 40 * BED_SECOND_us);
    ck_assert_uint_eq(bed->command.charge_allowed, _i == 0);
}
END_TEST

/* ---- limits -------------------------------------------------------------------------------------------------------
 */

START_TEST(limits_fall_with_voltage_and_temperature)
{
    ck_assert_uint_eq(bed->command.charge_limit_mA, 100000);
    ck_assert_uint_eq(bed->command.discharge_limit_mA, 100000);
    ck_assert_int_eq(bed->command.charge_limit_mV, 57600);
    ck_assert_int_eq(bed->command.discharge_limit_mV, 44800);
    bed_temps(bed, 50);
    bed_run(bed, BED_SECOND_us + BED_TICK_us);
    ck_assert_uint_eq(bed->command.charge_limit_mA, 50000);
    bed_temps(bed, 250);
    bed_cell(bed, 3, 3550);
    bed_run(bed, BED_SECOND_us + BED_TICK_us);
    ck_assert_uint_eq(bed->command.charge_limit_mA, 50000);
    ck_assert_uint_eq(bed->command.discharge_limit_mA, 100000);
    bed_cells(bed, 2800);
    bed_run(bed, BED_SECOND_us + BED_TICK_us);
    ck_assert_uint_eq(bed->command.charge_limit_mA, 100000);
    ck_assert_uint_eq(bed->command.discharge_limit_mA, 50000);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("core_plausible");
    TCase *tc = tcase_create("plausible");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 30);
    tcase_add_loop_test(tc, a_sensor_at_a_rail_is_a_sensor_fault_and_nothing_else, 0, 12);
    tcase_add_loop_test(tc, cold_is_judged_by_the_coldest_and_hot_by_the_hottest_sensor, 0, 4);
    tcase_add_loop_test(tc, an_open_wire_is_a_wire_fault_and_its_neighbours_do_not_trip, 0, 17);
    tcase_add_loop_test(tc, one_cell_that_really_differs_is_no_wire, 0, 16);
    tcase_add_test(tc, zeros_from_the_front_end_are_not_an_empty_pack);
    tcase_add_loop_test(tc, a_stack_that_is_not_the_sum_of_its_cells_stops_both_directions, 0, 2);
    tcase_add_test(tc, a_set_for_another_number_of_cells_blocks_everything);
    tcase_add_test(tc, an_under_voltage_that_needs_charging_is_not_released_by_rest);
    tcase_add_loop_test(tc, an_over_voltage_may_be_released_by_a_low_charge, 0, 3);
    tcase_add_test(tc, limits_fall_with_voltage_and_temperature);
    suite_add_tcase(s, tc);

    return check_run(s);
}
