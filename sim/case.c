#include "sim/case.h"

#include "sim/monitor.h"
#include "sim/record_csv.h"
#include "sim/rig_build.h"
#include "sim/stimulus.h"
#include "sim/trace.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LATENCY_TICK_s 0.01
#define LATENCY_COMMAND_s 0.001
#define LATENCY_FET_s 0.0002
#define CALM_LOOK_ns INT64_C(1000000000)

struct case_run {
    const struct scenario *scenario;
    const struct case_options *options;
    struct case_result *result;
    struct rig_built built;
    struct rig *rig;
    struct stimulus stimulus;
    struct trace trace;
    struct monitor *monitor;
    struct rig_observer observer;
    int64_t *label_ns;          /* by step: when it came, scenario time */
    const struct step *waiting; /* an `until` that is being waited for */
    const char *cut;            /* why the run ended early */
};

/* ---- what the bench allows a response on top of a row's delay ------------------------------------------------------
 */

static double scan_of(const struct expr *e, const struct board *b)
{
    double scan_s = 0.0;

    for (int i = 0; i < e->count; i++) {
        if (e->op[i].kind != EXPR_SIGNAL) {
            continue;
        }
        const enum dim dim = signal_table[e->op[i].signal.id].dim;
        const int64_t scan_ns = dim == DIM_VOLTAGE       ? b->afe_config.cell_scan_ns
                                : dim == DIM_TEMPERATURE ? b->afe_config.temp_scan_ns
                                                         : b->afe_config.current_scan_ns;

        scan_s = fmax(scan_s, (double)scan_ns * 1e-9);
    }
    return scan_s;
}

/* Latency = a scan + a tick + the command's millisecond + the FET. */
static double latency_of(const struct expectation *e, const struct board *b)
{
    double scan_s = scan_of(&e->what, b);

    if (e->verb == VERB_TRIP || e->verb == VERB_RELEASE) {
        scan_s = fmax(scan_s, scan_of(&e->on, b));
    }
    if (e->trigger.kind == POINT_EVENT) {
        scan_s = fmax(scan_s, scan_of(&e->trigger.event, b));
    }
    return scan_s + LATENCY_TICK_s + LATENCY_COMMAND_s + LATENCY_FET_s;
}

/* ---- looking -------------------------------------------------------------------------------------------------------
 */

static void advance_monitors(struct case_run *c, int64_t from_ns, int64_t to_ns)
{
    for (size_t i = 0; i < c->scenario->expect_count; i++) {
        monitor_advance(&c->monitor[i], c->rig, from_ns, to_ns);
    }
}

/* The offset at which the awaited condition holds in this piece, or -1. */
static int64_t until_came(struct case_run *c, int64_t from_ns, int64_t to_ns)
{
    const struct expr *e = &c->waiting->until;

    if (!(expr_eval(e, c->rig, to_ns) > 0.0)) { /* undefined: not yet */
        return -1;
    }
    if (!e->continuous || expr_eval(e, c->rig, from_ns) > 0.0) {
        return e->continuous ? from_ns : to_ns;
    }
    return monitor_locate(e, c->rig, from_ns, to_ns, true);
}

/* The next end of a window that is given as a time, after t_ns. Those that are labels are seen without asking: a
 * segment ends at each step. Without it a window between two looks would be judged by what the target happened to be
 * called for, which a target behind a wire is more seldom. */
static int64_t next_window_end(const struct case_run *c, int64_t t_ns)
{
    int64_t next = INT64_MAX;

    for (size_t i = 0; i < c->scenario->expect_count; i++) {
        const struct point *const end[] = { &c->scenario->expect[i].from, &c->scenario->expect[i].until };

        for (int k = 0; k < 2; k++) {
            const int64_t at = end[k]->kind == POINT_TIME ? end[k]->time_ns : INT64_MAX;

            next = at > t_ns && at < next ? at : next;
        }
    }
    return next;
}

