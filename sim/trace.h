/* The trace of a run: CSV, the unit in each column's name. A row at each event, each second, each tick for a second
 * after an event, and densely in the first 10 ms after one that switched something in the circuit (1 us at first, then
 * in proportion: about 2000 rows).
 *
 * It reads the dense output and never steers, so it is the same whatever is expected of the run. */
#ifndef SIM_TRACE_H
#define SIM_TRACE_H

#include "sim/rig.h"
#include "sim/signal.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define TRACE_SIZE_MAX ((size_t)20 << 20) /* bytes of one scenario */
#define TRACE_COLUMNS_MAX 512

struct trace {
    FILE *file; /* NULL: no trace is wanted */
    struct signal_ref column[TRACE_COLUMNS_MAX];
    int columns;
    int64_t every_ns;          /* of the steady rows */
    int64_t last_ns, event_ns; /* of the newest row, of the newest event */
    bool window;               /* the newest event switched something */
    bool begun;                /* there is a row */
    uint32_t events;           /* of the rig, seen so far */
    size_t size;               /* bytes written */
    int64_t dropped;           /* rows that did not fit */
    bool failed;               /* the disk refused */
};

/* Opens path and writes the header; path NULL: no trace. False if it cannot be created. */
bool trace_open(struct trace *t, const char *path, const struct rig *rig, double every_s);
/* The piece [from, to] of the planned segment, as in struct rig_observer. */
void trace_look(struct trace *t, const struct rig *rig, int64_t from_ns, int64_t to_ns);
/* False if any byte could not be written. */
bool trace_close(struct trace *t);

#endif
