#include "sim/monitor_inner.h"
#include "sim/rig.h"

#include <math.h>
#include <stdio.h>

/* `on` compared with a bound, as a condition of its own. */
static struct expr bounded(const struct expr *on, enum expr_op_kind compare, double bound)
{
    struct expr e = *on;

    e.op[e.count++] = (struct expr_op){ .kind = EXPR_CONST, .value = bound };
    e.op[e.count++] = (struct expr_op){ .kind = compare };
    e.dim = DIM_BOOL;
    return e;
}

static void follow(struct monitor_edge *edge, const struct expr *expr)
{
    *edge = (struct monitor_edge){ .expr = expr };
}

void monitor_begin(struct monitor *m, const struct expectation *e, const int64_t label_ns[], double latency_s)
{
    const bool band = e->verb == VERB_TRIP || e->verb == VERB_RELEASE;

    *m = (struct monitor){ .e = e, .label_ns = label_ns, .latency_s = latency_s };
    m->enter_ns = m->leave_ns = m->undefined_ns = -1;
    m->worst = verdict_none(e->dim);
    follow(&m->response, &e->what);
    follow(&m->trigger, &e->trigger.event);
    if (band) {
        const double reach = e->delay_max_s + latency_s;

        m->enter = bounded(&e->on, e->rising ? EXPR_AT_LEAST : EXPR_AT_MOST, e->rising ? e->low : e->high);
        m->leave = bounded(&e->on, e->rising ? EXPR_ABOVE : EXPR_BELOW, e->rising ? e->high : e->low);
        follow(&m->entered, &m->enter);
        follow(&m->left, &m->leave);
        m->history.every_ns = (int64_t)(reach * 1e9 * 2.0 / MONITOR_HISTORY_MAX);
    }
}

static void advance_report(struct monitor *m, const struct rig *rig, int64_t to_ns)
{
    const int64_t t = rig_time_ns(rig) + to_ns;

    if (m->label_done || (m->e->trigger.kind == POINT_END) || t < monitor_point_ns(m, &m->e->trigger, 0)) {
        return;
    }
    struct verdict_row row = verdict_none(m->e->dim);

    m->label_done = true;
    row.measured = expr_eval(&m->e->what, rig, to_ns);
    if (isnan(row.measured)) {
        monitor_undefined(m, t);
        return;
    }
    row.uncertainty = verdict_tolerance(row.dim);
    monitor_keep(m, row, monitor_point_ns(m, &m->e->trigger, 0), -1);
}

void monitor_advance(struct monitor *m, const struct rig *rig, int64_t from_ns, int64_t to_ns)
{
    switch (m->e->verb) {
    case VERB_TRIP:
    case VERB_RELEASE:
        monitor_advance_band(m, rig, from_ns, to_ns);
        break;
    case VERB_THEN:
        monitor_advance_then(m, rig, from_ns, to_ns);
        break;
    case VERB_STAYS:
        monitor_advance_stays(m, rig, from_ns, to_ns);
        break;
    case VERB_ALWAYS:
    case VERB_NEVER:
        monitor_advance_always(m, rig, from_ns, to_ns);
        break;
    case VERB_REPORT:
        advance_report(m, rig, to_ns);
        break;
    }
}

static void inconclude(struct monitor *m, const char *why, const char *cut)
{
    struct verdict_row row = verdict_none(m->e->dim);

    row.verdict = VERDICT_INCONCLUSIVE;
    (void)snprintf(row.why, sizeof row.why, "%s%s%s", why, cut != NULL ? ": " : "", cut != NULL ? cut : "");
    if (m->worst.verdict < VERDICT_INCONCLUSIVE || m->judged == 0) {
        m->worst = row;
    }
    m->judged++;
}

/* What was seen but could not be judged. */
static void end_unjudged(struct monitor *m, const char *cut)
{
    char text[96];

    if (m->undefined_ns >= 0) {
        (void)snprintf(text, sizeof text, "its expression has no value at %.9g s: zero divided by zero",
                       monitor_seconds(m->undefined_ns));
        inconclude(m, text, cut);
    }
    if (m->pending_lost > 0) {
        (void)snprintf(text, sizeof text,
                       "%d triggers were not watched: more than %d waited for their response at once", m->pending_lost,
                       MONITOR_PENDING_MAX);
        inconclude(m, text, cut);
    }
}

struct verdict_row monitor_end(struct monitor *m, const struct rig *rig, const char *cut)
{
    const struct expectation *e = m->e;
    const bool windowed = e->verb == VERB_ALWAYS || e->verb == VERB_NEVER;

    if (e->verb == VERB_REPORT && e->trigger.kind == POINT_END && cut == NULL) {
        struct point end = { .kind = POINT_TIME, .time_ns = 0 };
        struct expectation now = *e;

        now.trigger = end;
        m->e = &now;
        advance_report(m, rig, 0);
        m->e = e;
    }
    if (m->pending_count > 0 && isinf(monitor_within_s(m)) && e->verb == VERB_THEN && cut == NULL) {
        monitor_keep(
            m, monitor_failed(DIM_TIME, monitor_not_before_s(m), INFINITY, "no response before the end of the run"),
            m->pending[0].trigger_ns, -1);
    } else if (m->pending_count > 0 && e->verb == VERB_STAYS && isnan(e->for_s) && e->until.kind == POINT_END &&
               cut == NULL) {
        monitor_keep(m, verdict_none(DIM_TIME), m->pending[0].trigger_ns, -1);
    } else if (m->pending_count > 0 || (m->armed && m->enter_ns >= 0 && m->entered.level)) {
        inconclude(m, "the run ended inside the window", cut);
    }
    end_unjudged(m, cut);
    if (m->judged == 0) {
        inconclude(m, windowed ? "its window never came" : "its trigger never came, so nothing was tested", cut);
    } else if (windowed && cut != NULL && monitor_point_ns(m, &e->until, INT64_MAX) == INT64_MAX &&
               e->until.kind != POINT_START) {
        inconclude(m, "held so far", cut);
    } else if (e->times > 0 && m->triggered < e->times) {
        char text[64];

        (void)snprintf(text, sizeof text, "the trigger came %d times, not %d", m->triggered, e->times);
        inconclude(m, text, cut);
    }
    m->worst.occurrences = m->judged;
    return m->worst;
}
