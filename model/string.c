#include "model/string.h"

#include "model/string_step.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define SECONDS_PER_HOUR 3600.0
#define AIM_K 4e-5    /* less than STRING_REFRESH_K, or a second look would turn it round */
#define LEAP_K 1e-3   /* from here on they are worked out for the very temperature */
#define EXPAND_K 0.05 /* ... and after which their expansion is worked out anew: (0.07 * 0.05)^3 / 6 = 7e-9 */
#define BEND 1e-6     /* relative change of a resistance's slope over a grid step that counts as a bend */

/* Is the factor in use? */
static bool has_factor(const struct string *s, int f)
{
    return f < CELL_R_MAX ? f <= s->params->rc_count : f == STRING_LAG_PER_s ? s->has_lag : s->has_leak;
}

/* A factor with its cell's spread at a temperature, and its logarithm's slope. */
static double factor_of(const struct string *s, int f, int k, double degC, double *slope)
{
    const struct cell_params *p = s->params;
    double value;

    if (f == STRING_LAG_PER_s) {
        value = 1.0 / (p->lag_s * cell_factor_at(&p->lag_factor, degC, slope));
        *slope = -*slope;
        return value;
    }
    if (f == STRING_LEAK_S) {
        return s->leak_S[k] * cell_factor_at(&p->leak_factor, degC, slope);
    }
    value = s->resistance_factor[k] * cell_factor_at(&p->r_factor[f], degC, slope);
    return f == 0 ? value * s->series_factor[k] : value;
}

static void expand(struct string *s, int k)
{
    const double degC = s->core_degC[k];

    s->expand_degC[k] = degC;
    s->knot_low_degC[k] = -INFINITY;
    s->knot_high_degC[k] = INFINITY;
    for (int f = 0; f < STRING_FACTORS; f++) {
        double low, high;

        if (has_factor(s, f)) {
            s->factor_centre[f][k] = factor_of(s, f, k, degC, &s->factor_per_K[f][k]);
        }
        if (f < CELL_R_MAX && f <= s->params->rc_count) { /* lag and leak have no knots */
            cell_factor_knots(&s->params->r_factor[f], degC, &low, &high);
            s->knot_low_degC[k] = fmax(s->knot_low_degC[k], low);
            s->knot_high_degC[k] = fmin(s->knot_high_degC[k], high);
        }
    }
}

static bool is_near(const struct string *s, int k, double degC)
{
    return fabs(degC - s->expand_degC[k]) <= EXPAND_K && degC >= s->knot_low_degC[k] && degC <= s->knot_high_degC[k];
}

void string_factors_at(const struct string *s, const double degC[], double out[][STRING_CELLS_MAX])
{
    for (int f = 0; f < STRING_FACTORS; f++) {
        if (!has_factor(s, f)) {
            continue;
        }
        for (int k = 0; k < STRING_CELLS_MAX; k++) {
            const double x = s->factor_per_K[f][k] * (degC[k] - s->expand_degC[k]);

            out[f][k] = s->factor_centre[f][k] * (1.0 + x * (1.0 + 0.5 * x));
        }
    }
    for (int k = 0; k < s->cells; k++) {
        for (int f = 0; f < STRING_FACTORS && !is_near(s, k, degC[k]); f++) {
            double slope;

            out[f][k] = has_factor(s, f) ? factor_of(s, f, k, degC[k], &slope) : 0.0;
        }
    }
}

/* Capacity keeps the charge, so the state of charge moves when the capacity does. */
static void set_capacity(struct string *s, int k)
{
    const struct cell_params *p = s->params;

    s->capacity_C[k] =
        SECONDS_PER_HOUR * p->capacity_Ah * s->capacity_factor[k] * cell_curve_at(&p->capacity_factor, s->core_degC[k]);
    s->per_C[k] = 1.0 / s->capacity_C[k];
}

/* A temperature that creeps will go on: factors for a little ahead of it are right on average. */
static double aim(const struct string *s, int k)
{
    const double moved = s->core_degC[k] - s->factor_degC[k];

    return s->dirty || fabs(moved) > LEAP_K ? s->core_degC[k] : s->core_degC[k] + copysign(AIM_K, moved);
}

