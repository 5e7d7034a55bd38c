/* Puts the formulas together: gains, shunt currents, the look-ahead in temperature, dense output and commit. */
#include "model/string_step.h"

#include <math.h>
#include <string.h>

#define AHEAD_K 2e-6 /* what is looked ahead for is found: 0.2 uV at 1 C and -20 degC */
#define LOOKS_MAX 5
#define SHUNT_TRIES 40
#define SHUNT_TOLERANCE 1e-10 /* of the shunt current */
#define SOC_PER_STEP 0.0025
#define KELVIN_PER_STEP 0.2
#define CURVE_K 1e-3
#define STEP_MAX_s 60.0
#define BEND_MIN_s 1e-3 /* nearer bends are run over */
#define AMPERE_SECONDS_PER_Ah 3600.0

/* phi_n(x) = sum over m of (-x)^m / (m + n)!, n = 1..5: 1 - exp(-x) = x phi_1 and phi_n = 1/n! - x phi_(n+1). */
static void phi(double x, double out[6])
{
    static const double per_factorial[6] = { 1.0, 1.0, 1.0 / 2.0, 1.0 / 6.0, 1.0 / 24.0, 1.0 / 120.0 };

    if (x > 1.0) {
        out[1] = -expm1(-x) / x;
        for (int n = 1; n < 5; n++) {
            out[n + 1] = (per_factorial[n] - out[n]) / x;
        }
        return;
    }
    double term = per_factorial[5], sum = term;

    for (int n = 6; fabs(term) > 1e-18 * sum && n < 30; n++) {
        term *= -x / (double)n;
        sum += term;
    }
    out[5] = sum;
    for (int n = 4; n >= 1; n--) {
        out[n] = per_factorial[n] - x * out[n + 1];
    }
}

/* With t from 0 to 1, E = exp(-x t), the response to a constant is g(t) = 1 - E and to a ramp w(t) = t - g(t)/x.
 * g, w: at t = 1; means: w of g (the same number), w1 of w, g2 of g^2, gw of g w, w2 of w^2, gt of g t, wt of w t.
 * The forms in phi lose no digits at any x. */
struct string_weights string_weights_of(double x, bool complete)
{
    struct string_weights out = { 0 };
    double a[6], b[6];

    phi(x, a);
    out.g = x * a[1];
    out.w = x * a[2];
    if (complete) {
        phi(2.0 * x, b);
        out.w1 = x * a[3];
        out.gt = x * (a[2] - a[3]);
        out.wt = x * (a[3] - a[4]);
        out.g2 = 2.0 * x * x * (2.0 * b[3] - a[3]);
        out.gw = x * x * (8.0 * b[4] - a[4] - a[3]);
        out.w2 = x * x * (16.0 * b[5] - 2.0 * a[4]);
    }
    return out;
}

void string_move_init(struct string_move *m, const struct string *s, double span_s, double i0_A, double i1_A,
                      bool wants_heat)
{
    m->span_s = span_s;
    m->i_A[0] = i0_A;
    m->i_A[1] = i1_A;
    m->wants_heat = wants_heat;
    for (int j = 0; j < s->params->rc_count; j++) {
        m->weights[j] =
            span_s == s->weights_s ? s->weights[j] : string_weights_of(span_s / s->params->tau_s[j], wants_heat);
    }
}

static void run(const struct string *s, struct string_move *m, int first, int lanes_end)
{
    string_run_charge(s, m, first, lanes_end);
    string_run_voltage(s, m, first, lanes_end);
}

/* Reaction of a cell's end voltage to its end current. */
static double end_slope(const struct string *s, const struct string_move *m, int k)
{
    double slope =
        m->r_Ohm[0][k] + (m->crossed ? &m->patched : &s->segments)->per[CELL_OCV][k] * 0.5 * m->span_s * s->per_C[k];

    for (int j = 0; j < s->params->rc_count; j++) {
        slope += m->r_Ohm[j + 1][k] * m->weights[j].w;
    }
    return slope;
}

/* Newton on each cell for the current that leaves through its shunts at the end; the voltage is nearly linear. */
static void solve_shunts(const struct string *s, struct string_move *m, int first, int lanes_end)
{
    bool settled = false;

    for (int tries = 0; !settled && tries < SHUNT_TRIES; tries++) {
        run(s, m, first, lanes_end);
        settled = true;
        for (int k = first; k < lanes_end; k++) {
            const double siemens = s->bleed_S[k] + s->short_S[k];
            const double off = s->bleed_A[k] + siemens * m->cell_V[1][k] - m->shunt_A[1][k];

            m->shunt_A[1][k] += off / (1.0 + siemens * end_slope(s, m, k));
            settled = settled && fabs(off) <= SHUNT_TOLERANCE * (1.0 + fabs(m->shunt_A[1][k]));
        }
    }
}

