#include "sim/monitor.h"

#include "sim/rig.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define NS_PER_s 1e9
#define LOCATION_s 1e-6 /* what the time of an event that had to be located may be off by */

static double seconds(int64_t t_ns)
{
    return (double)t_ns / NS_PER_s; /* correctly rounded: 2e9 ns is 2.0 s, as a limit of "2 s" is */
}

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
    m->enter_ns = m->leave_ns = -1;
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

/* Events of the plant are located; those of front end and BMS happen at instants that are known exactly. */
static double location_s(const struct monitor *m)
{
    const struct expr *begin = m->entered.expr != NULL ? m->entered.expr : m->trigger.expr;

    return m->response.expr->continuous || begin->continuous ? LOCATION_s : 0.0;
}

/* ---- edges --------------------------------------------------------------------------------------------------------
 */

int64_t monitor_locate(const struct expr *e, const struct rig *rig, int64_t from_ns, int64_t to_ns, bool level)
{
    while (to_ns - from_ns > 1) {
        const int64_t middle = from_ns + (to_ns - from_ns) / 2;

        if ((expr_eval(e, rig, middle) != 0.0) == level) {
            to_ns = middle;
        } else {
            from_ns = middle;
        }
    }
    return to_ns;
}

/* Takes the condition's level at to_ns. Returns the offset at which it changed in this piece, or -1. What holds at the
 * first look is no event. */
static int64_t take_level(struct monitor_edge *edge, const struct rig *rig, int64_t from_ns, int64_t to_ns, bool level)
{
    const bool changed = edge->known && level != edge->level;

    edge->known = true;
    edge->level = level;
    if (!changed) {
        return -1;
    }
    return edge->expr->continuous ? monitor_locate(edge->expr, rig, from_ns, to_ns, level) : to_ns;
}

/* Follows a condition to to_ns. */
static int64_t level_edge(struct monitor_edge *edge, const struct rig *rig, int64_t from_ns, int64_t to_ns)
{
    return take_level(edge, rig, from_ns, to_ns, expr_eval(edge->expr, rig, to_ns) != 0.0);
}

/* The same for an event expression: the offset at which the event happened, or -1. */
static int64_t event_edge(struct monitor_edge *edge, const struct rig *rig, int64_t from_ns, int64_t to_ns)
{
    if (edge->expr->event == EXPR_CHANGES) {
        const double value = expr_eval(edge->expr, rig, to_ns);
        const bool changed = edge->known && value != edge->value;

        edge->known = true;
        edge->value = value;
        return changed ? to_ns : -1;
    }
    const int64_t at = level_edge(edge, rig, from_ns, to_ns);

    return at >= 0 && edge->level == (edge->expr->event == EXPR_BECOMES_TRUE) ? at : -1;
}

/* ---- windows ------------------------------------------------------------------------------------------------------
 */

static int64_t point_ns(const struct monitor *m, const struct point *p, int64_t start_or_end)
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

/* t is in [from, until]: both ends belong to it, since what happens at a label happens in either of its windows. */
static bool window_open(const struct monitor *m, int64_t t_ns)
{
    return t_ns >= point_ns(m, &m->e->from, 0) && t_ns <= point_ns(m, &m->e->until, INT64_MAX);
}

static void keep(struct monitor *m, struct verdict_row row, int64_t trigger_ns, int64_t response_ns)
{
    row.t_trigger_s = trigger_ns < 0 ? NAN : seconds(trigger_ns);
    row.t_response_s = response_ns < 0 ? NAN : seconds(response_ns);
    if (m->judged == 0 || verdict_is_worse(&row, &m->worst)) {
        m->worst = row;
    }
    m->judged++;
}

static struct verdict_row failed(enum dim dim, double low, double high, const char *why)
{
    struct verdict_row row = verdict_none(dim);

    row.verdict = VERDICT_FAIL;
    row.low = low;
    row.high = high;
    (void)snprintf(row.why, sizeof row.why, "%s", why);
    return row;
}

/* ---- trip and release ---------------------------------------------------------------------------------------------
 */

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

static double longest_s(const struct monitor *m)
{
    return m->e->delay_max_s + (m->e->no_latency ? 0.0 : m->latency_s);
}

