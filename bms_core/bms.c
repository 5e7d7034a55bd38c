#include "bms_core/bms.h"

#include "bms_core/bms_inner.h"

#include <string.h>

#define MS_us UINT64_C(1000)
#define PPM UINT32_C(1000000)
#define WIRE_DOUBT_TICKS 20         /* seconds without a doubt before balancing goes on */
#define SLEPT_us UINT64_C(60000000) /* more than a caller may sleep through: of its seconds only one ticks */
#define ALL_FAULTS ((UINT32_C(1) << BMS_FAULT_COUNT) - 1)

_Static_assert(BMS_PARAM_AGE_CURRENT == BMS_PARAM_AGE_CELL + BMS_SCAN_CURRENT &&
                   BMS_PARAM_AGE_TEMP == BMS_PARAM_AGE_CELL + BMS_SCAN_TEMPS,
               "a limit for each scan, in their order");

static void make_rules(struct bms *b, struct fault_rule rules[BMS_FAULT_COUNT])
{
    const struct bms_params *p = &b->params;

    for (unsigned i = 0; i < BMS_FAULT_COUNT; i++) {
        rules[i] = (struct fault_rule){
            .alarm = bms_param_fault(p, i, BMS_FIELD_ALARM),
            .alarm_release = bms_param_fault(p, i, BMS_FIELD_ALARM_RELEASE),
            .trip = bms_param_fault(p, i, BMS_FIELD_TRIP),
            .release = bms_param_fault(p, i, BMS_FIELD_RELEASE),
            .alarm_delay_ms = (uint32_t)bms_param_fault(p, i, BMS_FIELD_ALARM_DELAY),
            .trip_delay_ms = (uint32_t)bms_param_fault(p, i, BMS_FIELD_TRIP_DELAY),
            .release_delay_ms = (uint32_t)bms_param_fault(p, i, BMS_FIELD_RELEASE_DELAY),
            .signal = bms_fault_kinds[i].signal,
            .below = bms_fault_kinds[i].below,
            .enable = (uint8_t)bms_param_fault(p, i, BMS_FIELD_ENABLE),
            .needs = (uint8_t)bms_param_fault(p, i, BMS_FIELD_NEEDS),
        };
        b->rows_of[bms_fault_kinds[i].signal] |= UINT32_C(1) << i;
    }
}

/* What follows from parameters alone. */
static void take_params(struct bms *b)
{
    const int32_t *p = b->params.value;
    struct bms_command *c = &b->command;

    for (unsigned i = 0; i < BMS_SCANS; i++) {
        b->age[i].limit_us = (uint64_t)p[BMS_PARAM_AGE_CELL + i] * MS_us;
    }
    b->engine.wait_us = (uint64_t)p[BMS_PARAM_RELEASE_WAIT] * BMS_SECOND_us;
    c->scd_threshold_mA = (uint32_t)p[BMS_PARAM_SCD_THRESHOLD];
    c->scd_delay_us = (uint32_t)p[BMS_PARAM_SCD_DELAY];
    c->ocd_threshold_mA = (uint32_t)p[BMS_PARAM_OCD_THRESHOLD];
    c->ocd_delay_us = (uint32_t)p[BMS_PARAM_OCD_DELAY];
    c->occ_threshold_mA = (uint32_t)p[BMS_PARAM_OCC_THRESHOLD];
    c->occ_delay_us = (uint32_t)p[BMS_PARAM_OCC_DELAY];
}

/* What the counters in the memory say; a state of charge beyond its capacity is not believed. */
static void take_counters(struct bms *b, const struct bms_counters *c)
{
    const uint32_t nominal_mAh = (uint32_t)b->params.value[BMS_PARAM_PACK_NOMINAL];

    if (c->capacity_mAh < nominal_mAh / 2 || c->capacity_mAh > nominal_mAh / 5 * 6 || c->charge_mAh > c->capacity_mAh) {
        return;
    }
    b->soc.capacity_mAh = (int32_t)c->capacity_mAh;
    b->soc.charge_mAus = c->charge_mAh * SOC_mAus_PER_mAh;
    b->soc.discharged_mAus = c->discharged_mAh * SOC_mAus_PER_mAh;
    b->soc.cycles = c->cycles;
    b->soc.offset_mA = c->offset_mA;
    b->soc.taken_mAus = c->total_mAh * SOC_mAus_PER_mAh;
    b->soc.shown_ppm = soc_ppm(&b->soc);
    b->boots = c->boots;
    memcpy(b->trips, c->trips, sizeof b->trips);
}

