#include "model/sense.h"

#include "model/noise.h"
#include "tests/support/check_run.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

#define CELLS 16
#define S INT64_C(1000000000)

static struct sense_params params;
static struct sense sense;
static double cell_V[CELLS];
static double pin_V[SENSE_WIRES_MAX], wire_A[SENSE_WIRES_MAX];

static void setup(void)
{
    sense_params_default(&params, CELLS);
    for (int k = 0; k < CELLS; k++) {
        cell_V[k] = 3.30 + 0.001 * k;
    }
    sense_init(&sense, &params, cell_V, 0);
}

static double reading(int cell)
{
    return pin_V[cell + 1] - pin_V[cell];
}

static void solve(void)
{
    sense_solve(&sense, cell_V, pin_V, wire_A);
}

/* The oracle: the node equations as a full matrix, Gauss with pivoting in long double. */
static void dense(const struct sense *s, double out_V[])
{
    const int n = s->params.cells + 1;
    long double m[SENSE_WIRES_MAX][SENSE_WIRES_MAX + 1] = { { 0 } };
    long double tap_V[SENSE_WIRES_MAX] = { 0 };

    for (int k = 1; k < n; k++) {
        tap_V[k] = tap_V[k - 1] + (long double)cell_V[k - 1];
    }
    for (int k = 0; k < n; k++) {
        const long double r = (long double)s->params.wire_Ohm[k] + (long double)s->added_Ohm[k] + 1e-9L;
        const long double w = 1.0L / (s->open[k] ? 1e12L : r);

        m[k][k] += w;
        m[k][n] += w * tap_V[s->tap[k]] - (long double)s->params.leak_A;
    }
    for (int c = 0; c < s->params.cells; c++) {
        long double g = 1.0L / (long double)s->params.input_Ohm;

        g += (s->bleed >> c & 1U) != 0 ? 1.0L / (long double)s->params.bleed_Ohm[c] : 0.0L;
        m[c][c] += g;
        m[c + 1][c + 1] += g;
        m[c][c + 1] -= g;
        m[c + 1][c] -= g;
    }
    for (int k = 0; k < n; k++) {
        int best = k;

        for (int i = k + 1; i < n; i++) {
            best = fabsl(m[i][k]) > fabsl(m[best][k]) ? i : best;
        }
        for (int j = 0; j <= n; j++) {
            const long double keep = m[k][j];

            m[k][j] = m[best][j];
            m[best][j] = keep;
        }
        for (int i = 0; i < n; i++) {
            const long double f = m[i][k] / m[k][k];

            for (int j = k; j <= n && i != k; j++) {
                m[i][j] -= f * m[k][j];
            }
        }
    }
    for (int k = 0; k < n; k++) {
        out_V[k] = (double)(m[k][n] / m[k][k]);
    }
}

static double draw(uint32_t which, int n, int of)
{
    return noise_uniform(&(struct noise_key){ 99, (uint32_t)of, which, (uint64_t)n });
}

START_TEST(the_ladder_agrees_with_a_dense_solution) /* _i: one random network */
{
    double expected_V[SENSE_WIRES_MAX];

    for (int k = 0; k < CELLS; k++) {
        cell_V[k] = 2.0 + 2.0 * draw(0, k, _i);
    }
    for (int k = 0; k <= CELLS; k++) {
        const double kind = draw(1, k, _i);

        ck_assert(sense_set_fault(&sense, FAULT_SENSE_OPEN, k, kind < 0.15, 0.0));
        ck_assert(sense_set_fault(&sense, FAULT_SENSE_RESISTIVE, k, kind > 0.6, 1000.0 * draw(2, k, _i)));
    }
    for (int k = 0; k < CELLS; k++) {
        ck_assert(sense_set_fault(&sense, FAULT_SENSE_SWAPPED, k, draw(3, k, _i) < 0.1, 0.0));
    }
    sense_set_bleed(&sense, (uint32_t)(draw(4, 0, _i) * 65536.0));
    solve();
    dense(&sense, expected_V);
    for (int k = 0; k <= CELLS; k++) {
        ck_assert_double_eq_tol(pin_V[k], expected_V[k], 1e-9 * fmax(1.0, fabs(expected_V[k])));
    }
}
END_TEST

