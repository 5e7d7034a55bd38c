/* The analog front end: scan, converters, comparators, gate drivers and detection of one pack. SI in, codes out.
 *
 * Pure functions on one plain struct: no I/O, no heap, no clock; a copy is a snapshot (the only pointer borrows the
 * const configuration). Time is int64 ns and never decreases between calls. Charging current is positive. The front
 * end asks for values (a conversion slot: what, and when) and never calls the plant. See model/AFE.md. */
#ifndef MODEL_AFE_H
#define MODEL_AFE_H

#include "model/afe_config.h"
#include "model/parts.h"

#include <stdbool.h>
#include <stdint.h>

#define AFE_NEVER INT64_MAX   /* as an instant to come: nothing is due */
#define AFE_NOT_YET INT64_MIN /* as a scan instant: no complete scan since power-up */

enum afe_alert { AFE_ALERT_SCD = 1, AFE_ALERT_OCD = 2, AFE_ALERT_OCC = 4, AFE_ALERT_RESET = 8 };
enum afe_detect { AFE_DETECT_CHARGER = 1, AFE_DETECT_LOAD = 2 };
enum afe_gate { AFE_CHARGE_GATE, AFE_DISCHARGE_GATE, AFE_PRECHARGE_GATE, AFE_GATES };
enum afe_kind { AFE_CELL, AFE_STACK, AFE_CURRENT, AFE_TERMINAL, AFE_TEMP };
enum afe_scan { AFE_SCAN_CELLS, AFE_SCAN_CURRENT, AFE_SCAN_TEMPS, AFE_SCANS }; /* cells + stack; current + terminal */

struct afe_slot { /* one conversion: its value is that of t_ns */
    enum afe_kind kind;
    int index; /* cell or channel from 0; else 0 */
    int64_t t_ns;
    int64_t number; /* of its scan since power-up, from 0: what the noise depends on */
};

struct afe_registers { /* what firmware can read; unused entries are 0; no padding, so memcmp tells a change */
    int64_t cell_scan_ns, current_scan_ns, temp_scan_ns; /* newest conversion of a cell, ...; or AFE_NOT_YET */
    int32_t stack_mV, terminal_mV, current_mA;
    uint32_t alerts, detect; /* enum afe_alert (latched), enum afe_detect */
    uint32_t balance_seen;   /* bit k: the switch of cell k was commanded closed at its last conversion */
    int16_t cell_mV[AFE_CELLS_MAX], temp_ddegC[AFE_TEMPS_MAX];
};

struct afe_settings { /* threshold 0: off; delays are rounded up to the grid of the configuration */
    uint32_t threshold_mA[AFE_COMPARATORS], delay_us[AFE_COMPARATORS];
};

struct afe_driver { /* one gate */
    bool commanded, output;
    int64_t edge_ns; /* when the output will change, or AFE_NEVER */
};

struct afe_clock { /* of one scan: step of scan number is due at due_ns; scan 0 began at start_ns */
    int64_t start_ns, due_ns, number;
    int step;
};

struct afe_fault { /* value(t) = value + rate_per_s (t - since) */
    bool on;
    double value, rate_per_s;
    int64_t since_ns;
};

struct afe {
    const struct afe_config *config; /* borrowed */
    struct afe_registers reg;
    struct afe_clock scan[AFE_SCANS];
    double held_cell_V[AFE_CELLS_MAX], held_stack_V, held_terminal_V, held_current_A, held_temp_degC[AFE_TEMPS_MAX];
    struct afe_settings settings;
    double calm_low_A, calm_high_A;        /* no comparator is beyond its threshold from low to high */
    int64_t run_since_ns[AFE_COMPARATORS]; /* begin of the present run beyond the threshold, or AFE_NEVER */
    struct afe_driver gate[AFE_GATES];
    uint32_t balance;         /* commanded switches */
    int64_t charger_since_ns; /* begin of the charger's signs, or AFE_NEVER */
    bool powered, frozen, resting, scd_dead;
    struct afe_fault cell_stuck[AFE_CELLS_MAX], cell_offset[AFE_CELLS_MAX], current_offset, current_gain;
    struct afe_fault stack_stuck, stack_offset;
    struct afe_fault ntc_open[AFE_TEMPS_MAX], ntc_shorted[AFE_TEMPS_MAX], ntc_stuck[AFE_TEMPS_MAX],
        ntc_offset[AFE_TEMPS_MAX];
};

