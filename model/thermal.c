#include "model/thermal.h"

#include "model/string_lanes.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* A Runge-Kutta step of x = its length times the largest rate is off by x^4 / 120 of what the fastest mode moves in it.
 * Between these x (errors of 1.3e-9 and 5e-4 of that), as long as all that moves may take: at rest hardly anything. */
#define STEP_TIMES_RATE_MIN 0.02
#define STEP_TIMES_RATE_MAX 0.5
#define ERROR_K_s 1e-11                          /* 1 uK a day */
#define CLOCK_s (THERMAL_CLOCK_s * (1.0 - 1e-9)) /* ten steps of 10 ms are a tick, whatever their sum's last bit */

/* What a node exchanges at most, over its capacity: an upper bound of half the largest eigenvalue (Gershgorin). */
static double fastest_rate(const struct thermal_params *p)
{
    const double box = fmax(p->cell_box_W_K, p->end_box_W_K), outside = 2.0 * p->neighbour_W_K + box;
    double rate = p->surface_J_K > 0.0
                      ? fmax(p->core_surface_W_K / p->core_J_K, (p->core_surface_W_K + outside) / p->surface_J_K)
                      : outside / p->core_J_K;

    if (p->box_J_K > 0.0) {
        rate = fmax(rate, (p->cells * box + p->board_box_W_K + p->box_ambient_W_K) / p->box_J_K);
    }
    if (p->board_J_K > 0.0) {
        rate = fmax(rate, p->board_box_W_K / p->board_J_K);
    }
    return rate;
}

/* K/s of every node from conduction alone, and the heat that flows into each core. */
static void conduct(const struct thermal *t, const struct thermal_nodes *x, double ambient_degC,
                    struct thermal_nodes *rate, double inflow_W[])
{
    const struct thermal_params *p = &t->params;
    const bool two = p->surface_J_K > 0.0;
    const double *const skin = two ? x->surface_degC : x->core_degC;
    const double box_degC = p->box_J_K > 0.0 ? x->box_degC : ambient_degC;
    double into_box = 0.0, board_W = 0.0;

    for (int k = 0; k < p->cells; k++) {
        const bool end = k == 0 || k == p->cells - 1;
        const double out = (end ? p->end_box_W_K : p->cell_box_W_K) * (skin[k] - box_degC);
        double into = -out;

        into += k > 0 ? p->neighbour_W_K * (skin[k - 1] - skin[k]) : 0.0;
        into += k < p->cells - 1 ? p->neighbour_W_K * (skin[k + 1] - skin[k]) : 0.0;
        into_box += out;
        if (two) {
            const double across = p->core_surface_W_K * (x->core_degC[k] - x->surface_degC[k]);

            rate->surface_degC[k] = (into + across) / p->surface_J_K;
            inflow_W[k] = -across;
        } else {
            rate->surface_degC[k] = into / p->core_J_K;
            inflow_W[k] = into;
        }
        rate->core_degC[k] = inflow_W[k] / p->core_J_K;
    }
    if (p->board_J_K > 0.0) {
        board_W = p->board_box_W_K * (x->board_degC - box_degC);
        rate->board_degC = -board_W / p->board_J_K;
    } else {
        rate->board_degC = 0.0;
    }
    into_box += board_W + t->cooling * p->box_ambient_W_K * (ambient_degC - x->box_degC);
    rate->box_degC = p->box_J_K > 0.0 ? into_box / p->box_J_K : 0.0;
}

static void add(struct thermal_nodes *x, const struct thermal_nodes *rate, double s, int cells)
{
    for (int k = 0; k < cells; k++) {
        x->core_degC[k] += s * rate->core_degC[k];
        x->surface_degC[k] += s * rate->surface_degC[k];
    }
    x->box_degC += s * rate->box_degC;
    x->board_degC += s * rate->board_degC;
}

/* Rates with the sources, which are constant over the whole span of the clock. */
static void rates(const struct thermal *t, const struct thermal_nodes *x, double ambient_degC,
                  const struct thermal_nodes *source, struct thermal_nodes *out)
{
    double inflow_W[STRING_CELLS_MAX];

    conduct(t, x, ambient_degC, out, inflow_W);
    add(out, source, 1.0, t->params.cells);
}

static void runge_kutta(const struct thermal *t, struct thermal_nodes *x, double ambient_degC, double h,
                        const struct thermal_nodes *source)
{
    static const double at[4] = { 0.0, 0.5, 0.5, 1.0 }, share[4] = { 1.0 / 6.0, 1.0 / 3.0, 1.0 / 3.0, 1.0 / 6.0 };
    const struct thermal_nodes start = *x;
    struct thermal_nodes rate = { 0 };

    for (int stage = 0; stage < 4; stage++) {
        struct thermal_nodes probe = start;

        add(&probe, &rate, at[stage] * h, t->params.cells);
        rates(t, &probe, ambient_degC + at[stage] * h * t->ambient_K_s, source, &rate);
        add(x, &rate, share[stage] * h, t->params.cells);
    }
}

