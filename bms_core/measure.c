#include "bms_core/measure.h"

#include <string.h>

#define PPM INT64_C(1000000)
#define CURRENT_MAX_mA 1000000 /* codes beyond are taken as this: keeps sums and products inside their types */
#define STACK_MAX_mV 1000000

static int32_t magnitude(int32_t x)
{
    return x < 0 ? -x : x;
}

static int32_t limited(int64_t x, int32_t most)
{
    if (x > most) {
        return most;
    }
    return x < -most ? -most : (int32_t)x;
}

static struct measure_range range_of(const int16_t value[], unsigned count, uint32_t use)
{
    struct measure_range r = { .known = false };

    for (unsigned i = 0; i < count; i++) {
        if ((use >> i & 1U) == 0) {
            continue;
        }
        if (!r.known || value[i] < r.min) {
            r.min = value[i];
            r.min_index = (uint8_t)i;
        }
        if (!r.known || value[i] > r.max) {
            r.max = value[i];
            r.max_index = (uint8_t)i;
        }
        r.known = true;
    }
    return r;
}

int32_t measure_calibrated_mV(const struct bms_params *p, int32_t code_mV)
{
    return limited(((int64_t)code_mV * p->value[BMS_PARAM_VOLTAGE_GAIN] + PPM / 2) / PPM, STACK_MAX_mV);
}

/* A cell that bleeds reads low and its neighbours high. While it does, they keep their last clean reading, unless the
 * new one differs by more than such an error can. */
static void take_codes(struct measure *m, const struct bms_params *p, const struct bms_sample *s)
{
    const uint32_t disturbed = s->balance_seen | s->balance_seen << 1 | s->balance_seen >> 1;
    const int32_t noise_mV = p->value[BMS_PARAM_BALANCE_NOISE];

    m->sum_mV = 0;
    for (unsigned i = 0; i < m->cells; i++) {
        const int32_t code_mV = limited(measure_calibrated_mV(p, s->cell_mV[i]), INT16_MAX);

        m->sum_mV += code_mV;
        if (!m->clean_once || (disturbed >> i & 1U) == 0 || magnitude(code_mV - m->cell_mV[i]) > noise_mV) {
            m->cell_mV[i] = (int16_t)code_mV;
        }
    }
    m->clean_once = true;
}

/* An open sense wire between two cells shares their sum wrongly: they stand apart, and their mean is that of the
 * others. One cell that really differs pulls the mean of the pair with it, so it is never taken for a wire. */
static bool is_split(const struct measure *m, unsigned i, int32_t believed_mV, int32_t pair_mV)
{
    const int32_t a_mV = m->cell_mV[i], b_mV = m->cell_mV[i + 1];
    const int32_t others_mV = (believed_mV - a_mV - b_mV) / (m->cells - 2);

    return magnitude(a_mV - b_mV) > 2 * pair_mV && magnitude(a_mV + b_mV - 2 * others_mV) < 2 * pair_mV;
}

/* The outermost wires have a cell on one side only: there the stack's own divider tells the wire from the cell. The two
 * must contradict each other plainly: a cell that really stands apart by just this much is no wire. */
static bool is_stray(const struct measure *m, unsigned i, int32_t believed_mV, int32_t pair_mV)
{
    const int32_t others_mV = (believed_mV - m->cell_mV[i]) / (m->cells - 1);
    const int32_t by_stack_mV = m->stack_mV - (believed_mV - m->cell_mV[i]);

    return magnitude(m->cell_mV[i] - others_mV) > pair_mV && magnitude(by_stack_mV - others_mV) < pair_mV &&
           magnitude(m->cell_mV[i] - by_stack_mV) > pair_mV / 2;
}

static void find_bad_wires(struct measure *m, const struct bms_params *p)
{
    const int32_t low_mV = p->value[BMS_PARAM_WIRE_LOW], high_mV = p->value[BMS_PARAM_WIRE_HIGH];
    int32_t sum_mV = 0;

    m->bad_wires = 0;
    for (unsigned i = 0; i < m->cells; i++) {
        sum_mV += m->cell_mV[i];
        if (m->cell_mV[i] < low_mV || m->cell_mV[i] > high_mV) {
            m->bad_wires |= UINT32_C(1) << i;
        }
    }
    for (unsigned i = 0; m->cells > 3 && i + 1 < m->cells; i++) {
        if (is_split(m, i, sum_mV, p->value[BMS_PARAM_WIRE_PAIR])) {
            m->bad_wires |= UINT32_C(3) << i;
        }
    }
    for (unsigned i = 0; m->cells > 1 && i < m->cells; i += m->cells - 1U) {
        if (is_stray(m, i, sum_mV, p->value[BMS_PARAM_WIRE_PAIR])) {
            m->bad_wires |= UINT32_C(1) << i;
        }
    }
}

void measure_cells(struct measure *m, const struct bms_params *p, const struct bms_sample *s)
{
    m->cells = (uint8_t)p->value[BMS_PARAM_PACK_CELLS];
    m->stack_mV = measure_calibrated_mV(p, s->stack_mV);
    take_codes(m, p, s);
    if (p->value[BMS_PARAM_SUM_OF_CELLS] != 0) { /* no divider of its own: nothing to hold the cells against */
        m->stack_mV = m->sum_mV;
    }
    find_bad_wires(m, p);
    m->cell = range_of(m->cell_mV, m->cells, ~m->bad_wires);
}

void measure_current(struct measure *m, const struct bms_params *p, const struct bms_sample *s)
{
    const int64_t code_mA = (int64_t)s->current_mA - p->value[BMS_PARAM_CURRENT_OFFSET];
    const int64_t current_mA = code_mA * p->value[BMS_PARAM_CURRENT_GAIN] / PPM;

    m->current_mA = limited(current_mA, CURRENT_MAX_mA);
}

void measure_temps(struct measure *m, const struct bms_params *p, const struct bms_sample *s)
{
    uint32_t use[BMS_ROLE_AMBIENT + 1] = { 0 };

    memcpy(m->temp_ddegC, s->temp_ddegC, sizeof m->temp_ddegC);
    m->bad_temps = 0;
    for (unsigned i = 0; i < BMS_TEMPS_MAX; i++) {
        const int32_t role = p->value[BMS_PARAM_TEMP_ROLE_1 + i];
        const bool at_rail = m->temp_ddegC[i] <= BMS_TEMP_OPEN_ddegC || m->temp_ddegC[i] >= BMS_TEMP_SHORT_ddegC;

        if (role != BMS_ROLE_NONE && at_rail) {
            m->bad_temps |= UINT32_C(1) << i;
        } else {
            use[role] |= UINT32_C(1) << i;
        }
    }
    m->cell_temp = range_of(m->temp_ddegC, BMS_TEMPS_MAX, use[BMS_ROLE_CELL]);
    m->mos_temp = range_of(m->temp_ddegC, BMS_TEMPS_MAX, use[BMS_ROLE_MOS]);
    m->ambient_temp = range_of(m->temp_ddegC, BMS_TEMPS_MAX, use[BMS_ROLE_AMBIENT]);
}

int32_t measure_mean_mV(const struct measure *m)
{
    int32_t sum_mV = 0, count = 0;

    do { /* a pack has one cell at least: nothing is divided by zero */
        sum_mV += m->cell_mV[count];
    } while (++count < m->cells);
    return sum_mV / count;
}
