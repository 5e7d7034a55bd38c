#include "bms_core/fault_engine.h"

#include <string.h>

_Static_assert(BMS_FAULT_COUNT <= 32, "faults are bits of 32-bit sets");
_Static_assert(FAULT_SIGNAL_COUNT <= 32, "signals are bits of a 32-bit set");

#define NEEDS_CONDITIONS (BMS_NEEDS_CHARGE | BMS_NEEDS_CHARGER | BMS_NEEDS_KEY)

static bool beyond(const struct fault_rule *r, int32_t value, int32_t level)
{
    return r->below ? value <= level : value >= level;
}

static bool inside(const struct fault_rule *r, int32_t value, int32_t level)
{
    return r->below ? value >= level : value <= level;
}

static uint64_t after(uint64_t since_us, uint32_t delay_ms)
{
    const uint64_t end_us = since_us + delay_ms * UINT64_C(1000);

    return end_us < since_us ? FAULT_NEVER_us - 1 : end_us;
}

/* Is the wait of a tripped row over, if its rule has one? */
static bool has_waited(const struct fault_engine *e, unsigned i)
{
    return (e->rule[i].needs & BMS_NEEDS_OR_WAIT) != 0 && e->now_us - e->run[i].tripped_us >= e->wait_us;
}

static bool may_release(const struct fault_engine *e, const struct fault_input *in, unsigned i)
{
    const struct fault_rule *r = &e->rule[i];
    const int32_t value = in->value[r->signal];

    if ((r->needs & ~in->met & NEEDS_CONDITIONS) == 0 && inside(r, value, r->release)) {
        return true;
    }
    return ((r->needs & in->met & BMS_NEEDS_OR_SOC) != 0 || has_waited(e, i)) && !beyond(r, value, r->trip);
}

/* Is the input on the way to the other state? An unknown value lets a trip run go on and breaks a release run. */
static bool wants_change(const struct fault_engine *e, const struct fault_input *in, unsigned i)
{
    const struct fault_rule *r = &e->rule[i];
    const bool known = (in->valid >> r->signal & 1U) != 0;

    if ((e->tripped >> i & 1U) != 0) {
        return known && may_release(e, in, i);
    }
    if ((r->enable & BMS_ENABLE_TRIP) == 0) {
        return false;
    }
    return known ? beyond(r, in->value[r->signal], r->trip) : (e->running >> i & 1U) != 0;
}

static bool wants_alarm_change(const struct fault_engine *e, const struct fault_input *in, unsigned i)
{
    const struct fault_rule *r = &e->rule[i];
    const bool known = (in->valid >> r->signal & 1U) != 0;

    if ((e->alarmed >> i & 1U) != 0) {
        return known && inside(r, in->value[r->signal], r->alarm_release);
    }
    if ((r->enable & BMS_ENABLE_ALARM) == 0) {
        return false;
    }
    return known ? beyond(r, in->value[r->signal], r->alarm) : (e->alarm_running >> i & 1U) != 0;
}

static uint64_t run_end(const struct fault_engine *e, unsigned i)
{
    const bool tripped = (e->tripped >> i & 1U) != 0;

    return after(e->run[i].since_us, tripped ? e->rule[i].release_delay_ms : e->rule[i].trip_delay_ms);
}

static uint64_t alarm_end(const struct fault_engine *e, unsigned i)
{
    return after(e->run[i].alarm_since_us, e->rule[i].alarm_delay_ms);
}

static void toggle(struct fault_engine *e, unsigned i, uint64_t now_us)
{
    e->tripped ^= UINT32_C(1) << i;
    e->running &= ~(UINT32_C(1) << i);
    e->run[i].tripped_us = now_us;
}

static void step_protection(struct fault_engine *e, const struct fault_input *in, unsigned i, uint64_t now_us)
{
    const uint32_t bit = UINT32_C(1) << i;

    if (!wants_change(e, in, i)) {
        e->running &= ~bit;
        return;
    }
    if ((e->running & bit) == 0) {
        const bool from_trip = (e->tripped & bit) != 0 && (e->rule[i].needs & BMS_NEEDS_TIME) != 0;

        e->running |= bit;
        e->run[i].since_us = from_trip ? e->run[i].tripped_us : now_us;
    }
    if (now_us >= run_end(e, i)) {
        toggle(e, i, now_us);
    }
}

