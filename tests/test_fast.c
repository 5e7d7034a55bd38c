/* The fast window after a switching event, against closed forms and a naive integrator. */
#include "tests/support/check_run.h"
#include "tests/support/plant_bed.h"

#include <check.h>
#include <math.h>

static struct plant_bed bed;

static double now(enum plant_signal signal)
{
    return bed_read(&bed.plant, signal, 0, 0);
}

/* One 52.9 V source behind a resistance and an inductance, gates on, at rest. */
static void start_plain(double ohm, double henry)
{
    plant_bed_cell(&bed.cell, 52.9, 0.0, 1e-6);
    bed_pack(&bed.pack, &bed.cell, 1);
    bed.pack.shunt_Ohm = ohm - 1e-6;
    bed.pack.path_H = henry;
    bed.pack.terminal_Ohm = 1e12;
    plant_bed_start(&bed, 1);
    bed_gates(&bed.plant, 0, true, true);
    plant_bed_run(&bed.plant, 1.0);
}

static void start_wired(int packs)
{
    plant_bed_cell(&bed.cell, 3.2, 0.2, 1e-3);
    bed_pack(&bed.pack, &bed.cell, 16);
    bed_wire(&bed.pack);
    plant_bed_start(&bed, packs);
}

/* 52.9 V, 12.5 mOhm, 2.6 uH: I = U/R (1 - exp(-t R / L)). */
START_TEST(a_bolted_short_rises_as_its_closed_form)
{
    start_plain(0.0125 - 1e-6, 2.6e-6);
    plant_set_short(&bed.plant, true, SHORT_AT_BUS, 0, 1e-6);
    plant_bed_run(&bed.plant, 20e-6);
    ck_assert_double_eq_tol(-now(PLANT_PACK_CURRENT_A), 387.97, 0.005);
    plant_bed_run(&bed.plant, 80e-6);
    ck_assert_double_eq_tol(-now(PLANT_PACK_CURRENT_A), 1615.32, 0.005);
    plant_bed_run(&bed.plant, 200e-6);
    ck_assert_double_eq_tol(-now(PLANT_PACK_CURRENT_A), 3231.63, 0.005);
    plant_bed_run(&bed.plant, 4.9e-3 - 300e-6); /* before the breaker lets go */
    ck_assert_double_eq_tol(-now(PLANT_PACK_CURRENT_A), 4232.0, 0.005);
}
END_TEST

START_TEST(opening_into_avalanche_takes_the_time_and_energy_of_its_closed_form)
{
    double t_s = 0.0;

    start_plain(0.0125 - 1e-6, 2.6e-6);
    plant_set_short(&bed.plant, true, SHORT_AT_BUS, 0, 1e-6);
    plant_bed_run(&bed.plant, 300e-6);
    plant_set_gate(&bed.plant, 0, PLANT_DISCHARGE_GATE, false);
    while (now(PLANT_PACK_CURRENT_A) < 0.0 && t_s < 1.0) {
        const int64_t length_ns = plant_plan(&bed.plant, 1000000);

        plant_commit(&bed.plant, length_ns);
        t_s += 1e-9 * (double)length_ns;
    }
    ck_assert_double_eq_tol(t_s * 1e6, 128.8, 0.05);
    ck_assert_double_eq_tol(now(PLANT_AVALANCHE_J), 18.68, 0.005);
    ck_assert_double_eq_tol(now(PLANT_CURRENT_PEAK_A), 3231.63, 0.005);
    /* 18.68 J into 0.1 J/K in 129 us against 5 ms to the board. */
    ck_assert_double_gt(now(PLANT_JUNCTION_PEAK_degC), 25.0 + 0.97 * 186.8);
    ck_assert_double_lt(now(PLANT_JUNCTION_PEAK_degC), 25.0 + 186.8);
}
END_TEST

START_TEST(inrush_into_a_link_peaks_as_its_closed_form)
{
    double link_V = 0.0;

    start_plain(0.0125 - 1e-9, 2.6e-6);
    plant_set_inverter(&bed.plant, true, 10e-3, 1e-9, 0.0, 1e12);
    plant_bed_run(&bed.plant, 205.14e-6);
    ck_assert_double_eq_tol(-now(PLANT_PACK_CURRENT_A), 2003.589, 0.001);
    for (int n = 0; n < 2000; n++) {
        plant_bed_run(&bed.plant, 0.25e-6);
        link_V = fmax(link_V, now(PLANT_LINK_VOLTAGE_V));
    }
    ck_assert_double_eq_tol(now(PLANT_CURRENT_PEAK_A), 2003.589, 0.001);
    ck_assert_double_eq_tol(link_V, 67.0177, 0.00005);
}
END_TEST

