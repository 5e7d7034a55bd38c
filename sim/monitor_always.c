/* Always and never: a condition over a window. */
#include "sim/monitor_inner.h"
#include "sim/rig.h"

#include <math.h>
#include <stdio.h>

static bool holds(enum expr_op_kind compare, double left, double right)
{
    switch (compare) {
    case EXPR_ABOVE:
        return left > right;
    case EXPR_BELOW:
        return left < right;
    case EXPR_AT_LEAST:
        return left >= right;
    default:
        return left <= right;
    }
}

/* The level of the condition at to_ns and, if it is one comparison, its margin. */
static struct verdict_row compare_margin(const struct monitor *m, const struct rig *rig, int64_t offset_ns,
                                         double *level)
{
    const struct expr *e = &m->e->what;
    const enum expr_op_kind kind = e->op[e->count - 1].kind;
    const bool above = kind == EXPR_ABOVE || kind == EXPR_AT_LEAST;
    const bool below = kind == EXPR_BELOW || kind == EXPR_AT_MOST;
    struct verdict_row row = verdict_none(m->e->dim);

    if (e->split == 0 || (!above && !below)) {
        *level = expr_eval(e, rig, offset_ns);
        return row;
    }
    const double left = expr_eval_part(e, 0, e->split, rig, offset_ns);
    const double right = expr_eval_part(e, e->split, (uint16_t)(e->count - 1), rig, offset_ns);
    const bool want_above = above == (m->e->verb == VERB_ALWAYS);

    *level = isnan(left) || isnan(right) ? NAN : holds(kind, left, right) ? 1.0 : 0.0;
    row.measured = left;
    row.low = want_above ? right : -INFINITY;
    row.high = want_above ? INFINITY : right;
    row.margin = want_above ? left - right : right - left;
    row.uncertainty = e->continuous ? verdict_tolerance(row.dim) : 0.0; /* codes and figures are exact */
    return row;
}

void monitor_advance_always(struct monitor *m, const struct rig *rig, int64_t from_ns, int64_t to_ns)
{
    const int64_t t0 = rig_time_ns(rig);
    const bool want = m->e->verb == VERB_ALWAYS;
    double level;
    struct verdict_row row = compare_margin(m, rig, to_ns, &level);
    const int64_t edge = monitor_take_level(&m->response, rig, from_ns, to_ns, level);

    if (!monitor_window_open(m, t0 + to_ns)) {
        return;
    }
    if (isnan(level)) {
        monitor_undefined(m, t0 + to_ns);
        return;
    }
    const bool good = (level > 0.0) == want;
    const int64_t at = edge >= 0 ? edge : to_ns;

    m->window_seen = true;
    if (good && row.margin < row.uncertainty) {
        row.verdict = VERDICT_INCONCLUSIVE;
        (void)snprintf(row.why, sizeof row.why, "the margin is smaller than the uncertainty");
    } else if (!good) {
        row.verdict = VERDICT_FAIL;
        (void)snprintf(row.why, sizeof row.why, want ? "it did not hold" : "it happened");
    }
    if (!m->broken && (m->judged == 0 || verdict_is_worse(&row, &m->worst))) {
        const bool first = !good;

        monitor_keep(m, row, -1, first ? t0 + at : -1);
    } else if (m->broken && row.margin < m->worst.margin) { /* how bad it became; when it began stays */
        m->worst.measured = row.measured;
        m->worst.margin = row.margin;
        m->worst.low = row.low;
        m->worst.high = row.high;
    }
    m->broken = m->broken || !good;
}
