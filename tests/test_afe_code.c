#include "model/noise.h"
#include "tests/support/afe_bed.h"
#include "tests/support/check_run.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct afe_bed bed;

static void setup(void)
{
    afe_bed_init(&bed);
}

static void run_to(int64_t until_ns)
{
    afe_bed_run(&bed, &bed.afe, until_ns);
}

static int32_t code(enum afe_kind kind, int index, double value)
{
    return afe_code(&bed.afe, &(struct afe_slot){ .kind = kind, .index = index }, value);
}

/* ---- codes --------------------------------------------------------------------------------------------------------
 */

START_TEST(an_ideal_code_is_the_value_rounded_to_its_unit)
{
    ck_assert_int_eq(code(AFE_CELL, 0, 3.6994), 3699);
    ck_assert_int_eq(code(AFE_CELL, 0, 3.6996), 3700);
    ck_assert_int_eq(code(AFE_CELL, 0, -0.0016), -2);
    ck_assert_int_eq(code(AFE_STACK, 0, 57.60049), 57600);
    ck_assert_int_eq(code(AFE_TERMINAL, 0, -0.7), -700);
    ck_assert_int_eq(code(AFE_CURRENT, 0, -125.0006), -125001);
    ck_assert_int_eq(code(AFE_CURRENT, 0, 4000.0), 4000000);
    ck_assert_int_eq(code(AFE_TEMP, 0, -4.96), -50);
    ck_assert_int_eq(code(AFE_TEMP, 0, 54.94), 549);
}
END_TEST

START_TEST(an_ideal_code_still_saturates_at_its_type_and_at_the_rails)
{
    ck_assert_int_eq(code(AFE_CELL, 0, 40.0), INT16_MAX);
    ck_assert_int_eq(code(AFE_CELL, 0, -40.0), INT16_MIN);
    ck_assert_int_eq(code(AFE_CURRENT, 0, 1e9), INT32_MAX);
    ck_assert_int_eq(code(AFE_CURRENT, 0, -1e9), INT32_MIN);
    ck_assert_int_eq(code(AFE_TEMP, 0, 300.0), 1200);
    ck_assert_int_eq(code(AFE_TEMP, 0, -100.0), -400);
    ck_assert_int_eq(code(AFE_CELL, 0, (double)NAN), INT16_MIN);
}
END_TEST

START_TEST(a_real_converter_quantises_errs_and_saturates)
{
    bed.config.ideal = false;
    bed.config.cell[1].offset = 0.002;
    bed.config.cell[2].gain = 0.001;
    ck_assert_int_eq(code(AFE_CELL, 0, 3.300), 3300);  /* 8661 lsb = 3.299841 V */
    ck_assert_int_eq(code(AFE_CELL, 0, 3.6501), 3650); /* 9580 lsb = 3.649980 V */
    ck_assert_int_eq(code(AFE_CELL, 1, 3.300), 3302);
    ck_assert_int_eq(code(AFE_CELL, 2, 3.300), 3303);
    ck_assert_int_eq(code(AFE_CELL, 0, 7.0), 6242);
    ck_assert_int_eq(code(AFE_CELL, 0, -7.0), -6242);
    ck_assert_int_eq(code(AFE_STACK, 0, 52.8024), 52800);
    ck_assert_int_eq(code(AFE_STACK, 0, 52.8026), 52805);
    ck_assert_int_eq(code(AFE_TERMINAL, 0, -0.7), 0);
    ck_assert_int_eq(code(AFE_TERMINAL, 0, 120.0), 105000);
    ck_assert_int_eq(code(AFE_CURRENT, 0, 125.004), 125000);
    ck_assert_int_eq(code(AFE_CURRENT, 0, 125.006), 125010);
    ck_assert_int_eq(code(AFE_CURRENT, 0, 4000.0), 327670);
    ck_assert_int_eq(code(AFE_CURRENT, 0, -4000.0), -327680);
    ck_assert_int_eq(abs(code(AFE_TEMP, 0, 25.0) - 250) <= 1, 1);
}
END_TEST

