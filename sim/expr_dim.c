/* Dimensions: what may be added, multiplied and compared, and how it is said when it may not. */
#include "sim/expr_inner.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define SHOWN_MAX 40 /* bytes of a side in a message */

/* clang-format off */
static const struct product {
    enum dim a, b, result;
    double factor; /* units of quantity.h are not all coherent: A times s is As, and charge is in Ah */
} product_table[] = {
    { DIM_VOLTAGE,      DIM_CURRENT,    DIM_POWER,        1 },
    { DIM_CURRENT,      DIM_RESISTANCE, DIM_VOLTAGE,      1 },
    { DIM_VOLTAGE,      DIM_TIME,       DIM_VOLT_SECONDS, 1 },
    { DIM_POWER,        DIM_TIME,       DIM_ENERGY,       1 },
    { DIM_CURRENT,      DIM_TIME,       DIM_CHARGE,       1 / 3600.0 },
    { DIM_CHARGE,       DIM_VOLTAGE,    DIM_ENERGY,       3600 },
    { DIM_TEMP_RATE,    DIM_TIME,       DIM_TEMP_DIFF,    1 },
    { DIM_CURRENT_RATE, DIM_TIME,       DIM_CURRENT,      1 },
    { DIM_VOLTAGE_RATE, DIM_TIME,       DIM_VOLTAGE,      1 },
};
/* clang-format on */

#define PRODUCT_COUNT (sizeof product_table / sizeof product_table[0])

const char *expr_article(enum dim dim)
{
    return strchr("aeiou", dim_noun(dim)[0]) != NULL ? "an" : "a";
}

int expr_shown(const struct side *side)
{
    return (int)(side->end - side->begin < SHOWN_MAX ? side->end - side->begin : SHOWN_MAX);
}

static bool mismatch(struct expr_parser *p, const struct side *left, const struct side *right)
{
    const char *bare = left->dim == DIM_NONE    ? dim_unit(right->dim)
                       : right->dim == DIM_NONE ? dim_unit(left->dim)
                                                : NULL;
    const struct side *number = left->dim == DIM_NONE ? left : right;
    char hint[80] = "";

    if (bare != NULL && p->out->op[number->op].kind == EXPR_CONST) {
        (void)snprintf(hint, sizeof hint, ": write %.*s %s", expr_shown(number), p->text + number->begin, bare);
    } else if (left->dim == DIM_TEMPERATURE && right->dim == DIM_TEMP_DIFF) {
        (void)snprintf(hint, sizeof hint, ": temperatures are in degC");
    }
    return expr_fail(p, right->begin, "%.*s is %s %s, %.*s %s %s%s", expr_shown(left), p->text + left->begin,
                     expr_article(left->dim), dim_noun(left->dim), expr_shown(right), p->text + right->begin,
                     expr_article(right->dim), dim_noun(right->dim), hint);
}

/* Counts and bare numbers are of one kind. */
static bool alike(enum dim a, enum dim b)
{
    return a == b || (a == DIM_NONE && b == DIM_COUNT) || (a == DIM_COUNT && b == DIM_NONE);
}

static bool is_number(enum dim dim)
{
    return dim == DIM_NONE || dim == DIM_COUNT || dim == DIM_RATIO;
}

static bool sum_dim(enum expr_op_kind kind, enum dim a, enum dim b, enum dim *out)
{
    *out = a == DIM_NONE ? b : a;
    if (a == DIM_TEMPERATURE && b == DIM_TEMPERATURE) {
        *out = DIM_TEMP_DIFF;
        return kind == EXPR_SUB;
    }
    if (b == DIM_TEMPERATURE && a == DIM_TEMP_DIFF) {
        *out = DIM_TEMPERATURE;
        return kind == EXPR_ADD;
    }
    return alike(a, b) || (a == DIM_TEMPERATURE && b == DIM_TEMP_DIFF);
}

static bool product_dim(enum dim a, enum dim b, enum dim *out, double *factor)
{
    for (size_t i = 0; i < PRODUCT_COUNT; i++) {
        const struct product *row = &product_table[i];

        if ((a == row->a && b == row->b) || (a == row->b && b == row->a)) {
            *out = row->result;
            *factor = row->factor;
            return true;
        }
    }
    *out = a == DIM_RATIO && is_number(b) ? DIM_RATIO : is_number(a) ? b : a;
    return (is_number(a) && b != DIM_TEMPERATURE) || (is_number(b) && a != DIM_TEMPERATURE);
}

static bool quotient_dim(enum dim a, enum dim b, enum dim *out, double *factor)
{
    for (size_t i = 0; i < PRODUCT_COUNT; i++) {
        const struct product *row = &product_table[i];

        if (a == row->result && (b == row->a || b == row->b)) {
            *out = b == row->a ? row->b : row->a;
            *factor = 1 / row->factor;
            return true;
        }
    }
    *out = is_number(b) ? a : DIM_RATIO;
    return a != DIM_TEMPERATURE && (is_number(b) || a == b);
}

bool expr_emit(struct expr_parser *p, size_t at, struct expr_op op)
{
    if (p->out->count >= EXPR_OPS_MAX - 2) {
        return expr_fail(p, at, "the expression is too long: more than %d operations", EXPR_OPS_MAX - 2);
    }
    p->out->op[p->out->count++] = op;
    return true;
}

/* The value of one op on two constants. */
static double work_out(const struct expr_op *a, const struct expr_op *b, enum expr_op_kind kind)
{
    struct expr e = { .count = 3 };

    e.op[0] = *a;
    e.op[1] = *b;
    e.op[2].kind = kind;
    return expr_eval(&e, NULL, 0);
}

