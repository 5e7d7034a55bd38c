/* The string against closed forms, against itself at other step sizes, and the harm counters. */
#include "model/string.h"
#include "tests/plant_cases.h"
#include "tests/support/check_run.h"

#include <check.h>
#include <math.h>

#define HOUR_s 3600.0

/* Moves by span_s in steps of h_s at a constant current. */
static void run(struct string *s, double span_s, double h_s, double amps)
{
    const long steps = lround(span_s / h_s);

    for (long n = 0; n < steps; n++) {
        string_prepare(s);
        string_commit(s, h_s, amps, 0.0, NULL);
    }
    string_prepare(s);
}

static double volts_now(const struct string *s, double amps)
{
    return string_cell_voltage(s, 0, 0.0, amps, 0.0);
}

/* The cell of the closed forms: 3.30 V whatever the charge, 0.45 + 0.35 (12 s) + 0.60 mOhm (190 s). */
static struct cell_params flat_cell(void)
{
    struct cell_params p = plain_cell(0.45e-3, 0.35e-3, 12.0, 0.60e-3, 190.0);

    flat_ocv(&p, 3.30);
    return p;
}

static void rest_cell(struct string *s, const struct cell_params *p, double soc)
{
    string_init(s, p, 1);
    string_set_cell(s, 0, soc, 25.0, 0.0);
    string_prepare(s);
}

START_TEST(a_step_of_current_follows_the_closed_form_at_any_step)
{
    static const double at_s[] = { 0.0, 1.0, 10.0, 60.0, 600.0 };
    static const double volts[] = { 3.255000000, 3.251886595, 3.232134706, 3.203988605, 3.162550909 };
    static const double step_s[] = { 0.001, 0.1, 1.0 };
    const struct cell_params p = flat_cell();

    for (int k = 0; k < COUNT_OF(at_s); k++) {
        struct string s;

        rest_cell(&s, &p, 1.0);
        run(&s, at_s[k], step_s[_i], -100.0);
        ck_assert_double_eq_tol(volts_now(&s, -100.0), volts[k], 6e-10);
    }
}
END_TEST

START_TEST(a_step_of_current_settles)
{
    const struct cell_params p = flat_cell();
    struct string s;

    rest_cell(&s, &p, 1.0);
    run(&s, 7000.0, 70.0, -100.0);
    ck_assert_double_eq_tol(volts_now(&s, -100.0), 3.160000000, 6e-10);
}
END_TEST

START_TEST(rest_after_load_follows_the_closed_form)
{
    static const double after_s[] = { 0.0, 10.0, 60.0, 600.0 };
    static const double volts[] = { 3.207550909, 3.230285417, 3.257871551, 3.297557543 };
    const struct cell_params p = flat_cell();

    for (int k = 0; k < COUNT_OF(after_s); k++) {
        struct string s;

        rest_cell(&s, &p, 1.0);
        run(&s, 600.0, 1.0, -100.0);
        run(&s, after_s[k], 10.0, 0.0);
        ck_assert_double_eq_tol(volts_now(&s, 0.0), volts[k], 6e-10);
    }
}
END_TEST

START_TEST(pulses_reach_the_periodic_state)
{
    struct cell_params p = plain_cell(0.0, 0.35e-3, 12.0, 0.0, 190.0);
    struct string s;

    flat_ocv(&p, 3.30);
    rest_cell(&s, &p, 0.9);
    for (int n = 0; n < 40; n++) {
        run(&s, 10.0, 10.0, -100.0);
        if (n == 39) {
            ck_assert_double_eq_tol(-1e3 * s.branch[0][0], 24.397074939, 6e-10);
        }
        run(&s, 10.0, 10.0, 0.0);
    }
    ck_assert_double_eq_tol(-1e3 * s.branch[0][0], 10.602925061, 6e-10);
}
END_TEST

