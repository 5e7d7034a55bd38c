/* One cell: its parameters and the algebra on them (open circuit voltage, temperature factors, tables over charge).
 *
 * Charging current is positive, temperatures are in degC, charge in coulombs, state of charge is a fraction that may
 * leave 0..1. Terminal voltage of a cell with bulk state of charge z, surface lag d, hysteresis h and branches v_j:
 *
 *   V = U(z + d) + (T - reference) dU/dT(z + d) + h M(z + d) + M0 sign(i) + R0 i + v_1 + v_2 (+ v_3)
 *
 * with R_j = table_j(z, direction) f_j(T); see model/string.h for how the states move. */
#ifndef MODEL_CELL_H
#define MODEL_CELL_H

#include <stdbool.h>

#define CELL_RC_MAX 3     /* RC branches */
#define CELL_R_MAX 4      /* resistances: series, then one per branch */
#define CELL_GRID_MAX 240 /* nodes of the charge grid */
#define CELL_KNOTS_MAX 16 /* knots of a table over temperature */
#define CELL_GRID_FIRST (-0.10)
#define CELL_GRID_LAST 1.08
#define CELL_ZERO_degC 273.15
#define CELL_REFERENCE_K 298.15
#define CELL_GAS_CONSTANT 8.314462618 /* J/(mol K), CODATA 2018 */

/* Tables over the state of charge. Resistance r: CELL_R_DISCHARGE + r and CELL_R_CHARGE + r, in Ohm at factor 1. */
enum cell_table {
    CELL_OCV,     /* U, V, mean of the charge and discharge branches at the reference temperature */
    CELL_HYST,    /* M, V, half the gap between the branches, >= 0 */
    CELL_ENTROPY, /* dU/dT, V/K */
    CELL_R_DISCHARGE,
    CELL_R_CHARGE = CELL_R_DISCHARGE + CELL_R_MAX,
    CELL_TABLES = CELL_R_CHARGE + CELL_R_MAX
};

/* One uniform grid for all tables, so that the index is one multiplication. It reaches from -0.10 to 1.08: U runs on
 * linearly to 0 V and 4.5 V there (and beyond, without clamp), the others keep their end values. */
struct cell_grid {
    double step; /* divides 0.02; 0.01 or 0.005 in the shipped sets */
    int count;   /* nodes: 1.18 / step + 1 */
    double value[CELL_TABLES][CELL_GRID_MAX];
};

/* f(T): ln f is linear in 1/T (Arrhenius) between knots and goes on beyond them with the end pieces' activation
 * energy. count 0: f = 1. Two knots make a plain Arrhenius law. Knots rise with temperature. */
struct cell_factor {
    int count;
    double per_K[CELL_KNOTS_MAX]; /* 1/T in 1/K, falling */
    double ln[CELL_KNOTS_MAX];
};

/* Piecewise linear over temperature, end values kept outside. */
struct cell_curve {
    int count;
    double at_degC[CELL_KNOTS_MAX];
    double value[CELL_KNOTS_MAX];
};

enum cell_heat {
    CELL_HEAT_DISSIPATED, /* v^2 / R: closes the energy balance with the branch capacitors */
    CELL_HEAT_PRODUCT     /* i v: the usual short cut, what verification case B uses */
};

/* What a branch remembers while its resistance moves; the same for a constant one. */
enum cell_branch {
    CELL_BRANCH_VOLTAGE, /* tau dv/dt = R i - v */
    CELL_BRANCH_CURRENT  /* tau dx/dt = i - x, v = R x: filtered currents, as the A123 sets were identified */
};

/* How cells of a batch differ, one sigma: of capacity, resistance and leak relative, of the charge they leave the factory
 * with absolute. */
struct cell_spread {
    double capacity, resistance, leak, soc;
};

struct cell_params {
    double nominal_Ah;  /* what C rates refer to */
    double capacity_Ah; /* real charge between state of charge 0 and 1 at the reference temperature */
    struct cell_curve capacity_factor;
    double reference_degC; /* of the OCV table */
    struct cell_grid grid;
    double hysteresis_rate;      /* gamma: one full reversal takes a few 1/gamma of the capacity */
    double hysteresis_instant_V; /* M0 */
    int rc_count;                /* 0..CELL_RC_MAX */
    double tau_s[CELL_RC_MAX];
    struct cell_factor r_factor[CELL_R_MAX];
    enum cell_branch branch;
    double lag_s; /* K at 25 degC; 0: no surface lag */
    struct cell_factor lag_factor;
    double coulombic_efficiency;    /* charge kept of what a charging current brings, 0..1 */
    double leak_Ohm;                /* self-discharge at 25 degC; INFINITY: none */
    struct cell_factor leak_factor; /* of the leak's conductance */
    enum cell_heat heat;
    double over_V;                  /* harm begins above */
    double under_V, under_cold_V;   /* ... and below, above 0 degC and at or under it */
    struct cell_curve charge_limit; /* plating begins above: value[n] (C rate) from at_degC[n] up to the next; steps */
    double core_J_K, surface_J_K;   /* heat capacities; surface 0: one lump */
    double core_surface_W_K, neighbour_W_K;
    struct cell_spread spread;
};

/* The value of a table at a state of charge; it goes on linearly outside the grid. */
double cell_table_at(const struct cell_params *p, enum cell_table table, double soc);
/* Segment of the grid that holds soc, 0..count - 2; the outer segments reach to infinity. */
int cell_segment(const struct cell_params *p, double soc);
double cell_segment_start(const struct cell_params *p, int segment);

/* Fills one table from count knots (rising, from 0 to 1 at most, on the grid's nodes, else false): linear between,
 * end values kept outside. ends: NULL, or the values at -0.10 and 1.08 to which the table runs on linearly. */
bool cell_table_fill(struct cell_grid *grid, enum cell_table table, int count, const double soc[], const double value[],
                     const double ends[2]);
/* Sets step and count; false if step does not divide the grid or gives too many nodes. */
bool cell_grid_init(struct cell_grid *grid, double step);

/* Factor at a temperature; *per_K (may be NULL) receives d ln f / dT. */
double cell_factor_at(const struct cell_factor *f, double degC, double *per_K);
/* The knots around a temperature, where the slope bends; -+INFINITY: none on that side. */
void cell_factor_knots(const struct cell_factor *f, double degC, double *low_degC, double *high_degC);
/* f = exp(-energy/R (1/T - 1/298.15)): grows with temperature for a positive energy in J/mol. */
struct cell_factor cell_arrhenius(double energy_J_mol);
double cell_curve_at(const struct cell_curve *c, double degC);
double cell_stair_at(const struct cell_curve *c, double degC);

/* Open circuit voltage at rest with this hysteresis (-1 discharged .. +1 charged), and the charge that shows voltage_V
 * (found by bisection in -0.10..1.08; the nearer end if there is none). */
double cell_rest_voltage(const struct cell_params *p, double soc, double degC, double hysteresis);
double cell_soc_at_rest(const struct cell_params *p, double voltage_V, double degC, double hysteresis);

#endif
