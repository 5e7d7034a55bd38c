#include "model/plant_inner.h"

#include <assert.h>
#include <math.h>

/* ---- packs ---- */

static unsigned conduction(const struct fet *f)
{
    return (unsigned)fet_conducts(f, FET_CHARGE) | (unsigned)fet_conducts(f, FET_DISCHARGE) << 1 |
           (unsigned)f->precharge << 2;
}

/* Takes the new state of the switches; a window opens if that changes what conducts. */
static void set_fet(struct plant *p, int pack, const struct fet *f)
{
    const bool changed = conduction(&p->pack[pack].fet) != conduction(f);

    p->pack[pack].fet = *f;
    if (changed) {
        plant_switched(p);
    }
}

void plant_set_gate(struct plant *p, int pack, enum plant_gate gate, bool on)
{
    struct fet f = p->pack[pack].fet;

    switch (gate) {
    case PLANT_CHARGE_GATE:
        f.gate[FET_CHARGE] = on;
        break;
    case PLANT_DISCHARGE_GATE:
        f.gate[FET_DISCHARGE] = on;
        break;
    case PLANT_PRECHARGE_GATE:
        f.precharge = on;
        break;
    }
    set_fet(p, pack, &f);
}

void plant_set_limiter(struct plant *p, int pack, double current_A)
{
    if (p->pack[pack].fet.limiter_A != current_A) {
        p->pack[pack].fet.limiter_A = current_A;
        plant_switched(p);
    }
}

/* What the balancer draws from a cell, negative where it feeds one. */
static double balancer_A(const struct plant *p, int pack, int cell)
{
    const struct plant_pack *k = &p->pack[pack];

    if (cell == k->gives) {
        return k->moved_A;
    }
    if (cell != k->takes) {
        return 0.0;
    }
    const double from_V = string_cell_voltage(&k->string, k->gives, 0.0, 0.0, 0.0);
    const double to_V = string_cell_voltage(&k->string, k->takes, 0.0, 0.0, 0.0);

    return -k->moved_A * k->params->balancer_efficiency * from_V / (to_V > 0.5 ? to_V : 0.5);
}

static void use_bleed(struct plant *p, int pack)
{
    struct plant_pack *k = &p->pack[pack];
    const uint32_t now = k->bleed | k->bleed_stuck;

    plant_flush(p);
    for (int cell = 0; cell < k->params->cells; cell++) {
        string_set_bleed(&k->string, cell, balancer_A(p, pack, cell),
                         (now >> cell & 1U) != 0 ? 1.0 / k->params->bleed_Ohm : 0.0);
    }
    plant_touched(p);
}

static void apply_bleed(struct plant *p, int pack, uint32_t before)
{
    if ((p->pack[pack].bleed | p->pack[pack].bleed_stuck) != before) {
        use_bleed(p, pack);
    }
}

double plant_set_transfer(struct plant *p, int pack, int from, int to, double current_A)
{
    struct plant_pack *k = &p->pack[pack];
    const bool moves = from >= 0 && to >= 0 && from != to && current_A > 0.0;

    plant_flush(p);
    k->gives = moves ? from : -1;
    k->takes = moves ? to : -1;
    k->moved_A = moves ? current_A : 0.0;
    use_bleed(p, pack);
    return moves ? -balancer_A(p, pack, to) : 0.0;
}

void plant_set_heater(struct plant *p, int pack, double power_W)
{
    plant_flush(p);
    p->pack[pack].heater_W = power_W;
    plant_touched(p);
}

void plant_set_bleed(struct plant *p, int pack, uint32_t cells)
{
    const uint32_t before = p->pack[pack].bleed | p->pack[pack].bleed_stuck;

    p->pack[pack].bleed = cells;
    apply_bleed(p, pack, before);
}

void plant_set_quiescent(struct plant *p, int pack, double current_A)
{
    if (p->pack[pack].quiescent_A != current_A) {
        plant_flush(p);
        p->pack[pack].quiescent_A = current_A;
        plant_touched(p);
    }
}

void plant_set_breaker(struct plant *p, int pack, bool closed)
{
    if (p->pack[pack].breaker.closed != closed) {
        breaker_set(&p->pack[pack].breaker, closed);
        plant_switched(p);
    }
}

void plant_set_cell(struct plant *p, int pack, int cell, double soc, double temperature_degC, double hysteresis)
{
    plant_flush(p);
    string_set_cell(&p->pack[pack].string, cell, soc, temperature_degC, hysteresis);
    thermal_set_cell(&p->pack[pack].thermal, cell, temperature_degC);
    plant_take_temperatures(&p->pack[pack]);
    for (int n = 0; n < p->pack[pack].params->ntc_count; n++) {
        const struct pack_ntc *ntc = &p->pack[pack].params->ntc[n];

        if (ntc->spot == PACK_SPOT_CELL && ntc->cell == cell) {
            p->pack[pack].ntc[n].body_degC = temperature_degC;
        }
    }
    plant_switched(p);
}

void plant_set_cell_spread(struct plant *p, int pack, int cell, double capacity_factor, double resistance_factor,
                           double leak_Ohm)
{
    plant_flush(p);
    string_set_spread(&p->pack[pack].string, cell, capacity_factor, resistance_factor, leak_Ohm);
    plant_switched(p);
}

double plant_soc_at_rest(const struct plant *p, int pack, double voltage_V, double temperature_degC, double hysteresis)
{
    return cell_soc_at_rest(p->pack[pack].params->cell, voltage_V, temperature_degC, hysteresis);
}

