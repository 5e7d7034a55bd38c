/* Faults: each is one row of numbers (signal, levels, delays, release), and one engine runs them all.
 *
 * Pure C11, no clock: time is handed in, in 64-bit microseconds that never decrease. A level counts as reached at the
 * code itself: a trip at or beyond it, a release at or inside it. Runs towards a trip or a release are remembered by
 * the instant they began, so how often the engine is called does not matter. */
#ifndef BMS_CORE_FAULT_ENGINE_H
#define BMS_CORE_FAULT_ENGINE_H

#include "bms_core/bms_io.h"
#include "bms_core/bms_param.h"

#include <stdbool.h>
#include <stdint.h>

#define FAULT_NEVER_us UINT64_MAX

/* What rows watch. Currents are magnitudes in their direction: 0 when the current flows the other way. */
enum fault_signal {
    FAULT_CELL_MAX_mV,
    FAULT_CELL_MIN_mV,
    FAULT_STACK_mV,
    FAULT_CHARGE_mA,
    FAULT_DISCHARGE_mA,
    FAULT_CELL_MAX_ddegC,
    FAULT_CELL_MIN_ddegC,
    FAULT_MOS_MAX_ddegC,
    FAULT_AMBIENT_MAX_ddegC,
    FAULT_AMBIENT_MIN_ddegC,
    FAULT_SHORTED,      /* 1: the front end's short-circuit comparator has fired */
    FAULT_BAD_SENSORS,  /* temperature channels at a rail; one more if the number of cells is not the set's */
    FAULT_STALE_GROUPS, /* of cells, current and temperatures: how many are too old */
    FAULT_SPREAD_mV,    /* highest less lowest cell */
    FAULT_STACK_ERROR_mV,
    FAULT_AGAINST_GATE_mA, /* current in a direction whose gate is open */
    FAULT_LOCKING,         /* 1: a lock waits for a charger that comes anew; it is tripped by fault_engine_trip() */
    FAULT_AFE_LOST,        /* 1: the front end lost its settings */
    FAULT_WRITE_ERRORS,    /* storage requests that failed in a row */
    FAULT_BAD_WIRES,
    FAULT_HIGH_WIRES,       /* 1: a sense wire is too resistive to balance */
    FAULT_DEFAULT_PASSWORD, /* 1: the password is still the one that the product came with */
    FAULT_CLOCK_LOST,       /* 1: the clock does not know the time */
    FAULT_SIGNAL_COUNT,
};

struct fault_rule {
    int32_t alarm, alarm_release, trip, release; /* in the signal's unit */
    uint32_t alarm_delay_ms, trip_delay_ms, release_delay_ms;
    uint8_t signal; /* enum fault_signal */
    bool below;     /* beyond is below the level */
    uint8_t enable; /* BMS_ENABLE_* */
    uint8_t needs;  /* BMS_NEEDS_* */
};

struct fault_input {
    int32_t value[FAULT_SIGNAL_COUNT];
    uint32_t valid; /* bit n: value[n] is known. An unknown one may let a trip run go on, but never release */
    uint32_t met;   /* BMS_NEEDS_* that hold now */
};

struct fault_run {
    uint64_t since_us;       /* the run towards the other state began; valid while its bit in running is set */
    uint64_t alarm_since_us; /* the same of the alarm */
    uint64_t tripped_us;
};

struct fault_engine {
    struct fault_rule rule[BMS_FAULT_COUNT];
    struct fault_run run[BMS_FAULT_COUNT];
    uint32_t tripped, alarmed;       /* bit n: fault n of enum bms_fault */
    uint32_t running, alarm_running; /* a run towards the other state is under way */
    uint64_t due_us;                 /* as of the last step: earliest end of a run or a wait, or FAULT_NEVER_us */
    uint64_t wait_us;                /* of BMS_NEEDS_OR_WAIT, counted from the trip */
};

/* No fault. Rules are copied; a row without enable bits never trips. wait_us is the caller's to set. */
void fault_engine_init(struct fault_engine *e, const struct fault_rule rules[BMS_FAULT_COUNT]);

/* Looks at the rows of the mask and at those whose run is over. To be called at the instant of each change of input
 * with the rows that it may concern, and not later than due_us. */
void fault_engine_step(struct fault_engine *e, const struct fault_input *in, uint32_t rows, uint64_t now_us);

/* What the following change is complete after a step at the same instant, with all the rows that may have changed.
 *
 * Boot: what is beyond its level trips or alarms at once, without delay. */
void fault_engine_prime(struct fault_engine *e, const struct fault_input *in, uint64_t now_us);

/* Trips one row at once, if its protection is enabled; ends rows at once, whatever their rule. */
void fault_engine_trip(struct fault_engine *e, enum bms_fault row, uint64_t now_us);
void fault_engine_release(struct fault_engine *e, uint32_t rows);

#endif