START_TEST(currents_of_the_wires_satisfy_both_of_kirchhoffs_laws)
{
    double sum_A = 0.0;

    sense_set_bleed(&sense, 0x8421U);
    params.leak_A = sense.params.leak_A;
    solve();
    for (int k = 0; k <= CELLS; k++) {
        sum_A += wire_A[k];
    }
    ck_assert_double_eq_tol(sum_A, (CELLS + 1) * params.leak_A, 1e-15);
    for (int k = 0; k < CELLS; k++) {
        const double drop_V = wire_A[k + 1] * params.wire_Ohm[k + 1] - wire_A[k] * params.wire_Ohm[k];

        ck_assert_double_eq_tol(reading(k), cell_V[k] - drop_V, 2e-9); /* the solver adds 1 nOhm to each wire */
    }
}
END_TEST

START_TEST(sound_wires_at_rest_give_the_cells_own_voltages)
{
    ck_assert(sense_is_plain(&sense, 0));
    for (int k = 0; k < CELLS; k++) {
        ck_assert_double_eq_tol(sense_reading_V(&sense, k), cell_V[k], 1e-8);
    }
}
END_TEST

START_TEST(a_bleed_lowers_its_own_cell_and_lifts_both_neighbours) /* _i: the cell */
{
    sense_set_bleed(&sense, UINT32_C(1) << _i);
    solve();

    const double current_A = sense_bleed_A(&sense, pin_V, _i);
    const double drop_V = current_A * 0.020;

    ck_assert_double_eq_tol(current_A, cell_V[_i] / 43.04, 1e-6);
    for (int k = 0; k < CELLS; k++) {
        const double shift_V = k == _i ? -2.0 * drop_V : abs(k - _i) == 1 ? drop_V : 0.0;

        ck_assert_double_eq_tol(reading(k), cell_V[k] + shift_V, 2e-8);
    }
    ck_assert(!sense_is_plain(&sense, 1000 * S));
}
END_TEST

START_TEST(adjacent_bleeds_cancel_in_the_wire_between_them)
{
    sense_set_bleed(&sense, 0x30U);
    solve();
    ck_assert_double_eq_tol(wire_A[5], -0.001 / 43.0, 1e-6);
    ck_assert_double_eq_tol(reading(4), cell_V[4] - 0.020 * cell_V[4] / 43.02, 2e-6);
}
END_TEST

START_TEST(a_loose_wire_shifts_its_two_cells_in_opposite_directions_and_keeps_their_sum)
{
    ck_assert(sense_set_fault(&sense, FAULT_SENSE_RESISTIVE, 7, true, 3.0));
    sense_set_bleed(&sense, 1U << 6);
    solve();

    const double below_V = reading(6) - cell_V[6], above_V = reading(7) - cell_V[7];
    const double outer_V = wire_A[8] * 0.020 - wire_A[6] * 0.020; /* the outer wires lose a little, too */

    ck_assert_double_lt(below_V, -0.20);
    ck_assert_double_gt(above_V, 0.20);
    ck_assert_double_eq_tol(below_V + above_V, -outer_V, 1e-9);
    ck_assert_double_lt(fabs(below_V + above_V), 0.002);
}
END_TEST

START_TEST(a_broken_wires_pin_lies_half_a_volt_under_the_middle_of_its_neighbours) /* _i: inner wire */
{
    ck_assert(sense_set_fault(&sense, FAULT_SENSE_OPEN, _i, true, 0.0));
    solve();

    const double middle_V = (cell_V[_i - 1] + cell_V[_i]) / 2.0;

    ck_assert_double_eq_tol(reading(_i - 1), middle_V - 0.5, 1e-3);
    ck_assert_double_eq_tol(reading(_i), middle_V + 0.5, 1e-3);
    ck_assert_double_eq_tol(reading(_i - 1) + reading(_i), 2.0 * middle_V, 1e-8);
    for (int k = 0; k < CELLS; k++) {
        if (k != _i && k != _i - 1) {
            ck_assert_double_eq_tol(reading(k), cell_V[k], 2e-8);
        }
    }
}
END_TEST