/* The response came: at the level that the shortest delay before it saw, and not after the longest. */
static struct verdict_row judge_level(const struct monitor *m, const struct rig *rig, int64_t offset_ns, int64_t t_ns)
{
    const struct expectation *e = m->e;
    const double newest = expr_eval(&e->on, rig, offset_ns);
    const int64_t short_ns = (int64_t)(e->delay_min_s * 1e9), long_ns = (int64_t)(longest_s(m) * 1e9);
    const double first = recall(&m->history, t_ns - short_ns, t_ns, newest);
    const double last = recall(&m->history, t_ns - long_ns, t_ns, newest);
    const double slope = long_ns > 0 ? fabs(newest - last) / seconds(long_ns) : 0.0;
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
    const double measured = seconds(t_ns - m->enter_ns);
    const double crossing = m->leave_ns < 0 ? 0.0 : seconds(m->leave_ns - m->enter_ns);
    struct verdict_row row;

    (void)rig;
    row = verdict_judge(measured, m->e->delay_min_s, crossing + longest_s(m), location_s(m), DIM_TIME);
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
        struct verdict_row row = failed(e->dim, e->low, e->high, "too early: the signal was not in its band");

        row.measured = expr_eval(&e->on, rig, offset_ns);
        row.margin = e->rising ? row.measured - e->low : e->high - row.measured;
        row.uncertainty = verdict_tolerance(e->dim);
        keep(m, row, -1, t_ns);
    } else if (e->measure == MEASURE_DELAY) {
        keep(m, judge_delay(m, rig, t_ns), m->enter_ns, t_ns);
    } else {
        keep(m, judge_level(m, rig, offset_ns, t_ns), m->enter_ns, t_ns);
    }
    m->armed = false;
}

