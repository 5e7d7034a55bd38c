/* One segment of the circuit: three implicit stages of the same weight (Alexander's SDIRK: third order, L-stable, the
 * last stage is the end).
 *
 * Slow mode evaluates every string at each stage with the current that is being sought; the fast window freezes them
 * and keeps the inductances. The first stage lies at 0.44 of the segment: how far the current there is from the
 * straight line between the ends is the error of calling the current linear, and rules the step. */
#include "model/plant_inner.h"

#include "model/larger.h"

#include <math.h>

#define STAGES 3
#define WEIGHT 0.43586652150845899941602          /* root of x^3 - 3 x^2 + 3/2 x - 1/6 */
#define MIDDLE (0.25 / (WEIGHT * (1.0 - WEIGHT))) /* deviation of a parabola at 1/2 over that at the first stage */
#define RELINEARISE_A 1e-3
#define RELINEARISE_MAX 6

/* Accuracy of a segment: of currents, and of the bus while no pack ties it. */
#define FAST_PART 1e-5
#define FAST_FULL_A 100.0
#define END_JITTER_s 2e-9
#define SLOW_PART 2e-6
#define SLOW_A 1e-6
#define FLOAT_PART 1e-4
#define FLOAT_V 1e-3
#define FLOAT_FAST 10.0
#define STILL 0.25 /* part of these that a current may move by and still stand still */

double plant_pack_current(const struct plant_node *n, int pack)
{
    return n->branch_A[pack] + n->leak_A[pack];
}

void plant_junctions(const struct plant_pack *k, double s_s, double degC[FET_BANKS])
{
    for (int bank = 0; bank < FET_BANKS; bank++) {
        degC[bank] = thermal_junction(&k->thermal, bank, s_s, k->fet_W[bank]);
    }
}

/* ---- filling the circuit ---- */

static void frame_pack(const struct plant *p, int k, struct circuit_pack *c)
{
    const struct plant_pack *pack = &p->pack[k];
    const struct pack_params *params = pack->params;
    const bool blocks = !fet_conducts(&pack->fet, FET_CHARGE) || !fet_conducts(&pack->fet, FET_DISCHARGE);

    c->path_Ohm = params->shunt_Ohm + params->breaker_Ohm;
    c->cable_Ohm = params->cable_Ohm;
    c->path_H = p->fast ? params->path_H : 0.0;
    c->cable_H = p->fast ? params->cable_H : 0.0;
    c->leak_A = blocks ? params->fet.leak_A : 0.0;
    c->terminal_S = p->outside.short_pack == k ? p->outside.short_S : 0.0;
    c->open = pack->fet.open && (!p->fast || p->now.branch_A[k] == 0.0);
    c->emf_V = pack->frozen_V;
    c->string_Ohm = pack->frozen_Ohm;
    c->terminal_V = p->now.terminal_V[k];
}

/* What stays through both stages. */
static void frame(const struct plant *p, struct circuit *c)
{
    const struct plant_outside *o = &p->outside;
    const struct pack_params *first = p->pack[0].params;
    const bool at_bus = o->short_pack < 0;

    c->packs = p->packs;
    c->discharge_S = 0.0;
    c->snubber = (struct circuit_rc){ .scale = 1.0 };
    for (int k = 0; k < p->packs; k++) {
        const struct pack_params *params = p->pack[k].params;

        frame_pack(p, k, &c->pack[k]);
        c->snubber.farad += params->terminal_F;
        c->discharge_S += 1.0 / params->terminal_Ohm;
    }
    c->snubber.ohm = first->snubber_Ohm / p->packs;
    c->link = (struct circuit_rc){ .ohm = o->link.esr_Ohm + o->link.precharge_Ohm,
                                   .farad = o->link.capacitance_F,
                                   .bleed_S = 1.0 / o->link.bleed_Ohm };
    c->short_S = at_bus ? o->short_S : 0.0;
    c->lead_Ohm = o->short_lead ? first->lead_Ohm : 0.0;
    c->lead_H = o->short_lead && p->fast ? first->lead_H : 0.0;
    c->charger.connected = o->charger_connected;
    c->charger.capacitor_F = first->charger.capacitor_F;
    c->charger.esr_Ohm = first->charger.esr_Ohm;
    c->charger.tau_s = 0.5 / (3.14159265358979323846 * first->charger.bandwidth_Hz);
    c->load.law = o->load_law;
    c->bus_V = p->now.bus_V;
}

