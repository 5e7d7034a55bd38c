/* Expressions over signals: conditions, values, and the events that conditions make.
 *
 *   condition:  cell.voltage.max above 3.70 V  |  bms.mode is charge  |  charge.allowed is false
 *               bms.display.line[1] contains 'Im: 0.00 A'  |  ... is 'Rm : 20.9AH'  |  ... is not '...'
 *               a and b  |  a or b  |  not a  |  ( a )  |  any(pack[*].locked)  |  all(...)
 *   compare:    above >  |  below <  |  at least >=  |  at most <=  |  is  |  is not
 *   value:      signal | quantity | req | + - * / ( ) | abs() min() max()
 *   event:      <condition> becomes true|false  |  <value> rises above <value>  |  <value> falls below <value>
 *               <signal> changes
 * Dimensions are checked: 3.7 V against a current is an error at its column. */
#ifndef SIM_EXPR_H
#define SIM_EXPR_H

#include "sim/quantity.h"
#include "sim/signal.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXPR_OPS_MAX 64
#define EXPR_DEPTH_MAX 32
#define EXPR_TEXT_MAX 160 /* characters of all texts of one expression */

enum expr_op_kind {
    EXPR_CONST,
    EXPR_SIGNAL,
    EXPR_CONTAINS, /* is this text in the line of a signal */
    EXPR_READS,    /* is it the line, but for blanks at its end */
    EXPR_ADD,
    EXPR_SUB,
    EXPR_MUL,
    EXPR_DIV,
    EXPR_NEG,
    EXPR_ABS,
    EXPR_MIN2,
    EXPR_MAX2,
    EXPR_ABOVE,
    EXPR_BELOW,
    EXPR_AT_LEAST,
    EXPR_AT_MOST,
    EXPR_EQUAL,
    EXPR_NOT_EQUAL,
    EXPR_AND,
    EXPR_OR,
    EXPR_NOT,
    EXPR_FOLD_MIN,
    EXPR_FOLD_MAX,
    EXPR_FOLD_ANY,
    EXPR_FOLD_ALL, /* folds the next `skip` ops over [*] */
};

struct expr_op {
    enum expr_op_kind kind;
    uint16_t skip;
    bool of_req;                /* a constant that is req, or was worked out from it */
    uint8_t text_at, text_size; /* of a text op: where its text lies in expr.text */
    struct signal_ref signal;   /* of a fold: how many packs and indices it goes over, 0 where no [*] stands */
    double value;
};

enum expr_event { EXPR_LEVEL, EXPR_BECOMES_TRUE, EXPR_BECOMES_FALSE, EXPR_CHANGES };

struct expr {
    struct expr_op op[EXPR_OPS_MAX]; /* postfix */
    char text[EXPR_TEXT_MAX];        /* all texts, one after the other */
    uint16_t count, text_used;
    enum dim dim;          /* of the value; DIM_BOOL for conditions */
    enum expr_event event; /* EXPR_LEVEL: a plain condition or value */
    bool continuous;       /* reads a continuous signal */
    bool uses_req;         /* the word req stood in it */
    bool divides;          /* by something that can be zero */
    /* A condition that is one comparison keeps its sides, so that a verdict can give the margin: op[0..split) is the
     * left side, op[split..count-1) the right one, op[count-1] the comparison; 0 otherwise. */
    uint16_t split;
    enum dim side_dim; /* of these sides, so of the margin; dim where there are none */
};

enum expr_want { EXPR_WANT_CONDITION, EXPR_WANT_EVENT, EXPR_WANT_CONDITION_OR_EVENT, EXPR_WANT_VALUE };

struct expr_context {
    struct signal_limits limits;
    double nominal_Ah;          /* makes a current of a C rate */
    const struct quantity *req; /* what `req` stands for, or NULL: then it is an error */
};

/* On failure says why in error (a suggestion included) and where in *error_at (byte offset); *out is then not written.
 * Leaves at least two ops free, so that a caller can compare a value with a number of its own. */
bool expr_parse(const char *text, size_t size, enum expr_want want, const struct expr_context *context,
                struct expr *out, char *error, size_t error_size, size_t *error_at);

/* The value (0 or 1 for conditions) offset_ns into the rig's planned segment. NaN: undefined, since it divides zero by
 * zero (or what comes to the same with infinities); of "a and b" only where neither is false, of "a or b" where neither
 * is true. Signals are finite, so only an expression that divides can be undefined. */
double expr_eval(const struct expr *e, const struct rig *rig, int64_t offset_ns);
/* The same for op[from..to). */
double expr_eval_part(const struct expr *e, uint16_t from, uint16_t to, const struct rig *rig, int64_t offset_ns);

#endif
