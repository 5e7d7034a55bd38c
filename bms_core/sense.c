/* From sample to signals: what is fresh, what changed, what the fault engine is to look at. */
#include "bms_core/bms_inner.h"

#include <string.h>

#define BIT(signal) (UINT32_C(1) << (signal))
#define ANEW_us                                                                                                        \
    UINT64_C(2000000) /* a charger that was away for less is still the same: front ends see one after 1 s              \
                       */

/* Signals of each group; they are unknown while the group is stale. */
static const uint32_t group_signals[BMS_SCANS] = {
    [BMS_SCAN_CELLS] = BIT(FAULT_CELL_MAX_mV) | BIT(FAULT_CELL_MIN_mV) | BIT(FAULT_STACK_mV) | BIT(FAULT_SPREAD_mV) |
                       BIT(FAULT_STACK_ERROR_mV) | BIT(FAULT_BAD_WIRES),
    [BMS_SCAN_CURRENT] = BIT(FAULT_CHARGE_mA) | BIT(FAULT_DISCHARGE_mA),
    [BMS_SCAN_TEMPS] = BIT(FAULT_CELL_MAX_ddegC) | BIT(FAULT_CELL_MIN_ddegC) | BIT(FAULT_MOS_MAX_ddegC) |
                       BIT(FAULT_AMBIENT_MAX_ddegC) | BIT(FAULT_AMBIENT_MIN_ddegC) | BIT(FAULT_BAD_SENSORS),
};

static void publish(struct bms *b, enum fault_signal signal, int32_t value, bool known)
{
    struct fault_input *in = &b->input;
    const uint32_t valid = known ? BIT(signal) : 0;

    if (in->value[signal] != value || (in->valid & BIT(signal)) != valid) {
        in->value[signal] = value;
        in->valid = (in->valid & ~BIT(signal)) | valid;
        b->dirty |= b->rows_of[signal];
    }
}

void sense_set(struct bms *b, enum fault_signal signal, int32_t value)
{
    publish(b, signal, value, true);
}

bool sense_trusted(const struct bms *b)
{
    return b->started && !b->age[BMS_SCAN_CELLS].stale && !b->age[BMS_SCAN_CURRENT].stale &&
           !b->age[BMS_SCAN_TEMPS].stale && b->measure.bad_wires == 0 && b->measure.cell_temp.known;
}

static void publish_cells(struct bms *b)
{
    const struct measure *m = &b->measure;
    const int32_t error_mV = m->sum_mV - m->stack_mV;
    int32_t wires = 0;

    for (uint32_t bad = m->bad_wires; bad != 0; bad &= bad - 1) {
        wires++;
    }
    b->wire_doubted = b->wire_doubted || wires > 0;
    publish(b, FAULT_CELL_MAX_mV, m->cell.max, m->cell.known);
    publish(b, FAULT_CELL_MIN_mV, m->cell.min, m->cell.known);
    publish(b, FAULT_SPREAD_mV, m->cell.max - m->cell.min, m->cell.known);
    publish(b, FAULT_STACK_mV, m->stack_mV, true);
    publish(b, FAULT_STACK_ERROR_mV, error_mV < 0 ? -error_mV : error_mV, true);
    publish(b, FAULT_BAD_WIRES, wires, true);
}

/* A limited current says nothing about what the charger would give: the over-current goes on. */
static int32_t charge_seen(const struct bms *b, int32_t current_mA)
{
    return b->limiter.on ? bms_param_fault(&b->params, BMS_FAULT_CHG_OC, BMS_FIELD_TRIP) : current_mA;
}

static void publish_current(struct bms *b)
{
    const int32_t current_mA = b->measure.current_mA;
    const bool charging = current_mA >= b->params.value[BMS_PARAM_CURRENT_CHARGING];
    const uint32_t met = (b->input.met & ~(uint32_t)BMS_NEEDS_CHARGE) | (charging ? BMS_NEEDS_CHARGE : 0);

    publish(b, FAULT_CHARGE_mA, charge_seen(b, current_mA), true);
    publish(b, FAULT_DISCHARGE_mA, -current_mA, true); /* no level is negative: the other way is inside each */
    b->input.met = met;
    b->dirty |= b->engine.tripped;
}

static void publish_temps(struct bms *b)
{
    const struct measure *m = &b->measure;
    int32_t bad = b->sample.cell_count == b->params.value[BMS_PARAM_PACK_CELLS] ? 0 : 1;

    for (uint32_t channels = m->bad_temps; channels != 0; channels &= channels - 1) {
        bad++;
    }
    publish(b, FAULT_BAD_SENSORS, bad, true);
    publish(b, FAULT_CELL_MAX_ddegC, m->cell_temp.max, m->cell_temp.known);
    publish(b, FAULT_CELL_MIN_ddegC, m->cell_temp.min, m->cell_temp.known);
    publish(b, FAULT_MOS_MAX_ddegC, m->mos_temp.max, m->mos_temp.known);
    publish(b, FAULT_AMBIENT_MAX_ddegC, m->ambient_temp.max, m->ambient_temp.known);
    publish(b, FAULT_AMBIENT_MIN_ddegC, m->ambient_temp.min, m->ambient_temp.known);
}

