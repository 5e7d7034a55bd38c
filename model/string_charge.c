/* What only depends on charge moved: charge, hysteresis, surface lag, and which table segments hold at the end. */
#include "model/string_formulas.h"
#include "model/string_step.h"

#include <math.h>

static double gain_exact(double x, double *w)
{
    const double g = -expm1(-x);

    *w = x > 0.0 ? 1.0 - g / x : 0.0;
    return g;
}

double string_positive_area(double a, double b)
{
    if (a <= 0.0 && b <= 0.0) {
        return 0.0;
    }
    if (a >= 0.0 && b >= 0.0) {
        return 0.5 * (a + b);
    }
    return 0.5 * fmax(a, b) * fmax(a, b) / fabs(b - a);
}

/* How 1 - exp(-x) is worked out for a whole evaluation, from the largest x in it. */
enum gain { GAIN_NONE, GAIN_SERIES, GAIN_PADE, GAIN_EXACT };

static enum gain gain_for(double largest)
{
    if (largest > STRING_PADE_MAX) {
        return GAIN_EXACT;
    }
    return largest > STRING_SERIES_MAX ? GAIN_PADE : GAIN_SERIES;
}

/* Charge and state of charge; leaks and charging losses are taken off. */
INLINED void move_charge(const struct string *restrict s, struct string_move *restrict m, int k)
{
    const lanes off0 = s->has_shunts ? load(&m->shunt_A[0][k]) : all(0.0);
    const lanes off1 = s->has_shunts ? load(&m->shunt_A[1][k]) : all(0.0);
    const lanes a = m->i_A[0] - off0, b = m->i_A[1] - off1;
    const lanes moved = (0.5 * m->span_s) * (a + b), per_C = load(&s->per_C[k]);
    lanes charge = load(&s->charge_C[k]), begin = charge * per_C;

    charge += moved;
    if (s->has_leak) {
        const lanes u =
            load(&s->segments.bulk_at[0][k]) + load(&s->segments.bulk_per[0][k]) * (begin - load(&s->segments.base[k]));

        charge -= m->span_s * load(&s->factor[STRING_LEAK_S][k]) * u;
    }
    store(&m->cell_A[0][k], a);
    store(&m->cell_A[1][k], b);
    store(&m->moved_C[k], moved);
    store(&m->charge_C[k], charge);
    store(&m->soc[0][k], begin);
}

static void lose_charge(const struct string *s, struct string_move *m, int first)
{
    const double lost = (1.0 - s->params->coulombic_efficiency) * m->span_s;

    for (int k = first; k < first + STRING_LANES; k++) {
        m->charge_C[k] -= lost * string_positive_area(m->cell_A[0][k], m->cell_A[1][k]);
    }
}

static double relax(double h, double moved_C, double rate_per_C)
{
    double w;

    return h + gain_exact(fabs(moved_C) * rate_per_C, &w) * (copysign(1.0, moved_C) - h);
}

/* Any size of step, and currents that change sign within it. */
static void turn_hysteresis(const struct string *s, struct string_move *m, int first)
{
    for (int k = first; k < first + STRING_LANES; k++) {
        const double a = m->cell_A[0][k], b = m->cell_A[1][k], rate = s->params->hysteresis_rate * s->per_C[k];

        if (a * b < 0.0) {
            const double at = a / (a - b), begin = 0.5 * a * at * m->span_s, end = 0.5 * b * (1.0 - at) * m->span_s;

            m->hysteresis[k] = relax(relax(s->hysteresis[k], begin, rate), end, rate);
        } else {
            m->hysteresis[k] = relax(s->hysteresis[k], m->moved_C[k], rate);
        }
    }
}

static enum gain hysteresis_gain(const struct string *s, const struct string_move *m, int first, int lanes_end)
{
    double shunt = 0.0;

    if (!s->has_hysteresis) {
        return GAIN_NONE;
    }
    for (int k = first; s->has_shunts && k < lanes_end; k++) {
        const double a = m->i_A[0] - m->shunt_A[0][k], b = m->i_A[1] - m->shunt_A[1][k];

        if (a * b < 0.0) {
            return GAIN_EXACT;
        }
        shunt = fmax(shunt, fmax(fabs(m->shunt_A[0][k]), fabs(m->shunt_A[1][k])));
    }
    if (m->i_A[0] * m->i_A[1] < 0.0) {
        return GAIN_EXACT;
    }
    const double a = fabs(m->i_A[0]), b = fabs(m->i_A[1]);

    return gain_for(((a > b ? a : b) + shunt) * m->span_s * s->params->hysteresis_rate * s->per_C_max);
}

