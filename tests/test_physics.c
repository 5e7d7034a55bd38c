/* The plant's cells with all physics on: energy, step size, and verification case B against an integrator of its own.
 */
#include "model/string.h"
#include "model/thermal.h"
#include "sim/cell_json.h"
#include "tests/plant_cases.h"
#include "tests/support/check_run.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define CELL "model/cells/lfp100.json"

struct rig { /* some cells with their heat, stepped as the plant does */
    struct cell_params params;
    struct string string;
    struct thermal thermal;
    double heat_J;
};

static void build(struct rig *r, int cells, double soc, double degC)
{
    struct diag d;

    diag_init(&d);
    if (!cell_json_load(&r->params, CELL, &d)) {
        diag_print(&d, stderr);
        ck_abort();
    }
    diag_free(&d);
    const struct thermal_params network = { .cells = cells,
                                            .core_J_K = r->params.core_J_K,
                                            .surface_J_K = r->params.surface_J_K,
                                            .core_surface_W_K = r->params.core_surface_W_K,
                                            .neighbour_W_K = r->params.neighbour_W_K,
                                            .cell_box_W_K = 0.6,
                                            .end_box_W_K = 1.2,
                                            .box_J_K = 9000.0,
                                            .box_ambient_W_K = 5.8 };

    string_init(&r->string, &r->params, cells);
    thermal_init(&r->thermal, &network, degC);
    for (int k = 0; k < cells; k++) {
        string_set_cell(&r->string, k, soc + 0.002 * k, degC, 0.0);
    }
    string_set_temperatures(&r->string, r->thermal.now.core_degC, r->thermal.inflow_W, r->params.core_J_K);
    string_prepare(&r->string);
    r->heat_J = 0.0;
}

static void step(struct rig *r, double h_s, double amps, double slope_A_s)
{
    struct thermal_heat heat = { .box_W = 0.0 };

    string_commit(&r->string, h_s, amps, slope_A_s, heat.cell_W);
    thermal_commit(&r->thermal, h_s, &heat);
    string_set_temperatures(&r->string, r->thermal.now.core_degC, r->thermal.inflow_W, r->params.core_J_K);
    string_prepare(&r->string);
    r->heat_J += heat.cell_W[0] * h_s;
}

/* ---- energy ---------------------------------------------------------------------------------------------------------
 */

/* Potential of the charge: integral of U - T0 dU/dT over the charge, exact for tables that are lines. */
static double potential_J(const struct cell_params *p, double soc, double capacity_C)
{
    const double t0 = p->reference_degC + CELL_ZERO_degC;
    double sum = 0.0;

    for (int n = 0; n < p->grid.count - 1; n++) {
        const double begin = cell_segment_start(p, n), end = fmin(begin + p->grid.step, soc);

        if (end > begin) {
            const double middle = 0.5 * (begin + end);

            sum += (end - begin) * (cell_table_at(p, CELL_OCV, middle) - t0 * cell_table_at(p, CELL_ENTROPY, middle));
        }
    }
    return sum * capacity_C;
}

static double branch_Ohm(const struct rig *r, int j, double amps)
{
    const double soc = r->string.charge_C[0] * r->string.per_C[0];
    const double b = fmin(fmax(0.5 + amps / (0.04 * r->params.nominal_Ah), 0.0), 1.0);
    const double discharge = cell_table_at(&r->params, (enum cell_table)(CELL_R_DISCHARGE + 1 + j), soc);
    const double charge = cell_table_at(&r->params, (enum cell_table)(CELL_R_CHARGE + 1 + j), soc);

    return (discharge + b * (charge - discharge)) *
           cell_factor_at(&r->params.r_factor[1 + j], r->string.core_degC[0], NULL);
}

static double capacitors_J(const struct rig *r, double amps)
{
    double sum = 0.0;

    for (int j = 0; j < r->params.rc_count; j++) {
        sum += 0.5 * r->params.tau_s[j] * pow(r->string.branch[j][0], 2.0) / branch_Ohm(r, j, amps);
    }
    return sum;
}

struct ledger {
    double terminal_J, moving_J; /* moving: resistances that move with constant time constants make energy */
};

