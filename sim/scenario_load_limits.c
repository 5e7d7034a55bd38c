#include "sim/scenario_load.h"

#include <math.h>
#include <string.h>

#define SAME 1e-9 /* relative: two ways of writing one number */
#define NEAR 0.10 /* relative: a number this near to a row's is meant to be the row's */
#define NEAR_degC 5.0
#define EARLY 0.99 /* window of a delay that an expectation gives itself: -1 % ... */
#define LATE 1.10  /* ... +10 % */

static bool same(double a, double b)
{
    return fabs(a - b) <= SAME * fmax(fabs(a), fabs(b));
}

void load_basis(struct expectation *e, const struct req_note *note)
{
    e->basis = e->basis_used && e->basis > note->basis ? e->basis : note->basis;
    e->basis_used = true;
}

const struct req_level *load_level_of(const struct req_row *row, bool release)
{
    if (row == NULL) {
        return NULL;
    }
    if (release && row->release.limit.present) {
        return &row->release.limit;
    }
    if (row->limit.present) {
        return &row->limit;
    }
    return row->release.limit.present ? &row->release.limit : NULL;
}

const struct req_delay *load_delay_of(const struct expectation *e)
{
    if (e->row == NULL) {
        return NULL;
    }
    if (e->verb == VERB_RELEASE && e->row->release.delay.present) {
        return &e->row->release.delay;
    }
    if (e->row->delay.present) {
        return &e->row->delay;
    }
    return e->row->release.delay.present ? &e->row->release.delay : NULL;
}

void load_row_delay(struct expectation *e, const struct req_delay *delay)
{
    e->delay_min_s = delay->min_s;
    e->delay_nom_s = delay->nom_s;
    e->delay_max_s = delay->max_s;
    e->no_latency = delay->no_latency;
    e->row_delay = true;
    load_basis(e, &delay->note);
}

static void print(double value, enum dim dim, char *out, size_t size)
{
    quantity_print((struct quantity){ value, dim }, out, size);
}

/* Sets the band around a level. A bound leaves one side open. */
static void set_band(struct expectation *e, double level, double minus, double plus, bool is_max, bool is_min)
{
    e->low = is_max ? -HUGE_VAL : level - minus;
    e->high = is_min ? HUGE_VAL : level + plus;
}

static enum dim tolerance_dim(enum dim dim)
{
    return dim == DIM_TEMPERATURE ? DIM_TEMP_DIFF : dim;
}

/* The expectation's own tolerance, in the unit of the level; 0 when none is given. */
static double own_tolerance(struct load *l, const struct format_node *n, const struct expectation *e, double level)
{
    const cJSON *node = format_member(n, "tolerance");
    const enum dim wanted = tolerance_dim(e->dim);
    struct quantity q = { 0, wanted };

    if (!format_any_quantity(n, "tolerance", &q)) {
        return 0;
    }
    if (q.dim == DIM_RATIO && wanted != DIM_RATIO && wanted != DIM_TEMP_DIFF) {
        q = (struct quantity){ q.value * fabs(level), wanted };
    }
    if (q.dim != wanted || q.value < 0) {
        format_error(&l->r, node, NULL, "expected a %s, not negative", dim_noun(wanted));
        return 0;
    }
    return q.value;
}

static bool plausible(struct load *l, const cJSON *node, const struct expectation *e, double value)
{
    const struct signal_info *info;
    char number[64], low[64], high[64];

    if (e->on.count != 1 || e->on.op[0].kind != EXPR_SIGNAL) {
        return true;
    }
    info = &signal_table[e->on.op[0].signal.id];
    if (info->plausible_min == info->plausible_max || (value >= info->plausible_min && value <= info->plausible_max)) {
        return true;
    }
    print(value, e->dim, number, sizeof number);
    print(info->plausible_min, e->dim, low, sizeof low);
    print(info->plausible_max, e->dim, high, sizeof high);
    format_error(&l->r, node, NULL, "%s is not plausible for %s (%s to %s)", number, e->on_text, low, high);
    return false;
}

