#include "bms_core/power.h"

#include "bms_core/bms_inner.h"

#define NEVER_us UINT64_MAX
#define BOTH ((uint32_t)(BMS_BLOCKS_CHARGE | BMS_BLOCKS_DISCHARGE))
#define GLITCH_us UINT64_C(50000) /* beyond the debounce: a key that woke but is not held by then was none */

static const enum bms_param first_row[POWER_KEYS] = { BMS_PARAM_KEY_POWER_WAKE, BMS_PARAM_KEY_RESET_WAKE };
static const uint32_t key_bit[POWER_KEYS] = { BMS_KEY_POWER, BMS_KEY_RESET };

static bool is_latching(const struct bms *b)
{
    return b->params.value[BMS_PARAM_KEY_LATCHING] != 0;
}

static struct key_times times_of(const struct bms *b, unsigned k)
{
    return key_times(&b->params, first_row[k], k == POWER_KEY_POWER && is_latching(b));
}

bool power_is_resting(const struct bms *b)
{
    return b->power.mode >= BMS_POWER_SLEEP;
}

uint32_t power_blocks(const struct bms *b)
{
    return b->power.waking || b->power.closing != BMS_POWER_RUN ? BOTH : 0;
}

bool power_is_off(const struct bms *b)
{
    return b->power.closing == BMS_POWER_OFF || b->power.was_off;
}

bool power_all_leds(const struct bms *b)
{
    return key_is_armed(&b->power.key[POWER_KEY_POWER]) || key_is_armed(&b->power.key[POWER_KEY_RESET]);
}

/* ---- timers -------------------------------------------------------------------------------------------------------
 */

static uint64_t length_us(const struct bms *b, unsigned timer)
{
    static const enum bms_param row[POWER_TIMERS] = {
        [POWER_TIMER_IDLE] = BMS_PARAM_POWER_STANDBY,
        [POWER_TIMER_UV] = BMS_PARAM_POWER_UV_TIME,
        [POWER_TIMER_OFF] = BMS_PARAM_POWER_OFF_TIME,
        [POWER_TIMER_OFF_LOW] = BMS_PARAM_POWER_OFF_LOW_TIME,
    };
    const int32_t *p = b->params.value;
    int32_t time_s = p[row[timer]];

    if (timer == POWER_TIMER_IDLE) { /* standby first, then sleep */
        const bool deeper = b->power.mode == BMS_POWER_STANDBY || time_s == 0;

        time_s = deeper ? p[BMS_PARAM_POWER_SLEEP] : time_s;
    }
    return time_s != 0 || timer == POWER_TIMER_OFF ? (uint64_t)time_s * BMS_SECOND_us : NEVER_us;
}

/* Of a current that is not known both gates are open: it counts as none, so that a front end that never speaks, or an
 * alert that never ends, does not keep the pack awake until it is empty. */
static int32_t current_of(const struct bms *b)
{
    return b->any_stale ? 0 : b->measure.current_mA;
}

static bool is_charged(const struct bms *b)
{
    return (b->sample.detect & (uint32_t)BMS_DETECT_CHARGER) != 0 ||
           current_of(b) >= b->params.value[BMS_PARAM_CURRENT_CHARGING];
}

/* A latching switch is held for good and tells nothing. */
static bool key_is_held(const struct bms *b)
{
    const uint32_t switches = is_latching(b) ? (uint32_t)BMS_KEY_POWER : 0;

    return (b->sample.keys & ~switches) != 0;
}

