/* A series string of cells: electrical state, harm counters and the formulas that step it.
 *
 * Structure of arrays, cell 0 is the lowest. Charging current is positive and linear in time within a step:
 * i(s) = i0 + slope s. The same formulas serve the step and the dense output, so a value read inside a step is the
 * value that a commit at that instant would leave.
 *
 *   dq/dt = i (times the coulombic efficiency while i > 0) - U / R_leak(T),   z = q / Q(T)
 *   dd/dt = i / Q - d / K(T)                              surface lag; tables of U, M, dU/dT are read at z + d
 *   dh/dt = gamma / Q (i - |i| h)                         hysteresis, exact in charge moved
 *   tau_j dv_j/dt = R_j(z, direction, T) i - v_j          exact for R_j i linear in time
 *
 * i is the current of that cell: string current - bleed - V (bleed and internal short conductance). The resistance
 * tables for the two directions are blended over |i| < 0.02 C. Busbars: link k joins cell k to cell k + 1. */
#ifndef MODEL_STRING_H
#define MODEL_STRING_H

#include "model/cell.h"

#include <stdbool.h>

#define STRING_CELLS_MAX 16
#define STRING_LANES 4 /* cells that one pass of the formulas handles; arrays are padded to a multiple */

/* Factors that follow the temperature: CELL_R_MAX resistances, then these. */
enum string_factor { STRING_LAG_PER_s = CELL_R_MAX, STRING_LEAK_S, STRING_FACTORS };

/* Line segments of the tables around the present charge: value = at + per (z - base), valid for low <= z < high. */
struct string_segments {
    double low[STRING_CELLS_MAX], high[STRING_CELLS_MAX], base[STRING_CELLS_MAX];
    double surface_low[STRING_CELLS_MAX], surface_high[STRING_CELLS_MAX], surface_base[STRING_CELLS_MAX];
    double kink_low[STRING_CELLS_MAX], kink_high[STRING_CELLS_MAX]; /* ends where a resistance bends, or -+INFINITY */
    double at[CELL_TABLES][STRING_CELLS_MAX], per[CELL_TABLES][STRING_CELLS_MAX]; /* U, M, dU/dT at the surface */
    double bulk_at[2][STRING_CELLS_MAX], bulk_per[2][STRING_CELLS_MAX];           /* U and dU/dT in the bulk */
};

/* What an RC branch needs for a step of x = s / tau: end value, mean of v^2 and of v t, see string_step.c. */
struct string_weights {
    double g, w, w1, g2, gw, w2, gt, wt;
};

/* What all cells of a short step share, see string_short.c. The weights of each branch lie side by side. */
#define STRING_SHARE_BRANCHES 2
enum string_share {
    STRING_SHARE_BEGIN, /* currents, A */
    STRING_SHARE_END,
    STRING_SHARE_CHARGE_C, /* that the current leaves in a cell */
    STRING_SHARE_SIDE,     /* to which hysteresis turns: +-1 */
    STRING_SHARE_G,
    STRING_SHARE_BEGIN_A = STRING_SHARE_G + STRING_SHARE_BRANCHES,
    STRING_SHARE_END_A = STRING_SHARE_BEGIN_A + STRING_SHARE_BRANCHES,
    STRING_SHARE_LOST_A = STRING_SHARE_END_A + STRING_SHARE_BRANCHES, /* mean current that charging loses */
    STRING_SHARE_OHM_A2,                                              /* weights of the heat */
    STRING_SHARE_OVER_BEGIN_A,
    STRING_SHARE_OVER_END_A,
    STRING_SHARE_BEND_A,
    STRING_SHARE_ENTROPY_A,
    STRING_SHARE_HEAT_A,
    STRING_SHARE_HEAT_BEGIN_A2 = STRING_SHARE_HEAT_A + STRING_SHARE_BRANCHES,
    STRING_SHARE_HEAT_END_A2 = STRING_SHARE_HEAT_BEGIN_A2 + STRING_SHARE_BRANCHES,
    STRING_SHARES = STRING_SHARE_HEAT_END_A2 + STRING_SHARE_BRANCHES
};

struct string {
    const struct cell_params *params; /* borrowed */
    int cells;

    /* State, per cell. */
    double charge_C[STRING_CELLS_MAX];
    double hysteresis[STRING_CELLS_MAX];
    double lag[STRING_CELLS_MAX];                 /* d, a state of charge */
    double branch[CELL_RC_MAX][STRING_CELLS_MAX]; /* v_j in V, or x_j in A (enum cell_branch) */
    double core_degC[STRING_CELLS_MAX];
    /* Harm so far: V.s above over_V, V.s below the lower limit, charge taken beyond the charge limit. */
    double overvoltage_Vs[STRING_CELLS_MAX], undervoltage_Vs[STRING_CELLS_MAX], plating_Ah[STRING_CELLS_MAX];

    /* Inputs, through the setters. */
    double capacity_factor[STRING_CELLS_MAX], resistance_factor[STRING_CELLS_MAX], series_factor[STRING_CELLS_MAX];
    double leak_S[STRING_CELLS_MAX];
    double bleed_A[STRING_CELLS_MAX], bleed_S[STRING_CELLS_MAX], short_S[STRING_CELLS_MAX];
    double link_Ohm[STRING_CELLS_MAX];           /* [cells - 1] and above stay 0 */
    double joint_Ohm[STRING_CELLS_MAX];          /* both links of a cell: half of their heat is its */
    double inflow_W[STRING_CELLS_MAX], core_J_K; /* for the temperature ahead within a step; 0: isothermal */