START_TEST(charge_counts_ampere_hours)
{
    const struct cell_params p = flat_cell();
    struct string s;

    rest_cell(&s, &p, 0.5);
    run(&s, 36.0, 0.01, -100.0);
    ck_assert_double_eq_tol(string_cell_soc(&s, 0, 0.0, 0.0, 0.0), 0.49, 1e-12);
    run(&s, 36.0, 12.0, 100.0);
    ck_assert_double_eq_tol(string_cell_soc(&s, 0, 0.0, 0.0, 0.0), 0.50, 1e-12);
}
END_TEST

START_TEST(step_size_does_not_matter_with_constant_parameters)
{
    const struct cell_params p = flat_cell();
    struct string fine, middle, coarse;

    rest_cell(&fine, &p, 1.0);
    rest_cell(&middle, &p, 1.0);
    rest_cell(&coarse, &p, 1.0);
    run(&fine, 600.0, 0.001, -100.0);
    run(&middle, 600.0, 1.0, -100.0);
    run(&coarse, 600.0, 60.0, -100.0);
    ck_assert_double_eq_tol(volts_now(&fine, -100.0), volts_now(&coarse, -100.0), 1e-12);
    ck_assert_double_eq_tol(volts_now(&middle, -100.0), volts_now(&coarse, -100.0), 1e-12);
}
END_TEST

START_TEST(hysteresis_turns_in_proportion_to_charge_moved)
{
    struct cell_params p = flat_cell();
    struct string s;

    p.hysteresis_rate = 50.0;
    p.grid.value[CELL_HYST][0] = 0.01;
    rest_cell(&s, &p, 0.9);
    string_set_cell(&s, 0, 0.9, 25.0, 1.0);
    string_prepare(&s);
    run(&s, 72.0, _i == 0 ? 72.0 : 0.01, -100.0);
    ck_assert_double_eq_tol(s.hysteresis[0], -0.264241118, 6e-10);
    run(&s, 108.0, _i == 0 ? 108.0 : 0.01, -100.0);
    ck_assert_double_eq_tol(s.hysteresis[0], -0.835830003, 6e-10);
    string_set_cell(&s, 0, 0.5, 25.0, 0.0);
    string_prepare(&s);
    for (int n = 0; n < 200; n++) {
        run(&s, 36.0, _i == 0 ? 36.0 : 0.5, n % 2 ? 100.0 : -100.0);
    }
    ck_assert_double_eq_tol(s.hysteresis[0], 0.244918662, 6e-10);
    for (int n = 0; n < 60; n++) {
        run(&s, 180.0, _i == 0 ? 18.0 : 0.5, n % 2 ? 100.0 : -100.0);
    }
    ck_assert_double_eq_tol(s.hysteresis[0], 0.848283640, 6e-10);
}
END_TEST

START_TEST(hysteresis_freezes_at_rest_and_turns_within_a_step)
{
    struct cell_params p = flat_cell();
    struct string once, twice;

    p.hysteresis_rate = 50.0;
    p.grid.value[CELL_HYST][0] = 0.01;
    rest_cell(&once, &p, 0.5);
    once.hysteresis[0] = 0.3;
    run(&once, 3600.0, 60.0, 0.0);
    ck_assert_double_eq(once.hysteresis[0], 0.3);
    twice = once;
    /* From -60 to +40 A in 10 s: zero after 6 s. */
    string_commit(&once, 10.0, -60.0, 10.0, NULL);
    string_commit(&twice, 6.0, -60.0, 10.0, NULL);
    string_prepare(&twice);
    string_commit(&twice, 4.0, 0.0, 10.0, NULL);
    ck_assert_double_eq_tol(once.hysteresis[0], twice.hysteresis[0], 1e-14);
    ck_assert_double_eq_tol(once.branch[0][0], twice.branch[0][0], 1e-14);
    ck_assert_double_eq_tol(once.charge_C[0], twice.charge_C[0], 1e-9);
}
END_TEST

