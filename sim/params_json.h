/* A parameter set of the core from its JSON file (bms_core/params/<id>.json). */
#ifndef SIM_PARAMS_JSON_H
#define SIM_PARAMS_JSON_H

#include "bms_core/bms_param.h"
#include "sim/diag.h"

#include <stdbool.h>

/* Every parameter must be there, once, in range, with its basis and source; the cross rules must hold. On failure all
 * reasons are in d (with their places) and *out is untouched. */
bool params_json_load(struct bms_params *out, const char *path, struct diag *d);

#endif