/* One step at constant current; the current before it was `before`. */
static void enter(struct rig *r, struct ledger *l, double h_s, double before, double amps)
{
    double begin_S[CELL_RC_MAX] = { 0.0 }, begin_V[CELL_RC_MAX] = { 0.0 };

    for (int j = 0; j < r->params.rc_count; j++) {
        begin_V[j] = r->string.branch[j][0];
        begin_S[j] = 1.0 / branch_Ohm(r, j, amps);
        l->moving_J +=
            0.5 * r->params.tau_s[j] * begin_V[j] * begin_V[j] * (begin_S[j] - 1.0 / branch_Ohm(r, j, before));
    }
    if (amps != 0.0) {
        l->terminal_J += h_s / 6.0 * amps *
                         (string_cell_voltage(&r->string, 0, 0.0, amps, 0.0) +
                          4.0 * string_cell_voltage(&r->string, 0, 0.5 * h_s, amps, 0.0) +
                          string_cell_voltage(&r->string, 0, h_s, amps, 0.0));
    }
    step(r, h_s, amps, 0.0);
    for (int j = 0; j < r->params.rc_count; j++) {
        const double v = 0.5 * (begin_V[j] + r->string.branch[j][0]);

        l->moving_J += 0.5 * r->params.tau_s[j] * v * v * (1.0 / branch_Ohm(r, j, amps) - begin_S[j]);
    }
}

START_TEST(energy_closes_with_all_physics)
{
    static const double amps[] = { -150.0, 0.0, 60.0, -30.0, 0.0 };
    struct ledger l = { 0.0, 0.0 };
    double before = 0.0;
    struct rig r;

    build(&r, 1, 0.62, 30.0); /* above 25 degC the capacity does not move */
    const double start_J = potential_J(&r.params, 0.62, r.string.capacity_C[0]);

    for (int n = 0; n < COUNT_OF(amps); n++) {
        for (int k = 0; k < 30000; k++) {
            enter(&r, &l, 0.01, before, amps[n]);
            before = amps[n];
        }
    }
    const double soc = r.string.charge_C[0] * r.string.per_C[0];
    const double stored_J = potential_J(&r.params, soc, r.string.capacity_C[0]) - start_J + capacitors_J(&r, before);
    const double off_J = l.terminal_J + l.moving_J - r.heat_J - stored_J;

    ck_assert_double_gt(r.heat_J, 5000.0);
    ck_assert_double_gt(fabs(l.moving_J), 1e-5 * r.heat_J); /* the line is there, and is needed */
    ck_assert_double_eq_tol(off_J / r.heat_J, 0.0, 1e-6);
}
END_TEST

/* ---- step size ------------------------------------------------------------------------------------------------------
 */

/* Two minutes on, one off, with a ramp between, for 20 minutes; every 10 s the voltages are kept. */
static int drive(struct rig *r, double longest_s, double volts[], int most)
{
    int count = 0;

    for (int part = 0; part < 6; part++) {
        const double amps = part % 3 == 2 ? 0.0 : part % 2 ? 60.0 : -100.0;

        for (int tens = 0; tens < 20; tens++) {
            double left_s = 10.0;

            while (left_s > 0.0) {
                double h = fmin(longest_s, string_step_limit(&r->string, amps, 0.0));

                h = h > left_s * (1.0 - 1e-9) ? left_s : h;
                step(r, h, amps, 0.0);
                left_s -= h;
            }
            if (count < most) {
                volts[count++] = string_voltage(&r->string, 0.0, amps, amps, NULL) / r->string.cells;
            }
        }
    }
    return count;
}

START_TEST(voltages_do_not_depend_on_the_step)
{
    static const double start_degC[] = { 25.0, 5.0, -15.0 };
    double fine_V[200], coarse_V[200];
    struct rig fine, coarse;

    build(&fine, 4, 0.70, start_degC[_i]);
    build(&coarse, 4, 0.70, start_degC[_i]);
    const int count = drive(&fine, 0.001, fine_V, 200);

    ck_assert_int_eq(drive(&coarse, 10.0, coarse_V, 200), count);
    for (int n = 0; n < count; n++) {
        ck_assert_double_eq_tol(fine_V[n], coarse_V[n], 10e-6);
    }
}
END_TEST

START_TEST(a_read_within_a_step_is_what_a_commit_there_leaves)
{
    static const double at_s[] = { 1e-6, 1e-3, 0.04, 0.06, 1.0, 7.3 };
    struct rig start;
    double volts[16];

    build(&start, 16, 0.095, 10.0); /* some of the cells cross a bend of their tables */
    if (_i < 2 * COUNT_OF(at_s)) {  /* then nothing but the string's current and the leaks */
        string_set_bleed(&start.string, 3, 0.08, 0.0);
    }
    if (_i >= COUNT_OF(at_s) && _i < 2 * COUNT_OF(at_s)) {
        string_set_short(&start.string, 5, 2.0);
    }
    step(&start, 1.0, -40.0, 0.0);
    struct rig moved = start;
    const double s = at_s[_i % COUNT_OF(at_s)], slope = 3.0;

    moved.string.params = &moved.params;
    string_cell_voltages(&start.string, s, -40.0, slope, volts);
    string_commit(&moved.string, s, -40.0, slope, NULL);
    for (int k = 0; k < 16; k++) {
        double core_degC[16];

        ck_assert_double_eq_tol(string_cell_voltage(&start.string, k, s, -40.0, slope), volts[k], 1e-13);
        ck_assert_double_eq_tol(string_cell_soc(&start.string, k, s, -40.0, slope),
                                moved.string.charge_C[k] * moved.string.per_C[k], 1e-15);
        core_degC[k] = string_cell_temperature(&start.string, k, s, -40.0, slope);
        moved.string.core_degC[k] = core_degC[k];
    }
    moved.string.dirty = true;
    string_prepare(&moved.string);
    for (int k = 0; k < 16; k++) {
        /* Capacity follows the temperature only now, and the look-ahead was one of two evaluations. */
        ck_assert_double_eq_tol(string_cell_voltage(&moved.string, k, 0.0, -40.0 + slope * s, 0.0), volts[k],
                                s > 0.05 ? 20e-6 : 1e-6);
    }
}
END_TEST

