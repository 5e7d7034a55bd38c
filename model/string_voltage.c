/* Resistances, branches, voltages and heat over a span of time. */
#include "model/string_formulas.h"
#include "model/string_step.h"

#include <math.h>

enum direction { DIRECTION_DISCHARGE, DIRECTION_CHARGE, DIRECTION_MIXED };

/* What the loop below has as constants, so that the compiler makes a straight run of vector code of each kind. */
struct kind {
    int rc;
    bool current; /* CELL_BRANCH_CURRENT */
    bool heat, product;
    bool lag;
    bool plain; /* tables and factors of the start hold at the end and no direction is blended: short steps */
};

/* One end of four cells. */
struct end {
    lanes i_A, kelvin_off, h, instant_V; /* kelvin_off: above the reference temperature */
    lanes bulk, surface;                 /* from the start of their table segments */
};

struct open {             /* what the tables say there */
    lanes over_V, volt_V; /* hysteresis; open circuit voltage and hysteresis */
    lanes half_gap_V, diffusion_V, entropy_V_K;
};

INLINED struct open open_at(const struct string_segments *restrict g, struct end e, bool lag, int k)
{
    const lanes u = on_line(g->at[CELL_OCV], g->per[CELL_OCV], k, e.surface);
    const lanes d = on_line(g->at[CELL_ENTROPY], g->per[CELL_ENTROPY], k, e.surface);
    struct open out = { .half_gap_V = on_line(g->at[CELL_HYST], g->per[CELL_HYST], k, e.surface), .entropy_V_K = d };

    out.over_V = e.h * out.half_gap_V + e.instant_V;
    out.volt_V = u + e.kelvin_off * d + out.over_V;
    out.diffusion_V = all(0.0);
    if (lag) {
        const lanes bulk = on_line(g->bulk_at[1], g->bulk_per[1], k, e.bulk);

        out.entropy_V_K = bulk;
        out.diffusion_V = u - on_line(g->bulk_at[0], g->bulk_per[0], k, e.bulk) + e.kelvin_off * (d - bulk);
    }
    return out;
}

/* Weight of the charging direction. */
INLINED lanes blend(lanes current_A, double per_A)
{
    const lanes b = 0.5 + current_A * per_A, above = pick(b > 0.0, b, all(0.0));

    return pick(above < 1.0, above, all(1.0));
}

INLINED lanes resistance(const struct string *restrict s, const struct string_segments *restrict g,
                         const double factor[], struct end e, int r, enum direction direction, int k)
{
    const int table = (direction == DIRECTION_CHARGE ? CELL_R_CHARGE : CELL_R_DISCHARGE) + r;
    const lanes one = on_line(g->at[table], g->per[table], k, e.bulk), f = load(&factor[k]);

    if (direction == DIRECTION_MIXED) {
        const lanes charge = on_line(g->at[CELL_R_CHARGE + r], g->per[CELL_R_CHARGE + r], k, e.bulk);

        return f * (one + blend(e.i_A, 0.5 / (STRING_BLEND_C * s->params->nominal_Ah)) * (charge - one));
    }
    return f * one;
}

/* Mean of i v. */
INLINED lanes product_of(const struct string_weights *w, lanes x, lanes a, lanes b, lanes i0, lanes i1)
{
    return i0 * (x + w->w * a + w->w1 * b) + (i1 - i0) * (0.5 * x + w->gt * a + w->wt * b);
}

struct branches {
    lanes v0, v1, heat;
};

/* A branch is exact for a drive (resistance times current, or current) that is linear in time. */
INLINED void move_branch(const struct string *restrict s, struct string_move *restrict m, struct branches *sum, int j,
                         lanes r0, lanes r1, lanes i0, lanes i1, struct kind kind, int k)
{
    const struct string_weights *const w = &m->weights[j];
    const lanes x = load(&s->branch[j][k]), u0 = kind.current ? i0 : r0 * i0, u1 = kind.current ? i1 : r1 * i1;
    const lanes a = u0 - x, b = u1 - u0, y = x + w->g * a + w->w * b;

    store(&m->branch[j][k], y);
    sum->v0 += kind.current ? r0 * x : x;
    sum->v1 += kind.current ? r1 * y : y;
    if (kind.heat && kind.product) {
        const lanes heat = product_of(w, x, a, b, i0, i1);

        sum->heat += kind.current ? heat * 0.5 * (r0 + r1) : heat;
    } else if (kind.heat) {
        const lanes square = square_of(w, x, a, b), r = 0.5 * (r0 + r1);

        sum->heat += kind.current ? square * r : square / (r + STRING_TINY_Ohm);
    }
}