static void evaluate_shunted(const struct string *s, struct string_move *m, int first, int lanes_end)
{
    struct string_move now;

    if (m->span_s > 0.0) {
        string_move_init(&now, s, 0.0, m->i_A[0], m->i_A[0], false);
        memcpy(now.end_degC, m->end_degC, sizeof now.end_degC);
        now.end_factor = m->end_factor;
        memcpy(now.shunt_A, m->shunt_A, sizeof now.shunt_A);
        solve_shunts(s, &now, first, lanes_end);
        memcpy(m->shunt_A[0], now.shunt_A[1], sizeof m->shunt_A[0]);
        memcpy(m->shunt_A[1], now.shunt_A[1], sizeof m->shunt_A[1]);
    }
    solve_shunts(s, m, first, lanes_end);
    run(s, m, first, lanes_end);
}

static void evaluate_at(const struct string *s, struct string_move *m, int first, int lanes_end)
{
    if (s->has_shunts) {
        evaluate_shunted(s, m, first, lanes_end);
    } else {
        run(s, m, first, lanes_end);
    }
}

/* The cores as these heats leave them: what flows in falls as the core warms above its own surface. Returns how far the
 * ends have moved since they were last worked out. */
static double look_ahead(const struct string *s, struct string_move *m, int first, int lanes_end)
{
    const struct cell_params *p = s->params;
    const double per_s = p->surface_J_K > 0.0 ? 0.5 * p->core_surface_W_K / s->core_J_K : 0.0;
    const double K_per_W = m->span_s / (s->core_J_K * (1.0 + m->span_s * per_s));
    double moved = 0.0;

    for (int k = first; k < lanes_end; k++) {
        const double end_degC = s->core_degC[k] + K_per_W * (m->heat_W[k] + s->inflow_W[k]);
        const double by = fabs(end_degC - m->end_degC[k]);

        moved = by > moved ? by : moved;
        m->end_degC[k] = end_degC;
    }
    return moved;
}

/* Temperature and heat at the end of a long step rule each other: each look brings them a hundred times closer. */
static void evaluate_ahead(const struct string *s, struct string_move *m, int first, int lanes_end)
{
    double factor[STRING_FACTORS][STRING_CELLS_MAX];

    if (!m->wants_heat) {
        string_move_init(m, s, m->span_s, m->i_A[0], m->i_A[1], true);
    }
    for (int looks = 0; looks < LOOKS_MAX; looks++) {
        evaluate_at(s, m, first, lanes_end);
        if (look_ahead(s, m, first, lanes_end) <= AHEAD_K) {
            break;
        }
        string_factors_at(s, m->end_degC, factor);
        m->end_factor = (const double(*)[STRING_CELLS_MAX])factor;
    }
    m->end_factor = NULL; /* it ends here */
}

void string_evaluate(const struct string *s, struct string_move *m, int first, int lanes_end)
{
    m->end_factor = s->factor;
    memcpy(m->end_degC, s->core_degC, sizeof m->end_degC);
    if (s->has_shunts) {
        memset(m->shunt_A, 0, sizeof m->shunt_A);
    }
    if (s->core_J_K > 0.0 && m->span_s > STRING_AHEAD_MIN_s) {
        evaluate_ahead(s, m, first, lanes_end);
    } else {
        evaluate_at(s, m, first, lanes_end);
    }
}

static int lanes_of(const struct string *s)
{
    return (s->cells + STRING_LANES - 1) / STRING_LANES * STRING_LANES;
}

/* One cell's lanes only. */
static void evaluate_cell(const struct string *s, struct string_move *m, int cell, double s_s, double i0, double slope)
{
    const int first = cell - cell % STRING_LANES;

    string_move_init(m, s, s_s, i0, i0 + slope * s_s, false);
    string_evaluate(s, m, first, first + STRING_LANES);
}

double string_voltage(const struct string *s, double s_s, double i0_A, double i1_A, double *dv_di_Ohm)
{
    struct string_move m;
    double volts = 0.0, slope = 0.0, links = 0.0;

    string_move_init(&m, s, s_s, s_s > 0.0 ? i0_A : i1_A, i1_A, false);
    string_evaluate(s, &m, 0, lanes_of(s));
    for (int k = 0; k < s->cells; k++) {
        volts += m.cell_V[1][k];
        links += s->link_Ohm[k];
        if (dv_di_Ohm) {
            const double own = end_slope(s, &m, k);

            slope += own / (1.0 + own * (s->bleed_S[k] + s->short_S[k]));
        }
    }
    if (dv_di_Ohm) {
        *dv_di_Ohm = slope + links;
    }
    return volts + links * i1_A;
}

double string_cell_voltage(const struct string *s, int cell, double s_s, double i0_A, double slope_A_s)
{
    struct string_move m;

    evaluate_cell(s, &m, cell, s_s, i0_A, slope_A_s);
    return m.cell_V[1][cell];
}

