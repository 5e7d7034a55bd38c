/* Sweeps: one scenario text, many cases. "sweep" is a full grid, "cases" lists the combinations; ${name} in any string,
 * and in the name of a key, stands for a value. A string that is nothing but ${name} becomes the value itself, of
 * whatever type. */
#ifndef SIM_SWEEP_H
#define SIM_SWEEP_H

#include "sim/json_doc.h"

#define SWEEP_NAMES_MAX 16
#define SWEEP_CASES_MAX 1000

struct sweep {
    const struct json_doc *doc; /* borrowed */
    const cJSON *grid, *list;   /* what the file has; at most one */
    size_t count;               /* cases; 1 when nothing is swept */
};

/* Reads "sweep" or "cases" of the document's root. */
bool sweep_open(struct sweep *sweep, const struct json_doc *doc, struct diag *d);

/* Case number i as a tree of its own, without "sweep" and "cases"; its nodes keep their places in the document. *name
 * is malloc'd: "current=130 A, cell=7", or "" when nothing is swept. Unknown and unused names are errors. NULL on
 * failure; else free the tree with cJSON_Delete. */
cJSON *sweep_case(const struct sweep *sweep, size_t i, char **name, struct diag *d);

#endif
