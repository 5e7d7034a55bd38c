#include "bms_core/balance.h"
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

/* Cells that were closed during the run; the front end reports its switches as commanded. */
static uint32_t bled(uint64_t time_us)
{
    uint32_t cells = 0;

    for (uint64_t passed_us = 0; passed_us < time_us; passed_us += BED_TICK_us) {
        bed->sample.balance_seen = bed->command.balance;
        bed_run(bed, BED_TICK_us);
        cells |= bed->command.balance;
    }
    return cells;
}

START_TEST(it_starts_at_its_voltage_and_difference)
{
    static const struct {
        int all_mV, one_mV, bleeds;
    } cases[] = { { 3400, 3429, 0 }, { 3400, 3430, 1 }, { 3360, 3399, 0 }, { 3370, 3400, 1 }, { 3390, 3400, 0 } };

    bed_cells(bed, cases[_i].all_mV);
    bed_cell(bed, 7, cases[_i].one_mV);
    ck_assert_uint_eq(bled(3 * BED_SECOND_us), cases[_i].bleeds ? 1U << 7 : 0);
}
END_TEST

START_TEST(it_goes_on_to_the_stop_difference)
{
    bed_cells(bed, 3400);
    bed_cell(bed, 7, 3430);
    ck_assert_uint_ne(bled(3 * BED_SECOND_us), 0);
    bed_cell(bed, 7, 3421);
    bled(2 * BED_SECOND_us);
    ck_assert_uint_ne(bled(2 * BED_SECOND_us), 0);
    bed_cell(bed, 7, 3420);
    bled(2 * BED_SECOND_us);
    ck_assert_uint_eq(bled(2 * BED_SECOND_us), 0);
    bed_cell(bed, 7, 3429); /* and does not start again below the start difference */
    ck_assert_uint_eq(bled(3 * BED_SECOND_us), 0);
}
END_TEST

START_TEST(it_works_while_charging_and_resting_and_never_while_discharging)
{
    static const struct {
        int when, current_mA, bleeds;
    } cases[] = { { 3, 10000, 1 }, { 3, 0, 1 }, { 3, -500, 0 },  { 3, -100000, 0 }, { 1, 10000, 1 },
                  { 1, 0, 0 },     { 2, 0, 1 }, { 2, 10000, 0 }, { 0, 0, 0 } };

    bed_init(bed);
    bed->params.value[BMS_PARAM_BALANCE_WHEN] = cases[_i].when;
    bed_boot(bed);
    bed_run(bed, 2 * BED_SECOND_us);
    bed_cells(bed, 3400);
    bed_cell(bed, 7, 3500);
    bed->sample.current_mA = cases[_i].current_mA;
    ck_assert_int_eq(bled(3 * BED_SECOND_us) != 0, cases[_i].bleeds);
}
END_TEST

START_TEST(it_keeps_to_its_temperatures)
{
    static const struct {
        int ddegC, bleeds;
    } cases[] = { { -1, 0 }, { 0, 1 }, { 500, 1 }, { 501, 0 } };

    bed_cells(bed, 3400);
    bed_cell(bed, 7, 3500);
    bed->sample.temp_ddegC[2] = (int16_t)cases[_i].ddegC;
    ck_assert_int_eq(bled(3 * BED_SECOND_us) != 0, cases[_i].bleeds);
}
END_TEST

START_TEST(an_over_voltage_does_not_forbid_its_cure_but_a_failure_does)
{
    bed_cells(bed, 3420);
    bed_cell(bed, 7, 3750);
    bed_run(bed, 2 * BED_SECOND_us);
    ck_assert(bed_tripped(bed, BMS_FAULT_CELL_OV));
    ck_assert_uint_ne(bled(2 * BED_SECOND_us), 0);
    bed->sample.temp_ddegC[0] = -400;
    bed_run(bed, 4 * BED_SECOND_us);
    ck_assert_uint_eq(bled(2 * BED_SECOND_us), 0);
}
END_TEST

START_TEST(the_highest_bleed_when_more_want_to_than_may)
{
    bed_cells(bed, 3400);
    for (int i = 0; i < 12; i++) {
        bed_cell(bed, i, 3440 + 5 * i);
    }
    ck_assert_uint_eq(bled(3 * BED_SECOND_us), 0xFF0);
}
END_TEST

