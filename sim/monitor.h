/* Monitors: one per expectation. They watch the run on the dense output of the plant, never steer it, and leave a
 * verdict with its measurement.
 *
 * The run calls monitor_advance() over consecutive pieces of time. Within a piece only continuous signals move; what
 * switches (commands, registers, inputs) switches between pieces, announced by a piece of no length. */
#ifndef SIM_MONITOR_H
#define SIM_MONITOR_H

#include "sim/scenario.h"
#include "sim/verdict.h"

#define MONITOR_PENDING_MAX 8
#define MONITOR_HISTORY_MAX 512

struct rig;

struct monitor_edge { /* follows one condition */
    const struct expr *expr;
    bool known, level;
    double value; /* of an expression whose change is the event */
};

struct monitor_pending {             /* a trigger that waits for its response */
    int64_t trigger_ns, response_ns; /* response_ns < 0: not yet */
};

struct monitor_history { /* recent values of `on`, to look back by a delay */
    int64_t t_ns[MONITOR_HISTORY_MAX];
    double value[MONITOR_HISTORY_MAX];
    int64_t every_ns;
    int count, next;
};

struct monitor {
    const struct expectation *e;
    const int64_t *label_ns;  /* by step: when the label came, or INT64_MAX; borrowed */
    double latency_s;         /* of scan, tick, command and FET: added to the longest delay of a row */
    bool slow;                /* the newest trigger came in standby, where the tick is longer */
    struct expr enter, leave; /* trip, release: `on` has entered, has left the band */
    struct monitor_edge trigger, response, entered, left;
    int64_t enter_ns, leave_ns; /* of the present episode; -1: not yet */
    bool armed, window_seen, broken, label_done;
    struct monitor_pending pending[MONITOR_PENDING_MAX];
    int pending_count, pending_lost; /* lost: came while all places were taken */
    int64_t undefined_ns;            /* when an expression first divided zero by zero where it mattered; -1: never */
    struct monitor_history history;
    struct verdict_row worst;
    int judged, triggered;
};

/* Starts at scenario time 0. Everything is borrowed and must outlive the monitor. */
void monitor_begin(struct monitor *m, const struct expectation *e, const int64_t label_ns[], double latency_s);

/* Watches the rig's planned segment from offset from_ns to to_ns (equal: something switched at that instant). */
void monitor_advance(struct monitor *m, const struct rig *rig, int64_t from_ns, int64_t to_ns);

/* The run is over; cut says why early, or is NULL. Judges what is decided and calls the rest inconclusive. */
struct verdict_row monitor_end(struct monitor *m, const struct rig *rig, const char *cut);

/* First instant of (from_ns, to_ns] at which the condition has the level, given that it has it at to_ns. */
int64_t monitor_locate(const struct expr *e, const struct rig *rig, int64_t from_ns, int64_t to_ns, bool level);

#endif
