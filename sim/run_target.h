/* packbench run --target: from the option to a pool of targets, and what is said of them afterwards. */
#ifndef SIM_RUN_TARGET_H
#define SIM_RUN_TARGET_H

#include "sim/pace.h"
#include "sim/target_pool.h"

#include <stdio.h>

struct run_target {
    struct target_spec spec;
    struct target_pool *pool; /* NULL: the core in this process */
    struct pace *clock;       /* &pace, or NULL: not paced */
    struct pace pace;
    struct can_beat *beat[TARGET_PLACES_MAX]; /* paced, on CAN: the bench's heartbeat at each place */
};

/* text NULL: core; pace NULL: not paced, "real", or how many times faster. Lowers *jobs to what the target can do.
 * False: says on stderr what is wrong. */
bool run_target_open(struct run_target *t, const char *text, const char *pace, int *jobs);
void run_target_close(struct run_target *t);

/* Lines for people; nothing for the core. */
void run_target_print(const struct run_target *t, FILE *out);
/* "target": ... of run.json, without the comma behind. */
void run_target_json(const struct run_target *t, FILE *out);

#endif
