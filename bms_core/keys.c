#include "bms_core/keys.h"

#define MS_us UINT64_C(1000)
#define NEVER_us UINT64_MAX

struct key_times key_times(const struct bms_params *p, enum bms_param first, bool latching)
{
    const int32_t *row = &p->value[first];
    struct key_times t = { .debounce_us = (uint64_t)p->value[BMS_PARAM_KEY_DEBOUNCE] * MS_us,
                           .wake_us = (uint64_t)row[0] * MS_us,
                           .latching = latching };

    if (!latching) { /* a switch is held for good: how long tells nothing */
        t.rest_us = (uint64_t)row[1] * MS_us;
        t.rest_mode = (uint8_t)row[2];
        t.rest_held = row[3] != 0;
        t.arm_us = (uint64_t)row[4] * MS_us;
        t.reset_us = (uint64_t)row[5] * MS_us;
    }
    return t;
}

void key_begin(struct key *k, bool set, bool woken_by_it, uint64_t now_us)
{
    *k = (struct key){ .raw = set, .raw_us = now_us, .pressed_us = now_us, .down = set, .used = !woken_by_it };
}

void key_see(struct key *k, bool set, uint64_t now_us)
{
    if (set != k->raw) {
        k->raw = set;
        k->raw_us = now_us;
    }
}

/* When the press has lasted for one of its times; a time of 0 is none. */
static uint64_t lasted(const struct key *k, uint64_t time_us)
{
    return time_us == 0 ? NEVER_us : k->pressed_us + time_us;
}

static enum bms_power released(const struct key *k, const struct key_times *t)
{
    if (t->latching) {
        return BMS_POWER_OFF;
    }
    if (k->used) {
        return BMS_POWER_RUN;
    }
    if (k->raw_us >= lasted(k, t->arm_us)) {
        return BMS_POWER_RESTART;
    }
    return k->raw_us >= lasted(k, t->rest_us) ? (enum bms_power)t->rest_mode : BMS_POWER_RUN;
}

static enum bms_power held(struct key *k, const struct key_times *t, uint64_t now_us)
{
    enum bms_power mode = BMS_POWER_RUN;

    if (k->used) {
        return mode;
    }
    k->armed = now_us >= lasted(k, t->arm_us);
    if (now_us >= lasted(k, t->reset_us)) {
        mode = BMS_POWER_RESTART;
    } else if (t->rest_held && now_us >= lasted(k, t->rest_us)) {
        mode = (enum bms_power)t->rest_mode;
    }
    k->used = mode != BMS_POWER_RUN;
    return mode;
}

enum bms_power key_take(struct key *k, const struct key_times *t, uint64_t now_us)
{
    if (k->raw != k->down) {
        if (now_us - k->raw_us < t->debounce_us) {
            return BMS_POWER_RUN;
        }
        k->down = k->raw;
        if (!k->down) {
            return released(k, t);
        }
        k->pressed_us = k->raw_us;
        k->used = k->armed = false;
    }
    return k->down ? held(k, t, now_us) : BMS_POWER_RUN;
}

static uint64_t sooner(uint64_t a_us, uint64_t b_us)
{
    return a_us < b_us ? a_us : b_us;
}

uint64_t key_due(const struct key *k, const struct key_times *t)
{
    if (k->raw != k->down) {
        return k->raw_us + t->debounce_us;
    }
    if (!k->down || k->used) {
        return NEVER_us;
    }
    const uint64_t acts_us = sooner(lasted(k, t->reset_us), t->rest_held ? lasted(k, t->rest_us) : NEVER_us);

    return k->armed ? acts_us : sooner(acts_us, lasted(k, t->arm_us));
}

bool key_is_armed(const struct key *k)
{
    return k->down && k->armed;
}
