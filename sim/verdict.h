/* Verdicts: what an expectation came to, with the measurement behind it. */
#ifndef SIM_VERDICT_H
#define SIM_VERDICT_H

#include "sim/quantity.h"

#include <stdbool.h>
#include <stdint.h>

/* In order of weight: of two verdicts of one expectation the later one stands. */
enum verdict { VERDICT_PASS, VERDICT_SKIP, VERDICT_INCONCLUSIVE, VERDICT_FAIL, VERDICT_ERROR };

#define VERDICT_WHY_SIZE 160

struct verdict_row {
    enum verdict verdict;
    double measured, low, high; /* in dim's unit; NAN: none, infinite: that side is open */
    double margin, uncertainty; /* margin to the nearer side, negative outside */
    enum dim dim;
    double t_trigger_s, t_response_s; /* NAN: did not come */
    int occurrences;                  /* judged triggers */
    char why[VERDICT_WHY_SIZE];       /* one clause for people */
};

const char *verdict_name(enum verdict v);

/* A row without a measurement yet. */
struct verdict_row verdict_none(enum dim dim);

/* a - b, or 0 where the two differ by the rounding of sums only: 2.80 V - 1 mV is the code 2799 mV. */
double verdict_margin(double a, double b);

/* Compares measured with [low, high]: a margin below the uncertainty, either way, is inconclusive. */
struct verdict_row verdict_judge(double measured, double low, double high, double uncertainty, enum dim dim);

/* True if a should replace b as the one to report: heavier, or as heavy with a smaller margin. */
bool verdict_is_worse(const struct verdict_row *a, const struct verdict_row *b);

/* What a value read from the plant may be off by, besides the time of its reading (DECISIONS: integration tolerance). */
double verdict_tolerance(enum dim dim);

#endif
