/* The units that quantities are written in. For quantity.c. */
#ifndef SIM_QUANTITY_UNIT_H
#define SIM_QUANTITY_UNIT_H

#include "sim/quantity.h"

#define UNIT_SIZE 16 /* bytes of a unit's name with its end */

/* A value in the unit is value * 10^exp10 * factor / divisor in the unit of the dimension. Powers of ten are applied to
 * the decimal text, so that "300 us" is the double nearest to 0.0003 and not a product of two roundings. */
struct unit {
    const char *name;
    enum dim dim;
    int exp10;
    double factor, divisor;
    double print_from; /* used in printing from this size on (in the unit of the dimension); NAN: never */
};

/* The unit of that very name, or NULL. */
const struct unit *unit_find(const char *name);

/* The name that is meant by a wrong one ("mv", "sec"), or NULL. */
const char *unit_nearest(const char *name);

/* The unit to print a value of this size in; NULL: the dimension has none. */
const struct unit *unit_for_print(enum dim dim, double value);

/* Letters for a symbol (micro, omega, degree) at the start of text, and its bytes; NULL if none stands there. */
const char *unit_symbol(const char *text, size_t size, size_t *symbol_size);

#endif