static double ramp_at(const struct plant_ramp *r, double s)
{
    return larger(0.0, r->value + r->per_s * s);
}

/* Inputs at an offset, and the base that the implicit part starts from. */
static void aim(const struct plant *p, struct circuit *c, const struct plant_node *star, double s, double dt)
{
    const struct plant_outside *o = &p->outside;

    c->dt_s = dt;
    c->hold = p->fast && dt == 0.0;
    for (int k = 0; k < p->packs; k++) {
        double degC[FET_BANKS];

        plant_junctions(&p->pack[k], p->fast ? 0.0 : s, degC);
        fet_laws(&p->pack[k].fet, &p->pack[k].params->fet, degC, c->pack[k].law);
        c->pack[k].branch_star_A = star->branch_A[k];
        c->pack[k].cable_star_A = star->cable_A;
    }
    c->snubber.star_V = star->snubber_V;
    c->link.star_V = star->link_V;
    c->link.scale = o->link_on ? 1.0 : o->link_scale * exp(-s / PLANT_PARTING_s);
    c->lead_star_A = star->short_A;
    if (!o->short_on && o->short_S > 0.0) {
        const double part = exp(-s / PLANT_PARTING_s);

        for (int k = 0; k < p->packs; k++) {
            c->pack[k].terminal_S = o->short_pack == k ? o->short_S * part : 0.0;
        }
        c->short_S = o->short_pack < 0 ? o->short_S * part : 0.0;
    }
    c->charger.set_A = o->charger_on ? ramp_at(&o->charger_A, s) : 0.0;
    c->charger.set_V = ramp_at(&o->charger_V, s);
    c->charger.capacitor_star_V = star->capacitor_V;
    c->charger.limit_star_A = star->limit_A;
    c->load.value = ramp_at(&o->load, s);
    c->load.draw_star = star->draw;
}

static void gather(const struct plant *p, const struct circuit *c, struct plant_node *n)
{
    n->cable_A = 0.0;
    for (int k = 0; k < p->packs; k++) {
        n->branch_A[k] = c->pack[k].branch_A;
        n->leak_A[k] = c->pack[k].leak_now_A;
        n->terminal_V[k] = c->pack[k].terminal_V;
        if (c->pack[k].terminal_S > 0.0) {
            n->cable_A = c->pack[k].cable_A;
        }
    }
    n->snubber_V = c->snubber.volt_V;
    n->link_V = c->link.volt_V;
    n->link_A = c->link.current_A;
    n->capacitor_V = c->charger.connected ? c->charger.capacitor_V : p->now.capacitor_V;
    n->limit_A = c->charger.connected ? c->charger.limit_A : 0.0;
    n->draw = c->load.law != PLANT_LOAD_OFF ? c->load.draw : 0.0;
    n->bus_V = c->bus_V;
    n->charger_A = c->charger_A;
    n->load_A = c->load_A;
    n->short_A = c->short_A;
    for (int k = 0; k < p->packs; k++) {
        n->short_A += c->pack[k].terminal_S * c->pack[k].terminal_V;
    }
}

/* ---- stages ---- */

/* The strings as lines about the currents in guess_A, at offset s. */
static void linearise(const struct plant *p, struct circuit *c, double s, const double guess_A[])
{
    for (int k = 0; k < p->packs; k++) {
        const double other_A = p->pack[k].quiescent_A, begin_A = plant_pack_current(&p->now, k);
        double slope_Ohm;
        const double volt_V =
            string_voltage(&p->pack[k].string, s, begin_A - other_A, guess_A[k] - other_A, &slope_Ohm);

        c->pack[k].emf_V = volt_V - slope_Ohm * guess_A[k];
        c->pack[k].string_Ohm = slope_Ohm;
    }
}