/* Adds the op, or makes one constant of two. */
static bool combine(struct expr_parser *p, enum expr_op_kind kind, const struct side *left, const struct side *right)
{
    struct expr_op *a = &p->out->op[left->op], *b = &p->out->op[right->op];

    if (a->kind != EXPR_CONST || b != a + 1 || b->kind != EXPR_CONST || p->out->count != right->op + 1) {
        if (kind == EXPR_DIV && b->kind == EXPR_CONST && b->value == 0.0) {
            return expr_fail(p, right->begin, "division by zero");
        }
        p->out->divides = p->out->divides || kind == EXPR_DIV;
        return expr_emit(p, left->begin, (struct expr_op){ .kind = kind });
    }
    a->value = work_out(a, b, kind);
    a->of_req = a->of_req || b->of_req;
    p->out->count--;
    if (!isfinite(a->value)) {
        return expr_fail(p, left->begin, "%.*s is not a finite number", (int)(right->end - left->begin),
                         p->text + left->begin);
    }
    return true;
}

static bool scale(struct expr_parser *p, struct side *side, double factor)
{
    const struct side number = { .begin = side->begin, .end = side->end, .op = p->out->count };

    return factor == 1 || (expr_emit(p, side->begin, (struct expr_op){ .kind = EXPR_CONST, .value = factor }) &&
                           combine(p, EXPR_MUL, side, &number));
}

bool expr_arithmetic(struct expr_parser *p, enum expr_op_kind kind, struct side *left, const struct side *right)
{
    enum dim dim = DIM_NONE;
    double factor = 1;
    bool sound = left->dim != DIM_BOOL && right->dim != DIM_BOOL && left->dim != DIM_TEXT && right->dim != DIM_TEXT;

    if (sound) {
        sound = kind == EXPR_MUL   ? product_dim(left->dim, right->dim, &dim, &factor)
                : kind == EXPR_DIV ? quotient_dim(left->dim, right->dim, &dim, &factor)
                                   : sum_dim(kind == EXPR_SUB ? EXPR_SUB : EXPR_ADD, left->dim, right->dim, &dim);
    }
    /* min and max of two temperatures is a temperature, not a difference */
    if (kind == EXPR_MIN2 || kind == EXPR_MAX2) {
        sound = alike(left->dim, right->dim) && left->dim != DIM_BOOL && left->dim != DIM_TEXT;
        dim = left->dim == DIM_NONE ? right->dim : left->dim;
    }
    if (!sound) {
        return mismatch(p, left, right);
    }
    if (!combine(p, kind, left, right)) {
        return false;
    }
    left->end = right->end;
    left->dim = dim;
    left->row = -1;
    left->continuous = left->continuous || right->continuous;
    return scale(p, left, factor);
}

/* constant is a side of one op. A quantity beside a signal that it can never reach is a slip of the pen: 3650 V for a
 * cell. */
static bool is_plausible(struct expr_parser *p, const struct side *signal, const struct side *constant)
{
    const struct expr_op *op = &p->out->op[constant->op];

    if (signal->row < 0 || op->kind != EXPR_CONST) {
        return true;
    }
    const struct signal_info *info = &signal_table[signal->row];
    const double min = info->plausible_min, max = info->plausible_max;

    if (!(min < max) || (op->value >= min && op->value <= max)) {
        return true;
    }
    char low[64], high[64], got[64], meant[64] = "";

    quantity_print((struct quantity){ .value = op->value, .dim = constant->dim }, got, sizeof got);
    quantity_print((struct quantity){ .value = min, .dim = info->dim }, low, sizeof low);
    quantity_print((struct quantity){ .value = max, .dim = info->dim }, high, sizeof high);
    if (!is_number(info->dim) && op->value / 1000 >= min && op->value / 1000 <= max) {
        (void)snprintf(meant, sizeof meant, ": m%s meant?", dim_unit(info->dim));
    }
    const bool written = p->text[constant->begin] != 'r'; /* req is better told by its value */

    return expr_fail(p, constant->begin, "%.*s is not plausible for %.*s (%s to %s)%s",
                     written ? expr_shown(constant) : (int)strlen(got), written ? p->text + constant->begin : got,
                     expr_shown(signal), p->text + signal->begin, low, high, meant);
}

bool expr_compare(struct expr_parser *p, enum expr_op_kind kind, struct side *left, const struct side *right)
{
    const bool equality = kind == EXPR_EQUAL || kind == EXPR_NOT_EQUAL;

    if (!alike(left->dim, right->dim)) {
        return mismatch(p, left, right);
    }
    if (!equality && left->dim == DIM_BOOL) {
        return expr_fail(p, left->begin, "%.*s is true or false: compare it with \"is\"", expr_shown(left),
                         p->text + left->begin);
    }
    if (equality && left->dim != DIM_BOOL && (left->continuous || right->continuous)) {
        return expr_fail(p, left->begin, "%.*s is never exactly equal: use at least, at most, above or below",
                         expr_shown(left), p->text + left->begin);
    }
    const bool left_single = right->op == left->op + 1, right_single = p->out->count == right->op + 1;

    if ((right_single && !is_plausible(p, left, right)) || (left_single && !is_plausible(p, right, left))) {
        return false;
    }
    if (!expr_emit(p, left->begin, (struct expr_op){ .kind = kind })) {
        return false;
    }
    p->compare_begin = left->op;
    p->compare_split = right->op;
    p->compare_dim = left->dim == DIM_NONE ? right->dim : left->dim;
    p->compare_end = p->out->count;
    left->end = right->end;
    left->dim = DIM_BOOL;
    left->row = -1;
    return true;
}
