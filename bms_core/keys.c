#include "bms_core/keys.h"

#define MS_us UINT64_C(1000)
#define NEVER_us UINT64_MAX

struct key_times key_times(const struct bms_params *p, enum bms_param first, bool latching)
{
    const int32_t *row = &p->value[first];

    return (struct key_times){ .debounce_us = (uint64_t)p->value[BMS_PARAM_KEY_DEBOUNCE] * MS_us,
                               .wake_us = (uint64_t)row[0] * MS_us,
                               .rest_us = (uint64_t)row[1] * MS_us,
                               .rest_held = row[3] != 0,
                               .arm_us = (uint64_t)row[4] * MS_us,
                               .reset_us = (uint64_t)row[5] * MS_us,
                               .latching = latching };
}

void key_begin(struct key *k, bool set, bool woken_by_it, uint64_t now_us)
{
    *k = (struct key){ .raw = set, .raw_us = now_us, .pressed_us = now_us, .down = set, .used = set && !woken_by_it };
}

void key_see(struct key *k, bool set, uint64_t now_us)
{
    if (set != k->raw) {
        k->raw = set;
        k->raw_us = now_us;
    }
}

/* How the press ends, by its length. */
static enum key_event released(const struct key *k, const struct key_times *t)
{
    const uint64_t held_us = k->raw_us - k->pressed_us;

    if (t->latching) {
        return KEY_EVENT_OFF;
    }
    if (k->used || k->woke) {
        return KEY_EVENT_NONE;
    }
    if (t->arm_us != 0 && held_us >= t->arm_us) {
        return KEY_EVENT_RESTART;
    }
    return t->rest_us != 0 && held_us >= t->rest_us ? KEY_EVENT_REST : KEY_EVENT_CLICK;
}

static enum key_event held(struct key *k, const struct key_times *t, uint64_t now_us)
{
    const uint64_t held_us = now_us - k->pressed_us;

    if (k->used || k->woke || t->latching) {
        return KEY_EVENT_NONE;
    }
    k->armed = t->reset_us != 0 && t->arm_us != 0 && held_us >= t->arm_us;
    if (t->reset_us != 0 && held_us >= t->reset_us) {
        k->used = true;
        return KEY_EVENT_RESTART;
    }
    if (t->rest_held && t->rest_us != 0 && held_us >= t->rest_us) {
        k->used = true;
        return KEY_EVENT_REST;
    }
    return KEY_EVENT_NONE;
}

enum key_event key_take(struct key *k, const struct key_times *t, uint64_t now_us)
{
    enum key_event event = KEY_EVENT_NONE;

    if (k->raw == k->down) {
        return k->down ? held(k, t, now_us) : KEY_EVENT_NONE;
    }
    if (now_us - k->raw_us < t->debounce_us) {
        return KEY_EVENT_NONE;
    }
    k->down = k->raw;
    if (k->down) {
        k->pressed_us = k->raw_us;
        k->used = k->woke = k->armed = false;
        return t->latching ? KEY_EVENT_ON : held(k, t, now_us);
    }
    event = released(k, t);
    k->used = k->woke = k->armed = false;
    return event;
}

static uint64_t sooner(uint64_t a_us, uint64_t b_us)
{
    return a_us < b_us ? a_us : b_us;
}

uint64_t key_due(const struct key *k, const struct key_times *t)
{
    uint64_t due_us = NEVER_us;

    if (k->raw != k->down) {
        return k->raw_us + t->debounce_us;
    }
    if (!k->down || k->used || k->woke || t->latching) {
        return NEVER_us;
    }
    if (t->reset_us != 0) {
        due_us = k->pressed_us + t->reset_us;
        due_us = t->arm_us != 0 && !k->armed ? sooner(due_us, k->pressed_us + t->arm_us) : due_us;
    }
    if (t->rest_held && t->rest_us != 0) {
        due_us = sooner(due_us, k->pressed_us + t->rest_us);
    }
    return due_us;
}

bool key_is_armed(const struct key *k)
{
    return k->down && k->armed;
}
