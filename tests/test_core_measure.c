#include "bms_core/measure.h"
#include "tests/support/check_run.h"
#include "tests/support/core_bed.h"

#include <check.h>
#include <stdlib.h>

static struct core_bed *bed;
static struct measure m;

static void setup(void)
{
    bed = calloc(1, sizeof *bed);
    ck_assert_ptr_nonnull(bed);
    bed_start(bed);
    m = (struct measure){ 0 };
}

static void teardown(void)
{
    free(bed);
}

START_TEST(current_is_calibrated_and_saturates)
{
    static const struct {
        int32_t code_mA, offset_mA, gain_ppm, current_mA;
    } cases[] = {
        { 130000, 0, 1000000, 130000 },     { -130000, 0, 1000000, -130000 },    { 130000, 1000, 1000000, 129000 },
        { -1000, 1000, 1000000, -2000 },    { 100000, 0, 1060000, 106000 },      { -100000, 0, 940000, -94000 },
        { INT32_MAX, 0, 1000000, 1000000 }, { INT32_MIN, 0, 1100000, -1000000 }, { 1000000, 0, 1000000, 1000000 },
    };

    bed->params.value[BMS_PARAM_CURRENT_OFFSET] = cases[_i].offset_mA;
    bed->params.value[BMS_PARAM_CURRENT_GAIN] = cases[_i].gain_ppm;
    bed->sample.current_mA = cases[_i].code_mA;
    measure_current(&m, &bed->params, &bed->sample);
    ck_assert_int_eq(m.current_mA, cases[_i].current_mA);
}
END_TEST

START_TEST(extremes_are_found_in_every_place)
{
    bed_cell(bed, _i, 3210);
    bed_cell(bed, (_i + 5) % 16, 3390);
    measure_cells(&m, &bed->params, &bed->sample);
    ck_assert(m.cell.known);
    ck_assert_int_eq(m.cell.min, 3210);
    ck_assert_int_eq(m.cell.max, 3390);
    ck_assert_uint_eq(m.cell.min_index, (unsigned)_i);
    ck_assert_uint_eq(m.cell.max_index, (unsigned)(_i + 5) % 16);
    ck_assert_int_eq(m.sum_mV, 52800);
    ck_assert_int_eq(measure_mean_mV(&m), 3300);
}
END_TEST

START_TEST(cells_that_are_not_wired_are_not_looked_at)
{
    bed->params.value[BMS_PARAM_PACK_CELLS] = 8;
    for (int i = 8; i < 16; i++) {
        bed->sample.cell_mV[i] = 0;
    }
    bed->sample.stack_mV = 8 * 3300;
    measure_cells(&m, &bed->params, &bed->sample);
    ck_assert_int_eq(m.cell.min, 3300);
    ck_assert_uint_eq(m.bad_wires, 0);
}
END_TEST

/* A cell that stands apart by about the width of the check is where the two halves of the check must not disagree. */
START_TEST(an_outer_cell_that_really_stands_apart_is_no_wire)
{
    for (int apart_mV = -600; apart_mV <= 600; apart_mV++) {
        for (int error_mV = -40; error_mV <= 40; error_mV += 10) {
            bed_cell(bed, _i, 3300 + apart_mV);
            bed->sample.stack_mV += error_mV; /* busbars and the divider's own steps */
            measure_cells(&m, &bed->params, &bed->sample);
            ck_assert_msg(m.bad_wires == 0, "%d mV apart, divider off by %d mV", apart_mV, error_mV);
        }
    }
}
END_TEST

START_TEST(without_a_divider_the_stack_is_the_sum)
{
    bed->params.value[BMS_PARAM_SUM_OF_CELLS] = 1;
    bed->sample.stack_mV = 20000;
    measure_cells(&m, &bed->params, &bed->sample);
    ck_assert_int_eq(m.stack_mV, 52800);
    bed_cell(bed, 0, 2700); /* nothing tells an outer cell from its wire */
    bed->sample.stack_mV = 52800;
    measure_cells(&m, &bed->params, &bed->sample);
    ck_assert_uint_eq(m.bad_wires, 0);
}
END_TEST

START_TEST(negative_temperatures_are_colder_than_positive_ones)
{
    bed->sample.temp_ddegC[1] = -1;
    bed->sample.temp_ddegC[2] = -399;
    bed->sample.temp_ddegC[3] = 1199;
    bed->sample.temp_ddegC[4] = 700;
    bed->sample.temp_ddegC[5] = -150;
    measure_temps(&m, &bed->params, &bed->sample);
    ck_assert_int_eq(m.cell_temp.min, -399);
    ck_assert_int_eq(m.cell_temp.max, 1199);
    ck_assert_uint_eq(m.cell_temp.min_index, 2);
    ck_assert_int_eq(m.mos_temp.max, 700);
    ck_assert_int_eq(m.ambient_temp.min, -150);
    ck_assert_uint_eq(m.bad_temps, 0);
}
END_TEST

START_TEST(a_channel_at_a_rail_is_left_out_and_an_unused_one_is_not_missed)
{
    bed->sample.temp_ddegC[0] = -400;
    bed->sample.temp_ddegC[4] = 1200;
    bed->sample.temp_ddegC[6] = -400; /* no role */
    measure_temps(&m, &bed->params, &bed->sample);
    ck_assert_uint_eq(m.bad_temps, 0x11);
    ck_assert_int_eq(m.cell_temp.min, 250);
    ck_assert(!m.mos_temp.known);
    ck_assert(m.ambient_temp.known);
}
END_TEST

START_TEST(codes_beyond_sense_stay_inside_their_types)
{
    bed->sample.stack_mV = _i == 0 ? INT32_MAX : INT32_MIN;
    for (int i = 0; i < 16; i++) {
        bed->sample.cell_mV[i] = _i == 0 ? INT16_MIN : INT16_MAX;
    }
    measure_cells(&m, &bed->params, &bed->sample);
    ck_assert(!m.cell.known);
    ck_assert_uint_eq(m.bad_wires, 0xFFFF);
    ck_assert_int_eq(m.stack_mV, _i == 0 ? 1000000 : -1000000);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("core_measure");
    TCase *tc = tcase_create("measure");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, current_is_calibrated_and_saturates, 0, 9);
    tcase_add_loop_test(tc, extremes_are_found_in_every_place, 0, 16);
    tcase_add_test(tc, cells_that_are_not_wired_are_not_looked_at);
    tcase_add_loop_test(tc, an_outer_cell_that_really_stands_apart_is_no_wire, 0, 1);
    tcase_add_loop_test(tc, an_outer_cell_that_really_stands_apart_is_no_wire, 15, 16);
    tcase_add_test(tc, without_a_divider_the_stack_is_the_sum);
    tcase_add_test(tc, negative_temperatures_are_colder_than_positive_ones);
    tcase_add_test(tc, a_channel_at_a_rail_is_left_out_and_an_unused_one_is_not_missed);
    tcase_add_loop_test(tc, codes_beyond_sense_stay_inside_their_types, 0, 2);
    suite_add_tcase(s, tc);

    return check_run(s);
}