/* ---- case B ---------------------------------------------------------------------------------------------------------
 */

#define STATES 5 /* z, v1, v2, h, T of each cell */

/* Discharge positive, as the case is written down; plain tables. */
struct naive {
    struct cell_params p;
    double capacity_C[CASE_CELLS], series_Ohm[CASE_CELLS];
};

static double lookup(const struct cell_params *p, enum cell_table t, double z)
{
    return cell_table_at(p, t, z);
}

static void derivatives(const struct naive *n, double discharge_A, double y[CASE_CELLS][STATES],
                        double out[CASE_CELLS][STATES])
{
    for (int k = 0; k < CASE_CELLS; k++) {
        const double i = discharge_A, *x = y[k], kelvin = x[4] + 273.15, hot = 1.0 / kelvin - 1.0 / 298.15;
        const double r0 = n->series_Ohm[k] * exp(20000.0 / 8.314462618 * hot);
        const double r1 = 0.35e-3 * exp(40000.0 / 8.314462618 * hot), r2 = 0.60e-3 * exp(30000.0 / 8.314462618 * hot);
        const double per_s = 60.0 / n->capacity_C[k];
        const double heat = i * (r0 * i + x[1] + x[2] - x[3] * lookup(&n->p, CELL_HYST, x[0])) -
                            i * kelvin * lookup(&n->p, CELL_ENTROPY, x[0]);
        double flow = (k == 0 || k == CASE_CELLS - 1 ? 0.45 : 0.12) * (25.0 - x[4]);

        flow += k > 0 ? 4.0 * (y[k - 1][4] - x[4]) : 0.0;
        flow += k < CASE_CELLS - 1 ? 4.0 * (y[k + 1][4] - x[4]) : 0.0;
        out[k][0] = -i / n->capacity_C[k];
        out[k][1] = (r1 * i - x[1]) / 10.0;
        out[k][2] = (r2 * i - x[2]) / 200.0;
        out[k][3] = -per_s * (fabs(i) * x[3] + i);
        out[k][4] = (heat + flow) / 2089.5;
    }
}

static void naive_step(const struct naive *n, double y[CASE_CELLS][STATES], double h, double i0, double i1)
{
    static const double at[4] = { 0.0, 0.5, 0.5, 1.0 }, share[4] = { 1.0 / 6.0, 1.0 / 3.0, 1.0 / 3.0, 1.0 / 6.0 };
    double rate[CASE_CELLS][STATES] = { { 0.0 } }, start[CASE_CELLS][STATES], probe[CASE_CELLS][STATES];

    memcpy(start, y, sizeof start);
    for (int stage = 0; stage < 4; stage++) {
        for (int k = 0; k < CASE_CELLS; k++) {
            for (int x = 0; x < STATES; x++) {
                probe[k][x] = start[k][x] + at[stage] * h * rate[k][x];
            }
        }
        derivatives(n, i0 + at[stage] * (i1 - i0), probe, rate);
        for (int k = 0; k < CASE_CELLS; k++) {
            for (int x = 0; x < STATES; x++) {
                y[k][x] += share[stage] * h * rate[k][x];
            }
        }
    }
}

static double naive_volts(const struct naive *n, double y[CASE_CELLS][STATES], double discharge_A)
{
    double sum = 0.0;

    for (int k = 0; k < CASE_CELLS; k++) {
        const double *x = y[k], hot = 1.0 / (x[4] + 273.15) - 1.0 / 298.15;

        sum += lookup(&n->p, CELL_OCV, x[0]) + x[3] * lookup(&n->p, CELL_HYST, x[0]) +
               (x[4] - 25.0) * lookup(&n->p, CELL_ENTROPY, x[0]) -
               n->series_Ohm[k] * exp(20000.0 / 8.314462618 * hot) * discharge_A - x[1] - x[2];
    }
    return sum;
}