START_TEST(noise_moves_a_code_by_its_sigma_and_not_by_the_order_of_asking)
{
    double sum = 0.0, sum2 = 0.0;
    struct afe_slot slot = { .kind = AFE_CURRENT };

    bed.config.ideal = false;
    bed.config.current.noise = 0.5;
    ck_assert(afe_is_restless(&bed.afe));
    for (slot.number = 0; slot.number < 20000; slot.number++) {
        const double error_A = 0.001 * afe_code(&bed.afe, &slot, 10.0) - 10.0;

        sum += error_A;
        sum2 += error_A * error_A;
    }
    ck_assert_double_lt(fabs(sum / 20000.0), 0.016);
    ck_assert_double_eq_tol(sqrt(sum2 / 20000.0), 0.5, 0.012);
    slot.number = 77;
    const int32_t once = afe_code(&bed.afe, &slot, 10.0);

    bed.config.pack = 1;
    ck_assert_int_ne(afe_code(&bed.afe, &slot, 10.0), once);
    bed.config.pack = 0;
    ck_assert_int_eq(afe_code(&bed.afe, &slot, 10.0), once);
    bed.config.ideal = true;
    ck_assert_int_eq(afe_code(&bed.afe, &slot, 10.0), 10000);
    ck_assert(!afe_is_restless(&bed.afe));
}
END_TEST

START_TEST(spread_gives_each_cell_and_pack_its_own_errors)
{
    struct afe_config other;

    bed.config.seed = 4;
    afe_config_spread(&bed.config, 0.002, 0.005);
    other = bed.config;
    other.pack = 1;
    afe_config_spread(&other, 0.002, 0.005);
    for (int k = 0; k < 16; k++) {
        ck_assert_double_gt(fabs(bed.config.cell[k].offset), 0.0);
        ck_assert_double_lt(fabs(bed.config.cell[k].offset), 0.009);
        ck_assert_double_gt(fabs(bed.config.cell[k].offset - other.cell[k].offset), 0.0);
    }
    ck_assert_double_gt(fabs(bed.config.current.gain - other.current.gain), 0.0);
    ck_assert_ptr_null(afe_config_flaw(&bed.config));
}
END_TEST

static void flaw_cells(void)
{
    bed.config.cells = 17;
}
static void flaw_no_cells(void)
{
    bed.config.cells = 0;
}
static void flaw_temps(void)
{
    bed.config.temps = 9;
}
static void flaw_lsb(void)
{
    bed.config.cell[15].lsb = 0.0;
}
static void flaw_nan(void)
{
    bed.config.current.gain = (double)NAN;
}
static void flaw_fine_lsb(void)
{
    bed.config.stack.lsb = 1e-9;
}
static void flaw_skew(void)
{
    bed.config.cell_skew_ns = 6 * MS;
}
static void flaw_period(void)
{
    bed.config.current_scan_ns = 0;
}
static void flaw_phase(void)
{
    bed.config.phase_ns = -1;
}
static void flaw_grid(void)
{
    bed.config.grid_ns[AFE_OCC] = 0;
}
static void flaw_ntc(void)
{
    bed.config.ntc.adc_bits = 31;
}
static void flaw_filter(void)
{
    bed.config.filter_ns = -1;
}
static void flaw_noise(void)
{
    bed.config.temp_noise_K = -1.0;
}

static void (*const flaw[])(void) = { flaw_cells,    flaw_no_cells, flaw_temps,  flaw_lsb,   flaw_nan,
                                      flaw_fine_lsb, flaw_skew,     flaw_period, flaw_phase, flaw_grid,
                                      flaw_ntc,      flaw_filter,   flaw_noise };

