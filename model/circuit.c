#include "model/circuit.h"

#include "model/larger.h"

#include <math.h>
#include <stddef.h>

#define NEWTON_MAX 100
#define LEAK_FULL_V 1.0
#define CLOSE 1e-9 /* a last step of Newton's method that is so small squares to nothing */

struct flow { /* a current and its derivative with respect to the voltage that drives it */
    double A, S;
};

/* Leakage of the blocking bank: all of it above a volt. */
static struct flow leak(const struct circuit_pack *p, double terminal_V)
{
    const double across_V = terminal_V - p->emf_V;

    if (p->leak_A <= 0.0 || p->open) {
        return (struct flow){ 0.0, 0.0 };
    }
    if (fabs(across_V) < LEAK_FULL_V) {
        return (struct flow){ p->leak_A * across_V / LEAK_FULL_V, p->leak_A / LEAK_FULL_V };
    }
    return (struct flow){ copysign(p->leak_A, across_V), 0.0 };
}

/* Current that a voltage drives into string and path, series_Ohm and henry between them counted in. */
static struct flow branch(const struct circuit *c, const struct circuit_pack *p, double volt_V, double series_Ohm,
                          double henry)
{
    const double inertia_Ohm = henry > 0.0 && !c->hold ? henry / c->dt_s : 0.0;
    const double across_V = volt_V - p->emf_V + inertia_Ohm * p->branch_star_A;
    const double total_Ohm = p->string_Ohm + series_Ohm + inertia_Ohm;
    struct flow f = { 0.0, 0.0 };

    if (p->open) {
        return f;
    }
    if (c->hold) {
        f.A = p->branch_star_A;
        return f;
    }
    if (across_V >= 0.0) {
        f.A = fet_current(&p->law[FET_CHARGING], across_V, total_Ohm, &f.S);
    } else {
        f.A = -fet_current(&p->law[FET_DISCHARGING], -across_V, total_Ohm, &f.S);
    }
    return f;
}

static struct flow sum(struct flow a, struct flow b)
{
    return (struct flow){ a.A + b.A, a.S + b.S };
}

/* What leaves the terminals towards string and short. */
static struct flow behind_terminals(const struct circuit *c, const struct circuit_pack *p, double terminal_V)
{
    struct flow f = sum(branch(c, p, terminal_V, p->path_Ohm, p->path_H), leak(p, terminal_V));

    f.A += p->terminal_S * terminal_V;
    f.S += p->terminal_S;
    return f;
}

/* A pack whose terminals are shorted: the terminal voltage is an unknown of its own, found by Newton's method (all
 * functions rise). */
static struct flow shorted(const struct circuit *c, struct circuit_pack *p, double bus_V)
{
    const double inertia_Ohm = p->cable_H > 0.0 && !c->hold ? p->cable_H / c->dt_s : 0.0;
    const double cable_Ohm = p->cable_Ohm + inertia_Ohm;

    if (c->hold) {
        p->terminal_V = (p->cable_star_A - p->branch_star_A) / p->terminal_S;
        p->cable_A = p->cable_star_A;
        return (struct flow){ p->cable_star_A, 0.0 };
    }
    double low = -INFINITY, high = INFINITY, v = p->terminal_V;
    struct flow in = behind_terminals(c, p, v);

    for (int n = 0; n < NEWTON_MAX; n++) {
        const double cable_A = (bus_V - v + inertia_Ohm * p->cable_star_A) / cable_Ohm, excess_A = in.A - cable_A;
        double next = v - excess_A / (in.S + 1.0 / cable_Ohm);

        const bool close = fabs(next - v) <= CLOSE * (1.0 + fabs(v));

        *(excess_A > 0.0 ? &high : &low) = v;
        if (!close && (next <= low || next >= high)) {
            next = 0.5 * (low + high);
        }
        v = next;
        if (close) {
            break;
        }
        in = behind_terminals(c, p, v);
    }
    p->terminal_V = v;
    p->cable_A = (bus_V - v + inertia_Ohm * p->cable_star_A) / cable_Ohm;
    return (struct flow){ p->cable_A, in.S / (1.0 + in.S * cable_Ohm) };
}

static struct flow pack_flow(const struct circuit *c, const struct circuit_pack *p, double bus_V)
{
    if (p->terminal_S > 0.0) {
        struct circuit_pack scratch = *p;

        return shorted(c, &scratch, bus_V);
    }
    return sum(branch(c, p, bus_V, p->path_Ohm + p->cable_Ohm, p->path_H + p->cable_H), leak(p, bus_V));
}

/* ---- linear parts ---- */

static double rc_weight(const struct circuit *c, const struct circuit_rc *r)
{
    return 1.0 + c->dt_s * r->bleed_S / r->farad;
}

static struct flow rc_flow(const struct circuit *c, const struct circuit_rc *r, double bus_V)
{
    if (r->scale <= 0.0) {
        return (struct flow){ 0.0, 0.0 };
    }
    const double weight = rc_weight(c, r);
    const double s = 1.0 / (r->ohm / r->scale + c->dt_s / (r->farad * weight));

    return (struct flow){ s * (bus_V - r->star_V / weight), s };
}

static void rc_settle(const struct circuit *c, struct circuit_rc *r)
{
    r->current_A = rc_flow(c, r, c->bus_V).A;
    r->volt_V = r->scale <= 0.0 ? r->star_V : (r->star_V + c->dt_s * r->current_A / r->farad) / rc_weight(c, r);
}