/* Starts a new period of the clock at the present state. */
static void begin_period(struct thermal *t)
{
    t->tick = t->now;
    t->elapsed_s = 0.0;
    memset(t->cell_J, 0, sizeof t->cell_J);
    t->box_J = 0.0;
    t->board_J = 0.0;
    conduct(t, &t->now, t->ambient_degC, &t->rate, t->inflow_W);
}

static void mean_sources(const struct thermal *t, struct thermal_nodes *source)
{
    const struct thermal_params *p = &t->params;
    const double per_s = 1.0 / t->elapsed_s;

    *source = (struct thermal_nodes){ 0 };
    for (int k = 0; k < p->cells; k++) {
        source->core_degC[k] = t->cell_J[k] * per_s / p->core_J_K;
        source->surface_degC[k] = p->surface_J_K > 0.0 ? 0.0 : source->core_degC[k];
    }
    source->box_degC = p->box_J_K > 0.0 ? t->box_J * per_s / p->box_J_K : 0.0;
    source->board_degC = p->board_J_K > 0.0 ? t->board_J * per_s / p->board_J_K : 0.0;
}

/* Substeps for the period: nothing moves faster later in it than at its begin, or than the chamber. */
static int substeps(const struct thermal *t)
{
    double fastest_K_s = fmax(fabs(t->rate.box_degC + t->source.box_degC), fabs(t->ambient_K_s));

    if (t->elapsed_s <= t->substep_s) {
        return 1;
    }
    fastest_K_s = fmax(fastest_K_s, fabs(t->rate.board_degC + t->source.board_degC));
    for (int k = 0; k < t->params.cells; k++) {
        fastest_K_s = fmax(fastest_K_s, fabs(t->rate.core_degC[k] + t->source.core_degC[k]));
        fastest_K_s = fmax(fastest_K_s, fabs(t->rate.surface_degC[k] + t->source.surface_degC[k]));
    }
    const double x = sqrt(sqrt(120.0 * ERROR_K_s / (fastest_K_s + ERROR_K_s)));
    const double stretch = fmin(fmax(x, STEP_TIMES_RATE_MIN), STEP_TIMES_RATE_MAX) / STEP_TIMES_RATE_MIN;

    return (int)ceil(t->elapsed_s / (t->substep_s * stretch));
}

/* Solves the period that has gone by and begins the next. */
static void tick(struct thermal *t)
{
    mean_sources(t, &t->source);
    const int steps = substeps(t);
    const double h = t->elapsed_s / (double)steps, begin_degC = t->ambient_degC - t->elapsed_s * t->ambient_K_s;

    t->now = t->tick;
    for (int n = 0; n < steps; n++) {
        runge_kutta(t, &t->now, begin_degC + (double)n * h * t->ambient_K_s, h, &t->source);
    }
    begin_period(t);
}

void thermal_init(struct thermal *t, const struct thermal_params *params, double degC)
{
    assert(params->cells >= 1 && params->cells <= STRING_CELLS_MAX && params->core_J_K > 0.0);
    memset(t, 0, sizeof *t);
    t->params = *params;
    t->substep_s = STEP_TIMES_RATE_MIN / (2.0 * fastest_rate(params) + 1e-9);
    t->ambient_degC = degC;
    t->cooling = 1.0;
    t->gain_s = -1.0;
    for (int k = 0; k < STRING_CELLS_MAX; k++) {
        t->now.core_degC[k] = degC;
        t->now.surface_degC[k] = degC;
    }
    t->now.box_degC = degC;
    t->now.board_degC = degC;
    for (int b = 0; b < THERMAL_BANKS; b++) {
        t->junction_degC[b] = degC;
    }
    begin_period(t);
}

/* Between ticks the state is known well enough to change what drives it. */
void thermal_set_cell(struct thermal *t, int cell, double degC)
{
    t->now.core_degC[cell] = degC;
    t->now.surface_degC[cell] = degC;
    begin_period(t);
}

void thermal_set_ambient(struct thermal *t, double degC, double K_s)
{
    if (t->elapsed_s > 0.0) {
        tick(t);
    }
    t->ambient_degC = degC;
    t->ambient_K_s = K_s;
    begin_period(t);
}

void thermal_set_cooling(struct thermal *t, double factor)
{
    if (t->elapsed_s > 0.0) {
        tick(t);
    }
    t->cooling = factor;
    begin_period(t);
}

double thermal_surface(const struct thermal *t, int cell, double s_s)
{
    return t->now.surface_degC[cell] + s_s * t->rate.surface_degC[cell];
}

