/* A device under test that speaks the bench link. */
#ifndef SIM_TARGET_LINK_H
#define SIM_TARGET_LINK_H

#include "sim/target.h"
#include "sim/target_pool.h"

/* As target_open(), from a pool. */
struct target *target_link_open(struct target_pool *pool, const struct target_wish *wish, bool *cannot, struct diag *d);

#endif
