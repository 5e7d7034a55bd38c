/* The parameter sets as const tables, for firmware. Made from the JSON files beside it by scripts/params-to-c; a test
 * checks that both agree. */
#ifndef BMS_CORE_PARAMS_PARAMS_H
#define BMS_CORE_PARAMS_PARAMS_H

#include "bms_core/bms_param.h"

extern const struct bms_params bms_params_jk48v100pro;

#endif