START_TEST(self_discharge_takes_its_share)
{
    struct cell_params p = flat_cell();
    struct string s;

    p.leak_Ohm = 2410.7;
    rest_cell(&s, &p, 0.5);
    run(&s, 30.0 * 24.0 * HOUR_s, 60.0, 0.0);
    ck_assert_double_eq_tol(100.0 * (0.5 - string_cell_soc(&s, 0, 0.0, 0.0, 0.0)), 0.985606, 5e-7);
}
END_TEST

START_TEST(a_bleed_of_80_mA_takes_12_5_hours_for_a_percent)
{
    const struct cell_params p = flat_cell();
    struct string s;

    rest_cell(&s, &p, 0.5);
    if (_i == 0) {
        string_set_bleed(&s, 0, 0.080, 0.0);
    } else { /* 41.25 Ohm across 3.30 V less the drop of 1.4 mOhm */
        string_set_bleed(&s, 0, 0.0, 1.0 / 41.25);
    }
    run(&s, 12.5 * HOUR_s, 10.0, 0.0);
    ck_assert_double_eq_tol(string_cell_soc(&s, 0, 0.0, 0.0, 0.0), 0.49, _i == 0 ? 1e-12 : 1e-6);
    ck_assert_double_eq_tol(string_bleed_current(&s, 0, 0.0, 0.0, 0.0), 0.080, 1e-5);
    ck_assert_double_eq_tol(string_cell_current(&s, 0, 0.0, 1.0, 0.0), 0.920, 1e-5);
}
END_TEST

START_TEST(an_internal_short_of_1_Ohm_drains_a_percent_in_1092_s)
{
    struct cell_params p = plain_cell(1.4e-3, 0.0, 12.0, 0.0, 190.0);
    double heat_W[1];
    struct string s;

    flat_ocv(&p, 3.30);
    rest_cell(&s, &p, 0.5);
    string_set_short(&s, 0, 1.0);
    ck_assert_double_eq_tol(-string_cell_current(&s, 0, 0.0, 0.0, 0.0), 3.3 / 1.0014, 1e-9);
    ck_assert_double_eq_tol(-string_cell_current(&s, 0, 0.0, 0.0, 0.0), 3.29539, 5e-6);
    run(&s, 1092.4, 1.0924, 0.0);
    ck_assert_double_eq_tol(string_cell_soc(&s, 0, 0.0, 0.0, 0.0), 0.49, 5e-7);
    string_commit(&s, 1.0, 0.0, 0.0, heat_W);
    ck_assert_double_eq_tol(heat_W[0], 3.3 * 3.3 / 1.0014, 1e-9); /* all of it stays in the cell */
    string_set_short(&s, 0, INFINITY);
    string_prepare(&s);
    ck_assert_double_eq(string_cell_current(&s, 0, 0.0, 0.0, 0.0), 0.0);
}
END_TEST

/* The current at which the string shows volts at the end of a step. */
static double current_for(const struct string *s, double h_s, double i0, double volts)
{
    double i1 = i0;

    for (int n = 0; n < 20; n++) {
        double slope;
        const double off = string_voltage(s, h_s, i0, i1, &slope) - volts;

        i1 -= off / slope;
    }
    return i1;
}

START_TEST(constant_voltage_lets_the_current_decay)
{
    static const double soc[] = { 0.0, 1.0 }, volts[] = { 0.0, 4.0 };
    struct cell_params p = plain_cell(1.4e-3, 0.0, 12.0, 0.0, 190.0);
    struct string s;
    double amps = 50.0, t_s = 0.0, before = amps;

    (void)cell_table_fill(&p.grid, CELL_OCV, 2, soc, volts, NULL);
    rest_cell(&s, &p, 0.9);
    const double held = volts_now(&s, amps);

    while (amps > 5.0) {
        before = amps;
        amps = current_for(&s, 0.01, before, held);
        string_commit(&s, 0.01, before, (amps - before) / 0.01, NULL);
        string_prepare(&s);
        t_s += 0.01;
    }
    ck_assert_double_eq_tol(t_s - 0.01 * (5.0 - amps) / (before - amps), 290.126, 5e-4);
}
END_TEST

