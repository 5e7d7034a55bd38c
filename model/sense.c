#include "model/sense.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#define SETTLED_TAUS 28.0 /* e^-28: picovolts are left of volts */
#define SHORTEST_WIRE_Ohm 1e-9

void sense_params_default(struct sense_params *p, int cells)
{
    *p = (struct sense_params){ .cells = cells, .input_Ohm = 1e7, .leak_A = 1e-7, .filter_Ohm = 1e3, .filter_F = 1e-7 };
    for (int k = 0; k < SENSE_WIRES_MAX; k++) {
        p->wire_Ohm[k] = 0.02;
    }
    for (int k = 0; k < SENSE_CELLS_MAX; k++) {
        p->bleed_Ohm[k] = 43.0;
    }
}

/* Exchanges in ascending order, whatever the order in which they came and go. */
static void connect_taps(struct sense *s)
{
    for (int k = 0; k < SENSE_WIRES_MAX; k++) {
        s->tap[k] = k;
    }
    for (int k = 0; k < s->params.cells; k++) {
        if (s->swapped[k]) {
            const int tap = s->tap[k];

            s->tap[k] = s->tap[k + 1];
            s->tap[k + 1] = tap;
        }
    }
}

static double wire_S(const struct sense *s, int wire)
{
    const double resistance_Ohm = s->params.wire_Ohm[wire] + s->added_Ohm[wire] + SHORTEST_WIRE_Ohm;

    return s->open[wire] ? 1.0 / SENSE_OPEN_Ohm : 1.0 / resistance_Ohm;
}

/* What conducts between the two pins of a cell; 0 beyond the ends. */
static double rung_S(const struct sense *s, int cell)
{
    if (cell < 0 || cell >= s->params.cells) {
        return 0.0;
    }
    const double bleed_S = (s->bleed >> cell & 1U) != 0 ? 1.0 / s->params.bleed_Ohm[cell] : 0.0;

    return 1.0 / s->params.input_Ohm + bleed_S;
}

/* The capacitor of a pin against all that the pin sees, its neighbours taken as stiff. */
static double tau_s(const struct sense *s, int wire)
{
    const double seen_S = wire_S(s, wire) + rung_S(s, wire - 1) + rung_S(s, wire);

    return s->params.filter_F * (s->params.filter_Ohm + 1.0 / seen_S);
}

/* What a pin gives besides the ladder: its leak, and the balancer's current of the cell below less that of the cell
 * above. */
static double drawn_A(const struct sense *s, int wire)
{
    const double below_A = wire > 0 ? s->moved_A[wire - 1] : 0.0;
    const double above_A = wire < s->params.cells ? s->moved_A[wire] : 0.0;

    return s->params.leak_A + below_A - above_A;
}

/* The ladder is tridiagonal: (w_k + g_(k-1) + g_k) P_k - g_(k-1) P_(k-1) - g_k P_(k+1) = w_k tap_k - leak. Eliminated
 * as Thevenin sources from the bottom up, whose conductance is a sum of positive terms only, so that neither 1e12 Ohm
 * beside 20 mOhm nor 50 V of common mode costs digits. */
static void build(struct sense *s)
{
    double source_S = 0.0; /* conductance of all at and below a pin */
    double slowest_s = 0.0;

    for (int k = 0; k <= s->params.cells; k++) {
        const double lower_S = rung_S(s, k - 1), upper_S = rung_S(s, k), wire = wire_S(s, k);
        const double through_S = k > 0 ? source_S * lower_S / (source_S + lower_S) : 0.0;

        source_S = wire + through_S;
        s->ladder.below[k] = through_S / source_S;
        s->ladder.sink_V[k] = drawn_A(s, k) / source_S;
        s->ladder.above[k] = upper_S / (upper_S + source_S);
        s->ladder.tau_s[k] = tau_s(s, k);
        slowest_s = fmax(slowest_s, s->ladder.tau_s[k]);
    }
    s->settled_ns = s->at_ns + (int64_t)(SETTLED_TAUS * slowest_s * 1e9) + 1;
}

void sense_init(struct sense *s, const struct sense_params *params, const double cell_V[], int64_t now_ns)
{
    assert(params->cells >= 1 && params->cells <= SENSE_CELLS_MAX && params->input_Ohm > 0.0);
    *s = (struct sense){ .params = *params, .at_ns = now_ns };
    connect_taps(s);
    build(s);
    s->settled_ns = now_ns;
    sense_solve(s, cell_V, s->pin_V, NULL);
}

