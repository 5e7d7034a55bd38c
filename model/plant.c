#include "model/plant_inner.h"

#include "model/larger.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define FIRST_STEP_s 1e-7   /* after a switching event */
#define FAST_LONGEST_s 1e-3 /* cells stay frozen for at most this long */
#define SLOW_LONGEST_s 60.0
#define HARMLESS_s 0.05       /* moves no cell by 0.25 % or 0.2 K at any current that a breaker carries so long */
#define SLOW_SHORTEST_ns 1000 /* below, a kink is passed over: 1 us */
#define BOARD_MOVES_K 1.0     /* of the FET board in one segment */
#define GROWTH 4.0
#define SHRINK 0.1
#define SAFETY 0.8
#define STILL_MISS 0.01 /* a segment that straight makes it worth asking whether anything moves at all */
#define NEAR 0.9        /* a zero of the current before this part of the segment ends the next try */

void plant_init(struct plant *p, int packs, const struct pack_params *const params[], double ambient_degC)
{
    assert(packs >= 1 && packs <= PLANT_PACKS_MAX);
    memset(p, 0, sizeof *p); /* copies are compared byte for byte: padding counts */
    p->packs = packs;
    p->step_s = FIRST_STEP_s;
    p->cache.offset_ns = p->cache.seen_ns = -1;
    for (int k = 0; k < packs; k++) {
        struct plant_pack *pack = &p->pack[k];

        pack->params = params[k];
        string_init(&pack->string, params[k]->cell, params[k]->cells);
        thermal_init(&pack->thermal, &params[k]->thermal, ambient_degC);
        breaker_init(&pack->breaker);
        pack->harm.junction_peak_degC = ambient_degC;
        pack->gives = pack->takes = -1;
        for (int n = 0; n < params[k]->cells - 1; n++) {
            string_set_link(&pack->string, n, params[k]->link_Ohm);
        }
        for (int n = 0; n < params[k]->ntc_count; n++) {
            pack->ntc[n].body_degC = ambient_degC;
        }
        for (int n = 0; n < params[k]->cells; n++) {
            string_set_cell(&pack->string, n, 0.5, ambient_degC, 0.0);
        }
        plant_take_temperatures(pack);
    }
    p->outside.short_pack = -1;
    p->outside.link = params[0]->inverter;
    plant_switched(p);
}

void plant_prepare(struct plant *p)
{
    for (int k = 0; k < p->packs; k++) {
        string_prepare(&p->pack[k].string);
    }
    p->frozen = false;
}

void plant_touched(struct plant *p)
{
    p->plan.valid = false;
    p->dirty = true;
    plant_prepare(p);
}

void plant_switched(struct plant *p)
{
    plant_touched(p);
    p->fast = true;
    p->calm = 0;
    p->step_s = FIRST_STEP_s;
    for (int k = 0; k < p->packs; k++) {
        p->pack[k].guess_A_s = 0.0;
        p->pack[k].fet.open = !p->pack[k].breaker.closed;
    }
}

/* The string about the present current: what a frozen one answers. */
static void freeze(struct plant_pack *pack, double current_A)
{
    const double cells_A = current_A - pack->quiescent_A;
    double slope_Ohm;
    const double volt_V = string_voltage(&pack->string, 0.0, cells_A, cells_A, &slope_Ohm);

    pack->frozen_V = volt_V - slope_Ohm * current_A;
    pack->frozen_Ohm = slope_Ohm;
}

void plant_settle(struct plant *p)
{
    if (p->fast && !p->frozen) {
        for (int k = 0; k < p->packs; k++) {
            freeze(&p->pack[k], plant_pack_current(&p->now, k));
        }
        p->frozen = true;
    }
    if (p->dirty) {
        struct plant_node start = { .bus_V = 0.0 };

        plant_solve_start(p, &start);
        if (p->fast) { /* the capacitors of what is away keep their charge */
            start.link_V = p->now.link_V;
        }
        p->now = start;
        p->dirty = false;
        for (int k = 0; k < p->packs; k++) {
            struct plant_harm *harm = &p->pack[k].harm;

            harm->terminal_peak_V = larger(harm->terminal_peak_V, start.terminal_V[k]);
            harm->current_peak_A = larger(harm->current_peak_A, fabs(plant_pack_current(&start, k)));
        }
    }
}

static double fet_heat_W(const struct plant_pack *pack)
{
    return pack->fet_W[FET_CHARGE] + pack->fet_W[FET_DISCHARGE];
}