static void publish_group(struct bms *b, enum bms_scan scan)
{
    if (!b->started || b->age[scan].stale) {
        return;
    }
    if (scan == BMS_SCAN_CELLS) {
        publish_cells(b);
    } else if (scan == BMS_SCAN_CURRENT) {
        publish_current(b);
    } else {
        publish_temps(b);
    }
}

void sense_current(struct bms *b)
{
    publish_group(b, BMS_SCAN_CURRENT);
}

static void find_due(struct bms *b)
{
    uint64_t due_us = UINT64_MAX;

    for (unsigned i = 0; i < BMS_SCANS; i++) {
        const uint64_t end_us = b->age[i].fresh_us + b->age[i].limit_us;

        if (!b->age[i].stale && end_us < due_us) {
            due_us = end_us;
        }
    }
    b->age_due_us = due_us;
}

void sense_stamps(struct bms *b, const struct bms_sample *sample, uint64_t now_us)
{
    const uint64_t stamp_us[BMS_SCANS] = { sample->cell_scan_us, sample->current_scan_us, sample->temp_scan_us };

    for (unsigned i = 0; i < BMS_SCANS; i++) {
        struct bms_age *age = &b->age[i];

        if (stamp_us[i] != age->stamp_us) {
            age->stamp_us = stamp_us[i];
            age->fresh_us = stamp_us[i] < now_us ? stamp_us[i] : now_us;
        }
    }
    find_due(b);
}

static void count_stale(struct bms *b)
{
    int32_t count = 0;

    for (unsigned i = 0; i < BMS_SCANS; i++) {
        count += b->age[i].stale ? 1 : 0;
    }
    publish(b, FAULT_STALE_GROUPS, count, true);
    b->any_stale = count != 0;
    find_due(b);
}

void sense_ages(struct bms *b, uint64_t now_us)
{
    for (unsigned i = 0; i < BMS_SCANS; i++) {
        struct bms_age *age = &b->age[i];

        if (now_us < age->fresh_us + age->limit_us) {
            continue;
        }
        age->stale = true;
        b->input.valid &= ~group_signals[i];
        if (i == BMS_SCAN_CURRENT) { /* an old current is neither charge nor a reason for a gate: see act_gates() */
            soc_current(&b->soc, &b->params, b->soc.offset_mA, now_us);
            b->current_moved = true;
        }
    }
    count_stale(b);
}

void sense_thaw(struct bms *b, uint64_t now_us)
{
    bool thawed = false;

    for (unsigned i = 0; i < BMS_SCANS; i++) {
        struct bms_age *age = &b->age[i];

        if (age->stale && now_us - age->fresh_us < age->limit_us) {
            age->stale = false;
            thawed = true;
            publish_group(b, (enum bms_scan)i);
        }
    }
    count_stale(b);
    if (thawed && b->started) { /* what passed its limit in the meantime does not get its delay once more */
        soc_current(&b->soc, &b->params, b->measure.current_mA, now_us);
        b->current_moved = true;
        fault_engine_prime(&b->engine, &b->input, now_us);
    }
}

static void take_cells(struct bms *b, const struct bms_sample *s)
{
    if (balance_find_wires(&b->balance, &b->params, &b->measure, s)) {
        b->command.balance_from = b->command.balance_to = 0;
        b->command.balance_mA = 0;
        b->command.wires_high = b->balance.high_wires;
        sense_set(b, FAULT_HIGH_WIRES, 1); /* how many is never known: the first one ends the balancing */
    }
    measure_cells(&b->measure, &b->params, s);
    publish_group(b, BMS_SCAN_CELLS);
}

static void take_current(struct bms *b, const struct bms_sample *s, const struct bms_sample *old, uint64_t now_us)
{
    if (s->current_mA != old->current_mA || old->current_scan_us == 0) {
        measure_current(&b->measure, &b->params, s);
        soc_current(&b->soc, &b->params, b->measure.current_mA, now_us);
        publish_group(b, BMS_SCAN_CURRENT);
        b->current_moved = true;
    }
}

static void take_temps(struct bms *b, const struct bms_sample *s)
{
    measure_temps(&b->measure, &b->params, s);
    publish_group(b, BMS_SCAN_TEMPS);
}

