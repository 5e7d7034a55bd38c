/* Balancing: which cells bleed, or which cell gives charge to which. Decided once a second from readings that no bleed
 * disturbs: the switches open BALANCE_QUIET_us before each decision, so that a whole scan without them is in. */
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
    uint32_t chosen;  /* cells whose difference run is on: bit k is cell k + 1 */
    uint32_t on;      /* switches closed now; at most balance.cells of the chosen */
    uint8_t from, to; /* active balancing (balance.active_mA is not 0): cells from 1, the giver's bit in on; 0: none */
    uint32_t
        high_wires; /* cells whose sense wires drop too much at the balancing current: no balancing until restart */
};

enum balance_flow { /* what the pack does, as the bit of balance.when that allows bleeding then */
                    BALANCE_FLOW_DISCHARGE = 0,
                    BALANCE_FLOW_CHARGE = BALANCE_CHARGING,
                    BALANCE_FLOW_REST = BALANCE_RESTING,
};

/* allowed: readings are fresh and believed. */
void balance_tick(struct balance *b, const struct bms_params *p, const struct measure *m, enum balance_flow flow,
                  bool allowed);

/* Looks at a sample taken while charge is moved: the drop along the wires of the two cells. True if one is too high for
 * balance.wire_mOhm and was not known to be. m holds the clean readings from before. */
bool balance_find_wires(struct balance *b, const struct bms_params *p, const struct measure *m,
                        const struct bms_sample *s);

#endif
