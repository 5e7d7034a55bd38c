/* The numbers of one kind of pack, and of the parts that stand on its bus. SI units; sources in model/packs/<id>.json.
 */
#ifndef MODEL_PACK_H
#define MODEL_PACK_H

#include "model/breaker.h"
#include "model/charger.h"
#include "model/fet.h"
#include "model/string.h"
#include "model/thermal.h"

#define PACK_NTC_MAX 8

/* What an NTC touches. */
enum pack_spot { PACK_SPOT_CELL, PACK_SPOT_BOARD, PACK_SPOT_BOX };

struct pack_ntc {
    enum pack_spot spot;
    int cell; /* from 0 */
};

struct pack_inverter { /* what a scenario's inverter has when it does not say */
    double capacitance_F, esr_Ohm, bleed_Ohm, precharge_Ohm;
};

struct pack_params {
    const struct cell_params *cell; /* borrowed */
    int cells;
    double link_Ohm;                       /* busbar between neighbours */
    double shunt_Ohm, breaker_Ohm, path_H; /* in the box; path_H holds the links' inductance too */
    double cable_Ohm, cable_H;             /* terminals to bus */
    double lead_Ohm, lead_H;               /* bus to a short on the load side */
    double terminal_F, snubber_Ohm;        /* terminal capacitance, and what damps its ringing with the cable */
    double terminal_Ohm;                   /* discharge across the terminals */
    double bleed_Ohm;                      /* balancing resistor */
    double quiescent_A;                    /* what the running BMS draws from the stack */
    double short_grid_s;                   /* step of the short-circuit comparator's delay in this board's silicon */
    struct fet_params fet;
    struct breaker_params breaker;
    struct charger_params charger;
    struct pack_inverter inverter;
    struct thermal_params thermal;
    int ntc_count;
    struct pack_ntc ntc[PACK_NTC_MAX];
    double ntc_tau_s;
};

/* Gives a pack its cells: the kind, and their part of the thermal network. cell is borrowed. */
void pack_use_cell(struct pack_params *pack, const struct cell_params *cell);

#endif
