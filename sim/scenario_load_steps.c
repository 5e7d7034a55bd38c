#include "sim/scenario_load.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define STEPS_MAX 1000

struct order {
    double earliest_s, latest_s; /* of the end of the previous step */
    bool charger_known;          /* it has been given a current and a voltage */
};

/* Which of at, after, until stands there; -1 and a message unless it is exactly one. */
static int timing_of(struct load *l, const struct format_node *n)
{
    static const char *const names[] = { [STEP_AT] = "at", [STEP_AFTER] = "after", [STEP_UNTIL] = "until" };
    int found = -1;

    for (int i = STEP_AT; i <= STEP_UNTIL; i++) {
        const cJSON *node = format_member(n, names[i]);

        if (node != NULL && found >= 0) {
            format_error_key(&l->r, node, NULL, "a step waits by one of at, after, until: \"%s\" stands there already",
                             names[found]);
            return -1;
        }
        found = node != NULL ? i : found;
    }
    if (found < 0 && n->object != NULL) {
        format_error(&l->r, n->object, "\"after\": \"0 s\" acts at once", "a step waits by one of at, after, until");
    }
    return found;
}

static void check_order(struct load *l, const struct format_node *n, double at_s, const struct order *order)
{
    char now[64], before[64];

    if (at_s >= order->earliest_s) {
        return;
    }
    quantity_print((struct quantity){ at_s, DIM_TIME }, now, sizeof now);
    quantity_print((struct quantity){ order->earliest_s, DIM_TIME }, before, sizeof before);
    format_error(&l->r, format_member(n, "at"), "\"at\" counts from t = 0, \"after\" from the previous step",
                 "at %s comes before the end of the previous step, at %s%s", now, before,
                 order->latest_s > order->earliest_s ? " at the earliest" : "");
}

static void read_timing(struct load *l, const struct format_node *n, struct step *step, struct order *order)
{
    const int timing = timing_of(l, n);
    double time_s = 0;

    if (timing < 0) {
        return;
    }
    step->timing = (enum timing)timing;
    if (format_member(n, "timeout") != NULL && timing != STEP_UNTIL) {
        format_error_key(&l->r, format_member(n, "timeout"), NULL, "a timeout goes with \"until\"");
    }
    if (timing == STEP_UNTIL) {
        double timeout_s = SCENARIO_TIMEOUT_S;

        (void)format_quantity(n, "timeout", &timeout_s);
        step->timeout_ns = load_ns(timeout_s);
        (void)load_expr(l, format_member(n, "until"), EXPR_WANT_CONDITION, NULL, &step->until, &step->until_text);
        order->latest_s += timeout_s;
    } else if (timing == STEP_AFTER) {
        (void)format_quantity(n, "after", &time_s);
        order->earliest_s += time_s;
        order->latest_s += time_s;
    } else {
        (void)format_quantity(n, "at", &time_s);
        check_order(l, n, time_s, order);
        order->earliest_s = fmax(order->earliest_s, time_s);
        order->latest_s = fmax(order->latest_s, time_s);
    }
    step->time_ns = load_ns(time_s);
}

static void read_label(struct load *l, const struct format_node *n, struct step *step)
{
    const struct scenario *s = l->s;
    const char *text = NULL;

    if (!format_text(n, "label", &text)) {
        return;
    }
    if (isalpha((unsigned char)text[0]) == 0) {
        format_error(&l->r, format_member(n, "label"), NULL, "a label begins with a letter");
    }
    for (size_t i = 0; i < s->step_count; i++) {
        if (s->step[i].label != NULL && strcmp(s->step[i].label, text) == 0) {
            format_error(&l->r, format_member(n, "label"), NULL, "step %zu (line %u) has this label already", i,
                         s->step[i].line);
        }
    }
    step->label = format_copy(&l->r, text);
}

static void read_step(struct load *l, const cJSON *node, struct step *step, struct order *order)
{
    struct format_node n;

    step->line = json_line(l->r.doc, node);
    if (!format_open(&l->r, node, FORMAT_STEP, &n)) {
        return;
    }
    read_timing(l, &n, step, order);
    read_label(l, &n, step);
    load_acts(l, &n, step, &order->charger_known);
}

static void check_end(struct load *l, const struct format_node *top, const struct order *order)
{
    const double end_s = l->s->end_ns >= 0 ? (double)l->s->end_ns / LOAD_NS_PER_S : 0;
    char text[64];

    if (order->latest_s > LOAD_TOTAL_MAX_s) {
        quantity_print((struct quantity){ order->latest_s, DIM_TIME }, text, sizeof text);
        format_error(&l->r, l->steps, NULL, "all waits together may last %s: more than 366 days", text);
    }
    if (l->s->end_ns >= 0 && end_s < order->earliest_s) {
        quantity_print((struct quantity){ order->earliest_s, DIM_TIME }, text, sizeof text);
        format_error(&l->r, format_member(top, "end"), NULL, "the last step ends at %s%s, after this", text,
                     order->latest_s > order->earliest_s ? " at the earliest" : "");
    }
}

void load_steps(struct load *l, const struct format_node *top)
{
    struct order order = { 0 };
    const cJSON *node = NULL;

    l->steps = format_member(top, "steps");
    if (l->steps == NULL || !json_array(l->r.doc, l->steps, 1, STEPS_MAX, l->r.d)) {
        l->steps = NULL;
        l->r.ok = false;
        return;
    }
    l->s->step = format_array(&l->r, (size_t)cJSON_GetArraySize(l->steps), sizeof *l->s->step);
    if (l->s->step == NULL) {
        return;
    }
    cJSON_ArrayForEach(node, l->steps)
    {
        read_step(l, node, &l->s->step[l->s->step_count], &order);
        l->s->step_count++;
    }
    check_end(l, top, &order);
}
