/* A ring of bytes between one writer and one reader, one of them an interrupt: no locks. Each index is written by one
 * side only and read whole by the other, so the two meet in a word that is always valid. Portable: tests run it on a
 * host. */
#ifndef BMS_CORE_PORTS_CORTEX_M_RING_H
#define BMS_CORE_PORTS_CORTEX_M_RING_H

#include <stdbool.h>
#include <stdint.h>

#define RING_SIZE 1024U /* bytes, a power of two: more than the longest frame of the link */

struct ring {
    volatile uint32_t put, taken; /* count bytes and wrap; their difference is what waits */
    volatile uint8_t byte[RING_SIZE];
};

static inline uint32_t ring_waiting(const struct ring *r)
{
    return r->put - r->taken;
}

/* False: full, the byte is not taken. */
static inline bool ring_put(struct ring *r, uint8_t byte)
{
    if (ring_waiting(r) == RING_SIZE) {
        return false;
    }
    r->byte[r->put % RING_SIZE] = byte;
    r->put = r->put + 1U; /* after the byte: both are volatile */
    return true;
}

static inline bool ring_take(struct ring *r, uint8_t *byte)
{
    if (ring_waiting(r) == 0) {
        return false;
    }
    *byte = r->byte[r->taken % RING_SIZE];
    r->taken = r->taken + 1U;
    return true;
}

#endif
