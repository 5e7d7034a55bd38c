/* The grammar of conditions and events. */
#include "bms_core/bms_io.h"
#include "sim/diag.h"
#include "sim/expr_inner.h"

#include <string.h>

struct comparison {
    const char *first, *second; /* words; second NULL: one word */
    const char *symbol;         /* NULL: none */
    enum expr_op_kind kind;
};

/* Two words before their first one alone. */
static const struct comparison comparison_table[] = {
    { "above", NULL, ">", EXPR_ABOVE },   { "below", NULL, "<", EXPR_BELOW },    { "at", "least", ">=", EXPR_AT_LEAST },
    { "at", "most", "<=", EXPR_AT_MOST }, { "is", "not", NULL, EXPR_NOT_EQUAL }, { "is", NULL, NULL, EXPR_EQUAL },
};

#define COMPARISON_COUNT (sizeof comparison_table / sizeof comparison_table[0])

/* Takes the operator if one stands here. *found is NULL if none does. */
static bool take_comparison(struct expr_parser *p, const struct comparison **found)
{
    *found = NULL;
    for (size_t i = 0; i < COMPARISON_COUNT; i++) {
        const struct comparison *c = &comparison_table[i];

        if (c->symbol != NULL && expr_at_symbol(p, c->symbol)) {
            *found = c;
            return expr_next(p);
        }
        if (!expr_at_name(p, c->first)) {
            continue;
        }
        const struct token first = p->token;
        const size_t last_end = p->last_end;

        if (!expr_next(p)) {
            return false;
        }
        if (c->second == NULL || expr_at_name(p, c->second)) {
            *found = c;
            return c->second == NULL || expr_next(p);
        }
        p->token = first;
        p->last_end = last_end;
    }
    return !expr_at_name(p, "at") || expr_fail(p, p->token.begin, "write \"at least\" or \"at most\"");
}

/* Words of the signal that side is, or NULL. */
static const char *const *words_of(const struct side *side)
{
    return side->row >= 0 ? signal_table[side->row].words : NULL;
}

static bool parse_word(struct expr_parser *p, struct side *left, struct side *right)
{
    const char *const *words = words_of(left);
    const size_t size = p->token.end - p->token.begin;
    char word[40] = "";
    size_t count = 0;

    if (p->token.kind == TOKEN_NAME && size < sizeof word) {
        memcpy(word, p->text + p->token.begin, size);
    }
    *right =
        (struct side){ .begin = p->token.begin, .end = p->token.end, .op = p->out->count, .dim = left->dim, .row = -1 };
    for (; words[count] != NULL; count++) {
        if (strcmp(words[count], word) == 0) {
            return expr_emit(p, right->begin, (struct expr_op){ .kind = EXPR_CONST, .value = (double)count }) &&
                   expr_next(p);
        }
    }
    const char *nearest = diag_nearest(word, words, count);

    return expr_fail(p, right->begin, "%.*s is one of its words (%s ...), not \"%.*s\"%s%s%s", expr_shown(left),
                     p->text + left->begin, words[0], size < 30 ? (int)size : 30, p->text + p->token.begin,
                     nearest != NULL ? ": did you mean \"" : "", nearest != NULL ? nearest : "",
                     nearest != NULL ? "\"?" : "");
}

static bool parse_right(struct expr_parser *p, const struct comparison *c, struct side *left)
{
    struct side right;
    const bool equality = c->kind == EXPR_EQUAL || c->kind == EXPR_NOT_EQUAL;

    if (words_of(left) != NULL) {
        if (!equality) {
            return expr_fail(p, left->begin, "%.*s is a word: compare it with \"is\"", expr_shown(left),
                             p->text + left->begin);
        }
        return parse_word(p, left, &right) && expr_compare(p, c->kind, left, &right);
    }
    if (equality && (expr_at_name(p, "above") || expr_at_name(p, "below") || expr_at_name(p, "at"))) {
        return expr_fail(p, left->end, "leave \"is\" out: write \"above\", \"below\", \"at least\", \"at most\"");
    }
    return expr_sum(p, &right) && expr_compare(p, c->kind, left, &right);
}

