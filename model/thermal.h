/* Heat in one pack: a core and a surface per cell, a chain of neighbours, the box, the FET board with one junction per
 * FET bank, and the chamber.
 *
 *   C_core Tc' = P - G_cs (Tc - Ts)
 *   C_surface Ts' = G_cs (Tc - Ts) + G_nn (Ts[k-1] + Ts[k+1] - 2 Ts) + G_box (Tbox - Ts)
 *   C_box Tbox' = sum of the above + G_board (Tboard - Tbox) + cooling G_amb (Tamb - Tbox) + P_box
 *   C_board Tboard' = G_board (Tbox - Tboard) + P_board + flow from the junctions
 *   C_j Tj' = P_j - (Tj - Tboard) / R_jc
 *
 * Fourth order Runge-Kutta with steps far below the smallest time constant for the slow nodes, on a clock of their own
 * (0.1 s): between its ticks the cores move by their own heat and the flows of the last tick (within 1 uK). The
 * junctions (5 ms) follow the board by exact exponentials in every step. */
#ifndef MODEL_THERMAL_H
#define MODEL_THERMAL_H

#include "model/string.h"

#define THERMAL_BANKS 2 /* charge, discharge */
#define THERMAL_CLOCK_s 0.1

struct thermal_params {
    int cells;
    double core_J_K, surface_J_K, core_surface_W_K; /* surface 0: one lump, the rest of the network acts on it */
    double neighbour_W_K;
    double cell_box_W_K, end_box_W_K;        /* of an inner cell; of the first and the last one (in its stead) */
    double box_J_K, box_ambient_W_K;         /* box 0: the box is the chamber's air */
    double board_J_K, board_box_W_K;         /* board 0: none, then the junctions follow the box */
    double junction_J_K, junction_board_K_W; /* per bank; 0: no junction above the board */
};

struct thermal_heat { /* mean over a step */
    double cell_W[STRING_CELLS_MAX], box_W, board_W, junction_W[THERMAL_BANKS];
};

struct thermal_nodes {
    double core_degC[STRING_CELLS_MAX], surface_degC[STRING_CELLS_MAX], box_degC, board_degC;
};

struct thermal {
    struct thermal_params params;
    struct thermal_nodes now; /* at the last commit */
    double junction_degC[THERMAL_BANKS];
    double ambient_degC, ambient_K_s, cooling;
    /* Since the last tick of the clock. */
    struct thermal_nodes tick, rate;   /* state there and K/s from conduction alone */
    struct thermal_nodes source;       /* K/s from heat, mean of the period before: dense output goes on with it */
    double inflow_W[STRING_CELLS_MAX]; /* conduction into each core at the tick */
    double elapsed_s, cell_J[STRING_CELLS_MAX], box_J, board_J;
    double substep_s;    /* of the Runge-Kutta */
    double gain_s, gain; /* junction gain of the last step length */
};

void thermal_init(struct thermal *t, const struct thermal_params *params, double degC);
void thermal_set_cell(struct thermal *t, int cell, double degC); /* core and surface */
void thermal_set_ambient(struct thermal *t, double degC, double K_s);
void thermal_set_cooling(struct thermal *t, double factor); /* on box to ambient: 1 normal, 0.1 cooling lost */

/* Temperatures at offset s_s from here, for dense output: conduction and, for box and board, heat go on as in the last
 * period; the junction's own power is given. */
double thermal_surface(const struct thermal *t, int cell, double s_s);
double thermal_box(const struct thermal *t, double s_s);
double thermal_board(const struct thermal *t, double s_s);
double thermal_junction(const struct thermal *t, int bank, double s_s, double power_W);
double thermal_ambient(const struct thermal *t, double s_s);

/* Moves everything by h_s > 0. now.core_degC and inflow_W then go to string_set_temperatures(). */
void thermal_commit(struct thermal *t, double h_s, const struct thermal_heat *heat);

#endif
