/* Heat: the network against closed forms, energy balances, and case B against an independent integrator. */
#include "model/thermal.h"
#include "tests/plant_cases.h"
#include "tests/support/check_run.h"

#include <check.h>
#include <math.h>

#define PI 3.14159265358979323846
#define PULSE_A 100.0

/* One adiabatic lump. */
static struct thermal_params lump(double core_J_K)
{
    return (struct thermal_params){ .cells = 1, .core_J_K = core_J_K };
}

static void run(struct thermal *t, double span_s, double h_s, const struct thermal_heat *heat)
{
    const long steps = lround(span_s / h_s);

    for (long n = 0; n < steps; n++) {
        thermal_commit(t, h_s, heat);
    }
}

START_TEST(a_lump_cools_exponentially_at_any_step)
{
    static const double step_s[] = { 0.01, 1.0, 3600.0 };
    struct thermal_params p = lump(2059.2);
    const struct thermal_heat none = { 0 };
    struct thermal t;

    p.end_box_W_K = 0.36;
    thermal_init(&t, &p, 25.0);
    thermal_set_cell(&t, 0, 40.0);
    run(&t, 3600.0, step_s[_i], &none);
    ck_assert_double_eq_tol(t.now.core_degC[0], 32.993907, 6e-7);
    ck_assert_double_eq_tol(t.now.core_degC[0], 25.0 + 15.0 * exp(-3600.0 / 5720.0), 33e-9);
}
END_TEST

/* Sixteen lumps that differ as the n-th cosine keep that shape and decay with its time constant. */
START_TEST(a_chain_decays_mode_by_mode)
{
    static const int mode[] = { 0, 1, 2, 15 };
    static const double tau_s[] = { 17160.00, 14448.53, 9842.59, 843.42 };
    const struct thermal_params p = {
        .cells = 16, .core_J_K = 2059.2, .neighbour_W_K = 0.586, .cell_box_W_K = 0.12, .end_box_W_K = 0.12
    };
    const struct thermal_heat none = { 0 };
    struct thermal t;

    thermal_init(&t, &p, 25.0);
    for (int k = 0; k < 16; k++) {
        thermal_set_cell(&t, k, 25.0 + cos(mode[_i] * (k + 0.5) * PI / 16.0));
    }
    run(&t, 600.0, 60.0, &none);
    const double exact = 2059.2 / (0.12 + 4.0 * 0.586 * pow(sin(mode[_i] * PI / 32.0), 2.0));
    const double left = (t.now.core_degC[3] - 25.0) / cos(mode[_i] * 3.5 * PI / 16.0);

    ck_assert_double_eq_tol(-600.0 / log(left), tau_s[_i], 6e-3);
    ck_assert_double_eq_tol(left, exp(-600.0 / exact), 1e-9);
}
END_TEST

/* Ends that conduct like an infinite chain; one heated cell in the middle. */
START_TEST(heat_fades_along_a_chain)
{
    const double fade = exp(-2.0 * asinh(sqrt(0.12 / 0.586) / 2.0));
    const struct thermal_params p = { .cells = 15,
                                      .core_J_K = 2059.2,
                                      .neighbour_W_K = 0.586,
                                      .cell_box_W_K = 0.12,
                                      .end_box_W_K = 0.12 + 0.586 * (1.0 - fade) };
    struct thermal_heat heat = { 0 };
    struct thermal t;

    ck_assert_double_eq_tol(fade, 0.638426062, 6e-10);
    heat.cell_W[7] = 5.0;
    thermal_init(&t, &p, 25.0);
    run(&t, 400000.0, 1000.0, &heat);
    for (int k = 8; k < 15; k++) {
        ck_assert_double_eq_tol((t.now.core_degC[k] - 25.0) / (t.now.core_degC[k - 1] - 25.0), fade, 1e-9);
    }
}
END_TEST