START_TEST(precharging_a_link_follows_its_closed_form)
{
    double heat_J = 0.0, t_s = 0.0;

    start_plain(2e-6, 2.6e-6);
    plant_set_inverter(&bed.plant, true, 10e-3, 0.0, 50.0 - 2e-6, 1e12);
    plant_bed_run(&bed.plant, 1e-6);
    ck_assert_double_eq_tol(-now(PLANT_PACK_CURRENT_A), 1.058, 0.0005);
    plant_bed_run(&bed.plant, -0.5 * log(0.05) - 1e-6); /* 1.49787 s; the tolerance is its last digit */
    ck_assert_double_eq_tol(now(PLANT_LINK_VOLTAGE_V), 0.95 * 52.9, 52.9 * 0.05 / 0.5 * 5e-6);

    start_plain(2e-6, 2.6e-6);
    plant_set_inverter(&bed.plant, true, 10e-3, 0.0, 50.0 - 2e-6, 1e12);
    while (t_s < 20.0) {
        const int64_t length_ns = plant_plan(&bed.plant, INT64_C(1000000000));
        double begin_A, end_A;

        plant_current(&bed.plant, 0, &begin_A, &end_A);
        heat_J += 50.0 * (begin_A * begin_A + begin_A * end_A + end_A * end_A) / 3.0 * 1e-9 * (double)length_ns;
        plant_commit(&bed.plant, length_ns);
        t_s += 1e-9 * (double)length_ns;
    }
    ck_assert_double_eq_tol(heat_J, 13.992, 0.0005);
}
END_TEST

START_TEST(the_packs_own_precharge_bridges_the_discharge_bank)
{
    start_plain(2e-6, 2.6e-6);
    plant_set_gate(&bed.plant, 0, PLANT_DISCHARGE_GATE, false);
    plant_bed_run(&bed.plant, 1.0);
    plant_set_inverter(&bed.plant, true, 10e-3, 1e-6, 0.0, 1e12);
    plant_set_gate(&bed.plant, 0, PLANT_PRECHARGE_GATE, true);
    ck_assert_double_eq(now(PLANT_DISCHARGE_CONDUCTS), 0.0);
    plant_bed_run(&bed.plant, 1.49787);
    ck_assert_double_eq_tol(now(PLANT_LINK_VOLTAGE_V), 0.95 * 52.9, 0.001);
}
END_TEST

/* Terminals: only what lies inside. Bus: cable too. Load side: the lead as well. */
START_TEST(a_short_sees_what_lies_before_it)
{
    static const enum short_place place[] = { SHORT_AT_TERMINALS, SHORT_AT_BUS, SHORT_AT_LOAD };
    double ohm = 16e-3 + 15 * 80e-6 + 750e-6 + 600e-6 + 5e-3, henry = 0.5e-6;

    if (_i >= 1) {
        ohm += 3.9e-3;
        henry += 2.1e-6;
    }
    if (_i >= 2) {
        ohm += 2.6e-3;
        henry += 1.4e-6;
    }
    start_wired(1);
    bed_gates(&bed.plant, 0, true, true);
    plant_bed_run(&bed.plant, 1.0);
    const double volt_V = now(PLANT_STACK_VOLTAGE_V);

    plant_set_short(&bed.plant, true, place[_i], 0, 5e-3);
    plant_bed_run(&bed.plant, 50e-6);
    const double expect_A = volt_V / ohm * -expm1(-50e-6 * ohm / henry);

    ck_assert_double_eq_tol(-now(PLANT_PACK_CURRENT_A) / expect_A, 1.0, 1e-3);
    ck_assert_double_eq_tol(now(PLANT_SHORT_CURRENT_A) / expect_A, 1.0, 1e-2);
}
END_TEST

/* A naive oracle: two packs and a link, fourth order Runge-Kutta of 10 ns. */
struct oracle {
    double emf_V[2], ohm[2], henry[2], farad, esr_Ohm, i_A[2], link_V;
};

static void oracle_rate(const struct oracle *o, const double y[3], double rate[3])
{
    const double bus_V = y[2] - o->esr_Ohm * (y[0] + y[1]); /* charging currents leave the bus */

    for (int k = 0; k < 2; k++) {
        rate[k] = (bus_V - o->emf_V[k] - o->ohm[k] * y[k]) / o->henry[k];
    }
    rate[2] = -(y[0] + y[1]) / o->farad;
}

