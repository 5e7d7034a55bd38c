/* The usual short step in one pass: two branches of voltages, no shunts, one direction's resistances, temperatures as
 * at its start, all cells inside their table segments and unharmed. The same formulas as in string_charge.c and
 * string_voltage.c; what the cells have in common is worked out once, for as long as steps and currents stay the same,
 * and nothing goes through memory on the way.
 *
 * A group of cells that leaves a segment or is harmed ends the pass before anything of it has changed: the general run
 * takes over there. */
#include "model/larger.h"
#include "model/string_formulas.h"
#include "model/string_step.h"

#include <math.h>

struct kind { /* constants of a run, as in string_voltage.c */
    bool heat, product;
    bool rich;  /* surface lag, leak or charging losses */
    bool jumps; /* the current is not that of the last step's end: its start may do harm */
};

static double band_A(const struct string *s)
{
    return STRING_BLEND_C * s->params->nominal_Ah;
}

bool string_is_short(const struct string *s, double span_s, double i0, double i1)
{
    const double low_A = smaller(i0, i1), high_A = larger(i0, i1), most_A = larger(high_A, -low_A);

    if (!s->is_usual || s->has_shunts || (s->core_J_K > 0.0 && span_s > STRING_AHEAD_MIN_s) ||
        high_A > s->charge_limit_min_A) {
        return false;
    }
    if (s->has_direction && high_A > -band_A(s) && low_A < band_A(s)) {
        return false;
    }
    if (s->has_hysteresis && ((low_A < 0.0 && high_A > 0.0) ||
                              most_A * span_s * s->params->hysteresis_rate * s->per_C_max > STRING_SERIES_MAX)) {
        return false;
    }
    return !s->has_lag || span_s * s->lag_per_s_max <= STRING_PADE_MAX;
}

/* ---- what all cells share ---- */

/* End of a branch: x + begin r0 + end r1 - g x. For CELL_HEAT_PRODUCT its mean heat is a line in x, r0 and r1. */
static void share_branch(double share[], int j, const struct string_weights *w, double i0, double i1)
{
    const double rise = i1 - i0;

    share[STRING_SHARE_G + j] = w->g;
    share[STRING_SHARE_BEGIN_A + j] = i0 * (w->g - w->w);
    share[STRING_SHARE_END_A + j] = i1 * w->w;
    share[STRING_SHARE_HEAT_A + j] = i0 * (1.0 - w->w) + rise * (0.5 - w->gt);
    share[STRING_SHARE_HEAT_BEGIN_A2 + j] = i0 * (i0 * (w->w - w->w1) + rise * (w->gt - w->wt));
    share[STRING_SHARE_HEAT_END_A2 + j] = i1 * (i0 * w->w1 + rise * w->wt);
}

/* Gains of the hysteresis for the charge moved. */
VECTOR_CLONES
static void turn(struct string *restrict s, double moved_C)
{
    const double rate = s->has_hysteresis ? fabs(moved_C) * s->params->hysteresis_rate : 0.0;

    for (int k = 0; k < STRING_CELLS_MAX; k += STRING_LANES) {
        store(&s->turn[k], gain_series(rate * load(&s->per_C[k])));
    }
}

static void share_step(struct string *s, double span_s, double i0, double i1)
{
    const struct cell_params *const p = s->params;
    const double moved_C = 0.5 * span_s * (i0 + i1), lost = 1.0 - p->coulombic_efficiency, mean_A = 0.5 * (i0 + i1);
    const double lost_A = lost > 0.0 ? lost * string_positive_area(i0, i1) : 0.0, twelfth_A = (i1 - i0) * (1.0 / 12.0);
    double *const out = s->share;

    out[STRING_SHARE_BEGIN] = i0;
    out[STRING_SHARE_END] = i1;
    out[STRING_SHARE_CHARGE_C] = moved_C - lost_A * span_s;
    out[STRING_SHARE_SIDE] = moved_C < 0.0 ? -1.0 : 1.0;
    out[STRING_SHARE_LOST_A] = lost_A;
    out[STRING_SHARE_OHM_A2] = (i0 * i0 + i0 * i1 + i1 * i1) * (1.0 / 6.0);
    out[STRING_SHARE_OVER_BEGIN_A] = 0.5 * mean_A - twelfth_A;
    out[STRING_SHARE_OVER_END_A] = 0.5 * mean_A + twelfth_A;
    out[STRING_SHARE_BEND_A] = mean_A * (1.0 / 12.0);
    out[STRING_SHARE_ENTROPY_A] = 0.5 * mean_A;
    for (int j = 0; j < STRING_SHARE_BRANCHES; j++) {
        share_branch(out, j, &s->weights[j], i0, i1);
    }
    turn(s, moved_C);
    s->share_s = span_s;
}

