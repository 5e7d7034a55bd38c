/* The panel: LEDs, buzzer and dry contacts. What a row of the manual's LED table shows is a pattern in the parameters;
 * here stands which row holds. */
#ifndef BMS_CORE_PANEL_H
#define BMS_CORE_PANEL_H

#include "bms_core/blink.h"
#include "bms_core/bms_io.h"

#include <stdbool.h>
#include <stdint.h>

/* Rows of the LED table, in the order of the parameters led.run.* and led.alm.* */
enum panel_row {
    PANEL_IDLE,
    PANEL_IDLE_ALARM,
    PANEL_CHARGE,
    PANEL_CHARGE_ALARM,
    PANEL_DISCHARGE,
    PANEL_DISCHARGE_ALARM,
    PANEL_OVERCHARGED,    /* over-charge protection: the normal end of a charge */
    PANEL_OVERDISCHARGED, /* over-discharge protection */
    PANEL_STOPPED,        /* protection against temperature, overcurrent or short circuit, or a lock */
    PANEL_FAULT,          /* the BMS or its sensors fail */
    PANEL_ROWS,
};

enum panel_lamp {
    PANEL_LAMP_RUN,
    PANEL_LAMP_ALM,
    PANEL_LAMP_SOC,
    PANEL_LAMP_BUZZER,
    PANEL_LAMP_LINK,
    PANEL_LAMP_BLUETOOTH,
    PANEL_LAMPS
};

struct panel_cause { /* all that the panel depends on; no padding, so that it compares as bytes */
    uint32_t tripped, alarmed;
    uint8_t mode, power;
    uint8_t bars;           /* SOC LEDs that are lit */
    uint8_t low;            /* bit n: the state of charge is low for contact n + 1; bit 7: for the buzzer */
    uint8_t all_on, params; /* of struct panel */
    uint8_t testing;        /* LEDs are all lit for a while after the start */
    uint8_t links;          /* enum bms_link */
};

struct panel {
    struct panel_cause cause; /* as it was last looked at */
    uint64_t due_us;          /* next edge */
    uint64_t test_end_us;     /* of the test of the LEDs; BLINK_NEVER_us: none under way */
    struct blink lamp[PANEL_LAMPS];
    uint8_t row;       /* enum panel_row */
    uint8_t bars, low; /* for the next look: see struct panel_cause */
    uint8_t all_on;    /* a held key has armed a restart: every LED is lit, whatever else holds */
    uint8_t params;    /* counts changes of parameters */
};

#endif