static void oracle_run(struct oracle *o, double t_s)
{
    const double h = 10e-9;
    double y[3] = { o->i_A[0], o->i_A[1], o->link_V };

    for (long n = lround(t_s / h); n > 0; n--) {
        double k[4][3], z[3];

        oracle_rate(o, y, k[0]);
        for (int s = 1; s < 4; s++) {
            for (int j = 0; j < 3; j++) {
                z[j] = y[j] + (s == 3 ? h : 0.5 * h) * k[s - 1][j];
            }
            oracle_rate(o, z, k[s]);
        }
        for (int j = 0; j < 3; j++) {
            y[j] += h / 6.0 * (k[0][j] + 2.0 * k[1][j] + 2.0 * k[2][j] + k[3][j]);
        }
    }
    o->i_A[0] = y[0];
    o->i_A[1] = y[1];
    o->link_V = y[2];
}

START_TEST(two_packs_and_a_link_ring_as_a_naive_integrator_says)
{
    struct pack_params other;
    const struct pack_params *params[2] = { &bed.pack, &other };
    struct oracle o = {
        .emf_V = { 52.8, 52.8 }, .ohm = { 0.020, 0.031 }, .henry = { 2.6e-6, 3.4e-6 }, .farad = 4e-3, .esr_Ohm = 0.01
    };

    plant_bed_cell(&bed.cell, 52.8, 0.0, 1e-3);
    bed_pack(&bed.pack, &bed.cell, 1);
    bed.pack.terminal_Ohm = 1e12;
    other = bed.pack;
    bed.pack.shunt_Ohm = 0.019;
    bed.pack.path_H = 0.6e-6;
    bed.pack.cable_H = 2.0e-6;
    other.shunt_Ohm = 0.030;
    other.path_H = 3.4e-6;
    plant_init(&bed.plant, 2, params, 25.0);
    bed_gates(&bed.plant, 0, true, true);
    bed_gates(&bed.plant, 1, true, true);
    plant_bed_run(&bed.plant, 0.1);
    plant_set_inverter(&bed.plant, true, 4e-3, 0.01, 0.0, 1e12);
    for (int n = 0; n < 10; n++) {
        plant_bed_run(&bed.plant, 60e-6);
        oracle_run(&o, 60e-6);
        ck_assert_double_eq_tol(bed_read(&bed.plant, PLANT_PACK_CURRENT_A, 0, 0), o.i_A[0], 0.02);
        ck_assert_double_eq_tol(bed_read(&bed.plant, PLANT_PACK_CURRENT_A, 1, 0), o.i_A[1], 0.02);
        ck_assert_double_eq_tol(now(PLANT_LINK_VOLTAGE_V), o.link_V, 0.001);
    }
}
END_TEST

START_TEST(a_charge_fet_that_opens_in_discharge_hands_over_to_its_diode)
{
    start_wired(1);
    bed_gates(&bed.plant, 0, true, true);
    plant_set_load(&bed.plant, PLANT_LOAD_CURRENT, 50.0);
    plant_bed_run(&bed.plant, 0.1);
    const double before_A = now(PLANT_PACK_CURRENT_A), before_V = now(PLANT_TERMINAL_VOLTAGE_V);

    plant_set_gate(&bed.plant, 0, PLANT_CHARGE_GATE, false);
    plant_bed_run(&bed.plant, 20e-3);
    ck_assert_double_eq_tol(now(PLANT_PACK_CURRENT_A), before_A, 1e-4);
    /* 0.6 + 0.05 ln 6 + 0.05 V in place of 15 mV; the junction has warmed by 2 K since. */
    ck_assert_double_eq_tol(before_V - now(PLANT_TERMINAL_VOLTAGE_V), 0.7396 - 0.015 - 0.0038, 0.001);
    ck_assert_double_eq(now(PLANT_CHARGE_CONDUCTS), 0.0);
    ck_assert_double_eq(now(PLANT_DISCHARGE_CONDUCTS), 1.0);
}
END_TEST

START_TEST(a_closing_charge_fet_meets_the_chargers_capacitor)
{
    start_wired(1);
    plant_set_charger(&bed.plant, true, 20.0, 57.6);
    plant_bed_run(&bed.plant, 1.0);
    ck_assert_double_eq_tol(now(PLANT_TERMINAL_VOLTAGE_V), 57.6, 1e-6);
    ck_assert_double_lt(now(PLANT_CHARGER_CURRENT_A), 1e-3);
    bed_gates(&bed.plant, 0, true, true);
    plant_bed_run(&bed.plant, 50e-3);
    ck_assert_double_gt(now(PLANT_CURRENT_PEAK_A), 50.0); /* 5 mF at 57.6 V into a pack at 52.8 V */
    ck_assert_double_lt(now(PLANT_CURRENT_PEAK_A), 57.6 / sqrt(2.6e-6 / 5e-3));
    ck_assert_double_eq_tol(now(PLANT_PACK_CURRENT_A), 20.0, 2e-3); /* but for 100 kOhm across the terminals */
}
END_TEST