/* A lock that waits for it wants a charger that comes anew. */
static void follow_charger(struct bms *b, bool is_there, bool was_there, uint64_t now_us)
{
    struct bms_lock *lock = &b->lock;

    if (!lock->wait_edge) {
        return;
    }
    if (was_there && !is_there) {
        lock->event_us = now_us;
    } else if (is_there && !was_there && now_us - lock->event_us >= ANEW_us) {
        lock->wait_edge = false;
        sense_set(b, FAULT_LOCKING, 0);
    }
}

static void take_conditions(struct bms *b, const struct bms_sample *s, const struct bms_sample *old, uint64_t now_us)
{
    const bool charger = (s->detect & BMS_DETECT_CHARGER) != 0, key = (s->keys & BMS_KEY_RESET) != 0;
    uint32_t met = b->input.met & ~(uint32_t)(BMS_NEEDS_CHARGER | BMS_NEEDS_KEY);

    met |= (charger ? BMS_NEEDS_CHARGER : 0U) | (key ? BMS_NEEDS_KEY : 0U);
    follow_charger(b, charger, (old->detect & BMS_DETECT_CHARGER) != 0, now_us);
    b->input.met = met;
    b->dirty |= b->engine.tripped;
}

/* Latches of the time before boot are taken back and are no events. */
static void take_alerts(struct bms *b, uint32_t alerts, uint64_t now_us)
{
    const uint32_t events = b->started ? alerts : 0;

    b->command.alert_clear = alerts;
    sense_set(b, FAULT_SHORTED, (events & BMS_ALERT_SCD) != 0);
    sense_set(b, FAULT_AFE_LOST, (events & BMS_ALERT_RESET) != 0);
    if ((events & BMS_ALERT_OCD) != 0) {
        fault_engine_trip(&b->engine, BMS_FAULT_DSG_OC, now_us);
    }
    if ((events & BMS_ALERT_OCC) != 0) {
        fault_engine_trip(&b->engine, BMS_FAULT_CHG_OC, now_us);
    }
}

/* Cells and temperatures are worked out anew whether they changed or not: the same codes say the same. */
void sense_codes(struct bms *b, const struct bms_sample *s, uint64_t now_us)
{
    const struct bms_sample old = b->sample;

    memcpy(&b->sample, s, sizeof b->sample);
    take_cells(b, s);
    take_current(b, s, &old, now_us);
    take_temps(b, s);
    if (s->alerts != old.alerts) {
        take_alerts(b, s->alerts, now_us);
    }
    take_conditions(b, s, &old, now_us);
    if (s->keys != old.keys) {
        display_keys(b, old.keys, s->keys, now_us);
    }
}

void sense_again(struct bms *b)
{
    b->measure.clean_once = false;
    b->sample.current_scan_us = 0;
}

void sense_forget(struct bms *b, uint64_t now_us)
{
    for (unsigned i = 0; i < BMS_SCANS; i++) {
        b->age[i] = (struct bms_age){ .fresh_us = now_us, .limit_us = b->age[i].limit_us };
        b->input.valid &= ~group_signals[i];
    }
    sense_again(b);
    count_stale(b);
}

bool sense_complete(const struct bms *b)
{
    for (unsigned i = 0; i < BMS_SCANS; i++) {
        if (b->age[i].stamp_us == 0 || b->age[i].stale) {
            return false;
        }
    }
    return b->sample.alerts == 0;
}

/* What becomes of the events of before a restart, and of a lock that was there before it or before a sleep. */
static void start_lock(struct bms *b, uint64_t now_us)
{
    struct bms_lock *lock = &b->lock;

    if (b->command.locked) { /* a charger that woke the firmware came anew */
        lock->wait_edge = b->sample.wake != BMS_WAKE_CHARGER;
        lock->event_us = now_us;
        sense_set(b, FAULT_LOCKING, lock->wait_edge);
    }
    if (b->sample.wake == BMS_WAKE_BROWN_OUT) {
        /* A supply that dips most likely dipped in a short: one more event, with its wait before the next try. */
        lock->event_us = now_us;
        sense_set(b, FAULT_SHORTED, 0);
        fault_engine_trip(&b->engine, BMS_FAULT_SHORT, now_us);
    } else if (!b->command.locked && !b->power.resumed) {
        *lock = (struct bms_lock){ .events = 0 };
    }
}

void sense_start(struct bms *b, uint64_t now_us)
{
    b->started = true;
    for (unsigned i = 0; i < BMS_SCANS; i++) {
        publish_group(b, (enum bms_scan)i);
    }
    soc_boot_zero(&b->soc, &b->params, b->measure.current_mA, now_us);
    fault_engine_prime(&b->engine, &b->input, now_us);
    start_lock(b, now_us);
}