static void refresh(struct string *s)
{
    const struct cell_params *p = s->params;

    s->per_C_max = 0.0;
    s->lag_per_s_max = 0.0;
    s->charge_limit_min_A = INFINITY;
    s->share_s = -1.0;
    s->safe_A = s->dirty ? NAN : s->safe_A;
    for (int k = 0; k < STRING_CELLS_MAX; k++) {
        if (s->dirty || !is_near(s, k, s->core_degC[k])) {
            expand(s, k);
        }
        set_capacity(s, k);
        s->per_C_max = fmax(s->per_C_max, s->per_C[k]);
        s->under_V[k] = s->core_degC[k] > 0.0 ? p->under_V : p->under_cold_V;
        s->charge_limit_A[k] = p->nominal_Ah * cell_stair_at(&p->charge_limit, s->core_degC[k]);
        s->charge_limit_min_A = fmin(s->charge_limit_min_A, s->charge_limit_A[k]);
        s->factor_degC[k] = aim(s, k);
    }
    string_factors_at(s, s->factor_degC, s->factor);
    for (int k = 0; s->has_lag && k < STRING_CELLS_MAX; k++) {
        s->lag_s[k] = 1.0 / s->factor[STRING_LAG_PER_s][k];
        s->lag_per_s_max = fmax(s->lag_per_s_max, s->factor[STRING_LAG_PER_s][k]);
    }
}

/* Does a resistance table bend at a node? */
static bool bends(const struct cell_params *p, int node)
{
    for (int t = CELL_R_DISCHARGE; t < CELL_TABLES && node > 0; t++) {
        const double *v = &p->grid.value[t][node];

        if (fabs(v[1] - 2.0 * v[0] + v[-1]) > BEND * v[0]) {
            return true;
        }
    }
    return false;
}

void string_segments_at(const struct string *s, struct string_segments *out, int cell, double soc, double surface)
{
    const struct cell_params *p = s->params;
    const struct cell_grid *g = &p->grid;
    const int last = g->count - 2, bulk = cell_segment(p, soc), top = cell_segment(p, surface);

    out->base[cell] = cell_segment_start(p, bulk);
    out->low[cell] = bulk == 0 ? -INFINITY : out->base[cell];
    out->high[cell] = bulk == last ? INFINITY : cell_segment_start(p, bulk + 1);
    out->surface_base[cell] = cell_segment_start(p, top);
    out->surface_low[cell] = top == 0 ? -INFINITY : out->surface_base[cell];
    out->surface_high[cell] = top == last ? INFINITY : cell_segment_start(p, top + 1);
    out->kink_low[cell] = bends(p, bulk) ? out->base[cell] : -INFINITY;
    out->kink_high[cell] = bulk < last && bends(p, bulk + 1) ? out->high[cell] : INFINITY;
    for (int t = 0; t < CELL_TABLES; t++) {
        const int n = t < CELL_R_DISCHARGE ? top : bulk;

        out->at[t][cell] = g->value[t][n];
        out->per[t][cell] = (g->value[t][n + 1] - g->value[t][n]) / g->step;
    }
    out->bulk_at[0][cell] = g->value[CELL_OCV][bulk];
    out->bulk_per[0][cell] = (g->value[CELL_OCV][bulk + 1] - g->value[CELL_OCV][bulk]) / g->step;
    out->bulk_at[1][cell] = g->value[CELL_ENTROPY][bulk];
    out->bulk_per[1][cell] = (g->value[CELL_ENTROPY][bulk + 1] - g->value[CELL_ENTROPY][bulk]) / g->step;
}

static void find_segments(struct string *s)
{
    struct string_segments *g = &s->segments;

    for (int k = 0; k < STRING_CELLS_MAX; k++) {
        const double soc = s->charge_C[k] * s->per_C[k], surface = soc + s->lag[k];

        if (s->dirty ||
            !(soc >= g->low[k] && soc < g->high[k] && surface >= g->surface_low[k] && surface < g->surface_high[k])) {
            string_segments_at(s, g, k, soc, surface);
        }
    }
}

