/* Scans, conversions and what is made of them: codes and detection. */
#include "model/afe_inner.h"
#include "model/noise.h"

#include <stddef.h>

/* Steps of a scan, in their order; the cell scan ends with the stack. */
static int steps_of(const struct afe_config *c, enum afe_scan scan)
{
    return scan == AFE_SCAN_CELLS ? c->cells + 1 : scan == AFE_SCAN_CURRENT ? 2 : c->temps;
}

static int64_t period_of(const struct afe_config *c, enum afe_scan scan)
{
    return scan == AFE_SCAN_CELLS ? c->cell_scan_ns : scan == AFE_SCAN_CURRENT ? c->current_scan_ns : c->temp_scan_ns;
}

static int64_t due_at(const struct afe *a, enum afe_scan scan)
{
    const struct afe_clock *clock = &a->scan[scan];
    const int64_t skew_ns = scan == AFE_SCAN_CELLS ? a->config->cell_skew_ns : 0;

    if (steps_of(a->config, scan) == 0) {
        return AFE_NEVER;
    }
    return clock->start_ns + clock->number * period_of(a->config, scan) + clock->step * skew_ns;
}

void afe_start_scans(struct afe *a, int64_t now_ns)
{
    for (int scan = 0; scan < AFE_SCANS; scan++) {
        a->scan[scan] = (struct afe_clock){ .start_ns = now_ns + a->config->phase_ns };
        a->scan[scan].due_ns = due_at(a, (enum afe_scan)scan);
    }
    a->reg = (struct afe_registers){ .cell_scan_ns = AFE_NOT_YET,
                                     .current_scan_ns = AFE_NOT_YET,
                                     .temp_scan_ns = AFE_NOT_YET };
    a->charger_since_ns = AFE_NEVER;
}

void afe_resume_scans(struct afe *a, int64_t now_ns)
{
    for (int scan = 0; scan < AFE_SCANS; scan++) {
        struct afe_clock *clock = &a->scan[scan];
        const int64_t period_ns = period_of(a->config, (enum afe_scan)scan);

        if (clock->due_ns >= now_ns) {
            continue;
        }
        clock->number = (now_ns - clock->start_ns + period_ns - 1) / period_ns;
        clock->step = 0;
        clock->due_ns = due_at(a, (enum afe_scan)scan);
    }
    a->charger_since_ns = AFE_NEVER;
}

static bool converts(const struct afe *a)
{
    return a->powered && !a->frozen && !a->resting;
}

static enum afe_scan earliest(const struct afe *a)
{
    enum afe_scan first = AFE_SCAN_CELLS;

    for (int scan = 1; scan < AFE_SCANS; scan++) {
        if (a->scan[scan].due_ns < a->scan[first].due_ns) {
            first = (enum afe_scan)scan;
        }
    }
    return first;
}

int64_t afe_next_conversion(const struct afe *a)
{
    return converts(a) ? a->scan[earliest(a)].due_ns : AFE_NEVER;
}

static void take(struct afe *a, enum afe_scan scan, struct afe_slot *slot)
{
    struct afe_clock *clock = &a->scan[scan];
    const int cells = a->config->cells;

    *slot = (struct afe_slot){ .t_ns = clock->due_ns, .number = clock->number };
    if (scan == AFE_SCAN_CELLS) {
        slot->kind = clock->step < cells ? AFE_CELL : AFE_STACK;
        slot->index = clock->step < cells ? clock->step : 0;
    } else if (scan == AFE_SCAN_CURRENT) {
        slot->kind = clock->step == 0 ? AFE_CURRENT : AFE_TERMINAL;
    } else {
        slot->kind = AFE_TEMP;
        slot->index = clock->step;
    }
    if (++clock->step == steps_of(a->config, scan)) {
        clock->step = 0;
        clock->number++;
        clock->due_ns = due_at(a, scan);
    } else if (scan == AFE_SCAN_CELLS) {
        clock->due_ns += a->config->cell_skew_ns;
    }
}

bool afe_pop_conversion(struct afe *a, int64_t now_ns, struct afe_slot *slot)
{
    const enum afe_scan scan = earliest(a);

    if (!converts(a) || a->scan[scan].due_ns > now_ns) {
        return false;
    }
    take(a, scan, slot);
    return true;
}

static double noise_of(const struct afe *a, const struct afe_slot *slot, double sigma)
{
    const struct noise_key key = {
        .seed = a->config->seed,
        .pack = a->config->pack,
        .channel = (uint32_t)slot->kind * 32U + (uint32_t)slot->index,
        .index = (uint64_t)slot->number,
    };

    return sigma > 0.0 ? sigma * noise_gauss(&key) : 0.0;
}

