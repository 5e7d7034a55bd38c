/* Reading JSON objects by the format table: every reader reports what is wrong at its place and goes on. */
#ifndef SIM_FORMAT_READ_H
#define SIM_FORMAT_READ_H

#include "sim/format.h"
#include "sim/json_doc.h"

#include <stdbool.h>

struct format_reader {
    const struct json_doc *doc;
    struct diag *d;
    bool ok; /* false after the first error */
};

/* One object of the format that is being read. */
struct format_node {
    struct format_reader *r;
    const cJSON *object; /* NULL: every key is absent */
    enum format_object kind;
};

/* Checks that node is an object with no unknown and all required keys. */
bool format_open(struct format_reader *r, const cJSON *node, enum format_object kind, struct format_node *out);

/* The value of a key that the table has, or NULL when it is absent. */
const cJSON *format_member(const struct format_node *n, const char *name);

/* Readers by the key's row. Each returns true if the key was there and sound; *out is written only then. */
bool format_text(const struct format_node *n, const char *name, const char **out); /* borrowed, not empty */
bool format_word(const struct format_node *n, const char *name, int *out);
bool format_integer(const struct format_node *n, const char *name, int64_t *out);
bool format_quantity(const struct format_node *n, const char *name, double *out);
bool format_any_quantity(const struct format_node *n, const char *name, struct quantity *out);

/* A value outside a key of its own (a map's): by the key's row. */
bool format_quantity_at(struct format_reader *r, const cJSON *node, const struct format_key *key, double *out);

/* True if the value is one of the key's words ("off"); *word, which may be NULL, is its number. */
bool format_is_word(const struct format_node *n, const char *name, int *word);

/* Messages: at a value, at a key, and at byte `at` of a string. Sets r->ok = false. hint may be NULL. */
void format_error(struct format_reader *r, const cJSON *node, const char *hint, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void format_error_key(struct format_reader *r, const cJSON *node, const char *hint, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void format_error_in(struct format_reader *r, const cJSON *node, size_t at, const char *hint, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* True if the text of a string node holds ${...}: its value is then not what stands in the file. */
bool format_is_substituted(const struct json_doc *doc, const cJSON *node);

/* malloc'd copy; out of memory is reported and gives NULL. */
char *format_copy(struct format_reader *r, const char *text);

/* A zeroed array; out of memory is reported and gives NULL. */
void *format_array(struct format_reader *r, size_t count, size_t size);

#endif
