#include "sim/scenario_load.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define EXPECTATIONS_MAX 200

static const char *const verb_names[] = {
    [VERB_TRIP] = "trip",     [VERB_RELEASE] = "release", [VERB_THEN] = "then",     [VERB_STAYS] = "stays",
    [VERB_ALWAYS] = "always", [VERB_NEVER] = "never",     [VERB_REPORT] = "report",
};

static const enum expr_want wants[] = {
    [VERB_TRIP] = EXPR_WANT_EVENT,      [VERB_RELEASE] = EXPR_WANT_EVENT,    [VERB_THEN] = EXPR_WANT_CONDITION_OR_EVENT,
    [VERB_STAYS] = EXPR_WANT_CONDITION, [VERB_ALWAYS] = EXPR_WANT_CONDITION, [VERB_NEVER] = EXPR_WANT_CONDITION,
    [VERB_REPORT] = EXPR_WANT_VALUE,
};

/* The verb that stands there; -1 and a message unless it is exactly one. */
static int verb_of(struct load *l, const struct format_node *n)
{
    int found = -1;

    for (int i = VERB_TRIP; i <= VERB_REPORT; i++) {
        const cJSON *node = format_member(n, verb_names[i]);

        if (node != NULL && found >= 0) {
            format_error_key(&l->r, node, "make it two expectations", "\"%s\" is the verb already", verb_names[found]);
            return -1;
        }
        found = node != NULL ? i : found;
    }
    if (found < 0 && n->object != NULL) {
        format_error(&l->r, n->object, "one of trip, release, then, stays, always, never, report",
                     "an expectation needs a verb");
    }
    return found;
}

static void check_verb_keys(struct load *l, const struct format_node *n, enum verb verb)
{
    const struct format_info *info = format_info(FORMAT_EXPECT);

    for (size_t i = 0; i < info->count; i++) {
        const struct format_key *key = &info->key[i];
        const cJSON *node = json_member(n->object, key->name);

        if (node != NULL && key->verbs != 0 && (key->verbs & FORMAT_VERB(verb)) == 0) {
            format_error_key(&l->r, node, NULL, "\"%s\" does not go with \"%s\"", key->name, verb_names[verb]);
        }
    }
}

/* "which" takes one of the row's named numbers in the place of its limit and delay. */
static void read_which(struct load *l, const struct format_node *n, struct expectation *e)
{
    const char *name = NULL;
    char names[200] = "";
    const struct req_row *row = e->row;

    if (!format_text(n, "which", &name)) {
        return;
    }
    e->row = row != NULL ? req_value_find(row, name) : NULL;
    if (e->row != NULL) {
        return;
    }
    e->row = row;
    for (size_t i = 0; row != NULL && i < row->value_count; i++) {
        const size_t at = strlen(names);

        (void)snprintf(names + at, sizeof names - at, "%s%s", i > 0 ? ", " : "it has ", row->value[i].name);
    }
    format_error(&l->r, format_member(n, "which"), names[0] != '\0' ? names : NULL,
                 row != NULL ? "%s has no value \"%s\"" : "no row is cited whose value%s \"%s\" could be",
                 row != NULL ? row->id : "", name);
}

static void read_requirement(struct load *l, const struct format_node *n, struct expectation *e)
{
    const char *id = NULL, *nearest;
    char hint[120];

    if (!format_text(n, "requirement", &id)) {
        read_which(l, n, e);
        return;
    }
    e->requirement = format_copy(&l->r, id);
    e->row = req_find(l->world->book, id);
    if (e->row != NULL && e->row->check == REQ_INSPECTION) {
        format_error(&l->r, format_member(n, "requirement"), e->row->why_not,
                     "%s is shown by inspection, not by a bench", id);
    }
    if (e->row != NULL) {
        read_which(l, n, e);
        return;
    }
    nearest = req_nearest(l->world->book, id);
    (void)snprintf(hint, sizeof hint, "did you mean \"%s\"?", nearest != NULL ? nearest : "");
    format_error(&l->r, format_member(n, "requirement"), nearest != NULL ? hint : NULL, "no requirement \"%s\"", id);
}

