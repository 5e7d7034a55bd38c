#include "model/plant_inner.h"

#include "model/larger.h"

#include <math.h>
#include <stddef.h>

/* Where a read looks: a pack's currents at an offset of the planned segment. */
struct view {
    const struct plant_pack *pack;
    double s, share;                                /* offset in seconds; as a part of the solved span */
    double begin_A, slope_A_s, now_A;               /* pack current */
    double cells_s, cells_begin_A, cells_slope_A_s; /* what the string must be asked with */
};

/* In the window the cells are frozen: the string is asked at its last instant, with the present current. */
static struct view look(const struct plant *p, int pack, int64_t offset_ns)
{
    const double begin_A = plant_pack_current(&p->now, pack), end_A = plant_pack_current(&p->plan.end, pack);
    const double h = (double)p->plan.solved_ns * PLANT_NS;
    struct view v = { .pack = &p->pack[pack], .begin_A = begin_A };

    if (p->plan.valid) {
        v.s = (double)offset_ns * PLANT_NS;
        v.share = (double)offset_ns / (double)p->plan.solved_ns;
        v.slope_A_s = (end_A - begin_A) / h;
    }
    v.now_A = begin_A + v.slope_A_s * v.s;
    v.cells_s = p->fast ? 0.0 : v.s;
    v.cells_begin_A = (p->fast ? v.now_A : begin_A) - v.pack->quiescent_A;
    v.cells_slope_A_s = p->fast ? 0.0 : v.slope_A_s;
    return v;
}

static double between(const struct plant *p, const struct view *v, double begin, double end)
{
    return p->plan.valid ? begin + (end - begin) * v->share : begin;
}

static double stack_V(const struct view *v)
{
    const double end_A = v->cells_begin_A + v->cells_slope_A_s * v->cells_s;

    return string_voltage(&v->pack->string, v->cells_s, v->cells_begin_A, end_A, NULL);
}

/* Terminals of a pack whose path conducts, from its cells outwards; NAN if the path does not tell. */
static double terminal_from_cells(const struct plant *p, const struct view *v, int pack)
{
    const double begin_A = p->now.branch_A[pack];
    const double branch_A = between(p, v, begin_A, p->plan.end.branch_A[pack]);
    struct fet_law law[FET_WAYS];
    double degC[FET_BANKS];

    if (p->fast || p->outside.short_pack == pack || v->pack->fet.open || branch_A == 0.0 ||
        (p->plan.valid && (begin_A == 0.0 || begin_A * p->plan.end.branch_A[pack] < 0.0))) {
        return NAN;
    }
    plant_junctions(v->pack, v->s, degC);
    fet_laws(&v->pack->fet, &v->pack->params->fet, degC, law);
    const double path_Ohm = v->pack->params->shunt_Ohm + v->pack->params->breaker_Ohm;
    const enum fet_way way = branch_A > 0.0 ? FET_CHARGING : FET_DISCHARGING;

    return stack_V(v) + path_Ohm * branch_A + copysign(fet_drop(&law[way], fabs(branch_A), NULL), branch_A);
}

static double terminal_V(const struct plant *p, const struct view *v, int pack)
{
    const double volt_V = terminal_from_cells(p, v, pack);

    return isnan(volt_V) ? between(p, v, p->now.terminal_V[pack], p->plan.end.terminal_V[pack]) : volt_V;
}

static double bus_V(const struct plant *p, int64_t offset_ns)
{
    struct view v = look(p, 0, offset_ns);

    for (int k = 0; k < p->packs; k++) {
        v = look(p, k, offset_ns);
        const double volt_V = terminal_from_cells(p, &v, k);

        if (!isnan(volt_V)) {
            return volt_V + v.pack->params->cable_Ohm * v.now_A;
        }
    }
    return between(p, &v, p->now.bus_V, p->plan.end.bus_V);
}

