/* Conversations with firmware elsewhere, handed from case to case: a firmware process, a port or a node of a bus is
 * opened once and asked to start anew for each. Workers share a pool. */
#ifndef SIM_TARGET_POOL_H
#define SIM_TARGET_POOL_H

#include "bus/link_session.h"
#include "sim/target_spec.h"

struct target_pool;

/* NULL: out of memory. The spec is borrowed. */
struct target_pool *target_pool_open(const struct target_spec *spec);
void target_pool_close(struct target_pool *pool);

/* How many cases of one BMS each can run side by side; 0: as many as there are workers. */
int target_pool_width(const struct target_pool *pool);

/* A session with the firmware of BMS number pack of a case with that many. NULL: error (BUS_ERROR_SIZE bytes) says why;
 * *cannot: because there are not so many BMSs here. */
struct link_session *target_pool_take(struct target_pool *pool, int pack, int packs, bool *cannot, char *error);
/* Back again. A session whose firmware is gone is closed; unless that was meant, the pool is then lost. */
void target_pool_give(struct target_pool *pool, struct link_session *session, bool meant);

/* The firmware is gone: nothing that comes after can be judged. */
bool target_pool_lost(struct target_pool *pool);

struct target_tally {              /* of all sessions, as far as they have come back */
    struct link_identity identity; /* of the first firmware */
    uint64_t requests, bytes_out, bytes_in;
    uint64_t of_type[LINK_TYPES]; /* the requests by enum link_type */
    uint32_t repeats, wrong_frames, stale, line_errors;
    int64_t trip_max_us;
    struct bus_can_news can; /* of CAN */
};

void target_pool_tally(struct target_pool *pool, struct target_tally *tally);

#endif
