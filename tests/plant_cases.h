/* The two verification cases that simulators were compared on, for tests and benchmarks. Sixteen 100 Ah cells in
 * series; discharge is negative here. Case A: isothermal, constant 2-RC, 100 A for 3420 s from 98 %. Case B: Arrhenius
 * resistances, hysteresis, entropic heat and a chain of 16 lumps; 100 A, rest, 50 A charge, rest from 80 %, 25 degC,
 * with 1 ms ramps between. */
#ifndef TESTS_PLANT_CASES_H
#define TESTS_PLANT_CASES_H

#include "model/string.h"
#include "model/thermal.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#define CASE_CELLS 16
#define COUNT_OF(array) ((int)(sizeof(array) / sizeof(array)[0]))

static inline void case_ocv(struct cell_params *p)
{
    static const double volts[] = { 2.6,   3.027,  3.179,  3.218,  3.2445, 3.265,  3.2795, 3.292, 3.301,  3.305, 3.308,
                                    3.312, 3.317,  3.3255, 3.3305, 3.3375, 3.3455, 3.349,  3.352, 3.3695, 3.56 };
    static const double ends[2] = { 0.0, 4.5 };
    double soc[COUNT_OF(volts)];

    for (int n = 0; n < COUNT_OF(volts); n++) {
        soc[n] = 0.05 * n;
    }
    (void)cell_grid_init(&p->grid, 0.01);
    (void)cell_table_fill(&p->grid, CELL_OCV, COUNT_OF(volts), soc, volts, ends);
}

static inline void case_resistance(struct cell_params *p, int r, double ohm)
{
    static const double soc = 0.0;

    (void)cell_table_fill(&p->grid, (enum cell_table)(CELL_R_DISCHARGE + r), 1, &soc, &ohm, NULL);
    (void)cell_table_fill(&p->grid, (enum cell_table)(CELL_R_CHARGE + r), 1, &soc, &ohm, NULL);
}

/* Constant resistances, no hysteresis, no heat beyond the ohmic, nothing that leaks. */
static inline struct cell_params plain_cell(double series_Ohm, double r1_Ohm, double tau1_s, double r2_Ohm, double tau2_s)
{
    struct cell_params p = { .nominal_Ah = 100.0,
                             .capacity_Ah = 100.0,
                             .reference_degC = 25.0,
                             .rc_count = 2,
                             .tau_s = { tau1_s, tau2_s },
                             .coulombic_efficiency = 1.0,
                             .leak_Ohm = INFINITY,
                             .over_V = 3.65,
                             .under_V = 2.5,
                             .under_cold_V = 2.0,
                             .core_J_K = 2059.2 };

    case_ocv(&p);
    case_resistance(&p, 0, series_Ohm);
    case_resistance(&p, 1, r1_Ohm);
    case_resistance(&p, 2, r2_Ohm);
    return p;
}

static inline void flat_ocv(struct cell_params *p, double volts)
{
    static const double soc = 0.0;

    (void)cell_table_fill(&p->grid, CELL_OCV, 1, &soc, &volts, NULL);
}

static inline struct cell_params case_a_cell(void)
{
    return plain_cell(0.45e-3, 0.35e-3, 10.0, 0.60e-3, 200.0);
}

static inline struct cell_params case_b_cell(void)
{
    static const double m_soc[] = { 0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0 };
    static const double m[] = { 0.03,   0.0287, 0.0251, 0.023,  0.0249, 0.019, 0.0155,
                                0.018,  0.017,  0.012,  0.0105, 0.015,  0.015 };
    static const double d_soc[] = { 0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0 };
    static const double d[] = { -0.00049, -0.000164, -0.0001176, -4.44e-05, 9.75e-05, 0.00011027,
                                0.00012865, 0.00014535, 9.963e-05, 8.364e-05, 0.00011807 };
    struct cell_params p = case_a_cell();

    p.hysteresis_rate = 60.0;
    p.heat = CELL_HEAT_PRODUCT;
    p.core_J_K = 2089.5;
    p.neighbour_W_K = 4.0;
    p.r_factor[0] = cell_arrhenius(-20000.0);
    p.r_factor[1] = cell_arrhenius(-40000.0);
    p.r_factor[2] = cell_arrhenius(-30000.0);
    (void)cell_table_fill(&p.grid, CELL_HYST, COUNT_OF(m), m_soc, m, NULL);
    (void)cell_table_fill(&p.grid, CELL_ENTROPY, COUNT_OF(d), d_soc, d, NULL);
    return p;
}

/* Spread of the cases: capacity 99.6 .. 100.4 Ah, series resistance 0.4455, 0.45, 0.4545 mOhm in turn. The other
 * resistances do not spread in the cases, so a factor on all of them would not do: three kinds of cells share a
 * string only through the series table. */
static inline void case_string(struct string *s, const struct cell_params *p, double soc)
{
    string_init(s, p, CASE_CELLS);
    for (int k = 0; k < CASE_CELLS; k++) {
        string_set_spread(s, k, 0.996 + 0.002 * (k % 5), 1.0, INFINITY);
        string_set_series(s, k, 0.99 + 0.01 * (k % 3));
        string_set_cell(s, k, soc, 25.0, 0.0);
    }
}

static inline struct thermal_params case_b_thermal(const struct cell_params *p)
{
    return (struct thermal_params){ .cells = CASE_CELLS,
                                    .core_J_K = p->core_J_K,
                                    .neighbour_W_K = p->neighbour_W_K,
                                    .cell_box_W_K = 0.12,
                                    .end_box_W_K = 0.45 };
}

/* Current of case B just after a time and how fast it moves. */
static inline double case_b_current(double t_s, double *slope_A_s)
{
    static const double at_s[] = { 0.0, 1200.0, 1200.001, 1800.0, 1800.001, 3000.0, 3000.001, 1e6 };
    static const double amps[] = { -100.0, -100.0, 0.0, 0.0, 50.0, 50.0, 0.0, 0.0 };
    int n = 0;

    while (t_s >= at_s[n + 1] - 1e-9) {
        n++;
    }
    *slope_A_s = (amps[n + 1] - amps[n]) / (at_s[n + 1] - at_s[n]);
    return amps[n] + *slope_A_s * fmax(t_s - at_s[n], 0.0);
}

#endif
