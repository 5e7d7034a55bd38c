/* What the files of the monitors share. monitor.c begins, dispatches and ends; monitor_band.c, monitor_then.c and
 * monitor_always.c judge by verb; monitor_parts.c has the rest. Instants are scenario time in ns, -1: not yet; offsets
 * are into the rig's planned segment. */
#ifndef SIM_MONITOR_INNER_H
#define SIM_MONITOR_INNER_H

#include "sim/monitor.h"

#define LOCATION_s 1e-6 /* what the time of an event that had to be located may be off by */

/* Correctly rounded: 2e9 ns is 2.0 s, as a limit of "2 s" is. */
double monitor_seconds(int64_t t_ns);

/* Uncertainty of the instants: events of the plant are located; those of front end and BMS are known exactly. */
double monitor_location_s(const struct monitor *m);

/* An expression has no value at the instant t_ns, where one was wanted. */
void monitor_undefined(struct monitor *m, int64_t t_ns);

/* Takes the condition's level (as expr_eval gives it) at to_ns. Returns the offset at which it changed in this piece, or -1. What holds at the
 * first look is no event; where it is undefined the level is not known, and the next look is the first again. */
int64_t monitor_take_level(struct monitor_edge *edge, const struct rig *rig, int64_t from_ns, int64_t to_ns,
                           double level);

/* Follows a condition to to_ns. */
int64_t monitor_level_edge(struct monitor_edge *edge, const struct rig *rig, int64_t from_ns, int64_t to_ns);

/* The same for an event expression: the offset at which the event happened, or -1. */
int64_t monitor_event_edge(struct monitor_edge *edge, const struct rig *rig, int64_t from_ns, int64_t to_ns);

/* When a point of the scenario comes; start_or_end is what a point left out stands for. */
int64_t monitor_point_ns(const struct monitor *m, const struct point *p, int64_t start_or_end);

/* t is in [from, until]: both ends belong to it, since what happens at a label happens in either of its windows. */
bool monitor_window_open(const struct monitor *m, int64_t t_ns);

/* One more occurrence is judged: the worst stands. */
void monitor_keep(struct monitor *m, struct verdict_row row, int64_t trigger_ns, int64_t response_ns);

/* A failure without a measurement. */
struct verdict_row monitor_failed(enum dim dim, double low, double high, const char *why);

/* At a trigger: in standby the firmware looks more seldom. What it sees there wakes it, so the trigger decides for the
 * whole delay. */
void monitor_note_tick(struct monitor *m, const struct rig *rig);

/* The longest delay of the row, with the latency that belongs to it; the two sides of `within` and `not before`. */
double monitor_longest_s(const struct monitor *m);
double monitor_within_s(const struct monitor *m);
double monitor_not_before_s(const struct monitor *m);

/* The verbs: a piece of time, as for monitor_advance(). */
void monitor_advance_band(struct monitor *m, const struct rig *rig, int64_t from_ns, int64_t to_ns);
void monitor_advance_then(struct monitor *m, const struct rig *rig, int64_t from_ns, int64_t to_ns);
void monitor_advance_stays(struct monitor *m, const struct rig *rig, int64_t from_ns, int64_t to_ns);
void monitor_advance_always(struct monitor *m, const struct rig *rig, int64_t from_ns, int64_t to_ns);

#endif
