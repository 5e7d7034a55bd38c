/* Then and stays: what must come, or hold, after a trigger. */
#include "sim/monitor_inner.h"
#include "sim/rig.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void drop_pending(struct monitor *m, int i)
{
    m->pending_count--;
    memmove(&m->pending[i], &m->pending[i + 1], sizeof m->pending[0] * (size_t)(m->pending_count - i));
}

static void add_pending(struct monitor *m, const struct rig *rig, int64_t t_ns)
{
    monitor_note_tick(m, rig);
    m->triggered++;
    if (m->pending_count < MONITOR_PENDING_MAX) {
        m->pending[m->pending_count++] = (struct monitor_pending){ t_ns, -1 };
    } else {
        m->pending_lost++;
    }
}

/* Triggers of this piece: a label that came, or an event. */
static void take_triggers(struct monitor *m, const struct rig *rig, int64_t from_ns, int64_t to_ns)
{
    const struct point *p = &m->e->trigger;
    const int64_t t0 = rig_time_ns(rig);

    if (p->kind == POINT_EVENT) {
        const int64_t at = monitor_event_edge(&m->trigger, rig, from_ns, to_ns);

        if (!m->trigger.known && monitor_window_open(m, t0 + to_ns)) {
            monitor_undefined(m, t0 + to_ns);
        }
        if (at >= 0 && monitor_window_open(m, t0 + at)) {
            add_pending(m, rig, t0 + at);
        }
        return;
    }
    if (!m->label_done && t0 + to_ns >= monitor_point_ns(m, p, 0)) {
        m->label_done = true;
        add_pending(m, rig, monitor_point_ns(m, p, 0));
    }
}

static void judge_latency(struct monitor *m, const struct monitor_pending *p)
{
    const double low = monitor_not_before_s(m), high = monitor_within_s(m),
                 measured = monitor_seconds(p->response_ns - p->trigger_ns);
    struct verdict_row row = verdict_judge(measured, low, high, monitor_location_s(m), DIM_TIME);

    if (row.verdict == VERDICT_FAIL) {
        (void)snprintf(row.why, sizeof row.why, measured < low ? "too early" : "too late");
    }
    monitor_keep(m, row, p->trigger_ns, p->response_ns);
}

/* What waits for a response that has no value now cannot be judged. */
static void drop_undefined(struct monitor *m, int64_t t_ns)
{
    if (m->pending_count > 0 && !m->response.known) {
        monitor_undefined(m, t_ns);
        m->pending_count = 0;
    }
}

/* The level that the response leaves behind: what `hold` demands for a time. */
static bool response_holds(const struct monitor *m)
{
    return m->response.level == (m->e->what.event != EXPR_BECOMES_FALSE);
}

void monitor_advance_then(struct monitor *m, const struct rig *rig, int64_t from_ns, int64_t to_ns)
{
    const int64_t t0 = rig_time_ns(rig);
    const double hold_s = isnan(m->e->hold_s) ? 0.0 : m->e->hold_s;
    int64_t at;

    take_triggers(m, rig, from_ns, to_ns);
    if (m->e->what.event == EXPR_LEVEL) {
        at = monitor_level_edge(&m->response, rig, from_ns, to_ns);
        at = !m->response.level ? -1 : at < 0 ? from_ns : at;
    } else {
        at = monitor_event_edge(&m->response, rig, from_ns, to_ns);
    }
    drop_undefined(m, t0 + to_ns);
    for (int i = 0; i < m->pending_count; i++) {
        struct monitor_pending *p = &m->pending[i];
        const bool waits = p->response_ns < 0;

        if (waits && at >= 0 && (t0 + at >= p->trigger_ns || m->e->what.event == EXPR_LEVEL)) {
            p->response_ns = t0 + at > p->trigger_ns ? t0 + at : p->trigger_ns;
        }
        if (p->response_ns >= 0 && !response_holds(m) && hold_s > 0.0) {
            monitor_keep(
                m, monitor_failed(DIM_TIME, monitor_not_before_s(m), monitor_within_s(m), "it came but did not hold"),
                p->trigger_ns, p->response_ns);
            drop_pending(m, i--);
        } else if (p->response_ns >= 0 && monitor_seconds(t0 + to_ns - p->response_ns) >= hold_s) {
            judge_latency(m, p);
            drop_pending(m, i--);
        } else if (p->response_ns < 0 &&
                   monitor_seconds(t0 + to_ns - p->trigger_ns) > monitor_within_s(m) + monitor_location_s(m)) {
            monitor_keep(m,
                         monitor_failed(DIM_TIME, monitor_not_before_s(m), monitor_within_s(m), "no response in time"),
                         p->trigger_ns, -1);
            drop_pending(m, i--);
        }
    }
}

void monitor_advance_stays(struct monitor *m, const struct rig *rig, int64_t from_ns, int64_t to_ns)
{
    const int64_t t0 = rig_time_ns(rig), until_ns = monitor_point_ns(m, &m->e->until, INT64_MAX);
    int64_t broke;

    take_triggers(m, rig, from_ns, to_ns);
    broke = monitor_level_edge(&m->response, rig, from_ns, to_ns);
    drop_undefined(m, t0 + to_ns);
    for (int i = 0; i < m->pending_count; i++) {
        const struct monitor_pending *p = &m->pending[i];
        const double for_s = isnan(m->e->for_s) ? INFINITY : m->e->for_s;
        const double need_s = until_ns == INT64_MAX ? for_s : fmin(for_s, monitor_seconds(until_ns - p->trigger_ns));
        const int64_t end_ns = t0 + (m->response.level ? to_ns : broke >= 0 ? broke : from_ns);
        const double held_s = monitor_seconds(end_ns - p->trigger_ns);

        if (held_s >= need_s) {
            struct verdict_row row = verdict_none(DIM_TIME);

            row.measured = row.low = need_s; /* it held to the end of what was asked */
            row.margin = 0.0;
            row.uncertainty = 0.0;
            monitor_keep(m, row, p->trigger_ns, p->trigger_ns + (int64_t)(need_s * 1e9));
            drop_pending(m, i--);
        } else if (!m->response.level) {
            struct verdict_row row = monitor_failed(DIM_TIME, need_s, INFINITY, "it did not stay");

            row.measured = fmax(held_s, 0.0);
            if (isinf(need_s)) { /* to a moment that has not come */
                row.low = -INFINITY;
            } else {
                row.margin = row.measured - row.low;
                row.uncertainty = monitor_location_s(m);
            }
            monitor_keep(m, row, p->trigger_ns, end_ns);
            drop_pending(m, i--);
        }
    }
}
