/* A cell from its JSON file: model/cells/<cell>.json. The keys are described in model/cells/README.md. */
#ifndef SIM_CELL_JSON_H
#define SIM_CELL_JSON_H

#include "model/cell.h"
#include "sim/diag.h"

#include <stdbool.h>

struct cell_file {
    struct cell_params params;
    double alone_W_K;       /* surface to still air, for one cell without a pack */
    bool isothermal;        /* the data were taken at constant temperature */
    double soc, hysteresis; /* how a replay starts: -1 discharged .. +1 charged */
};

/* Every key must be known, present, in range and of the right size, tables must rise where they should. On failure all
 * reasons are in d, with their place, and *out is not touched. */
bool cell_json_load(struct cell_params *out, const char *path, struct diag *d);

/* A named variant takes the blocks that it has in place of the file's own; NULL: the file as it stands. */
bool cell_json_load_variant(struct cell_file *out, const char *path, const char *variant, struct diag *d);

#endif
