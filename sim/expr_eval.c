#include "bms_core/bms_io.h"
#include "sim/expr.h"

#include <math.h>
#include <string.h>

/* What expr_parse made never takes more values from the stack than it has put there; the analyzer cannot know it. */
/* NOLINTBEGIN(clang-analyzer-core.*) */

/* NaN spreads. */
static double smaller(double a, double b)
{
    return a < b || a != a ? a : b;
}

static double larger(double a, double b)
{
    return a > b || a != a ? a : b;
}

struct machine {
    double last;                /* the newest value; the others lie below top */
    double *top;                /* into stack */
    double stack[EXPR_OPS_MAX]; /* [0] holds nothing: it lies below the first value */
};

static void start(struct machine *m)
{
    m->last = 0;
    m->top = m->stack;
}

struct place { /* what [*] stands for, and when */
    const struct rig *rig;
    int pack, index;
    int64_t offset_ns;
    const char *text; /* of the expression */
    bool divides;     /* so values can be undefined */
};

static double read_signal(const struct signal_ref *s, const struct place *place)
{
    return signal_table[s->id].read(place->rig, s->pack == SIGNAL_ALL ? place->pack : s->pack,
                                    s->index == SIGNAL_ALL ? place->index : s->index, place->offset_ns);
}

/* Does the display's line contain the text of the op, or is it the line? Without supply a line is all zeros. */
static bool match_text(const struct expr_op *op, const struct place *place)
{
    const struct signal_ref *s = &op->signal;
    const char *line = signal_table[s->id].text(place->rig, s->pack == SIGNAL_ALL ? place->pack : s->pack,
                                                s->index == SIGNAL_ALL ? place->index : s->index);
    const char *text = place->text + op->text_at;
    int size = BMS_LINE_SIZE;

    if (op->kind == EXPR_READS) {
        while (size > 0 && (line[size - 1] == ' ' || line[size - 1] == '\0')) {
            size--;
        }
        return size == op->text_size && memcmp(line, text, op->text_size) == 0;
    }
    for (int i = 0; i + op->text_size <= size; i++) {
        if (memcmp(line + i, text, op->text_size) == 0) {
            return true;
        }
    }
    return false;
}

/* An op with two operands. */
static inline double join(enum expr_op_kind kind, double a, double b)
{
    switch (kind) {
    case EXPR_ADD:
        return a + b;
    case EXPR_SUB:
        return a - b;
    case EXPR_MUL:
        return a * b;
    case EXPR_DIV:
        return a / b;
    case EXPR_MIN2:
    case EXPR_FOLD_MIN:
        return smaller(a, b);
    case EXPR_MAX2:
    case EXPR_FOLD_MAX:
        return larger(a, b);
    case EXPR_ABOVE:
        return a > b;
    case EXPR_BELOW:
        return a < b;
    case EXPR_AT_LEAST:
        return a >= b;
    case EXPR_AT_MOST:
        return a <= b;
    case EXPR_EQUAL:
        return a == b;
    case EXPR_NOT_EQUAL:
        return a < b || a > b;
    case EXPR_AND:
    case EXPR_FOLD_ALL:
        return a > 0 && b > 0;
    default: /* EXPR_OR, EXPR_FOLD_ANY */
        return a > 0 || b > 0;
    }
}

/* The same where an operand may be undefined: then so is the result, unless the other one decides. */
static double join_undefined(enum expr_op_kind kind, double a, double b)
{
    if (a == a && b == b) {
        return join(kind, a, b);
    }
    if ((kind == EXPR_AND || kind == EXPR_FOLD_ALL) && (a == 0 || b == 0)) {
        return 0;
    }
    if ((kind == EXPR_OR || kind == EXPR_FOLD_ANY) && (a > 0 || b > 0)) {
        return 1;
    }
    return NAN;
}

/* Runs up to the next fold or the end, and says where it stopped. */
static const struct expr_op *run(struct machine *m, const struct expr_op *op, const struct expr_op *end,
                                 const struct place *place)
{
    double *top = m->top;
    double last = m->last;

    for (; op < end && op->kind < EXPR_FOLD_MIN; op++) {
        switch (op->kind) {
        case EXPR_CONST:
            *top++ = last;
            last = op->value;
            break;
        case EXPR_SIGNAL:
            *top++ = last;
            last = read_signal(&op->signal, place);
            break;
        case EXPR_CONTAINS:
        case EXPR_READS:
            *top++ = last;
            last = match_text(op, place);
            break;
        case EXPR_NEG:
            last = -last;
            break;
        case EXPR_ABS:
            last = last < 0 ? -last : last;
            break;
        case EXPR_NOT:
            last = last != last ? last : !(last > 0);
            break;
        default:
            top--;
            last = place->divides ? join_undefined(op->kind, *top, last) : join(op->kind, *top, last);
            break;
        }
    }
    m->top = top;
    m->last = last;
    return op;
}

/* Over all packs, all indices or both: op->signal holds how many of each, 0 where no [*] stood. */
static double fold(const struct expr_op *op, const struct expr *e, const struct rig *rig, int64_t offset_ns)
{
    const int packs = op->signal.pack > 0 ? op->signal.pack : 1;
    const int indices = op->signal.index > 0 ? op->signal.index : 1;
    const bool extreme = op->kind == EXPR_FOLD_MIN || op->kind == EXPR_FOLD_MAX;
    double value = op->kind == EXPR_FOLD_ALL;
    struct machine m;

    for (int pack = 0; pack < packs; pack++) {
        for (int index = 0; index < indices; index++) {
            const struct place place = {
                .rig = rig, .pack = pack, .index = index, .offset_ns = offset_ns, .text = e->text, .divides = e->divides
            };

            start(&m);
            (void)run(&m, op + 1, op + 1 + op->skip, &place);
            value = extreme && pack + index == 0 ? m.last
                    : e->divides                 ? join_undefined(op->kind, value, m.last)
                                                 : join(op->kind, value, m.last);
        }
    }
    return value;
}

double expr_eval_part(const struct expr *e, uint16_t from, uint16_t to, const struct rig *rig, int64_t offset_ns)
{
    const struct place place = { .rig = rig, .offset_ns = offset_ns, .text = e->text, .divides = e->divides };
    const struct expr_op *end = e->op + to;
    const struct expr_op *op = e->op + from;
    struct machine m;

    start(&m);
    while ((op = run(&m, op, end, &place)) < end) {
        *m.top++ = m.last;
        m.last = fold(op, e, rig, offset_ns);
        op += 1 + op->skip;
    }
    return m.last;
}

/* NOLINTEND(clang-analyzer-core.*) */

double expr_eval(const struct expr *e, const struct rig *rig, int64_t offset_ns)
{
    const struct expr_op *op = e->op;

    /* Most expressions are a signal against a number: three ops, of which the last can only join the two. */
    if (e->count == 3 && op[0].kind == EXPR_SIGNAL && op[1].kind == EXPR_CONST) {
        const struct place place = { .rig = rig, .pack = 0, .index = 0, .offset_ns = offset_ns };

        return join(op[2].kind, read_signal(&op[0].signal, &place), op[1].value);
    }
    return expr_eval_part(e, 0, e->count, rig, offset_ns);
}
