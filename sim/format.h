/* The scenario and requirement formats as one table: object, key, kind, dimension, plausible range, required, default
 * and a one-line meaning. The loaders read by it, messages and `packbench help format` come from it. */
#ifndef SIM_FORMAT_H
#define SIM_FORMAT_H

#include "sim/quantity.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum format_object {
    FORMAT_NO_OBJECT,
    FORMAT_SCENARIO,
    FORMAT_INITIAL,
    FORMAT_CELL,
    FORMAT_STEP,
    FORMAT_CHARGER,
    FORMAT_LOAD,
    FORMAT_SHORT,
    FORMAT_INVERTER,
    FORMAT_RAMP,
    FORMAT_FAULT,
    FORMAT_KEYS,
    FORMAT_EXPECT,
    FORMAT_TABLE,
    FORMAT_ROW,
    FORMAT_LIMIT,
    FORMAT_DELAY,
    FORMAT_RELEASE,
    FORMAT_OBJECT_COUNT
};

enum format_kind {
    FORMAT_TEXT,
    FORMAT_TEXTS, /* a list of strings */
    FORMAT_WORD,  /* one of words */
    FORMAT_INTEGER,
    FORMAT_QUANTITY,     /* of dim */
    FORMAT_ANY_QUANTITY, /* its dimension follows from what it is compared with */
    FORMAT_RAMPED,       /* a quantity of dim, or a ramp of such */
    FORMAT_CONDITION,
    FORMAT_EVENT,
    FORMAT_RESPONSE /* event or condition */,
    FORMAT_VALUE, /* expressions */
    FORMAT_NEW_LABEL,
    FORMAT_LABEL,
    FORMAT_MOMENT /* label or time */,
    FORMAT_SUB,          /* an object */
    FORMAT_SUBS,         /* a list of objects */
    FORMAT_ONE_OR_SUBS,  /* an object or a list of such */
    FORMAT_MAP,          /* an object with free names; what stands there is sub, or a quantity */
    FORMAT_GRID,         /* of a sweep: names and lists of values */
    FORMAT_COMBINATIONS, /* of a sweep: a list of names and values */
};

/* Which verbs a key of an expectation goes with: bit enum verb; 0: any. */
#define FORMAT_VERB(verb) (1U << (verb))

struct format_key {
    const char *name;
    enum format_kind kind;
    enum dim dim;    /* of QUANTITY and RAMPED */
    double min, max; /* of numbers, in the dimension's unit; min == max: any */
    bool required;
    enum format_object sub;
    const char *const *words; /* what may stand there instead of the kind; for WORD the only choice; NULL-terminated */
    unsigned verbs;           /* FORMAT_EXPECT only */
    const char *absent;       /* what holds when the key is not given; NULL: nothing */
    const char *meaning;
};

struct format_info {
    const char *title, *meaning;
    const struct format_key *key;
    size_t count;
};

/* FORMAT_NO_OBJECT has no keys. */
const struct format_info *format_info(enum format_object object);

/* The row of a key; the name must be in the table. */
const struct format_key *format_key(enum format_object object, const char *name);

extern const char *const format_history_words[]; /* in the order of enum history */
extern const char *const format_place_words[];   /* enum short_place */
extern const char *const format_fault_words[];   /* enum fault_kind */
extern const char *const format_basis_words[];   /* enum basis */
extern const char *const format_check_words[];   /* enum req_check */
extern const char *const format_rule_words[];    /* enum release_rule */
extern const char *const format_key_words[];     /* enum bms_key, by bit */
extern const char *const format_measure_words[]; /* enum measure */
extern const char *const format_front_end_words[];

/* The whole table for people. */
void format_print(FILE *out);

#endif