START_TEST(cells_in_parallel_share_by_their_resistance)
{
    struct cell_params p = plain_cell(0.45e-3, 0.0, 12.0, 0.0, 190.0);
    struct string a, b;
    double one_Ohm, other_Ohm;

    rest_cell(&a, &p, 0.5);
    rest_cell(&b, &p, 0.5);
    string_set_series(&b, 0, 1.1);
    string_prepare(&b);
    const double e = string_voltage(&a, 0.0, 0.0, 0.0, &one_Ohm);

    (void)string_voltage(&b, 0.0, 0.0, 0.0, &other_Ohm);
    const double share = -100.0 * other_Ohm / (one_Ohm + other_Ohm);

    ck_assert_double_eq_tol(share, -52.380952, 5e-7);
    ck_assert_double_eq_tol(-100.0 - share, -47.619048, 5e-7);
    ck_assert_double_eq_tol(string_voltage(&a, 0.0, share, share, NULL),
                            string_voltage(&b, 0.0, -100.0 - share, -100.0 - share, NULL), 1e-12);
    ck_assert_double_eq_tol(string_voltage(&a, 0.0, share, share, NULL), e + one_Ohm * share, 1e-12);
}
END_TEST

START_TEST(case_a_ends_where_other_simulators_end)
{
    const struct cell_params p = case_a_cell();
    const double h_s = _i == 0 ? 1.0 : 0.01;
    struct string s;

    case_string(&s, &p, 0.98);
    run(&s, 3420.0, h_s, -100.0);
    /* The closed form; simulators that were compared give 43.42609410 V within 0.1 uV. */
    ck_assert_double_eq_tol(string_voltage(&s, 0.0, -100.0, -100.0, NULL), 43.426094133403, 43.4 * 1e-9);
    ck_assert_double_eq_tol(string_voltage(&s, 0.0, -100.0, -100.0, NULL), 43.42609410, 1e-7);
    ck_assert_double_eq_tol(volts_now(&s, -100.0), 2.68406767, 6e-9);
    ck_assert_double_eq_tol(string_cell_soc(&s, 0, 0.0, 0.0, 0.0), 0.0261847, 6e-8);
}
END_TEST

START_TEST(links_add_their_resistance_and_share_their_heat)
{
    const struct cell_params p = flat_cell();
    struct string s, bare;
    double heat_W[CASE_CELLS], bare_W[CASE_CELLS], slope, bare_slope;

    case_string(&bare, &p, 0.5);
    string_prepare(&bare);
    s = bare;
    for (int k = 0; k < CASE_CELLS - 1; k++) {
        string_set_link(&s, k, 80e-6);
    }
    string_set_link(&s, 4, 1e-3);
    string_prepare(&s);
    ck_assert_double_eq_tol(string_voltage(&bare, 0.0, 50.0, 50.0, &bare_slope) + 50.0 * (14.0 * 80e-6 + 1e-3),
                            string_voltage(&s, 0.0, 50.0, 50.0, &slope), 1e-12);
    ck_assert_double_eq_tol(slope - bare_slope, 14.0 * 80e-6 + 1e-3, 1e-12);
    string_commit(&s, 1.0, 50.0, 0.0, heat_W);
    string_commit(&bare, 1.0, 50.0, 0.0, bare_W);
    ck_assert_double_eq_tol(heat_W[4] - bare_W[4], 2500.0 * 0.5 * (80e-6 + 1e-3), 1e-9);
    ck_assert_double_eq_tol(heat_W[15] - bare_W[15], 2500.0 * 0.5 * 80e-6, 1e-9);
}
END_TEST

