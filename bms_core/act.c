/* From faults to command: permissions, gates, lock, records, and what is reported. */
#include "bms_core/bms_inner.h"

#include <string.h>

#define BIT(row) (UINT32_C(1) << (row))
#define BOTH ((uint32_t)(BMS_BLOCKS_CHARGE | BMS_BLOCKS_DISCHARGE))
#define SAVE_ppm 10000 /* counters are saved when the state of charge has moved this far */

/* clang-format off */
const struct fault_kind bms_fault_kinds[BMS_FAULT_COUNT] = {
    [BMS_FAULT_CELL_OV]   = { FAULT_CELL_MAX_mV,       BMS_TALLY_OVER,        false, false },
    [BMS_FAULT_PACK_OV]   = { FAULT_STACK_mV,          BMS_TALLY_OVER,        false, false },
    [BMS_FAULT_CELL_UV]   = { FAULT_CELL_MIN_mV,       BMS_TALLY_UNDER,       true,  false },
    [BMS_FAULT_PACK_UV]   = { FAULT_STACK_mV,          BMS_TALLY_UNDER,       true,  false },
    [BMS_FAULT_CHG_OC]    = { FAULT_CHARGE_mA,         BMS_TALLY_CURRENT,     false, false },
    [BMS_FAULT_DSG_OC]    = { FAULT_DISCHARGE_mA,      BMS_TALLY_CURRENT,     false, false },
    [BMS_FAULT_SHORT]     = { FAULT_SHORTED,           BMS_TALLY_SHORT,       false, false },
    [BMS_FAULT_CHG_OT]    = { FAULT_CELL_MAX_ddegC,    BMS_TALLY_TEMPERATURE, false, false },
    [BMS_FAULT_CHG_UT]    = { FAULT_CELL_MIN_ddegC,    BMS_TALLY_TEMPERATURE, true,  false },
    [BMS_FAULT_DSG_OT]    = { FAULT_CELL_MAX_ddegC,    BMS_TALLY_TEMPERATURE, false, false },
    [BMS_FAULT_DSG_UT]    = { FAULT_CELL_MIN_ddegC,    BMS_TALLY_TEMPERATURE, true,  false },
    [BMS_FAULT_MOS_OT]    = { FAULT_MOS_MAX_ddegC,     BMS_TALLY_TEMPERATURE, false, false },
    [BMS_FAULT_AMB_OT]    = { FAULT_AMBIENT_MAX_ddegC, BMS_TALLY_TEMPERATURE, false, false },
    [BMS_FAULT_AMB_UT]    = { FAULT_AMBIENT_MIN_ddegC, BMS_TALLY_TEMPERATURE, true,  false },
    [BMS_FAULT_SENSOR]    = { FAULT_BAD_SENSORS,       BMS_TALLY_FAULT,       false, true },
    [BMS_FAULT_STALE]     = { FAULT_STALE_GROUPS,      BMS_TALLY_FAULT,       false, true },
    [BMS_FAULT_CELL_DIFF] = { FAULT_SPREAD_mV,         BMS_TALLY_FAULT,       false, false },
    [BMS_FAULT_STACK]     = { FAULT_STACK_ERROR_mV,    BMS_TALLY_FAULT,       false, true },
    [BMS_FAULT_FET]       = { FAULT_AGAINST_GATE_mA,   BMS_TALLY_FAULT,       false, true },
    [BMS_FAULT_OC_LOCK]   = { FAULT_LOCKING,           BMS_TALLY_LOCK,        false, false },
    [BMS_FAULT_AFE_RESET] = { FAULT_AFE_LOST,          BMS_TALLY_FAULT,       false, true },
    [BMS_FAULT_STORAGE]   = { FAULT_WRITE_ERRORS,      BMS_TALLY_FAULT,       false, false },
    [BMS_FAULT_WIRE]      = { FAULT_BAD_WIRES,         BMS_TALLY_FAULT,       false, true },
    [BMS_FAULT_WIRE_OHM]  = { FAULT_HIGH_WIRES,        BMS_TALLY_FAULT,       false, false },
    [BMS_FAULT_PASSWORD]  = { FAULT_DEFAULT_PASSWORD,  BMS_TALLY_FAULT,       false, false },
    [BMS_FAULT_CLOCK]     = { FAULT_CLOCK_LOST,        BMS_TALLY_FAULT,       false, false },
};
/* clang-format on */

static bool is_locked(const struct bms *b)
{
    return (b->engine.tripped & BIT(BMS_FAULT_OC_LOCK)) != 0;
}