void sense_solve(const struct sense *s, const double cell_V[], double pin_V[], double wire_A[])
{
    const int cells = s->params.cells;
    double tap_V[SENSE_WIRES_MAX] = { 0.0 };

    assert(cells >= 1 && cells <= SENSE_CELLS_MAX);
    for (int k = 0; k < cells; k++) {
        tap_V[k + 1] = tap_V[k] + cell_V[k];
    }
    pin_V[0] = tap_V[s->tap[0]] - s->ladder.sink_V[0];
    for (int k = 1; k <= cells; k++) {
        const double own_V = tap_V[s->tap[k]];

        pin_V[k] = own_V + (pin_V[k - 1] - own_V) * s->ladder.below[k] - s->ladder.sink_V[k];
    }
    for (int k = cells - 1; k >= 0; k--) {
        pin_V[k] += (pin_V[k + 1] - pin_V[k]) * s->ladder.above[k];
    }
    for (int k = 0; wire_A != NULL && k <= cells; k++) {
        wire_A[k] = drawn_A(s, k); /* by what the pin feeds, not by the tiny drop along the wire */
        wire_A[k] += k > 0 ? (pin_V[k] - pin_V[k - 1]) * rung_S(s, k - 1) : 0.0;
        wire_A[k] -= k < cells ? (pin_V[k + 1] - pin_V[k]) * rung_S(s, k) : 0.0;
    }
}

double sense_bleed_A(const struct sense *s, const double pin_V[], int cell)
{
    const bool closed = (s->bleed >> cell & 1U) != 0;

    return closed ? (pin_V[cell + 1] - pin_V[cell]) / s->params.bleed_Ohm[cell] : 0.0;
}

static bool wires_sound(const struct sense *s)
{
    for (int k = 0; k <= s->params.cells; k++) {
        if (s->open[k] || s->added_Ohm[k] > 0.0 || s->tap[k] != k) {
            return false;
        }
    }
    return true;
}

static bool moves(const struct sense *s)
{
    for (int k = 0; k < s->params.cells; k++) {
        if (s->moved_A[k] < 0.0 || s->moved_A[k] > 0.0) {
            return true;
        }
    }
    return false;
}

bool sense_is_plain(const struct sense *s, int64_t now_ns)
{
    return s->bleed == 0 && !moves(s) && now_ns >= s->settled_ns && wires_sound(s);
}

void sense_advance(struct sense *s, int64_t now_ns, const double cell_V[])
{
    double aim_V[SENSE_WIRES_MAX];
    const double dt_s = 1e-9 * (double)(now_ns - s->at_ns);

    sense_solve(s, cell_V, aim_V, NULL);
    for (int k = 0; k <= s->params.cells; k++) {
        const double tau = s->ladder.tau_s[k];

        if (!(tau > 0.0) || dt_s > SETTLED_TAUS * tau) {
            s->pin_V[k] = aim_V[k];
        } else {
            s->pin_V[k] -= (aim_V[k] - s->pin_V[k]) * expm1(-dt_s / tau);
        }
    }
    s->at_ns = now_ns;
}

double sense_reading_V(const struct sense *s, int cell)
{
    return s->pin_V[cell + 1] - s->pin_V[cell];
}

void sense_set_bleed(struct sense *s, uint32_t cells)
{
    if (s->bleed != cells) {
        s->bleed = cells;
        build(s);
    }
}

void sense_set_transfer(struct sense *s, int from, int to, double from_A, double to_A)
{
    for (int k = 0; k < s->params.cells; k++) {
        s->moved_A[k] = k == from ? from_A : k == to ? -to_A : 0.0;
    }
    build(s);
}

bool sense_set_fault(struct sense *s, enum fault_kind kind, int wire, bool on, double value)
{
    const int last = s->params.cells - (kind == FAULT_SENSE_SWAPPED ? 1 : 0);

    if (wire < 0 || wire > last) {
        return false;
    }
    switch (kind) {
    case FAULT_SENSE_OPEN:
        s->open[wire] = on;
        break;
    case FAULT_SENSE_RESISTIVE:
        if (!(value >= 0.0)) {
            return false;
        }
        s->added_Ohm[wire] = on ? value : 0.0;
        break;
    case FAULT_SENSE_SWAPPED:
        s->swapped[wire] = on;
        connect_taps(s);
        break;
    default:
        return false;
    }
    build(s);
    return true;
}
