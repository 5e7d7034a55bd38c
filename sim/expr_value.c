/* The grammar of values: signals, quantities, functions and arithmetic. Brackets may hold conditions. */
#include "sim/expr_inner.h"

#include <string.h>

static bool enter(struct expr_parser *p)
{
    return ++p->depth <= EXPR_DEPTH_MAX || expr_fail(p, p->token.begin, "nested deeper than %d levels", EXPR_DEPTH_MAX);
}

static bool expect_symbol(struct expr_parser *p, const char *symbol)
{
    return expr_at_symbol(p, symbol) ? expr_next(p) : expr_fail(p, p->token.begin, "expected \"%s\"", symbol);
}

static bool emit_constant(struct expr_parser *p, struct quantity q, struct side *out)
{
    out->dim = q.dim;
    return expr_emit(p, out->begin, (struct expr_op){ .kind = EXPR_CONST, .value = q.value });
}

/* Notes what a [*] goes over; all of one fold must go over the same. */
static bool note_star(struct expr_parser *p, const struct signal_ref *ref)
{
    const struct signal_info *info = &signal_table[ref->id];
    const struct signal_limits *limits = &p->context->limits;

    if (ref->pack != SIGNAL_ALL && ref->index != SIGNAL_ALL) {
        return true;
    }
    if (!p->in_fold) {
        return expr_fail(p, p->token.begin, "[*] stands only inside any(), all(), min() or max()");
    }
    if (ref->pack == SIGNAL_ALL) {
        p->fold_packs = limits->packs;
    }
    if (ref->index == SIGNAL_ALL) {
        if (p->fold_indices > 0 && p->fold_index != info->index) {
            return expr_fail(p, p->token.begin, "[*] cannot go over %s and %s at once",
                             signal_index_noun(p->fold_index), signal_index_noun(info->index));
        }
        p->fold_index = info->index;
        p->fold_indices = signal_index_most(info->index, limits);
    }
    return true;
}

static bool parse_signal(struct expr_parser *p, struct side *out)
{
    struct signal_ref ref;

    if (!signal_find(p->text + p->token.begin, p->token.end - p->token.begin, &p->context->limits, &ref, p->error,
                     p->error_size)) {
        *p->error_at = p->token.begin;
        return false;
    }
    if (!note_star(p, &ref)) {
        return false;
    }
    const struct signal_info *info = &signal_table[ref.id];

    out->dim = info->dim;
    out->row = ref.id;
    out->continuous = info->continuous;
    p->out->continuous = p->out->continuous || info->continuous;
    p->signals++;
    return expr_emit(p, p->token.begin, (struct expr_op){ .kind = EXPR_SIGNAL, .signal = ref }) && expr_next(p);
}

static bool parse_req(struct expr_parser *p, struct side *out)
{
    struct quantity q;

    if (p->context->req == NULL) {
        return expr_fail(p, p->token.begin, "req: no requirement with a number is cited here");
    }
    q = *p->context->req;
    if (q.dim == DIM_C_RATE && p->context->nominal_Ah > 0) {
        q = (struct quantity){ .value = q.value * p->context->nominal_Ah, .dim = DIM_CURRENT };
    }
    p->out->uses_req = true;
    if (!emit_constant(p, q, out)) {
        return false;
    }
    p->out->op[out->op].of_req = true;
    return expr_next(p);
}

struct function {
    const char *name;
    enum expr_op_kind fold, two; /* EXPR_CONST: it has none */
    bool of_conditions;
};

static const struct function function_table[] = {
    { "any", EXPR_FOLD_ANY, EXPR_CONST, true }, { "all", EXPR_FOLD_ALL, EXPR_CONST, true },
    { "min", EXPR_FOLD_MIN, EXPR_MIN2, false }, { "max", EXPR_FOLD_MAX, EXPR_MAX2, false },
    { "abs", EXPR_CONST, EXPR_CONST, false },
};