static struct thermal_params pack_params(void)
{
    return (struct thermal_params){ .cells = 16,
                                    .core_J_K = 1750.0,
                                    .surface_J_K = 309.2,
                                    .core_surface_W_K = 2.725,
                                    .neighbour_W_K = 0.586,
                                    .cell_box_W_K = 0.6,
                                    .end_box_W_K = 1.2,
                                    .box_J_K = 9000.0,
                                    .box_ambient_W_K = 5.8,
                                    .board_J_K = 60.0,
                                    .board_box_W_K = 0.8,
                                    .junction_J_K = 0.1,
                                    .junction_board_K_W = 0.05 };
}

static struct thermal_heat pack_heat(void)
{
    struct thermal_heat heat = { .box_W = 1.0, .board_W = 2.0, .junction_W = { 8.0, 0.5 } };

    for (int k = 0; k < 16; k++) {
        heat.cell_W[k] = 3.0 + 0.1 * k;
    }
    return heat;
}

static double stored_J(const struct thermal *t)
{
    const struct thermal_params *p = &t->params;
    double sum = p->box_J_K * t->now.box_degC + p->board_J_K * t->now.board_degC +
                 p->junction_J_K * (t->junction_degC[0] + t->junction_degC[1]);

    for (int k = 0; k < p->cells; k++) {
        sum += p->core_J_K * t->now.core_degC[k] + p->surface_J_K * t->now.surface_degC[k];
    }
    return sum;
}

START_TEST(no_heat_is_lost_in_a_closed_pack)
{
    static const double step_s[] = { 0.001, 0.1, 7.0, 60.0 };
    struct thermal_params p = pack_params();
    const struct thermal_heat heat = pack_heat();
    double watts = heat.box_W + heat.board_W + heat.junction_W[0] + heat.junction_W[1];
    struct thermal t;

    p.box_ambient_W_K = 0.0;
    thermal_init(&t, &p, 25.0);
    const double before = stored_J(&t);

    for (int k = 0; k < 16; k++) {
        watts += heat.cell_W[k];
    }
    run(&t, 420.0, step_s[_i], &heat);
    ck_assert_double_eq_tol((stored_J(&t) - before) / (watts * 420.0), 1.0, 1e-9);
}
END_TEST

START_TEST(a_pack_in_the_steady_state_gives_its_heat_to_the_chamber)
{
    const struct thermal_params p = pack_params();
    const struct thermal_heat heat = pack_heat();
    struct thermal t;
    double watts = 3.5 + 8.0; /* box, board and junctions */

    for (int k = 0; k < 16; k++) {
        watts += heat.cell_W[k];
    }
    thermal_init(&t, &p, 20.0);
    run(&t, 200000.0, 500.0, &heat);
    ck_assert_double_eq_tol(t.now.box_degC, 20.0 + watts / 5.8, 1e-6);
    ck_assert_double_eq_tol(t.now.board_degC, t.now.box_degC + 10.5 / 0.8, 1e-6);
    ck_assert_double_eq_tol(t.now.core_degC[5] - t.now.surface_degC[5], heat.cell_W[5] / 2.725, 1e-6);
    thermal_set_cooling(&t, 0.1);
    run(&t, 2000000.0, 500.0, &heat);
    ck_assert_double_eq_tol(t.now.box_degC, 20.0 + watts / 0.58, 1e-4);
}
END_TEST

START_TEST(steps_of_any_size_agree)
{
    const struct thermal_params p = pack_params();
    const struct thermal_heat heat = pack_heat();
    struct thermal fine, coarse;

    thermal_init(&fine, &p, 25.0);
    thermal_init(&coarse, &p, 25.0);
    thermal_set_ambient(&fine, 25.0, 0.01);
    thermal_set_ambient(&coarse, 25.0, 0.01);
    run(&fine, 300.0, 0.001, &heat);
    run(&coarse, 300.0, 10.0, &heat);
    for (int k = 0; k < 16; k++) {
        ck_assert_double_eq_tol(fine.now.core_degC[k], coarse.now.core_degC[k], 1e-7);
        ck_assert_double_eq_tol(thermal_surface(&fine, k, 0.0), thermal_surface(&coarse, k, 0.0), 2e-6);
    }
    ck_assert_double_eq_tol(thermal_box(&fine, 0.0), thermal_box(&coarse, 0.0), 2e-6);
    ck_assert_double_eq_tol(fine.junction_degC[0], coarse.junction_degC[0], 5e-3);
    ck_assert_double_eq_tol(thermal_ambient(&fine, 0.0), 28.0, 1e-9);
}
END_TEST

