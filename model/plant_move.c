#include "model/plant_inner.h"

#include "model/larger.h"

#include <assert.h>
#include <math.h>

#define FLUSH_s 100e-6 /* cells stay frozen for this long at most, unless a single segment is longer */
#define CALM_V 1e-4    /* voltage across an inductance that no window is worth: 38 A/s in 2.6 uH */
#define CALM_s 20e-6
#define CALM_SEGMENTS 2
#define PARTED_S 1e-5         /* contacts that conduct less have parted */
#define CHARGER_LEAVES_A 1e-3 /* a charger that was switched off goes at this current ... */
#define CHARGER_LEAVES_s 0.02 /* ... or after this time */

static double between(double a, double b, double w)
{
    return a + (b - a) * w;
}

/* A capacitor's voltage bends with its current; the start's slope is used unless the capacitor settles within. */
static double capacitor_at(double begin_V, double end_V, double rate_V_s, double s, double h)
{
    const double change_V = end_V - begin_V, first_V = rate_V_s * h, w = s / h;

    if (fabs(first_V) > 2.0 * fabs(change_V)) {
        return begin_V + change_V * w;
    }
    return begin_V + first_V * w + (change_V - first_V) * w * w;
}

struct plant_node plant_node_at(const struct plant *p, int64_t offset_ns)
{
    const struct plant_node *a = &p->now, *b = &p->plan.end;
    const double h = (double)p->plan.solved_ns * PLANT_NS, w = (double)offset_ns / (double)p->plan.solved_ns;
    struct plant_node n = *b;

    if (offset_ns == p->plan.solved_ns) {
        return n;
    }
    for (int k = 0; k < p->packs; k++) {
        n.branch_A[k] = between(a->branch_A[k], b->branch_A[k], w);
        n.leak_A[k] = between(a->leak_A[k], b->leak_A[k], w);
        n.terminal_V[k] = between(a->terminal_V[k], b->terminal_V[k], w);
    }
    n.cable_A = between(a->cable_A, b->cable_A, w);
    n.snubber_V = between(a->snubber_V, b->snubber_V, w);
    n.link_V = p->outside.link_scale > 0.0
                   ? capacitor_at(a->link_V, b->link_V, a->link_A / p->outside.link.capacitance_F, w * h, h)
                   : b->link_V;
    n.capacitor_V = between(a->capacitor_V, b->capacitor_V, w);
    n.limit_A = between(a->limit_A, b->limit_A, w);
    n.draw = between(a->draw, b->draw, w);
    n.bus_V = between(a->bus_V, b->bus_V, w);
    n.charger_A = between(a->charger_A, b->charger_A, w);
    n.load_A = between(a->load_A, b->load_A, w);
    n.short_A = between(a->short_A, b->short_A, w);
    n.link_A = between(a->link_A, b->link_A, w);
    return n;
}

/* ---- heat ---- */

/* Mean heat of a linear current: Simpson's rule, exact for resistors and clamps that it does not cross zero in. */
static struct fet_heat mean_heat(const struct plant_pack *pack, double begin_A, double end_A)
{
    const double current_A[3] = { begin_A, 0.5 * (begin_A + end_A), end_A };
    static const double weight[3] = { 1.0 / 6.0, 4.0 / 6.0, 1.0 / 6.0 };
    struct fet_heat mean = { .avalanche_W = 0.0 };

    for (int n = 0; n < 3; n++) {
        const struct fet_heat at = fet_heat(&pack->fet, &pack->params->fet, pack->thermal.junction_degC, current_A[n]);

        mean.bank_W[FET_CHARGE] += weight[n] * at.bank_W[FET_CHARGE];
        mean.bank_W[FET_DISCHARGE] += weight[n] * at.bank_W[FET_DISCHARGE];
        mean.avalanche_W += weight[n] * at.avalanche_W;
        mean.precharge_W += weight[n] * at.precharge_W;
        mean.limiter_W += weight[n] * at.limiter_W;
    }
    return mean;
}

/* Shunt and breaker heat the board they sit on; pre-charge resistor and limiter the box. */
static void move_heat(struct plant_pack *pack, double h, double begin_A, double end_A)
{
    const struct fet_heat fets = mean_heat(pack, begin_A, end_A);
    const double square_A2 = (begin_A * begin_A + begin_A * end_A + end_A * end_A) / 3.0;
    struct thermal_heat heat = { .box_W = pack->heater_W + fets.precharge_W + fets.limiter_W,
                                 .board_W = square_A2 * (pack->params->shunt_Ohm + pack->params->breaker_Ohm) };

    for (int bank = 0; bank < FET_BANKS; bank++) {
        pack->fet_W[bank] = heat.junction_W[bank] = fets.bank_W[bank];
    }
    for (int k = 0; k < pack->params->cells; k++) {
        heat.cell_W[k] = pack->cell_J[k] / h;
        pack->cell_J[k] = 0.0;
    }
    thermal_commit(&pack->thermal, h, &heat);
    pack->harm.avalanche_J += fets.avalanche_W * h;
    for (int bank = 0; bank < FET_BANKS; bank++) {
        pack->harm.junction_peak_degC = larger(pack->harm.junction_peak_degC, pack->thermal.junction_degC[bank]);
    }
}

void plant_take_temperatures(struct plant_pack *pack)
{
    string_set_temperatures(&pack->string, pack->thermal.now.core_degC, pack->thermal.inflow_W,
                            pack->thermal.params.core_J_K);
}

static void move_ntcs(struct plant_pack *pack, double h)
{
    double body_degC[PLANT_NTC_MAX];

    for (int n = 0; n < pack->params->ntc_count; n++) {
        body_degC[n] = plant_ntc_after(pack, n, h);
    }
    for (int n = 0; n < pack->params->ntc_count; n++) {
        pack->ntc[n].body_degC = body_degC[n];
        pack->ntc[n].held_degC += pack->ntc[n].held_K_s * h;
    }
}