static const struct function *find_function(const struct expr_parser *p)
{
    for (size_t i = 0; i < sizeof function_table / sizeof function_table[0]; i++) {
        if (expr_at_name(p, function_table[i].name)) {
            return &function_table[i];
        }
    }
    return NULL;
}

static bool wrong_argument(struct expr_parser *p, const struct function *f, const struct side *argument)
{
    return expr_fail(p, argument->begin, "%s() takes %s; %.*s is %s %s", f->name,
                     f->of_conditions ? "a condition" : "a value", expr_shown(argument), p->text + argument->begin,
                     expr_article(argument->dim), dim_noun(argument->dim));
}

static bool parse_abs(struct expr_parser *p, const struct function *f, struct side *out)
{
    if (!expr_condition(p, out)) {
        return false;
    }
    if (out->dim == DIM_BOOL || out->dim == DIM_TEMPERATURE || out->dim == DIM_TEXT) {
        return wrong_argument(p, f, out);
    }
    out->row = -1;
    return expr_emit(p, out->begin, (struct expr_op){ .kind = EXPR_ABS });
}

/* min(a, b): the place kept for a fold is not needed. */
static bool parse_second(struct expr_parser *p, const struct function *f, uint16_t first, struct side *left)
{
    struct side right;

    if (p->fold_packs > 0 || p->fold_indices > 0) {
        return expr_fail(p, p->token.begin, "%s() goes over [*] or takes two values, not both", f->name);
    }
    p->in_fold = false;
    p->out->count--;
    memmove(&p->out->op[first], &p->out->op[first + 1], (p->out->count - first) * sizeof p->out->op[0]);
    left->op = first;
    return expr_next(p) && expr_condition(p, &right) && expr_arithmetic(p, f->two, left, &right);
}

static bool end_fold(struct expr_parser *p, const struct function *f, uint16_t first, struct side *out)
{
    struct expr_op *op = &p->out->op[first];

    if (p->fold_packs == 0 && p->fold_indices == 0) {
        return expr_fail(p, out->begin, "%s() of one %s: name a signal with [*]%s", f->name,
                         f->of_conditions ? "condition" : "value", f->of_conditions ? "" : ", or give two values");
    }
    op->skip = (uint16_t)(p->out->count - first - 1);
    op->signal = (struct signal_ref){ .pack = (int16_t)p->fold_packs, .index = (int16_t)p->fold_indices };
    p->in_fold = false;
    out->op = first;
    return true;
}

static bool parse_fold(struct expr_parser *p, const struct function *f, size_t at, struct side *out)
{
    const uint16_t first = p->out->count;

    if (p->in_fold) {
        return expr_fail(p, at, "%s() cannot stand inside another any(), all(), min() or max()", f->name);
    }
    p->in_fold = true;
    p->fold_packs = 0;
    p->fold_indices = 0;
    if (!expr_emit(p, at, (struct expr_op){ .kind = f->fold }) || !expr_condition(p, out)) {
        return false;
    }
    if ((out->dim == DIM_BOOL) != f->of_conditions || out->dim == DIM_TEXT) {
        return wrong_argument(p, f, out);
    }
    if (f->two != EXPR_CONST && expr_at_symbol(p, ",")) {
        return parse_second(p, f, first, out);
    }
    return end_fold(p, f, first, out);
}

static bool parse_function(struct expr_parser *p, const struct function *f, struct side *out)
{
    const size_t at = p->token.begin;

    if (!enter(p) || !expr_next(p) || !expect_symbol(p, "(")) {
        return false;
    }
    if (f->fold == EXPR_CONST ? !parse_abs(p, f, out) : !parse_fold(p, f, at, out)) {
        return false;
    }
    p->depth--;
    return expect_symbol(p, ")");
}