/* To the nearest, ties away from zero; saturates, and NaN becomes the lower end. */
static int32_t nearest(double x, int32_t low, int32_t high)
{
    if (!(x > (double)low)) {
        return low;
    }
    if (x >= (double)high) {
        return high;
    }
    return (int32_t)(x < 0.0 ? x - 0.5 : x + 0.5);
}

/* A value through its converter, in the value's own unit. */
static double converted(const struct afe *a, const struct afe_slot *slot, const struct afe_channel *ch, double value)
{
    if (a->config->ideal) {
        return value;
    }
    double x = value * (1.0 + ch->gain) + ch->offset + noise_of(a, slot, ch->noise);

    if (!(x > ch->low)) {
        x = ch->low;
    } else if (x > ch->high) {
        x = ch->high;
    }
    return ch->lsb * (double)nearest(x / ch->lsb, INT32_MIN, INT32_MAX);
}

static int32_t cell_code(const struct afe *a, const struct afe_slot *slot, double value_V)
{
    const struct afe_fault *stuck = &a->cell_stuck[slot->index];
    const struct afe_fault *offset = &a->cell_offset[slot->index];

    if (stuck->on) {
        return nearest(1000.0 * afe_fault_value(stuck, slot->t_ns), INT16_MIN, INT16_MAX);
    }
    if (offset->on) {
        value_V += afe_fault_value(offset, slot->t_ns);
    }
    return nearest(1000.0 * converted(a, slot, &a->config->cell[slot->index], value_V), INT16_MIN, INT16_MAX);
}

static int32_t current_code(const struct afe *a, const struct afe_slot *slot, double value_A)
{
    if (a->current_gain.on) {
        value_A *= 1.0 + afe_fault_value(&a->current_gain, slot->t_ns);
    }
    if (a->current_offset.on) {
        value_A += afe_fault_value(&a->current_offset, slot->t_ns);
    }
    return nearest(1000.0 * converted(a, slot, &a->config->current, value_A), INT32_MIN, INT32_MAX);
}

static int32_t voltage_code(const struct afe *a, const struct afe_slot *slot, const struct afe_channel *ch,
                            double value_V)
{
    return nearest(1000.0 * converted(a, slot, ch, value_V), INT32_MIN, INT32_MAX);
}

static int32_t stack_code(const struct afe *a, const struct afe_slot *slot, double value_V)
{
    if (a->stack_stuck.on) {
        return nearest(1000.0 * afe_fault_value(&a->stack_stuck, slot->t_ns), INT32_MIN, INT32_MAX);
    }
    if (a->stack_offset.on) {
        value_V += afe_fault_value(&a->stack_offset, slot->t_ns);
    }
    return voltage_code(a, slot, &a->config->stack, value_V);
}

static int32_t temp_code(const struct afe *a, const struct afe_slot *slot, double value_degC)
{
    const int k = slot->index;

    if (a->ntc_open[k].on) {
        return NTC_OPEN_ddegC;
    }
    if (a->ntc_shorted[k].on) {
        return NTC_SHORT_ddegC;
    }
    if (a->ntc_stuck[k].on) {
        return nearest(10.0 * afe_fault_value(&a->ntc_stuck[k], slot->t_ns), NTC_OPEN_ddegC, NTC_SHORT_ddegC);
    }
    if (a->ntc_offset[k].on) {
        value_degC += afe_fault_value(&a->ntc_offset[k], slot->t_ns);
    }
    if (a->config->ideal) {
        return nearest(10.0 * value_degC, NTC_OPEN_ddegC, NTC_SHORT_ddegC);
    }
    value_degC += a->config->temp_offset_K[k] + noise_of(a, slot, a->config->temp_noise_K);
    return ntc_reading_ddegC(&a->config->ntc, value_degC);
}

int32_t afe_code(const struct afe *a, const struct afe_slot *slot, double value_SI)
{
    switch (slot->kind) {
    case AFE_CELL:
        return cell_code(a, slot, value_SI);
    case AFE_CURRENT:
        return current_code(a, slot, value_SI);
    case AFE_TEMP:
        return temp_code(a, slot, value_SI);
    case AFE_STACK:
        return stack_code(a, slot, value_SI);
    case AFE_TERMINAL:
        break;
    }
    return voltage_code(a, slot, &a->config->terminal, value_SI);
}

/* A charger's or a load's signs, as the registers show them at an instant of the current scan. */
static void detect(struct afe *a, int64_t t_ns)
{
    const struct afe_config *c = a->config;
    const int64_t rise_mV = (int64_t)a->reg.terminal_mV - a->reg.stack_mV;
    const bool stack_known = a->reg.cell_scan_ns != AFE_NOT_YET;
    const bool charger = (stack_known && rise_mV > c->charger_rise_mV) || a->reg.current_mA > c->charger_mA;
    const bool open = !a->gate[AFE_DISCHARGE_GATE].output && !a->gate[AFE_PRECHARGE_GATE].output;

    a->reg.detect = open && a->reg.terminal_mV < c->load_mV ? AFE_DETECT_LOAD : 0;
    if (!charger) {
        a->charger_since_ns = AFE_NEVER;
        return;
    }
    if (a->charger_since_ns == AFE_NEVER) {
        a->charger_since_ns = t_ns;
    }
    if (t_ns - a->charger_since_ns >= c->charger_ns) {
        a->reg.detect |= AFE_DETECT_CHARGER;
    }
}

