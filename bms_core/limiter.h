/* The charge current limiter: in the path instead of an open charge FET after a charge over-current or charge short.
 *
 * It ends when the limited current has been below limiter.end_mA for LIMITER_SETTLE_us: then the charge FET conducts
 * fully again, and what exceeds the trip level again is limited again. While it is in the path the over-current stays
 * tripped, because a limited current says nothing about what the charger would give. A lock beats it. */
#ifndef BMS_CORE_LIMITER_H
#define BMS_CORE_LIMITER_H

#include <stdbool.h>
#include <stdint.h>

#define LIMITER_SETTLE_us UINT64_C(1000000)

struct limiter {
    bool on;
    bool below;        /* the current is below its end ... */
    uint64_t below_us; /* ... since */
    uint64_t due_us;
};

#endif
