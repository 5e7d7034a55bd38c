/* Requirement tables: scenarios/requirements/<system>.json. Every number carries its basis, source and reading. */
#ifndef SIM_REQUIREMENT_H
#define SIM_REQUIREMENT_H

#include "sim/diag.h"
#include "sim/quantity.h"

#include <stdbool.h>
#include <stddef.h>

/* From strongest to weakest; a verdict carries the weakest one it used. "ours" are the CORE rows. */
enum basis { BASIS_PRINTED, BASIS_OURS, BASIS_DERIVED, BASIS_SIBLING, BASIS_ASSUMED };
enum req_check { REQ_BENCH, REQ_WIRE, REQ_INSPECTION };
enum release_rule { RELEASE_BY_VALUE, RELEASE_BY_TIME, RELEASE_BY_CHARGER, RELEASE_BY_CHARGE_CURRENT, RELEASE_BY_KEY };

struct req_note {
    enum basis basis;
    char *source;  /* clause */
    char *reading; /* why, where the manuals contradict or are silent; may be NULL */
};

struct req_level {
    bool present;
    struct quantity nominal;
    double tol_minus, tol_plus; /* >= 0, in the unit of nominal */
    bool is_max, is_min;        /* a bound, not a target: only one side counts */
    struct req_note note;
};

struct req_delay { /* seconds */
    bool present;
    double min_s, nom_s, max_s;
    bool no_latency; /* "within 300 us": nothing is added to max_s */
    struct req_note note;
};

struct req_value;

struct req_row {
    char *id, *clause, *quantity, *text, *group, *status;
    char *note;    /* what a reader should know: a contradiction and how it is read; may be NULL */
    char *why_not; /* the reason of an inspection row */
    enum req_check check;
    struct req_level limit;
    struct req_delay delay;
    struct {
        bool present;
        enum release_rule rule;
        struct req_level limit;
        struct req_delay delay;
    } release;
    struct req_value *value; /* further numbers, each by a name of its own */
    size_t value_count;
};

/* A further number of a row. It is cited as if it were a row with this limit alone (and this delay, if it is a time).
 */
struct req_value {
    char *name;
    struct req_row row; /* borrows its texts from the row it belongs to */
};

struct req_table {
    char *system; /* "jk48v100pro", "cross-system", "core" */
    char *file;
    char **of; /* how the names of packs and parameter sets begin on which a scenario shows these rows; "all": any */
    size_t of_count;
    struct req_row *row;
    size_t count;
};

struct req_book { /* all tables that were loaded */
    struct req_table *table;
    size_t count;
};

/* Loads every *.json of a folder, in the order of their names. */
bool req_load(struct req_book *book, const char *folder, struct diag *d);
/* The tables of one more folder. On failure the book keeps what it has. */
bool req_add(struct req_book *book, const char *folder, struct diag *d);
void req_free(struct req_book *book);
const struct req_row *req_find(const struct req_book *book, const char *id);
/* The number of that name, as a row of its own; NULL if the row has none such. */
const struct req_row *req_value_find(const struct req_row *row, const char *name);
/* Does a scenario on this pack or parameter set (either may be NULL) show rows of the table? */
bool req_table_is_of(const struct req_table *table, const char *pack, const char *bms);
const char *req_nearest(const struct req_book *book, const char *id);
const char *basis_name(enum basis basis);
const char *req_rule_name(enum release_rule rule); /* "value", "charge current" */

#endif