START_TEST(harm_counts_only_beyond_its_limits)
{
    struct cell_params p = plain_cell(1e-3, 0.0, 12.0, 0.0, 190.0);
    struct string s;

    flat_ocv(&p, 3.60);
    p.charge_limit = (struct cell_curve){ .count = 2, .at_degC = { 0.0, 5.0 }, .value = { 0.1, 0.5 } };
    rest_cell(&s, &p, 0.5);
    run(&s, 10.0, 1.0, 50.0); /* 3.65 V to the bit, 50 A = 0.5 C */
    ck_assert_double_le(s.overvoltage_Vs[0], 1e-12);
    ck_assert_double_eq(s.plating_Ah[0], 0.0);
    string_commit(&s, 10.0, 0.0, 10.0, NULL); /* to 100 A: half the time beyond, up to 50 mV */
    ck_assert_double_eq_tol(s.overvoltage_Vs[0], 5.0 * 0.025, 1e-9);
    ck_assert_double_eq_tol(s.plating_Ah[0], 5.0 * 25.0 / HOUR_s, 1e-9);
    string_set_cell(&s, 0, 0.5, 4.9, 0.0);
    string_prepare(&s);
    run(&s, HOUR_s, 1.0, 11.0); /* 10 A allowed under 5 degC */
    ck_assert_double_eq_tol(s.plating_Ah[0], 5.0 * 25.0 / HOUR_s + 1.0, 1e-9);
    ck_assert_double_eq(s.undervoltage_Vs[0], 0.0);
}
END_TEST

START_TEST(the_low_limit_is_lower_in_the_cold)
{
    struct cell_params p = plain_cell(1e-3, 0.0, 12.0, 0.0, 190.0);
    struct string s;

    flat_ocv(&p, 2.40);
    rest_cell(&s, &p, 0.5);
    run(&s, 10.0, 1.0, 0.0);
    ck_assert_double_eq_tol(s.undervoltage_Vs[0], 1.0, 1e-9);
    string_set_cell(&s, 0, 0.5, 0.0, 0.0);
    string_prepare(&s);
    run(&s, 10.0, 1.0, 0.0);
    ck_assert_double_eq_tol(s.undervoltage_Vs[0], 1.0, 1e-9);
    string_set_cell(&s, 0, 0.5, -20.0, 0.0);
    string_prepare(&s);
    run(&s, 10.0, 1.0, -600.0); /* 1.80 V */
    ck_assert_double_eq_tol(s.undervoltage_Vs[0], 3.0, 1e-9);
}
END_TEST

START_TEST(the_surface_lags_behind_the_bulk)
{
    struct cell_params p = flat_cell();
    struct string s, long_step;

    p.lag_s = 150.0;
    p.lag_factor = cell_arrhenius(-35000.0);
    rest_cell(&s, &p, 0.5);
    long_step = s;
    run(&s, 60.0, 0.01, -100.0);
    const double settled = -100.0 * 150.0 / (HOUR_s * 100.0);

    ck_assert_double_eq_tol(s.lag[0], settled * -expm1(-60.0 / 150.0), 1e-12);
    run(&long_step, 60.0, 60.0, -100.0);
    ck_assert_double_eq_tol(long_step.lag[0], s.lag[0], 1e-12);
    string_set_cell(&s, 0, 0.5, -10.0, 0.0);
    string_prepare(&s);
    run(&s, 5000.0, 10.0, 10.0);
    ck_assert_double_eq_tol(s.lag[0],
                            10.0 * 150.0 / (HOUR_s * 100.0) *
                                exp(35000.0 / 8.314462618 * (1.0 / 263.15 - 1.0 / 298.15)) *
                                -expm1(-5000.0 / (150.0 * exp(35000.0 / 8.314462618 * (1.0 / 263.15 - 1.0 / 298.15)))),
                            1e-9);
}
END_TEST

