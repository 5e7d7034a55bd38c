/* What all verbs share: edges of conditions, windows of time, the worst verdict so far. */
#include "sim/monitor_inner.h"
#include "sim/rig.h"

#include <math.h>
#include <stdio.h>

double monitor_seconds(int64_t t_ns)
{
    return (double)t_ns / 1e9;
}

double monitor_location_s(const struct monitor *m)
{
    const struct expr *begin = m->entered.expr != NULL ? m->entered.expr : m->trigger.expr;

    return m->response.expr->continuous || begin->continuous ? LOCATION_s : 0.0;
}

int64_t monitor_locate(const struct expr *e, const struct rig *rig, int64_t from_ns, int64_t to_ns, bool level)
{
    while (to_ns - from_ns > 1) {
        const int64_t middle = from_ns + (to_ns - from_ns) / 2;

        if ((expr_eval(e, rig, middle) > 0.0) == level) {
            to_ns = middle;
        } else {
            from_ns = middle;
        }
    }
    return to_ns;
}

void monitor_undefined(struct monitor *m, int64_t t_ns)
{
    if (m->undefined_ns < 0) {
        m->undefined_ns = t_ns;
    }
}

int64_t monitor_take_level(struct monitor_edge *edge, const struct rig *rig, int64_t from_ns, int64_t to_ns,
                           double level)
{
    const bool now = level > 0.0;
    const bool changed = edge->known && now != edge->level;

    edge->known = !isnan(level);
    edge->level = now;
    if (!changed || !edge->known) {
        return -1;
    }
    return edge->expr->continuous ? monitor_locate(edge->expr, rig, from_ns, to_ns, now) : to_ns;
}

int64_t monitor_level_edge(struct monitor_edge *edge, const struct rig *rig, int64_t from_ns, int64_t to_ns)
{
    return monitor_take_level(edge, rig, from_ns, to_ns, expr_eval(edge->expr, rig, to_ns));
}

int64_t monitor_event_edge(struct monitor_edge *edge, const struct rig *rig, int64_t from_ns, int64_t to_ns)
{
    if (edge->expr->event == EXPR_CHANGES) {
        const double value = expr_eval(edge->expr, rig, to_ns);
        const bool changed = edge->known && !isnan(value) && value != edge->value;

        edge->known = !isnan(value);
        edge->value = value;
        return changed ? to_ns : -1;
    }
    const int64_t at = monitor_level_edge(edge, rig, from_ns, to_ns);

    return at >= 0 && edge->level == (edge->expr->event == EXPR_BECOMES_TRUE) ? at : -1;
}

int64_t monitor_point_ns(const struct monitor *m, const struct point *p, int64_t start_or_end)
{
    switch (p->kind) {
    case POINT_LABEL:
        return m->label_ns[p->step];
    case POINT_TIME:
        return p->time_ns;
    default:
        return start_or_end;
    }
}

bool monitor_window_open(const struct monitor *m, int64_t t_ns)
{
    return t_ns >= monitor_point_ns(m, &m->e->from, 0) && t_ns <= monitor_point_ns(m, &m->e->until, INT64_MAX);
}

void monitor_keep(struct monitor *m, struct verdict_row row, int64_t trigger_ns, int64_t response_ns)
{
    row.t_trigger_s = trigger_ns < 0 ? NAN : monitor_seconds(trigger_ns);
    row.t_response_s = response_ns < 0 ? NAN : monitor_seconds(response_ns);
    if (m->judged == 0 || verdict_is_worse(&row, &m->worst)) {
        m->worst = row;
    }
    m->judged++;
}

struct verdict_row monitor_failed(enum dim dim, double low, double high, const char *why)
{
    struct verdict_row row = verdict_none(dim);

    row.verdict = VERDICT_FAIL;
    row.low = low;
    row.high = high;
    (void)snprintf(row.why, sizeof row.why, "%s", why);
    return row;
}

void monitor_note_tick(struct monitor *m, const struct rig *rig)
{
    m->slow = m->slow && m->pending_count > 0;
    for (int k = 0; k < rig->packs; k++) {
        m->slow = m->slow || rig->board[k].view.power == BMS_POWER_STANDBY;
    }
}

static double latency_s(const struct monitor *m)
{
    return m->latency_s + (m->slow ? monitor_seconds(RIG_STANDBY_ns - RIG_TICK_ns) : 0.0);
}

double monitor_longest_s(const struct monitor *m)
{
    return m->e->delay_max_s + (m->e->no_latency ? 0.0 : latency_s(m));
}

double monitor_within_s(const struct monitor *m)
{
    if (!isnan(m->e->within_s)) {
        return m->e->within_s + (m->e->within_is_req && !m->e->no_latency ? latency_s(m) : 0.0);
    }
    return isnan(m->e->delay_max_s) ? INFINITY : monitor_longest_s(m);
}

double monitor_not_before_s(const struct monitor *m)
{
    return isnan(m->e->not_before_s) ? -INFINITY : m->e->not_before_s; /* not asked: it may come at once */
}