/* An expression of an expectation; `req` in it is the row's limit. */
static bool read_expr(struct load *l, const cJSON *node, enum expr_want want, struct expectation *e, struct expr *out,
                      char **text)
{
    const struct req_level *level = load_level_of(e->row, e->verb == VERB_RELEASE);

    if (!load_expr(l, node, want, level != NULL ? &level->nominal : NULL, out, text)) {
        return false;
    }
    if (out->uses_req) {
        load_basis(e, &level->note);
    }
    load_literals(l, node, out, e);
    return true;
}

static void read_label_point(struct load *l, const cJSON *node, struct point *out)
{
    if (load_label(l, node, &out->step)) {
        out->kind = POINT_LABEL;
        out->text = format_copy(&l->r, node->valuestring);
    }
}

/* A label or a time. */
static void read_moment(struct load *l, const struct format_node *n, const char *name, struct point *out)
{
    const cJSON *node = format_member(n, name);
    double time_s = 0;

    if (node == NULL) {
        return;
    }
    if (cJSON_IsString(node) && isalpha((unsigned char)node->valuestring[0]) != 0) {
        read_label_point(l, node, out);
    } else if (json_quantity(l->r.doc, node, DIM_TIME, 0, LOAD_TOTAL_MAX_s, &time_s, l->r.d)) {
        out->kind = POINT_TIME;
        out->time_ns = load_ns(time_s);
        out->text = format_copy(&l->r, node->valuestring);
    } else {
        l->r.ok = false;
    }
}

static void read_trigger(struct load *l, const struct format_node *n, struct expectation *e)
{
    const cJSON *after = format_member(n, "after"), *when = format_member(n, "when");

    if (after != NULL && when != NULL) {
        format_error_key(&l->r, when, NULL, "the trigger is \"after\" or \"when\", not both");
    } else if (after != NULL) {
        read_label_point(l, after, &e->trigger);
    } else if (when != NULL) {
        if (read_expr(l, when, EXPR_WANT_EVENT, e, &e->trigger.event, &e->trigger.text)) {
            e->trigger.kind = POINT_EVENT;
        }
    } else if (e->verb == VERB_THEN) {
        format_error(&l->r, n->object, NULL, "\"then\" needs a trigger: \"after\" a label, or \"when\" an event");
    }
}

/* A time, or req: the row's delay. */
static void read_time_or_req(struct load *l, const struct format_node *n, const char *name, struct expectation *e,
                             bool longest, double *out)
{
    const struct req_delay *delay = load_delay_of(e);

    if (!format_is_word(n, name, NULL)) {
        (void)format_quantity(n, name, out);
        return;
    }
    if (delay == NULL) {
        format_error(&l->r, format_member(n, name), NULL,
                     e->row != NULL ? "%s has no delay that req could stand for"
                                    : "req stands for a row's delay, and no row is cited%s",
                     e->row != NULL ? e->row->id : "");
        return;
    }
    load_row_delay(e, delay);
    *out = longest ? delay->max_s : delay->min_s;
    e->within_is_req = e->within_is_req || longest;
}

static void read_then(struct load *l, const struct format_node *n, struct expectation *e)
{
    read_time_or_req(l, n, "within", e, true, &e->within_s);
    read_time_or_req(l, n, "not before", e, false, &e->not_before_s);
    (void)format_quantity(n, "hold", &e->hold_s);
    if (format_member(n, "within") == NULL && format_member(n, "not before") == NULL) {
        format_error(&l->r, n->object, "add \"within\": \"1 s\"", "\"then\" without \"within\" can hardly fail");
    }
    if (e->within_s < e->not_before_s) {
        format_error(&l->r, format_member(n, "within"), NULL, "\"within\" ends before \"not before\"");
    }
    if (!isnan(e->hold_s) && e->what.event != EXPR_LEVEL) {
        format_error_key(&l->r, format_member(n, "hold"), "name the condition instead of the event",
                         "an event does not hold");
    }
}

static void read_window(struct load *l, const struct format_node *n, struct expectation *e)
{
    if (e->verb == VERB_STAYS) {
        read_moment(l, n, "until", &e->until);
        (void)format_quantity(n, "for", &e->for_s);
        if (format_member(n, "for") != NULL && format_member(n, "until") != NULL) {
            format_error_key(&l->r, format_member(n, "until"), NULL, "give \"for\" or \"until\", not both");
        }
        return;
    }
    if (e->verb == VERB_THEN && e->trigger.kind == POINT_LABEL &&
        (format_member(n, "from") != NULL || format_member(n, "until") != NULL)) {
        format_error(&l->r, n->object, "leave them out", "\"from\" and \"until\" bound \"when\", not \"after\"");
    }
    read_moment(l, n, "from", &e->from);
    read_moment(l, n, "until", &e->until);
}

