/* Actions, switches, calibration, clock and the counters of use. */
#include "bms_core/bms_inner.h"

#define NEVER_us UINT64_MAX
#define PPM INT64_C(1000000)
#define ZERO_MAX_mA 1000 /* what a shunt may show without current */

static int32_t magnitude(int32_t x)
{
    return x < 0 ? -x : x;
}

uint32_t control_blocks(const struct bms *b)
{
    const int32_t *p = b->params.value;
    uint32_t ways = b->control.updating ? (uint32_t)(BMS_BLOCKS_CHARGE | BMS_BLOCKS_DISCHARGE) : 0;

    ways |= p[BMS_PARAM_SWITCH_CHARGE] == 0 ? BMS_BLOCKS_CHARGE : 0U;
    ways |= p[BMS_PARAM_SWITCH_DISCHARGE] == 0 ? BMS_BLOCKS_DISCHARGE : 0U;
    return ways;
}

/* ---- update -------------------------------------------------------------------------------------------------------
 */

static void set_update(struct bms *b, bool on, uint64_t now_us)
{
    struct control *c = &b->control;

    if (on != c->updating) {
        act_record(b, BMS_CAUSE_UPDATE, on ? 1 : 0, now_us);
    }
    c->updating = on;
    c->update_end_us = on ? now_us + (uint64_t)b->params.value[BMS_PARAM_UPDATE_TIMEOUT] * BMS_SECOND_us : NEVER_us;
    b->command.updating = on;
    b->current_moved = true;
}

void control_end_update(struct bms *b, uint64_t now_us)
{
    if (b->control.updating) {
        set_update(b, false, now_us);
    }
}

/* Only without current: opening the gates must not drop a load. */
static enum bms_param_error update(struct bms *b, bool on)
{
    const int32_t *p = b->params.value;
    const bool idle = magnitude(b->measure.current_mA) < p[BMS_PARAM_POWER_VALID];
    const bool master = p[BMS_PARAM_UPDATE_SLAVE] != 0 && b->command.master;

    if (on && (p[BMS_PARAM_UPDATE_TIMEOUT] == 0 || !idle || master || power_blocks(b) != 0)) {
        return BMS_PARAM_STATE;
    }
    set_update(b, on, b->now_us);
    return BMS_PARAM_OK;
}

/* ---- calibration --------------------------------------------------------------------------------------------------
 */

static bool is_steady(const struct bms *b)
{
    return !b->age[BMS_SCAN_CURRENT].stale && b->now_us - b->control.steady_us >= CONTROL_STEADY_us;
}

static enum bms_param_error keep(struct bms *b, enum bms_param row, int64_t value)
{
    if (value < bms_param_table[row].min || value > bms_param_table[row].max) {
        return BMS_PARAM_STATE;
    }
    b->params.value[row] = (int32_t)value;
    sense_again(b);
    act_record(b, BMS_CAUSE_SETTING, 2, b->now_us);
    return BMS_PARAM_OK;
}

static enum bms_param_error calibrate_current(struct bms *b, int32_t true_mA)
{
    const int32_t *p = b->params.value;
    const int32_t code_mA = b->sample.current_mA - p[BMS_PARAM_CURRENT_OFFSET] - b->soc.offset_mA;

    if (!is_steady(b) || magnitude(code_mA) < p[BMS_PARAM_CALIBRATE_MIN]) {
        return BMS_PARAM_STATE;
    }
    return keep(b, BMS_PARAM_CURRENT_GAIN, true_mA * PPM / code_mA);
}

static enum bms_param_error calibrate_zero(struct bms *b)
{
    enum bms_param_error error = BMS_PARAM_STATE;

    if (is_steady(b) && (b->sample.detect & (uint32_t)BMS_DETECT_CHARGER) == 0 &&
        magnitude(b->sample.current_mA) <= ZERO_MAX_mA) {
        error = keep(b, BMS_PARAM_CURRENT_OFFSET, b->sample.current_mA);
    }
    if (error == BMS_PARAM_OK) {
        b->soc.offset_mA = 0;
    }
    return error;
}

/* The pack's voltage measured outside, against the sum of the cells: one gain for all. */
static enum bms_param_error calibrate_pack(struct bms *b, int32_t true_mV)
{
    const struct measure *m = &b->measure;

