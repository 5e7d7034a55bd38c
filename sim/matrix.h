/* The requirement matrix: which scenario cites which row, and what came of it. */
#ifndef SIM_MATRIX_H
#define SIM_MATRIX_H

#include "sim/diag.h"
#include "sim/requirement.h"
#include "sim/select.h"
#include "sim/verdict.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* From nothing to shown. Without results the best that a row can be is CITED. */
enum matrix_state {
    MATRIX_INSPECTION,   /* people look at it: outside the coverage */
    MATRIX_UNCITED,      /* nothing cites it */
    MATRIX_ELSEWHERE,    /* only scenarios of another system do */
    MATRIX_NOT_RUN,      /* cited, but the results have no verdict on it */
    MATRIX_SKIPPED,      /* every verdict is a skip */
    MATRIX_FAILED,       /* at least one verdict is a fail or an error */
    MATRIX_INCONCLUSIVE, /* none of these, but at least one is inconclusive */
    MATRIX_CITED,        /* by a scenario (no results were given), or a wire row by a test */
    MATRIX_PASSED,
    MATRIX_STATES
};

struct matrix_cite { /* a row in a scenario's file */
    size_t file;     /* of matrix.file */
    unsigned line;   /* of the first expectation that cites it */
    bool own;        /* at least one case runs on the row's own system */
    size_t verdict[VERDICT_ERROR + 1];
};

struct matrix_row {
    const struct req_row *row;
    const struct req_table *table;
    struct matrix_cite *cite;
    size_t cite_count;
    char **test; /* files of tests that name a wire row */
    size_t test_count;
};

struct matrix_file {
    char *path, *name, *title; /* name as in results.jsonl */
};

struct matrix_stray { /* an id that no table has */
    char *id;
    const char *nearest; /* borrowed from the book; NULL: none is near */
    size_t file;
    unsigned line;
};

struct matrix {
    const struct req_book *book;
    struct matrix_row *row;
    size_t row_count;
    struct matrix_file *file;
    size_t file_count;
    struct matrix_stray *stray;
    size_t stray_count;
    bool judged;     /* results were given */
    size_t outdated; /* verdicts in them on rows that their scenario does not cite (any more) */
};

/* Every row of the book, in its order; the book must outlive the matrix. False: out of memory. */
bool matrix_open(struct matrix *m, const struct req_book *book);
void matrix_close(struct matrix *m);

/* Reads who cites what. Only JSON and sweeps are read, so an unknown id is a stray, not an error. False: a file is no
 * JSON or its sweep is wrong; d says so. */
bool matrix_read_scenarios(struct matrix *m, const struct selection *files, struct diag *d);

/* Reads the verdicts of a folder that `run --out` left, or of its results.jsonl. */
bool matrix_read_results(struct matrix *m, const char *path, struct diag *d);

/* Notes which files below the folder (C, shell and Python) name a wire row; a missing folder names none. */
bool matrix_read_tests(struct matrix *m, const char *folder, struct diag *d);

/* The row of an id; NULL: no table has it. */
struct matrix_row *matrix_find(const struct matrix *m, const char *id);

enum matrix_state matrix_state(const struct matrix *m, const struct matrix_row *row);
const char *matrix_state_name(enum matrix_state state);
bool matrix_is_covered(enum matrix_state state);

/* Rows of one kind, all told and covered; table NULL: of all tables; group NULL: of all groups. */
struct matrix_count {
    size_t rows, covered, state[MATRIX_STATES];
};
struct matrix_count matrix_count(const struct matrix *m, const struct req_table *table, const char *group,
                                 enum req_check check);
/* In percent; 100 when there are no rows. */
double matrix_percent(const struct matrix_count *count);

/* For people: coverage by system and by group and, unless brief, what is not covered and what nobody knows. */
void matrix_print(const struct matrix *m, bool brief, FILE *out);
/* One line for each row and scenario that cites it; a row that none cites has one line too. */
void matrix_csv(const struct matrix *m, FILE *out);
/* One page, with everything in it. */
void matrix_html(const struct matrix *m, FILE *out);

/* "3.7 V +-20 mV", "100 Ah -0 Ah +30 Ah", "at most 50 mOhm". */
void matrix_level_text(const struct req_level *level, char *out, size_t size);
/* "1 s (0.99 s to 1.1 s)", "0 s to 300 us". */
void matrix_delay_text(const struct req_delay *delay, char *out, size_t size);

#endif
