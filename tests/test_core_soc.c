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
    bed_start(bed);
}

static void teardown(void)
{
    free(bed);
}

static void start_at(int32_t soc_ppm)
{
    bed_init(bed);
    bed->params.value[BMS_PARAM_SOC_BOOT] = soc_ppm;
    bed_boot(bed);
    bed_run(bed, 2 * BED_SECOND_us);
}

/* Sparse calls, often enough for fresh data. */
static void pass(uint64_t time_us)
{
    for (uint64_t passed_us = 0; passed_us < time_us; passed_us += 500000) {
        bed_call(bed);
        bed->now_us += 500000;
    }
}

START_TEST(charge_is_counted_to_the_last_digit)
{
    const uint64_t start_us = bed->now_us;
    int64_t expected_mAus = bed->bms.soc.charge_mAus;
    uint64_t state = 1;

    for (int i = 0; i < 100000; i++) { /* currents that change at odd instants */
        const uint64_t dt_us = 1 + bed_random(&state, 20000);

        bed->sample.current_mA = (int32_t)bed_random(&state, 80000) - 40000;
        bed_call(bed);
        expected_mAus += bed->sample.current_mA * (int64_t)dt_us;
        bed->now_us += dt_us;
    }
    bed->sample.current_mA = 0;
    bed_call(bed);
    ck_assert_int_eq(bed->bms.soc.charge_mAus, expected_mAus);
    ck_assert_uint_gt(bed->now_us, start_us);
}
END_TEST

/* A front end whose timer began anew: its readings are too old until they are new again, and nothing more. */
START_TEST(scan_instants_that_step_back_are_no_hour_of_current)
{
    bed->sample.current_mA = -50000;
    bed_run(bed, 10 * BED_SECOND_us);
    const uint32_t before_ppm = soc_ppm(&bed->bms.soc);

    bed->silent = true;
    bed->sample.cell_scan_us = bed->sample.current_scan_us = bed->sample.temp_scan_us = BED_SECOND_us;
    bed_run(bed, BED_SECOND_us);
    ck_assert(!bed->command.discharge_fet);
    ck_assert_uint_gt(soc_ppm(&bed->bms.soc), before_ppm - 1000);
    bed->silent = false;
    bed_run(bed, BED_SECOND_us);
    ck_assert_uint_gt(soc_ppm(&bed->bms.soc), before_ppm - 1000);
}
END_TEST

START_TEST(an_hour_of_discharge_is_its_ampere_hours)
{
    bed->sample.current_mA = -20000;
    pass(HOUR_us);
    bed->sample.current_mA = 0;
    pass(2 * BED_SECOND_us);
    ck_assert_uint_eq(bed->command.soc_ppm, 300000);
    ck_assert_uint_eq(bed->command.remaining_mAh, 30000);
}
END_TEST

START_TEST(a_charging_loss_is_taken_off)
{
    bed_init(bed);
    bed->params.value[BMS_PARAM_SOC_EFFICIENCY] = 990000;
    bed_boot(bed);
    bed_run(bed, 2 * BED_SECOND_us);
    bed->sample.current_mA = 20000;
    pass(HOUR_us);
    bed->sample.current_mA = 0;
    pass(2 * BED_SECOND_us);
    ck_assert_uint_eq(bed->command.soc_ppm, 698000);
}
END_TEST

START_TEST(no_loss_is_lost_in_rounding)
{
    int64_t counted_mAus = 0, before_mAus = 0;

    bed_init(bed);
    bed->params.value[BMS_PARAM_SOC_EFFICIENCY] = 999999;
    bed_boot(bed);
    bed_run(bed, 2 * BED_SECOND_us);
    before_mAus = bed->bms.soc.charge_mAus;
    for (int i = 0; i < 10000; i++) { /* a loss of a third of a mA us in each stretch */
        bed->sample.current_mA = i % 2 == 0 ? 333 : 334;
        bed_call(bed);
        counted_mAus += (int64_t)bed->sample.current_mA * 1000;
        bed->now_us += 1000;
    }
    bed->sample.current_mA = 0;
    bed_call(bed);
    ck_assert_int_eq(bed->bms.soc.charge_mAus - before_mAus, counted_mAus - counted_mAus / 1000000);
}
END_TEST

START_TEST(an_earlier_instant_moves_no_charge)
{
    int64_t before_mAus = 0;

    bed->sample.current_mA = -50000;
    bed_call(bed);
    bed->now_us += BED_SECOND_us;
    bed_call(bed);
    before_mAus = bed->bms.soc.charge_mAus;
    bed->sample.current_mA = 0;
    bms_step(&bed->bms, &bed->sample, bed->now_us - 900000, &bed->command);
    ck_assert_int_eq(bed->bms.soc.charge_mAus, before_mAus);
}
END_TEST