START_TEST(resistance_depends_on_direction_and_blends_near_zero)
{
    static const double soc[] = { 0.0, 1.0 }, charge[] = { 1e-3, 1e-3 };
    struct cell_params p = plain_cell(2e-3, 0.0, 12.0, 0.0, 190.0);
    struct string s;

    flat_ocv(&p, 3.30);
    (void)cell_table_fill(&p.grid, CELL_R_CHARGE, 2, soc, charge, NULL);
    rest_cell(&s, &p, 0.5);
    ck_assert_double_eq_tol(volts_now(&s, -10.0), 3.30 - 0.020, 1e-12);
    ck_assert_double_eq_tol(volts_now(&s, 10.0), 3.30 + 0.010, 1e-12);
    ck_assert_double_eq_tol(volts_now(&s, 2.0), 3.30 + 0.002, 1e-12);
    ck_assert_double_eq_tol(volts_now(&s, 1.0), 3.30 + 0.00125, 1e-12);
    ck_assert_double_eq_tol(volts_now(&s, -1.0), 3.30 - 0.00175, 1e-12);
    ck_assert_double_eq_tol(volts_now(&s, 0.0), 3.30, 1e-12);
}
END_TEST

START_TEST(beyond_full_and_empty_the_voltage_goes_on)
{
    const struct cell_params p = case_a_cell();
    struct string s;

    rest_cell(&s, &p, 1.0);
    run(&s, 0.04 * HOUR_s, 1.0, 100.0);
    ck_assert_double_eq_tol(volts_now(&s, 0.0) - s.branch[0][0] - s.branch[1][0], 0.5 * (3.56 + 4.5), 1e-9);
    string_set_cell(&s, 0, -0.05, 25.0, 0.0);
    string_prepare(&s);
    ck_assert_double_eq_tol(volts_now(&s, 0.0), 1.3, 1e-12);
    run(&s, 0.10 * HOUR_s, 1.0, -100.0);
    ck_assert_double_eq_tol(volts_now(&s, 0.0) - s.branch[0][0] - s.branch[1][0], -1.3, 1e-9);
}
END_TEST

START_TEST(charging_losses_keep_the_cell_from_filling)
{
    struct cell_params p = flat_cell();
    struct string s;
    double heat_W[1];

    p.coulombic_efficiency = 0.999;
    rest_cell(&s, &p, 0.5);
    run(&s, HOUR_s, 1.0, 10.0);
    ck_assert_double_eq_tol(string_cell_soc(&s, 0, 0.0, 0.0, 0.0), 0.5999, 1e-12);
    run(&s, HOUR_s, 1.0, -10.0);
    ck_assert_double_eq_tol(string_cell_soc(&s, 0, 0.0, 0.0, 0.0), 0.4999, 1e-12);
    run(&s, 36000.0, 60.0, 0.0);
    string_commit(&s, 1e-3, 10.0, 0.0, heat_W);
    ck_assert_double_eq_tol(heat_W[0], 100.0 * 0.45e-3 + 0.001 * 10.0 * 3.30, 1e-7);
}
END_TEST

START_TEST(the_step_limit_keeps_charge_and_temperature)
{
    struct cell_params p = case_b_cell();
    double core_degC[CASE_CELLS], inflow_W[CASE_CELLS] = { 0.0 };
    struct string s;

    case_string(&s, &p, 0.5);
    string_prepare(&s);
    ck_assert_double_eq(string_step_limit(&s, 0.0, 0.0), 60.0);
    ck_assert_double_eq_tol(string_step_limit(&s, -100.0, 0.0), 0.0025 * 0.996 * HOUR_s, 1e-9);
    for (int k = 0; k < CASE_CELLS; k++) {
        core_degC[k] = 25.0;
    }
    string_set_temperatures(&s, core_degC, inflow_W, 10.0); /* a tiny core heats fast, and its heat grows */
    string_prepare(&s);
    const double h_s = string_step_limit(&s, -100.0, 0.0);
    const double line_K = (string_cell_temperature(&s, 2, 0.05, -100.0, 0.0) - 25.0) * h_s / 0.05;
    const double bend_K = string_cell_temperature(&s, 2, h_s, -100.0, 0.0) - 25.0 - line_K;

    ck_assert_double_le(line_K, 0.2 + 1e-3);
    ck_assert_double_gt(bend_K, 0.2e-3); /* no shorter than it need be */
    ck_assert_double_lt(bend_K, 1.2e-3);
}
END_TEST