    if (!sense_trusted(b) || !is_steady(b) || b->balance.on != 0 || m->sum_mV <= 0) {
        return BMS_PARAM_STATE;
    }
    return keep(b, BMS_PARAM_VOLTAGE_GAIN, (int64_t)true_mV * b->params.value[BMS_PARAM_VOLTAGE_GAIN] / m->sum_mV);
}

/* ---- presets and reset --------------------------------------------------------------------------------------------
 */

/* Writes the preset, or changes places with it: what was there before is then in *preset. */
static void exchange(struct bms_params *p, struct bms_preset *preset)
{
#define PRESET_ID(row) BMS_PARAM_##row,
    static const uint16_t ids[BMS_PRESET_ROW_COUNT] = { BMS_PRESET_ROWS(PRESET_ID) };
    const int32_t charge_mV = p->value[BMS_PARAM_LIMIT_CHARGE_V], discharge_mV = p->value[BMS_PARAM_LIMIT_DISCHARGE_V];

    for (unsigned i = 0; i < BMS_PRESET_ROW_COUNT; i++) {
        const int32_t before = p->value[ids[i]];

        p->value[ids[i]] = preset->value[i];
        preset->value[i] = before;
    }
    p->value[BMS_PARAM_LIMIT_CHARGE_V] = preset->charge_mV;
    p->value[BMS_PARAM_LIMIT_DISCHARGE_V] = preset->discharge_mV;
    preset->charge_mV = charge_mV;
    preset->discharge_mV = discharge_mV;
}

static enum bms_param_error apply_preset(struct bms *b, int32_t chemistry)
{
    const int32_t cells = b->params.value[BMS_PARAM_PACK_CELLS];
    enum bms_param_error error = BMS_PARAM_OK;
    struct bms_preset preset;

    if (((uint32_t)b->params.value[BMS_PARAM_PRESET_ALLOWED] << 1 >> chemistry & 1U) == 0) {
        return BMS_PARAM_STATE;
    }
    preset = bms_presets[chemistry];
    preset.charge_mV *= cells;
    preset.discharge_mV *= cells;
    exchange(&b->params, &preset);
    error = bms_params_check(&b->params, 0, NULL);
    if (error != BMS_PARAM_OK) {
        exchange(&b->params, &preset);
        return error;
    }
    act_record(b, BMS_CAUSE_SETTING, 1, b->now_us);
    return BMS_PARAM_OK;
}

static enum bms_param_error factory_reset(struct bms *b)
{
    b->command.restore = 1;
    power_restart(b, BMS_CAUSE_CONTROL, b->now_us);
    return BMS_PARAM_OK;
}

/* ---- clock --------------------------------------------------------------------------------------------------------
 */

uint32_t control_clock_s(const struct bms *b, uint64_t now_us)
{
    const struct control *c = &b->control;

    return c->clock_s == 0 ? 0 : c->clock_s + (uint32_t)((now_us - c->clock_us) / BMS_SECOND_us);
}

static void adopt(struct bms *b, uint32_t clock_s, uint64_t now_us)
{
    b->control.clock_s = clock_s;
    b->control.clock_us = now_us;
}

static enum bms_param_error set_clock(struct bms *b, int32_t clock_s)
{
    adopt(b, (uint32_t)clock_s, b->now_us);
    b->command.clock_set_s = (uint32_t)clock_s;
    act_record(b, BMS_CAUSE_CLOCK, 0, b->now_us);
    return BMS_PARAM_OK;
}

/* The chip leads. While it knows nothing, time goes on from what was known last, so that records stay in order. */
static void control_clock(struct bms *b, uint32_t chip_s, uint64_t now_us)
{
    const int64_t off_s = (int64_t)chip_s - control_clock_s(b, now_us);

    if (chip_s != 0) {
        adopt(b, chip_s, now_us);
        if (b->started && (off_s > CONTROL_STEP_s || off_s < -CONTROL_STEP_s)) {
            act_record(b, BMS_CAUSE_CLOCK, 1, now_us);
        }
    }
    sense_set(b, FAULT_CLOCK_LOST, chip_s == 0 ? 1 : 0);
}

/* ---- steps --------------------------------------------------------------------------------------------------------
 */