/* The number that stands at rising or falling, in the dimension of the signal. */
static bool own_level(struct load *l, const struct format_node *n, const char *side, const struct expectation *e,
                      double *out)
{
    const cJSON *node = format_member(n, side);
    struct quantity q = { 0 };

    if (!format_any_quantity(n, side, &q)) {
        return false;
    }
    if (q.dim == DIM_C_RATE && e->dim == DIM_CURRENT) {
        q = (struct quantity){ q.value * l->nominal_Ah, DIM_CURRENT };
    }
    if (q.dim == DIM_NONE && e->dim == DIM_COUNT) {
        q.dim = DIM_COUNT;
    }
    if (q.dim != e->dim) {
        format_error(&l->r, node, NULL, "expected a %s as \"%s\" is, got a %s", dim_noun(e->dim), e->on_text,
                     dim_noun(q.dim));
        return false;
    }
    *out = q.value;
    return plausible(l, node, e, q.value);
}

/* The band comes from the row: by req, or by a number that is the row's. */
static void band_of_row(struct load *l, const struct format_node *n, const char *side, const struct req_level *level,
                        struct expectation *e)
{
    const cJSON *node = format_member(n, side), *own = format_member(n, "tolerance");
    const double nominal = level->nominal.value;
    double value = nominal, tolerance;
    char theirs[64], ours[64];

    if (level->nominal.dim != e->dim) {
        format_error(&l->r, node, NULL, "%s is about a %s, but \"%s\" is a %s", e->row->id,
                     dim_noun(level->nominal.dim), e->on_text, dim_noun(e->dim));
        return;
    }
    if (!format_is_word(n, side, NULL) && !own_level(l, n, side, e, &value)) {
        return;
    }
    print(nominal, e->dim, theirs, sizeof theirs);
    print(value, e->dim, ours, sizeof ours);
    if (!same(value, nominal)) {
        format_error(&l->r, node, "write \"req\"", "%s here, but %s says %s", ours, e->row->id, theirs);
        return;
    }
    tolerance = own_tolerance(l, n, e, nominal);
    if (own != NULL && (!same(tolerance, level->tol_minus) || !same(tolerance, level->tol_plus))) {
        print(level->tol_minus, tolerance_dim(e->dim), ours, sizeof ours);
        print(level->tol_plus, tolerance_dim(e->dim), theirs, sizeof theirs);
        format_error(&l->r, own, "leave it out", "%s says -%s, +%s", e->row->id, ours, theirs);
    }
    set_band(e, nominal, level->tol_minus, level->tol_plus, level->is_max, level->is_min);
    load_basis(e, &level->note);
}

static void band_delay(struct load *l, const struct format_node *n, struct expectation *e)
{
    const struct req_delay *delay = load_delay_of(e);
    double own_s = 0;
    const bool given = format_quantity(n, "delay", &own_s);

    if (delay != NULL) {
        load_row_delay(e, delay);
        if (given && !same(own_s, delay->nom_s)) {
            char ours[64], theirs[64];

            print(own_s, DIM_TIME, ours, sizeof ours);
            print(delay->nom_s, DIM_TIME, theirs, sizeof theirs);
            format_error(&l->r, format_member(n, "delay"), "leave it out", "%s here, but %s says %s", ours, e->row->id,
                         theirs);
        }
        return;
    }
    if (!given && format_member(n, "delay") == NULL) {
        format_error(&l->r, n->object, "add \"delay\": \"1 s\"",
                     e->row != NULL ? "%s gives no delay, and none stands here" : "no row%s and no delay",
                     e->row != NULL ? e->row->id : "");
    }
    e->delay_min_s = own_s * EARLY;
    e->delay_nom_s = own_s;
    e->delay_max_s = own_s * LATE;
}

/* A release level must lie on the inner side of its trip level. */
static void check_sides(struct load *l, const cJSON *node, const struct expectation *e)
{
    const struct req_row *row = e->row;
    const bool rising = e->verb == VERB_TRIP ? e->rising : !e->rising;
    char trip[64], release[64];

    if (row == NULL || !row->limit.present || !row->release.limit.present ||
        row->limit.nominal.dim != row->release.limit.nominal.dim) {
        return;
    }
    if (rising ? row->release.limit.nominal.value < row->limit.nominal.value
               : row->release.limit.nominal.value > row->limit.nominal.value) {
        return;
    }
    print(row->limit.nominal.value, row->limit.nominal.dim, trip, sizeof trip);
    print(row->release.limit.nominal.value, row->limit.nominal.dim, release, sizeof release);
    format_error(&l->r, node, "is it rising or falling?", "%s trips %s %s, its release at %s would be beyond that",
                 row->id, rising ? "above" : "below", trip, release);
}

