/* What a plant consists of. Visible so that the caller can own and copy it; only model/plant*.c touches it. */
#ifndef MODEL_PLANT_STATE_H
#define MODEL_PLANT_STATE_H

#include "model/circuit.h"
#include "model/pack.h"
#include "model/parts.h"

#include <stdbool.h>
#include <stdint.h>

#define PLANT_PACKS_MAX CIRCUIT_PACKS_MAX
#define PLANT_NTC_MAX PACK_NTC_MAX

/* Everything of the circuit that moves, at one instant. Charging current positive. */
struct plant_node {
    double branch_A[PLANT_PACKS_MAX]; /* through the FET path */
    double leak_A[PLANT_PACKS_MAX];   /* past it; pack current is the sum */
    double terminal_V[PLANT_PACKS_MAX];
    double cable_A; /* of the pack whose terminals are shorted */
    double snubber_V, link_V, capacitor_V, limit_A, draw;
    double bus_V, charger_A, load_A, short_A, link_A;
};

struct plant_harm { /* counters of one pack */
    double avalanche_J, junction_peak_degC, current_peak_A, terminal_peak_V, charge_Ah, energy_J;
};

struct plant_ntc {
    bool held;
    double body_degC, held_degC, held_K_s;
};

struct plant_pack {
    const struct pack_params *params; /* borrowed */
    struct string string;
    struct thermal thermal;
    struct fet fet;
    struct breaker breaker;
    double quiescent_A;
    uint32_t bleed, bleed_stuck;
    int gives, takes;         /* active balancer: cells from 0; -1: none */
    double moved_A, heater_W; /* what the first gives; heat into the box */
    struct plant_ntc ntc[PLANT_NTC_MAX];
    struct plant_harm harm;
    double pending_C;                /* charge that flowed since the cells moved last */
    double cell_J[STRING_CELLS_MAX]; /* heat of the cells that the thermal network has not had yet */
    double frozen_V, frozen_Ohm;     /* string about the present, in the fast window */
    double fet_W[FET_BANKS];         /* heat of the last segment, for junction temperatures ahead */
    double guess_A_s;                /* slope of the last segment */
};

struct plant_ramp { /* a value that moves */
    double value, per_s;
};

struct plant_outside { /* what hangs on the bus */
    bool charger_on, charger_connected;
    double charger_leaves_s; /* how long it has been off */
    struct plant_ramp charger_A, charger_V;
    enum plant_load load_law;
    struct plant_ramp load;
    bool short_on;
    double short_S; /* decays while contacts part */
    int short_pack; /* -1: at bus or load */
    bool short_lead;
    bool link_on;
    double link_scale; /* likewise */
    struct pack_inverter link;
};

struct plant_segment {
    bool valid;
    int64_t asked_ns;  /* what the caller allowed */
    int64_t solved_ns; /* what the nodes span */
    int64_t length_ns; /* what may be read and committed: the solved span, or less where a breaker trips */
    int64_t answer_ns; /* what plant_plan() last returned */
    bool still;        /* nothing moves in it */
    double next_s;     /* step that accuracy suggests afterwards */
    struct plant_node end;
};

struct plant_cache { /* one evaluation of all cells */
    int pack;
    int64_t offset_ns, seen_ns; /* of the values; of the last miss */
    int seen_pack;
    double cell_V[STRING_CELLS_MAX];
};

struct plant {
    int packs;
    struct plant_pack pack[PLANT_PACKS_MAX];
    struct plant_outside outside;
    struct plant_node now;
    struct plant_segment plan;
    struct plant_cache cache;
    bool fast;        /* inside a window after a switching event: inductances live, cells frozen */
    bool dirty;       /* something changed: algebraic quantities must be found anew at the start */
    bool frozen;      /* ... as of their last move */
    int calm;         /* segments in a row that need no window */
    double step_s;    /* next step that accuracy suggests */
    double pending_s; /* since the cells moved last, in the window */
};

#endif
