/* What the parts of the facade share: bms.c (time), sense.c (sample to signals), act.c (faults to command). */
#ifndef BMS_CORE_BMS_INNER_H
#define BMS_CORE_BMS_INNER_H

#include "bms_core/bms.h"

#define BMS_SECOND_us UINT64_C(1000000)

struct fault_kind { /* what is the same for every system */
    uint8_t signal; /* enum fault_signal */
    uint8_t tally;  /* enum bms_tally */
    bool below;
    bool failure; /* of the BMS or its sensors: mode FAULT */
};

extern const struct fault_kind bms_fault_kinds[BMS_FAULT_COUNT];

/* sense.c, in the order of a step: scan instants, what has become too old, codes that changed, what is fresh again. */
void sense_stamps(struct bms *b, const struct bms_sample *sample, uint64_t now_us);
void sense_ages(struct bms *b, uint64_t now_us);
void sense_codes(struct bms *b, const struct bms_sample *sample, uint64_t now_us);
bool sense_complete(const struct bms *b); /* every group fresh, no alert left from before */
void sense_thaw(struct bms *b, uint64_t now_us);
void sense_start(struct bms *b, uint64_t now_us);  /* first complete set: signals become valid, engine primed */
void sense_current(struct bms *b);                 /* the limiter has left the path: the current speaks for itself */
void sense_again(struct bms *b);                   /* calibration changed: every reading is worked out anew */
void sense_forget(struct bms *b, uint64_t now_us); /* all readings are from before a sleep */
void sense_set(struct bms *b, enum fault_signal signal, int32_t value);
bool sense_trusted(const struct bms *b);

/* act.c */
void act_settle(struct bms *b,
                uint64_t now_us); /* runs the engine on dirty rows, follows with gates until all is quiet */
void act_gates(struct bms *b);
void act_tick(struct bms *b, uint64_t now_us); /* once a second: what is reported */
void act_record(struct bms *b, enum bms_cause cause, uint8_t fault, uint64_t now_us);
void act_counters(struct bms *b, uint64_t now_us);

/* power.c: modes and keys. sample() before what it shows is acted upon, follow() after; both gates are open while
 * power_blocks() says so. resume() is true when the front end has woken a resting core. */
void power_sample(struct bms *b, const struct bms_sample *sample, uint64_t now_us);
void power_follow(struct bms *b, uint64_t now_us);
bool power_resume(struct bms *b, const struct bms_sample *sample, uint64_t now_us);
bool power_is_resting(const struct bms *b);
uint32_t power_blocks(const struct bms *b);
bool power_is_off(const struct bms *b); /* or about to be: what the memory keeps of it */
bool power_all_leds(const struct bms *b);        /* a held key has armed the restart: every LED is lit */
void power_note(struct bms *b, uint64_t now_us); /* a record of boot or wake-up, once it is there to stay */
void power_restart(struct bms *b, enum bms_cause cause, uint64_t now_us);

/* control.c, access.c: user switches, access levels, actions, clock, counters of use. */
void control_init(struct bms *b, const struct bms_counters *counters);
void control_params(struct bms *b);
void control_sample(struct bms *b, const struct bms_sample *sample, uint64_t now_us);
void control_tick(struct bms *b, uint64_t now_us);
void control_follow(struct bms *b, uint64_t now_us);
void control_end_update(struct bms *b, uint64_t now_us);
uint32_t control_blocks(const struct bms *b);
uint32_t control_clock_s(const struct bms *b, uint64_t now_us); /* wall time; 0: unknown */
bool control_is_action(uint16_t id);
enum bms_param_error control_act(struct bms *b, uint16_t id, int32_t value);
bool access_allows(const struct bms *b, uint16_t id);
enum bms_param_error access_enter(struct bms *b, int32_t code);
void access_init(struct bms *b, uint8_t wrong); /* wrong: passwords in a row, as the memory says */
void access_close(struct bms *b);
void access_codes(struct bms *b); /* codes have changed: what lies open now */
void access_follow(struct bms *b, uint64_t now_us);

/* limiter.c: the charge limiter in place of an open charge FET. */
bool limiter_takes(const struct bms *b, uint32_t ways);
void limiter_follow(struct bms *b, uint64_t now_us);

/* panel.c: LEDs, buzzer and dry contacts into the command. Sleep and off (command.power) darken the panel by
 * themselves; whoever wants every LED lit sets panel.all_on. */
void panel_init(struct bms *b, uint64_t now_us);
void panel_settle(struct bms *b, uint64_t now_us); /* after anything may have changed, and when panel.due_us has come */
void panel_soc(struct bms *b);                     /* once a second */

/* display.c */
void display_init(struct bms *b, uint64_t now_us);
void display_keys(struct bms *b, uint32_t before, uint32_t now, uint64_t now_us);
void display_settle(struct bms *b, uint64_t now_us); /* as panel_settle(); due at display.sleep_us */
void display_tick(struct bms *b);                    /* once a second: figures may have moved */

/* limits.c: CCL, DCL, CVL and DVL into the command. */
void limits_tick(struct bms *b);

#endif
