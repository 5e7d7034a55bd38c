/* One decoder for the keys that switch and reset: debounced, with times by parameter, each deadline at its own instant.
 *
 * A press is judged by how long it lasted, or acts while it is still held where a parameter says so. A press acts once:
 * what is held on after it has acted, or since before boot (a stuck key), counts only after it has been let go. */
#ifndef BMS_CORE_KEYS_H
#define BMS_CORE_KEYS_H

#include "bms_core/bms_io.h"
#include "bms_core/bms_param.h"

#include <stdbool.h>
#include <stdint.h>

struct key {
    uint64_t raw_us;     /* the bit has been what it is since */
    uint64_t pressed_us; /* begin of the press that is judged; valid while down */
    bool raw, down;      /* the bit; debounced */
    bool used;           /* this press has acted, has woken the firmware, or is none: ignored until released */
    bool armed;          /* held so long that letting go restarts */
};

/* first: row KEY_POWER_WAKE or KEY_RESET_WAKE; the other times of the key follow it. Of a time of 0 nothing comes.
 * latching: a switch, not a button: opening it is off, and how long it is closed tells nothing. */
struct key_times {
    uint64_t debounce_us, wake_us, rest_us, arm_us, reset_us;
    uint8_t rest_mode; /* enum bms_power */
    bool rest_held, latching;
};

struct key_times key_times(const struct bms_params *p, enum bms_param first, bool latching);

/* At boot or wake-up: a bit that is set now is a press that begins now (woken by it), or one to be ignored. */
void key_begin(struct key *k, bool set, bool woken_by_it, uint64_t now_us);
/* The bit as the sample shows it. */
void key_see(struct key *k, bool set, uint64_t now_us);
/* The mode that the key asks for now, BMS_POWER_RUN: none; and when to ask again, or UINT64_MAX. */
enum bms_power key_take(struct key *k, const struct key_times *t, uint64_t now_us);
uint64_t key_due(const struct key *k, const struct key_times *t);
/* Held so long that letting go restarts: all LEDs are lit. */
bool key_is_armed(const struct key *k);

#endif
