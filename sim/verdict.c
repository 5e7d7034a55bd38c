#include "sim/verdict.h"

#include <math.h>
#include <stdio.h>

#define ROUNDING 1e-14 /* what adding a tolerance to a limit may shift it by, in parts of it */

const char *verdict_name(enum verdict v)
{
    static const char *const names[] = {
        [VERDICT_PASS] = "pass", [VERDICT_SKIP] = "skip",   [VERDICT_INCONCLUSIVE] = "inconclusive",
        [VERDICT_FAIL] = "fail", [VERDICT_ERROR] = "error",
    };

    return names[v];
}

struct verdict_row verdict_none(enum dim dim)
{
    return (struct verdict_row){
        .verdict = VERDICT_PASS,
        .measured = NAN,
        .low = -INFINITY,
        .high = INFINITY,
        .margin = NAN,
        .uncertainty = NAN,
        .dim = dim,
        .t_trigger_s = NAN,
        .t_response_s = NAN,
    };
}

double verdict_margin(double a, double b)
{
    const double margin = a - b;

    return fabs(margin) <= ROUNDING * fabs(a) ? 0.0 : margin;
}

struct verdict_row verdict_judge(double measured, double low, double high, double uncertainty, enum dim dim)
{
    struct verdict_row row = verdict_none(dim);

    row.measured = measured;
    row.low = low;
    row.high = high;
    row.uncertainty = uncertainty;
    row.margin = fmin(verdict_margin(measured, low), verdict_margin(high, measured));
    if (row.margin < -uncertainty) {
        row.verdict = VERDICT_FAIL;
        (void)snprintf(row.why, sizeof row.why, "outside its window");
    } else if (row.margin < uncertainty) {
        row.verdict = VERDICT_INCONCLUSIVE;
        (void)snprintf(row.why, sizeof row.why, "the margin is smaller than the uncertainty");
    }
    return row;
}

bool verdict_is_worse(const struct verdict_row *a, const struct verdict_row *b)
{
    if (a->verdict != b->verdict) {
        return a->verdict > b->verdict;
    }
    if (isnan(b->margin)) {
        return !isnan(a->margin);
    }
    return a->margin < b->margin;
}

double verdict_tolerance(enum dim dim)
{
    switch (dim) {
    case DIM_VOLTAGE:
        return 1e-5;
    case DIM_CURRENT:
    case DIM_TEMPERATURE:
    case DIM_TEMP_DIFF:
        return 1e-4;
    case DIM_TIME:
        return 1e-6;
    default:
        return 1e-9;
    }
}
