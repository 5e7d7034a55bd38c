/* The parameter sets as const tables, for firmware. Made from the JSON files beside it by scripts/params-to-c; a test
 * checks that both agree. */
#ifndef BMS_CORE_PARAMS_PARAMS_H
#define BMS_CORE_PARAMS_PARAMS_H

#include "bms_core/bms_param.h"

/* One row a set: X(id), which is also the name of its file. */
#define BMS_PARAM_SETS(X) X(jk48v100pro) X(bali48) X(jkb2a8s20p) X(jkb2a8s20p_new) X(jkb_li_ion) X(jkb_lto) X(jkpb)

#define BMS_PARAM_SET_DECLARE(id) extern const struct bms_params bms_params_##id;
BMS_PARAM_SETS(BMS_PARAM_SET_DECLARE)

#endif