enum bms_param_error control_act(struct bms *b, uint16_t id, int32_t value)
{
    switch (id) {
    case BMS_PARAM_ACTION_RESET:
        return value == 0 ? BMS_PARAM_OK : factory_reset(b);
    case BMS_PARAM_ACTION_PRESET:
        return apply_preset(b, value);
    case BMS_PARAM_ACTION_UPDATE:
        return update(b, value != 0);
    case BMS_PARAM_ACTION_CLOCK:
        return set_clock(b, value);
    case BMS_PARAM_ACTION_CAL_CURRENT:
        return calibrate_current(b, value);
    case BMS_PARAM_ACTION_CAL_ZERO:
        return value == 0 ? BMS_PARAM_OK : calibrate_zero(b);
    default:
        return calibrate_pack(b, value);
    }
}

bool control_is_action(uint16_t id)
{
    return id == BMS_PARAM_ACTION_RESET || id == BMS_PARAM_ACTION_PRESET || id == BMS_PARAM_ACTION_UPDATE ||
           id == BMS_PARAM_ACTION_CLOCK || id == BMS_PARAM_ACTION_CAL_CURRENT || id == BMS_PARAM_ACTION_CAL_ZERO ||
           id == BMS_PARAM_ACTION_CAL_STACK;
}

/* What follows from parameters alone. */
void control_params(struct bms *b)
{
    const int32_t *p = b->params.value;
    const bool weak = p[BMS_PARAM_ACCESS_DEFAULT] != 0 && p[BMS_PARAM_ACCESS_SERVICE] == p[BMS_PARAM_ACCESS_DEFAULT];

    sense_set(b, FAULT_DEFAULT_PASSWORD, weak ? 1 : 0);
    access_codes(b);
}

void control_init(struct bms *b, const struct bms_counters *counters)
{
    b->control = (struct control){ .session_end_us = NEVER_us,
                                   .update_end_us = NEVER_us,
                                   .steady_us = b->now_us,
                                   .clock_s = counters->clock_s,
                                   .clock_us = b->now_us,
                                   .runtime_s = counters->runtime_s,
                                   .charges = counters->charges,
                                   .counted_us = b->now_us,
                                   .discharged = true,
                                   .due_us = NEVER_us };
    access_init(b, counters->wrong);
    control_params(b);
}

void control_sample(struct bms *b, const struct bms_sample *s, uint64_t now_us)
{
    struct control *c = &b->control;
    const int32_t part_mA = magnitude(c->steady_mA / 50), band_mA = part_mA > 500 ? part_mA : 500;
    const int64_t moved_mA = (int64_t)s->current_mA - c->steady_mA; /* codes may stand at both ends of their range */

    if (moved_mA > band_mA || moved_mA < -band_mA) {
        c->steady_mA = s->current_mA;
        c->steady_us = now_us;
    }
    if (s->clock_s != b->sample.clock_s || !b->started) {
        control_clock(b, s->clock_s, now_us);
    }
    b->command.address = s->dip;
    b->command.master = s->dip == b->params.value[BMS_PARAM_ADDRESS_MASTER]; /* -1: nobody is */
}

void control_tick(struct bms *b, uint64_t now_us)
{
    struct control *c = &b->control;
    const int32_t current_mA = b->measure.current_mA, least_mA = b->params.value[BMS_PARAM_CURRENT_CHARGING];
    const uint64_t passed_s = (now_us - c->counted_us) / BMS_SECOND_us;
    const uint32_t hours = c->runtime_s / 3600;

    c->counted_us += passed_s * BMS_SECOND_us;
    c->runtime_s += (uint32_t)passed_s;
    if (c->runtime_s / 3600 != hours) {
        act_counters(b, now_us); /* an hour at most is lost with the supply */
    }
    if (current_mA <= -least_mA) {
        c->discharged = true;
    } else if (current_mA >= least_mA && c->discharged) {
        c->discharged = false;
        c->charges++;
    }
}

static uint64_t sooner(uint64_t a_us, uint64_t b_us)
{
    return a_us < b_us ? a_us : b_us;
}

void control_follow(struct bms *b, uint64_t now_us)
{
    struct control *c = &b->control;

    access_follow(b, now_us);
    if (c->update_end_us <= now_us) {
        set_update(b, false, now_us);
    }
    c->due_us = sooner(sooner(c->session_end_us, c->update_end_us), c->locked_until_us);
}
