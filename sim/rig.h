/* A rig: the plant, and for each pack a board (front end, sense wires, storage) with its device under test.
 *
 * rig_run() moves virtual time from event to event. Within a planned segment of the plant it makes the conversions,
 * calls the targets on their 10 ms grid, lets observers look, and cuts the segment where a command takes effect. */
#ifndef SIM_RIG_H
#define SIM_RIG_H

#include "bms_core/bms_io.h"
#include "model/afe.h"
#include "model/plant.h"
#include "model/sense.h"
#include "sim/dense.h"
#include "sim/pace.h"
#include "sim/storage.h"
#include "sim/target.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define RIG_TICK_ns INT64_C(10000000)     /* firmware tick */
#define RIG_COMMAND_ns INT64_C(1000000)   /* from a step to its command's effect */
#define RIG_LOOK_ns INT64_C(100000000)    /* observers look at least this often, unless struct rig_pace says */
#define RIG_STANDBY_ns INT64_C(100000000) /* firmware tick in standby */
#define RIG_WATCH_ns INT64_C(100000000)   /* how often a resting board's wake-up circuit is looked at */
#define RIG_CLOCK_s INT64_C(1767225600)   /* the clock at power-on: 2026-01-01 00:00 UTC */
#define RIG_QUEUE_MAX 16

struct board_command {
    int64_t due_ns;
    struct bms_command command;
};

struct board {
    struct afe_config afe_config;
    struct afe afe;
    struct sense sense;
    struct storage storage;
    struct target *target; /* owned */
    struct bms_sample sample;
    struct afe_registers seen;         /* what the target was last shown */
    struct link_scan scan[LINK_SCANS]; /* the rule of its scans; by_rule: they kept to it when last shown */
    bool by_rule;
    struct bms_command view;    /* newest command: what the BMS says */
    struct bms_command applied; /* what the silicon was last told */
    struct board_command queue[RIG_QUEUE_MAX];
    int queued;
    int64_t due_ns; /* the target wants to be called */
    uint32_t keys;
    uint32_t links; /* enum bms_link */
    uint8_t dip, wake;
    bool contacts_rest_closed; /* the relays of the dry contacts are wired normally closed */
    uint32_t bleeds;           /* balance switches that are commanded closed */
    uint32_t stuck_bleed;      /* balance switches that a fault keeps closed */
    bool running;              /* false: no supply, or off */
    bool touched;              /* keys, dip or storage changed since the last step */
    bool asleep, off;          /* rests: the front end watches keys, charger, bus and load, and wakes the firmware */
    bool charger_seen, bus_seen, load_seen; /* by that watch */
    bool key_came;                          /* an edge after the firmware's last word, which is that it goes to rest */
    int64_t wake_ns;                        /* when it will be woken, or INT64_MAX */
    enum bms_wake wake_cause;
    uint32_t wakes;
    int64_t starved_ns; /* the stack is too low for the supply since, or INT64_MAX */
    int64_t dead_ns;    /* and has taken the supply away at, or INT64_MAX */
    int64_t clock_s;    /* what the clock is ahead of virtual time */
    bool clock_lost;
    double consumption_A; /* what the board draws from the stack */
    uint8_t write_result; /* enum bms_param_error of the newest parameter write */
    uint32_t writes;
    int64_t steps;
};

struct rig_observer {
    void *self;
    /* Looks at the piece [from, to] of the planned segment (equal: something switched). Returns the offset at which the
     * run must stop, or -1. */
    int64_t (*look)(void *self, int64_t from_ns, int64_t to_ns);
    bool every_tick; /* must look before each tick: a continuous `until` is waiting, or a fine trace */
    int64_t
        wanted_ns; /* must also look at this instant (since power-on), if it is still to come; look() may move it on */
};

/* How the bench walks through time. Results must not depend on it: tests set it, all zero is the usual pace. */
struct rig_pace {
    int64_t look_ns; /* 0: RIG_LOOK_ns */
    bool every_tick; /* targets are called at every tick, not only when they have something to do */
};

/* The first value of the plant that was no finite number. From then on the rig is not fit to judge. */
struct rig_unsound {
    bool found;
    enum plant_signal signal;
    int pack, index;
    int64_t t_ns; /* since power-on */
    double value;
};

