/* What the files of the expression parser share: expr_lex.c (words), expr_dim.c (dimensions), expr_parse.c (grammar).
 */
#ifndef SIM_EXPR_INNER_H
#define SIM_EXPR_INNER_H

#include "sim/expr.h"

enum token_kind { TOKEN_END, TOKEN_QUANTITY, TOKEN_NAME, TOKEN_TEXT, TOKEN_SYMBOL };

struct token {
    enum token_kind kind;
    size_t begin, end;      /* bytes of the text */
    struct quantity number; /* TOKEN_QUANTITY; C rates have become currents */
};

struct expr_parser {
    const char *text;
    size_t size;
    const struct expr_context *context;
    struct expr *out;
    char *error;
    size_t error_size;
    size_t *error_at;
    struct token token; /* the next one */
    size_t last_end;    /* end of the one before it */
    int depth;
    bool in_fold;
    int fold_packs; /* what [*] went over in this fold so far; 0: nothing */
    int fold_indices;
    enum signal_index fold_index;
    size_t signals;                                     /* read so far */
    uint16_t compare_begin, compare_split, compare_end; /* ops of the last comparison */
    enum dim compare_dim;                               /* of its sides */
};

struct side {          /* a part that was read */
    size_t begin, end; /* bytes of the text */
    uint16_t op;       /* its first op */
    enum dim dim;
    int row;         /* of signal_table, if it is a signal alone (or a fold of one), else -1 */
    bool continuous; /* reads such a signal */
};

/* Writes the error; returns false. */
bool expr_fail(struct expr_parser *p, size_t at, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Reads the next token into p->token. */
bool expr_next(struct expr_parser *p);
bool expr_at_name(const struct expr_parser *p, const char *name);
bool expr_at_symbol(const struct expr_parser *p, const char *symbol);
bool expr_is_keyword(const char *word, size_t size);

/* "cell.voltage.max is a voltage" names a side in messages, cut where it is long. */
const char *expr_article(enum dim dim);
int expr_shown(const struct side *side);

/* Adds an op; false with an error when there is no more room. */
bool expr_emit(struct expr_parser *p, size_t at, struct expr_op op);

/* left operator right: checks dimensions, adds the op (or works constants out), makes *left the whole. */
bool expr_arithmetic(struct expr_parser *p, enum expr_op_kind kind, struct side *left, const struct side *right);
bool expr_compare(struct expr_parser *p, enum expr_op_kind kind, struct side *left, const struct side *right);

/* The grammar is nested, and so are its functions; EXPR_DEPTH_MAX brackets bound how deep. */
bool expr_sum(struct expr_parser *p, struct side *out); /* a value: sums and all that binds tighter */
bool expr_condition(struct expr_parser *p,
                    struct side *out); /* a condition or a value: or and all that binds tighter */

#endif