static void solve_slow(const struct plant *p, struct circuit *c, double s, double guess_A[])
{
    for (int n = 0; n < RELINEARISE_MAX; n++) {
        double moved_A = 0.0;

        linearise(p, c, s, guess_A);
        circuit_solve(c);
        for (int k = 0; k < p->packs; k++) {
            const double found_A = c->pack[k].branch_A + c->pack[k].leak_now_A;

            moved_A = larger(moved_A, fabs(found_A - guess_A[k]));
            guess_A[k] = found_A;
        }
        if (moved_A <= RELINEARISE_A) {
            return;
        }
    }
}

static void stage(const struct plant *p, struct circuit *c, const struct plant_node *star, double s, double dt,
                  double guess_A[], struct plant_node *out)
{
    aim(p, c, star, s, dt);
    if (p->fast) {
        circuit_solve(c);
    } else {
        solve_slow(p, c, s, guess_A);
    }
    gather(p, c, out);
}

/* Base of the third and last stage, or of the second (then second is NULL): start plus what the stages before moved at.
 * Stage n moved by y_n - star_n in WEIGHT of the segment; star_1 is the start. */
static double base(double start, double first, double second, double second_star, bool last)
{
    static const double b1 = (-6.0 * WEIGHT * WEIGHT + 16.0 * WEIGHT - 1.0) / 4.0 / WEIGHT;
    static const double b2 = (6.0 * WEIGHT * WEIGHT - 20.0 * WEIGHT + 5.0) / 4.0 / WEIGHT;
    static const double a = (1.0 - WEIGHT) / 2.0 / WEIGHT;

    return last ? start + b1 * (first - start) + b2 * (second - second_star) : start + a * (first - start);
}

/* y: the stages so far; star: their bases, star[0] being the start. */
static void next_star(const struct plant *p, const struct plant_node y[], struct plant_node star[], int n)
{
    const bool last = n == STAGES - 1;
    const struct plant_node *y0 = &star[0], *y1 = &y[0], *y2 = &y[last], *s2 = &star[last];
    struct plant_node *to = &star[n];

    for (int k = 0; k < p->packs; k++) {
        to->branch_A[k] = base(y0->branch_A[k], y1->branch_A[k], y2->branch_A[k], s2->branch_A[k], last);
    }
    to->cable_A = base(y0->cable_A, y1->cable_A, y2->cable_A, s2->cable_A, last);
    to->snubber_V = base(y0->snubber_V, y1->snubber_V, y2->snubber_V, s2->snubber_V, last);
    to->link_V = base(y0->link_V, y1->link_V, y2->link_V, s2->link_V, last);
    to->capacitor_V = base(y0->capacitor_V, y1->capacitor_V, y2->capacitor_V, s2->capacitor_V, last);
    to->limit_A = base(y0->limit_A, y1->limit_A, y2->limit_A, s2->limit_A, last);
    to->draw = base(y0->draw, y1->draw, y2->draw, s2->draw, last);
    to->short_A = base(y0->short_A, y1->short_A, y2->short_A, s2->short_A, last);
}

/* ---- accuracy ---- */

/* How far a parabola through the three values leaves its chord in the middle. */
static double bow(double begin, double first, double end)
{
    return MIDDLE * fabs(first - begin - WEIGHT * (end - begin));
}

static double zero_hint(double begin_A, double first_A, double end_A, double h)
{
    if (begin_A == 0.0 || end_A != 0.0) {
        return INFINITY;
    }
    return first_A == 0.0 ? 0.5 * WEIGHT * h : WEIGHT * h * begin_A / (begin_A - first_A);
}

static double slow_tolerance_A(double size_A)
{
    return SLOW_PART * size_A + SLOW_A;
}

static double float_tolerance_V(const struct plant *p)
{
    return (FLOAT_V + FLOAT_PART * fabs(p->now.bus_V)) * (p->fast ? FLOAT_FAST : 1.0);
}