START_TEST(a_junction_follows_its_power_in_milliseconds)
{
    const struct thermal_params p = pack_params();
    const struct thermal_heat heat = { .junction_W = { 80.0, 0.0 } };
    struct thermal t;

    thermal_init(&t, &p, 25.0);
    ck_assert_double_eq_tol(thermal_junction(&t, 0, 0.005, 80.0), 25.0 + 4.0 * -expm1(-1.0), 1e-9);
    thermal_commit(&t, 0.005, &heat);
    ck_assert_double_eq_tol(t.junction_degC[0], 25.0 + 4.0 * -expm1(-1.0), 1e-9);
    ck_assert_double_eq_tol(t.junction_degC[1], 25.0, 1e-12);
    run(&t, 100.0, 0.1, &heat);
    ck_assert_double_eq_tol(t.junction_degC[0] - t.now.board_degC, 4.0, 0.05);
    ck_assert_double_gt(t.now.board_degC, 70.0); /* 80 W against 0.8 W/K: a body diode cooks the board */
}
END_TEST

START_TEST(without_board_and_junctions_their_heat_reaches_the_box)
{
    struct thermal_params p = pack_params();
    const struct thermal_heat heat = { .board_W = 2.0, .junction_W = { 8.0, 0.0 } };
    struct thermal t;

    p.board_J_K = 0.0;
    p.junction_J_K = 0.0;
    thermal_init(&t, &p, 20.0);
    run(&t, 200000.0, 500.0, &heat);
    ck_assert_double_eq_tol(t.now.box_degC, 20.0 + 10.0 / 5.8, 1e-6);
    ck_assert_double_eq_tol(thermal_junction(&t, 0, 1.0, 5.0), t.now.box_degC, 1e-6);
}
END_TEST

/* 100 A for 600 s, then rest, on the cell of the closed forms: heat by its formula, energies from potentials. */
START_TEST(energy_closes_with_constant_parameters)
{
    static const double step_s[] = { 0.01, 1.0, 60.0 };
    struct cell_params p = plain_cell(0.45e-3, 0.35e-3, 12.0, 0.60e-3, 190.0);
    const struct thermal_params q = lump(2059.2);
    struct thermal_heat heat = { 0 };
    struct string s;
    struct thermal t;
    double heat_J = 0.0;
    const double h_s = step_s[_i];

    flat_ocv(&p, 3.30);
    string_init(&s, &p, 1);
    string_set_cell(&s, 0, 0.5, 25.0, 0.0);
    thermal_init(&t, &q, 25.0);
    for (long n = 0; n < lround(600.0 / h_s); n++) {
        string_prepare(&s);
        string_commit(&s, h_s, -PULSE_A, 0.0, heat.cell_W);
        thermal_commit(&t, h_s, &heat);
        heat_J += heat.cell_W[0] * h_s;
    }
    const double v1 = s.branch[0][0], v2 = s.branch[1][0];
    const double capacitors_J = 0.5 * 12.0 / 0.35e-3 * v1 * v1 + 0.5 * 190.0 / 0.60e-3 * v2 * v2;

    ck_assert_double_eq_tol(heat_J, 6722.904251, 6722.9e-9);
    ck_assert_double_eq_tol(capacitors_J, 543.563023, 543.6e-9);
    ck_assert_double_eq_tol(heat_J + capacitors_J, 7266.467274, 7266.5e-9);
    ck_assert_double_eq_tol(t.now.core_degC[0] - 25.0, 3.264814, 6e-7);
    for (long n = 0; n < lround(6000.0 / 60.0); n++) {
        string_prepare(&s);
        string_commit(&s, 60.0, 0.0, 0.0, heat.cell_W);
        thermal_commit(&t, 60.0, &heat);
    }
    ck_assert_double_eq_tol(t.now.core_degC[0] - 25.0, 3.528782, 6e-7);
}
END_TEST

