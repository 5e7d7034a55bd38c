/* Virtual time tied to the wall clock: each call of a target waits for its absolute deadline, and how late its answer
 * was is kept. For firmware with a clock of its own. Nothing of it steers the simulation: what suffers is what verdicts
 * are worth, see pace_judge(). */
#ifndef SIM_PACE_H
#define SIM_PACE_H

#include "sim/verdict.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define PACE_BINS 512 /* eight to the octave, of ns */

struct pace_lateness {
    uint32_t bin[PACE_BINS];
    uint64_t calls, overruns; /* overruns: answered only after the next tick was due */
    int64_t max_ns;
};

struct pace {
    double speed; /* virtual over wall: 1 is real time */
    bool started;
    int64_t origin_ns, begin_ns; /* wall and virtual time of the first call of a case */
    int64_t deadline_ns;
    struct pace_lateness now, all; /* of the present case, of all */
    void (*alive)(void *self);     /* called at least once a second while it waits; NULL: nobody wants to know */
    void *alive_self;
    bool fifo, locked; /* real-time scheduling and locked memory were granted */
};

/* Asks for SCHED_FIFO and locked memory; does without if they are not granted. */
void pace_init(struct pace *p, double speed);
/* A case begins: its clock starts with its first call. */
void pace_begin(struct pace *p);
/* Waits until it is time for a call at t; and notes when its answer was there. */
void pace_wait(struct pace *p, int64_t t_ns);
void pace_done(struct pace *p, int64_t tick_ns);
/* The case is over: adds it to all. */
void pace_end(struct pace *p);

/* Upper bound of a share of the calls, in ns of the wall clock. 0 if there were none. */
int64_t pace_percentile(const struct pace_lateness *l, double share);

/* A verdict in the light of the lateness: times are uncertain by the 99.9th percentile (in virtual time); a margin or a
 * window that is not larger is inconclusive, and so is all when answers were later than a tick. */
void pace_judge(const struct pace *p, int64_t tick_ns, struct verdict_row *row);

void pace_print(const struct pace *p, FILE *out);
/* "pace": { ... } of run.json. */
void pace_json(const struct pace *p, FILE *out);

#endif
