/* Scenarios from strings, run on the shipped pack, front end and core: what tests of the bench stand on.
 *
 * Text may write ' for ". Everything fails the test rather than returning an error. */
#ifndef TESTS_SUPPORT_BENCH_BED_H
#define TESTS_SUPPORT_BENCH_BED_H

#include "sim/case.h"
#include "sim/rig_build.h"
#include "sim/root.h"

#include <stddef.h>

/* The first keys of any scenario. */
#define BENCH_HEAD "{ 'title': 'a test', 'pack': 'jk48v100pro', 'bms': 'jk48v100pro', "

struct bench {
    struct root root;
    struct scenario_world world;
    struct scenario_list list; /* the cases of the text */
    volatile sig_atomic_t stop;
    struct case_options options;
    struct case_result result; /* of the newest run */
};

/* Loads the scenario of a text, BENCH_HEAD put before it; no trace. */
void bench_open(struct bench *b, const char *text);
void bench_close(struct bench *b);

/* Runs the first case; b->result holds what came of it. */
void bench_run(struct bench *b);

/* The same in one go, with a result that the caller frees. */
struct case_result bench_result(const char *text);

/* The first case as a rig, at the end of its pre-roll; rig_built_free() ends it. */
struct rig *bench_rig(struct bench *b, struct rig_built *built);

/* Runs the rig to a scenario time, watched by nobody. */
void bench_run_rig(struct rig *rig, double to_s);

/* A signal by its name at the present instant. */
double bench_signal(struct rig *rig, const char *name);

/* A new empty folder under TMPDIR, malloc'd; and its removal with everything in it. */
char *bench_folder(void);
void bench_remove(char *folder);

#endif