/* What a segment of h may be at most, accuracy aside. */
static double cap(const struct plant *p, double h)
{
    h = smaller(h, p->fast ? FAST_LONGEST_s : SLOW_LONGEST_s);
    if (h <= HARMLESS_s) {
        return h;
    }
    for (int k = 0; k < p->packs; k++) {
        const struct plant_pack *pack = &p->pack[k];
        const double cells_A = plant_pack_current(&p->now, k) - pack->quiescent_A, heat_W = fet_heat_W(pack);

        h = smaller(h, string_step_limit(&pack->string, cells_A, pack->guess_A_s));
        if (heat_W * h > BOARD_MOVES_K * pack->params->thermal.board_J_K) {
            h = BOARD_MOVES_K * pack->params->thermal.board_J_K / heat_W;
        }
    }
    return h;
}

static int64_t to_ns(double s)
{
    return (int64_t)smaller(larger(s / PLANT_NS + 0.5, 1.0), 9e18);
}

/* A breaker that trips inside cuts the segment there. */
static int64_t cut_by_breakers(const struct plant *p, const struct plant_segment *plan)
{
    const double h = (double)plan->solved_ns * PLANT_NS;
    int64_t length = plan->solved_ns;

    for (int k = 0; k < p->packs; k++) {
        const struct plant_pack *pack = &p->pack[k];
        const double at = breaker_trip(&pack->breaker, &pack->params->breaker, plant_pack_current(&p->now, k),
                                       plant_pack_current(&plan->end, k), h);

        if (at < h) {
            const int64_t cut = to_ns(ceil(at / PLANT_NS) * PLANT_NS) + 1;

            length = cut < length ? cut : length;
        }
    }
    return length;
}

static double next_step(double h, double miss)
{
    return h * (miss > 0.0 ? smaller(GROWTH, larger(SHRINK, SAFETY / sqrt(miss))) : GROWTH);
}

/* Solves the segment, shortened until it is accurate. Where the last one stood still a look suffices. */
static double solve(struct plant *p, int64_t *h_ns)
{
    struct plant_segment *plan = &p->plan;
    const int64_t shortest = p->fast ? 1 : SLOW_SHORTEST_ns;
    double hint_s, miss;

    plan->still = plan->still && !p->fast && plant_solve_still(p, (double)*h_ns * PLANT_NS, &plan->end) <= 1.0;
    if (plan->still) {
        return 0.0;
    }
    while ((miss = plant_solve(p, (double)*h_ns * PLANT_NS, &plan->end, &hint_s)) > 1.0 && *h_ns > shortest) {
        const double h = (double)*h_ns * PLANT_NS;
        const int64_t less = to_ns(ceil((hint_s < NEAR * h ? hint_s : next_step(h, miss)) / PLANT_NS) * PLANT_NS);

        *h_ns = less < *h_ns ? less : *h_ns - 1;
        *h_ns = *h_ns > shortest ? *h_ns : shortest;
    }
    plan->still = miss < STILL_MISS;
    return miss;
}

int64_t plant_plan(struct plant *p, int64_t max_ns)
{
    struct plant_segment *plan = &p->plan;

    if (plan->valid && (max_ns <= plan->length_ns || plan->length_ns < plan->asked_ns)) {
        plan->answer_ns = max_ns < plan->length_ns ? max_ns : plan->length_ns;
        return plan->answer_ns;
    }
    plant_settle(p);
    int64_t h_ns = to_ns(cap(p, smaller(p->step_s, (double)max_ns * PLANT_NS)));

    h_ns = h_ns < max_ns ? h_ns : max_ns;
    const double miss = solve(p, &h_ns);

    plan->asked_ns = max_ns;
    plan->solved_ns = h_ns;
    plan->length_ns = cut_by_breakers(p, plan);
    plan->next_s = next_step((double)h_ns * PLANT_NS, miss);
    if (h_ns == max_ns) {
        plan->next_s = larger(plan->next_s, p->step_s);
    }
    plan->answer_ns = plan->length_ns;
    plan->valid = true;
    p->cache.offset_ns = p->cache.seen_ns = -1;
    return plan->answer_ns;
}

bool plant_is_fast(const struct plant *p)
{
    return p->fast;
}

void plant_current(const struct plant *p, int pack, double *begin_A, double *end_A)
{
    const double share = (double)p->plan.answer_ns / (double)p->plan.solved_ns;

    *begin_A = plant_pack_current(&p->now, pack);
    *end_A = plant_pack_current(&p->plan.end, pack);
    *end_A = *begin_A + (*end_A - *begin_A) * share;
}