/* ---- four cells ---- */

/* On their way. [2]: at the start, at the end. */
struct group {
    lanes per_C, charge_C, bulk[2], surface[2], lag, h[2]; /* bulk and surface from the start of their segments */
    lanes turn, loss_W;                                    /* gain of the hysteresis; leak and charging losses */
    lane_mask trouble;
};

/* Leak: what is lost of charge. The enthalpy of what vanishes inside stays as heat. */
INLINED void lose(const struct string *restrict s, const lanes share[], struct group *q, int k)
{
    const struct string_segments *restrict const g = &s->segments;
    const lanes u = on_line(g->bulk_at[0], g->bulk_per[0], k, q->bulk[0]);
    const lanes d = on_line(g->bulk_at[1], g->bulk_per[1], k, q->bulk[0]);
    const lanes leak_A = s->has_leak ? load(&s->factor[STRING_LEAK_S][k]) * u : all(0.0);

    q->charge_C -= s->share_s * leak_A;
    q->loss_W = (u - (s->params->reference_degC + CELL_ZERO_degC) * d) * (leak_A + share[STRING_SHARE_LOST_A]);
}

INLINED void move_lag(const struct string *restrict s, const lanes share[], struct group *q, int k)
{
    const lanes begin = load(&s->lag[k]), scale = q->per_C * load(&s->lag_s[k]);
    lanes w;
    const lanes g = gain_pade(s->share_s * load(&s->factor[STRING_LAG_PER_s][k]), &w);

    q->lag = begin + (g * (scale * share[STRING_SHARE_BEGIN] - begin) +
                      w * (scale * (share[STRING_SHARE_END] - share[STRING_SHARE_BEGIN])));
}

INLINED struct group move_group(const struct string *restrict s, const lanes share[], struct kind kind, int k)
{
    const struct string_segments *restrict const g = &s->segments;
    const lanes charge = load(&s->charge_C[k]), per_C = load(&s->per_C[k]), base = load(&g->base[k]);
    const lanes begin = charge * per_C, h = load(&s->hysteresis[k]);
    struct group q = { .per_C = per_C, .charge_C = charge + share[STRING_SHARE_CHARGE_C] };

    q.bulk[0] = begin - base;
    if (kind.rich) {
        lose(s, share, &q, k);
    }
    const lanes end = q.charge_C * per_C;

    q.bulk[1] = end - base;
    q.turn = load(&s->turn[k]);
    q.h[0] = h;
    q.h[1] = h + q.turn * (share[STRING_SHARE_SIDE] - h);
    q.trouble = (end < load(&g->low[k])) | (end >= load(&g->high[k]));
    q.surface[0] = q.bulk[0];
    q.surface[1] = q.bulk[1];
    if (kind.rich && s->has_lag) {
        move_lag(s, share, &q, k);
        const lanes top = end + q.lag, surface_base = load(&g->surface_base[k]);

        q.surface[0] = begin + load(&s->lag[k]) - surface_base;
        q.surface[1] = top - surface_base;
        q.trouble |= (top < load(&g->surface_low[k])) | (top >= load(&g->surface_high[k]));
    }
    return q;
}

struct open { /* one end */
    lanes volt_V, over_V, entropy_V_K, gap_V;
};