/* Keeps the text of the token, without its quotes and blanks at its end, in the expression; the op then reads it. */
static bool keep_text(struct expr_parser *p, struct expr_op *op)
{
    const char *text = p->text + p->token.begin + 1;
    size_t size = p->token.end - p->token.begin - 2;

    while (op->kind == EXPR_READS && size > 0 && text[size - 1] == ' ') {
        size--;
    }
    if (size > BMS_LINE_SIZE) {
        return expr_fail(p, p->token.begin, "a line of the display has %d characters, this text %zu", BMS_LINE_SIZE,
                         size);
    }
    if (p->out->text_used + size > sizeof p->out->text) {
        return expr_fail(p, p->token.begin, "more than %d characters of text in one expression", EXPR_TEXT_MAX);
    }
    op->text_at = (uint8_t)p->out->text_used;
    op->text_size = (uint8_t)size;
    memcpy(p->out->text + p->out->text_used, text, size);
    p->out->text_used = (uint16_t)(p->out->text_used + size);
    return true;
}

/* <line> contains 'text' | <line> is 'text' | <line> is not 'text'; left is the signal, or there is an event to come.
 */
static bool parse_text(struct expr_parser *p, struct side *left)
{
    const bool contains = expr_at_name(p, "contains");
    struct expr_op *op = &p->out->op[left->op];
    bool negated = false;

    if (!contains && !expr_at_name(p, "is")) {
        return p->token.kind == TOKEN_END || expr_at_name(p, "changes") ||
               expr_fail(p, p->token.begin, "%.*s is text: compare it with \"contains\", \"is\" or \"is not\"",
                         expr_shown(left), p->text + left->begin);
    }
    if (!expr_next(p)) {
        return false;
    }
    if (!contains && expr_at_name(p, "not")) {
        negated = true;
        if (!expr_next(p)) {
            return false;
        }
    }
    if (p->token.kind != TOKEN_TEXT) {
        return expr_fail(p, p->token.begin, "expected a text in quotes, such as 'Im: 0.00 A'");
    }
    op->kind = contains ? EXPR_CONTAINS : EXPR_READS;
    if (!keep_text(p, op)) {
        return false;
    }
    left->end = p->token.end;
    left->dim = DIM_BOOL;
    left->row = -1;
    return expr_next(p) && (!negated || expr_emit(p, left->begin, (struct expr_op){ .kind = EXPR_NOT }));
}

static bool parse_compare(struct expr_parser *p, struct side *out)
{
    const struct comparison *c = NULL;

    if (!expr_sum(p, out)) {
        return false;
    }
    if (out->dim == DIM_TEXT) {
        return parse_text(p, out);
    }
    if (!take_comparison(p, &c)) {
        return false;
    }
    if (c == NULL) {
        return !expr_at_name(p, "contains") ||
               expr_fail(p, p->token.begin, "%.*s is %s %s: only text contains a text", expr_shown(out),
                         p->text + out->begin, expr_article(out->dim), dim_noun(out->dim));
    }
    if (!parse_right(p, c, out)) {
        return false;
    }
    const size_t at = p->token.begin;

    if (!take_comparison(p, &c)) {
        return false;
    }
    return c == NULL || expr_fail(p, at, "one comparison at a time: join two with \"and\"");
}

static bool need_condition(struct expr_parser *p, const struct side *side, const char *who)
{
    return side->dim == DIM_BOOL ||
           expr_fail(p, side->begin, "%s needs a condition; %.*s is %s %s: compare it with something", who,
                     expr_shown(side), p->text + side->begin, expr_article(side->dim), dim_noun(side->dim));
}

