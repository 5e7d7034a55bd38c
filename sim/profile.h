/* A profile for the plant alone: instants, string current, chamber temperature and, where it was measured, voltage. */
#ifndef SIM_PROFILE_H
#define SIM_PROFILE_H

#include "sim/diag.h"

#include <stdbool.h>
#include <stddef.h>

struct profile_row {
    double time_s;    /* rises from row to row */
    double current_A; /* charging positive; holds until the next row */
    double ambient_degC;
    double voltage_V; /* of the whole string; NAN: not measured */
};

struct profile {
    struct profile_row *row; /* owned */
    size_t count;            /* >= 2 */
    bool has_voltage;
};

/* CSV: the header time_s,current_A,ambient_degC or that with voltage_V, then plain decimal numbers; # begins a line of
 * comment. path "-" is standard input. Errors carry line and column. On failure nothing is left to free. */
bool profile_load(struct profile *p, const char *path, struct diag *d);
void profile_free(struct profile *p);

#endif