/* Open circuit and hysteresis; over_V and entropy_V_K are those of the heat, with diffusion. */
INLINED struct open open_end(const struct string *restrict s, const struct group *q, bool lag, int e, int k)
{
    const struct string_segments *restrict const g = &s->segments;
    const lanes kelvin_off = load(&s->core_degC[k]) - s->params->reference_degC;
    const lanes u = on_line(g->at[CELL_OCV], g->per[CELL_OCV], k, q->surface[e]);
    const lanes d = on_line(g->at[CELL_ENTROPY], g->per[CELL_ENTROPY], k, q->surface[e]);
    const lanes gap = on_line(g->at[CELL_HYST], g->per[CELL_HYST], k, q->surface[e]);
    struct open o = { .over_V = q->h[e] * gap, .entropy_V_K = d, .gap_V = gap };

    o.volt_V = u + kelvin_off * d + o.over_V;
    if (lag) {
        o.entropy_V_K = on_line(g->bulk_at[1], g->bulk_per[1], k, q->bulk[e]);
        o.over_V += u - on_line(g->bulk_at[0], g->bulk_per[0], k, q->bulk[e]) + kelvin_off * (d - o.entropy_V_K);
    }
    return o;
}

/* Of hysteresis, diffusion, entropy and the series resistance with the joints. */
INLINED lanes open_heat(const struct string *restrict s, const lanes share[], const struct group *q,
                        const struct open o[2], lanes twice_Ohm, int k)
{
    const lanes entropy = (load(&s->core_degC[k]) + CELL_ZERO_degC) * (o[0].entropy_V_K + o[1].entropy_V_K);

    return share[STRING_SHARE_OVER_BEGIN_A] * o[0].over_V + share[STRING_SHARE_OVER_END_A] * o[1].over_V +
           share[STRING_SHARE_ENTROPY_A] * entropy +
           share[STRING_SHARE_BEND_A] * o[0].gap_V * q->turn * (q->h[1] - q->h[0]) +
           share[STRING_SHARE_OHM_A2] * (twice_Ohm + load(&s->joint_Ohm[k]));
}

INLINED lanes branch_end(const lanes share[], int j, lanes x, lanes r0, lanes r1)
{
    return x +
           (share[STRING_SHARE_BEGIN_A + j] * r0 + share[STRING_SHARE_END_A + j] * r1 - share[STRING_SHARE_G + j] * x);
}

INLINED lanes branch_heat(const struct string *restrict s, const lanes share[], int j, lanes x, lanes r0, lanes r1,
                          bool product)
{
    if (product) {
        return share[STRING_SHARE_HEAT_A + j] * x + share[STRING_SHARE_HEAT_BEGIN_A2 + j] * r0 +
               share[STRING_SHARE_HEAT_END_A2 + j] * r1;
    }
    const lanes u = r0 * share[STRING_SHARE_BEGIN];

    return square_of(&s->weights[j], x, u - x, r1 * share[STRING_SHARE_END] - u) / (0.5 * (r0 + r1) + STRING_TINY_Ohm);
}

INLINED lane_mask harmed(const struct string *restrict s, lanes volt_V, int k)
{
    return (volt_V > s->params->over_V) | (volt_V < load(&s->under_V[k]));
}

INLINED lanes resistance(const struct string *restrict s, int table, int r, lanes bulk, int k)
{
    return load(&s->factor[r][k]) * on_line(s->segments.at[table + r], s->segments.per[table + r], k, bulk);
}

static void give_heat(const struct string *s, int k, const lanes *heat, double heat_W[])
{
    for (int lane = 0; lane < STRING_LANES && k + lane < s->cells; lane++) {
        heat_W[k + lane] = (*heat)[lane];
    }
}

