#include "bms_core/balance.h"

static bool may_bleed(const struct bms_params *p, const struct measure *m, enum balance_flow flow)
{
    const int32_t when = p->value[BMS_PARAM_BALANCE_WHEN];
    const bool flow_allows = (flow == BALANCE_FLOW_CHARGE && (when & BALANCE_CHARGING) != 0) ||
                             (flow == BALANCE_FLOW_REST && (when & BALANCE_RESTING) != 0);

    return flow_allows && m->cell.known && m->cell_temp.known && m->cell_temp.min >= p->value[BMS_PARAM_BALANCE_COLD] &&
           m->cell_temp.max <= p->value[BMS_PARAM_BALANCE_HOT] && m->stack_mV >= p->value[BMS_PARAM_BALANCE_PACK];
}

/* A cell starts at the start difference above the lowest and goes on to the stop difference. */
static bool wants_bleed(const struct balance *b, const struct bms_params *p, const struct measure *m, unsigned i)
{
    const int32_t above_mV = m->cell_mV[i] - m->cell.min;

    if (m->cell_mV[i] < p->value[BMS_PARAM_BALANCE_START]) {
        return false;
    }
    if ((b->chosen >> i & 1U) != 0) {
        return above_mV > p->value[BMS_PARAM_BALANCE_STOP];
    }
    return above_mV >= p->value[BMS_PARAM_BALANCE_DIFF];
}

/* The highest of the chosen, at most count of them. */
static uint32_t highest(uint32_t chosen, const struct measure *m, int32_t count)
{
    uint32_t on = 0;

    for (; count > 0 && (chosen & ~on) != 0; count--) {
        unsigned best = BMS_CELLS_MAX;

        for (unsigned i = 0; i < m->cells; i++) {
            if ((chosen & ~on) >> i & 1U && (best == BMS_CELLS_MAX || m->cell_mV[i] > m->cell_mV[best])) {
                best = i;
            }
        }
        on |= UINT32_C(1) << best;
    }
    return on;
}

void balance_tick(struct balance *b, const struct bms_params *p, const struct measure *m, enum balance_flow flow,
                  bool allowed)
{
    uint32_t chosen = 0;

    if (allowed && may_bleed(p, m, flow)) {
        for (unsigned i = 0; i < m->cells; i++) {
            if (wants_bleed(b, p, m, i)) {
                chosen |= UINT32_C(1) << i;
            }
        }
    }
    b->chosen = chosen;
    b->on = highest(chosen, m, p->value[BMS_PARAM_BALANCE_CELLS]);
}
