/* What the parts of the plant do: switches, charger, load, breaker, sensors, faults. */
#include "tests/support/check_run.h"
#include "tests/support/plant_bed.h"

#include <check.h>
#include <math.h>

static struct plant_bed bed;

static double now(enum plant_signal signal)
{
    return bed_read(&bed.plant, signal, 0, 0);
}

static void start_wired(int packs)
{
    plant_bed_cell(&bed.cell, 3.2, 0.2, 1e-3);
    bed_pack(&bed.pack, &bed.cell, 16);
    bed_wire(&bed.pack);
    plant_bed_start(&bed, packs);
}

static void start_closed(void)
{
    start_wired(1);
    bed_gates(&bed.plant, 0, true, true);
    plant_bed_run(&bed.plant, 1.0);
}

/* ---- parts ---- */

START_TEST(channels_conduct_as_their_gates_and_faults_say)
{
    start_wired(1);
    for (int gates = 0; gates < 4; gates++) {
        bed_gates(&bed.plant, 0, (gates & 1) != 0, (gates & 2) != 0);
        ck_assert_double_eq(now(PLANT_CHARGE_CONDUCTS), (gates & 1) != 0 ? 1.0 : 0.0);
        ck_assert_double_eq(now(PLANT_DISCHARGE_CONDUCTS), (gates & 2) != 0 ? 1.0 : 0.0);
    }
    ck_assert(plant_set_fault(&bed.plant, FAULT_CHARGE_DEAD, 0, 0, true, 0.0));
    ck_assert_double_eq(now(PLANT_CHARGE_CONDUCTS), 0.0);
    ck_assert(plant_set_fault(&bed.plant, FAULT_CHARGE_DEAD, 0, 0, false, 0.0));
    ck_assert(plant_set_fault(&bed.plant, FAULT_DISCHARGE_WELDED, 0, 0, true, 0.0));
    bed_gates(&bed.plant, 0, true, false);
    ck_assert_double_eq(now(PLANT_DISCHARGE_CONDUCTS), 1.0);
    ck_assert(!plant_set_fault(&bed.plant, FAULT_SENSE_OPEN, 0, 0, true, 0.0));
}
END_TEST

START_TEST(a_gate_that_stays_opens_no_window)
{
    start_closed();
    plant_bed_run(&bed.plant, 60.0);
    bed_gates(&bed.plant, 0, true, true);
    plant_set_breaker(&bed.plant, 0, true);
    plant_set_limiter(&bed.plant, 0, 0.0);
    plant_set_quiescent(&bed.plant, 0, 0.0);
    plant_set_bleed(&bed.plant, 0, 0);
    ck_assert_int_gt(plant_plan(&bed.plant, INT64_C(1000000000)), 999999999);
}
END_TEST

START_TEST(what_the_bms_draws_comes_from_the_cells_and_not_through_the_shunt)
{
    start_wired(1);
    bed.plant.pack[0].fet.gate[0] = false;
    plant_set_quiescent(&bed.plant, 0, 0.03);
    const double before = now(PLANT_PACK_SOC);

    plant_bed_run(&bed.plant, 36000.0);
    ck_assert_double_eq_tol(before - now(PLANT_PACK_SOC), (0.03 + 50e-6) * 10.0 / 100.0, 1e-8);
    ck_assert_double_eq_tol(now(PLANT_PACK_CURRENT_A), -50e-6, 1e-9);
}
END_TEST

