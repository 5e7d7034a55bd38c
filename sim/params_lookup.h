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

struct params_set; /* all values of a BMS */

/* From its file (params_json.h); NULL and messages in d on failure. Free it with params_set_free. */
struct params_set *params_set_load(const char *path, struct diag *d);
void params_set_free(struct params_set *set);

/* Do the values of a set hold together when some are changed? If not, *which and, where it is one other that is
 * contradicted, *other are the rows in question (else equal). */
bool params_hold(const struct params_set *set, const uint16_t id[], const int32_t value[], size_t count, unsigned cells,
                 uint16_t *which, uint16_t *other);

/* The nearest name, or NULL. */
const char *params_nearest(const char *name);

#endif
