/* Trip and release: an event judged against a band and its delays. */
#include "sim/monitor_inner.h"
#include "sim/rig.h"

#include <math.h>
#include <stdio.h>

static void remember(struct monitor_history *h, int64_t t_ns, double value)
{
    const int last = (h->next + MONITOR_HISTORY_MAX - 1) % MONITOR_HISTORY_MAX;

    if (h->count > 0 && t_ns - h->t_ns[last] < h->every_ns) {
        return;
    }
    h->t_ns[h->next] = t_ns;
    h->value[h->next] = value;
    h->next = (h->next + 1) % MONITOR_HISTORY_MAX;
    h->count += h->count < MONITOR_HISTORY_MAX;
}

/* The value at an earlier instant by linear interpolation; newest is the value at t. */
static double recall(const struct monitor_history *h, int64_t at_ns, int64_t t_ns, double newest)
{
    int64_t later_ns = t_ns;
    double later = newest;

    for (int i = 1; i <= h->count; i++) {
        const int k = (h->next + MONITOR_HISTORY_MAX - i) % MONITOR_HISTORY_MAX;

        if (h->t_ns[k] <= at_ns) {
            const int64_t span = later_ns - h->t_ns[k];
            const double part = span > 0 ? (double)(at_ns - h->t_ns[k]) / (double)span : 0.0;
            return h->value[k] + part * (later - h->value[k]);
        }
        later_ns = h->t_ns[k];
        later = h->value[k];
    }
    return later;
}

/* The response came: at the level that the shortest delay before it saw, and not after the longest. */
static struct verdict_row judge_level(const struct monitor *m, const struct rig *rig, int64_t offset_ns, int64_t t_ns)
{
    const struct expectation *e = m->e;
    const double newest = expr_eval(&e->on, rig, offset_ns);
    const int64_t short_ns = (int64_t)(e->delay_min_s * 1e9), long_ns = (int64_t)(monitor_longest_s(m) * 1e9);
    const double first = recall(&m->history, t_ns - short_ns, t_ns, newest);
    const double last = recall(&m->history, t_ns - long_ns, t_ns, newest);
    const double slope = long_ns > 0 ? fabs(newest - last) / monitor_seconds(long_ns) : 0.0;
    const double uncertainty =
        e->on.continuous ? verdict_tolerance(e->dim) + slope * LOCATION_s : 0.0; /* codes are exact */
    const double early = e->rising ? verdict_margin(first, e->low) : verdict_margin(e->high, first);
    const double late = e->rising ? verdict_margin(e->high, last) : verdict_margin(last, e->low);
    struct verdict_row row = verdict_judge(first, e->low, e->high, uncertainty, e->dim);

    /* The two sides are seen at two instants: before the shortest delay for too early, the longest for too late. */
    row.margin = fmin(early, late);
    row.verdict = row.margin < -uncertainty  ? VERDICT_FAIL
                  : row.margin < uncertainty ? VERDICT_INCONCLUSIVE
                                             : VERDICT_PASS;
    (void)snprintf(row.why, sizeof row.why, "%s",
                   row.verdict == VERDICT_PASS           ? ""
                   : row.verdict == VERDICT_INCONCLUSIVE ? "the margin is smaller than the uncertainty"
                   : early < late                        ? "too early: before the band and its shortest delay"
                                                         : "too late: after the band and its longest delay");
    return row;
}

static struct verdict_row judge_delay(const struct monitor *m, const struct rig *rig, int64_t t_ns)
{
    const double measured = monitor_seconds(t_ns - m->enter_ns);
    const double crossing = m->leave_ns < 0 ? 0.0 : monitor_seconds(m->leave_ns - m->enter_ns);
    struct verdict_row row;

    (void)rig;
    row = verdict_judge(measured, m->e->delay_min_s, crossing + monitor_longest_s(m), monitor_location_s(m), DIM_TIME);
    if (row.verdict == VERDICT_FAIL) {
        (void)snprintf(row.why, sizeof row.why, measured < m->e->delay_min_s ? "too early" : "too late");
    }
    return row;
}

static void band_response(struct monitor *m, const struct rig *rig, int64_t offset_ns, int64_t t_ns)
{
    const struct expectation *e = m->e;

    if (!m->armed) {
        return; /* the signal has not been away since the last response */
    }
    if (m->enter_ns < 0) {
        struct verdict_row row = monitor_failed(e->dim, e->low, e->high, "too early: the signal was not in its band");

        row.measured = expr_eval(&e->on, rig, offset_ns);
        row.margin = e->rising ? row.measured - e->low : e->high - row.measured;
        row.uncertainty = verdict_tolerance(e->dim);
        monitor_keep(m, row, -1, t_ns);
    } else if (e->measure == MEASURE_DELAY) {
        monitor_keep(m, judge_delay(m, rig, t_ns), m->enter_ns, t_ns);
    } else {
        monitor_keep(m, judge_level(m, rig, offset_ns, t_ns), m->enter_ns, t_ns);
    }
    m->armed = false;
}

static void band_deadline(struct monitor *m, int64_t t_ns)
{
    const struct expectation *e = m->e;

    if (m->armed && m->leave_ns >= 0 &&
        monitor_seconds(t_ns - m->leave_ns) > monitor_longest_s(m) + monitor_location_s(m)) {
        const bool delay = e->measure == MEASURE_DELAY;

        monitor_keep(m,
                     monitor_failed(delay ? DIM_TIME : e->dim, delay ? e->delay_min_s : e->low,
                                    delay ? monitor_longest_s(m) : e->high,
                                    "no response: the signal left its band and the longest delay passed"),
                     m->enter_ns, -1);
        m->armed = false;
    }
}

/* Is the event that is waited for still possible? A protection that has tripped for another reason cannot trip. */
static bool can_respond(const struct monitor *m)
{
    return m->e->what.event == EXPR_CHANGES || !m->response.known ||
           m->response.level != (m->e->what.event == EXPR_BECOMES_TRUE);
}

void monitor_advance_band(struct monitor *m, const struct rig *rig, int64_t from_ns, int64_t to_ns)
{
    const int64_t t0 = rig_time_ns(rig);
    const bool possible = can_respond(m);
    const int64_t enter = monitor_level_edge(&m->entered, rig, from_ns, to_ns);
    const int64_t leave = monitor_level_edge(&m->left, rig, from_ns, to_ns);
    const int64_t response = monitor_event_edge(&m->response, rig, from_ns, to_ns);

    if (!monitor_window_open(m, t0 + to_ns)) {
        m->armed = false;
        m->enter_ns = m->leave_ns = -1;
        return;
    }
    m->window_seen = true;
    if (!m->entered.known || !m->left.known || !m->response.known) {
        monitor_undefined(m, t0 + to_ns);
        m->armed = false;
        m->enter_ns = m->leave_ns = -1;
        return;
    }
    if (!m->entered.level) { /* away from the limit: the next approach counts, if the response can still come */
        m->armed = possible;
        m->leave_ns = -1;
    }
    if (enter >= 0 && m->entered.level) {
        m->enter_ns = t0 + enter;
        monitor_note_tick(m, rig);
        m->triggered += m->armed;
    }
    if (leave >= 0) {
        m->leave_ns = m->left.level ? t0 + leave : -1;
    }
    if (response >= 0) {
        band_response(m, rig, response, t0 + response);
    }
    band_deadline(m, t0 + to_ns);
    if (!m->entered.level) {
        m->enter_ns = -1;
    }
    remember(&m->history, t0 + to_ns, expr_eval(&m->e->on, rig, to_ns));
}