void act_record(struct bms *b, enum bms_cause cause, uint8_t fault, uint64_t now_us)
{
    const struct measure *m = &b->measure;
    struct bms_record r = {
        .time_us = now_us,
        .clock_s = control_clock_s(b, now_us),
        .cause = (uint8_t)cause,
        .fault = fault,
        .stack_mV = m->stack_mV,
        .current_mA = m->current_mA,
        .soc_ppm = soc_ppm(&b->soc),
        .protections = b->engine.tripped,
        .alarms = b->engine.alarmed,
        .state = (uint8_t)(b->command.charge_fet | b->command.discharge_fet << 1 | b->command.charge_allowed << 2 |
                           b->command.discharge_allowed << 3),
        .wake = b->sample.wake,
    };

    if (m->cell.known) {
        r.min_index = (uint8_t)(m->cell.min_index + 1);
        r.max_index = (uint8_t)(m->cell.max_index + 1);
        r.min_mV = m->cell.min;
        r.max_mV = m->cell.max;
    }
    memcpy(r.temp_ddegC, m->temp_ddegC, sizeof r.temp_ddegC);
    b->command.record_clock_s = r.clock_s;
    record_add(&b->log, &r);
}

void act_counters(struct bms *b, uint64_t now_us)
{
    struct bms_counters c = {
        .charge_mAh = (uint32_t)(b->soc.charge_mAus / SOC_mAus_PER_mAh),
        .capacity_mAh = (uint32_t)b->soc.capacity_mAh,
        .cycles = b->soc.cycles,
        .discharged_mAh = (uint32_t)(b->soc.discharged_mAus / SOC_mAus_PER_mAh),
        .offset_mA = b->soc.offset_mA,
        .boots = b->boots,
        .runtime_s = b->control.runtime_s,
        .charges = b->control.charges,
        .clock_s = control_clock_s(b, now_us),
        .total_mAh = (uint32_t)(b->soc.taken_mAus / SOC_mAus_PER_mAh),
        .events = (uint8_t)b->lock.events,
        .ways = (uint8_t)b->lock.ways,
        .locked = is_locked(b),
        .off = power_is_off(b),
        .wrong = b->control.wrong,
    };

    memcpy(c.trips, b->trips, sizeof c.trips);
    record_counters(&b->log, &c);
    b->saved_ppm = soc_ppm(&b->soc);
}

/* ---- lock ---------------------------------------------------------------------------------------------------------
 */

static void count_event(struct bms *b, unsigned row, uint64_t now_us)
{
    struct bms_lock *lock = &b->lock;
    const uint64_t window_us = (uint64_t)b->params.value[BMS_PARAM_LOCK_WINDOW] * BMS_SECOND_us;
    const uint32_t limit = (uint32_t)b->params.value[BMS_PARAM_LOCK_COUNT];

    if (limit == 0 || is_locked(b)) { /* a lock stays as it came */
        return;
    }
    if (now_us - lock->event_us > window_us) {
        *lock = (struct bms_lock){ .events = 0 };
    }
    lock->events++;
    lock->event_us = now_us;
    lock->ways |= (uint32_t)bms_param_fault(&b->params, row, BMS_FIELD_BLOCKS) & BOTH;
    if (lock->events < limit) {
        return;
    }
    lock->wait_edge = (lock->ways & BMS_BLOCKS_CHARGE) != 0 || (b->sample.detect & (uint32_t)BMS_DETECT_CHARGER) != 0;
    sense_set(b, FAULT_LOCKING, lock->wait_edge);
    fault_engine_trip(&b->engine, BMS_FAULT_OC_LOCK, now_us);
}

/* The charger that ends a lock ends what led to it as well. */
static void unlock(struct bms *b)
{
    uint32_t ended = 0;

    for (uint32_t rows = b->engine.tripped, i = 0; rows != 0; i++, rows >>= 1) {
        if ((rows & 1U) != 0 && bms_param_fault(&b->params, i, BMS_FIELD_COUNTS) != 0) {
            ended |= BIT(i);
        }
    }
    fault_engine_release(&b->engine, ended);
    b->dirty |= ended; /* what is still there trips again */
    b->lock = (struct bms_lock){ .events = 0 };
}

/* ---- permissions and gates ----------------------------------------------------------------------------------------
 */

