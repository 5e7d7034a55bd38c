/* What can only be seen once a whole case is read: expectations that cannot fail or never be decided. */
#include "sim/scenario_load.h"

#include <math.h>
#include <string.h>

static bool reads_a_signal(const struct expr *e)
{
    for (size_t i = 0; i < e->count; i++) {
        if (e->op[i].kind >= EXPR_SIGNAL && e->op[i].kind <= EXPR_READS) {
            return true;
        }
    }
    return false;
}

/* How the stimuli of one kind cross a band. */
struct crossing {
    bool ramp, step;
    unsigned line; /* of the ramp's step */
};

/* Does a stimulus get beyond the band, from the side that the expectation says? */
static void look_at_ramp(const struct ramp *r, const struct expectation *e, unsigned line, struct crossing *c)
{
    const bool beyond = e->rising ? r->to > e->low : r->to < e->high;

    if (!r->given || isnan(r->to) || !beyond) {
        return;
    }
    if (r->over_s > 0) {
        c->ramp = true;
        c->line = line;
    } else {
        c->step = true;
    }
}

/* What drives a signal of a dimension directly: currents of charger and load, temperatures of chamber and sensors. */
static void look_at_action(const struct action *a, const struct expectation *e, unsigned line, struct crossing *c)
{
    if (e->dim == DIM_CURRENT) {
        look_at_ramp(&a->current, e, line, c);
        c->step = c->step || a->kind == ACT_SHORT;
    } else if (e->dim == DIM_TEMPERATURE) {
        look_at_ramp(&a->temperature, e, line, c);
    } else if (e->dim == DIM_VOLTAGE) {
        look_at_ramp(&a->voltage, e, line, c);
    }
}

/* A delay measured on a ramp would be the ramp's: a delay needs a step. */
static void check_measure(struct load *l, const struct format_node *n, const struct expectation *e)
{
    struct crossing c = { false, false, 0 };

    if (e->measure != MEASURE_DELAY) {
        return;
    }
    for (size_t i = 0; i < l->s->step_count; i++) {
        for (size_t k = 0; k < l->s->step[i].action_count; k++) {
            look_at_action(&l->s->step[i].action[k], e, l->s->step[i].line, &c);
        }
    }
    if (c.ramp && !c.step) {
        format_error(&l->r, format_member(n, "measure"), "measure the level on the ramp, the delay on a step",
                     "a delay cannot be measured on a ramp (line %u)", c.line);
    }
}

/* The longest that the run can go on after a step. */
static double longest_after(const struct scenario *s, size_t step)
{
    double total_s = 1.0; /* the default end */

    if (s->end_ns >= 0) {
        return HUGE_VAL;
    }
    for (size_t i = step + 1; i < s->step_count; i++) {
        if (s->step[i].timing == STEP_AT) {
            return HUGE_VAL;
        }
        total_s +=
            (double)(s->step[i].timing == STEP_UNTIL ? s->step[i].timeout_ns : s->step[i].time_ns) / LOAD_NS_PER_S;
    }
    return total_s;
}

/* `stays ... for` must fit into what is left of the run, and so must `then ... within`, or it is never late. */
static void check_fits(struct load *l, const struct format_node *n, const struct expectation *e)
{
    const bool stays = e->verb == VERB_STAYS;
    const double wanted_s = stays ? e->for_s : isnan(e->not_before_s) ? e->within_s : NAN;
    double left_s;

    if (e->trigger.kind != POINT_LABEL || isnan(wanted_s)) {
        return;
    }
    left_s = longest_after(l->s, e->trigger.step);
    if (stays ? wanted_s > left_s : wanted_s >= left_s) {
        char text[64];

        quantity_print((struct quantity){ left_s, DIM_TIME }, text, sizeof text);
        format_error(&l->r, format_member(n, stays ? "for" : "within"), "add a step { \"after\": ... }, or \"end\"",
                     "the run goes on for %s at most after \"%s\": this can never %s", text, e->trigger.text,
                     stays ? "be decided" : "fail");
    }
}

static bool same_ops(const struct expr_op *a, const struct expr_op *b, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (a[i].kind != b[i].kind || a[i].signal.id != b[i].signal.id || a[i].signal.pack != b[i].signal.pack ||
            a[i].signal.index != b[i].signal.index || a[i].value != b[i].value) {
            return false;
        }
    }
    return true;
}

/* Does a signal compared with the end of its range always come to the same? 1: true, 0: false, -1: no. */
static int foregone(const struct expr *e)
{
    const struct signal_info *info = &signal_table[e->op[0].signal.id];
    const double bound = e->op[1].value;

    if (e->count != 3 || e->op[0].kind != EXPR_SIGNAL || e->op[1].kind != EXPR_CONST ||
        !(info->plausible_min < info->plausible_max)) {
        return -1;
    }
    switch (e->op[2].kind) {
    case EXPR_AT_LEAST:
        return bound <= info->plausible_min ? 1 : -1;
    case EXPR_AT_MOST:
        return bound >= info->plausible_max ? 1 : -1;
    case EXPR_ABOVE:
        return bound >= info->plausible_max ? 0 : -1;
    case EXPR_BELOW:
        return bound <= info->plausible_min ? 0 : -1;
    default:
        return -1;
    }
}