START_TEST(a_bleed_takes_its_current_from_its_cell_alone)
{
    start_wired(1);
    plant_set_bleed(&bed.plant, 0, UINT32_C(1) << 5);
    ck_assert_double_eq_tol(bed_read(&bed.plant, PLANT_BLEED_CURRENT_A, 0, 5), 3.3 / 41.25, 1e-4);
    ck_assert_double_eq(bed_read(&bed.plant, PLANT_BLEED_CURRENT_A, 0, 4), 0.0);
    ck_assert(plant_set_fault(&bed.plant, FAULT_BALANCE_STUCK, 0, 5, true, 0.0));
    plant_set_bleed(&bed.plant, 0, 0);
    ck_assert_double_gt(bed_read(&bed.plant, PLANT_BLEED_CURRENT_A, 0, 5), 0.07);
    ck_assert(plant_set_fault(&bed.plant, FAULT_BALANCE_STUCK, 0, 5, false, 0.0));
    ck_assert_double_eq(bed_read(&bed.plant, PLANT_BLEED_CURRENT_A, 0, 5), 0.0);
}
END_TEST

START_TEST(a_charger_cannot_be_fed_from_the_bus)
{
    start_closed();
    plant_set_charger(&bed.plant, true, 20.0, 50.0);
    plant_bed_run(&bed.plant, 1.0);
    ck_assert_double_eq(now(PLANT_CHARGER_CURRENT_A), 0.0);
    ck_assert_double_eq_tol(now(PLANT_PACK_CURRENT_A), -52.8 / 100e3, 1e-5);
}
END_TEST

START_TEST(a_charger_switched_off_leaves_the_bus)
{
    start_wired(1);
    plant_set_charger(&bed.plant, true, 20.0, 57.6);
    plant_bed_run(&bed.plant, 1.0);
    plant_set_charger(&bed.plant, false, 0.0, 0.0);
    plant_bed_run(&bed.plant, 0.25);
    ck_assert_double_lt(now(PLANT_TERMINAL_VOLTAGE_V),
                        13.0); /* 0.1 s of terminal capacitance, not 500 s of the charger's */
}
END_TEST

START_TEST(a_load_on_a_dead_bus_pulls_it_to_nothing)
{
    static const enum plant_load law[] = { PLANT_LOAD_CURRENT, PLANT_LOAD_POWER, PLANT_LOAD_RESISTANCE };
    static const double value[] = { 10.0, 500.0, 5.0 };

    start_closed();
    plant_set_load(&bed.plant, law[_i], value[_i]);
    plant_bed_run(&bed.plant, 1.0);
    ck_assert_double_gt(now(PLANT_LOAD_CURRENT_A), 9.0);
    bed_gates(&bed.plant, 0, true, false);
    plant_bed_run(&bed.plant, 1.0);
    ck_assert_double_lt(now(PLANT_TERMINAL_VOLTAGE_V), 0.01);
    ck_assert_double_lt(now(PLANT_LOAD_CURRENT_A), 1e-4);
    bed_gates(&bed.plant, 0, true, true);
    plant_bed_run(&bed.plant, 1.0);
    ck_assert_double_gt(now(PLANT_LOAD_CURRENT_A), 9.0);
}
END_TEST

START_TEST(ramps_move_load_and_charger)
{
    start_closed();
    plant_set_load(&bed.plant, PLANT_LOAD_CURRENT, 10.0);
    plant_ramp_load(&bed.plant, 2.0);
    plant_bed_run(&bed.plant, 30.0);
    ck_assert_double_eq_tol(now(PLANT_LOAD_CURRENT_A), 70.0, 1e-3);
    plant_ramp_load(&bed.plant, -10.0);
    plant_bed_run(&bed.plant, 20.0);
    ck_assert_double_eq_tol(now(PLANT_LOAD_CURRENT_A), 0.0, 1e-3);
    plant_set_charger(&bed.plant, true, 5.0, 57.6);
    plant_ramp_charger(&bed.plant, 1.0, 0.0);
    plant_bed_run(&bed.plant, 10.0);
    ck_assert_double_eq_tol(now(PLANT_CHARGER_CURRENT_A), 15.0, 1e-3);
    plant_ramp_charger(&bed.plant, 0.0, -0.5);
    plant_bed_run(&bed.plant, 9.0); /* from 57.6 V into CV */
    ck_assert_double_eq_tol(now(PLANT_BUS_VOLTAGE_V), 53.1, 1e-3);
    ck_assert_double_lt(now(PLANT_CHARGER_CURRENT_A), 14.0);
}
END_TEST

