#include "model/breaker.h"

#include "model/larger.h"

#include <math.h>

#define LOCATE_STEPS 60

void breaker_init(struct breaker *b)
{
    *b = (struct breaker){ .closed = true };
}

void breaker_set(struct breaker *b, bool closed)
{
    b->closed = closed;
    b->above_s = 0.0;
}

/* Mean of the square of a linear current in multiples of In: exact for a constant one, and within a step the current
 * moves little against tau. */
static double heat_after(const struct breaker *b, const struct breaker_params *p, double i0_A, double i1_A, double s)
{
    const double square = (i0_A * i0_A + i0_A * i1_A + i1_A * i1_A) / (3.0 * p->rated_A * p->rated_A);

    return b->heat - (square - b->heat) * expm1(-s / p->tau_s);
}

static double thermal_trip(const struct breaker *b, const struct breaker_params *p, double i0_A, double i1_A, double h)
{
    const double limit = p->trip * p->trip, slope_A_s = (i1_A - i0_A) / h;
    double low = 0.0, high = h;

    if (larger(fabs(i0_A), fabs(i1_A)) <= p->trip * p->rated_A || heat_after(b, p, i0_A, i1_A, h) < limit) {
        return INFINITY;
    }
    for (int n = 0; n < LOCATE_STEPS; n++) {
        const double mid = 0.5 * (low + high);

        if (heat_after(b, p, i0_A, i0_A + slope_A_s * mid, mid) < limit) {
            low = mid;
        } else {
            high = mid;
        }
    }
    return high;
}

/* Where a linear current enters (from below) the magnetic level: offset in 0..h, INFINITY if it stays below. */
static double enters(double i0_A, double i1_A, double level_A, double h)
{
    const double begin = fabs(i0_A), end = fabs(i1_A);

    if (begin >= level_A) {
        return 0.0;
    }
    return end >= level_A ? h * (level_A - begin) / (end - begin) : INFINITY;
}

static double magnetic_trip(const struct breaker *b, const struct breaker_params *p, double i0_A, double i1_A, double h)
{
    const double from = enters(i0_A, i1_A, p->magnetic_A, h);
    const double left_s = p->latch_s - (from > 0.0 ? 0.0 : b->above_s);
    /* Still above when the latch lets go: the current at that instant decides. */
    const double at = from + larger(left_s, 0.0);
    const double current_A = fabs(i0_A + (i1_A - i0_A) * (at / h));

    return at <= h && current_A >= p->magnetic_A ? at : INFINITY;
}

double breaker_trip(const struct breaker *b, const struct breaker_params *p, double i0_A, double i1_A, double h_s)
{
    if (!b->closed) {
        return INFINITY;
    }
    return smaller(thermal_trip(b, p, i0_A, i1_A, h_s), magnetic_trip(b, p, i0_A, i1_A, h_s));
}

bool breaker_advance(struct breaker *b, const struct breaker_params *p, double i0_A, double i1_A, double h_s)
{
    const bool trips = breaker_trip(b, p, i0_A, i1_A, h_s) <= h_s;
    const double from = enters(i0_A, i1_A, p->magnetic_A, h_s);

    b->heat = heat_after(b, p, i0_A, i1_A, h_s);
    if (fabs(i1_A) < p->magnetic_A) {
        b->above_s = 0.0;
    } else {
        b->above_s = from > 0.0 ? h_s - from : b->above_s + h_s;
    }
    if (trips) {
        breaker_set(b, false);
    }
    return trips;
}