static double bus_value(const struct plant *p, enum plant_signal signal, int64_t offset_ns)
{
    const struct view v = look(p, 0, offset_ns);

    switch (signal) {
    case PLANT_BUS_VOLTAGE_V:
        return bus_V(p, offset_ns);
    case PLANT_CHARGER_CURRENT_A:
        return between(p, &v, p->now.charger_A, p->plan.end.charger_A);
    case PLANT_LOAD_CURRENT_A:
        return between(p, &v, p->now.load_A, p->plan.end.load_A);
    case PLANT_SHORT_CURRENT_A:
        return between(p, &v, p->now.short_A, p->plan.end.short_A);
    case PLANT_LINK_VOLTAGE_V:
        if (!p->plan.valid) {
            return p->now.link_V;
        }
        return plant_node_at(p, offset_ns).link_V;
    default:
        return thermal_ambient(&v.pack->thermal, v.s);
    }
}

/* One evaluation of all cells serves every read at its instant. A single read costs a single cell: the string as a
 * whole is evaluated when a second read comes for the same instant. The cache is no part of the state. */
static double cell_V(const struct plant *p, const struct view *v, int pack, int cell, int64_t offset_ns)
{
    struct plant_cache *cache = (struct plant_cache *)&p->cache;

    if (!p->plan.valid) {
        return string_cell_voltage(&v->pack->string, cell, v->cells_s, v->cells_begin_A, v->cells_slope_A_s);
    }
    if (cache->offset_ns == offset_ns && cache->pack == pack) {
        return cache->cell_V[cell];
    }
    if (cache->seen_ns != offset_ns || cache->seen_pack != pack) {
        cache->seen_ns = offset_ns;
        cache->seen_pack = pack;
        return string_cell_voltage(&v->pack->string, cell, v->cells_s, v->cells_begin_A, v->cells_slope_A_s);
    }
    string_cell_voltages(&v->pack->string, v->cells_s, v->cells_begin_A, v->cells_slope_A_s, cache->cell_V);
    cache->offset_ns = offset_ns;
    cache->pack = pack;
    return cache->cell_V[cell];
}

/* In the window: with the charge that flowed since the cells moved last. */
static double cell_soc(const struct plant *p, const struct view *v, int cell)
{
    const double soc = string_cell_soc(&v->pack->string, cell, v->cells_s, v->cells_begin_A, v->cells_slope_A_s);

    if (!p->fast) {
        return soc;
    }
    const double moved_C = v->pack->pending_C + 0.5 * (v->begin_A + v->now_A) * v->s;

    return soc + (moved_C - v->pack->quiescent_A * (p->pending_s + v->s)) / v->pack->string.capacity_C[cell];
}

static double cell_value(const struct plant *p, enum plant_signal signal, int pack, int cell, int64_t offset_ns)
{
    const struct view v = look(p, pack, offset_ns);
    const struct string *s = &v.pack->string;

    switch (signal) {
    case PLANT_CELL_VOLTAGE_V:
        return cell_V(p, &v, pack, cell, offset_ns);
    case PLANT_CELL_SOC:
        return cell_soc(p, &v, cell);
    case PLANT_CELL_CORE_degC:
        return string_cell_temperature(s, cell, v.cells_s, v.cells_begin_A, v.cells_slope_A_s);
    case PLANT_CELL_SURFACE_degC:
        return thermal_surface(&v.pack->thermal, cell, v.s);
    case PLANT_CELL_CURRENT_A:
        return string_cell_current(s, cell, v.cells_s, v.cells_begin_A, v.cells_slope_A_s);
    case PLANT_BLEED_CURRENT_A:
        return string_bleed_current(s, cell, v.cells_s, v.cells_begin_A, v.cells_slope_A_s);
    case PLANT_HARM_OVERVOLTAGE_Vs:
        return s->overvoltage_Vs[cell];
    case PLANT_HARM_UNDERVOLTAGE_Vs:
        return s->undervoltage_Vs[cell];
    case PLANT_HARM_PLATING_Ah:
        return s->plating_Ah[cell];
    default:
        return plant_ntc_after(v.pack, cell, p->fast ? p->pending_s + v.s : v.s);
    }
}

/* Charge of all cells over capacity of all cells. */
static double pack_soc(const struct plant *p, const struct view *v)
{
    double charge_C = 0.0, capacity_C = 0.0;

    for (int k = 0; k < v->pack->params->cells; k++) {
        charge_C += cell_soc(p, v, k) * v->pack->string.capacity_C[k];
        capacity_C += v->pack->string.capacity_C[k];
    }
    return charge_C / capacity_C;
}

