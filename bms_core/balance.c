#include "bms_core/balance.h"

static bool may_bleed(const struct bms_params *p, const struct measure *m, enum balance_flow flow)
{
    const bool flow_allows = ((uint32_t)p->value[BMS_PARAM_BALANCE_WHEN] & (uint32_t)flow) != 0;

    return flow_allows && m->cell_temp.min >= p->value[BMS_PARAM_BALANCE_COLD] &&
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

/* Is cell i among the count highest of the chosen? Of equal ones the first goes first. */
static bool is_among(uint32_t chosen, const struct measure *m, unsigned i, int32_t count)
{
    for (unsigned k = 0; k < m->cells; k++) {
        const int32_t above_mV = m->cell_mV[k] - m->cell_mV[i];

        if ((chosen >> k & 1U) != 0 && (above_mV > 0 || (above_mV == 0 && k < i))) {
            count--;
        }
    }
    return (chosen >> i & 1U) != 0 && count > 0;
}

/* From the highest to the lowest cell, as long as the highest may give: what may stands above the lowest, so they are
 * two. */
static void move_charge(struct balance *b, const struct measure *m, uint32_t chosen)
{
    b->chosen = chosen & UINT32_C(1) << m->cell.max_index;
    b->on = b->high_wires == 0 ? b->chosen : 0;
    if (b->on != 0) {
        b->from = (uint8_t)(m->cell.max_index + 1);
        b->to = (uint8_t)(m->cell.min_index + 1);
    }
}

/* Does the reading of a cell move too far with the balancing current through its wires? */
static void look_at_wires(struct balance *b, const struct bms_params *p, const struct measure *m,
                          const struct bms_sample *s, unsigned cell)
{
    const int32_t limit_mV = p->value[BMS_PARAM_BALANCE_ACTIVE] * p->value[BMS_PARAM_BALANCE_WIRE] / 1000;
    const int32_t drop_mV = m->cell_mV[cell] - measure_calibrated_mV(p, s->cell_mV[cell]);
    const bool far = drop_mV >= limit_mV || -drop_mV >= limit_mV;

    if (limit_mV != 0 && far && (s->balance_seen >> cell & 1U) != 0) {
        b->high_wires |= UINT32_C(1) << cell;
    }
}

bool balance_find_wires(struct balance *b, const struct bms_params *p, const struct measure *m,
                        const struct bms_sample *s)
{
    const uint32_t before = b->high_wires;

    if (b->from != 0) {
        look_at_wires(b, p, m, s, b->from - 1U);
        look_at_wires(b, p, m, s, b->to - 1U);
    }
    return b->high_wires != before;
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
    b->from = b->to = 0;
    if (p->value[BMS_PARAM_BALANCE_ACTIVE] != 0) {
        move_charge(b, m, chosen);
        return;
    }
    b->chosen = chosen;
    b->on = 0;
    for (unsigned i = 0; i < m->cells; i++) {
        if (is_among(chosen, m, i, p->value[BMS_PARAM_BALANCE_CELLS])) {
            b->on |= UINT32_C(1) << i;
        }
    }
}
