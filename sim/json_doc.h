/* JSON text as a tree whose nodes know where they stand, and readers that report what is wrong with them.
 *
 * Strict JSON in UTF-8 (a byte order mark is ignored): at most JSON_SIZE_MAX bytes and JSON_DEPTH_MAX levels, no
 * repeated keys, no number that a double cannot hold. Readers go on after an error, so that one pass reports many. */
#ifndef SIM_JSON_DOC_H
#define SIM_JSON_DOC_H

#include "sim/diag.h"
#include "sim/quantity.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_SIZE_MAX ((size_t)4 << 20)
#define JSON_DEPTH_MAX 64

struct json_place {    /* of one value, in the order of the text */
    size_t offset;     /* of the value */
    size_t key_offset; /* of its key's opening quote; SIZE_MAX in an array and for the root */
    uint32_t parent;   /* place of what holds it; the root's own for the root */
    uint32_t index;    /* in its parent, from 0 */
    uint32_t line;     /* from 1 */
    const char *key;   /* borrowed from the tree; NULL in an array */
};

struct json_doc {
    char *file, *text; /* owned; text ends with a NUL that size does not count */
    size_t size;
    cJSON *root;              /* owned; NULL: not loaded */
    struct json_place *place; /* owned; node->valueint is its row: read numbers with json_number, not valueint */
    size_t place_count;
    double nominal_Ah; /* set it to accept C rates where a current is wanted; 0 after loading: refused */
};

/* path "-" is standard input. On failure says why in d and leaves nothing to free; doc need not be initialised. */
bool json_doc_load(struct json_doc *doc, const char *path, struct diag *d);
/* The same from memory; name stands in messages. The text is copied. */
bool json_doc_parse(struct json_doc *doc, const char *name, const char *text, size_t size, struct diag *d);
void json_doc_free(struct json_doc *doc);

/* Where a node, or its key, stands in the text. A node must be of this document or a cJSON_Duplicate of such a one (it
 * keeps the place of its original). SIZE_MAX: nowhere (NULL). */
size_t json_where(const struct json_doc *doc, const cJSON *node);
size_t json_where_key(const struct json_doc *doc, const cJSON *node);
/* Where byte `at` of a string node's decoded value stands in the text (escapes are longer there). */
size_t json_where_in(const struct json_doc *doc, const cJSON *node, size_t at);
unsigned json_line(const struct json_doc *doc, const cJSON *node); /* from 1; 0: nowhere */
/* "steps[1].at"; "" for the root. Cut to size. */
void json_path(const struct json_doc *doc, const cJSON *node, char *out, size_t size);

/* A message at a node, with its path. hint may be NULL. */
void json_error(const struct json_doc *doc, const cJSON *node, struct diag *d, const char *hint, const char *format,
                ...) __attribute__((format(printf, 5, 6)));
/* At the key of a node, and at byte `at` of a string's decoded value (where expr_parse says that it failed). */
void json_error_key(const struct json_doc *doc, const cJSON *node, struct diag *d, const char *hint, const char *format,
                    ...) __attribute__((format(printf, 5, 6)));
void json_error_in(const struct json_doc *doc, const cJSON *node, size_t at, struct diag *d, const char *hint,
                   const char *format, ...) __attribute__((format(printf, 6, 7)));

/* The member of that very name (case matters), or NULL; NULL too when object is NULL or no object. */
const cJSON *json_member(const cJSON *object, const char *name);

/* Readers. Each reports a wrong type, dimension or range and returns false; *out is written on success only. A NULL
 * node is an absent optional key: true, and *out keeps its default. Ranges include their ends. */
bool json_number(const struct json_doc *doc, const cJSON *node, double min, double max, double *out, struct diag *d);
bool json_integer(const struct json_doc *doc, const cJSON *node, int64_t min, int64_t max, int64_t *out,
                  struct diag *d);
bool json_bool(const struct json_doc *doc, const cJSON *node, bool *out, struct diag *d);
bool json_string(const struct json_doc *doc, const cJSON *node, const char **out, struct diag *d); /* borrowed */
bool json_object(const struct json_doc *doc, const cJSON *node, struct diag *d);
bool json_array(const struct json_doc *doc, const cJSON *node, size_t min_count, size_t max_count, struct diag *d);
/* *out becomes the number of the word in words, which ends with NULL. */
bool json_word(const struct json_doc *doc, const cJSON *node, const char *const words[], int *out, struct diag *d);
/* A quantity of one dimension, in its unit (quantity.h). DIM_NONE and DIM_COUNT want a bare number, all others a string
 * with a unit. C rates become amperes when doc->nominal_Ah is set. */
bool json_quantity(const struct json_doc *doc, const cJSON *node, enum dim dim, double min, double max, double *out,
                   struct diag *d);
/* A quantity of any dimension; a bare number is DIM_NONE. */
bool json_any_quantity(const struct json_doc *doc, const cJSON *node, struct quantity *out, struct diag *d);

/* What a key may hold, and what json_read stores for it: */
enum json_kind {
    JSON_ANY,      /* const cJSON *; of any type: the caller looks into it */
    JSON_OBJECT,   /* const cJSON * */
    JSON_ARRAY,    /* const cJSON *; min and max count its elements */
    JSON_NUMBER,   /* double */
    JSON_INTEGER,  /* int64_t */
    JSON_BOOL,     /* bool */
    JSON_STRING,   /* const char *, borrowed */
    JSON_WORD,     /* int */
    JSON_QUANTITY, /* double */
};

struct json_key { /* a table of these describes an object; use designated initialisers */
    const char *name;
    const char *meaning; /* for documentation; may be NULL */
    enum json_kind kind;
    bool required;
    enum dim dim;             /* JSON_QUANTITY */
    double min, max;          /* min == max: no range */
    const char *const *words; /* JSON_WORD, NULL-terminated */
    size_t offset;            /* of the field in out */
};

/* Reports keys that are not in the table (with the nearest that is) and required ones that are missing. */
bool json_check_keys(const struct json_doc *doc, const cJSON *object, const struct json_key keys[], size_t count,
                     struct diag *d);
/* json_check_keys, then reads every key that is there into its field of out; out NULL: checks only. */
bool json_read(const struct json_doc *doc, const cJSON *object, const struct json_key keys[], size_t count, void *out,
               struct diag *d);

#endif
