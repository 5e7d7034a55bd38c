/* From operands to scenario files, and from tags to scenarios. */
#ifndef SIM_SELECT_H
#define SIM_SELECT_H

#include "sim/scenario.h"

#include <stdbool.h>
#include <stddef.h>

struct selected {
    char *path;      /* owned */
    unsigned number; /* of the one case of it that is meant, from 1; 0: all */
};

struct selection {
    struct selected *item; /* each once */
    size_t count;
};

/* A file stands for itself, FILE:N for its case number N, "-" for standard input, a folder for every *.json below it in
 * the order of names, without the folders requirements and schema and hidden ones. What does not exist is an error; a
 * folder without scenarios is none. Free the selection in either case. */
bool select_paths(struct selection *s, char *const operand[], size_t count, struct diag *d);
void select_free(struct selection *s);

/* Appends what is meant by it. On failure, also if there is no such case, adds messages and appends nothing. */
bool select_load(const struct selected *selected, struct scenario_list *list, const struct scenario_world *world,
                 struct diag *d);

bool select_has_tag(const struct scenario *s, const char *tag); /* tag NULL: true */

#endif