static void band_deadline(struct monitor *m, int64_t t_ns)
{
    const struct expectation *e = m->e;

    if (m->armed && m->leave_ns >= 0 && seconds(t_ns - m->leave_ns) > longest_s(m) + location_s(m)) {
        const bool delay = e->measure == MEASURE_DELAY;

        keep(m,
             failed(delay ? DIM_TIME : e->dim, delay ? e->delay_min_s : e->low, delay ? longest_s(m) : e->high,
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

static void advance_band(struct monitor *m, const struct rig *rig, int64_t from_ns, int64_t to_ns)
{
    const int64_t t0 = rig_time_ns(rig);
    const bool possible = can_respond(m);
    const int64_t enter = level_edge(&m->entered, rig, from_ns, to_ns);
    const int64_t leave = level_edge(&m->left, rig, from_ns, to_ns);
    const int64_t response = event_edge(&m->response, rig, from_ns, to_ns);

    if (!window_open(m, t0 + to_ns)) {
        m->armed = false;
        m->enter_ns = m->leave_ns = -1;
        return;
    }
    m->window_seen = true;
    if (!m->entered.level) { /* away from the limit: the next approach counts, if the response can still come */
        m->armed = possible;
        m->leave_ns = -1;
    }
    if (enter >= 0 && m->entered.level) {
        m->enter_ns = t0 + enter;
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

/* ---- trigger, then ------------------------------------------------------------------------------------------------
 */

static double within_s(const struct monitor *m)
{
    if (!isnan(m->e->within_s)) {
        return m->e->within_s + (m->e->within_is_req && !m->e->no_latency ? m->latency_s : 0.0);
    }
    return isnan(m->e->delay_max_s) ? INFINITY : longest_s(m);
}

static double not_before_s(const struct monitor *m)
{
    return isnan(m->e->not_before_s) ? -INFINITY : m->e->not_before_s; /* not asked: it may come at once */
}

static void drop_pending(struct monitor *m, int i)
{
    m->pending_count--;
    memmove(&m->pending[i], &m->pending[i + 1], sizeof m->pending[0] * (size_t)(m->pending_count - i));
}

static void add_pending(struct monitor *m, int64_t t_ns)
{
    m->triggered++;
    if (m->pending_count < MONITOR_PENDING_MAX) {
        m->pending[m->pending_count++] = (struct monitor_pending){ t_ns, -1 };
    }
}

/* Triggers of this piece: a label that came, or an event. */
static void take_triggers(struct monitor *m, const struct rig *rig, int64_t from_ns, int64_t to_ns)
{
    const struct point *p = &m->e->trigger;
    const int64_t t0 = rig_time_ns(rig);

    if (p->kind == POINT_EVENT) {
        const int64_t at = event_edge(&m->trigger, rig, from_ns, to_ns);

        if (at >= 0 && window_open(m, t0 + at)) {
            add_pending(m, t0 + at);
        }
        return;
    }
    if (!m->label_done && t0 + to_ns >= point_ns(m, p, 0)) {
        m->label_done = true;
        add_pending(m, point_ns(m, p, 0));
    }
}

static void judge_latency(struct monitor *m, const struct monitor_pending *p)
{
    const double low = not_before_s(m), high = within_s(m), measured = seconds(p->response_ns - p->trigger_ns);
    struct verdict_row row = verdict_judge(measured, low, high, location_s(m), DIM_TIME);

    if (row.verdict == VERDICT_FAIL) {
        (void)snprintf(row.why, sizeof row.why, measured < low ? "too early" : "too late");
    }
    keep(m, row, p->trigger_ns, p->response_ns);
}

/* The level that the response leaves behind: what `hold` demands for a time. */
static bool response_holds(const struct monitor *m)
{
    return m->response.level == (m->e->what.event != EXPR_BECOMES_FALSE);
}

static void advance_then(struct monitor *m, const struct rig *rig, int64_t from_ns, int64_t to_ns)
{
    const int64_t t0 = rig_time_ns(rig);
    const double hold_s = isnan(m->e->hold_s) ? 0.0 : m->e->hold_s;
    int64_t at;

    take_triggers(m, rig, from_ns, to_ns);
    if (m->e->what.event == EXPR_LEVEL) {
        at = level_edge(&m->response, rig, from_ns, to_ns);
        at = !m->response.level ? -1 : at < 0 ? from_ns : at;
    } else {
        at = event_edge(&m->response, rig, from_ns, to_ns);
    }
    for (int i = 0; i < m->pending_count; i++) {
        struct monitor_pending *p = &m->pending[i];
        const bool waits = p->response_ns < 0;

        if (waits && at >= 0 && (t0 + at >= p->trigger_ns || m->e->what.event == EXPR_LEVEL)) {
            p->response_ns = t0 + at > p->trigger_ns ? t0 + at : p->trigger_ns;
        }
        if (p->response_ns >= 0 && !response_holds(m) && hold_s > 0.0) {
            keep(m, failed(DIM_TIME, not_before_s(m), within_s(m), "it came but did not hold"), p->trigger_ns,
                 p->response_ns);
            drop_pending(m, i--);
        } else if (p->response_ns >= 0 && seconds(t0 + to_ns - p->response_ns) >= hold_s) {
            judge_latency(m, p);
            drop_pending(m, i--);
        } else if (p->response_ns < 0 && seconds(t0 + to_ns - p->trigger_ns) > within_s(m) + location_s(m)) {
            keep(m, failed(DIM_TIME, not_before_s(m), within_s(m), "no response in time"), p->trigger_ns, -1);
            drop_pending(m, i--);
        }
    }
}

/* ---- stays --------------------------------------------------------------------------------------------------------
 */

static void advance_stays(struct monitor *m, const struct rig *rig, int64_t from_ns, int64_t to_ns)
{
    const int64_t t0 = rig_time_ns(rig), until_ns = point_ns(m, &m->e->until, INT64_MAX);
    int64_t broke;

    take_triggers(m, rig, from_ns, to_ns);
    broke = level_edge(&m->response, rig, from_ns, to_ns);
    for (int i = 0; i < m->pending_count; i++) {
        const struct monitor_pending *p = &m->pending[i];
        const double for_s = isnan(m->e->for_s) ? INFINITY : m->e->for_s;
        const double need_s = fmin(for_s, seconds(until_ns - p->trigger_ns));
        const int64_t end_ns = t0 + (m->response.level ? to_ns : broke >= 0 ? broke : from_ns);
        const double held_s = seconds(end_ns - p->trigger_ns);

        if (held_s >= need_s) {
            struct verdict_row row = verdict_none(DIM_TIME);

            row.measured = row.low = need_s; /* it held to the end of what was asked */
            row.margin = 0.0;
            row.uncertainty = 0.0;
            keep(m, row, p->trigger_ns, p->trigger_ns + (int64_t)(need_s * 1e9));
            drop_pending(m, i--);
        } else if (!m->response.level) {
            struct verdict_row row = failed(DIM_TIME, need_s, INFINITY, "it did not stay");

            row.measured = fmax(held_s, 0.0);
            row.margin = row.measured - row.low;
            row.uncertainty = location_s(m);
            keep(m, row, p->trigger_ns, end_ns);
            drop_pending(m, i--);
        }
    }
}

/* ---- always, never ------------------------------------------------------------------------------------------------
 */

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
static struct verdict_row compare_margin(const struct monitor *m, const struct rig *rig, int64_t offset_ns, bool *level)
{
    const struct expr *e = &m->e->what;
    const enum expr_op_kind kind = e->op[e->count - 1].kind;
    const bool above = kind == EXPR_ABOVE || kind == EXPR_AT_LEAST;
    const bool below = kind == EXPR_BELOW || kind == EXPR_AT_MOST;
    struct verdict_row row = verdict_none(m->e->dim);

    if (e->split == 0 || (!above && !below)) {
        *level = expr_eval(e, rig, offset_ns) != 0.0;
        return row;
    }
    const double left = expr_eval_part(e, 0, e->split, rig, offset_ns);
    const double right = expr_eval_part(e, e->split, (uint16_t)(e->count - 1), rig, offset_ns);
    const bool want_above = above == (m->e->verb == VERB_ALWAYS);

    *level = holds(kind, left, right);
    row.measured = left;
    row.low = want_above ? right : -INFINITY;
    row.high = want_above ? INFINITY : right;
    row.margin = want_above ? left - right : right - left;
    row.uncertainty = e->continuous ? verdict_tolerance(row.dim) : 0.0; /* codes and figures are exact */
    return row;
}

static void advance_always(struct monitor *m, const struct rig *rig, int64_t from_ns, int64_t to_ns)
{
    const int64_t t0 = rig_time_ns(rig);
    const bool want = m->e->verb == VERB_ALWAYS;
    bool level;
    struct verdict_row row = compare_margin(m, rig, to_ns, &level);
    const int64_t edge = take_level(&m->response, rig, from_ns, to_ns, level);

    if (!window_open(m, t0 + to_ns)) {
        return;
    }
    const bool good = level == want;
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

        keep(m, row, -1, first ? t0 + at : -1);
    } else if (m->broken && row.margin < m->worst.margin) { /* how bad it became; when it began stays */
        m->worst.measured = row.measured;
        m->worst.margin = row.margin;
        m->worst.low = row.low;
        m->worst.high = row.high;
    }
    m->broken = m->broken || !good;
}

/* ---- report -------------------------------------------------------------------------------------------------------
 */

static void advance_report(struct monitor *m, const struct rig *rig, int64_t to_ns)
{
    const int64_t t = rig_time_ns(rig) + to_ns;

    if (m->label_done || (m->e->trigger.kind == POINT_END) || t < point_ns(m, &m->e->trigger, 0)) {
        return;
    }
    struct verdict_row row = verdict_none(m->e->dim);

    m->label_done = true;
    row.measured = expr_eval(&m->e->what, rig, to_ns);
    row.uncertainty = verdict_tolerance(row.dim);
    keep(m, row, point_ns(m, &m->e->trigger, 0), -1);
}

void monitor_advance(struct monitor *m, const struct rig *rig, int64_t from_ns, int64_t to_ns)
{
    switch (m->e->verb) {
    case VERB_TRIP:
    case VERB_RELEASE:
        advance_band(m, rig, from_ns, to_ns);
        break;
    case VERB_THEN:
        advance_then(m, rig, from_ns, to_ns);
        break;
    case VERB_STAYS:
        advance_stays(m, rig, from_ns, to_ns);
        break;
    case VERB_ALWAYS:
    case VERB_NEVER:
        advance_always(m, rig, from_ns, to_ns);
        break;
    case VERB_REPORT:
        advance_report(m, rig, to_ns);
        break;
    }
}

/* ---- the end ------------------------------------------------------------------------------------------------------
 */

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
    if (m->pending_count > 0 && isinf(within_s(m)) && e->verb == VERB_THEN && cut == NULL) {
        keep(m, failed(DIM_TIME, not_before_s(m), INFINITY, "no response before the end of the run"),
             m->pending[0].trigger_ns, -1);
    } else if (m->pending_count > 0 && e->verb == VERB_STAYS && isnan(e->for_s) && e->until.kind == POINT_END &&
               cut == NULL) {
        keep(m, verdict_none(DIM_TIME), m->pending[0].trigger_ns, -1);
    } else if (m->pending_count > 0 || (m->armed && m->enter_ns >= 0 && m->entered.level)) {
        inconclude(m, "the run ended inside the window", cut);
    }
    if (m->judged == 0) {
        inconclude(m, windowed ? "its window never came" : "its trigger never came, so nothing was tested", cut);
    } else if (windowed && cut != NULL && point_ns(m, &e->until, INT64_MAX) == INT64_MAX &&
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