/* The drop over a wire is that of two readings, whatever the gain that both are worked out with. */
START_TEST(a_gain_is_no_resistive_wire)
{
    static const int gain_ppm[] = { 1000000, 1040000, 960000 };
    bool moved = false;

    bed->params.value[BMS_PARAM_BALANCE_ACTIVE] = 2000;
    bed->params.value[BMS_PARAM_BALANCE_WIRE] = 50; /* 100 mV */
    bed->params.value[BMS_PARAM_BALANCE_START] = 3200;
    bed->params.value[BMS_PARAM_VOLTAGE_GAIN] = gain_ppm[_i];
    bed_boot(bed);
    bed_cells(bed, 3400);
    bed_cell(bed, 7, 3460);
    for (int ticks = 0; ticks < 500; ticks++) {
        moved |= bed->command.balance_from == 8;
        bed->sample.balance_seen = bed->command.balance_from != 0 ? 1U << 7 | 1U << (bed->command.balance_to - 1) : 0;
        bed->sample.stack_mV ^= 1; /* each scan is a new one */
        bed_run(bed, BED_TICK_us);
    }
    ck_assert_uint_eq(bed->command.wires_high, 0);
    ck_assert(moved);
    bed->sample.balance_seen = 1U << 7;
    bed_cell(bed, 7, 3460 - 130);
    bed_run(bed, BED_TICK_us);
    ck_assert_uint_eq(bed->command.wires_high, 1U << 7);
}
END_TEST

START_TEST(switches_pause_before_each_decision_for_a_whole_scan)
{
    uint32_t closed = 0, open = 0, longest = 0, run = 0;

    bed_cells(bed, 3400);
    bed_cell(bed, 7, 3500);
    bled(3 * BED_SECOND_us);
    for (int i = 0; i < 500; i++) {
        bled(BED_TICK_us);
        if (bed->command.balance != 0) {
            closed++;
            run = 0;
        } else {
            open++;
            run++;
        }
        longest = run > longest ? run : longest;
    }
    ck_assert_uint_eq(closed, 375);
    ck_assert_uint_eq(open, 125);
    ck_assert_uint_eq(longest, 25);
}
END_TEST

START_TEST(a_bleed_neither_hides_nor_feigns_an_extreme)
{
    bed_cells(bed, 3400);
    bed_cell(bed, 7, 3690);
    bled(2 * BED_SECOND_us);
    /* While it bleeds the cell reads 40 mV low and its neighbours 20 mV high. */
    bed->sample.balance_seen = 1U << 7;
    bed->sample.cell_mV[7] = 3650;
    bed->sample.cell_mV[6] = 3420;
    bed_call(bed);
    ck_assert_int_eq(bed->bms.measure.cell.max, 3690);
    ck_assert_int_eq(bed->bms.measure.cell_mV[6], 3400);
    /* A change that no bleed can make counts at once. */
    bed->sample.cell_mV[7] = 3750;
    bed_call(bed);
    ck_assert_int_eq(bed->bms.measure.cell.max, 3750);
    bed->sample.balance_seen = 0;
    bed->sample.cell_mV[7] = 3700;
    bed_call(bed);
    ck_assert_int_eq(bed->bms.measure.cell.max, 3700);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("core_balance");
    TCase *tc = tcase_create("balance");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, it_starts_at_its_voltage_and_difference, 0, 5);
    tcase_add_test(tc, it_goes_on_to_the_stop_difference);
    tcase_add_loop_test(tc, it_works_while_charging_and_resting_and_never_while_discharging, 0, 9);
    tcase_add_loop_test(tc, it_keeps_to_its_temperatures, 0, 4);
    tcase_add_test(tc, an_over_voltage_does_not_forbid_its_cure_but_a_failure_does);
    tcase_add_test(tc, the_highest_bleed_when_more_want_to_than_may);
    tcase_add_loop_test(tc, a_gain_is_no_resistive_wire, 0, 3);
    tcase_add_test(tc, switches_pause_before_each_decision_for_a_whole_scan);
    tcase_add_test(tc, a_bleed_neither_hides_nor_feigns_an_extreme);
    suite_add_tcase(s, tc);

    return check_run(s);
}