int64_t afe_next_detect(const struct afe *a)
{
    if (!converts(a) || a->charger_since_ns == AFE_NEVER || (a->reg.detect & AFE_DETECT_CHARGER) != 0) {
        return AFE_NEVER;
    }
    return a->charger_since_ns + a->config->charger_ns;
}

static void store_cell(struct afe *a, const struct afe_slot *slot, int32_t code)
{
    const uint32_t bit = UINT32_C(1) << slot->index;

    a->reg.cell_mV[slot->index] = (int16_t)code;
    a->reg.balance_seen = (a->reg.balance_seen & ~bit) | (a->balance & bit);
}

void afe_convert(struct afe *a, const struct afe_slot *slot, double value_SI)
{
    switch (slot->kind) {
    case AFE_CELL:
        a->held_cell_V[slot->index] = value_SI;
        store_cell(a, slot, cell_code(a, slot, value_SI));
        if (a->reg.cell_scan_ns != AFE_NOT_YET) {
            a->reg.cell_scan_ns = slot->t_ns;
        }
        break;
    case AFE_STACK:
        a->held_stack_V = value_SI;
        a->reg.stack_mV = stack_code(a, slot, value_SI);
        if (a->reg.cell_scan_ns == AFE_NOT_YET) { /* the first scan is complete: its newest cell is one skew ago */
            a->reg.cell_scan_ns = slot->t_ns - a->config->cell_skew_ns;
        }
        break;
    case AFE_CURRENT:
        a->held_current_A = value_SI;
        a->reg.current_mA = current_code(a, slot, value_SI);
        break;
    case AFE_TERMINAL:
        a->held_terminal_V = value_SI;
        a->reg.terminal_mV = voltage_code(a, slot, &a->config->terminal, value_SI);
        a->reg.current_scan_ns = slot->t_ns;
        detect(a, slot->t_ns);
        break;
    case AFE_TEMP:
        a->held_temp_degC[slot->index] = value_SI;
        a->reg.temp_ddegC[slot->index] = (int16_t)temp_code(a, slot, value_SI);
        if (slot->index == a->config->temps - 1) {
            a->reg.temp_scan_ns = slot->t_ns;
        }
        break;
    }
}

static double held(const struct afe *a, const struct afe_slot *slot)
{
    switch (slot->kind) {
    case AFE_CELL:
        return a->held_cell_V[slot->index];
    case AFE_STACK:
        return a->held_stack_V;
    case AFE_CURRENT:
        return a->held_current_A;
    case AFE_TEMP:
        return a->held_temp_degC[slot->index];
    case AFE_TERMINAL:
        break;
    }
    return a->held_terminal_V;
}

void afe_touch(struct afe *a, enum afe_scan scan, int64_t until_ns)
{
    struct afe_clock *clock = &a->scan[scan];

    if (!converts(a)) {
        return;
    }
    while (clock->due_ns <= until_ns) {
        struct afe_slot slot;

        take(a, scan, &slot);
        afe_convert(a, &slot, held(a, &slot));
        if (clock->step == 0 && clock->due_ns <= until_ns) {
            /* What is in the registers at the end comes from the last two scans at most. */
            const int64_t last = (until_ns - clock->start_ns) / period_of(a->config, scan);

            clock->number = last - 1 > clock->number ? last - 1 : clock->number;
            clock->due_ns = due_at(a, scan);
        }
    }
}

static bool drifts(const struct afe_fault *f, int count)
{
    for (int k = 0; k < count; k++) {
        if (f[k].on && (f[k].rate_per_s > 0.0 || f[k].rate_per_s < 0.0)) {
            return true;
        }
    }
    return false;
}

bool afe_is_restless(const struct afe *a)
{
    const struct afe_config *c = a->config;
    bool noisy = c->stack.noise > 0.0 || c->terminal.noise > 0.0 || c->current.noise > 0.0 || c->temp_noise_K > 0.0;

    for (int k = 0; k < c->cells; k++) {
        noisy = noisy || c->cell[k].noise > 0.0;
    }
    return (noisy && !c->ideal) || drifts(a->cell_stuck, c->cells) || drifts(a->cell_offset, c->cells) ||
           drifts(&a->stack_stuck, 1) || drifts(&a->stack_offset, 1) || drifts(&a->current_offset, 1) ||
           drifts(&a->current_gain, 1) || drifts(a->ntc_stuck, c->temps) || drifts(a->ntc_offset, c->temps);
}
