/* Where the bench's data lie, and the part of them that every command needs. */
#ifndef SIM_ROOT_H
#define SIM_ROOT_H

#include "sim/scenario.h"

#include <stdbool.h>

struct root {
    char *model, *params, *requirements, *scenarios, *tests; /* folders; owned */
    struct req_book book;
};

/* Looks for the data in option (of --root; may be NULL), else PACKBENCH_ROOT, else the working directory, else the
 * folder above the executable's; loads the requirement tables. On failure says in d where it looked or what is wrong,
 * and leaves nothing to free. */
bool root_open(struct root *root, const char *option, struct diag *d);
/* Loads the requirement tables of one more folder; NULL: none. */
bool root_add_rows(struct root *root, const char *folder, struct diag *d);
void root_close(struct root *root);

/* What scenario_load needs; borrows from root. */
struct scenario_world root_world(const struct root *root);

#endif
