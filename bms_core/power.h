/* Power modes: what the firmware asks of its own supply, why, and what keys, charger and time have to do with it.
 *
 *   run -> standby -> run: no current above power.valid_mA and no charger for power.standby_s; either ends it.
 *   run -> sleep, off: power.sleep_s of the same; a cell at power.off_mV; an under-voltage that nobody charges; keys.
 *   sleep, off -> run: the front end wakes the firmware; a key must be held for its wake time, or it rests again.
 *
 * Off outlives a loss of the supply; a latching switch says itself what is wanted. Both gates are open from the
 * decision to rest on; the mode itself follows when the log is written. */
#ifndef BMS_CORE_POWER_H
#define BMS_CORE_POWER_H

#include "bms_core/bms_io.h"
#include "bms_core/keys.h"

#include <stdbool.h>
#include <stdint.h>

#define POWER_CLOSING_us UINT64_C(500000) /* the log has this long to be written before the mode follows */

enum power_key { POWER_KEY_POWER, POWER_KEY_RESET, POWER_KEYS };

enum power_timer {                      /* each runs while its condition holds */
                   POWER_TIMER_IDLE,    /* no valid current, no charger, no key */
                   POWER_TIMER_UV,      /* an under-voltage protection, and nobody charges */
                   POWER_TIMER_OFF,     /* the cell that counts is at power.off_mV */
                   POWER_TIMER_OFF_LOW, /* the lowest cell is */
                   POWER_TIMERS,
};

struct power {
    uint8_t mode;    /* enum bms_power, as commanded */
    uint8_t closing; /* enum bms_power to come, or BMS_POWER_RUN */
    bool waking;     /* a key woke the firmware and has not been held long enough yet */
    bool begun;      /* the first sample since boot or wake-up has been seen */
    bool resumed;    /* RAM was kept: from sleep */
    bool was_off;    /* says the memory, and nobody has switched it on yet */
    uint32_t wakes;  /* of the sample, as last seen */
    uint64_t woken_us, closing_us;
    uint32_t running;                /* bit n: timer n runs ... */
    uint64_t since_us[POWER_TIMERS]; /* ... since */
    struct key key[POWER_KEYS];
    uint64_t due_us;
};

#endif