static void want_window_end(struct case_run *c, int64_t t_ns)
{
    const int64_t next = next_window_end(c, t_ns);

    c->observer.wanted_ns = next < INT64_MAX ? next + c->rig->zero_ns : 0;
}

static int64_t look(void *self, int64_t from_ns, int64_t to_ns)
{
    struct case_run *c = self;
    int64_t came = -1;

    if (c->waiting != NULL) {
        came = until_came(c, from_ns, to_ns);
    }
    if (came < 0 && *c->options->stop != 0) {
        came = to_ns;
    }
    if (came >= 0) {
        to_ns = came;
    }
    advance_monitors(c, from_ns, to_ns);
    trace_look(&c->trace, c->rig, from_ns, to_ns);
    want_window_end(c, rig_time_ns(c->rig) + to_ns);
    return came;
}

/* ---- running --------------------------------------------------------------------------------------------------------
 */

static bool stopped(struct case_run *c)
{
    if (c->rig->error == NULL && *c->options->stop != 0) {
        c->cut = "stopped by a signal";
    }
    return c->rig->error != NULL || c->cut != NULL;
}

/* Runs to end (since power-on), doing what ends by itself on the way. True if the awaited condition came. */
static bool run_to(struct case_run *c, int64_t end_ns, const struct step *waiting)
{
    c->observer =
        (struct rig_observer){ .self = c, .look = look, .every_tick = waiting != NULL && waiting->until.continuous };
    want_window_end(c, rig_time_ns(c->rig));
    c->waiting = waiting;
    c->rig->switched |= waiting != NULL; /* it may hold already */
    while (c->rig->now_ns < end_ns && !stopped(c)) {
        const int64_t next = stimulus_next(&c->stimulus);
        const bool came = rig_run(c->rig, next < end_ns ? next : end_ns, &c->observer);

        if (came && waiting != NULL) {
            return true;
        }
        stimulus_take(&c->stimulus);
    }
    return false;
}

static bool wait_for(struct case_run *c, const struct step *step)
{
    const int64_t now = c->rig->now_ns;

    switch (step->timing) {
    case STEP_AT:
        (void)run_to(c, c->rig->zero_ns + step->time_ns, NULL);
        break;
    case STEP_AFTER:
        (void)run_to(c, now + step->time_ns, NULL);
        break;
    case STEP_UNTIL:
        if (!run_to(c, now + step->timeout_ns, step) && !stopped(c)) {
            (void)snprintf(c->result->why, sizeof c->result->why, "line %u: waited %g s for: %.120s", step->line,
                           (double)step->timeout_ns * 1e-9, step->until_text);
            c->cut = c->result->why;
        }
        break;
    }
    c->waiting = NULL;
    return !stopped(c);
}

/* The plan of a segment of no length in time, so that monitors can look at this very instant. */
static void look_now(struct case_run *c)
{
    c->rig->planned_ns = plant_plan(&c->rig->plant, 1);
    c->rig->segments++;
    advance_monitors(c, 0, 0);
}

static void do_steps(struct case_run *c)
{
    for (size_t i = 0; i < c->scenario->step_count; i++) {
        const struct step *step = &c->scenario->step[i];

        if (!wait_for(c, step)) {
            return;
        }
        c->label_ns[i] = rig_time_ns(c->rig);
        if (step->label != NULL) {
            look_now(c);
        }
        for (size_t k = 0; k < step->action_count; k++) {
            if (!stimulus_apply(&c->stimulus, &step->action[k])) {
                return;
            }
        }
    }
    const int64_t last = c->rig->now_ns;
    const int64_t end = c->scenario->end_ns < 0 ? last + INT64_C(1000000000) : c->rig->zero_ns + c->scenario->end_ns;

    (void)run_to(c, end > last ? end : last, NULL);
}

/* ---- the whole ------------------------------------------------------------------------------------------------------
 */