static struct flow short_flow(const struct circuit *c, double bus_V)
{
    const double inertia_Ohm = c->lead_H > 0.0 && !c->hold ? c->lead_H / c->dt_s : 0.0;

    if (c->short_S <= 0.0) {
        return (struct flow){ 0.0, 0.0 };
    }
    if (c->hold && c->lead_H > 0.0) {
        return (struct flow){ c->lead_star_A, 0.0 };
    }
    const double s = 1.0 / (1.0 / c->short_S + c->lead_Ohm + inertia_Ohm);

    return (struct flow){ s * (bus_V + inertia_Ohm * c->lead_star_A), s };
}

/* Everything linear in the bus voltage, at 0 V. */
static struct flow linear_parts(const struct circuit *c)
{
    struct flow total = sum(rc_flow(c, &c->snubber, 0.0), rc_flow(c, &c->link, 0.0));

    total = sum(total, short_flow(c, 0.0));
    total.S += c->discharge_S;
    return total;
}

/* Sum of all currents out of the bus, the charger's left out if it is not to source. */
static struct flow surplus(const struct circuit *c, const struct flow *linear, bool sourcing, double bus_V)
{
    struct flow total = { linear->A + linear->S * bus_V, linear->S };
    double slope;

    for (int k = 0; k < c->packs; k++) {
        total = sum(total, pack_flow(c, &c->pack[k], bus_V));
    }
    if (c->load.law != PLANT_LOAD_OFF) {
        total.A += load_current(&c->load, c->dt_s, bus_V, &slope);
        total.S += slope;
    }
    if (sourcing) {
        total.A -= charger_current(&c->charger, c->dt_s, bus_V, &slope);
        total.S -= slope;
    }
    return total;
}

double circuit_surplus(const struct circuit *c, double bus_V)
{
    const struct flow linear = linear_parts(c);

    return surplus(c, &linear, false, bus_V).A;
}

/* Newton's method between brackets that close in on the root. Kinks may send a step across; then the middle is taken.
 * A power load can make the sum fall with the voltage for a stretch: there, too, the middle. */
static double find_root(const struct circuit *c, const struct flow *linear, bool sourcing, double v)
{
    double low = -INFINITY, high = INFINITY, reach_V = 1.0;
    struct flow total = surplus(c, linear, sourcing, v);

    for (int n = 0; n < NEWTON_MAX && total.A != 0.0; n++) {
        double next = total.S > 0.0 ? v - total.A / total.S : NAN;

        if (fabs(next - v) <= CLOSE * (1.0 + fabs(v))) {
            return next;
        }
        *(total.A > 0.0 ? &high : &low) = v;
        if (!(next > low && next < high)) {
            if (isfinite(low) && isfinite(high)) {
                next = 0.5 * (low + high);
            } else {
                next = v - copysign(reach_V, total.A);
                reach_V *= 4.0;
            }
        }
        v = next;
        total = surplus(c, linear, sourcing, v);
    }
    return v;
}

/* A charger holds its voltage if the bus then asks for a current that it can give. Otherwise it is a current source
 * (the bus lies below), or gives nothing (above). */
static void find_bus(struct circuit *c)
{
    const struct flow linear = linear_parts(c);
    double slope;

    c->charger_A = 0.0;
    if (!c->charger.connected) {
        c->bus_V = find_root(c, &linear, false, c->bus_V);
        return;
    }
    const double hold_V = charger_hold_V(&c->charger, c->dt_s);
    const double asked_A = surplus(c, &linear, false, hold_V).A;
    const double most_A = charger_current(&c->charger, c->dt_s, hold_V, &slope);

    if (asked_A > most_A) {
        c->bus_V = find_root(c, &linear, true, smaller(c->bus_V, hold_V));
        c->charger_A = charger_current(&c->charger, c->dt_s, c->bus_V, &slope);
    } else if (asked_A < 0.0) {
        c->bus_V = find_root(c, &linear, false, larger(c->bus_V, hold_V));
    } else {
        c->bus_V = hold_V;
        c->charger_A = asked_A;
    }
}

static void settle_pack(const struct circuit *c, struct circuit_pack *p)
{
    if (p->terminal_S > 0.0) {
        (void)shorted(c, p, c->bus_V);
        p->branch_A = branch(c, p, p->terminal_V, p->path_Ohm, p->path_H).A;
        p->leak_now_A = leak(p, p->terminal_V).A;
        return;
    }
    p->branch_A = branch(c, p, c->bus_V, p->path_Ohm + p->cable_Ohm, p->path_H + p->cable_H).A;
    p->leak_now_A = leak(p, c->bus_V).A;
    p->cable_A = p->branch_A + p->leak_now_A;
    p->terminal_V = c->bus_V - p->cable_Ohm * p->cable_A;
    if (c->dt_s > 0.0 && !c->hold) {
        p->terminal_V -= p->cable_H * (p->branch_A - p->branch_star_A) / c->dt_s;
    }
}

void circuit_solve(struct circuit *c)
{
    find_bus(c);
    for (int k = 0; k < c->packs; k++) {
        settle_pack(c, &c->pack[k]);
    }
    rc_settle(c, &c->snubber);
    rc_settle(c, &c->link);
    c->short_A = short_flow(c, c->bus_V).A;
    c->load_A = c->load.law != PLANT_LOAD_OFF ? load_settle(&c->load, c->dt_s, c->bus_V) : 0.0;
    if (c->charger.connected) {
        charger_settle(&c->charger, c->dt_s, c->bus_V, c->charger_A);
    }
}
