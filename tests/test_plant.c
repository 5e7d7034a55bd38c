/* The plant as its users see it: plan, read, commit; slow mode against closed forms. */
#include "tests/support/check_run.h"
#include "tests/support/plant_bed.h"

#include <check.h>
#include <math.h>
#include <string.h>

static struct plant_bed bed;

static double now(enum plant_signal signal)
{
    return bed_read(&bed.plant, signal, 0, 0);
}

static double of_pack(enum plant_signal signal, int pack)
{
    return bed_read(&bed.plant, signal, pack, 0);
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

/* Byte for byte: also what no reader shows must be the same. */
static bool is_same(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct plant)) == 0;
}

/* ---- closed forms ---- */

/* Two packs 0.8 V apart over 57 mOhm: 14.035088 A; with 1.2 V per unit of charge tau 8550 s, 0.525084 V after 1 h. */
START_TEST(two_packs_equalise_as_their_closed_form)
{
    plant_bed_cell(&bed.cell, 52.0, 1.2, 28.5e-3);
    bed_pack(&bed.pack, &bed.cell, 1);
    bed.pack.terminal_Ohm = 1e12;
    plant_bed_start(&bed, 2);
    plant_set_cell(&bed.plant, 0, 0, 0.1, 25.0, 0.0);
    plant_set_cell(&bed.plant, 1, 0, 0.1 + 0.8 / 1.2, 25.0, 0.0);
    for (int k = 0; k < 2; k++) {
        bed_gates(&bed.plant, k, true, true);
    }
    plant_bed_run(&bed.plant, 1e-3);
    ck_assert_double_eq_tol(of_pack(PLANT_PACK_CURRENT_A, 0), 14.035088, 5e-6);
    ck_assert_double_eq_tol(of_pack(PLANT_PACK_CURRENT_A, 1), -14.035088, 5e-6);
    plant_bed_run(&bed.plant, 3600.0 - 1e-3);
    ck_assert_double_eq_tol((of_pack(PLANT_PACK_SOC, 1) - of_pack(PLANT_PACK_SOC, 0)) * 1.2, 0.525084, 1e-6);
}
END_TEST

/* 1.40 mOhm, 4 V per unit of charge, 100 Ah: tau 126 s, from 50 to 5 A in 290.126 s. */
START_TEST(a_cv_phase_decays_as_its_closed_form)
{
    plant_bed_cell(&bed.cell, 0.0, 4.0, 1.40e-3);
    bed_pack(&bed.pack, &bed.cell, 1);
    bed.pack.terminal_Ohm = 1e12;
    plant_bed_start(&bed, 1);
    bed_gates(&bed.plant, 0, true, true);
    plant_set_cell(&bed.plant, 0, 0, 0.9, 25.0, 0.0);
    plant_set_charger(&bed.plant, true, 500.0, 3.6 + 60.0 * 1.4e-3);
    plant_bed_run(&bed.plant, 1.0);
    while (now(PLANT_PACK_CURRENT_A) > 50.0) {
        plant_bed_run(&bed.plant, 1e-3);
    }
    const double from_A = now(PLANT_PACK_CURRENT_A);

    ck_assert_double_eq_tol(from_A, 50.0, 1e-3);
    plant_bed_run(&bed.plant, 126.0 * log(10.0)); /* 290.126 s; half of its last digit is 2e-5 A */
    ck_assert_double_eq_tol(now(PLANT_PACK_CURRENT_A) * 50.0 / from_A, 5.0, 2e-5);
    ck_assert_double_eq_tol(now(PLANT_BUS_VOLTAGE_V), 3.684, 1e-5);
}
END_TEST

/* C dV/dt = leak - V / R: to 5 V with 0.1 s. */
START_TEST(a_bus_that_nobody_ties_discharges_to_what_leakage_holds)
{
    start_closed();
    bed_gates(&bed.plant, 0, false, false);
    plant_bed_run(&bed.plant, 0.01); /* the bank has more than a volt across it: all of its leakage */
    const double from_V = now(PLANT_TERMINAL_VOLTAGE_V);

    for (int n = 1; n <= 5; n++) {
        plant_bed_run(&bed.plant, 0.1);
        ck_assert_double_eq_tol(now(PLANT_TERMINAL_VOLTAGE_V), 5.0 + (from_V - 5.0) * exp(-n), 5e-3);
    }
    plant_bed_run(&bed.plant, 10.0);
    ck_assert_double_eq_tol(now(PLANT_TERMINAL_VOLTAGE_V), 5.0, 1e-6);
    ck_assert_double_eq_tol(now(PLANT_PACK_CURRENT_A), -50e-6, 1e-12);
}
END_TEST