void load_band(struct load *l, const struct format_node *n, struct expectation *e)
{
    const cJSON *rising = format_member(n, "rising"), *falling = format_member(n, "falling");
    const struct req_level *level = load_level_of(e->row, e->verb == VERB_RELEASE);
    const char *side = rising != NULL ? "rising" : "falling";
    double value, tolerance;
    int measure = MEASURE_LEVEL;

    e->dim = e->on.dim;
    e->rising = rising != NULL;
    (void)format_word(n, "measure", &measure);
    e->measure = (enum measure)measure;
    if ((rising == NULL) == (falling == NULL)) {
        format_error(&l->r, n->object, "\"rising\": \"req\"",
                     "give \"rising\" or \"falling\": from which side it comes");
        return;
    }
    if (level != NULL) {
        band_of_row(l, n, side, level, e);
    } else if (format_is_word(n, side, NULL)) {
        format_error(&l->r, format_member(n, side), NULL,
                     e->row != NULL ? "%s has no limit that req could stand for"
                                    : "req stands for a row's limit, and no row is cited%s",
                     e->row != NULL ? e->row->id : "");
    } else if (own_level(l, n, side, e, &value)) {
        tolerance = own_tolerance(l, n, e, value);
        set_band(e, value, tolerance, tolerance, false, false);
    }
    band_delay(l, n, e);
    check_sides(l, format_member(n, side), e);
}

/* How far a number is from one of a row's, relative; infinite when the row has none. */
static double distance(double value, const struct req_level *level, enum dim dim)
{
    const double scale = dim == DIM_TEMPERATURE ? NEAR_degC / NEAR : fabs(level->nominal.value);
    double best = HUGE_VAL;
    const double numbers[] = { level->nominal.value, level->nominal.value - level->tol_minus,
                               level->nominal.value + level->tol_plus };

    if (!level->present || level->nominal.dim != dim) {
        return HUGE_VAL;
    }
    for (size_t i = 0; i < 3; i++) {
        best = same(value, numbers[i]) ? 0 : fmin(best, fabs(value - numbers[i]) / scale);
        if (best == 0) {
            break;
        }
    }
    return best;
}

/* A number that the author wrote, compared with a signal, must not be nearly one of the row's. */
static void check_literal(struct load *l, const cJSON *node, const struct expr_op *number, const struct expr_op *signal,
                          const struct req_row *row)
{
    const enum dim dim = signal_table[signal->signal.id].dim;
    const double to_limit = distance(number->value, &row->limit, dim);
    const double to_release = distance(number->value, &row->release.limit, dim);
    const struct req_level *level = to_limit <= to_release ? &row->limit : &row->release.limit;
    char written[64], theirs[64];

    if (number->of_req || fmin(to_limit, to_release) == 0.0 || fmin(to_limit, to_release) > NEAR) {
        return;
    }
    print(number->value, dim, written, sizeof written);
    print(level->nominal.value, dim, theirs, sizeof theirs);
    format_error(&l->r, node, "write \"req\", or cite the row that says so", "%s here, but %s says %s", written,
                 row->id, theirs);
}

void load_literals(struct load *l, const cJSON *node, const struct expr *expr, const struct expectation *e)
{
    if (e->row == NULL) {
        return;
    }
    for (size_t i = 2; i < expr->count; i++) {
        const struct expr_op *op = &expr->op[i];

        if (op->kind < EXPR_ABOVE || op->kind > EXPR_NOT_EQUAL) {
            continue;
        }
        if (op[-1].kind == EXPR_CONST && op[-2].kind == EXPR_SIGNAL) {
            check_literal(l, node, &op[-1], &op[-2], e->row);
        } else if (op[-1].kind == EXPR_SIGNAL && op[-2].kind == EXPR_CONST) {
            check_literal(l, node, &op[-2], &op[-1], e->row);
        }
    }
}