START_TEST(a_bleed_at_a_broken_wire_takes_its_cells_reading_to_nothing)
{
    ck_assert(sense_set_fault(&sense, FAULT_SENSE_OPEN, 5, true, 0.0));
    sense_set_bleed(&sense, 1U << 4);
    solve();
    ck_assert_double_eq_tol(reading(4), 0.0, 1e-4);
    ck_assert_double_eq_tol(reading(4) + reading(5), cell_V[4] + cell_V[5], 1e-6);
}
END_TEST

START_TEST(a_broken_end_wire_takes_its_cells_reading_down)
{
    ck_assert(sense_set_fault(&sense, FAULT_SENSE_OPEN, 0, true, 0.0));
    ck_assert(sense_set_fault(&sense, FAULT_SENSE_OPEN, CELLS, true, 0.0));
    solve();
    ck_assert_double_eq_tol(reading(0), 1.0, 1e-3);          /* the pin hangs on its neighbour, less 0.1 uA 10 MOhm */
    ck_assert_double_eq_tol(reading(CELLS - 1), -1.0, 1e-3); /* likewise, from below */
}
END_TEST

START_TEST(all_wires_broken_leaves_finite_readings_near_nothing)
{
    for (int k = 0; k <= CELLS; k++) {
        ck_assert(sense_set_fault(&sense, FAULT_SENSE_OPEN, k, true, 0.0));
    }
    solve();
    for (int k = 0; k < CELLS; k++) {
        ck_assert_double_lt(fabs(reading(k)), 0.05);
    }
}
END_TEST

START_TEST(swapped_wires_turn_one_cell_negative_and_double_its_neighbours) /* _i: lower wire */
{
    ck_assert(sense_set_fault(&sense, FAULT_SENSE_SWAPPED, _i, true, 0.0));
    solve();
    ck_assert_double_eq_tol(reading(_i), -cell_V[_i], 1e-7);
    if (_i > 0) {
        ck_assert_double_eq_tol(reading(_i - 1), cell_V[_i - 1] + cell_V[_i], 1e-7);
    }
    if (_i < CELLS - 1) {
        ck_assert_double_eq_tol(reading(_i + 1), cell_V[_i] + cell_V[_i + 1], 1e-7);
    }
    ck_assert(sense_set_fault(&sense, FAULT_SENSE_SWAPPED, _i, false, 0.0));
    solve();
    ck_assert_double_eq_tol(reading(_i), cell_V[_i], 2e-8);
}
END_TEST

START_TEST(neighbouring_swaps_do_not_depend_on_the_order_in_which_they_came)
{
    struct sense other = sense;

    for (int k = 3; k <= 4; k++) {
        ck_assert(sense_set_fault(&sense, FAULT_SENSE_SWAPPED, k, true, 0.0));
        ck_assert(sense_set_fault(&other, FAULT_SENSE_SWAPPED, 7 - k, true, 0.0));
    }
    int seen = 0;

    for (int k = 0; k <= CELLS; k++) {
        ck_assert_int_eq(sense.tap[k], other.tap[k]);
        seen |= 1 << sense.tap[k];
    }
    ck_assert_int_eq(seen, (1 << (CELLS + 1)) - 1);
    ck_assert(sense_set_fault(&sense, FAULT_SENSE_SWAPPED, 3, false, 0.0));
    ck_assert_int_eq(sense.tap[3], 3);
    ck_assert_int_eq(sense.tap[4], 5);
}
END_TEST

START_TEST(a_bleeds_effect_comes_with_the_filters_time_constant)
{
    const double before_V = sense_reading_V(&sense, 3);
    const int64_t tau_ns = 100000; /* 1 kOhm, 100 nF */

    sense_set_bleed(&sense, 1U << 3);
    solve();
    sense_advance(&sense, tau_ns, cell_V);
    ck_assert_double_eq_tol(sense_reading_V(&sense, 3), before_V + (reading(3) - before_V) * (1.0 - exp(-1.0)), 1e-6);
    sense_advance(&sense, S, cell_V);
    ck_assert_double_eq_tol(sense_reading_V(&sense, 3), reading(3), 1e-12);
    sense_set_bleed(&sense, 0);
    ck_assert(!sense_is_plain(&sense, S + tau_ns));
    ck_assert(!sense_is_plain(&sense, S + 27 * tau_ns));
    ck_assert(sense_is_plain(&sense, S + 29 * tau_ns));
}
END_TEST

