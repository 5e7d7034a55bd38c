/* Quantities with units: "3.70 V", "300 us", "-5 degC", "0.2 C". Values are SI doubles; temperatures stay in degC. */
#ifndef SIM_QUANTITY_H
#define SIM_QUANTITY_H

#include <stdbool.h>
#include <stddef.h>

/* X(identifier, noun for messages, unit for printing and CSV columns) */
#define DIMS(X)                                                                                                        \
    X(NONE, "number", "1")                                                                                             \
    X(BOOL, "condition", "bool")                                                                                       \
    X(VOLTAGE, "voltage", "V")                                                                                         \
    X(CURRENT, "current", "A")                                                                                         \
    X(C_RATE, "C rate", "C") /* becomes a current once the pack is known */                                            \
    X(RESISTANCE, "resistance", "Ohm")                                                                                 \
    X(POWER, "power", "W")                                                                                             \
    X(ENERGY, "energy", "J")                                                                                           \
    X(CHARGE, "charge", "Ah")                                                                                          \
    X(CAPACITANCE, "capacitance", "F")                                                                                 \
    X(INDUCTANCE, "inductance", "H")                                                                                   \
    X(TIME, "time", "s")                                                                                               \
    X(TEMPERATURE, "temperature", "degC")                                                                              \
    X(TEMP_DIFF, "temperature difference", "K")                                                                        \
    X(RATIO, "ratio", "%")                                                                                             \
    X(VOLT_SECONDS, "volt-seconds", "V.s")                                                                             \
    X(TEMP_RATE, "temperature rate", "K/s")                                                                            \
    X(CURRENT_RATE, "current rate", "A/s")                                                                             \
    X(VOLTAGE_RATE, "voltage rate", "V/s")                                                                             \
    X(COUNT, "count", "")                                                                                              \
    X(TEXT, "text", "") /* a line of the display */

#define DIM_ENUM(identifier, noun, unit) DIM_##identifier,
enum dim { DIMS(DIM_ENUM) DIM_COUNT_OF };

struct quantity {
    double value; /* in the unit of its dimension above; CHARGE in Ah, RATIO as a fraction (1 = 100 %) */
    enum dim dim;
};

/* Reads text[0..size) as one quantity. On failure says why in error (at most error_size bytes, terminated) and where in
 * *error_at (byte offset). Refuses NaN, infinities, missing and unknown units, trailing text. */
bool quantity_parse(const char *text, size_t size, struct quantity *out, char *error, size_t error_size,
                    size_t *error_at);

/* Shortest text that reads back as the same double, with a prefix that suits its size: "3.7 V", "300 us". */
void quantity_print(struct quantity q, char *out, size_t size);

const char *dim_noun(enum dim dim);
const char *dim_unit(enum dim dim);
/* What a value is multiplied by to be in that unit: 100 for a ratio, else 1. */
double dim_scale(enum dim dim);

#endif
