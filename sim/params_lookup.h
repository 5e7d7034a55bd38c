/* BMS parameters by name, with the dimension and scale that the unit at the end of the name stands for. */
#ifndef SIM_PARAMS_LOOKUP_H
#define SIM_PARAMS_LOOKUP_H

#include "sim/diag.h"
#include "sim/quantity.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct params_row {
    const char *name; /* "cell_ov.trip_mV" */
    uint16_t id;
    enum dim dim;          /* DIM_COUNT: a bare number */
    double codes_per_unit; /* of dim's unit: 1000 for mV */
    int32_t min, max;      /* codes */
};

/* False if there is no such parameter. */
bool params_lookup(const char *name, struct params_row *out);

/* By id, for printing. */
struct params_row params_row_of(uint16_t id);

/* Do the values of a parameter set (a file) hold together when some are changed? If not, *which and, where it is one
 * other that is contradicted, *other are the rows in question (else equal). A file that cannot be loaded is reported in
 * d and counts as holding. */
bool params_hold(const char *path, const uint16_t id[], const int32_t value[], size_t count, unsigned cells,
                 struct diag *d, uint16_t *which, uint16_t *other);

/* The nearest name, or NULL. */
const char *params_nearest(const char *name);

#endif
