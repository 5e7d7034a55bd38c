/* Dense output for readers that ask for thousands of instants of one segment: front end, monitors, trace.
 *
 * The plant works a string out in microseconds, so a long segment is covered by blocks in which each value is a
 * polynomial of fourth order through five evaluations. A block is halved until a parabola through three of them meets
 * the other two within the tolerance, and then its polynomial is far better than that: below a microvolt where the
 * curve is smooth, below the tolerance across a kink of a cell's table. Blocks follow from the segment alone, never
 * from who asks for what. */
#ifndef SIM_DENSE_H
#define SIM_DENSE_H

#include "model/plant.h"

#include <stdint.h>

#define DENSE_CELLS 16
#define DENSE_KNOTS 5
#define DENSE_RECENT 4 /* blocks kept: readers look back a little */

/* Values that are worked out together: those of all cells, then single ones. The single voltages are kept less the sum
 * of the cells, which is what makes them bend. */
enum dense_group {
    DENSE_VOLTAGE,
    DENSE_SOC,
    DENSE_CORE,
    DENSE_PACK_SOC,
    DENSE_STACK,
    DENSE_TERMINAL,
    DENSE_BUS,
    DENSE_GROUPS
};

struct dense_block { /* differences[0] is the value at the begin; see dense.c */
    int64_t begin_ns, end_ns;
    double differences[DENSE_KNOTS][DENSE_CELLS];
};

struct dense_run {
    int64_t segment, next_ns, try_ns; /* the segment it belongs to, where the next block begins, how long to try it */
    int count;                        /* blocks so far */
    int64_t value_ns;                 /* the instant of value[], or -1 */
    double value[DENSE_CELLS];
    struct dense_block block[DENSE_RECENT];
};

struct dense { /* of one pack; a cache, no part of the state */
    struct dense_run run[DENSE_GROUPS];
};

struct rig;

/* As plant_read(). Offsets are those of the planned segment. */
double dense_read(const struct rig *rig, enum plant_signal signal, int pack, int index, int64_t offset_ns);

/* The same for all cells of a pack at once; NULL if this signal or segment is not kept so. Valid until the next call.
 */
const double *dense_cells(const struct rig *rig, enum plant_signal signal, int pack, int64_t offset_ns);

#endif
