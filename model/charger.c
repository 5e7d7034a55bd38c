#include "model/charger.h"

#include "model/larger.h"

#include <math.h>

/* The capacitor's branch as a resistor. */
static double branch_Ohm(const struct charger_stage *c, double dt_s)
{
    return c->esr_Ohm + dt_s / c->capacitor_F;
}

static double limit_after(const struct charger_stage *c, double dt_s)
{
    const double weight = dt_s / c->tau_s;

    return (c->limit_star_A + weight * c->set_A) / (1.0 + weight);
}

double charger_hold_V(const struct charger_stage *c, double dt_s)
{
    const double branch_S = 1.0 / branch_Ohm(c, dt_s), k_S = c->capacitor_F / c->tau_s;

    return c->set_V + (c->capacitor_star_V - c->set_V) * branch_S / (branch_S + k_S);
}

double charger_current(const struct charger_stage *c, double dt_s, double bus_V, double *slope_S)
{
    const double branch_S = 1.0 / branch_Ohm(c, dt_s);
    const double i = limit_after(c, dt_s) - (bus_V - c->capacitor_star_V) * branch_S;

    *slope_S = i > 0.0 ? -branch_S : 0.0;
    return larger(i, 0.0);
}

void charger_settle(struct charger_stage *c, double dt_s, double bus_V, double current_A)
{
    const double branch = branch_Ohm(c, dt_s);
    double out_V = bus_V;

    c->limit_A = limit_after(c, dt_s);
    if (current_A <= 0.0) { /* blocked: the output finds its own voltage */
        out_V = smaller(charger_hold_V(c, dt_s), c->capacitor_star_V + branch * c->limit_A);
    }
    c->capacitor_V = c->capacitor_star_V + (out_V - c->capacitor_star_V) / branch * dt_s / c->capacitor_F;
}