/* What rows block together, of those that have all the bits of `only`. */
static uint32_t ways_of(const struct bms *b, uint32_t rows, uint32_t only)
{
    uint32_t ways = 0;

    for (unsigned i = 0; rows != 0; i++, rows >>= 1) {
        const uint32_t blocks = (uint32_t)bms_param_fault(&b->params, i, BMS_FIELD_BLOCKS);

        if ((rows & 1U) != 0 && (blocks & only) == only) {
            ways |= blocks;
        }
    }
    return ways;
}

static uint32_t locked_ways(const struct bms *b)
{
    return is_locked(b) ? b->lock.ways : 0;
}

static uint32_t blocked_by(const struct bms *b, uint32_t tripped)
{
    const bool ready = b->started && b->params.value[BMS_PARAM_THEFT_LOCK] == 0;

    return (ready ? 0 : BOTH) | power_blocks(b) | control_blocks(b) | locked_ways(b) | ways_of(b, tripped, 0);
}

/* The limiter stands in for the charge FET after an over-current, unless something else forbids charging. */
static uint32_t blocked(struct bms *b)
{
    const uint32_t others = blocked_by(b, b->engine.tripped & ~BIT(BMS_FAULT_CHG_OC));
    const bool was_on = b->limiter.on;

    b->limiter.on = limiter_takes(b, others);
    if (was_on && !b->limiter.on) {
        sense_current(b);
    }
    b->command.limiter_mA = b->limiter.on ? (uint32_t)b->params.value[BMS_PARAM_LIMITER_CURRENT] : 0;
    return b->limiter.on ? others : blocked_by(b, b->engine.tripped);
}

/* What keeps its own FET open even when its body diode conducts. Where both directions are forbidden no diode is asked.
 */
static uint32_t kept_open(const struct bms *b)
{
    return locked_ways(b) | ways_of(b, b->engine.tripped, BMS_BLOCKS_DIODE);
}

/* Does a current against a forbidden direction ask for its FET, so that it need not flow through the body diode? */
static bool diode_conducts(const struct bms *b, int32_t current_mA, bool closed)
{
    const int32_t on_mA = b->params.value[BMS_PARAM_DIODE_ON];

    return current_mA >= (closed ? on_mA - b->params.value[BMS_PARAM_DIODE_HYSTERESIS] : on_mA);
}

static void report_mode(struct bms *b)
{
    const int32_t on_mA = b->params.value[BMS_PARAM_CURRENT_MODE], current_mA = b->measure.current_mA;
    uint8_t *mode = &b->command.mode;

    for (uint32_t rows = b->engine.tripped, i = 0; rows != 0; i++, rows >>= 1) {
        if ((rows & 1U) != 0 && bms_fault_kinds[i].failure) {
            *mode = BMS_MODE_FAULT;
            return;
        }
    }
    if (current_mA >= (*mode == BMS_MODE_CHARGE ? on_mA / 2 : on_mA)) {
        *mode = BMS_MODE_CHARGE;
    } else if (-current_mA >= (*mode == BMS_MODE_DISCHARGE ? on_mA / 2 : on_mA)) {
        *mode = BMS_MODE_DISCHARGE;
    } else {
        *mode = BMS_MODE_IDLE;
    }
}

void act_gates(struct bms *b)
{
    struct bms_command *c = &b->command;
    const uint32_t limited_mA = b->command.limiter_mA;
    const uint32_t ways = blocked(b), kept = kept_open(b);
    const bool charge = (ways & BMS_BLOCKS_CHARGE) == 0, discharge = (ways & BMS_BLOCKS_DISCHARGE) == 0;
    const int32_t current_mA = b->age[BMS_SCAN_CURRENT].stale ? 0 : b->measure.current_mA;
    const int32_t magnitude_mA = current_mA < 0 ? -current_mA : current_mA;
    const bool moved =
        charge != c->charge_allowed || discharge != c->discharge_allowed || limited_mA != b->command.limiter_mA;

    b->diode_charge =
        !charge && discharge && (kept & BMS_BLOCKS_CHARGE) == 0 && diode_conducts(b, -current_mA, b->diode_charge);
    b->diode_discharge =
        !discharge && charge && (kept & BMS_BLOCKS_DISCHARGE) == 0 && diode_conducts(b, current_mA, b->diode_discharge);
    c->charge_allowed = charge;
    c->discharge_allowed = discharge;
    c->charge_fet = charge || b->diode_charge;
    c->discharge_fet = discharge || b->diode_discharge;
    c->protections = b->engine.tripped;
    c->alarms = b->engine.alarmed;
    c->locked = is_locked(b);
    report_mode(b);
    if (moved) {
        limits_tick(b);
    }
    if (b->started) {
        const bool closed = current_mA > 0 ? c->charge_fet : c->discharge_fet;

        sense_set(b, FAULT_AGAINST_GATE_mA, closed ? 0 : magnitude_mA);
    }
    b->current_moved = false;
}