static bool parse_not(struct expr_parser *p, struct side *out)
{
    const size_t begin = p->token.begin;
    bool negated = false, any = false;

    while (expr_at_name(p, "not")) {
        negated = !negated;
        any = true;
        if (!expr_next(p)) {
            return false;
        }
    }
    if (!parse_compare(p, out)) {
        return false;
    }
    if (!any) {
        return true;
    }
    out->row = -1;
    if (!need_condition(p, out, "\"not\"")) {
        return false;
    }
    out->begin = begin;
    return !negated || expr_emit(p, begin, (struct expr_op){ .kind = EXPR_NOT });
}

/* One level of and, or: left to right. */
static bool parse_joined(struct expr_parser *p, const char *word, enum expr_op_kind kind,
                         bool (*operand)(struct expr_parser *p, struct side *out), struct side *out)
{
    struct side right;

    if (!operand(p, out)) {
        return false;
    }
    while (expr_at_name(p, word)) {
        const size_t at = p->token.begin;
        const char *who = kind == EXPR_AND ? "\"and\"" : "\"or\"";

        if (!need_condition(p, out, who) || !expr_next(p) || !operand(p, &right) || !need_condition(p, &right, who) ||
            !expr_emit(p, at, (struct expr_op){ .kind = kind })) {
            return false;
        }
        out->end = right.end;
        out->row = -1;
        out->continuous = out->continuous || right.continuous;
    }
    return true;
}

static bool parse_and(struct expr_parser *p, struct side *out)
{
    return parse_joined(p, "and", EXPR_AND, parse_not, out);
}

bool expr_condition(struct expr_parser *p, struct side *out)
{
    return parse_joined(p, "or", EXPR_OR, parse_and, out);
}

static bool parse_becomes(struct expr_parser *p, struct side *left)
{
    struct side right;

    if (!expr_next(p)) {
        return false;
    }
    if (words_of(left) != NULL) {
        p->out->event = EXPR_BECOMES_TRUE;
        return parse_word(p, left, &right) && expr_compare(p, EXPR_EQUAL, left, &right);
    }
    if (!need_condition(p, left, "\"becomes\"")) {
        return false;
    }
    if (!expr_at_name(p, "true") && !expr_at_name(p, "false")) {
        return expr_fail(p, p->token.begin, "expected true or false after \"becomes\"");
    }
    p->out->event = expr_at_name(p, "true") ? EXPR_BECOMES_TRUE : EXPR_BECOMES_FALSE;
    return expr_next(p);
}

/* "rises above", "falls below": the moment at which a comparison becomes true. */
static bool parse_crossing(struct expr_parser *p, struct side *left, const char *word, enum expr_op_kind kind)
{
    struct side right;

    if (left->dim == DIM_BOOL || words_of(left) != NULL) {
        return expr_fail(p, left->begin, "%.*s does not rise or fall: write \"becomes\"", expr_shown(left),
                         p->text + left->begin);
    }
    if (!expr_next(p)) {
        return false;
    }
    if (!expr_at_name(p, word)) {
        return expr_fail(p, p->token.begin, "expected \"%s\"", word);
    }
    p->out->event = EXPR_BECOMES_TRUE;
    return expr_next(p) && expr_sum(p, &right) && expr_compare(p, kind, left, &right);
}

static bool parse_event(struct expr_parser *p, struct side *left)
{
    if (expr_at_name(p, "becomes")) {
        return parse_becomes(p, left);
    }
    if (expr_at_name(p, "rises")) {
        return parse_crossing(p, left, "above", EXPR_ABOVE);
    }
    if (expr_at_name(p, "falls")) {
        return parse_crossing(p, left, "below", EXPR_BELOW);
    }
    if (expr_at_name(p, "changes")) {
        p->out->event = EXPR_CHANGES;
        if (left->row < 0 || p->out->count != 1) {
            return expr_fail(p, left->begin, "\"changes\" follows a signal alone");
        }
        return expr_next(p);
    }
    return true;
}

