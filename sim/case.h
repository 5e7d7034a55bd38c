/* One case of a scenario, run: a rig built as it says, its steps done, its expectations judged. */
#ifndef SIM_CASE_H
#define SIM_CASE_H

#include "sim/diag.h"
#include "sim/rig.h"
#include "sim/scenario.h"
#include "sim/verdict.h"

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

struct case_options {
    const struct scenario_world *world;
    const char *trace_path;            /* NULL: no trace */
    double trace_every_s;              /* of steady rows */
    struct pace *clock;                /* the wall clock to keep to; NULL: as fast as can be */
    const char *records_path;          /* the BMSs' logs at the end, see record_csv.h; NULL: not wanted */
    const char *commands_path;         /* every change of a command, see command_log.h; NULL: not wanted */
    struct rig_pace pace;              /* as usual if all zero */
    void (*prepare)(struct rig *rig);  /* NULL, or changes the rig at t = 0: tests spoil it here */
    const volatile sig_atomic_t *stop; /* set by a signal: the run ends soon, undecided expectations inconclusive */
};

#define CASE_WHY_SIZE 200

struct case_result {
    struct verdict_row *row; /* one per expectation of the scenario; owned */
    size_t count;
    enum verdict verdict;    /* the heaviest */
    char why[CASE_WHY_SIZE]; /* what ended or spoilt the run; "" if nothing did */
    double simulated_s, wall_s;
    int64_t steps;         /* of the targets */
    int64_t trace_dropped; /* rows over the size limit */
};

/* Never fails: what goes wrong is a verdict of the result (error), with the reason. */
void case_run(const struct scenario *s, const struct case_options *options, struct case_result *result);
void case_result_free(struct case_result *result);

#endif