START_TEST(a_last_trickle_of_the_charger_is_no_offset)
{
    bed->sample.detect = BMS_DETECT_CHARGER;
    bed->sample.current_mA = 90;
    pass(10 * HOUR_us);
    ck_assert_uint_ge(bed->command.soc_ppm, 508900);
}
END_TEST

START_TEST(one_cell_at_its_limit_is_not_full)
{
    start_at(820000);
    bed_cells(bed, 3420);
    bed_cell(bed, 5, 3700);
    bed->sample.current_mA = 3000;
    pass(3 * BED_SECOND_us);
    bed->sample.current_mA = 0;
    pass(600 * BED_SECOND_us);
    ck_assert(bed_tripped(bed, BMS_FAULT_CELL_OV));
    ck_assert_uint_eq(bed->command.full, 0);
    ck_assert_uint_lt(bed->command.soc_ppm, 830000);
}
END_TEST

START_TEST(full_is_every_cell_high_and_a_small_current_for_a_minute)
{
    start_at(900000);
    bed_cells(bed, 3450);
    bed->sample.current_mA = 5001;
    pass(120 * BED_SECOND_us);
    ck_assert_uint_eq(bed->command.full, 0);
    bed->sample.current_mA = 5000;
    pass(58 * BED_SECOND_us);
    ck_assert_uint_eq(bed->command.full, 0);
    pass(4 * BED_SECOND_us);
    ck_assert_uint_eq(bed->command.full, 1);
    ck_assert_uint_eq(bed->command.soc_ppm, 1000000);
    bed_cells(bed, 3330);
    bed->sample.current_mA = -20000;
    pass(600 * BED_SECOND_us);
    ck_assert_uint_eq(bed->command.full, 0);
}
END_TEST

START_TEST(an_empty_cell_is_an_empty_pack_unless_the_voltage_lies)
{
    /* 0: gentle and warm; 1: hard current; 2: cold; 3: a bad wire */
    start_at(300000);
    bed->sample.current_mA = _i == 1 ? -100000 : -10000;
    bed_temps(bed, _i == 2 ? 50 : 250);
    bed_cells(bed, 2900);
    bed_run(bed, 2 * BED_SECOND_us);
    bed_cell(bed, 9, 2500);
    if (_i == 3) {
        bed->sample.cell_mV[3] -= 700;
        bed->sample.cell_mV[4] += 700;
    }
    bed_run(bed, 3 * BED_SECOND_us);
    if (_i == 0) {
        ck_assert_uint_eq(bed->command.soc_ppm, 0);
    } else {
        ck_assert_uint_gt(bed->command.soc_ppm, 290000);
    }
}
END_TEST

START_TEST(a_long_rest_tells_the_charge_outside_the_plateau_only)
{
    static const struct {
        int mV, low_ppm, high_ppm;
    } rest[] = {
        { 3066, 60000, 60000 },   { 3130, 80000, 80000 },     { 3149, 80000, 100000 },
        { 3300, 500000, 500000 }, { 3151, 500000, 500000 },   { 3399, 500000, 500000 },
        { 3401, 980000, 980000 }, { 3520, 1000000, 1000000 }, { 3440, 980000, 1000000 },
    };

    bed_cells(bed, rest[_i].mV);
    pass(1795 * BED_SECOND_us);
    ck_assert_uint_eq(bed->command.soc_ppm, rest[_i].mV >= 3450 ? 1000000 : 500000);
    pass(10 * BED_SECOND_us);
    ck_assert_uint_ge(bed->command.soc_ppm, (unsigned)rest[_i].low_ppm);
    ck_assert_uint_le(bed->command.soc_ppm, (unsigned)rest[_i].high_ppm);
}
END_TEST

START_TEST(no_rest_anchor_while_current_flows)
{
    bed_cells(bed, 3100);
    for (int i = 0; i < 20; i++) { /* a pulse every few minutes */
        pass(290 * BED_SECOND_us);
        bed->sample.current_mA = -5000;
        pass(BED_SECOND_us);
        bed->sample.current_mA = 0;
    }
    ck_assert_uint_gt(bed->command.soc_ppm, 490000);
}
END_TEST

START_TEST(what_is_shown_never_rises_while_discharging)
{
    uint32_t last_ppm = bed->command.soc_ppm;
    uint64_t state = 6;

    for (int i = 0; i < 3000; i++) {
        bed->sample.current_mA = -(int32_t)bed_random(&state, 90000) - 300;
        if (i == 1500) {
            bed->bms.soc.charge_mAus += 5000 * SOC_mAus_PER_mAh; /* as an anchor would */
        }
        pass(BED_SECOND_us);
        ck_assert_uint_le(bed->command.soc_ppm, last_ppm);
        last_ppm = bed->command.soc_ppm;
    }
}
END_TEST