/* ---- transitions --------------------------------------------------------------------------------------------------
 */

static void on_trip(struct bms *b, unsigned row, uint64_t now_us)
{
    uint16_t *trips = &b->trips[bms_fault_kinds[row].tally];

    if (*trips < UINT16_MAX) {
        ++*trips;
    }
    if (bms_param_fault(&b->params, row, BMS_FIELD_COUNTS) != 0) {
        count_event(b, row, now_us);
    }
    if ((bms_param_fault(&b->params, row, BMS_FIELD_NEEDS) & BMS_NEEDS_OR_SOC) != 0) {
        b->overcharged_ppm = soc_ppm(&b->soc);
        b->input.met &= ~(uint32_t)BMS_NEEDS_OR_SOC;
    }
    if (row == BMS_FAULT_CELL_UV) {
        soc_empty(&b->soc, &b->params, &b->measure);
    }
}

/* Each fault that came or went since last time: counters, lock, record. True if any did. */
static bool follow(struct bms *b, uint64_t now_us)
{
    const uint32_t tripped = b->engine.tripped, alarmed = b->engine.alarmed;
    const uint32_t changed = tripped ^ b->seen_tripped, alarms_changed = alarmed ^ b->seen_alarmed;

    b->seen_tripped = tripped;
    b->seen_alarmed = alarmed;
    for (unsigned i = 0; i < BMS_FAULT_COUNT; i++) {
        const bool came = (tripped >> i & 1U) != 0, raised = (alarmed >> i & 1U) != 0;

        if ((changed >> i & 1U) != 0) {
            act_record(b, came ? BMS_CAUSE_TRIP : BMS_CAUSE_RELEASE, (uint8_t)i, now_us);
            if (came) {
                on_trip(b, i, now_us);
            } else if (i == BMS_FAULT_OC_LOCK) {
                unlock(b);
            }
        }
        if ((alarms_changed >> i & 1U) != 0) {
            act_record(b, raised ? BMS_CAUSE_ALARM : BMS_CAUSE_ALARM_END, (uint8_t)i, now_us);
        }
    }
    if (changed != 0) {
        act_counters(b, now_us);
    }
    return (changed | alarms_changed) != 0;
}

/* A lock that an event brings is followed before the engine looks at it, or one that ends at once would leave no trace.
 */
void act_settle(struct bms *b, uint64_t now_us)
{
    do {
        const uint32_t rows = b->dirty;
        bool changed = b->current_moved;

        b->dirty = 0;
        fault_engine_step(&b->engine, &b->input, rows, now_us);
        while (follow(b, now_us)) {
            changed = true;
        }
        if (changed) {
            act_gates(b);
        }
    } while (b->dirty != 0);
}

/* ---- reports ------------------------------------------------------------------------------------------------------
 */

void act_tick(struct bms *b, uint64_t now_us)
{
    struct bms_command *c = &b->command;
    const uint32_t ppm = soc_ppm(&b->soc);
    const uint32_t moved_ppm = ppm > b->saved_ppm ? ppm - b->saved_ppm : b->saved_ppm - ppm;

    c->soc_ppm = b->soc.shown_ppm;
    c->capacity_mAh = (uint32_t)b->soc.capacity_mAh;
    c->soh_ppm = (uint32_t)(b->soc.capacity_mAh * INT64_C(1000000) / b->params.value[BMS_PARAM_PACK_NOMINAL]);
    c->remaining_mAh = (uint32_t)(b->soc.charge_mAus / SOC_mAus_PER_mAh);
    c->cycles = b->params.value[BMS_PARAM_CYCLES_BY_CHARGES] != 0 ? b->control.charges : b->soc.cycles;
    c->charges = b->control.charges;
    c->discharged_Ah = (uint32_t)(b->soc.taken_mAus / (1000 * SOC_mAus_PER_mAh));
    c->runtime_min = b->control.runtime_s / 60;
    memcpy(c->trips, b->trips, sizeof b->trips);
    c->full = b->soc.full;
    limits_tick(b);
    if (b->started && moved_ppm >= SAVE_ppm) {
        act_counters(b, now_us);
    }
}