/* A condition over a window that holds whatever happens. */
static void check_foregone(struct load *l, const struct format_node *n, const struct expectation *e)
{
    const struct expr *what = &e->what;
    const bool always = e->verb == VERB_ALWAYS;

    if (what->split > 0 && what->count == 2 * what->split + 1 &&
        same_ops(what->op, what->op + what->split, what->split)) {
        format_error(&l->r, format_member(n, always ? "always" : "never"), NULL,
                     "both sides are the same: it is the same whatever happens");
    } else if (foregone(what) == always) {
        const struct signal_info *info = &signal_table[what->op[0].signal.id];
        char low[64], high[64];

        quantity_print((struct quantity){ info->plausible_min, info->dim }, low, sizeof low);
        quantity_print((struct quantity){ info->plausible_max, info->dim }, high, sizeof high);
        format_error(&l->r, format_member(n, always ? "always" : "never"), NULL,
                     "%s lies between %s and %s: this cannot fail", info->name, low, high);
    }
}

/* Each label stands once, and comes once at most. */
static void check_times(struct load *l, const struct format_node *n, const struct expectation *e)
{
    if (e->times > 1 && e->trigger.kind == POINT_LABEL) {
        format_error(&l->r, format_member(n, "times"), "use \"when\" for what comes more often",
                     "\"%s\" is a label: it comes once", e->trigger.text);
    }
}

static void check_window(struct load *l, const struct format_node *n, const struct expectation *e)
{
    const struct point *from = e->verb == VERB_STAYS ? &e->trigger : &e->from;
    const bool labels = from->kind == POINT_LABEL && e->until.kind == POINT_LABEL && from->step >= e->until.step;
    const bool times = from->kind == POINT_TIME && e->until.kind == POINT_TIME && from->time_ns >= e->until.time_ns;

    if (labels || times) {
        format_error(&l->r, format_member(n, "until"), NULL,
                     "the window ends at %s, not after its begin %s: it is empty", e->until.text, from->text);
    }
}

static void check_constant(struct load *l, const struct format_node *n, const struct expectation *e)
{
    static const char *const names[] = { "trip", "release", "then", "stays", "always", "never", "report" };
    const bool band = e->verb == VERB_TRIP || e->verb == VERB_RELEASE;

    if (!reads_a_signal(&e->what)) {
        format_error(&l->r, format_member(n, names[e->verb]), "packbench help signals",
                     "reads no signal: it is the same whatever happens");
    }
    if (band && !reads_a_signal(&e->on)) {
        format_error(&l->r, format_member(n, "on"), "packbench help signals", "reads no signal");
    }
    if (e->trigger.kind == POINT_EVENT && !reads_a_signal(&e->trigger.event)) {
        format_error(&l->r, format_member(n, "when"), "packbench help signals", "reads no signal: it never happens");
    }
}

/* A release that lies beyond the trip of the same signal, each given by a number of its own. */
static void check_pair(struct load *l, const struct format_node *n, const struct expectation *release)
{
    char trips[64], releases[64];

    for (size_t i = 0; i < l->s->expect_count; i++) {
        const struct expectation *trip = &l->s->expect[i];

        if (trip->verb != VERB_TRIP || strcmp(trip->on_text, release->on_text) != 0 ||
            trip->rising == release->rising) {
            continue;
        }
        if (trip->rising ? release->low <= trip->high : release->high >= trip->low) {
            continue;
        }
        quantity_print((struct quantity){ trip->rising ? trip->high : trip->low, trip->dim }, trips, sizeof trips);
        quantity_print((struct quantity){ trip->rising ? release->low : release->high, trip->dim }, releases,
                       sizeof releases);
        format_error(&l->r, n->object, NULL, "the release at %s lies beyond the trip at %s (line %u)", releases, trips,
                     trip->line);
    }
}

static void check_untils(struct load *l)
{
    for (size_t i = 0; i < l->s->step_count; i++) {
        const struct step *step = &l->s->step[i];

        if (step->timing == STEP_UNTIL && !reads_a_signal(&step->until)) {
            format_error(&l->r, json_member(cJSON_GetArrayItem(l->steps, (int)i), "until"), "packbench help signals",
                         "reads no signal: it is the same whatever happens");
        }
    }
}

void load_check(struct load *l)
{
    bool judges = false;

    check_untils(l);
    for (size_t i = 0; i < l->s->expect_count; i++) {
        const struct expectation *e = &l->s->expect[i];
        const struct format_node n = { &l->r, cJSON_GetArrayItem(l->expects, (int)i), FORMAT_EXPECT };

        judges = judges || e->verb != VERB_REPORT;
        check_constant(l, &n, e);
        check_window(l, &n, e);
        check_fits(l, &n, e);
        check_times(l, &n, e);
        if (e->verb == VERB_ALWAYS || e->verb == VERB_NEVER) {
            check_foregone(l, &n, e);
        }
        if (e->verb == VERB_TRIP || e->verb == VERB_RELEASE) {
            check_measure(l, &n, e);
        }
        if (e->verb == VERB_RELEASE) {
            check_pair(l, &n, e);
        }
    }
    if (!judges) {
        format_error(&l->r, l->expects, NULL, "only reports: nothing here can fail");
    }
}
