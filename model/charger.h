/* A CC/CV charger: a regulator that feeds an output capacitor, behind an ideal reverse-blocking switch.
 *
 *   C dVc/dt = i - I,   V_out = Vc + esr (i - I),   I >= 0, and V_out = V_bus while I > 0
 *   i = min(limit, I + k (V_set - V_out)),   tau d limit/dt = I_set - limit,   k = C / tau,   tau = 1 / (2 pi 200 Hz)
 *
 * The smaller of the two laws rules. The measured output current is fed forward, so the open output follows V_set with
 * tau and in CV the output is V_set exactly, whatever it carries; the regulator can sink (synchronous converter), the
 * output cannot. It connects with its capacitor at the set voltage. Switched off, its limit falls to 0 and it leaves
 * the bus when no current flows any more. dt is the implicit weight of a stage (see model/circuit.h); 0: the states
 * hold still. */
#ifndef MODEL_CHARGER_H
#define MODEL_CHARGER_H

#include <stdbool.h>

struct charger_params {
    double capacitor_F, esr_Ohm, bandwidth_Hz;
};

struct charger_stage {
    bool connected;
    double capacitor_F, esr_Ohm, tau_s;
    double set_A, set_V;
    double capacitor_star_V, limit_star_A; /* state before the implicit part */
    double capacitor_V, limit_A;           /* answers of charger_settle() */
};

/* The output voltage that it holds in this stage. Below it the charger is a current source, above it gives nothing, and
 * at it any current up to the source's. */
double charger_hold_V(const struct charger_stage *c, double dt_s);
/* Current into the bus (>= 0) from below that voltage, and its derivative (<= 0). */
double charger_current(const struct charger_stage *c, double dt_s, double bus_V, double *slope_S);
/* Fills the answers for the bus voltage and the current that were found. */
void charger_settle(struct charger_stage *c, double dt_s, double bus_V, double current_A);

#endif