double thermal_box(const struct thermal *t, double s_s)
{
    return t->params.box_J_K > 0.0 ? t->now.box_degC + s_s * (t->rate.box_degC + t->source.box_degC)
                                   : thermal_ambient(t, s_s);
}

double thermal_board(const struct thermal *t, double s_s)
{
    return t->params.board_J_K > 0.0 ? t->now.board_degC + s_s * (t->rate.board_degC + t->source.board_degC)
                                     : thermal_box(t, s_s);
}

double thermal_ambient(const struct thermal *t, double s_s)
{
    return t->ambient_degC + s_s * t->ambient_K_s;
}

static bool has_junction(const struct thermal_params *p)
{
    return p->junction_J_K > 0.0 && p->junction_board_K_W > 0.0;
}

/* The board moves along a line in that time. */
static double junction_after(const struct thermal *t, int bank, double s_s, double power_W, double gain)
{
    const struct thermal_params *p = &t->params;
    const double tau_s = p->junction_J_K * p->junction_board_K_W, begin = thermal_board(t, 0.0);
    const double ramp = s_s > 0.0 ? 1.0 - gain * tau_s / s_s : 0.0;

    return t->junction_degC[bank] + gain * (begin + power_W * p->junction_board_K_W - t->junction_degC[bank]) +
           ramp * (thermal_board(t, s_s) - begin);
}

static double junction_gain(const struct thermal_params *p, double s_s)
{
    return -expm1(-s_s / (p->junction_J_K * p->junction_board_K_W));
}

double thermal_junction(const struct thermal *t, int bank, double s_s, double power_W)
{
    if (!has_junction(&t->params)) {
        return thermal_board(t, s_s);
    }
    return junction_after(t, bank, s_s, power_W, s_s == t->gain_s ? t->gain : junction_gain(&t->params, s_s));
}

/* What the junctions do not keep goes to the board; to the box if there is no board. */
static double move_junctions(struct thermal *t, double h, const double power_W[])
{
    double board_J = 0.0;

    if (!has_junction(&t->params)) {
        const double degC = thermal_board(t, h);

        for (int b = 0; b < THERMAL_BANKS; b++) {
            board_J += power_W[b] * h;
            t->junction_degC[b] = degC;
        }
        return board_J;
    }
    if (h != t->gain_s) {
        t->gain_s = h;
        t->gain = junction_gain(&t->params, h);
    }
    for (int b = 0; b < THERMAL_BANKS; b++) {
        const double before = t->junction_degC[b], after = thermal_junction(t, b, h, power_W[b]);

        board_J += power_W[b] * h - t->params.junction_J_K * (after - before);
        t->junction_degC[b] = after;
    }
    return board_J;
}

/* Takes the cells' heat in. Between ticks cells have their own heat in full, flows as they were at the tick. */
VECTOR_CLONES
static void drift(struct thermal *restrict t, double h, const double cell_W[restrict], bool to_tick)
{
    const bool two = t->params.surface_J_K > 0.0;
    const double per_core = 1.0 / t->params.core_J_K, s = t->elapsed_s;

    for (int k = 0; k < STRING_CELLS_MAX; k += STRING_LANES) {
        const lanes joule = load(&t->cell_J[k]) + load(&cell_W[k]) * h;

        store(&t->cell_J[k], joule);
        if (to_tick) {
            continue;
        }
        const lanes core = load(&t->tick.core_degC[k]) + (joule + load(&t->inflow_W[k]) * s) * per_core;

        store(&t->now.core_degC[k], core);
        store(&t->now.surface_degC[k],
              two ? load(&t->tick.surface_degC[k]) + load(&t->rate.surface_degC[k]) * s : core);
    }
}

/* The same for box and board. */
static void drift_box(struct thermal *t)
{
    const struct thermal_params *p = &t->params;
    const double s = t->elapsed_s;

    t->now.box_degC = t->tick.box_degC + t->rate.box_degC * s;
    t->now.board_degC = t->tick.board_degC + t->rate.board_degC * s;
    if (p->box_J_K > 0.0) {
        t->now.box_degC += t->box_J / p->box_J_K;
    }
    if (p->board_J_K > 0.0) {
        t->now.board_degC += t->board_J / p->board_J_K;
    }
}

void thermal_commit(struct thermal *t, double h_s, const struct thermal_heat *heat)
{
    const double board_J = move_junctions(t, h_s, heat->junction_W) + heat->board_W * h_s;

    t->box_J += heat->box_W * h_s;
    if (t->params.board_J_K > 0.0) {
        t->board_J += board_J;
    } else {
        t->box_J += board_J;
    }
    t->elapsed_s += h_s;
    t->ambient_degC += h_s * t->ambient_K_s;
    const bool to_tick = t->elapsed_s >= CLOCK_s;

    drift(t, h_s, heat->cell_W, to_tick);
    if (to_tick) {
        tick(t);
    } else {
        drift_box(t);
    }
}
