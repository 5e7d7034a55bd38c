/* A pack and its cells from their JSON files: model/packs/<id>.json and model/cells/<cell>.json. */
#ifndef SIM_PACK_JSON_H
#define SIM_PACK_JSON_H

#include "model/pack.h"
#include "sim/diag.h"

#include <stdbool.h>

/* Reads both files below model_folder. pack borrows cell. Every number must be there, in range, with its source
 * ("measured: ...", "derived: ...", "datasheet: ..." or "assumed: ..."). On failure all reasons are in d. */
bool pack_json_load(struct pack_params *pack, struct cell_params *cell, const char *model_folder, const char *id,
                    struct diag *d);

#endif