/* False: the group cannot go this way, nothing has changed. */
INLINED bool step_group(struct string *restrict s, const lanes share[], int table, struct kind kind, double heat_W[],
                        int k)
{
    const struct group q = move_group(s, share, kind, k);
    const bool lag = kind.rich && s->has_lag;
    const struct open o[2] = { open_end(s, &q, lag, 0, k), open_end(s, &q, lag, 1, k) };
    const lanes x1 = load(&s->branch[0][k]), x2 = load(&s->branch[1][k]);
    const lanes r[3][2] = {
        { resistance(s, table, 0, q.bulk[0], k), resistance(s, table, 0, q.bulk[1], k) },
        { resistance(s, table, 1, q.bulk[0], k), resistance(s, table, 1, q.bulk[1], k) },
        { resistance(s, table, 2, q.bulk[0], k), resistance(s, table, 2, q.bulk[1], k) },
    };
    const lanes y1 = branch_end(share, 0, x1, r[1][0], r[1][1]), y2 = branch_end(share, 1, x2, r[2][0], r[2][1]);
    lane_mask trouble = q.trouble | harmed(s, o[1].volt_V + r[0][1] * share[STRING_SHARE_END] + y1 + y2, k);

    if (kind.jumps) {
        trouble |= harmed(s, o[0].volt_V + r[0][0] * share[STRING_SHARE_BEGIN] + x1 + x2, k);
    }
    if (any(trouble)) {
        return false;
    }
    store(&s->charge_C[k], q.charge_C);
    store(&s->hysteresis[k], q.h[1]);
    store(&s->branch[0][k], y1);
    store(&s->branch[1][k], y2);
    if (lag) {
        store(&s->lag[k], q.lag);
    }
    if (kind.heat) {
        const lanes branches = branch_heat(s, share, 0, x1, r[1][0], r[1][1], kind.product) +
                               branch_heat(s, share, 1, x2, r[2][0], r[2][1], kind.product);
        const lanes rest = open_heat(s, share, &q, o, r[0][0] + r[0][1], k) + branches;
        const lanes heat = kind.rich ? rest + q.loss_W : rest;

        if (k + STRING_LANES <= s->cells) {
            store(&heat_W[k], heat);
        } else {
            const lanes last = heat;

            give_heat(s, k, &last, heat_W);
        }
    }
    return true;
}

INLINED int run(struct string *restrict s, struct kind kind, double heat_W[])
{
    const int table = s->has_direction && s->share[STRING_SHARE_SIDE] > 0.0 ? CELL_R_CHARGE : CELL_R_DISCHARGE;
    lanes share[STRING_SHARES];
    int k = 0;

    for (int n = 0; n < STRING_SHARES; n++) {
        share[n] = all(s->share[n]);
    }
    while (k < s->cells && step_group(s, share, table, kind, heat_W, k)) {
        k += STRING_LANES;
    }
    return k;
}

INLINED int run_heat(struct string *restrict s, bool rich, bool jumps, double heat_W[])
{
    struct kind kind = { .rich = rich, .jumps = jumps };

    if (heat_W == NULL) {
        return run(s, kind, NULL);
    }
    kind.heat = true;
    if (s->params->heat == CELL_HEAT_PRODUCT) {
        kind.product = true;
        return run(s, kind, heat_W);
    }
    return run(s, kind, heat_W);
}

VECTOR_CLONES
static int run_all(struct string *restrict s, bool jumps, double heat_W[])
{
    const bool rich = s->has_lag || s->has_leak || s->params->coulombic_efficiency < 1.0;

    if (jumps) {
        return rich ? run_heat(s, true, true, heat_W) : run_heat(s, false, true, heat_W);
    }
    return rich ? run_heat(s, true, false, heat_W) : run_heat(s, false, false, heat_W);
}

int string_commit_short(struct string *s, double span_s, double i0_A, double i1_A, double heat_W[])
{
    if (span_s != s->share_s || i0_A != s->share[STRING_SHARE_BEGIN] || i1_A != s->share[STRING_SHARE_END]) {
        share_step(s, span_s, i0_A, i1_A);
    }
    return run_all(s, i0_A != s->safe_A, heat_W);
}

/* Without inflow temperatures hold still within a step. */
VECTOR_CLONES
void string_set_temperatures(struct string *restrict s, const double degC[], const double inflow_W[], double core_J_K)
{
    lane_mask warmed = { 0 };
    int k = 0;

    for (; k + STRING_LANES <= s->cells; k += STRING_LANES) {
        const lanes now = load(&degC[k]);

        store(&s->core_degC[k], now);
        warmed |= magnitude(now - load(&s->factor_degC[k])) > STRING_REFRESH_K;
        if (inflow_W != NULL) {
            store(&s->inflow_W[k], load(&inflow_W[k]));
        }
    }
    s->warmed = any(warmed);
    for (; k < s->cells; k++) {
        s->core_degC[k] = degC[k];
        s->warmed = s->warmed || fabs(degC[k] - s->factor_degC[k]) > STRING_REFRESH_K;
        if (inflow_W != NULL) {
            s->inflow_W[k] = inflow_W[k];
        }
    }
    s->core_J_K = inflow_W != NULL ? core_J_K : 0.0;
}