static bool check_end(struct expr_parser *p)
{
    static const char *const known[] = { "above",   "below", "at",    "is",      "and",     "or",
                                         "becomes", "rises", "falls", "changes", "contains" };
    const size_t size = p->token.end - p->token.begin;
    char word[40] = "";

    if (p->token.kind == TOKEN_END) {
        return true;
    }
    if (p->out->event != EXPR_LEVEL) {
        return expr_fail(p, p->token.begin, "an event ends here: join conditions in front of \"becomes true\"");
    }
    if (p->token.kind == TOKEN_NAME && size < sizeof word) {
        memcpy(word, p->text + p->token.begin, size);
    }
    const char *nearest = diag_nearest(word, known, sizeof known / sizeof known[0]);

    return expr_fail(p, p->token.begin, "unexpected \"%.*s\"%s%s%s", size < 30 ? (int)size : 30,
                     p->text + p->token.begin, nearest != NULL ? ": did you mean \"" : "",
                     nearest != NULL ? nearest : "", nearest != NULL ? "\"?" : "");
}

/* Is what was read what the caller wants? */
static bool check_want(struct expr_parser *p, enum expr_want want, const struct side *side)
{
    const bool event = p->out->event != EXPR_LEVEL;

    if (event && (want == EXPR_WANT_CONDITION || want == EXPR_WANT_VALUE)) {
        return expr_fail(p, side->begin, "expected %s, got an event%s",
                         want == EXPR_WANT_VALUE ? "a value" : "a condition",
                         want == EXPR_WANT_VALUE ? "" : ": write \"is\", \"above\", \"below\" ...");
    }
    if (!event && want == EXPR_WANT_EVENT) {
        return expr_fail(p, side->begin, "expected an event, got a %s: write \"becomes true\", \"rises above\" ...",
                         side->dim == DIM_BOOL ? "condition" : "value");
    }
    if (want == EXPR_WANT_VALUE) {
        return side->dim != DIM_TEXT ||
               expr_fail(p, side->begin, "%.*s is text, not a value", expr_shown(side), p->text + side->begin);
    }
    if (!event && !need_condition(p, side, "this")) {
        return false;
    }
    return p->signals > 0 || expr_fail(p, side->begin, "no signal is read: this never changes");
}

/* A boolean signal alone is compared with true, so that a reading that is no number is false, as in all conditions. */
static bool finish(struct expr_parser *p, enum expr_want want, struct side *side)
{
    struct expr *e = p->out;

    if (side->dim == DIM_BOOL && e->count == 1 && e->event != EXPR_CHANGES && want != EXPR_WANT_VALUE) {
        struct side yes = { .begin = side->begin, .end = side->end, .op = e->count, .dim = DIM_BOOL, .row = -1 };

        if (!expr_emit(p, side->begin, (struct expr_op){ .kind = EXPR_CONST, .value = 1 }) ||
            !expr_compare(p, EXPR_EQUAL, side, &yes)) {
            return false;
        }
    }
    e->dim = side->dim;
    e->split = e->count > 0 && p->compare_begin == 0 && p->compare_end == e->count ? p->compare_split : 0;
    e->side_dim = e->split > 0 ? p->compare_dim : e->dim;
    return true;
}

bool expr_parse(const char *text, size_t size, enum expr_want want, const struct expr_context *context,
                struct expr *out, char *error, size_t error_size, size_t *error_at)
{
    struct expr e = { .event = EXPR_LEVEL };
    struct expr_parser p = { .text = text, .size = size, .context = context, .out = &e, .error_size = error_size };
    struct side side;

    p.error = error;
    p.error_at = error_at;
    if (!expr_next(&p) || !expr_condition(&p, &side) || !parse_event(&p, &side) || !check_end(&p) ||
        !check_want(&p, want, &side) || !finish(&p, want, &side)) {
        return false;
    }
    *out = e;
    return true;
}