/* Power-up at now: gates open, no settings, no alert; the first scans start at now + phase. config must be sound. */
void afe_init(struct afe *a, const struct afe_config *config, int64_t now_ns);

/* Next instant at which a conversion is due, or AFE_NEVER (frozen, no supply). */
int64_t afe_next_conversion(const struct afe *a);
/* Takes the earliest conversion due at or before now; false if there is none. Each taken slot is to be converted. */
bool afe_pop_conversion(struct afe *a, int64_t now_ns, struct afe_slot *slot);
/* value in V at the pins, A, or degC of the NTC's body, true at slot->t_ns. Evaluates detection where it depends. */
void afe_convert(struct afe *a, const struct afe_slot *slot, double value_SI);
/* The code that afe_convert would store (mV, mA, 0.1 degC), without storing it. */
int32_t afe_code(const struct afe *a, const struct afe_slot *slot, double value_SI);
/* All conversions of one scan due at or before until, with the values last converted (each at least once): as popping
 * and converting each, in a time that does not grow with the interval. Cells first, then current. */
void afe_touch(struct afe *a, enum afe_scan scan, int64_t until_ns);
/* True if codes may move while values stand still: noise, or a drifting fault. A touch then skips what lies between. */
bool afe_is_restless(const struct afe *a);
/* When a charger whose signs hold on will be detected, or AFE_NEVER. The bit itself is set at the next conversion. */
int64_t afe_next_detect(const struct afe *a);

/* First instant in (t0, t1] at which a comparator fires if the pack current is linear from i0 to i1; or AFE_NEVER. */
int64_t afe_watch(const struct afe *a, int64_t t0_ns, int64_t t1_ns, double i0_A, double i1_A);
/* Commits the comparators to t1. One that fires latches its alert and orders its gates off at the instant of firing;
 * returns the alerts that fired. Segments must follow each other without a gap. */
uint32_t afe_pass(struct afe *a, int64_t t0_ns, int64_t t1_ns, double i0_A, double i1_A);
/* An unchanged comparator keeps its run, a changed one starts a new run with the next segment. */
void afe_configure(struct afe *a, const struct afe_settings *settings);

/* The command of a gate; its output follows after the driver's delay. A latched alert holds its gates open. */
void afe_set_gate(struct afe *a, enum afe_gate which, bool on, int64_t now_ns);
void afe_clear_alerts(struct afe *a, uint32_t mask, int64_t now_ns);
/* Instant of the next change of an output, or AFE_NEVER; and taking one that is due at or before now, in time order. */
int64_t afe_next_edge(const struct afe *a);
bool afe_take_edge(struct afe *a, int64_t now_ns, enum afe_gate *which, bool *on);
void afe_set_balance(struct afe *a, uint32_t cells); /* bit k: cell k, as told to the plant */

/* Rest: gates off, comparators and conversions stop, the registers keep what they hold. Ending it is a power-up without
 * an alert: scans start at now + phase and nothing has been converted yet. */
void afe_rest(struct afe *a, bool on, int64_t now_ns);

/* A supply dip: settings fall back to none, switches and gates are commanded off, alerts are RESET alone. */
void afe_reset(struct afe *a, int64_t now_ns);
/* Faults of the front end; index from 0. SENSE_* belong to model/sense.h. BROWN_OUT on: no supply; off: power-up with
 * the RESET alert. FRONT_END_RESET on: afe_reset. False if the kind (or index) is not the front end's. */
bool afe_set_fault(struct afe *a, enum fault_kind kind, int index, bool on, double value, double rate_per_s,
                   int64_t now_ns);

#endif