START_TEST(a_breaker_opens_at_its_thermal_time)
{
    int64_t t_ns = 0;

    start_closed();
    plant_set_load(&bed.plant, PLANT_LOAD_CURRENT, 2.55 * 125.0 - 52.8 / 100e3);
    while (now(PLANT_BREAKER_CLOSED) > 0.5 && t_ns < INT64_C(200000000000)) {
        const int64_t length_ns = plant_plan(&bed.plant, INT64_C(200000000000) - t_ns);

        plant_commit(&bed.plant, length_ns);
        t_ns += length_ns;
    }
    ck_assert_double_eq_tol(1e-9 * (double)t_ns, 380.0 * log(6.5025 / 4.8125), 2e-3);
    plant_bed_run(&bed.plant, 1.0);
    ck_assert_double_eq(now(PLANT_PACK_CURRENT_A), 0.0);
}
END_TEST

START_TEST(an_ntc_follows_its_spot_with_15_s)
{
    start_wired(1);
    plant_hold_ntc(&bed.plant, 0, 1, true, 75.0, 0.0);
    plant_bed_run(&bed.plant, 15.0);
    ck_assert_double_eq_tol(bed_read(&bed.plant, PLANT_NTC_degC, 0, 1), 75.0 - 50.0 * exp(-1.0), 1e-6);
    ck_assert_double_eq_tol(bed_read(&bed.plant, PLANT_NTC_degC, 0, 0), 25.0, 1e-3);
    plant_hold_ntc(&bed.plant, 0, 1, true, 75.0, 2.0); /* a ramp: lags by rate times tau */
    plant_bed_run(&bed.plant, 300.0);
    ck_assert_double_eq_tol(bed_read(&bed.plant, PLANT_NTC_degC, 0, 1), 75.0 + 600.0 - 30.0, 1e-3);
}
END_TEST

START_TEST(a_body_diode_heats_its_junction_above_the_board)
{
    start_closed();
    bed_gates(&bed.plant, 0, false, true);
    plant_set_load(&bed.plant, PLANT_LOAD_CURRENT, 50.0);
    plant_bed_run(&bed.plant, 30.0);
    const double above_K = now(PLANT_FET_JUNCTION_degC) - now(PLANT_FET_BOARD_degC);

    ck_assert_double_eq_tol(above_K, 0.05 * 36.5, 0.1); /* 0.05 K/W */
    ck_assert_double_gt(now(PLANT_FET_BOARD_degC), 35.0);
    ck_assert_double_ge(now(PLANT_JUNCTION_PEAK_degC), now(PLANT_FET_JUNCTION_degC) - 1e-6);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("plant_parts");
    TCase *t = tcase_create("plant_parts");

    tcase_set_timeout(t, 60);
    tcase_add_test(t, channels_conduct_as_their_gates_and_faults_say);
    tcase_add_test(t, a_gate_that_stays_opens_no_window);
    tcase_add_test(t, what_the_bms_draws_comes_from_the_cells_and_not_through_the_shunt);
    tcase_add_test(t, a_bleed_takes_its_current_from_its_cell_alone);
    tcase_add_test(t, a_charger_cannot_be_fed_from_the_bus);
    tcase_add_test(t, a_charger_switched_off_leaves_the_bus);
    tcase_add_loop_test(t, a_load_on_a_dead_bus_pulls_it_to_nothing, 0, 3);
    tcase_add_test(t, ramps_move_load_and_charger);
    tcase_add_test(t, a_breaker_opens_at_its_thermal_time);
    tcase_add_test(t, an_ntc_follows_its_spot_with_15_s);
    tcase_add_test(t, a_body_diode_heats_its_junction_above_the_board);
    suite_add_tcase(s, t);
    return check_run(s);
}