    /* Derived from the above; never set from outside. */
    bool dirty, has_shunts, has_lag, has_hysteresis, has_direction, has_leak;
    bool warmed;                          /* a temperature has left its factors */
    bool is_usual;                        /* two branches of voltages, no instantaneous hysteresis */
    double factor_degC[STRING_CELLS_MAX]; /* where the factors were last worked out */
    double capacity_C[STRING_CELLS_MAX], per_C[STRING_CELLS_MAX];
    /* Expansion of the factors in temperature, good between two knots of their tables: resistances, lag rate and leak,
     * with the cell's spread. */
    double expand_degC[STRING_CELLS_MAX], knot_low_degC[STRING_CELLS_MAX], knot_high_degC[STRING_CELLS_MAX];
    double factor_centre[STRING_FACTORS][STRING_CELLS_MAX], factor_per_K[STRING_FACTORS][STRING_CELLS_MAX];
    double factor[STRING_FACTORS][STRING_CELLS_MAX];
    double lag_s[STRING_CELLS_MAX]; /* K */
    double per_C_max, lag_per_s_max;
    double under_V[STRING_CELLS_MAX], charge_limit_A[STRING_CELLS_MAX], charge_limit_min_A;
    struct string_segments segments;
    double weights_s; /* the step that weights belong to */
    struct string_weights weights[CELL_RC_MAX];
    double share_s; /* the step that these belong to, or less than 0 */
    double share[STRING_SHARES], turn[STRING_CELLS_MAX];
    double safe_A; /* current at the end of the last step if it did no harm, else NAN */
};

/* cells of one kind, at rest at 50 % and 25 degC; spread and initial state are set with the setters afterwards.
 * params must outlive s. 1 <= cells <= STRING_CELLS_MAX. */
void string_init(struct string *s, const struct cell_params *params, int cells);
/* Puts a cell to rest: branches and lag 0, counters kept. */
void string_set_cell(struct string *s, int cell, double soc, double degC, double hysteresis);
/* Factors on capacity and resistances; leak_Ohm at 25 degC replaces the parameter's (INFINITY: none). Keeps the state
 * of charge. */
void string_set_spread(struct string *s, int cell, double capacity, double resistance, double leak_Ohm);
/* A further factor on the series resistance alone (contacts, tabs). */
void string_set_series(struct string *s, int cell, double factor);
/* Balancing: a constant current and a conductance across the cell's terminals; its heat is not the cell's. */
void string_set_bleed(struct string *s, int cell, double current_A, double conductance_S);
/* A short inside the cell, across its terminals; INFINITY mends it. */
void string_set_short(struct string *s, int cell, double resistance_Ohm);
void string_set_link(struct string *s, int link, double resistance_Ohm); /* 0..cells - 2 */
/* Core temperatures, after each thermal step. inflow_W (heat that flows into the core from elsewhere) and the core's
 * capacity let a long step look ahead; NULL and 0: the temperature holds still within a step. */
void string_set_temperatures(struct string *s, const double degC[], const double inflow_W[], double core_J_K);

/* Coefficients for steps from the present state: temperature factors, tables at the present charge. Call after any
 * change of state, temperature or input; cheap (no exp unless a temperature moved by 0.05 K). */
void string_prepare(struct string *s);

/* Whole stack voltage between B- and B+ (busbars included) at offset s_s with current i0 at 0 and i1 at s_s, and its
 * derivative with respect to i1 (may be NULL). s_s = 0 gives the present instant (then i0 is ignored). */
double string_voltage(const struct string *s, double s_s, double i0_A, double i1_A, double *dv_di_Ohm);

/* One cell's terminal voltage, state of charge, ... at offset s_s; current i0 + slope s. out_V: [cells]. */
double string_cell_voltage(const struct string *s, int cell, double s_s, double i0_A, double slope_A_s);
void string_cell_voltages(const struct string *s, double s_s, double i0_A, double slope_A_s, double out_V[]);
double string_cell_soc(const struct string *s, int cell, double s_s, double i0_A, double slope_A_s);
double string_cell_temperature(const struct string *s, int cell, double s_s, double i0_A, double slope_A_s);
/* The cell's own current (bleed and short taken off) and what the bleed takes. */
double string_cell_current(const struct string *s, int cell, double s_s, double i0_A, double slope_A_s);
double string_bleed_current(const struct string *s, int cell, double s_s, double i0_A, double slope_A_s);

/* The largest step from here that keeps |dz| <= 0.25 %, |dT| <= 0.2 K at this current, temperature near a line, and
 * does not run over a bend of a resistance's tables; at most 60 s. */
double string_step_limit(const struct string *s, double i0_A, double slope_A_s);

/* Moves the state by h_s > 0; heat_W[] (may be NULL) receives the mean heat of each cell for the thermal network:
 * ohmic, branches, hysteresis, diffusion, entropic, leak, internal short and half of each neighbouring link. */
void string_commit(struct string *s, double h_s, double i0_A, double slope_A_s, double heat_W[]);

#endif