START_TEST(a_broken_wire_drifts_slowly_and_in_the_same_way_in_one_step_or_many)
{
    ck_assert(sense_set_fault(&sense, FAULT_SENSE_OPEN, 9, true, 0.0));
    struct sense fine = sense;

    sense_advance(&sense, S / 2, cell_V);
    for (int i = 1; i <= 500; i++) {
        sense_advance(&fine, i * (S / 1000), cell_V);
    }
    solve();
    ck_assert_double_eq_tol(sense_reading_V(&sense, 8), sense_reading_V(&fine, 8), 1e-12);
    /* 100 nF against two inputs of 10 MOhm: 0.5 s */
    const double share = (sense_reading_V(&sense, 8) - cell_V[8]) / (reading(8) - cell_V[8]);

    ck_assert_double_eq_tol(share, 1.0 - exp(-1.0), 1e-3);
}
END_TEST

START_TEST(an_advance_of_no_time_changes_nothing)
{
    sense_set_bleed(&sense, 1U);
    const struct sense before = sense;

    sense_advance(&sense, 0, cell_V);
    for (int k = 0; k <= CELLS; k++) {
        ck_assert_double_eq_tol(sense.pin_V[k], before.pin_V[k], 1e-15);
    }
}
END_TEST

START_TEST(faults_of_others_and_wires_that_do_not_exist_are_refused)
{
    ck_assert(!sense_set_fault(&sense, FAULT_CELL_STUCK, 0, true, 1.0));
    ck_assert(!sense_set_fault(&sense, FAULT_SENSE_OPEN, -1, true, 0.0));
    ck_assert(!sense_set_fault(&sense, FAULT_SENSE_OPEN, CELLS + 1, true, 0.0));
    ck_assert(!sense_set_fault(&sense, FAULT_SENSE_SWAPPED, CELLS, true, 0.0));
    ck_assert(!sense_set_fault(&sense, FAULT_SENSE_RESISTIVE, 1, true, -1.0));
    ck_assert(!sense_set_fault(&sense, FAULT_SENSE_RESISTIVE, 1, true, (double)NAN));
    ck_assert(sense_is_plain(&sense, 0));
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("sense");
    TCase *const tc = tcase_create("sense");

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_loop_test(tc, the_ladder_agrees_with_a_dense_solution, 0, 200);
    tcase_add_test(tc, currents_of_the_wires_satisfy_both_of_kirchhoffs_laws);
    tcase_add_test(tc, sound_wires_at_rest_give_the_cells_own_voltages);
    tcase_add_loop_test(tc, a_bleed_lowers_its_own_cell_and_lifts_both_neighbours, 0, CELLS);
    tcase_add_test(tc, adjacent_bleeds_cancel_in_the_wire_between_them);
    tcase_add_test(tc, a_loose_wire_shifts_its_two_cells_in_opposite_directions_and_keeps_their_sum);
    tcase_add_loop_test(tc, a_broken_wires_pin_lies_half_a_volt_under_the_middle_of_its_neighbours, 1, CELLS);
    tcase_add_test(tc, a_bleed_at_a_broken_wire_takes_its_cells_reading_to_nothing);
    tcase_add_test(tc, a_broken_end_wire_takes_its_cells_reading_down);
    tcase_add_test(tc, all_wires_broken_leaves_finite_readings_near_nothing);
    tcase_add_loop_test(tc, swapped_wires_turn_one_cell_negative_and_double_its_neighbours, 0, CELLS);
    tcase_add_test(tc, neighbouring_swaps_do_not_depend_on_the_order_in_which_they_came);
    tcase_add_test(tc, a_bleeds_effect_comes_with_the_filters_time_constant);
    tcase_add_test(tc, a_broken_wire_drifts_slowly_and_in_the_same_way_in_one_step_or_many);
    tcase_add_test(tc, an_advance_of_no_time_changes_nothing);
    tcase_add_test(tc, faults_of_others_and_wires_that_do_not_exist_are_refused);
    suite_add_tcase(suite, tc);

    return check_run(suite);
}
