/* The plant: packs on a bus with charger, load, inverter and short circuit. SI doubles, time in nanoseconds, charging
 * current positive. No I/O, no heap: the caller owns every object, and copying a struct plant copies its whole state.
 *
 * Time goes forward in segments. plant_plan() solves the circuit for the time ahead and answers how far the present
 * conduction state holds (no diode, charger law or breaker changes inside); plant_read() evaluates any signal at any
 * instant of that segment (dense output: the stepping formulas themselves, so nothing depends on the step);
 * plant_commit() moves the state to an instant of it. Inputs change only between segments.
 *
 * After a switching event the segments are short (a fast window: inductor currents, link and bus voltage as a linear
 * system, cells frozen); the window ends by itself when the currents have settled. */
#ifndef MODEL_PLANT_H
#define MODEL_PLANT_H

#include "model/pack.h"
#include "model/parts.h"
#include "model/plant_state.h"

#include <stdbool.h>
#include <stdint.h>

/* Signals of the truth. Columns: X(identifier, per what: BUS once, PACK each pack, CELL each cell, NTC each channel) */
/* clang-format off */
#define PLANT_SIGNALS(X)                                                                                              \
    X(CELL_VOLTAGE_V, CELL)      X(CELL_SOC, CELL)             X(CELL_CORE_degC, CELL)      X(CELL_SURFACE_degC, CELL) \
    X(CELL_CURRENT_A, CELL)      X(BLEED_CURRENT_A, CELL)      X(HARM_OVERVOLTAGE_Vs, CELL) X(HARM_UNDERVOLTAGE_Vs, CELL) \
    X(HARM_PLATING_Ah, CELL)     X(NTC_degC, NTC)                                                                     \
    X(PACK_CURRENT_A, PACK)      X(STACK_VOLTAGE_V, PACK)      X(TERMINAL_VOLTAGE_V, PACK)  X(PACK_SOC, PACK)         \
    X(FET_JUNCTION_degC, PACK)   X(FET_BOARD_degC, PACK)       X(BOX_degC, PACK)            X(AVALANCHE_J, PACK)      \
    X(JUNCTION_PEAK_degC, PACK)  X(CHARGE_CONDUCTS, PACK)      X(DISCHARGE_CONDUCTS, PACK)  X(BREAKER_CLOSED, PACK)   \
    X(CURRENT_PEAK_A, PACK)      X(TERMINAL_PEAK_V, PACK)      X(CHARGE_THROUGH_Ah, PACK)   X(ENERGY_THROUGH_J, PACK) \
    X(BUS_VOLTAGE_V, BUS)        X(CHARGER_CURRENT_A, BUS)     X(LOAD_CURRENT_A, BUS)       X(LINK_VOLTAGE_V, BUS)    \
    X(SHORT_CURRENT_A, BUS)      X(AMBIENT_degC, BUS)
/* clang-format on */
#define PLANT_SIGNAL_ENUM(identifier, per) PLANT_##identifier,
enum plant_signal { PLANT_SIGNALS(PLANT_SIGNAL_ENUM) PLANT_SIGNAL_COUNT };

enum plant_gate { PLANT_CHARGE_GATE, PLANT_DISCHARGE_GATE, PLANT_PRECHARGE_GATE };
/* enum plant_load is in model/load.h, struct plant in model/plant_state.h, struct pack_params in model/pack.h */

/* ambient_degC is the chamber. Packs start at rest, gates open, breaker closed. */
void plant_init(struct plant *p, int packs, const struct pack_params *const params[], double ambient_degC);

/* Plans a segment of at most max_ns (>= 1) and returns its length, 1..max_ns. Idempotent until something changes. */
int64_t plant_plan(struct plant *p, int64_t max_ns);
/* A signal offset_ns (0..planned length) into the planned segment. pack and index from 0, ignored where not needed. */
double plant_read(const struct plant *p, enum plant_signal signal, int pack, int index, int64_t offset_ns);
/* Moves the state by offset_ns (1..planned length). */
void plant_commit(struct plant *p, int64_t offset_ns);
/* Inside the window after a switching event? */
bool plant_is_fast(const struct plant *p);
/* Pack current is linear within a segment: its value at the two ends, for comparators. */
void plant_current(const struct plant *p, int pack, double *begin_A, double *end_A);

/* Stimuli, between segments. A set value holds until set again. pack from 0. */
void plant_set_gate(struct plant *p, int pack, enum plant_gate gate, bool on);
void plant_set_limiter(struct plant *p, int pack, double current_A);     /* charge limiter; 0: out of the path */
void plant_set_bleed(struct plant *p, int pack, uint32_t cells);         /* balance switches, bit k: cell k */
/* Active balancer: cell `from` gives current_A, cell `to` takes what the pack's efficiency leaves of its power (at the
 * voltages of now) and what is returned; -1: none. */
double plant_set_transfer(struct plant *p, int pack, int from, int to, double current_A);
void plant_set_heater(struct plant *p, int pack, double power_W);        /* heat into the box; its draw is the caller's */
void plant_set_quiescent(struct plant *p, int pack, double current_A);   /* what the BMS itself draws from the stack */
void plant_set_breaker(struct plant *p, int pack, bool closed);
void plant_set_charger(struct plant *p, bool on, double current_A, double voltage_V);
void plant_set_load(struct plant *p, enum plant_load law, double value); /* A, W or Ohm, positive; OFF: 0 */
void plant_ramp_load(struct plant *p, double per_second);                /* the value moves at this rate until set again */
void plant_ramp_charger(struct plant *p, double current_A_s, double voltage_V_s);
void plant_set_short(struct plant *p, bool on, enum short_place place, int pack, double resistance_Ohm);
/* Inverter: a DC link behind an optional pre-charge resistor (0: none) that is bypassed by plant_set_inverter with 0. */
void plant_set_inverter(struct plant *p, bool on, double capacitance_F, double esr_Ohm, double precharge_Ohm, double bleed_Ohm);
void plant_set_ambient(struct plant *p, double degC, double degC_s);     /* and how fast it goes on moving */
void plant_hold_ntc(struct plant *p, int pack, int channel, bool held, double degC, double degC_s); /* a heat gun on one spot */
/* Faults of the plant's own (welded, dead, internal short, loose link, cooling, stuck switch); the front end has the
 * others. on = false mends it. Returns false if the kind is not the plant's. */
bool plant_set_fault(struct plant *p, enum fault_kind kind, int pack, int index, bool on, double value);

/* Initial state of one cell, at rest: state of charge, temperature, hysteresis -1 (discharged) .. +1 (charged). */
void plant_set_cell(struct plant *p, int pack, int cell, double soc, double temperature_degC, double hysteresis);
void plant_set_cell_spread(struct plant *p, int pack, int cell, double capacity_factor, double resistance_factor, double leak_Ohm);
/* The charge at which a cell at rest with this history shows voltage_V. */
double plant_soc_at_rest(const struct plant *p, int pack, double voltage_V, double temperature_degC, double hysteresis);

#endif
