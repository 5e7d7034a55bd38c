/* Sense wires: what arrives at the front end's pins when wires have resistance, bleeds draw current, and wires break.
 *
 * Wire 0 goes to the pack's negative, wire k to the top of cell k, to a board pin each. Between neighbouring pins lie
 * the bleed (switch and resistor) and the input resistance of the converter. Kirchhoff at pin k, with the current i_k
 * that leaves tap k through wire k:  pin_k = tap_k - i_k R_k,  so  reading_k = V_k - (i_k R_k - i_(k-1) R_(k-1)).
 * A bleed lowers its own cell and lifts both neighbours; around one wire the two deviations cancel.
 * Each pin approaches its solution with the time constant of its filter capacitor against all that it sees.
 * cell arrays count from 0 (the lowest); cell index k lies between wires k and k + 1. Plain struct, pure functions. */
#ifndef MODEL_SENSE_H
#define MODEL_SENSE_H

#include "model/parts.h"

#include <stdbool.h>
#include <stdint.h>

#define SENSE_CELLS_MAX 16
#define SENSE_WIRES_MAX (SENSE_CELLS_MAX + 1)
#define SENSE_OPEN_Ohm 1e12 /* insulation of a broken wire: keeps the network solvable when all are open */

struct sense_params {
    int cells;                         /* 1..SENSE_CELLS_MAX */
    double wire_Ohm[SENSE_WIRES_MAX];  /* >= 0, each sound wire with its connector */
    double bleed_Ohm[SENSE_CELLS_MAX]; /* > 0, passive balancing resistor with its switch */
    double input_Ohm;                  /* > 0, converter's input between neighbouring pins */
    double leak_A;                     /* what each input draws from its pin: pulls a broken wire's pin down */
    double filter_Ohm, filter_F;       /* >= 0, series resistor and capacitor of each pin */
};

struct sense_ladder { /* what the network comes to, elimination done from the bottom up; anew after each change */
    double below[SENSE_WIRES_MAX];  /* weight of all below pin k against its own wire */
    double sink_V[SENSE_WIRES_MAX]; /* drop that the leak makes there */
    double above[SENSE_WIRES_MAX];  /* weight of pin k + 1 */
    double tau_s[SENSE_WIRES_MAX];  /* of pin k */
};

struct sense {
    struct sense_params params;
    bool open[SENSE_WIRES_MAX];
    double added_Ohm[SENSE_WIRES_MAX]; /* of a resistive wire */
    bool swapped[SENSE_CELLS_MAX];     /* wires k and k + 1 exchanged */
    int tap[SENSE_WIRES_MAX];          /* the tap that the wire of pin k ends at: k unless swapped */
    uint32_t bleed;                    /* bit k: switch of cell k closed */
    double moved_A[SENSE_CELLS_MAX];   /* what the active balancer draws between the pins of a cell; negative: feeds */
    struct sense_ladder ladder;
    double pin_V[SENSE_WIRES_MAX]; /* behind the filter, against the pack's negative */
    int64_t at_ns, settled_ns;     /* instant of pin_V; from when on sound wires without bleeds are at rest again */
};

/* 20 mOhm wires, 43 Ohm bleeds (80 mA at 3.45 V), 10 MOhm and 0.1 uA inputs, 1 kOhm and 100 nF: all assumed
 * but for the 80 mA. So a broken wire costs the cell below it 0.5 V at rest and gives that to the cell above. */
void sense_params_default(struct sense_params *p, int cells);
/* Sound wires, no bleed, settled at these cell voltages. */
void sense_init(struct sense *s, const struct sense_params *params, const double cell_V[], int64_t now_ns);

/* True if every reading is the cell's own voltage: sound wires, no bleed, settled. The inputs are left out here:
 * resistance and leak along a sound wire shift a reading by nanovolts. */
bool sense_is_plain(const struct sense *s, int64_t now_ns);
/* Moves the pins to now (>= the last), cell voltages being cell_V since then. To be called before a change, too. */
void sense_advance(struct sense *s, int64_t now_ns, const double cell_V[]);
/* Voltage between the pins of a cell; a true cell voltage plus the effects above, negative for swapped wires. */
double sense_reading_V(const struct sense *s, int cell);

/* Switches of the passive balancing from now on (call sense_advance to now first). */
void sense_set_bleed(struct sense *s, uint32_t cells);
/* The active balancer: draws from_A through the wires of one cell and feeds to_A into another; -1: none. */
void sense_set_transfer(struct sense *s, int from, int to, double from_A, double to_A);
/* SENSE_OPEN, SENSE_RESISTIVE (value in Ohm, added), SENSE_SWAPPED (wire with wire + 1). False for other kinds, wires
 * that do not exist, a negative resistance. Call sense_advance to now first. */
bool sense_set_fault(struct sense *s, enum fault_kind kind, int wire, bool on, double value);

/* The settled network: pin voltages (cells + 1 values) and, if not NULL, the current that leaves each tap's wire. */
void sense_solve(const struct sense *s, const double cell_V[], double pin_V[], double wire_A[]);
/* What the bleed of a cell draws, from the settled network's pins. */
double sense_bleed_A(const struct sense *s, const double pin_V[], int cell);

#endif