static bool holds(const struct bms *b, unsigned timer)
{
    const int32_t *p = b->params.value;
    const struct measure *m = &b->measure;
    const int32_t current_mA = current_of(b);
    const uint32_t uv = UINT32_C(1) << BMS_FAULT_CELL_UV | UINT32_C(1) << BMS_FAULT_PACK_UV;
    const bool cells = m->cell.known && !b->any_stale && !is_charged(b);

    switch (timer) {
    case POWER_TIMER_IDLE:
        return current_mA < p[BMS_PARAM_POWER_VALID] && -current_mA < p[BMS_PARAM_POWER_VALID] && !is_charged(b) &&
               !key_is_held(b) && !b->control.updating;
    case POWER_TIMER_UV:
        return (b->engine.tripped & uv) != 0 && !is_charged(b);
    case POWER_TIMER_OFF:
        return cells && (p[BMS_PARAM_POWER_OFF_BY] != 0 ? m->cell.max : m->cell.min) <= p[BMS_PARAM_POWER_OFF];
    default:
        return cells && m->cell.min <= p[BMS_PARAM_POWER_OFF];
    }
}

static void run_timers(struct bms *b, uint64_t now_us)
{
    struct power *w = &b->power;

    for (unsigned i = 0; i < POWER_TIMERS; i++) {
        const uint32_t bit = UINT32_C(1) << i;
        const bool on = holds(b, i);

        if (on && (w->running & bit) == 0) {
            w->since_us[i] = now_us;
            w->running |= bit;
        } else if (!on) {
            w->running &= ~bit;
        }
    }
}

static uint64_t timer_due(const struct bms *b, unsigned timer)
{
    const uint64_t time_us = length_us(b, timer);

    if ((b->power.running >> timer & 1U) == 0 || time_us == NEVER_us) {
        return NEVER_us;
    }
    return b->power.since_us[timer] + time_us;
}

/* ---- changes of mode ----------------------------------------------------------------------------------------------
 */

static void begin_closing(struct bms *b, enum bms_power mode, uint64_t now_us)
{
    struct power *w = &b->power;

    w->closing = (uint8_t)mode;
    w->closing_us = now_us;
    w->waking = false;
    b->current_moved = true;
}

static void close_down(struct bms *b, enum bms_power mode, enum bms_cause cause, uint64_t now_us)
{
    if (b->power.closing != BMS_POWER_RUN) {
        return;
    }
    begin_closing(b, mode, now_us);
    control_end_update(b, now_us);
    act_record(b, cause, (uint8_t)mode, now_us);
    act_counters(b, now_us);
}

/* Has a key been pressed since the decision to rest, or so shortly before that it was no press yet? */
static bool is_fresh(const struct bms *b, unsigned k)
{
    const struct key *key = &b->power.key[k];

    return key->pressed_us + times_of(b, k).debounce_us > b->power.closing_us;
}

/* A press between the decision and the rest would be an edge that the front end never sees: it counts as one that
 * wakes. True while there is one; *settled: it is no bounce. */
static bool is_pressed_anew(const struct bms *b, bool *settled)
{
    const struct power *w = &b->power;
    bool anew = false;

    for (unsigned k = 0; k < POWER_KEYS && w->closing != BMS_POWER_RESTART; k++) {
        const struct key *key = &w->key[k];

        *settled = *settled || (key->raw && is_fresh(b, k));
        anew = anew || (key->raw && (is_fresh(b, k) || !key->down));
    }
    return anew;
}

static bool stays_awake(struct bms *b)
{
    struct power *w = &b->power;
    bool settled = false;
    const bool anew = is_pressed_anew(b, &settled);

    if (settled) {
        for (unsigned k = 0; k < POWER_KEYS; k++) {
            w->key[k].used = !is_fresh(b, k);
        }
        w->resumed = w->closing == BMS_POWER_SLEEP;
        w->closing = BMS_POWER_RUN;
        w->waking = true;
        w->running = 0; /* what led to rest begins anew, as after a rest */
    }
    return anew;
}

static void finish_closing(struct bms *b, uint64_t now_us)
{
    struct power *w = &b->power;

    if (w->closing == BMS_POWER_RUN || stays_awake(b)) {
        return;
    }
    if (record_is_busy(&b->log) && now_us - w->closing_us < POWER_CLOSING_us) {
        return;
    }
    w->mode = w->closing;
    b->command.power = w->mode;
    b->command.balance = 0;
    b->command.balance_from = b->command.balance_to = 0;
    b->command.balance_mA = 0;
    b->command.heater = 0;
    soc_current(&b->soc, &b->params, b->soc.offset_mA, now_us); /* none flows until it wakes */
}