/* Heat that stays as it is lets the temperature move by the whole 0.2 K. */
START_TEST(the_step_limit_gives_what_the_temperature_allows)
{
    const struct cell_params p = case_a_cell();
    double core_degC[CASE_CELLS], inflow_W[CASE_CELLS] = { 0.0 };
    struct string s;

    case_string(&s, &p, 0.5);
    for (int k = 0; k < CASE_CELLS; k++) {
        core_degC[k] = 25.0;
        s.branch[0][k] = -100.0 * 0.35e-3;
        s.branch[1][k] = -100.0 * 0.60e-3;
    }
    string_set_temperatures(&s, core_degC, inflow_W, 10.0);
    string_prepare(&s);
    const double h_s = string_step_limit(&s, -100.0, 0.0);

    ck_assert_double_eq_tol(string_cell_temperature(&s, 2, h_s, -100.0, 0.0) - 25.0, 0.2, 1e-3);
}
END_TEST

static Suite *suite(void)
{
    Suite *const s = suite_create("string");
    TCase *const closed = tcase_create("closed forms"), *const parts = tcase_create("parts");

    tcase_add_loop_test(closed, a_step_of_current_follows_the_closed_form_at_any_step, 0, 3);
    tcase_add_test(closed, a_step_of_current_settles);
    tcase_add_test(closed, rest_after_load_follows_the_closed_form);
    tcase_add_test(closed, pulses_reach_the_periodic_state);
    tcase_add_test(closed, charge_counts_ampere_hours);
    tcase_add_test(closed, step_size_does_not_matter_with_constant_parameters);
    tcase_add_loop_test(closed, hysteresis_turns_in_proportion_to_charge_moved, 0, 2);
    tcase_add_test(closed, hysteresis_freezes_at_rest_and_turns_within_a_step);
    tcase_add_test(closed, self_discharge_takes_its_share);
    tcase_add_loop_test(closed, a_bleed_of_80_mA_takes_12_5_hours_for_a_percent, 0, 2);
    tcase_add_test(closed, an_internal_short_of_1_Ohm_drains_a_percent_in_1092_s);
    tcase_add_test(closed, constant_voltage_lets_the_current_decay);
    tcase_add_test(closed, cells_in_parallel_share_by_their_resistance);
    tcase_add_loop_test(closed, case_a_ends_where_other_simulators_end, 0, 2);
    tcase_set_timeout(closed, 60.0);
    suite_add_tcase(s, closed);
    tcase_add_test(parts, links_add_their_resistance_and_share_their_heat);
    tcase_add_test(parts, harm_counts_only_beyond_its_limits);
    tcase_add_test(parts, the_low_limit_is_lower_in_the_cold);
    tcase_add_test(parts, the_surface_lags_behind_the_bulk);
    tcase_add_test(parts, resistance_depends_on_direction_and_blends_near_zero);
    tcase_add_test(parts, beyond_full_and_empty_the_voltage_goes_on);
    tcase_add_test(parts, charging_losses_keep_the_cell_from_filling);
    tcase_add_test(parts, the_step_limit_keeps_charge_and_temperature);
    tcase_add_test(parts, the_step_limit_gives_what_the_temperature_allows);
    suite_add_tcase(s, parts);
    return s;
}

int main(void)
{
    return check_run(suite());
}