void string_cell_voltages(const struct string *s, double s_s, double i0_A, double slope_A_s, double out_V[])
{
    struct string_move m;

    string_move_init(&m, s, s_s, i0_A, i0_A + slope_A_s * s_s, false);
    string_evaluate(s, &m, 0, lanes_of(s));
    memcpy(out_V, m.cell_V[1], sizeof out_V[0] * (size_t)s->cells);
}

/* Where nothing but the string's current and the leak moves charge, neither voltage nor temperature counts: the same
 * formulas as in string_charge.c. */
static double unshunted_soc(const struct string *s, int cell, double s_s, double i0_A, double i1_A)
{
    const struct string_segments *g = &s->segments;
    double charge_C = s->charge_C[cell];
    const double begin = charge_C * s->per_C[cell], lost = (1.0 - s->params->coulombic_efficiency) * s_s;

    charge_C += 0.5 * s_s * (i0_A + i1_A);
    if (s->has_leak) {
        charge_C -= s_s * s->factor[STRING_LEAK_S][cell] *
                    (g->bulk_at[0][cell] + g->bulk_per[0][cell] * (begin - g->base[cell]));
    }
    return (charge_C - lost * string_positive_area(i0_A, i1_A)) * s->per_C[cell];
}

double string_cell_soc(const struct string *s, int cell, double s_s, double i0_A, double slope_A_s)
{
    struct string_move m;

    if (!s->has_shunts) {
        return unshunted_soc(s, cell, s_s, i0_A, i0_A + slope_A_s * s_s);
    }
    evaluate_cell(s, &m, cell, s_s, i0_A, slope_A_s);
    return m.soc[1][cell];
}

double string_cell_temperature(const struct string *s, int cell, double s_s, double i0_A, double slope_A_s)
{
    struct string_move m;

    if (s->core_J_K <= 0.0 || s_s <= 0.0) {
        return s->core_degC[cell];
    }
    string_move_init(&m, s, s_s, i0_A, i0_A + slope_A_s * s_s, true);
    string_evaluate(s, &m, cell - cell % STRING_LANES, cell - cell % STRING_LANES + STRING_LANES);
    (void)look_ahead(s, &m, cell, cell + 1);
    return m.end_degC[cell];
}

double string_cell_current(const struct string *s, int cell, double s_s, double i0_A, double slope_A_s)
{
    struct string_move m;

    if (!s->has_shunts) {
        return i0_A + slope_A_s * s_s;
    }
    evaluate_cell(s, &m, cell, s_s, i0_A, slope_A_s);
    return m.cell_A[1][cell];
}

double string_bleed_current(const struct string *s, int cell, double s_s, double i0_A, double slope_A_s)
{
    return s->bleed_A[cell] +
           (s->bleed_S[cell] > 0.0 ? s->bleed_S[cell] * string_cell_voltage(s, cell, s_s, i0_A, slope_A_s) : 0.0);
}

/* Time to the next bend of a cell's resistance tables. */
static double bend_limit(const struct string *s, double i0_A, double limit)
{
    for (int k = 0; k < s->cells; k++) {
        const double node = i0_A > 0.0 ? s->segments.kink_high[k] : s->segments.kink_low[k];
        const double until = (node - s->charge_C[k] * s->per_C[k]) * s->capacity_C[k] / i0_A;

        if (until > BEND_MIN_s && until < limit) {
            limit = until;
        }
    }
    return limit;
}

static double worst_rate(const struct string *s, const double now_W[], const double then_W[])
{
    double worst = 0.0;

    for (int k = 0; k < s->cells; k++) {
        worst = fmax(worst, fabs(then_W[k] - now_W[k]) / s->core_J_K);
    }
    return worst;
}

/* Temperature may move by KELVIN_PER_STEP, and may stray from a line (because heat grows after a change of current) by
 * CURVE_K: resistances follow it as a line within a step. */
static double heat_limit(const struct string *s, double i0_A, double slope_A_s, double limit)
{
    struct string_move now, then;
    double out_W[STRING_CELLS_MAX];

    string_move_init(&now, s, STRING_AHEAD_MIN_s, i0_A, i0_A + slope_A_s * STRING_AHEAD_MIN_s, true);
    string_evaluate(s, &now, 0, lanes_of(s));
    for (int k = 0; k < s->cells; k++) {
        out_W[k] = -s->inflow_W[k];
    }
    const double kelvin_s = worst_rate(s, out_W, now.heat_W);

    limit = kelvin_s * limit > KELVIN_PER_STEP ? KELVIN_PER_STEP / kelvin_s : limit;
    for (int k = 0; k < s->cells; k++) {
        const double rate = (now.heat_W[k] + s->inflow_W[k]) / s->core_J_K;
        const double knot = rate > 0.0 ? s->knot_high_degC[k] : s->knot_low_degC[k];
        const double until = (knot - s->core_degC[k]) / rate;

        limit = until > BEND_MIN_s && until < limit ? until : limit;
    }
    if (limit <= STRING_AHEAD_MIN_s) {
        return limit;
    }
    string_move_init(&then, s, limit, i0_A, i0_A + slope_A_s * limit, true);
    string_evaluate(s, &then, 0, lanes_of(s));
    const double curve_K = worst_rate(s, now.heat_W, then.heat_W) * limit;

    return curve_K > CURVE_K ? fmax(limit * sqrt(CURVE_K / curve_K), STRING_AHEAD_MIN_s) : limit;
}