static double miss(const struct plant *p, double h, const struct plant_node *y1, const struct plant_node *y2,
                   double *hint_s)
{
    const struct plant_node *y0 = &p->now;
    double worst = 0.0;
    bool tied = false;

    *hint_s = INFINITY;
    for (int k = 0; k < p->packs; k++) {
        const double i0 = plant_pack_current(y0, k), i1 = plant_pack_current(y1, k), i2 = plant_pack_current(y2, k);
        const double size_A = larger(fabs(i0), fabs(i2));
        double good_A;

        const double zero_s = zero_hint(y0->branch_A[k], y1->branch_A[k], y2->branch_A[k], h);

        if (p->fast) {
            good_A = FAST_PART * larger(size_A, FAST_FULL_A);
        } else {
            good_A = SLOW_PART * size_A + SLOW_A;
        }
        if (isfinite(zero_s)) { /* the segment ends on a whole nanosecond, the current need not */
            good_A += END_JITTER_s * fabs(i2 - i0) / h;
        }
        worst = larger(worst, bow(i0, i1, i2) / good_A);
        *hint_s = zero_s < *hint_s ? zero_s : *hint_s;
        tied |= y0->branch_A[k] != 0.0 && y1->branch_A[k] != 0.0 && y2->branch_A[k] != 0.0;
    }
    if (!tied) {
        worst = larger(worst, bow(y0->bus_V, y1->bus_V, y2->bus_V) / float_tolerance_V(p));
    }
    return worst;
}

double plant_solve(const struct plant *p, double h_s, struct plant_node *end, double *hint_s)
{
    static const double at[STAGES] = { WEIGHT, (1.0 + WEIGHT) / 2.0, 1.0 };
    struct circuit c;
    struct plant_node y[STAGES - 1], star[STAGES];
    double guess_A[PLANT_PACKS_MAX];

    frame(p, &c);
    star[0] = p->now;
    for (int n = 0; n < STAGES; n++) {
        for (int k = 0; k < p->packs; k++) { /* along the line so far */
            const double begin_A = plant_pack_current(&p->now, k);

            guess_A[k] = n == 0 ? begin_A + p->pack[k].guess_A_s * at[0] * h_s
                                : begin_A + (guess_A[k] - begin_A) * (at[n] / at[n - 1]);
        }
        if (n > 0) {
            next_star(p, y, star, n);
        }
        stage(p, &c, &star[n], at[n] * h_s, WEIGHT * h_s, guess_A, n < STAGES - 1 ? &y[n] : end);
    }
    return miss(p, h_s, &y[0], end, hint_s);
}

double plant_solve_still(const struct plant *p, double h_s, struct plant_node *end)
{
    struct circuit c;
    double guess_A[PLANT_PACKS_MAX], worst = 0.0;
    bool is_tied = false;

    frame(p, &c);
    for (int k = 0; k < p->packs; k++) {
        guess_A[k] = plant_pack_current(&p->now, k);
    }
    stage(p, &c, &p->now, h_s, h_s, guess_A, end);
    for (int k = 0; k < p->packs; k++) {
        const double begin_A = plant_pack_current(&p->now, k), moved_A = fabs(plant_pack_current(end, k) - begin_A);

        worst = larger(worst, moved_A / (STILL * slow_tolerance_A(fabs(begin_A))));
        is_tied |= p->now.branch_A[k] != 0.0 && end->branch_A[k] != 0.0;
    }
    if (!is_tied) {
        worst = larger(worst, fabs(end->bus_V - p->now.bus_V) / (STILL * float_tolerance_V(p)));
    }
    return worst;
}

void plant_solve_start(const struct plant *p, struct plant_node *start)
{
    struct circuit c;
    double guess_A[PLANT_PACKS_MAX];

    frame(p, &c);
    for (int k = 0; k < p->packs; k++) {
        guess_A[k] = plant_pack_current(&p->now, k);
    }
    stage(p, &c, &p->now, 0.0, 0.0, guess_A, start);
}