struct rig {
    struct plant plant;
    struct board board[PLANT_PACKS_MAX];
    struct dense dense[PLANT_PACKS_MAX];
    int packs;
    int64_t now_ns;  /* since power-on */
    int64_t zero_ns; /* scenario time 0 */
    int64_t planned_ns;
    struct rig_pace pace;
    int64_t segments;   /* planned so far */
    bool switched;      /* an input changed since observers looked */
    const char *error;  /* the rig is not fit to judge: why */
    bool cannot;        /* ... because the target lacks something: the scenario is to be skipped */
    struct pace *clock; /* calls of targets wait for it; NULL: virtual time alone. Borrowed */
    FILE *commands;     /* every change of a command is written here; NULL: not wanted. Borrowed */
    struct rig_unsound unsound;
    int64_t sweep_ns; /* when all values of the plant are looked through next */
    uint32_t events;  /* counts commands, alerts, edges: the trace follows it */
};

/* Scenario time at the start of the planned segment. */
static inline int64_t rig_time_ns(const struct rig *rig)
{
    return rig->now_ns - rig->zero_ns;
}

/* Powers on boards whose plant, configuration and targets are set. False: rig->error. */
bool rig_power_on(struct rig *rig);

/* Runs to end_ns (since power-on) or until the observer stops it. Returns true if the observer did. */
bool rig_run(struct rig *rig, int64_t end_ns, struct rig_observer *observer);

void rig_close(struct rig *rig);

/* Passes on what was read of the plant. If that is no finite number it is noted, with rig->error, and 0 goes on: every
 * reader of the bench goes through this (sim/dense.c), so a NaN is the rig's error before it can be a code or a
 * verdict. */
double rig_sound(const struct rig *rig, enum plant_signal signal, int pack, int index, int64_t offset_ns, double value);
/* Looks through all values of the plant at an offset of the planned segment: those that nobody reads, too. */
void rig_sweep(struct rig *rig, int64_t offset_ns);
/* "CELL_VOLTAGE_V of cell 3 of pack 1 is not a number at 12.5 s", in scenario time; "" if all is sound. */
void rig_unsound_text(const struct rig *rig, char *out, size_t size);

/* The board's own: sim/board.c. The only place where front-end codes become a sample and a command becomes gates. */
void board_power_on(struct rig *rig, int pack);
void board_power_off(struct rig *rig, int pack);    /* the supply fails; afe_set_fault(BROWN_OUT) goes with it */
void board_reset_target(struct rig *rig, int pack); /* the firmware alone starts anew */
void board_power_back(struct rig *rig, int pack);   /* and comes again */
/* sim/board_power.c: modes, wake-up, supply, clock. */
void board_follow_power(struct rig *rig, int pack, const struct bms_command *c, int64_t t_ns); /* a command's power */
void board_watch(struct rig *rig, int pack, int64_t offset_ns); /* a resting board, at an instant of the segment */
void board_key(struct rig *rig, int pack, uint32_t keys, bool held);
void board_look_at_supply(struct rig *rig, int pack, int64_t offset_ns);
int64_t board_next_power(const struct rig *rig, int pack);
void board_take_power(struct rig *rig, int pack);
void board_consume(struct rig *rig, int pack);
enum bms_power board_power(const struct board *b);           /* OFF without supply too */
uint32_t board_clock_s(const struct board *b, int64_t t_ns); /* 0: lost */
void board_set_clock(struct board *b, int64_t clock_s, int64_t t_ns);
void board_make_rules(struct board *b);     /* board.c: when the front end converts from now on */
void board_boot(struct rig *rig, int pack); /* board.c: RAM is lost, the firmware starts now */

void board_convert(struct rig *rig, int pack,
                   int64_t until_ns); /* conversions due up to then, in the planned segment */
bool board_wants_step(const struct board *b, int64_t t_ns);
/* Shows the sample to the target; true if its command changed. */
bool board_step(struct rig *rig, int pack, int64_t t_ns);
int64_t board_next_event(const struct board *b); /* earliest command, gate edge or storage completion */
void board_take_events(struct rig *rig, int pack);
void board_blame_target(struct rig *rig, int pack); /* its error becomes the rig's */
void board_set_bleed(struct rig *rig, int pack);
bool board_set_sense_fault(struct rig *rig, int pack, enum fault_kind kind, int wire, bool on, double value);

#endif