/* A lock outlives a restart, whoever asked for it: only a charger ends it. Whether one is there is not known before the
 * start, and what is unknown releases nothing. */
static void take_lock(struct bms *b, const struct bms_counters *c, uint64_t now_us)
{
    b->lock.events = c->events;
    b->lock.ways = c->ways;
    if (c->locked) {
        fault_engine_trip(&b->engine, BMS_FAULT_OC_LOCK, now_us);
        b->seen_tripped = b->engine.tripped; /* no new event */
    }
}

void bms_init(struct bms *b, const struct bms_params *params, const uint8_t *nvm, uint32_t nvm_size, uint64_t now_us)
{
    struct fault_rule rules[BMS_FAULT_COUNT];
    struct bms_counters counters;

    memset(b, 0, sizeof *b); /* padding too: commands and snapshots are compared as bytes */
    b->params = *params;
    b->now_us = now_us;
    b->tick_us = now_us; /* the first at once */
    make_rules(b, rules);
    fault_engine_init(&b->engine, rules);
    take_params(b);
    sense_forget(b, now_us);
    soc_init(&b->soc, params, now_us);
    (void)record_boot(&b->log, nvm, nvm_size, &counters); /* a new memory has no capacity: it is not believed */
    take_counters(b, &counters);
    take_lock(b, &counters, now_us);
    b->boots++;
    b->power.due_us = UINT64_MAX;
    b->power.was_off = counters.off;
    control_init(b, &counters);
    act_gates(b);
    panel_init(b, now_us);
    display_init(b, now_us);
}

/* Faults, gates, and what they leave to be written. */
static void settle(struct bms *b, uint64_t now_us)
{
    act_settle(b, now_us);
    (void)record_step(&b->log, b->sample.storage_status, b->sample.storage_seq, now_us, &b->command);
    b->command.records = b->log.made;
}

static enum balance_flow flow_of(const struct bms *b)
{
    if (b->measure.current_mA >= b->params.value[BMS_PARAM_CURRENT_MODE]) {
        return BALANCE_FLOW_CHARGE;
    }
    return b->measure.current_mA <= -b->params.value[BMS_PARAM_CURRENT_MODE] ? BALANCE_FLOW_DISCHARGE
                                                                             : BALANCE_FLOW_REST;
}

/* Balancing rests for a while after a wire looked bad. An open wire drifts away slowly when nothing bleeds and is
 * pulled away at once when something does: if balancing began anew in each pause, the wire would never look bad long
 * enough. */
static bool wires_believed(struct bms *b)
{
    if (b->wire_doubted) {
        b->wire_doubt_ticks = WIRE_DOUBT_TICKS;
    } else if (b->wire_doubt_ticks > 0) {
        b->wire_doubt_ticks--;
    }
    b->wire_doubted = false;
    return b->wire_doubt_ticks == 0;
}

static bool balance_is_allowed(struct bms *b, bool trusted)
{
    return wires_believed(b) && trusted && b->command.mode != BMS_MODE_FAULT &&
           b->params.value[BMS_PARAM_SWITCH_BALANCE] != 0 && power_blocks(b) == 0 && !b->control.updating;
}

/* What was chosen to bleed, or to move charge; off for a quiet scan. */
static void switch_balancing(struct bms *b, bool on)
{
    static const struct balance nothing;
    const struct balance *chosen = on ? &b->balance : &nothing;
    const bool moves = chosen->from != 0;
    struct bms_command *c = &b->command;

    c->balance = moves ? 0 : chosen->on;
    c->balance_from = chosen->from;
    c->balance_to = chosen->to;
    c->balance_mA = moves ? (uint32_t)b->params.value[BMS_PARAM_BALANCE_ACTIVE] : 0;
}

/* Cells that are too cold are warmed until all are warm enough. The heater draws on the cells, so that an under-voltage
 * puts it out; other faults that forbid discharging do not: cold cells are what it is there for. */