INLINED void move_hysteresis(const struct string *restrict s, struct string_move *restrict m, enum gain gain, int k)
{
    const lanes moved = load(&m->moved_C[k]), h = load(&s->hysteresis[k]);
    const lanes p = magnitude(moved) * s->params->hysteresis_rate * load(&s->per_C[k]);
    lanes w;

    if (gain == GAIN_EXACT) {
        turn_hysteresis(s, m, k);
    } else if (gain == GAIN_PADE) {
        store(&m->hysteresis[k], h + gain_pade(p, &w) * (sign_of(moved) - h));
    } else {
        store(&m->hysteresis[k], h + gain_series(p) * (sign_of(moved) - h));
    }
}

static void long_lag(const struct string *s, struct string_move *m, int first)
{
    for (int k = first; k < first + STRING_LANES; k++) {
        double w;
        const double per_s = 0.5 * (s->factor[STRING_LAG_PER_s][k] + m->end_factor[STRING_LAG_PER_s][k]);
        const double g = gain_exact(m->span_s * per_s, &w), scale = s->per_C[k] / per_s;
        const double begin = scale * m->cell_A[0][k], end = scale * m->cell_A[1][k];

        m->lag[k] = s->lag[k] + g * (begin - s->lag[k]) + w * (end - begin);
    }
}

INLINED void move_lag(const struct string *restrict s, struct string_move *restrict m, enum gain gain, int k)
{
    const lanes lag = load(&s->lag[k]);

    if (gain == GAIN_EXACT) {
        long_lag(s, m, k);
    } else {
        const bool ahead = m->end_factor != s->factor;
        const lanes now = load(&s->factor[STRING_LAG_PER_s][k]);
        const lanes per_s = ahead ? 0.5 * (now + load(&m->end_factor[STRING_LAG_PER_s][k])) : now;
        const lanes scale = load(&s->per_C[k]) * (ahead ? 1.0 / per_s : load(&s->lag_s[k]));
        const lanes begin = scale * load(&m->cell_A[0][k]), end = scale * load(&m->cell_A[1][k]);
        lanes w, g = gain_pade(m->span_s * per_s, &w);

        store(&m->lag[k], lag + g * (begin - lag) + w * (end - begin));
    }
}

/* Ends of the span, in the bulk and at the surface; a cell that leaves its table segments gets those of its end. */
INLINED lane_mask move_surface(const struct string *restrict s, struct string_move *restrict m, int k)
{
    const struct string_segments *restrict const g = &s->segments;
    const lanes z = load(&m->charge_C[k]) * load(&s->per_C[k]);
    const lanes begin = load(&m->soc[0][k]);
    const lanes y = s->has_lag ? z + load(&m->lag[k]) : z;

    store(&m->soc[1][k], z);
    store(&m->surface[0][k], s->has_lag ? begin + load(&s->lag[k]) : begin);
    store(&m->surface[1][k], y);
    return (z < load(&g->low[k])) | (z >= load(&g->high[k])) | (y < load(&g->surface_low[k])) |
           (y >= load(&g->surface_high[k]));
}

/* Not inlined, so it takes the mask by address: by value, a clone for AVX2 would hand it over where this does not look.
 */
static void patch(const struct string *s, struct string_move *m, const lane_mask *outside, int first)
{
    if (!m->crossed) {
        m->patched = s->segments;
        m->crossed = true;
    }
    for (int n = 0; n < STRING_LANES; n++) {
        if ((*outside)[n] != 0) {
            string_segments_at(s, &m->patched, first + n, m->soc[1][first + n], m->surface[1][first + n]);
        }
    }
}

VECTOR_CLONES
void string_run_charge(const struct string *restrict s, struct string_move *restrict m, int first, int lanes_end)
{
    const enum gain hysteresis = hysteresis_gain(s, m, first, lanes_end);
    const enum gain lag = gain_for(m->span_s * s->lag_per_s_max);

    m->crossed = false;
    for (int k = first; k < lanes_end; k += STRING_LANES) {
        move_charge(s, m, k);
        if (s->params->coulombic_efficiency < 1.0) {
            lose_charge(s, m, k);
        }
        if (hysteresis == GAIN_NONE) {
            store(&m->hysteresis[k], load(&s->hysteresis[k]));
        } else {
            move_hysteresis(s, m, hysteresis, k);
        }
        if (s->has_lag) {
            move_lag(s, m, lag, k);
        } else {
            store(&m->lag[k], all(0.0));
        }
        const lane_mask outside = move_surface(s, m, k);

        m->outside[k / STRING_LANES] = any(outside);
        if (m->outside[k / STRING_LANES]) {
            patch(s, m, &outside, k);
        }
    }
}
