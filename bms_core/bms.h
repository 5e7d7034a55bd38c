/* The core of a battery-management system: a sample in, a command out, time handed in.
 *
 * Portable C11, integers only: no heap, no I/O, no clock. The caller owns struct bms; it holds no pointers, so a copy
 * is a snapshot. What it does between calls happens at its own instant (a trip delay that ends between two calls ends
 * then, not at the next call), so commands depend on the samples and their instants, never on how often it is called.
 */
#ifndef BMS_CORE_BMS_H
#define BMS_CORE_BMS_H

#include "bms_core/balance.h"
#include "bms_core/bms_io.h"
#include "bms_core/bms_param.h"
#include "bms_core/control.h"
#include "bms_core/display.h"
#include "bms_core/fault_engine.h"
#include "bms_core/limiter.h"
#include "bms_core/measure.h"
#include "bms_core/panel.h"
#include "bms_core/power.h"
#include "bms_core/record.h"
#include "bms_core/soc.h"

#include <stdbool.h>
#include <stdint.h>

enum bms_scan { BMS_SCAN_CELLS, BMS_SCAN_CURRENT, BMS_SCAN_TEMPS, BMS_SCANS };

struct bms_age {       /* of one group of readings */
    uint64_t stamp_us; /* of the newest conversion, as the sample says; 0: none yet */
    uint64_t fresh_us; /* when it was fresh: never later than the call that showed it */
    uint64_t limit_us;
    bool stale;
};

struct bms_lock {      /* counts overcurrent and short-circuit events */
    uint64_t event_us; /* the last */
    uint32_t events;   /* in a row, each at most lock.window_s after the one before */
    uint32_t ways;     /* BMS_BLOCKS_* of these events; what the lock blocks */
    bool wait_edge;    /* only a charger that comes anew releases it */
};

struct bms {
    struct bms_params params;
    uint64_t now_us;          /* up to here everything has happened */
    uint64_t tick_us;         /* next second */
    uint64_t quiet_us;        /* bleeding pauses; UINT64_MAX: nothing bleeds */
    bool wire_doubted;        /* a wire looked bad since the last tick */
    uint8_t wire_doubt_ticks; /* until balancing may go on: a bleed hides an open wire from the readings between */
    bool started;             /* a complete fresh set of readings has been seen since boot */
    struct bms_sample sample; /* newest */
    struct bms_age age[BMS_SCANS];
    uint64_t age_due_us; /* when the next group becomes too old */
    bool any_stale;
    struct measure measure;
    struct fault_engine engine;
    struct fault_input input;
    uint32_t rows_of[FAULT_SIGNAL_COUNT]; /* faults that watch a signal */
    uint32_t dirty;                       /* faults whose input has changed */
    uint32_t seen_tripped, seen_alarmed;  /* of the engine, as last acted upon */
    bool current_moved;                   /* since the gates were last decided */
    struct bms_lock lock;
    struct soc soc;
    struct balance balance;
    struct power power;
    struct control control;
    struct limiter limiter;
    struct record_log log;
    uint32_t boots;
    uint16_t trips[BMS_TALLY_COUNT];
    uint32_t saved_ppm;                 /* state of charge in the newest counters */
    uint32_t overcharged_ppm;           /* state of charge at the newest trip that capacity may release */
    bool diode_charge, diode_discharge; /* the gate is closed by the ideal-diode rule */
    struct panel panel;
    struct display display;
    struct bms_command command;
};

/* params must have passed bms_params_check(). nvm is a read-only image of the storage pages at boot, read here only;
 * NULL or too small: a new memory. */
void bms_init(struct bms *b, const struct bms_params *params, const uint8_t *nvm, uint32_t nvm_size, uint64_t now_us);

/* Shows a sample (NULL: none came) and fills *command whole. now_us never decreases (an earlier one counts as the
 * last). Returns the instant at which it wants to be called even if nothing changes: call then with the newest sample,
 * whose scan instants tell whether the front end still lives. */
uint64_t bms_step(struct bms *b, const struct bms_sample *sample, uint64_t now_us, struct bms_command *command);

/* Writes one parameter while running; refused values leave all as it was. Faults keep their state. Rows named action.*
 * and access.enter do something instead of being kept (control.h); what is done may change other parameters too, so a
 * port that stores parameters takes b->params whole. */
enum bms_param_error bms_set_param(struct bms *b, uint16_t id, int32_t value);

#endif
