/* A scenario in plain words: what will be done, what must hold, every limit and window as resolved. */
#ifndef SIM_EXPLAIN_H
#define SIM_EXPLAIN_H

#include "sim/scenario.h"

#include <stdio.h>

void explain_scenario(const struct scenario *s, FILE *out);

/* The parts: what an action does ("load 20 A"), and what an expectation demands, one sentence without a full stop. */
void explain_action(const struct scenario *s, const struct action *a, FILE *out);
void explain_expectation(const struct expectation *e, FILE *out);

#define EXPLAIN_QUANTITY_SIZE 48

/* A number for people: at most nine digits, so that 3.70 V + 20 mV reads 3.72 V. Returns out. */
const char *explain_quantity(double value, enum dim dim, char out[EXPLAIN_QUANTITY_SIZE]);

#endif