START_TEST(a_steady_offset_of_the_shunt_is_found_at_boot)
{
    static const int offset_mA[] = { -800, -50, 50, 800 };

    bed_init(bed);
    bed->sample.current_mA = offset_mA[_i];
    bed_boot(bed);
    pass(24 * HOUR_us);
    ck_assert_uint_ge(bed->command.soc_ppm, 499000);
    ck_assert_uint_le(bed->command.soc_ppm, 501000);
}
END_TEST

START_TEST(a_drifting_offset_is_followed_in_rest)
{
    for (int minute = 0; minute < 24 * 60; minute++) { /* 40 mA per hour */
        bed->sample.current_mA = (_i == 0 ? 40 : -40) * minute / 60;
        pass(60 * BED_SECOND_us);
    }
    ck_assert_uint_ge(bed->command.soc_ppm, 450000);
    ck_assert_uint_le(bed->command.soc_ppm, 550000);
}
END_TEST

START_TEST(a_small_load_is_no_offset)
{
    bed->sample.current_mA = -150;
    pass(10 * HOUR_us);
    bed->sample.current_mA = 0;
    pass(2 * BED_SECOND_us);
    ck_assert_uint_le(bed->command.soc_ppm, 485100);
    ck_assert_uint_ge(bed->command.soc_ppm, 484900);
}
END_TEST

START_TEST(cycles_are_full_equivalent_cycles)
{
    for (int half = 0; half < 10; half++) {
        bed->sample.current_mA = half % 2 == 0 ? -50000 : 50000;
        pass(HOUR_us);
    }
    ck_assert_uint_eq(bed->command.cycles, 2); /* 250 Ah taken out */
}
END_TEST

static void discharge_to_empty(int32_t ampere_hours)
{
    bed_cells(bed, 3450);
    bed->sample.current_mA = 1000;
    pass(70 * BED_SECOND_us);
    bed_cells(bed, 3250);
    bed->sample.current_mA = -ampere_hours * 1000 / 4;
    pass(4 * HOUR_us);
    bed_cells(bed, 2500);
    pass(2 * BED_SECOND_us);
    bed->sample.current_mA = 0;
    bed_cells(bed, 2950);
    pass(3 * BED_SECOND_us);
}

START_TEST(capacity_is_learnt_from_a_full_discharge_only)
{
    discharge_to_empty(92);
    ck_assert_uint_ge(bed->command.capacity_mAh, 95900);
    ck_assert_uint_le(bed->command.capacity_mAh, 96100);
    ck_assert_uint_eq(bed->command.soh_ppm, UINT64_C(10) * bed->command.capacity_mAh);
    ck_assert_uint_eq(bed->command.soc_ppm, 0);
    discharge_to_empty(20); /* that cannot be all: not believed */
    ck_assert_uint_ge(bed->command.capacity_mAh, 95900);
}
END_TEST

START_TEST(a_silent_shunt_counts_nothing)
{
    bed->sample.current_mA = -36000;
    bed_run(bed, BED_TICK_us);
    bed->silent = true;
    pass(HOUR_us);
    ck_assert_uint_ge(bed->command.soc_ppm, 499900); /* 36 A for 0.9 s at most */
}
END_TEST

int main(void)
{
    Suite *s = suite_create("core_soc");
    TCase *tc = tcase_create("soc");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 30);
    tcase_add_test(tc, charge_is_counted_to_the_last_digit);
    tcase_add_test(tc, scan_instants_that_step_back_are_no_hour_of_current);
    tcase_add_test(tc, an_hour_of_discharge_is_its_ampere_hours);
    tcase_add_test(tc, a_charging_loss_is_taken_off);
    tcase_add_test(tc, no_loss_is_lost_in_rounding);
    tcase_add_test(tc, an_earlier_instant_moves_no_charge);
    tcase_add_test(tc, a_last_trickle_of_the_charger_is_no_offset);
    tcase_add_test(tc, one_cell_at_its_limit_is_not_full);
    tcase_add_test(tc, full_is_every_cell_high_and_a_small_current_for_a_minute);
    tcase_add_loop_test(tc, an_empty_cell_is_an_empty_pack_unless_the_voltage_lies, 0, 4);
    tcase_add_loop_test(tc, a_long_rest_tells_the_charge_outside_the_plateau_only, 0, 9);
    tcase_add_test(tc, no_rest_anchor_while_current_flows);
    tcase_add_test(tc, what_is_shown_never_rises_while_discharging);
    tcase_add_loop_test(tc, a_steady_offset_of_the_shunt_is_found_at_boot, 0, 4);
    tcase_add_loop_test(tc, a_drifting_offset_is_followed_in_rest, 0, 2);
    tcase_add_test(tc, a_small_load_is_no_offset);
    tcase_add_test(tc, cycles_are_full_equivalent_cycles);
    tcase_add_test(tc, capacity_is_learnt_from_a_full_discharge_only);
    tcase_add_test(tc, a_silent_shunt_counts_nothing);
    suite_add_tcase(s, tc);

    return check_run(s);
}
