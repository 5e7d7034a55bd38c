/* Private to string*.c: the formulas that the general run (string_charge.c, string_voltage.c) and the short step
 * (string_short.c) share, for four cells side by side. */
#ifndef MODEL_STRING_FORMULAS_H
#define MODEL_STRING_FORMULAS_H

#include "model/string_lanes.h"

#define STRING_BLEND_C 0.02    /* half width of the band over which the directions' resistances are blended, C rate */
#define STRING_TINY_Ohm 1e-300 /* a branch without resistance has no heat */
#define STRING_SERIES_MAX 1e-3 /* of 1 - exp(-x) by four terms: the next is x^4/120 of the first */
#define STRING_PADE_MAX 0.25   /* of 1 - exp(-x) by tanh's [5/4] fraction: relative error 1e-16 there */

INLINED lanes on_line(const double at[], const double per[], int k, lanes x)
{
    return load(&at[k]) + load(&per[k]) * x;
}

/* 1 - exp(-x) = 2 t / (1 + t), t = tanh(x / 2); *w = 1 - gain / x without cancellation. 0 <= x <= STRING_PADE_MAX. */
INLINED lanes gain_pade(lanes x, lanes *w)
{
    const lanes y = 0.5 * x, yy = y * y;
    const lanes top = 945.0 + yy * (105.0 + yy), bottom = 945.0 + yy * (420.0 + 15.0 * yy);
    const lanes per = 1.0 / (bottom + y * top);

    *w = (yy * (315.0 + 14.0 * yy) + y * top) * per;
    return x * top * per;
}

INLINED lanes gain_series(lanes x)
{
    return x * (1.0 - x * (1.0 / 2.0) * (1.0 - x * (1.0 / 3.0) * (1.0 - x * (1.0 / 4.0))));
}

/* Mean of v^2 for v = x + g(t) a + w(t) b. */
INLINED lanes square_of(const struct string_weights *w, lanes x, lanes a, lanes b)
{
    return x * x + a * (2.0 * (w->w * x + w->gw * b) + w->g2 * a) + b * (2.0 * w->w1 * x + w->w2 * b);
}

#endif