static bool unexpected(struct expr_parser *p)
{
    const size_t size = p->token.end - p->token.begin;

    if (p->token.kind == TOKEN_END) {
        return expr_fail(p, p->token.begin,
                         p->size == 0 || p->last_end == 0 ? "the expression is empty"
                                                          : "the expression ends where a value is expected");
    }
    return expr_fail(p, p->token.begin, "expected a signal or a quantity, got \"%.*s\"", size < 30 ? (int)size : 30,
                     p->text + p->token.begin);
}

static bool parse_name(struct expr_parser *p, struct side *out)
{
    const struct function *f = find_function(p);

    if (f != NULL) {
        return parse_function(p, f, out);
    }
    if (expr_at_name(p, "req")) {
        return parse_req(p, out);
    }
    if (expr_at_name(p, "true") || expr_at_name(p, "false")) {
        const struct quantity q = { .value = expr_at_name(p, "true") ? 1 : 0, .dim = DIM_BOOL };

        return emit_constant(p, q, out) && expr_next(p);
    }
    if (expr_is_keyword(p->text + p->token.begin, p->token.end - p->token.begin)) {
        return unexpected(p);
    }
    return parse_signal(p, out);
}

static bool parse_primary(struct expr_parser *p, struct side *out)
{
    *out = (struct side){ .begin = p->token.begin, .op = p->out->count, .row = -1 };
    bool sound = true;

    if (p->token.kind == TOKEN_QUANTITY) {
        sound = emit_constant(p, p->token.number, out) && expr_next(p);
    } else if (expr_at_symbol(p, "(")) {
        const size_t begin = out->begin;

        sound = enter(p) && expr_next(p) && expr_condition(p, out) && expect_symbol(p, ")");
        p->depth--;
        out->begin = begin;
    } else if (p->token.kind == TOKEN_NAME) {
        const size_t begin = out->begin;

        sound = parse_name(p, out);
        out->begin = begin;
    } else {
        return unexpected(p);
    }
    out->end = p->last_end;
    return sound;
}

static bool parse_unary(struct expr_parser *p, struct side *out)
{
    const size_t begin = p->token.begin;
    bool negative = false;

    while (expr_at_symbol(p, "-") || expr_at_symbol(p, "+")) {
        negative = negative != expr_at_symbol(p, "-");
        if (!expr_next(p)) {
            return false;
        }
    }
    if (!parse_primary(p, out)) {
        return false;
    }
    if (negative) {
        struct expr_op *op = &p->out->op[out->op];

        if (out->dim == DIM_BOOL || out->dim == DIM_TEXT || (out->dim == DIM_TEMPERATURE && op->kind != EXPR_CONST)) {
            return expr_fail(p, begin, "%.*s is %s %s and has no negative", expr_shown(out), p->text + out->begin,
                             expr_article(out->dim), dim_noun(out->dim));
        }
        out->row = -1;
        out->begin = begin;
        if (op->kind == EXPR_CONST && p->out->count == out->op + 1) {
            op->value = -op->value;
        } else {
            return expr_emit(p, begin, (struct expr_op){ .kind = EXPR_NEG });
        }
    }
    return true;
}

static bool parse_term(struct expr_parser *p, struct side *out)
{
    struct side right;

    if (!parse_unary(p, out)) {
        return false;
    }
    while (expr_at_symbol(p, "*") || expr_at_symbol(p, "/")) {
        const enum expr_op_kind kind = expr_at_symbol(p, "*") ? EXPR_MUL : EXPR_DIV;

        if (!expr_next(p) || !parse_unary(p, &right) || !expr_arithmetic(p, kind, out, &right)) {
            return false;
        }
    }
    return true;
}

bool expr_sum(struct expr_parser *p, struct side *out)
{
    struct side right;

    if (!parse_term(p, out)) {
        return false;
    }
    while (expr_at_symbol(p, "+") || expr_at_symbol(p, "-")) {
        const enum expr_op_kind kind = expr_at_symbol(p, "+") ? EXPR_ADD : EXPR_SUB;

        if (!expr_next(p) || !parse_term(p, &right) || !expr_arithmetic(p, kind, out, &right)) {
            return false;
        }
    }
    return true;
}
