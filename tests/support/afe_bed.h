/* A front end on the test bed: constant values at its pins, which the test changes as it likes. */
#ifndef TESTS_SUPPORT_AFE_BED_H
#define TESTS_SUPPORT_AFE_BED_H

#include "model/afe.h"

#define US INT64_C(1000)
#define MS INT64_C(1000000)
#define S INT64_C(1000000000)

struct afe_bed {
    struct afe_config config;
    struct afe afe;
    double cell_V, stack_V, terminal_V, current_A, temp_degC;
};

/* Ideal, 16 cells at 3.3 V and 25 degC, no current, filter 2 us; powered at 0. */
void afe_bed_init(struct afe_bed *bed);
/* All conversions of a (the bed's own, or a copy) up to an instant, one by one. */
void afe_bed_run(const struct afe_bed *bed, struct afe *a, int64_t until_ns);

#endif