START_TEST(a_link_keeps_its_charge_when_it_leaves_and_bleeds_down)
{
    start_closed();
    plant_set_inverter(&bed.plant, true, 10e-3, 0.01, 50.0, 10e3);
    plant_bed_run(&bed.plant, 10.0);
    plant_set_inverter(&bed.plant, false, 0.0, 0.0, 0.0, 0.0);
    plant_bed_run(&bed.plant, 0.01);
    const double from_V = now(PLANT_LINK_VOLTAGE_V);

    ck_assert_double_gt(from_V, 52.0);
    plant_bed_run(&bed.plant, 100.0);
    ck_assert_double_eq_tol(now(PLANT_LINK_VOLTAGE_V), from_V * exp(-1.0), 1e-6);
}
END_TEST

/* 10 mF over 10 kOhm and 100 kOhm, fed by 50 uA of leakage, which shows as soon as a volt is missing. */
START_TEST(a_link_that_is_left_to_hold_the_bus_bleeds_with_it)
{
    const double parallel_Ohm = 1.0 / (1e-4 + 1e-5), floor_V = 50e-6 * parallel_Ohm;

    start_closed();
    plant_set_inverter(&bed.plant, true, 10e-3, 0.01, 0.0, 10e3);
    plant_bed_run(&bed.plant, 1.0);
    bed_gates(&bed.plant, 0, false, false);
    plant_bed_run(&bed.plant, 10.0);
    const double from_V = now(PLANT_LINK_VOLTAGE_V);

    plant_bed_run(&bed.plant, 100.0);
    ck_assert_double_eq_tol(now(PLANT_LINK_VOLTAGE_V),
                            floor_V + (from_V - floor_V) * exp(-100.0 / (0.01 * parallel_Ohm)), 0.02);
}
END_TEST

START_TEST(a_bms_that_draws_much_does_not_move_the_charging_voltage)
{
    start_closed();
    plant_set_quiescent(&bed.plant, 0, 0.5);
    plant_set_charger(&bed.plant, true, 50.0, 53.2);
    plant_bed_run(&bed.plant, 10.0);
    ck_assert_double_eq_tol(now(PLANT_BUS_VOLTAGE_V), 53.2, 1e-5);
    ck_assert_double_lt(now(PLANT_CHARGER_CURRENT_A), 49.0);
}
END_TEST

START_TEST(sixteen_packs_share_a_load_by_their_resistance)
{
    start_wired(PLANT_PACKS_MAX);
    for (int k = 0; k < PLANT_PACKS_MAX; k++) {
        bed_gates(&bed.plant, k, true, true);
        if (k >= 8) {
            for (int cell = 0; cell < 16; cell++) {
                plant_set_cell_spread(&bed.plant, k, cell, 1.0, 2.0, INFINITY);
            }
        }
    }
    plant_set_load(&bed.plant, PLANT_LOAD_CURRENT, 400.0);
    plant_bed_run(&bed.plant, 0.1);
    const double fixed_Ohm = 15 * 80e-6 + 750e-6 + 600e-6 + 3.9e-3;
    const double strong_A = of_pack(PLANT_PACK_CURRENT_A, 0), weak_A = of_pack(PLANT_PACK_CURRENT_A, 15);

    ck_assert_double_eq_tol(8.0 * (strong_A + weak_A), -400.0, 0.01);
    ck_assert_double_eq_tol(strong_A / weak_A, (32e-3 + fixed_Ohm) / (16e-3 + fixed_Ohm), 2e-3);
}
END_TEST

/* ---- segments ---- */

START_TEST(planning_twice_changes_nothing)
{
    start_closed();
    plant_set_load(&bed.plant, PLANT_LOAD_POWER, 3000.0);
    for (int n = 0; n < 2000; n++) {
        const int64_t length_ns = plant_plan(&bed.plant, INT64_C(1000000000));
        const double volt_V = plant_read(&bed.plant, PLANT_BUS_VOLTAGE_V, 0, 0, length_ns);
        const struct plant copy = bed.plant;

        ck_assert_int_eq(plant_plan(&bed.plant, INT64_C(1000000000)), length_ns);
        ck_assert_double_eq(plant_read(&bed.plant, PLANT_BUS_VOLTAGE_V, 0, 0, length_ns), volt_V);
        ck_assert(is_same(&copy, &bed.plant));
        plant_commit(&bed.plant, length_ns);
    }
}
END_TEST

START_TEST(a_shorter_request_gets_a_part_of_the_same_segment)
{
    double begin_A, end_A;

    start_closed();
    plant_set_load(&bed.plant, PLANT_LOAD_RESISTANCE, 1.0);
    plant_bed_run(&bed.plant, 30e-6);
    const int64_t length_ns = plant_plan(&bed.plant, 1000000);
    const double half_A = plant_read(&bed.plant, PLANT_PACK_CURRENT_A, 0, 0, length_ns / 2);

    ck_assert_int_eq(plant_plan(&bed.plant, length_ns / 2), length_ns / 2);
    plant_current(&bed.plant, 0, &begin_A, &end_A);
    ck_assert_double_eq_tol(end_A, half_A, 1e-12);
}
END_TEST

