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
    double short_grid_s;                   /* step of the short-circuit comparator's delay in this board's silicon */
    double quiescent_A;                    /* what the running BMS draws from the stack, ... */
    double standby_A, sleep_A, off_A;      /* ... in its other modes, ... */
    double balancing_A;                    /* ... and while its active balancer works */
    double balancer_efficiency;            /* of the active balancer: power out over power in */
    double supply_V;                       /* under this for more than 1 ms the BMS has no supply */
    double wake_charger_V; /* what wakes a resting BMS besides its keys: terminals this far above the stack, */
    double wake_bus_V;     /* or voltage that comes to them; 0: that does not */
    double wake_load;      /* 1: a load put on the terminals does */
    double key_latching;   /* 1: the power key is a switch, closed at the start */
    double heater_W;       /* heating output; 0: none */
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
