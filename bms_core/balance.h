/* Passive balancing: which cells bleed. Decided once a second from readings that no bleed disturbs: the switches open
 * BALANCE_QUIET_us before each decision, so that a whole scan without them is in. */
#ifndef BMS_CORE_BALANCE_H
#define BMS_CORE_BALANCE_H

#include "bms_core/bms_param.h"
#include "bms_core/measure.h"

#include <stdbool.h>
#include <stdint.h>

#define BALANCE_QUIET_us UINT64_C(250000)

#define BALANCE_CHARGING 1 /* bits of balance.when */
#define BALANCE_RESTING 2

struct balance {
    uint32_t chosen; /* cells whose difference run is on: bit k is cell k + 1 */
    uint32_t on;     /* switches closed now; at most balance.cells of the chosen */
};

enum balance_flow { BALANCE_FLOW_REST, BALANCE_FLOW_CHARGE, BALANCE_FLOW_DISCHARGE };

/* allowed: readings are fresh and believed. */
void balance_tick(struct balance *b, const struct bms_params *p, const struct measure *m, enum balance_flow flow,
                  bool allowed);

#endif