/* Ohmic heat, i times all that is not equilibrium voltage, and entropic heat: means of products of two lines. The last
 * term follows hysteresis as it bends within a long step (the trapezoid's next term). */
INLINED lanes open_heat(const struct string *restrict s, const struct string_move *restrict m, const struct end *e0,
                        const struct end *e1, const struct open *o0, const struct open *o1, lanes ohm, int k)
{
    const lanes i0 = e0->i_A, i1 = e1->i_A, over0 = o0->over_V + o0->diffusion_V, over1 = o1->over_V + o1->diffusion_V;
    const lanes kelvin = 0.5 * (e0->kelvin_off + e1->kelvin_off) + (s->params->reference_degC + CELL_ZERO_degC);
    const lanes p = magnitude(load(&m->moved_C[k])) * (s->params->hysteresis_rate * (1.0 / 12.0)) * load(&s->per_C[k]);
    const lanes mean_V =
        0.5 * (over0 + over1 + kelvin * (o0->entropy_V_K + o1->entropy_V_K)) + o0->half_gap_V * p * (e1->h - e0->h);

    return ohm * (i0 * i0 + i0 * i1 + i1 * i1) * (1.0 / 3.0) + 0.5 * (i0 + i1) * mean_V +
           (i1 - i0) * (over1 - over0) * (1.0 / 12.0);
}

INLINED struct end end_at(const struct string *restrict s, const struct string_move *restrict m, int end,
                          const struct string_segments *restrict g, bool plain, int k)
{
    const double instant = s->params->hysteresis_instant_V;
    struct end e = { .i_A = load(&m->cell_A[end][k]),
                     .kelvin_off =
                         load(end == 1 && !plain ? &m->end_degC[k] : &s->core_degC[k]) - s->params->reference_degC,
                     .h = load(end == 1 ? &m->hysteresis[k] : &s->hysteresis[k]),
                     .bulk = load(&m->soc[end][k]) - load(&g->base[k]),
                     .surface = load(&m->surface[end][k]) - load(&g->surface_base[k]) };

    e.instant_V = all(0.0);
    if (instant != 0.0) {
        e.instant_V = instant * (2.0 * blend(e.i_A, 0.5 / (STRING_BLEND_C * s->params->nominal_Ah)) - 1.0);
    }
    return e;
}

/* A factor bends as exp(T): its mean over a step lies below that of the line between its ends, by this part. */
INLINED lanes bow_of(const double begin[], const double end[], int k)
{
    const lanes a = load(&begin[k]), ratio = (load(&end[k]) - a) / (a + STRING_TINY_Ohm);

    return 1.0 - ratio * ratio * (1.0 / 12.0);
}

INLINED void electric(const struct string *restrict s, struct string_move *restrict m, int k, struct kind kind,
                      enum direction direction)
{
    const struct string_segments *restrict const g0 = &s->segments;
    const struct string_segments *restrict const g1 =
        !kind.plain && m->outside[k / STRING_LANES] ? &m->patched : &s->segments;
    const struct end e0 = end_at(s, m, 0, g0, kind.plain, k), e1 = end_at(s, m, 1, g1, kind.plain, k);
    const struct open o0 = open_at(g0, e0, kind.lag, k), o1 = open_at(g1, e1, kind.lag, k);
    struct branches sum = { all(0.0), all(0.0), all(0.0) };
    lanes series0 = all(0.0), series1 = all(0.0), mean_Ohm = all(0.0);

    for (int r = 0; r <= kind.rc; r++) {
        const double *const f0 = s->factor[r], *const f1 = kind.plain ? f0 : m->end_factor[r];
        const lanes r0 = resistance(s, g0, f0, e0, r, direction, k), r1 = resistance(s, g1, f1, e1, r, direction, k);
        const lanes bow = kind.plain ? all(1.0) : bow_of(f0, f1, k);

        store(&m->r_Ohm[r][k], r1);
        if (r == 0) {
            series0 = r0;
            series1 = r1;
            mean_Ohm = 0.5 * (r0 + r1) * bow;
        } else if (kind.current) { /* the resistance counts at the end, not on the way */
            move_branch(s, m, &sum, r - 1, r0, r1, e0.i_A, e1.i_A, kind, k);
        } else {
            move_branch(s, m, &sum, r - 1, r0 * bow, r1 * bow, e0.i_A, e1.i_A, kind, k);
        }
    }
    store(&m->cell_V[0][k], o0.volt_V + series0 * e0.i_A + sum.v0);
    store(&m->cell_V[1][k], o1.volt_V + series1 * e1.i_A + sum.v1);
    if (kind.heat) {
        store(&m->heat_W[k], sum.heat + open_heat(s, m, &e0, &e1, &o0, &o1, mean_Ohm, k));
    }
}