START_TEST(a_window_ends_and_leaves_long_steps_behind)
{
    start_wired(1);
    bed_gates(&bed.plant, 0, true, true);
    plant_set_load(&bed.plant, PLANT_LOAD_CURRENT, 100.0);
    ck_assert_int_lt(plant_bed_run(&bed.plant, 0.1), 400);
    ck_assert_int_le(plant_bed_run(&bed.plant, 60.0), 40);
    plant_set_load(&bed.plant, PLANT_LOAD_OFF, 0.0);
    plant_bed_run(&bed.plant, 60.0);
    ck_assert_int_le(plant_bed_run(&bed.plant, 86400.0), 1500);
}
END_TEST

START_TEST(a_short_that_nobody_opens_trips_the_breaker_and_ends)
{
    start_wired(1);
    bed_gates(&bed.plant, 0, true, true);
    plant_bed_run(&bed.plant, 1.0);
    plant_set_short(&bed.plant, true, SHORT_AT_BUS, 0, 5e-3);
    plant_bed_run(&bed.plant, 5e-3);
    ck_assert_double_eq(now(PLANT_BREAKER_CLOSED), 1.0);
    plant_bed_run(&bed.plant, 5e-3);
    ck_assert_double_eq(now(PLANT_BREAKER_CLOSED), 0.0);
    ck_assert_double_eq(now(PLANT_PACK_CURRENT_A), 0.0);
    ck_assert_double_eq(now(PLANT_AVALANCHE_J), 0.0);
    plant_set_short(&bed.plant, false, SHORT_AT_BUS, 0, 0.0);
    plant_set_breaker(&bed.plant, 0, true);
    plant_bed_run(&bed.plant, 1.0);
    ck_assert_double_eq_tol(now(PLANT_TERMINAL_VOLTAGE_V), now(PLANT_STACK_VOLTAGE_V), 1e-3);
}
END_TEST

START_TEST(the_cells_pay_for_what_flows_in_a_window)
{
    const double tau_s = 2.6e-6 / 0.0125, step_s = 37e-6;

    start_plain(0.0125 - 1e-6, 2.6e-6);
    plant_set_quiescent(&bed.plant, 0, 50.0); /* past the shunt */
    const double soc = now(PLANT_PACK_SOC), through_Ah = now(PLANT_CHARGE_THROUGH_Ah);

    plant_set_short(&bed.plant, true, SHORT_AT_BUS, 0, 1e-6);
    for (int n = 1; n <= 50; n++) {
        /* integral of U/R (1 - exp(-t/tau)) */
        const double t_s = n * step_s, charge_C = 4232.0 * (t_s + tau_s * expm1(-t_s / tau_s));

        plant_bed_run(&bed.plant, step_s);
        ck_assert_double_eq_tol((soc - now(PLANT_PACK_SOC)) * 3.6e5 / (charge_C + 50.0 * t_s), 1.0, 2e-5 + 3e-4 / n);
        ck_assert_double_eq_tol((through_Ah - now(PLANT_CHARGE_THROUGH_Ah)) * 3600.0 / charge_C, 1.0, 2e-5 + 3e-4 / n);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("fast");
    TCase *t = tcase_create("fast");

    tcase_set_timeout(t, 60);
    tcase_add_test(t, a_bolted_short_rises_as_its_closed_form);
    tcase_add_test(t, opening_into_avalanche_takes_the_time_and_energy_of_its_closed_form);
    tcase_add_test(t, inrush_into_a_link_peaks_as_its_closed_form);
    tcase_add_test(t, precharging_a_link_follows_its_closed_form);
    tcase_add_test(t, the_packs_own_precharge_bridges_the_discharge_bank);
    tcase_add_loop_test(t, a_short_sees_what_lies_before_it, 0, 3);
    tcase_add_test(t, two_packs_and_a_link_ring_as_a_naive_integrator_says);
    tcase_add_test(t, a_charge_fet_that_opens_in_discharge_hands_over_to_its_diode);
    tcase_add_test(t, a_closing_charge_fet_meets_the_chargers_capacitor);
    tcase_add_test(t, a_window_ends_and_leaves_long_steps_behind);
    tcase_add_test(t, a_short_that_nobody_opens_trips_the_breaker_and_ends);
    tcase_add_test(t, the_cells_pay_for_what_flows_in_a_window);
    suite_add_tcase(s, t);
    return check_run(s);
}