double string_step_limit(const struct string *s, double i0_A, double slope_A_s)
{
    double limit = STEP_MAX_s, most = SOC_PER_STEP * s->capacity_C[0];

    for (int k = 1; k < s->cells; k++) {
        most = fmin(most, SOC_PER_STEP * s->capacity_C[k]);
    }
    if (i0_A != 0.0 || slope_A_s != 0.0) { /* |i0| t + |slope| t^2 / 2 = most */
        limit = fmin(limit, 2.0 * most / (fabs(i0_A) + sqrt(i0_A * i0_A + 2.0 * fabs(slope_A_s) * most)));
    }
    if (fabs(i0_A) > 0.0) {
        limit = bend_limit(s, i0_A, limit);
    }
    return s->core_J_K > 0.0 ? heat_limit(s, i0_A, slope_A_s, limit) : limit;
}

/* Voltage and current move linearly between the ends of a step. */
static void count_harm(struct string *s, const struct string_move *m, int first)
{
    const double h = m->span_s, over = s->params->over_V;

    for (int k = first; k < s->cells; k++) {
        const double a = m->cell_V[0][k], b = m->cell_V[1][k], limit = s->charge_limit_A[k];

        if (a > over || b > over) {
            s->overvoltage_Vs[k] += h * string_positive_area(a - over, b - over);
        }
        if (a < s->under_V[k] || b < s->under_V[k]) {
            s->undervoltage_Vs[k] += h * string_positive_area(s->under_V[k] - a, s->under_V[k] - b);
        }
        if (m->cell_A[0][k] > limit || m->cell_A[1][k] > limit) {
            s->plating_Ah[k] +=
                h * string_positive_area(m->cell_A[0][k] - limit, m->cell_A[1][k] - limit) / AMPERE_SECONDS_PER_Ah;
        }
    }
}

static void give_heat(const struct string *s, const struct string_move *m, int first, double heat_W[])
{
    const double a = m->i_A[0], b = m->i_A[1], square = (a * a + a * b + b * b) * (1.0 / 3.0);

    for (int k = first; k < s->cells; k++) {
        heat_W[k] = m->heat_W[k] + 0.5 * s->joint_Ohm[k] * square;
    }
}

/* The cells from first on, whatever happens to them in the step. */
static void commit_from(struct string *s, int first, double h_s, double i0_A, double i1_A, double heat_W[])
{
    const size_t bytes = sizeof s->charge_C[0] * (size_t)(lanes_of(s) - first);
    struct string_move m;

    string_move_init(&m, s, h_s, i0_A, i1_A, heat_W != NULL);
    string_evaluate(s, &m, first, lanes_of(s));
    if (string_harms(s, &m, first)) {
        count_harm(s, &m, first);
        s->safe_A = NAN;
    }
    if (heat_W) {
        give_heat(s, &m, first, heat_W);
    }
    memcpy(&s->charge_C[first], &m.charge_C[first], bytes);
    memcpy(&s->lag[first], &m.lag[first], bytes);
    if (s->has_hysteresis) {
        memcpy(&s->hysteresis[first], &m.hysteresis[first], bytes);
    }
    for (int j = 0; j < s->params->rc_count; j++) {
        memcpy(&s->branch[j][first], &m.branch[j][first], bytes);
    }
    if (m.crossed) {
        s->segments = m.patched;
    }
}

void string_commit(struct string *s, double h_s, double i0_A, double slope_A_s, double heat_W[])
{
    const double i1_A = i0_A + slope_A_s * h_s;
    int first = 0;

    if (h_s != s->weights_s) {
        for (int j = 0; j < s->params->rc_count; j++) {
            s->weights[j] = string_weights_of(h_s / s->params->tau_s[j], true);
        }
        s->weights_s = h_s;
    }
    if (string_is_short(s, h_s, i0_A, i1_A)) {
        first = string_commit_short(s, h_s, i0_A, i1_A, heat_W);
    }
    s->safe_A = i1_A;
    if (first < s->cells) {
        commit_from(s, first, h_s, i0_A, i1_A, heat_W);
    }
}