/* Level rows interpolate between looks; everything else is located exactly, and smooth from event to event. */
static int64_t look_of(const struct scenario *s)
{
    for (size_t i = 0; i < s->expect_count; i++) {
        if (s->expect[i].verb == VERB_TRIP || s->expect[i].verb == VERB_RELEASE) {
            return RIG_LOOK_ns;
        }
    }
    return CALM_LOOK_ns;
}

static void begin(struct case_run *c)
{
    const struct scenario *s = c->scenario;

    for (size_t i = 0; i < s->step_count; i++) {
        c->label_ns[i] = INT64_MAX;
    }
    for (size_t i = 0; i < s->expect_count; i++) {
        monitor_begin(&c->monitor[i], &s->expect[i], c->label_ns, latency_of(&s->expect[i], &c->rig->board[0]));
    }
    if (!s->cold_boot) { /* the pre-roll: nobody watches */
        struct rig_observer nobody = { 0 };

        c->rig->zero_ns = RIG_PRE_ROLL_ns;
        (void)rig_run(c->rig, RIG_PRE_ROLL_ns, &nobody);
    }
    stimulus_begin(&c->stimulus, c->rig, isnan(s->initial.temperature_degC) ? 25.0 : s->initial.temperature_degC);
    look_now(c);
    c->rig->switched = true;
}

/* Why the rig is not fit to judge. */
static void rig_error(const struct rig *rig, char *out, size_t size)
{
    char unsound[128];

    rig_unsound_text(rig, unsound, sizeof unsound);
    (void)snprintf(out, size, "%s%s%s", rig->error, rig->unsound.found ? ": " : "", unsound);
}

static void judge(struct case_run *c)
{
    struct case_result *r = c->result;

    look_now(c);
    rig_sweep(c->rig, 0);
    for (size_t i = 0; i < r->count; i++) {
        r->row[i] = monitor_end(&c->monitor[i], c->rig, c->cut);
        /* A failure seen before a target fell silent stands. Of a plant that is unsound nobody knows since when. */
        if (c->rig->error != NULL && (c->rig->unsound.found || r->row[i].verdict != VERDICT_FAIL)) {
            r->row[i] = verdict_none(c->scenario->expect[i].dim);
            r->row[i].verdict = VERDICT_ERROR;
            rig_error(c->rig, r->row[i].why, sizeof r->row[i].why);
        }
        r->verdict = r->row[i].verdict > r->verdict ? r->row[i].verdict : r->verdict;
    }
    if (c->rig->error != NULL) {
        r->verdict = VERDICT_ERROR;
        rig_error(c->rig, r->why, sizeof r->why);
    } else if (c->cut != NULL) {
        if (r->verdict < VERDICT_INCONCLUSIVE) {
            r->verdict = VERDICT_INCONCLUSIVE;
        }
        if (c->cut != r->why) {
            (void)snprintf(r->why, sizeof r->why, "%s", c->cut);
        }
    }
    r->simulated_s = (double)c->rig->now_ns * 1e-9;
    for (int k = 0; k < c->rig->packs; k++) {
        r->steps += c->rig->board[k].steps;
    }
    r->trace_dropped = c->trace.dropped;
}

static void spoil(struct case_result *r, enum verdict verdict, const char *why)
{
    r->verdict = verdict;
    (void)snprintf(r->why, sizeof r->why, "%s", why);
    for (size_t i = 0; i < r->count; i++) {
        r->row[i].verdict = verdict;
        (void)snprintf(r->row[i].why, sizeof r->row[i].why, "%.*s", VERDICT_WHY_SIZE - 1, why);
    }
}

/* The log of commands, opened and closed around the run. False: it could not be written. */
static bool open_commands(struct case_run *c)
{
    const char *path = c->options->commands_path;

    c->rig->commands = path != NULL ? fopen(path, "w") : NULL;
    return path == NULL || c->rig->commands != NULL;
}