void string_prepare(struct string *s)
{
    if (s->dirty || s->warmed) {
        refresh(s);
        find_segments(s);
        s->dirty = false;
        s->warmed = false;
    }
}

static bool table_is_zero(const struct cell_params *p, enum cell_table table)
{
    for (int n = 0; n < p->grid.count; n++) {
        if (p->grid.value[table][n] != 0.0) {
            return false;
        }
    }
    return true;
}

static bool directions_differ(const struct cell_params *p)
{
    for (int r = 0; r <= p->rc_count; r++) {
        if (memcmp(p->grid.value[CELL_R_DISCHARGE + r], p->grid.value[CELL_R_CHARGE + r],
                   sizeof p->grid.value[0][0] * (size_t)p->grid.count) != 0) {
            return true;
        }
    }
    return false;
}

void string_init(struct string *s, const struct cell_params *params, int cells)
{
    assert(cells >= 1 && cells <= STRING_CELLS_MAX);
    memset(s, 0, sizeof *s);
    s->params = params;
    s->cells = cells;
    s->has_lag = params->lag_s > 0.0;
    s->has_hysteresis = !table_is_zero(params, CELL_HYST) || params->hysteresis_instant_V != 0.0;
    s->has_direction = directions_differ(params);
    s->is_usual = params->rc_count == 2 && params->branch == CELL_BRANCH_VOLTAGE && params->hysteresis_instant_V == 0.0;
    s->weights_s = -1.0;
    for (int k = 0; k < STRING_CELLS_MAX; k++) { /* lanes beyond the last cell stay at rest and are never summed */
        s->capacity_factor[k] = 1.0;
        s->resistance_factor[k] = 1.0;
        s->series_factor[k] = 1.0;
        s->leak_S[k] = k < cells ? 1.0 / params->leak_Ohm : 0.0;
        s->has_leak = s->has_leak || s->leak_S[k] > 0.0;
        string_set_cell(s, k, 0.5, CELL_REFERENCE_K - CELL_ZERO_degC, 0.0);
    }
}

void string_set_cell(struct string *s, int cell, double soc, double degC, double hysteresis)
{
    s->core_degC[cell] = degC;
    set_capacity(s, cell);
    s->charge_C[cell] = soc * s->capacity_C[cell];
    s->hysteresis[cell] = hysteresis;
    s->lag[cell] = 0.0;
    for (int j = 0; j < CELL_RC_MAX; j++) {
        s->branch[j][cell] = 0.0;
    }
    s->dirty = true;
}

void string_set_spread(struct string *s, int cell, double capacity, double resistance, double leak_Ohm)
{
    const double soc = s->charge_C[cell] / s->capacity_C[cell];

    s->capacity_factor[cell] = capacity;
    s->resistance_factor[cell] = resistance;
    s->leak_S[cell] = 1.0 / leak_Ohm;
    s->has_leak = s->has_leak || s->leak_S[cell] > 0.0;
    set_capacity(s, cell);
    s->charge_C[cell] = soc * s->capacity_C[cell];
    s->dirty = true;
}

void string_set_series(struct string *s, int cell, double factor)
{
    s->series_factor[cell] = factor;
    s->dirty = true;
}

static void count_shunts(struct string *s)
{
    s->has_shunts = false;
    for (int k = 0; k < s->cells; k++) {
        s->has_shunts = s->has_shunts || s->bleed_A[k] != 0.0 || s->bleed_S[k] > 0.0 || s->short_S[k] > 0.0;
    }
}

void string_set_bleed(struct string *s, int cell, double current_A, double conductance_S)
{
    s->bleed_A[cell] = current_A;
    s->bleed_S[cell] = conductance_S;
    count_shunts(s);
}

void string_set_short(struct string *s, int cell, double resistance_Ohm)
{
    s->short_S[cell] = 1.0 / resistance_Ohm;
    count_shunts(s);
}

void string_set_link(struct string *s, int link, double resistance_Ohm)
{
    s->link_Ohm[link] = resistance_Ohm;
    for (int k = link; k <= link + 1; k++) {
        s->joint_Ohm[k] = s->link_Ohm[k] + (k > 0 ? s->link_Ohm[k - 1] : 0.0);
    }
}