void power_restart(struct bms *b, enum bms_cause cause, uint64_t now_us)
{
    close_down(b, BMS_POWER_RESTART, cause, now_us);
}

static void set_standby(struct bms *b, bool on)
{
    b->power.mode = on ? BMS_POWER_STANDBY : BMS_POWER_RUN;
    b->command.power = b->power.mode;
}

static void end_timers(struct bms *b, uint64_t now_us)
{
    const enum bms_power uv_mode = (enum bms_power)b->params.value[BMS_PARAM_POWER_UV_MODE];

    if (timer_due(b, POWER_TIMER_IDLE) <= now_us) {
        if (b->power.mode == BMS_POWER_RUN && b->params.value[BMS_PARAM_POWER_STANDBY] != 0) {
            set_standby(b, true);
        } else {
            close_down(b, BMS_POWER_SLEEP, BMS_CAUSE_IDLE, now_us);
        }
    }
    if (timer_due(b, POWER_TIMER_UV) <= now_us) {
        close_down(b, uv_mode, BMS_CAUSE_LOW, now_us);
    }
    if (timer_due(b, POWER_TIMER_OFF) <= now_us || timer_due(b, POWER_TIMER_OFF_LOW) <= now_us) {
        close_down(b, BMS_POWER_OFF, BMS_CAUSE_LOW, now_us);
    }
}

/* ---- keys ---------------------------------------------------------------------------------------------------------
 */

static void follow_key(struct bms *b, unsigned k, uint64_t now_us)
{
    const struct key_times t = times_of(b, k);
    const enum bms_power mode = key_take(&b->power.key[k], &t, now_us);

    if (mode != BMS_POWER_RUN) {
        close_down(b, mode, BMS_CAUSE_KEY, now_us);
    }
}

static uint64_t longer(uint64_t a_us, uint64_t b_us)
{
    return a_us > b_us ? a_us : b_us;
}

static uint64_t sooner(uint64_t a_us, uint64_t b_us)
{
    return a_us < b_us ? a_us : b_us;
}

/* Instant at which the wake-up is decided: held long enough, or not held at all (NEVER: let go, but that may be a
 * bounce). A latching switch that is open has no supply to give, and one that was closed all through a sleep wakes
 * nobody. A press that has not settled yet does not count here: it is one made anew on the way back to rest. */
static uint64_t decision_us(const struct bms *b, bool *stays)
{
    const struct power *w = &b->power;
    const struct key *power = &w->key[POWER_KEY_POWER];
    const uint64_t debounce_us = times_of(b, POWER_KEY_POWER).debounce_us; /* is that of all */
    const bool open = is_latching(b) && !power->down;
    uint64_t due_us = NEVER_us;
    bool held = false;

    for (unsigned k = 0; k < POWER_KEYS && !open; k++) {
        const struct key *key = &w->key[k];
        const uint64_t enough_us = key->pressed_us + longer(times_of(b, k).wake_us, debounce_us);

        if (key->used || !key->down) {
            continue;
        }
        held = true;
        if (key->raw) {
            due_us = sooner(due_us, enough_us);
        }
    }
    *stays = held;
    return held ? due_us : w->woken_us + debounce_us + GLITCH_us;
}

void power_note(struct bms *b, uint64_t now_us)
{
    if (b->started && !b->power.waking) {
        act_record(b, b->power.resumed ? BMS_CAUSE_WAKE : BMS_CAUSE_BOOT, 0, now_us);
        act_counters(b, now_us);
    }
}

/* A key that woke the firmware must be held on; a latching switch that is open has no supply to give. */
static void confirm(struct bms *b, uint64_t now_us)
{
    struct power *w = &b->power;
    bool stays = false;

    if (!w->waking || decision_us(b, &stays) > now_us) {
        return;
    }
    if (!stays) { /* the wake-up has left no record, and leaves none */
        begin_closing(b, w->resumed ? BMS_POWER_SLEEP : BMS_POWER_OFF, now_us);
        return;
    }
    for (unsigned k = 0; k < POWER_KEYS; k++) {
        w->key[k].used = true;
    }
    w->waking = w->was_off = false;
    b->current_moved = true;
    power_note(b, now_us);
}