static double pack_value(const struct plant *p, enum plant_signal signal, int pack, int64_t offset_ns)
{
    const struct view v = look(p, pack, offset_ns);
    const struct plant_harm *harm = &v.pack->harm;
    double degC[FET_BANKS];

    switch (signal) {
    case PLANT_PACK_CURRENT_A:
        return v.now_A;
    case PLANT_STACK_VOLTAGE_V:
        return stack_V(&v);
    case PLANT_TERMINAL_VOLTAGE_V:
        return terminal_V(p, &v, pack);
    case PLANT_PACK_SOC:
        return pack_soc(p, &v);
    case PLANT_FET_JUNCTION_degC:
        plant_junctions(v.pack, v.s, degC);
        return larger(degC[FET_CHARGE], degC[FET_DISCHARGE]);
    case PLANT_FET_BOARD_degC:
        return thermal_board(&v.pack->thermal, v.s);
    case PLANT_BOX_degC:
        return thermal_box(&v.pack->thermal, v.s);
    case PLANT_AVALANCHE_J:
        return harm->avalanche_J;
    case PLANT_JUNCTION_PEAK_degC:
        return harm->junction_peak_degC;
    case PLANT_CHARGE_CONDUCTS:
        return fet_conducts(&v.pack->fet, FET_CHARGE) ? 1.0 : 0.0;
    case PLANT_DISCHARGE_CONDUCTS:
        return fet_conducts(&v.pack->fet, FET_DISCHARGE) ? 1.0 : 0.0;
    case PLANT_BREAKER_CLOSED:
        return v.pack->breaker.closed ? 1.0 : 0.0;
    case PLANT_CURRENT_PEAK_A:
        return harm->current_peak_A;
    case PLANT_TERMINAL_PEAK_V:
        return harm->terminal_peak_V;
    case PLANT_CHARGE_THROUGH_Ah:
        return harm->charge_Ah + 0.5 * (v.begin_A + v.now_A) * v.s / 3600.0;
    default:
        return harm->energy_J;
    }
}

double plant_spot(const struct plant_pack *k, int channel, double s_s)
{
    const struct pack_ntc *ntc = &k->params->ntc[channel];

    if (k->ntc[channel].held) {
        return k->ntc[channel].held_degC + k->ntc[channel].held_K_s * s_s;
    }
    switch (ntc->spot) {
    case PACK_SPOT_CELL:
        return thermal_surface(&k->thermal, ntc->cell, s_s);
    case PACK_SPOT_BOARD:
        return thermal_board(&k->thermal, s_s);
    case PACK_SPOT_BOX:
        break;
    }
    return thermal_box(&k->thermal, s_s);
}

/* First-order lag on a spot that moves linearly over the span. */
double plant_ntc_after(const struct plant_pack *k, int channel, double s_s)
{
    const double tau_s = k->params->ntc_tau_s, body_degC = k->ntc[channel].body_degC;
    const double begin_degC = plant_spot(k, channel, 0.0);

    if (s_s <= 0.0) {
        return body_degC;
    }
    const double gain = -expm1(-s_s / tau_s), rate_K_s = (plant_spot(k, channel, s_s) - begin_degC) / s_s;

    return body_degC + gain * (begin_degC - body_degC) + rate_K_s * (s_s - tau_s * gain);
}

/* What each signal belongs to. */
enum per { PER_BUS, PER_PACK, PER_CELL, PER_NTC };
#define PLANT_PER(identifier, per) PER_##per,
static const enum per signal_per[PLANT_SIGNAL_COUNT] = { PLANT_SIGNALS(PLANT_PER) };

double plant_read(const struct plant *p, enum plant_signal signal, int pack, int index, int64_t offset_ns)
{
    if (signal_per[signal] == PER_BUS) {
        return bus_value(p, signal, offset_ns);
    }
    if (signal_per[signal] == PER_PACK) {
        return pack_value(p, signal, pack, offset_ns);
    }
    return cell_value(p, signal, pack, index, offset_ns);
}