START_TEST(a_configuration_that_cannot_work_is_named)
{
    ck_assert_ptr_null(afe_config_flaw(&bed.config));
    flaw[_i]();
    ck_assert_ptr_nonnull(afe_config_flaw(&bed.config));
}
END_TEST

/* ---- faults of the channels ---------------------------------------------------------------------------------------
 */

START_TEST(a_stuck_cell_reads_its_value_and_mends)
{
    ck_assert(afe_set_fault(&bed.afe, FAULT_CELL_STUCK, 4, true, 3.333, 0.0, 0));
    run_to(100 * MS);
    ck_assert_int_eq(bed.afe.reg.cell_mV[4], 3333);
    ck_assert_int_eq(bed.afe.reg.cell_mV[5], 3300);
    ck_assert(afe_set_fault(&bed.afe, FAULT_CELL_STUCK, 4, false, 0.0, 0.0, 150 * MS));
    run_to(250 * MS);
    ck_assert_int_eq(bed.afe.reg.cell_mV[4], 3300);
}
END_TEST

START_TEST(a_stuck_stack_reads_its_value_and_an_offset_is_added)
{
    run_to(100 * MS);
    const int32_t sound_mV = bed.afe.reg.stack_mV;

    ck_assert(afe_set_fault(&bed.afe, FAULT_STACK_OFFSET, 0, true, -1.5, 0.1, 100 * MS));
    ck_assert(afe_is_restless(&bed.afe));
    run_to(1250 * MS);
    ck_assert_int_ge(bed.afe.reg.stack_mV, sound_mV - 1500 + 100); /* converted within the scan before */
    ck_assert_int_le(bed.afe.reg.stack_mV, sound_mV - 1500 + 116);
    ck_assert(afe_set_fault(&bed.afe, FAULT_STACK_STUCK, 0, true, 44.321, 0.0, 1250 * MS));
    run_to(1500 * MS);
    ck_assert_int_eq(bed.afe.reg.stack_mV, 44321);
    ck_assert_int_eq(bed.afe.reg.cell_mV[0], 3300);
    ck_assert(afe_set_fault(&bed.afe, FAULT_STACK_STUCK, 0, false, 0.0, 0.0, 1500 * MS));
    ck_assert(afe_set_fault(&bed.afe, FAULT_STACK_OFFSET, 0, false, 0.0, 0.0, 1500 * MS));
    ck_assert(!afe_is_restless(&bed.afe));
    ck_assert(!afe_set_fault(&bed.afe, FAULT_STACK_STUCK, 1, true, 1.0, 0.0, 0));
    run_to(1700 * MS);
    ck_assert_int_eq(bed.afe.reg.stack_mV, sound_mV);
}
END_TEST

START_TEST(offsets_and_gains_add_up_and_drift_from_the_instant_they_came)
{
    ck_assert(afe_set_fault(&bed.afe, FAULT_CELL_OFFSET, 0, true, 0.010, 0.001, 2 * S));
    ck_assert(afe_set_fault(&bed.afe, FAULT_CURRENT_GAIN, 0, true, 0.02, 0.0, 0));
    ck_assert(afe_set_fault(&bed.afe, FAULT_CURRENT_OFFSET, 0, true, 0.5, 0.1, 2 * S));
    ck_assert(afe_set_fault(&bed.afe, FAULT_NTC_OFFSET, 1, true, -1.0, -0.5, 2 * S));
    ck_assert(afe_is_restless(&bed.afe));
    bed.current_A = 100.0;
    run_to(2 * S);
    ck_assert_int_eq(bed.afe.reg.cell_mV[0], 3310);
    ck_assert_int_eq(bed.afe.reg.current_mA, 102500);
    ck_assert_int_eq(bed.afe.reg.temp_ddegC[1], 240);
    run_to(4 * S);
    ck_assert_int_eq(bed.afe.reg.cell_mV[0], 3312);
    ck_assert_int_eq(bed.afe.reg.current_mA, 102700);
    ck_assert_int_eq(bed.afe.reg.temp_ddegC[1], 230);
    ck_assert_int_eq(bed.afe.reg.temp_ddegC[0], 250);
}
END_TEST

