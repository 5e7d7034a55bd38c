/* The plant alone: a string of cells with its heat, driven by a profile. */
#ifndef SIM_SIMULATE_H
#define SIM_SIMULATE_H

#include "model/string.h"
#include "model/thermal.h"
#include "sim/profile.h"

#include <stdbool.h>
#include <stdio.h>

struct simulation {
    struct string string;
    struct thermal thermal;
    bool isothermal;  /* cells take the profile's ambient temperature at once */
    double longest_s; /* step, and distance of the rows written between those of the profile */
};

/* Against the profile's voltage, over rows with 5 % < state of charge < 95 %. */
struct simulation_fit {
    size_t rows;
    double rmse_V, largest_V;
};

/* cells of one kind at this state of charge and hysteresis, at the profile's first temperature. links_Ohm: between
 * neighbours. network: how heat leaves; NULL: isothermal. params must outlive s. */
void simulation_init(struct simulation *s, const struct cell_params *params, int cells, double links_Ohm,
                     const struct thermal_params *network, const struct profile *profile, double soc, double hysteresis,
                     double longest_s);

/* Holds each row's current and ambient temperature until the next and writes CSV: time_s, current_A, voltage_V (with
 * the current that begins there), soc (mean of the cells), temperature_degC (hottest core) and, if the profile has it,
 * measured_V. False when out cannot take it. */
bool simulation_run(struct simulation *s, const struct profile *profile, FILE *out, struct simulation_fit *fit);

#endif