/* ---- cells ---- */

static void move_cells(struct plant_pack *pack, double h, double begin_A, double slope_A_s)
{
    double heat_W[STRING_CELLS_MAX];

    string_commit(&pack->string, h, begin_A - pack->quiescent_A, slope_A_s, heat_W);
    for (int k = 0; k < pack->params->cells; k++) {
        pack->cell_J[k] += heat_W[k] * h;
    }
}

void plant_flush(struct plant *p)
{
    if (p->pending_s <= 0.0) {
        return;
    }
    for (int k = 0; k < p->packs; k++) {
        struct plant_pack *pack = &p->pack[k];

        move_ntcs(pack, p->pending_s);
        move_cells(pack, p->pending_s, pack->pending_C / p->pending_s, 0.0);
        plant_take_temperatures(pack);
        pack->pending_C = 0.0;
    }
    p->pending_s = 0.0;
    plant_prepare(p);
}

/* ---- the outside ---- */

static void move_ramp(struct plant_ramp *r, double h)
{
    r->value = larger(0.0, r->value + r->per_s * h);
}

static void move_outside(struct plant *p, double h)
{
    struct plant_outside *o = &p->outside;

    move_ramp(&o->load, h);
    move_ramp(&o->charger_A, h);
    move_ramp(&o->charger_V, h);
    if (!o->short_on && o->short_S > 0.0) {
        o->short_S *= exp(-h / PLANT_PARTING_s);
        if (o->short_S < PARTED_S) {
            o->short_S = 0.0;
            o->short_pack = -1;
            p->dirty = true;
        }
    }
    if (!o->link_on && o->link_scale > 0.0) {
        o->link_scale *= exp(-h / PLANT_PARTING_s);
        if (o->link_scale < PARTED_S * (o->link.esr_Ohm + o->link.precharge_Ohm)) {
            o->link_scale = 0.0;
            p->dirty = true;
        }
    } else if (!o->link_on) {
        p->now.link_V *= exp(-h / (o->link.bleed_Ohm * o->link.capacitance_F));
    }
    if (o->charger_connected && !o->charger_on) {
        o->charger_leaves_s += h;
        if (p->now.charger_A < CHARGER_LEAVES_A || o->charger_leaves_s > CHARGER_LEAVES_s) {
            o->charger_connected = false;
            p->dirty = true;
        }
    }
}

/* ---- commit ---- */

static void count(struct plant_pack *pack, double h, double begin_A, double end_A, double begin_V, double end_V)
{
    struct plant_harm *harm = &pack->harm;

    harm->current_peak_A = larger(harm->current_peak_A, larger(fabs(begin_A), fabs(end_A)));
    harm->terminal_peak_V = larger(harm->terminal_peak_V, larger(begin_V, end_V));
    harm->charge_Ah += 0.5 * (begin_A + end_A) * h / 3600.0;
    harm->energy_J += h * ((begin_A * begin_V + end_A * end_V) / 3.0 + (begin_A * end_V + end_A * begin_V) / 6.0);
}

/* Moves one pack through h; true if its breaker tripped. */
static bool move_pack(struct plant *p, int k, const struct plant_node *to, double h)
{
    struct plant_pack *pack = &p->pack[k];
    const double begin_A = plant_pack_current(&p->now, k), end_A = plant_pack_current(to, k);

    count(pack, h, begin_A, end_A, p->now.terminal_V[k], to->terminal_V[k]);
    pack->guess_A_s = (end_A - begin_A) / h;
    if (p->fast) {
        pack->pending_C += 0.5 * (begin_A + end_A) * h;
    } else {
        move_ntcs(pack, h);
        move_cells(pack, h, begin_A, pack->guess_A_s);
    }
    move_heat(pack, h, p->now.branch_A[k], to->branch_A[k]);
    if (!p->fast) {
        plant_take_temperatures(pack);
    }
    return breaker_advance(&pack->breaker, &pack->params->breaker, begin_A, end_A, h);
}

/* True if no inductance matters any more in a full segment. */
static bool is_calm(const struct plant *p, const struct plant_node *to, double h)
{
    if (h < CALM_s) {
        return false;
    }
    for (int k = 0; k < p->packs; k++) {
        const struct pack_params *params = p->pack[k].params;
        const double change_A = fabs(to->branch_A[k] - p->now.branch_A[k]);

        if (change_A * (params->path_H + params->cable_H) > CALM_V * h) {
            return false;
        }
    }
    return true;
}

static void leave_window(struct plant *p)
{
    plant_flush(p);
    p->fast = false;
    plant_touched(p);
}

void plant_commit(struct plant *p, int64_t offset_ns)
{
    const struct plant_node to = plant_node_at(p, offset_ns);
    const double h = (double)offset_ns * PLANT_NS;
    bool tripped = false;

    assert(p->plan.valid && offset_ns >= 1 && offset_ns <= p->plan.length_ns);
    if (p->fast) {
        p->calm = is_calm(p, &to, h) ? p->calm + 1 : 0;
        p->pending_s += h;
    }
    for (int k = 0; k < p->packs; k++) {
        tripped |= move_pack(p, k, &to, h);
    }
    p->now = to;
    p->step_s = p->plan.next_s;
    p->plan.valid = false;
    if (!p->fast) {
        plant_prepare(p);
    }
    move_outside(p, h);
    if (tripped) {
        plant_flush(p);
        plant_switched(p);
    } else if (p->fast && p->calm >= CALM_SEGMENTS) {
        leave_window(p);
    } else if (p->fast && p->pending_s >= FLUSH_s) {
        plant_flush(p);
    }
}
