#include "model/load.h"

#include "model/larger.h"

#include <math.h>

/* What the load would draw once it has settled, and its derivative. */
static double target(const struct load_stage *l, double bus_V, double *slope)
{
    *slope = 0.0;
    switch (l->law) {
    case PLANT_LOAD_OFF:
        return 0.0;
    case PLANT_LOAD_CURRENT:
        return l->value;
    case PLANT_LOAD_RESISTANCE:
        return 1.0 / larger(l->value, LOAD_LEAST_Ohm);
    case PLANT_LOAD_POWER:
        break;
    }
    if (bus_V > LOAD_POWER_KNEE_V) {
        *slope = -l->value / (bus_V * bus_V);
        return l->value / bus_V;
    }
    *slope = l->value / (LOAD_POWER_KNEE_V * LOAD_POWER_KNEE_V);
    return *slope * bus_V;
}

static double draw_after(const struct load_stage *l, double dt_s, double bus_V, double *slope)
{
    const double weight = dt_s / LOAD_TAU_s;
    const double draw = (l->draw_star + weight * target(l, bus_V, slope)) / (1.0 + weight);

    *slope *= weight / (1.0 + weight);
    return bus_V >= 0.0 ? larger(draw, 0.0) : draw; /* a stage may overshoot a fading draw */
}

double load_current(const struct load_stage *l, double dt_s, double bus_V, double *slope_S)
{
    double slope;
    const double draw = draw_after(l, dt_s, bus_V, &slope);

    if (l->law == PLANT_LOAD_RESISTANCE) {
        *slope_S = draw;
        return draw * bus_V;
    }
    double knee_S = larger(draw, 0.0) / LOAD_CURRENT_KNEE_V;

    if (l->law == PLANT_LOAD_POWER) {
        knee_S = larger(knee_S, l->value / (LOAD_POWER_KNEE_V * LOAD_POWER_KNEE_V));
    }
    if (knee_S * bus_V < draw) {
        *slope_S = knee_S;
        return knee_S * bus_V;
    }
    *slope_S = slope;
    return draw;
}

double load_settle(struct load_stage *l, double dt_s, double bus_V)
{
    double slope;

    l->draw = draw_after(l, dt_s, bus_V, &slope);
    return load_current(l, dt_s, bus_V, &slope);
}