void plant_hold_ntc(struct plant *p, int pack, int channel, bool held, double degC, double degC_s)
{
    struct plant_ntc *ntc = &p->pack[pack].ntc[channel];

    plant_flush(p);
    ntc->held = held;
    ntc->held_degC = degC;
    ntc->held_K_s = held ? degC_s : 0.0;
    plant_touched(p);
}

bool plant_set_fault(struct plant *p, enum fault_kind kind, int pack, int index, bool on, double value)
{
    struct plant_pack *k = &p->pack[pack];
    struct fet f = k->fet;
    const uint32_t bleeding = k->bleed | k->bleed_stuck;

    switch (kind) {
    case FAULT_CHARGE_WELDED:
        f.welded[FET_CHARGE] = on;
        break;
    case FAULT_DISCHARGE_WELDED:
        f.welded[FET_DISCHARGE] = on;
        break;
    case FAULT_CHARGE_DEAD:
        f.dead[FET_CHARGE] = on;
        break;
    case FAULT_DISCHARGE_DEAD:
        f.dead[FET_DISCHARGE] = on;
        break;
    case FAULT_INTERNAL_SHORT:
        plant_flush(p);
        string_set_short(&k->string, index, on ? value : INFINITY);
        plant_switched(p);
        break;
    case FAULT_LINK_LOOSE:
        plant_flush(p);
        string_set_link(&k->string, index, k->params->link_Ohm + (on ? value : 0.0));
        plant_switched(p);
        break;
    case FAULT_COOLING_LOST:
        thermal_set_cooling(&k->thermal, on ? 0.1 : 1.0);
        plant_touched(p);
        break;
    case FAULT_BALANCE_STUCK:
        k->bleed_stuck = on ? k->bleed_stuck | UINT32_C(1) << index : k->bleed_stuck & ~(UINT32_C(1) << index);
        apply_bleed(p, pack, bleeding);
        break;
    default:
        return false;
    }
    set_fet(p, pack, &f);
    return true;
}

/* ---- the outside ---- */

void plant_set_ambient(struct plant *p, double degC, double degC_s)
{
    plant_flush(p);
    for (int k = 0; k < p->packs; k++) {
        thermal_set_ambient(&p->pack[k].thermal, degC, degC_s);
    }
    plant_touched(p);
}

void plant_set_charger(struct plant *p, bool on, double current_A, double voltage_V)
{
    struct plant_outside *o = &p->outside;
    const bool same =
        on == o->charger_on && (!on || (o->charger_A.value == current_A && o->charger_V.value == voltage_V));

    if (on) {
        o->charger_A = (struct plant_ramp){ current_A, 0.0 };
        o->charger_V = (struct plant_ramp){ voltage_V, 0.0 };
    }
    if (same) {
        plant_touched(p);
        return;
    }
    if (on && !o->charger_connected) {
        o->charger_connected = true;
        p->now.capacitor_V = voltage_V;
        p->now.limit_A = 0.0;
    }
    o->charger_on = on;
    o->charger_leaves_s = 0.0;
    plant_switched(p);
}

void plant_ramp_charger(struct plant *p, double current_A_s, double voltage_V_s)
{
    p->outside.charger_A.per_s = current_A_s;
    p->outside.charger_V.per_s = voltage_V_s;
    plant_touched(p);
}

/* What the load draws goes on when the law changes: as a conductance, or as a current. */
static void take_law(struct plant *p, enum plant_load law)
{
    struct plant_outside *o = &p->outside;
    const bool was_S = o->load_law == PLANT_LOAD_RESISTANCE, is_S = law == PLANT_LOAD_RESISTANCE;

    if (was_S && !is_S) {
        p->now.draw *= p->now.bus_V;
    } else if (!was_S && is_S) {
        p->now.draw = p->now.bus_V > LOAD_CURRENT_KNEE_V ? p->now.draw / p->now.bus_V : 0.0;
    }
    o->load_law = law;
}

void plant_set_load(struct plant *p, enum plant_load law, double value)
{
    struct plant_outside *o = &p->outside;
    const bool off = law == PLANT_LOAD_OFF;
    const bool same = !off && o->load_law == law && o->load.value == value;

    if (!off) {
        take_law(p, law);
    } else {
        value = o->load_law == PLANT_LOAD_RESISTANCE ? INFINITY : 0.0; /* fades under its own law */
    }
    o->load = (struct plant_ramp){ value, 0.0 };
    if (same) {
        plant_touched(p);
    } else {
        plant_switched(p);
    }
}

void plant_ramp_load(struct plant *p, double per_second)
{
    p->outside.load.per_s = per_second;
    plant_touched(p);
}

void plant_set_short(struct plant *p, bool on, enum short_place place, int pack, double resistance_Ohm)
{
    struct plant_outside *o = &p->outside;

    assert(!on || resistance_Ohm > 0.0);
    o->short_on = on;
    if (on) {
        o->short_S = 1.0 / resistance_Ohm;
        o->short_pack = place == SHORT_AT_TERMINALS ? pack : -1;
        o->short_lead = place == SHORT_AT_LOAD;
        p->now.short_A = 0.0;
        p->now.cable_A = o->short_pack >= 0 ? plant_pack_current(&p->now, pack) : 0.0;
    }
    plant_switched(p);
}

void plant_set_inverter(struct plant *p, bool on, double capacitance_F, double esr_Ohm, double precharge_Ohm,
                        double bleed_Ohm)
{
    struct plant_outside *o = &p->outside;

    o->link_on = on;
    if (on) {
        assert(capacitance_F > 0.0 && esr_Ohm + precharge_Ohm > 0.0 && bleed_Ohm > 0.0);
        o->link = (struct pack_inverter){ capacitance_F, esr_Ohm, bleed_Ohm, precharge_Ohm };
        o->link_scale = 1.0;
    }
    plant_switched(p);
}