/* The usual two branches of voltages get runs of their own; everything else takes the general one. */
INLINED void electric_of(const struct string *restrict s, struct string_move *restrict m, int k, bool lag,
                         enum direction direction)
{
    const bool product = s->params->heat == CELL_HEAT_PRODUCT;
    struct kind kind = { .rc = 2, .lag = lag, .plain = true };

    if (!m->wants_heat) {
        electric(s, m, k, kind, direction);
    } else if (product) {
        kind.heat = true;
        kind.product = true;
        electric(s, m, k, kind, direction);
    } else {
        kind.heat = true;
        electric(s, m, k, kind, direction);
    }
}

/* Leak, charging losses and internal short. Charge that vanishes inside the cell leaves its enthalpy, U - T0 dU/dT. */
static void side_heat(const struct string *s, struct string_move *m, int first)
{
    const double lost = 1.0 - s->params->coulombic_efficiency;
    const double kelvin = s->params->reference_degC + CELL_ZERO_degC;

    for (int k = first; k < first + STRING_LANES; k++) {
        const double x = m->soc[0][k] - s->segments.base[k], a = m->cell_V[0][k], b = m->cell_V[1][k];
        const double u = s->segments.bulk_at[0][k] + s->segments.bulk_per[0][k] * x;
        const double enthalpy_V = u - kelvin * (s->segments.bulk_at[1][k] + s->segments.bulk_per[1][k] * x);

        if (s->has_leak) {
            m->heat_W[k] += enthalpy_V * u * s->factor[STRING_LEAK_S][k];
        }
        if (lost > 0.0) {
            m->heat_W[k] += lost * enthalpy_V * string_positive_area(m->cell_A[0][k], m->cell_A[1][k]);
        }
        m->heat_W[k] += s->short_S[k] * (a * a + a * b + b * b) * (1.0 / 3.0);
    }
}

static enum direction direction_of(const struct string *s, const struct string_move *m)
{
    const double band = STRING_BLEND_C * s->params->nominal_Ah, a = m->i_A[0], b = m->i_A[1];

    if (!s->has_direction || (!s->has_shunts && a <= -band && b <= -band)) {
        return DIRECTION_DISCHARGE;
    }
    return !s->has_shunts && a >= band && b >= band ? DIRECTION_CHARGE : DIRECTION_MIXED;
}

VECTOR_CLONES
void string_run_voltage(const struct string *restrict s, struct string_move *restrict m, int first, int lanes_end)
{
    const struct cell_params *const p = s->params;
    const enum direction direction = direction_of(s, m);
    const bool plain = direction != DIRECTION_MIXED && m->end_factor == s->factor && p->rc_count == 2 &&
                       p->branch == CELL_BRANCH_VOLTAGE;
    const struct kind general = { .rc = p->rc_count,
                                  .current = p->branch == CELL_BRANCH_CURRENT,
                                  .heat = m->wants_heat,
                                  .product = p->heat == CELL_HEAT_PRODUCT,
                                  .lag = s->has_lag };

    for (int k = first; k < lanes_end; k += STRING_LANES) {
        if (!plain || m->outside[k / STRING_LANES]) {
            electric(s, m, k, general, direction);
        } else if (s->has_lag) {
            electric_of(s, m, k, true, direction);
        } else {
            electric_of(s, m, k, false, direction);
        }
        if (m->wants_heat && (s->has_leak || s->has_shunts || p->coulombic_efficiency < 1.0)) {
            side_heat(s, m, k);
        }
    }
}

VECTOR_CLONES
bool string_harms(const struct string *restrict s, const struct string_move *restrict m, int first)
{
    lane_mask beyond = { 0 };

    for (int k = first; k < s->cells; k += STRING_LANES) {
        const lanes a = load(&m->cell_V[0][k]), b = load(&m->cell_V[1][k]), low = load(&s->under_V[k]);
        const lanes most_A = load(&s->charge_limit_A[k]);

        beyond |= (a > s->params->over_V) | (b > s->params->over_V) | (a < low) | (b < low) |
                  (load(&m->cell_A[0][k]) > most_A) | (load(&m->cell_A[1][k]) > most_A);
    }
    return any(beyond);
}