static double after_step(double t_s, double h_s)
{
    static const double corner_s[] = { 1200.0, 1200.001, 1800.0, 1800.001, 3000.0, 3000.001 };
    double end_s = t_s + h_s;

    for (int n = 0; n < COUNT_OF(corner_s); n++) {
        if (corner_s[n] > t_s + 1e-9 && corner_s[n] < end_s - 1e-9) {
            end_s = corner_s[n];
        }
    }
    return end_s;
}

static struct naive naive_case(const struct cell_params *p, double y[CASE_CELLS][STATES])
{
    struct naive n = { .p = *p };

    for (int k = 0; k < CASE_CELLS; k++) {
        n.capacity_C[k] = 3600.0 * (99.6 + 0.2 * (k % 5));
        n.series_Ohm[k] = 0.4455e-3 + 0.0045e-3 * (k % 3);
        y[k][0] = 0.80;
        y[k][1] = y[k][2] = y[k][3] = 0.0;
        y[k][4] = 25.0;
    }
    return n;
}

struct model_b {
    struct cell_params p;
    struct string s;
    struct thermal t;
};

static void step_b(struct model_b *m, double t_s, double end_s)
{
    struct thermal_heat heat = { .box_W = 0.0 };
    double slope;
    const double amps = case_b_current(t_s, &slope), h = end_s - t_s;

    string_prepare(&m->s);
    string_commit(&m->s, h, amps, slope, heat.cell_W);
    thermal_commit(&m->t, h, &heat);
    string_set_temperatures(&m->s, m->t.now.core_degC, m->t.inflow_W, m->p.core_J_K);
    string_prepare(&m->s);
}

/* Steps of 10 ms and of 1 s against the naive integrator at 50 ms; voltages within 10 uV, temperatures within 10 uK. */
START_TEST(case_b_agrees_with_an_independent_integrator)
{
    static const double step_s[] = { 0.01, 1.0 };
    double y[CASE_CELLS][STATES], worst_V = 0.0, worst_K = 0.0, t_s = 0.0, naive_s = 0.0, slope;
    static struct model_b m;

    m.p = case_b_cell();
    const struct thermal_params q = case_b_thermal(&m.p);
    const struct naive n = naive_case(&m.p, y);

    case_string(&m.s, &m.p, 0.80);
    thermal_init(&m.t, &q, 25.0);
    for (int mark = 1; mark <= 360; mark++) {
        const double mark_s = 10.0 * mark;

        while (t_s < mark_s - 1e-9) {
            const double end_s = fmin(after_step(t_s, step_s[_i]), mark_s);

            step_b(&m, t_s, end_s);
            t_s = end_s;
        }
        while (naive_s < mark_s - 1e-9) {
            const double end_s = fmin(after_step(naive_s, 0.05), mark_s);
            const double amps = case_b_current(naive_s, &slope);

            naive_step(&n, y, end_s - naive_s, -amps, -amps - slope * (end_s - naive_s));
            naive_s = end_s;
        }
        const double amps = case_b_current(mark_s, &slope);

        worst_V = fmax(worst_V, fabs(string_voltage(&m.s, 0.0, amps, amps, NULL) - naive_volts(&n, y, -amps)));
        for (int k = 0; k < CASE_CELLS; k++) {
            worst_K = fmax(worst_K, fabs(m.s.core_degC[k] - y[k][4]));
        }
    }
    ck_assert_double_lt(worst_V, 10e-6);
    ck_assert_double_lt(worst_K, _i == 0 ? 10e-6 : 50e-6);
}
END_TEST

static Suite *suite(void)
{
    Suite *const s = suite_create("physics");
    TCase *const energy = tcase_create("energy"), *const steps = tcase_create("steps"),
                 *const b = tcase_create("case B");

    tcase_add_test(energy, energy_closes_with_all_physics);
    tcase_set_timeout(energy, 60.0);
    tcase_set_tags(energy, "long"); /* too much for valgrind: scripts/ci/valgrind leaves it out */
    suite_add_tcase(s, energy);
    tcase_add_loop_test(steps, voltages_do_not_depend_on_the_step, 0, 3);
    tcase_add_loop_test(steps, a_read_within_a_step_is_what_a_commit_there_leaves, 0, 18);
    tcase_set_timeout(steps, 120.0);
    tcase_set_tags(steps, "long"); /* too much for valgrind: scripts/ci/valgrind leaves it out */
    suite_add_tcase(s, steps);
    tcase_add_loop_test(b, case_b_agrees_with_an_independent_integrator, 0, 2);
    tcase_set_timeout(b, 120.0);
    tcase_set_tags(b, "long"); /* too much for valgrind: scripts/ci/valgrind leaves it out */
    suite_add_tcase(s, b);
    return s;
}

int main(void)
{
    return check_run(suite());
}
