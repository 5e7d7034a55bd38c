/* An electronic load: constant current, power or resistance.
 *
 * What it draws (a current, or for a resistance a conductance) follows its law with tau 50 us (assumed: rise time of
 * laboratory loads), so switching it never asks an inductance for a step. No load draws from a bus at 0 V: below a knee
 * it is a resistor, so that the current falls to 0 with the voltage and stays continuous: current: full above 1 V;
 * power: P / V above LOAD_POWER_KNEE_V, below it the resistor that draws P there. */
#ifndef MODEL_LOAD_H
#define MODEL_LOAD_H

#define LOAD_TAU_s 50e-6
#define LOAD_CURRENT_KNEE_V 1.0
#define LOAD_POWER_KNEE_V 20.0
#define LOAD_LEAST_Ohm 1e-3 /* of a resistance that is ramped down */

enum plant_load { PLANT_LOAD_OFF, PLANT_LOAD_CURRENT, PLANT_LOAD_POWER, PLANT_LOAD_RESISTANCE };

struct load_stage {
    enum plant_load law;
    double value;     /* A, W or Ohm; infinite ohms draw nothing */
    double draw_star; /* A, or S for a resistance, before the implicit part */
    double draw;      /* answer of load_settle() */
};

/* Current out of the bus at a bus voltage (dt as in model/circuit.h), and its derivative. */
double load_current(const struct load_stage *l, double dt_s, double bus_V, double *slope_S);
double load_settle(struct load_stage *l, double dt_s, double bus_V);

#endif