/* ---- steps --------------------------------------------------------------------------------------------------------
 */

/* It was off, and only the supply came back: nobody wants it to run. (A latching switch that is closed is a press, and
 * keeps it on.) */
static bool stays_off(const struct bms *b, uint8_t wake)
{
    return b->power.was_off && (wake == BMS_WAKE_POWER_ON || wake == BMS_WAKE_BROWN_OUT);
}

/* The first sample since boot or wake-up: what holds now. */
static void begin(struct bms *b, const struct bms_sample *s, uint64_t now_us)
{
    struct power *w = &b->power;
    const bool by_key = s->wake == BMS_WAKE_KEY;
    const bool open = is_latching(b) && (s->keys & (uint32_t)BMS_KEY_POWER) == 0;

    w->begun = true;
    w->wakes = s->wakes;
    w->woken_us = now_us;
    w->waking = by_key || open;
    for (unsigned k = 0; k < POWER_KEYS; k++) {
        const bool latching = k == POWER_KEY_POWER && is_latching(b);

        key_begin(&w->key[k], (s->keys & key_bit[k]) != 0, latching ? !w->resumed : by_key, now_us);
    }
    if (stays_off(b, s->wake)) {
        begin_closing(b, BMS_POWER_OFF, now_us);
    } else {
        w->was_off = w->was_off && w->waking;
    }
}

void power_sample(struct bms *b, const struct bms_sample *s, uint64_t now_us)
{
    if (!b->power.begun) {
        begin(b, s, now_us);
    }
    for (unsigned k = 0; k < POWER_KEYS; k++) {
        key_see(&b->power.key[k], (s->keys & key_bit[k]) != 0, now_us);
    }
}

bool power_resume(struct bms *b, const struct bms_sample *s, uint64_t now_us)
{
    struct power *w = &b->power;

    if (s == NULL || s->wakes == w->wakes) {
        return false;
    }
    *w = (struct power){ .mode = BMS_POWER_RUN, .resumed = true, .due_us = NEVER_us };
    b->command.power = BMS_POWER_RUN;
    b->now_us = now_us;
    b->tick_us = now_us + BMS_SECOND_us;
    b->control.counted_us = now_us;                  /* asleep it did not run */
    b->engine.running = b->engine.alarm_running = 0; /* what was beyond its level then may not be now */
    b->started = false;
    sense_forget(b, now_us);
    return true;
}

static void find_due(struct bms *b)
{
    struct power *w = &b->power;
    uint64_t due_us = NEVER_us;
    bool stays = false;

    if (w->closing == BMS_POWER_RUN) {
        for (unsigned i = 0; i < POWER_TIMERS; i++) {
            due_us = sooner(due_us, timer_due(b, i));
        }
    } else if (!is_pressed_anew(b, &stays)) {
        due_us = w->closing_us + POWER_CLOSING_us;
    }
    for (unsigned k = 0; k < POWER_KEYS; k++) {
        const struct key_times t = times_of(b, k);

        due_us = sooner(due_us, key_due(&w->key[k], &t));
    }
    if (w->waking) {
        due_us = sooner(due_us, decision_us(b, &stays));
    }
    w->due_us = due_us;
}

void power_follow(struct bms *b, uint64_t now_us)
{
    struct power *w = &b->power;

    if (!w->begun || power_is_resting(b)) {
        return;
    }
    for (unsigned k = 0; k < POWER_KEYS; k++) {
        follow_key(b, k, now_us);
    }
    confirm(b, now_us);
    run_timers(b, now_us);
    if (w->closing == BMS_POWER_RUN) {
        end_timers(b, now_us);
    }
    if ((w->running >> POWER_TIMER_IDLE & 1U) == 0) {
        set_standby(b, false);
    }
    finish_closing(b, now_us);
    find_due(b);
}