static bool close_commands(struct case_run *c)
{
    FILE *f = c->rig->commands;
    const bool good = f == NULL || ferror(f) == 0;

    c->rig->commands = NULL;
    return (f == NULL || fclose(f) == 0) && good;
}

/* Ties the rig to the wall clock: the target is called at every tick. */
static void begin_pace(struct case_run *c)
{
    c->rig->clock = c->options->clock;
    if (c->rig->clock != NULL) {
        c->rig->pace.every_tick = true;
        pace_begin(c->rig->clock);
    }
}

static void end_pace(struct case_run *c)
{
    struct case_result *r = c->result;
    enum verdict heaviest = VERDICT_PASS;

    if (c->rig->clock == NULL) {
        return;
    }
    for (size_t i = 0; i < r->count; i++) {
        pace_judge(c->rig->clock, RIG_TICK_ns, &r->row[i]);
        heaviest = r->row[i].verdict > heaviest ? r->row[i].verdict : heaviest;
    }
    if (r->verdict == VERDICT_PASS || r->verdict == VERDICT_FAIL) {
        r->verdict = heaviest;
    }
    pace_end(c->rig->clock);
}

static void run_built(struct case_run *c)
{
    if (!open_commands(c) || !trace_open(&c->trace, c->options->trace_path, c->rig, c->options->trace_every_s)) {
        spoil(c->result, VERDICT_ERROR, "the trace file cannot be created");
        (void)close_commands(c);
        return;
    }
    begin_pace(c);
    begin(c);
    if (c->options->prepare != NULL) {
        c->options->prepare(c->rig);
    }
    if (!stopped(c)) {
        do_steps(c);
    }
    judge(c);
    end_pace(c);
    const bool kept = c->options->records_path == NULL || record_csv_write(c->options->records_path, c->rig);

    if (c->rig->cannot) {
        spoil(c->result, VERDICT_SKIP, c->rig->error);
    }
    const bool logged = close_commands(c);

    if (!trace_close(&c->trace) || !logged || !kept) {
        spoil(c->result, VERDICT_ERROR, "the trace could not be written: is the disk full?");
    }
}

void case_run(const struct scenario *s, const struct case_options *options, struct case_result *result)
{
    struct case_run c = { .scenario = s, .options = options, .result = result };
    struct diag d;
    struct timespec t0, t1;

    (void)clock_gettime(CLOCK_MONOTONIC, &t0);
    *result = (struct case_result){ .count = s->expect_count };
    result->row = calloc(s->expect_count, sizeof *result->row);
    c.monitor = calloc(s->expect_count, sizeof *c.monitor);
    c.label_ns = calloc(s->step_count, sizeof *c.label_ns);
    for (size_t i = 0; result->row != NULL && i < s->expect_count; i++) {
        result->row[i] = verdict_none(s->expect[i].dim);
    }
    diag_init(&d);
    if (result->row == NULL || c.monitor == NULL || c.label_ns == NULL) {
        result->count = 0;
        spoil(result, VERDICT_ERROR, "out of memory");
    } else if (!rig_build(&c.built, s, options->world, &d)) {
        spoil(result, c.built.cannot ? VERDICT_SKIP : VERDICT_ERROR,
              d.count > 0 ? d.message[0].text : "the rig could not be built");
    } else {
        c.rig = c.built.rig;
        c.rig->pace = options->pace;
        if (options->pace.look_ns == 0) {
            c.rig->pace.look_ns = look_of(s);
        }
        run_built(&c);
        rig_built_free(&c.built);
    }
    diag_free(&d);
    free(c.monitor);
    free(c.label_ns);
    (void)clock_gettime(CLOCK_MONOTONIC, &t1);
    result->wall_s = (double)(t1.tv_sec - t0.tv_sec) + (double)(t1.tv_nsec - t0.tv_nsec) * 1e-9;
}

void case_result_free(struct case_result *result)
{
    free(result->row);
    result->row = NULL;
}
