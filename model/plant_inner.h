/* What the files of the plant share; not for others. */
#ifndef MODEL_PLANT_INNER_H
#define MODEL_PLANT_INNER_H

#include "model/plant.h"

#define PLANT_NS 1e-9
#define PLANT_PARTING_s 100e-6 /* contacts that part: conductance falls with this time constant (assumed arc) */

/* A switching event: opens a fast window. */
void plant_switched(struct plant *p);
/* An input moved without a step in a current worth a window. */
void plant_touched(struct plant *p);
/* Lets the cells catch up with the charge that flowed in the window. */
void plant_flush(struct plant *p);
/* Temperatures and inflow of the thermal network, for the string: without them a step would be isothermal. */
void plant_take_temperatures(struct plant_pack *pack);
/* Coefficients of the strings, after any change of them: what is read and solved next rests on these. */
void plant_prepare(struct plant *p);
/* Frozen strings and algebraic quantities at the start of the next segment. */
void plant_settle(struct plant *p);

/* Solves a segment of h_s. Returns how far it misses the accuracy wanted (up to 1: good); *hint_s: where a current
 * reaches zero inside, or INFINITY. */
double plant_solve(const struct plant *p, double h_s, struct plant_node *end, double *hint_s);
/* The same in slow mode with one stage, for a circuit in which nothing moves. Up to 1: indeed nothing did. */
double plant_solve_still(const struct plant *p, double h_s, struct plant_node *end);
/* Circuit at the present instant, with what can jump left free to do so. */
void plant_solve_start(const struct plant *p, struct plant_node *start);

/* Between now and the end of the planned segment. */
struct plant_node plant_node_at(const struct plant *p, int64_t offset_ns);
double plant_pack_current(const struct plant_node *n, int pack);
/* Junction temperatures of a pack at an offset of the segment. */
void plant_junctions(const struct plant_pack *k, double s_s, double degC[FET_BANKS]);
double plant_spot(const struct plant_pack *k, int channel, double s_s);
/* NTC body at an offset. */
double plant_ntc_after(const struct plant_pack *k, int channel, double s_s);

#endif