static void step_alarm(struct fault_engine *e, const struct fault_input *in, unsigned i, uint64_t now_us)
{
    const uint32_t bit = UINT32_C(1) << i;

    if (!wants_alarm_change(e, in, i)) {
        e->alarm_running &= ~bit;
        return;
    }
    if ((e->alarm_running & bit) == 0) {
        e->alarm_running |= bit;
        e->run[i].alarm_since_us = now_us;
    }
    if (now_us >= alarm_end(e, i)) {
        e->alarmed ^= bit;
        e->alarm_running &= ~bit;
    }
}

/* A wait that is over is no deadline: its row is looked at when its value changes. */
static void find_wait(struct fault_engine *e)
{
    uint32_t rows = e->tripped & ~e->running;

    for (unsigned i = 0; rows != 0; i++, rows >>= 1) {
        const uint64_t end_us = e->run[i].tripped_us + e->wait_us;

        if ((rows & 1U) != 0 && (e->rule[i].needs & BMS_NEEDS_OR_WAIT) != 0 && end_us > e->now_us &&
            end_us < e->due_us) {
            e->due_us = end_us;
        }
    }
}

static void find_due(struct fault_engine *e)
{
    uint32_t rows = e->running | e->alarm_running;

    e->due_us = FAULT_NEVER_us;
    for (unsigned i = 0; rows != 0; i++, rows >>= 1) {
        if ((e->running >> i & 1U) != 0 && run_end(e, i) < e->due_us) {
            e->due_us = run_end(e, i);
        }
        if ((e->alarm_running >> i & 1U) != 0 && alarm_end(e, i) < e->due_us) {
            e->due_us = alarm_end(e, i);
        }
    }
    find_wait(e);
}

void fault_engine_init(struct fault_engine *e, const struct fault_rule rules[BMS_FAULT_COUNT])
{
    memset(e, 0, sizeof *e);
    memcpy(e->rule, rules, sizeof e->rule);
    e->due_us = FAULT_NEVER_us;
}

void fault_engine_step(struct fault_engine *e, const struct fault_input *in, uint32_t rows, uint64_t now_us)
{
    if (now_us >= e->due_us) {
        rows |= e->running | e->alarm_running | e->tripped;
    }
    if (rows == 0) {
        return;
    }
    e->now_us = now_us;
    const uint32_t were_running = e->running | e->alarm_running;

    for (unsigned i = 0; rows != 0; i++, rows >>= 1) {
        if ((rows & 1U) != 0) {
            step_protection(e, in, i, now_us);
            step_alarm(e, in, i, now_us);
        }
    }
    if ((were_running | e->running | e->alarm_running | e->tripped) != 0) {
        find_due(e);
    }
}

void fault_engine_prime(struct fault_engine *e, const struct fault_input *in, uint64_t now_us)
{
    e->now_us = now_us;
    for (unsigned i = 0; i < BMS_FAULT_COUNT; i++) {
        const uint32_t bit = UINT32_C(1) << i;

        if ((e->tripped & bit) == 0 && wants_change(e, in, i)) {
            toggle(e, i, now_us);
        }
        if ((e->alarmed & bit) == 0 && wants_alarm_change(e, in, i)) {
            e->alarmed |= bit;
            e->alarm_running &= ~bit;
        }
    }
    find_due(e);
}

void fault_engine_trip(struct fault_engine *e, enum bms_fault row, uint64_t now_us)
{
    const uint32_t bit = UINT32_C(1) << row;

    e->now_us = now_us;
    if ((e->tripped & bit) == 0 && (e->rule[row].enable & BMS_ENABLE_TRIP) != 0) {
        toggle(e, row, now_us);
        find_due(e);
    }
}

void fault_engine_release(struct fault_engine *e, uint32_t rows)
{
    e->tripped &= ~rows;
    e->running &= ~rows;
    find_due(e);
}