START_TEST(a_broken_ntc_reads_a_rail_and_a_stuck_one_its_value) /* _i: ideal or not */
{
    bed.config.ideal = _i == 0;
    ck_assert(afe_set_fault(&bed.afe, FAULT_NTC_OPEN, 0, true, 0.0, 0.0, 0));
    ck_assert(afe_set_fault(&bed.afe, FAULT_NTC_SHORTED, 1, true, 0.0, 0.0, 0));
    ck_assert(afe_set_fault(&bed.afe, FAULT_NTC_STUCK, 2, true, 31.4, 0.0, 0));
    run_to(0);
    ck_assert_int_eq(bed.afe.reg.temp_ddegC[0], -400);
    ck_assert_int_eq(bed.afe.reg.temp_ddegC[1], 1200);
    ck_assert_int_eq(bed.afe.reg.temp_ddegC[2], 314);
}
END_TEST

START_TEST(kinds_and_indices_of_others_are_refused)
{
    static const enum fault_kind others[] = {
        FAULT_SENSE_OPEN,       FAULT_SENSE_RESISTIVE, FAULT_SENSE_SWAPPED,  FAULT_CHARGE_WELDED,
        FAULT_DISCHARGE_WELDED, FAULT_CHARGE_DEAD,     FAULT_DISCHARGE_DEAD, FAULT_INTERNAL_SHORT,
        FAULT_LINK_LOOSE,       FAULT_COOLING_LOST,    FAULT_BALANCE_STUCK,  FAULT_STORAGE_FAILS,
    };
    for (size_t n = 0; n < sizeof others / sizeof others[0]; n++) {
        ck_assert(!afe_set_fault(&bed.afe, others[n], 0, true, 1.0, 0.0, 0));
    }
    ck_assert(!afe_set_fault(&bed.afe, FAULT_CELL_STUCK, 16, true, 1.0, 0.0, 0));
    ck_assert(!afe_set_fault(&bed.afe, FAULT_CELL_STUCK, -1, true, 1.0, 0.0, 0));
    ck_assert(!afe_set_fault(&bed.afe, FAULT_NTC_OPEN, 6, true, 1.0, 0.0, 0));
    run_to(S);
    ck_assert_int_eq(bed.afe.reg.cell_mV[0], 3300);
    ck_assert_int_eq(bed.afe.reg.cell_mV[15], 3300);
    ck_assert_int_eq(bed.afe.reg.temp_ddegC[5], 250);
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("afe_code");
    TCase *const tc = tcase_create("afe_code");

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_test(tc, an_ideal_code_is_the_value_rounded_to_its_unit);
    tcase_add_test(tc, an_ideal_code_still_saturates_at_its_type_and_at_the_rails);
    tcase_add_test(tc, a_real_converter_quantises_errs_and_saturates);
    tcase_add_test(tc, noise_moves_a_code_by_its_sigma_and_not_by_the_order_of_asking);
    tcase_add_test(tc, spread_gives_each_cell_and_pack_its_own_errors);
    tcase_add_loop_test(tc, a_configuration_that_cannot_work_is_named, 0, (int)(sizeof flaw / sizeof flaw[0]));
    tcase_add_test(tc, a_stuck_cell_reads_its_value_and_mends);
    tcase_add_test(tc, a_stuck_stack_reads_its_value_and_an_offset_is_added);
    tcase_add_test(tc, offsets_and_gains_add_up_and_drift_from_the_instant_they_came);
    tcase_add_loop_test(tc, a_broken_ntc_reads_a_rail_and_a_stuck_one_its_value, 0, 2);
    tcase_add_test(tc, kinds_and_indices_of_others_are_refused);
    suite_add_tcase(suite, tc);

    return check_run(suite);
}