START_TEST(energy_closes_with_a_ramp_of_current)
{
    struct cell_params p = plain_cell(0.45e-3, 0.35e-3, 12.0, 0.60e-3, 190.0);
    double heat_W[1], heat_J = 0.0, terminal_J = 0.0;
    struct string s;

    flat_ocv(&p, 3.30);
    string_init(&s, &p, 1);
    for (int n = 0; n < 20; n++) { /* -100 to +100 A */
        const double i0 = -100.0 + 10.0 * n;

        string_prepare(&s);
        /* i v is a product of a line and exponentials: Simpson's rule on many pieces of the dense output. */
        for (int k = 0; k < 400; k++) {
            const double a = 10.0 * k / 400, w = (k == 0 ? 1.0 : k % 2 ? 4.0 : 2.0) * 10.0 / 1200.0;

            terminal_J += w * (i0 + a) * string_cell_voltage(&s, 0, a, i0, 1.0);
        }
        terminal_J += 10.0 / 1200.0 * (i0 + 10.0) * string_cell_voltage(&s, 0, 10.0, i0, 1.0);
        string_commit(&s, 10.0, i0, 1.0, heat_W);
        heat_J += 10.0 * heat_W[0];
    }
    const double v1 = s.branch[0][0], v2 = s.branch[1][0];
    const double stored_J =
        0.5 * 12.0 / 0.35e-3 * v1 * v1 + 0.5 * 190.0 / 0.60e-3 * v2 * v2 + 3.30 * (s.charge_C[0] - 180000.0);

    ck_assert_double_eq_tol(terminal_J - heat_J - stored_J, 0.0, 1e-9 * heat_J);
}
END_TEST

START_TEST(entropic_heat_cools_on_discharge_where_the_voltage_rises_with_temperature)
{
    static const double soc = 0.0, per_K = 1.1027e-4;
    struct cell_params p = plain_cell(0.0, 0.0, 12.0, 0.0, 190.0);
    double heat_W[1];
    struct string s;

    (void)cell_table_fill(&p.grid, CELL_ENTROPY, 1, &soc, &per_K, NULL);
    string_init(&s, &p, 1);
    string_prepare(&s);
    string_commit(&s, 0.01, -100.0, 0.0, heat_W);
    ck_assert_double_eq_tol(heat_W[0], -3.287700, 6e-7);
}
END_TEST

static Suite *suite(void)
{
    Suite *const s = suite_create("thermal");
    TCase *const network = tcase_create("network"), *const heat = tcase_create("heat");

    tcase_add_loop_test(network, a_lump_cools_exponentially_at_any_step, 0, 3);
    tcase_add_loop_test(network, a_chain_decays_mode_by_mode, 0, 4);
    tcase_add_test(network, heat_fades_along_a_chain);
    tcase_add_loop_test(network, no_heat_is_lost_in_a_closed_pack, 0, 4);
    tcase_add_test(network, a_pack_in_the_steady_state_gives_its_heat_to_the_chamber);
    tcase_add_test(network, steps_of_any_size_agree);
    tcase_add_test(network, a_junction_follows_its_power_in_milliseconds);
    tcase_add_test(network, without_board_and_junctions_their_heat_reaches_the_box);
    tcase_set_timeout(network, 60.0);
    suite_add_tcase(s, network);
    tcase_add_loop_test(heat, energy_closes_with_constant_parameters, 0, 3);
    tcase_add_test(heat, energy_closes_with_a_ramp_of_current);
    tcase_add_test(heat, entropic_heat_cools_on_discharge_where_the_voltage_rises_with_temperature);
    suite_add_tcase(s, heat);
    return s;
}

int main(void)
{
    return check_run(suite());
}