static void heat(struct bms *b)
{
    const uint32_t empty = UINT32_C(1) << BMS_FAULT_CELL_UV | UINT32_C(1) << BMS_FAULT_PACK_UV;
    const int32_t *p = b->params.value;
    const struct measure_range *t = &b->measure.cell_temp;
    const bool usable =
        p[BMS_PARAM_HEATER_ENABLE] != 0 && sense_trusted(b) && power_blocks(b) == 0 && (b->engine.tripped & empty) == 0;
    const int32_t limit_ddegC = p[b->command.heater ? BMS_PARAM_HEATER_OFF : BMS_PARAM_HEATER_ON];

    b->command.heater = usable && t->min <= limit_ddegC;
}

/* Has capacity fallen far enough to release an over-charge? A pack that trips below that already, for one high cell,
 * has to give first what a full one would: else it is charged against that cell again and again. */
static bool has_given(const struct bms *b)
{
    const uint32_t release_ppm = (uint32_t)b->params.value[BMS_PARAM_SOC_OV_RELEASE], ppm = soc_ppm(&b->soc);

    return ppm <= release_ppm && (b->overcharged_ppm > release_ppm || ppm + (PPM - release_ppm) <= b->overcharged_ppm);
}

static void tick(struct bms *b, uint64_t now_us)
{
    const struct soc_scene scene = {
        .trusted = sense_trusted(b),
        .gates_open = !b->command.charge_fet && !b->command.discharge_fet,
        .charger = (b->sample.detect & (uint32_t)BMS_DETECT_CHARGER) != 0,
    };
    const bool was_full = b->soc.full;

    soc_tick(&b->soc, &b->params, &b->measure, &scene, now_us);
    if (b->soc.full && !was_full) {
        act_record(b, BMS_CAUSE_FULL, 0, now_us);
    }
    b->input.met = (b->input.met & ~(uint32_t)BMS_NEEDS_OR_SOC) | (has_given(b) ? (uint32_t)BMS_NEEDS_OR_SOC : 0);
    balance_tick(&b->balance, &b->params, &b->measure, flow_of(b), balance_is_allowed(b, scene.trusted));
    switch_balancing(b, true);
    b->quiet_us = b->balance.on == 0 ? UINT64_MAX : now_us + BMS_SECOND_us - BALANCE_QUIET_us;
    heat(b);
    control_tick(b, now_us);
    record_tick(&b->log, now_us, &b->command);
    sense_set(b, FAULT_WRITE_ERRORS, b->log.errors);
    act_tick(b, now_us);
    panel_soc(b);
    display_tick(b);
}

/* Modes, sessions and limiter depend on the faults, and the gates on them. */
static void follow(struct bms *b, uint64_t now_us)
{
    settle(b, now_us);
    control_follow(b, now_us);
    limiter_follow(b, now_us);
    power_follow(b, now_us);
    b->panel.all_on = power_all_leds(b);
    settle(b, now_us);
    panel_settle(b, now_us);
    display_settle(b, now_us);
}

/* The next instant at which something happens. panel_us: when a lamp changes, for a caller that shows them. */
static uint64_t next_event(const struct bms *b, uint64_t panel_us)
{
    const uint64_t due_us[] = { b->tick_us,       b->quiet_us,         b->age_due_us,
                                b->power.due_us,  b->control.due_us,   b->limiter.due_us,
                                b->engine.due_us, b->display.sleep_us, panel_us };
    uint64_t first_us = UINT64_MAX;

    for (unsigned i = 0; i < sizeof due_us / sizeof due_us[0] && !power_is_resting(b); i++) {
        first_us = due_us[i] < first_us ? due_us[i] : first_us;
    }
    return first_us;
}

/* Everything that is due up to now happens, each at its own instant, but never before what has already happened: scan
 * instants that step back (a front end whose timer began anew) make readings too old at an instant long past. Lamps may
 * blink in between: nobody has seen them. */
static void advance(struct bms *b, uint64_t now_us)
{
    uint64_t at_us = b->now_us;

    if (now_us - b->now_us > SLEPT_us) {
        b->tick_us = now_us;
    }
    for (;;) {
        const uint64_t due_us = next_event(b, UINT64_MAX);

        if (due_us > now_us) {
            break;
        }
        at_us = due_us > at_us ? due_us : at_us;
        sense_ages(b, at_us);
        if (b->quiet_us <= at_us) {
            switch_balancing(b, false);
            b->quiet_us = UINT64_MAX;
        }
        if (b->tick_us <= at_us) {
            b->tick_us += BMS_SECOND_us;
            tick(b, at_us);
        }
        follow(b, at_us);
    }
    b->now_us = now_us;
}

