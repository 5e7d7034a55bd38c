#include "sim/pace.h"

#include <math.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#define P999 0.999
#define ALIVE_ns INT64_C(1000000000)
#define PRIORITY 10 /* above everything normal, below the kernel's own */

static int64_t now_ns(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void pace_init(struct pace *p, double speed)
{
    memset(p, 0, sizeof *p);
    p->speed = speed;
    p->locked = mlockall(MCL_CURRENT | MCL_FUTURE) == 0;
}

/* Scheduling is a thread's own: asked for by the thread that runs the case. */
void pace_begin(struct pace *p)
{
    const struct sched_param priority = { .sched_priority = PRIORITY };

    p->fifo = sched_setscheduler(0, SCHED_FIFO, &priority) == 0;
    p->started = false;
    memset(&p->now, 0, sizeof p->now);
}

void pace_wait(struct pace *p, int64_t t_ns)
{
    if (!p->started) {
        p->started = true;
        p->origin_ns = now_ns();
        p->begin_ns = t_ns;
    }
    p->deadline_ns = p->origin_ns + (int64_t)((double)(t_ns - p->begin_ns) / p->speed);
    do {
        if (p->alive != NULL) {
            p->alive(p->alive_self);
        }
        const int64_t soon_ns = now_ns() + ALIVE_ns, until_ns = soon_ns < p->deadline_ns ? soon_ns : p->deadline_ns;
        const struct timespec until = { .tv_sec = until_ns / 1000000000, .tv_nsec = until_ns % 1000000000 };

        (void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL); /* a signal ends it early */
    } while (now_ns() < p->deadline_ns);
}

static int bin_of(int64_t ns)
{
    const double bin = ns > 1 ? 8.0 * log2((double)ns) : 0.0;

    return bin < PACE_BINS - 1 ? (int)bin : PACE_BINS - 1;
}

void pace_done(struct pace *p, int64_t tick_ns)
{
    const int64_t late_ns = now_ns() - p->deadline_ns;
    struct pace_lateness *l = &p->now;

    l->bin[bin_of(late_ns)]++;
    l->calls++;
    l->overruns += (double)late_ns * p->speed > (double)tick_ns;
    l->max_ns = late_ns > l->max_ns ? late_ns : l->max_ns;
}

void pace_end(struct pace *p)
{
    const struct sched_param normal = { 0 };

    if (p->fifo) {
        (void)sched_setscheduler(0, SCHED_OTHER, &normal);
    }
    for (int i = 0; i < PACE_BINS; i++) {
        p->all.bin[i] += p->now.bin[i];
    }
    p->all.calls += p->now.calls;
    p->all.overruns += p->now.overruns;
    p->all.max_ns = p->now.max_ns > p->all.max_ns ? p->now.max_ns : p->all.max_ns;
}

int64_t pace_percentile(const struct pace_lateness *l, double share)
{
    const double wanted = share * (double)l->calls;
    double seen = 0.0;

    for (int i = 0; i < PACE_BINS && l->calls > 0; i++) {
        seen += l->bin[i];
        if (seen >= wanted) {
            const double edge_ns = exp2((i + 1) / 8.0);

            return edge_ns < (double)l->max_ns ? (int64_t)edge_ns : l->max_ns;
        }
    }
    return l->max_ns;
}

void pace_judge(const struct pace *p, int64_t tick_ns, struct verdict_row *row)
{
    const double late_s = (double)pace_percentile(&p->now, P999) * p->speed * 1e-9;

    if (row->verdict != VERDICT_PASS && row->verdict != VERDICT_FAIL) {
        return;
    }
    if (late_s * 1e9 > (double)tick_ns) {
        row->verdict = VERDICT_INCONCLUSIVE;
        (void)snprintf(row->why, sizeof row->why, "the target was up to %.3g ms late (p99.9), more than its tick",
                       late_s * 1e3);
        return;
    }
    if (row->dim != DIM_TIME || isnan(row->margin)) {
        return;
    }
    row->uncertainty = (isnan(row->uncertainty) ? 0.0 : row->uncertainty) + late_s;
    if (fabs(row->margin) < late_s || row->high - row->low < late_s) {
        row->verdict = VERDICT_INCONCLUSIVE;
        (void)snprintf(row->why, sizeof row->why, "finer than the lateness of %.3g ms (p99.9)", late_s * 1e3);
    }
}

static double us_of(const struct pace_lateness *l, double share)
{
    return (double)pace_percentile(l, share) * 1e-3;
}

void pace_print(const struct pace *p, FILE *out)
{
    const struct pace_lateness *l = &p->all;

    (void)fprintf(
        out,
        "paced at %.3g times real time: %llu calls, late by p50 %.3g us, p99 %.3g us, p99.9 %.3g us, max %.3g us, "
        "%llu overruns (%s, %s)\n",
        p->speed, (unsigned long long)l->calls, us_of(l, 0.5), us_of(l, 0.99), us_of(l, P999), (double)l->max_ns * 1e-3,
        (unsigned long long)l->overruns, p->fifo ? "SCHED_FIFO" : "normal scheduling: SCHED_FIFO was not granted",
        p->locked ? "memory locked" : "memory not locked");
}

void pace_json(const struct pace *p, FILE *out)
{
    const struct pace_lateness *l = &p->all;
    const char *separator = "";

    (void)fprintf(out,
                  "\"pace\": { \"speed\": %.6g, \"calls\": %llu, \"overruns\": %llu, \"fifo\": %s, \"locked\": %s,\n"
                  "    \"p50_us\": %.3f, \"p99_us\": %.3f, \"p99_9_us\": %.3f, \"max_us\": %.3f,\n"
                  "    \"lateness\": [",
                  p->speed, (unsigned long long)l->calls, (unsigned long long)l->overruns, p->fifo ? "true" : "false",
                  p->locked ? "true" : "false", us_of(l, 0.5), us_of(l, 0.99), us_of(l, P999),
                  (double)l->max_ns * 1e-3);
    for (int i = 0; i < PACE_BINS; i++) { /* [up to us, calls] */
        if (l->bin[i] > 0) {
            (void)fprintf(out, "%s[%.4g, %u]", separator, exp2((i + 1) / 8.0) * 1e-3, l->bin[i]);
            separator = ", ";
        }
    }
    (void)fputs("] }", out);
}
