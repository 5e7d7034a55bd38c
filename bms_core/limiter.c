#include "bms_core/limiter.h"

#include "bms_core/bms_inner.h"

#define NEVER_us UINT64_MAX
#define CHG_OC (UINT32_C(1) << BMS_FAULT_CHG_OC)

/* ways: what faults block, the charge over-current left out. */
bool limiter_takes(const struct bms *b, uint32_t ways)
{
    const int32_t *p = b->params.value;

    return p[BMS_PARAM_LIMITER_CURRENT] != 0 && p[BMS_PARAM_LIMITER_PROHIBITED] == 0 &&
           (b->engine.tripped & CHG_OC) != 0 && (ways & BMS_BLOCKS_CHARGE) == 0;
}

void limiter_follow(struct bms *b, uint64_t now_us)
{
    struct limiter *l = &b->limiter;
    const bool was_below = l->below;

    l->due_us = NEVER_us;
    l->below = l->on && b->measure.current_mA < b->params.value[BMS_PARAM_LIMITER_END];
    if (!l->below) {
        return;
    }
    if (!was_below) {
        l->below_us = now_us;
    }
    if (now_us < l->below_us + LIMITER_SETTLE_us) {
        l->due_us = l->below_us + LIMITER_SETTLE_us;
        return;
    }
    fault_engine_release(&b->engine, CHG_OC); /* the current is seen as it is again once the limiter is off */
}