static void take_sample(struct bms *b, const struct bms_sample *sample, uint64_t now_us)
{
    power_sample(b, sample, now_us);
    control_sample(b, sample, now_us);
    sense_codes(b, sample, now_us);
    sense_thaw(b, now_us);
    if (!b->started && sense_complete(b)) {
        sense_start(b, now_us);
        power_note(b, now_us);
        b->current_moved = true;
    }
}

uint64_t bms_step(struct bms *b, const struct bms_sample *sample, uint64_t now_us, struct bms_command *command)
{
    now_us = now_us < b->now_us ? b->now_us : now_us;
    if (!power_is_resting(b) || power_resume(b, sample, now_us)) {
        if (sample != NULL) {
            sense_stamps(b, sample, now_us);
        }
        advance(b, now_us);
        if (sample != NULL) {
            take_sample(b, sample, now_us);
        }
        follow(b, now_us);
    }
    *command = b->command;
    return next_event(b, b->panel.due_us);
}

/* What a change of one row means beyond itself. */
static void take_change(struct bms *b, uint16_t id)
{
    switch (id) {
    case BMS_PARAM_PACK_NOMINAL:
        soc_resize(&b->soc, b->params.value[BMS_PARAM_PACK_NOMINAL]);
        break;
    case BMS_PARAM_SWITCH_BALANCE: /* wires are looked at anew */
        b->balance.high_wires = 0;
        b->command.wires_high = 0;
        sense_set(b, FAULT_HIGH_WIRES, 0);
        break;
    case BMS_PARAM_VOLTAGE_GAIN:
    case BMS_PARAM_CURRENT_GAIN:
    case BMS_PARAM_CURRENT_OFFSET:
    case BMS_PARAM_PACK_CELLS:
    case BMS_PARAM_SUM_OF_CELLS:
    case BMS_PARAM_WIRE_LOW:
    case BMS_PARAM_WIRE_HIGH:
    case BMS_PARAM_WIRE_PAIR:
    case BMS_PARAM_TEMP_ROLE_1:
    case BMS_PARAM_TEMP_ROLE_2:
    case BMS_PARAM_TEMP_ROLE_3:
    case BMS_PARAM_TEMP_ROLE_4:
    case BMS_PARAM_TEMP_ROLE_5:
    case BMS_PARAM_TEMP_ROLE_6:
    case BMS_PARAM_TEMP_ROLE_7:
    case BMS_PARAM_TEMP_ROLE_8:
        sense_again(b);
        break;
    default:
        break;
    }
}

/* Writing what is there already changes nothing: a tool may write a whole set back. */
static enum bms_param_error keep_param(struct bms *b, uint16_t id, int32_t value)
{
    const int32_t before = b->params.value[id];

    b->params.value[id] = value;
    const enum bms_param_error error = bms_params_check(&b->params, 0, NULL);

    if (error != BMS_PARAM_OK) {
        b->params.value[id] = before;
    } else if (value != before) {
        take_change(b, id);
    }
    return error;
}

/* All that follows from a change of parameters, whoever made it. */
static void use_params(struct bms *b)
{
    make_rules(b, b->engine.rule);
    b->dirty = ALL_FAULTS;
    take_params(b);
    control_params(b);
    b->current_moved = true;
    b->panel.params++;
    panel_soc(b);
}

enum bms_param_error bms_set_param(struct bms *b, uint16_t id, int32_t value)
{
    enum bms_param_error error = bms_param_fits(id, value);

    if (error != BMS_PARAM_OK) {
        return error;
    }
    if (id == BMS_PARAM_ACCESS_ENTER) {
        return access_enter(b, value);
    }
    if (!access_allows(b, id)) {
        return BMS_PARAM_ACCESS;
    }
    error = control_is_action(id) ? control_act(b, id, value) : keep_param(b, id, value);
    use_params(b); /* of a refused one nothing has changed */
    return error;
}