START_TEST(what_is_read_ahead_is_what_a_commit_leaves)
{
    static const enum plant_signal signal[] = { PLANT_PACK_CURRENT_A, PLANT_TERMINAL_VOLTAGE_V, PLANT_BUS_VOLTAGE_V,
                                                PLANT_CELL_VOLTAGE_V, PLANT_CELL_SOC,           PLANT_LINK_VOLTAGE_V,
                                                PLANT_NTC_degC,       PLANT_STACK_VOLTAGE_V,    PLANT_CHARGER_CURRENT_A,
                                                PLANT_LOAD_CURRENT_A, PLANT_CHARGE_THROUGH_Ah };

    start_closed();
    plant_set_inverter(&bed.plant, true, 10e-3, 0.01, 20.0, 10e3);
    plant_set_load(&bed.plant, PLANT_LOAD_POWER, 2000.0);
    for (int n = 0; n < 3000; n++) {
        const int64_t length_ns = plant_plan(&bed.plant, INT64_C(1000000000));
        const int64_t at_ns = n % 3 == 0 ? length_ns : 1 + length_ns * (n % 3) / 3;
        double ahead[sizeof signal / sizeof signal[0]];

        for (size_t s = 0; s < sizeof signal / sizeof signal[0]; s++) {
            ahead[s] = plant_read(&bed.plant, signal[s], 0, 0, at_ns);
        }
        plant_commit(&bed.plant, at_ns);
        for (size_t s = 0; s < sizeof signal / sizeof signal[0]; s++) {
            ck_assert_msg(fabs(now(signal[s]) - ahead[s]) < 2e-4 + 2e-5 * fabs(ahead[s]),
                          "segment %d (%lld ns of %lld, %s), signal %d: %.9g ahead, %.9g then", n, (long long)at_ns,
                          (long long)length_ns, bed.plant.fast ? "fast" : "slow", (int)signal[s], ahead[s],
                          now(signal[s]));
        }
    }
}
END_TEST

START_TEST(a_copy_lives_the_same_life)
{
    start_closed();
    plant_set_load(&bed.plant, PLANT_LOAD_CURRENT, 80.0);
    plant_bed_run(&bed.plant, 1.2345e-4);
    struct plant copy;

    memcpy(&copy, &bed.plant, sizeof copy);
    for (int n = 0; n < 2; n++) {
        struct plant *p = n == 0 ? &bed.plant : &copy;

        plant_bed_run(p, 0.5);
        plant_set_gate(p, 0, PLANT_CHARGE_GATE, false);
        plant_bed_run(p, 100.0);
    }
    ck_assert(is_same(&copy, &bed.plant));
}
END_TEST

START_TEST(short_steps_and_long_steps_agree)
{
    double volt_V[2];

    for (int n = 0; n < 2; n++) {
        start_closed();
        plant_set_charger(&bed.plant, true, 30.0, 53.2);
        plant_bed_run(&bed.plant, 0.5);
        for (int k = 0; k < (n == 0 ? 1 : 100000); k++) {
            plant_bed_run(&bed.plant, n == 0 ? 1000.0 : 0.01);
        }
        volt_V[n] = bed_read(&bed.plant, PLANT_CELL_VOLTAGE_V, 0, 3);
    }
    ck_assert_double_eq_tol(volt_V[0], volt_V[1], 1e-5);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("plant");
    TCase *t = tcase_create("plant");

    tcase_set_timeout(t, 60);
    tcase_add_test(t, two_packs_equalise_as_their_closed_form);
    tcase_add_test(t, a_cv_phase_decays_as_its_closed_form);
    tcase_add_test(t, a_bus_that_nobody_ties_discharges_to_what_leakage_holds);
    tcase_add_test(t, a_link_keeps_its_charge_when_it_leaves_and_bleeds_down);
    tcase_add_test(t, a_link_that_is_left_to_hold_the_bus_bleeds_with_it);
    tcase_add_test(t, a_bms_that_draws_much_does_not_move_the_charging_voltage);
    tcase_add_test(t, sixteen_packs_share_a_load_by_their_resistance);
    tcase_add_test(t, planning_twice_changes_nothing);
    tcase_add_test(t, a_shorter_request_gets_a_part_of_the_same_segment);
    tcase_add_test(t, what_is_read_ahead_is_what_a_commit_leaves);
    tcase_add_test(t, a_copy_lives_the_same_life);
    tcase_add_test(t, short_steps_and_long_steps_agree);
    suite_add_tcase(s, t);
    return check_run(s);
}
