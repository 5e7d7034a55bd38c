/* The cells of a rig at its start: what the scenario says of them, and what production made of them. */
#ifndef SIM_RIG_CELLS_H
#define SIM_RIG_CELLS_H

#include "model/plant.h"
#include "sim/scenario.h"

/* The first of them that is given (not NAN). */
double rig_first_given(double a, double b, double c, double otherwise);

/* Capacity, resistance, leak, charge, temperature and history of one cell (pack and cell from 0): what it says itself,
 * else its pack, else every pack; what none says is drawn around the cell's file from the scenario's seed, if there is
 * a spread. */
void rig_set_cell(struct plant *p, const struct scenario *s, const struct cell_params *kind, int pack, int cell);

#endif
