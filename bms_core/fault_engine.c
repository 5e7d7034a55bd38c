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
    return since_us + delay_ms * UINT64_C(1000); /* 2^64 us are 584 000 years */
}

static bool has(uint32_t set, unsigned i)
{
    return (set >> i & 1U) != 0;
}

/* Is the wait of a tripped row over, if its rule has one? */
static bool has_waited(const struct fault_engine *e, unsigned i, uint64_t now_us)
{
    return (e->rule[i].needs & BMS_NEEDS_OR_WAIT) != 0 && now_us - e->run[i].tripped_us >= e->wait_us;
}

static bool may_release(const struct fault_engine *e, const struct fault_input *in, unsigned i, uint64_t now_us)
{
    const struct fault_rule *r = &e->rule[i];
    const int32_t value = in->value[r->signal];

    if ((r->needs & ~in->met & NEEDS_CONDITIONS) == 0 && inside(r, value, r->release)) {
        return true;
    }
    return ((r->needs & in->met & BMS_NEEDS_OR_SOC) != 0 || has_waited(e, i, now_us)) && !beyond(r, value, r->trip);
}

/* Is the input on the way to the other state? An unknown value lets a trip run go on and breaks a release run. */
static bool wants_change(const struct fault_engine *e, const struct fault_input *in, unsigned i, uint64_t now_us)
{
    const struct fault_rule *r = &e->rule[i];
    const bool known = has(in->valid, r->signal);

    if (has(e->tripped, i)) {
        return known && may_release(e, in, i, now_us);
    }
    if ((r->enable & BMS_ENABLE_TRIP) == 0) {
        return false;
    }
    return known ? beyond(r, in->value[r->signal], r->trip) : has(e->running, i);
}

static bool wants_alarm_change(const struct fault_engine *e, const struct fault_input *in, unsigned i)
{
    const struct fault_rule *r = &e->rule[i];
    const bool known = has(in->valid, r->signal);

    if (has(e->alarmed, i)) {
        return known && inside(r, in->value[r->signal], r->alarm_release);
    }
    if ((r->enable & BMS_ENABLE_ALARM) == 0) {
        return false;
    }
    return known ? beyond(r, in->value[r->signal], r->alarm) : has(e->alarm_running, i);
}

static uint64_t run_end(const struct fault_engine *e, unsigned i)
{
    return after(e->run[i].since_us, has(e->tripped, i) ? e->rule[i].release_delay_ms : e->rule[i].trip_delay_ms);
}

static uint64_t alarm_end(const struct fault_engine *e, unsigned i)
{
    return after(e->run[i].alarm_since_us, e->rule[i].alarm_delay_ms);
}

/* The other state; the run towards it is over. */
static void flip(uint32_t *state, uint32_t *running, unsigned i)
{
    *state ^= UINT32_C(1) << i;
    *running &= ~(UINT32_C(1) << i);
}

static void toggle(struct fault_engine *e, unsigned i, uint64_t now_us)
{
    flip(&e->tripped, &e->running, i);
    e->run[i].tripped_us = now_us;
}

/* A run begins, goes on or breaks off; true while it is under way. */
static bool runs(uint32_t *running, unsigned i, bool wanted, uint64_t *since_us, uint64_t from_us)
{
    if (!wanted) {
        *running &= ~(UINT32_C(1) << i);
    } else if (!has(*running, i)) {
        *running |= UINT32_C(1) << i;
        *since_us = from_us;
    }
    return wanted;
}

static void step_protection(struct fault_engine *e, const struct fault_input *in, unsigned i, uint64_t now_us)
{
    struct fault_run *run = &e->run[i];
    const bool from_trip = has(e->tripped, i) && (e->rule[i].needs & BMS_NEEDS_TIME) != 0;
    const bool wanted = wants_change(e, in, i, now_us);

    if (runs(&e->running, i, wanted, &run->since_us, from_trip ? run->tripped_us : now_us) && now_us >= run_end(e, i)) {
        toggle(e, i, now_us);
    }
}

static void step_alarm(struct fault_engine *e, const struct fault_input *in, unsigned i, uint64_t now_us)
{
    const bool wanted = wants_alarm_change(e, in, i);

    if (runs(&e->alarm_running, i, wanted, &e->run[i].alarm_since_us, now_us) && now_us >= alarm_end(e, i)) {
        flip(&e->alarmed, &e->alarm_running, i);
    }
}

static void due_at(struct fault_engine *e, uint64_t at_us)
{
    e->due_us = at_us < e->due_us ? at_us : e->due_us;
}

/* A wait that is over is no deadline: its row is looked at when its value changes. (A row that does not wait is looked
 * at once too often.) */
static void find_wait(struct fault_engine *e, unsigned i, uint64_t now_us)
{
    const uint64_t end_us = e->run[i].tripped_us + e->wait_us;

    if (end_us > now_us) {
        due_at(e, end_us);
    }
}

static void find_due(struct fault_engine *e, uint64_t now_us)
{
    e->due_us = FAULT_NEVER_us;
    for (uint32_t rows = e->running | e->alarm_running | e->tripped, i = 0; rows != 0; i++, rows >>= 1) {
        if (has(e->running, i)) {
            due_at(e, run_end(e, i));
        }
        if (has(e->alarm_running, i)) {
            due_at(e, alarm_end(e, i));
        }
        find_wait(e, i, now_us);
    }
}

void fault_engine_init(struct fault_engine *e, const struct fault_rule rules[BMS_FAULT_COUNT])
{
    memset(e, 0, sizeof *e);
    memcpy(e->rule, rules, sizeof e->rule);
    e->due_us = FAULT_NEVER_us;
}

void fault_engine_step(struct fault_engine *e, const struct fault_input *in, uint32_t rows, uint64_t now_us)
{
    rows |= e->running | e->alarm_running | e->tripped;
    for (unsigned i = 0; rows != 0; i++, rows >>= 1) {
        if ((rows & 1U) != 0) {
            step_protection(e, in, i, now_us);
            step_alarm(e, in, i, now_us);
        }
    }
    find_due(e, now_us);
}

void fault_engine_prime(struct fault_engine *e, const struct fault_input *in, uint64_t now_us)
{
    for (unsigned i = 0; i < BMS_FAULT_COUNT; i++) {
        if (!has(e->tripped, i) && wants_change(e, in, i, now_us)) {
            toggle(e, i, now_us);
        }
        if (!has(e->alarmed, i) && wants_alarm_change(e, in, i)) {
            flip(&e->alarmed, &e->alarm_running, i);
        }
    }
}

void fault_engine_trip(struct fault_engine *e, enum bms_fault row, uint64_t now_us)
{
    if (!has(e->tripped, row) && (e->rule[row].enable & BMS_ENABLE_TRIP) != 0) {
        toggle(e, row, now_us);
    }
}

void fault_engine_release(struct fault_engine *e, uint32_t rows)
{
    e->tripped &= ~rows; /* a run towards it ends in the next step: the value is inside */
}
