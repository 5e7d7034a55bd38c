/* One algebraic solution of the whole circuit: every pack, charger, load, inverter link and short on one bus node.
 *
 *   string - shunt, breaker, FET path - (L) - terminals - cable (L) - bus - charger, load, link, short, snubber
 *
 * An implicit integrator asks for it once per stage. A state y with dy/dt = f becomes y = star + dt f(y), so an
 * inductance is a resistor L / dt with a source, a capacitor a resistor dt / C with one. Slow mode is the same circuit
 * with the inductances left out. Then each pack's current is a rising function of the bus voltage, given by its string
 * (linear about the last evaluation) and its FET law, and what remains is one equation for one voltage: the sum of all
 * currents out of the bus is 0. For linear parts that is the closed form V = (sum E/R - I) / sum 1/R, found in one
 * step; diodes, limiter and load knees take two or three more. Currents of packs are charging positive. */
#ifndef MODEL_CIRCUIT_H
#define MODEL_CIRCUIT_H

#include "model/charger.h"
#include "model/fet.h"
#include "model/load.h"

#include <stdbool.h>

#define CIRCUIT_PACKS_MAX 16

struct circuit_pack {
    double emf_V, string_Ohm; /* string about the last evaluation: emf + Ohm x (branch + leak) */
    double path_Ohm, cable_Ohm, path_H, cable_H;
    struct fet_law law[FET_WAYS];
    double leak_A;                                    /* of a blocking bank; 0 when there is none */
    double terminal_S;                                /* short at the terminals; 0: none */
    bool open;                                        /* breaker open and no current left: nothing conducts */
    double branch_star_A;                             /* current through path_H */
    double cable_star_A;                              /* through cable_H, only its own state when terminal_S > 0 */
    double branch_A, cable_A, leak_now_A, terminal_V; /* answers; the pack's current is branch + leak */
};

struct circuit_rc { /* capacitor behind a resistor, with a bleed across it */
    double ohm, farad, bleed_S;
    double scale;             /* of its conductance: 1 connected, falling while contacts part, 0 away */
    double star_V;            /* capacitor */
    double volt_V, current_A; /* answers; current out of the bus */
};

struct circuit {
    int packs;
    double dt_s; /* implicit weight; 0: capacitors and regulators hold still */
    bool hold;   /* and so do the currents of inductances */
    struct circuit_pack pack[CIRCUIT_PACKS_MAX];
    struct circuit_rc snubber, link;
    struct charger_stage charger;
    struct load_stage load;
    double discharge_S;               /* bus to ground */
    double short_S, lead_Ohm, lead_H; /* short at the bus; behind a lead on the load side */
    double lead_star_A;
    double bus_V;                      /* guess, then answer */
    double charger_A, load_A, short_A; /* answers */
};

/* Finds the answers. Always succeeds: the snubber ties the bus. */
void circuit_solve(struct circuit *c);

/* Sum of all currents out of the bus at a voltage, the charger's left out: what the charger gives at the solution. */
double circuit_surplus(const struct circuit *c, double bus_V);

#endif