static void read_report(struct load *l, const struct format_node *n, struct expectation *e)
{
    const cJSON *at = format_member(n, "at");

    if (at == NULL) {
        format_error(&l->r, n->object, NULL, "\"report\" needs \"at\": the label at which the value is taken");
        return;
    }
    read_label_point(l, at, &e->trigger);
}

static void read_verb(struct load *l, const struct format_node *n, struct expectation *e)
{
    switch (e->verb) {
    case VERB_TRIP:
    case VERB_RELEASE:
        if (read_expr(l, format_member(n, "on"), EXPR_WANT_VALUE, e, &e->on, &e->on_text)) {
            load_band(l, n, e);
        } else if (format_member(n, "on") == NULL) {
            format_error(&l->r, n->object, "\"on\": \"cell.voltage.max\"", "\"%s\" needs \"on\": the signal",
                         verb_names[e->verb]);
        }
        break;
    case VERB_THEN:
        read_trigger(l, n, e);
        read_then(l, n, e);
        read_window(l, n, e);
        break;
    case VERB_STAYS:
        read_trigger(l, n, e);
        read_window(l, n, e);
        break;
    case VERB_ALWAYS:
    case VERB_NEVER:
        read_window(l, n, e);
        break;
    case VERB_REPORT:
        read_report(l, n, e);
        break;
    }
}

/* What the row as a whole rests on, when none of its numbers is used. */
static enum basis basis_of_row(const struct req_row *row)
{
    for (int i = 0; row->status != NULL && format_basis_words[i] != NULL; i++) {
        if (strcmp(row->status, format_basis_words[i]) == 0) {
            return (enum basis)i;
        }
    }
    return row->status != NULL ? BASIS_DERIVED : BASIS_PRINTED;
}

static void read_expectation(struct load *l, const cJSON *node, struct expectation *e)
{
    struct format_node n;
    int64_t times = 0;
    int verb;

    *e = (struct expectation){ .low = NAN,
                               .high = NAN,
                               .delay_min_s = NAN,
                               .delay_nom_s = NAN,
                               .delay_max_s = NAN,
                               .within_s = NAN,
                               .not_before_s = NAN,
                               .hold_s = NAN,
                               .for_s = NAN,
                               .until = { .kind = POINT_END },
                               .line = json_line(l->r.doc, node) };
    if (!format_open(&l->r, node, FORMAT_EXPECT, &n)) {
        return;
    }
    verb = verb_of(l, &n);
    read_requirement(l, &n, e);
    if (verb < 0) {
        return;
    }
    e->verb = (enum verb)verb;
    check_verb_keys(l, &n, e->verb);
    /* A row that is unknown gives no limits: what follows would only repeat that. */
    if (e->requirement != NULL && e->row == NULL) {
        return;
    }
    if (read_expr(l, format_member(&n, verb_names[verb]), wants[verb], e, &e->what, &e->what_text)) {
        e->dim = e->what.side_dim;
    }
    read_verb(l, &n, e);
    if (format_integer(&n, "times", &times)) {
        e->times = (int)times;
    }
    if (!e->basis_used) {
        e->basis = e->row != NULL ? basis_of_row(e->row) : BASIS_OURS;
    }
}

void load_expectations(struct load *l, const struct format_node *top)
{
    const cJSON *node = NULL;

    l->expects = format_member(top, "expect");
    if (l->expects == NULL || !json_array(l->r.doc, l->expects, 1, EXPECTATIONS_MAX, l->r.d)) {
        l->expects = NULL;
        l->r.ok = false;
        return;
    }
    l->s->expect = format_array(&l->r, (size_t)cJSON_GetArraySize(l->expects), sizeof *l->s->expect);
    if (l->s->expect == NULL) {
        return;
    }
    cJSON_ArrayForEach(node, l->expects)
    {
        read_expectation(l, node, &l->s->expect[l->s->expect_count]);
        l->s->expect_count++;
    }
}
