/* Properties of the whole plant: energy is kept, and any sequence of inputs is survived. */
#include "tests/support/check_run.h"
#include "tests/support/plant_bed.h"

#include <check.h>
#include <math.h>

static struct plant_bed bed;

static double now(enum plant_signal signal)
{
    return bed_read(&bed.plant, signal, 0, 0);
}

static double of_pack(enum plant_signal signal, int pack)
{
    return bed_read(&bed.plant, signal, pack, 0);
}

static void start_wired(int packs)
{
    plant_bed_cell(&bed.cell, 3.2, 0.2, 1e-3);
    bed_pack(&bed.pack, &bed.cell, 16);
    bed_wire(&bed.pack);
    plant_bed_start(&bed, packs);
}

/* ---- energy ---- */

struct books { /* joules since the start */
    double cells, charger, load, shorts, wires, stored, heat;
};

static double heat_content(const struct plant *p)
{
    const struct thermal *t = &p->pack[0].thermal;

    return 60.0 * (t->now.board_degC - 25.0) + 9000.0 * (t->now.box_degC - 25.0) +
           0.1 * (t->junction_degC[0] + t->junction_degC[1] - 50.0);
}

static double stored(struct plant *p)
{
    const double i = of_pack(PLANT_PACK_CURRENT_A, 0), link_V = now(PLANT_LINK_VOLTAGE_V);

    return (p->fast ? 0.5 * 2.6e-6 * i * i : 0.0) + 0.5 * 10e-3 * link_V * link_V;
}

/* Adds one segment: Simpson's rule on what anyone can read. */
static void add_segment(struct books *b, struct plant *p, int64_t length_ns)
{
    static const double weight[3] = { 1.0 / 6.0, 4.0 / 6.0, 1.0 / 6.0 };
    const double h = 1e-9 * (double)length_ns;

    for (int n = 0; n < 3; n++) {
        const int64_t at = length_ns * n / 2;
        const double i = plant_read(p, PLANT_PACK_CURRENT_A, 0, 0, at), w = weight[n] * h;
        const double bus_V = plant_read(p, PLANT_BUS_VOLTAGE_V, 0, 0, at);

        b->cells -= w * i * plant_read(p, PLANT_STACK_VOLTAGE_V, 0, 0, at);
        b->charger += w * bus_V * plant_read(p, PLANT_CHARGER_CURRENT_A, 0, 0, at);
        b->load += w * bus_V * plant_read(p, PLANT_LOAD_CURRENT_A, 0, 0, at);
        b->shorts += w * bus_V * plant_read(p, PLANT_SHORT_CURRENT_A, 0, 0, at);
        b->wires += w * 3.9e-3 * i * i;
        b->wires += w * bus_V * bus_V / 100e3;
        const double link_V = plant_read(p, PLANT_LINK_VOLTAGE_V, 0, 0, at);

        b->wires += w * link_V * link_V / 10e3;
        if (p->outside.link_on) {
            b->wires += w * (bus_V - link_V) * (bus_V - link_V) / 0.05;
        }
    }
}

/* Step ACTION of sixteen: loads, shorts, gates, inverter, limiter and charger, each on and off. */
static void switch_over(struct plant *plant, int action)
{
    switch (action) {
    case 0:
        plant_set_load(plant, PLANT_LOAD_CURRENT, 100.0);
        break;
    case 1:
        plant_set_load(plant, PLANT_LOAD_POWER, 2000.0);
        break;
    case 2:
        plant_set_short(plant, true, SHORT_AT_BUS, 0, 10e-3);
        break;
    case 3:
        plant_set_gate(plant, 0, PLANT_DISCHARGE_GATE, false);
        break;
    case 4:
        plant_set_short(plant, false, SHORT_AT_BUS, 0, 0.0);
        break;
    case 5:
        plant_set_load(plant, PLANT_LOAD_RESISTANCE, 2.0);
        break;
    case 6:
        plant_set_gate(plant, 0, PLANT_DISCHARGE_GATE, true);
        break;
    case 7:
        plant_set_inverter(plant, true, 10e-3, 0.05, 0.0, 10e3);
        break;
    case 8:
        plant_set_gate(plant, 0, PLANT_CHARGE_GATE, false);
        break;
    case 9:
        plant_set_load(plant, PLANT_LOAD_OFF, 0.0);
        break;
    case 10:
        plant_set_gate(plant, 0, PLANT_CHARGE_GATE, true);
        break;
    case 11:
        plant_set_short(plant, true, SHORT_AT_BUS, 0, 20e-3);
        break;
    case 12:
        plant_set_short(plant, false, SHORT_AT_BUS, 0, 0.0);
        break;
    case 13:
        plant_set_charger(plant, true, 30.0, 57.6);
        break;
    case 14:
        plant_set_limiter(plant, 0, 10.0);
        break;
    case 15:
        plant_set_charger(plant, true, 30.0, 53.0);
        break;
    default:
        break;
    }
}

/* What left cells and charger is in the load, the short, the wires, the stores and the heat of FETs and board. */
START_TEST(energy_is_kept_through_switching_shorts_and_rest)
{
    struct books b = { 0 };
    double begin, through;

    plant_bed_cell(&bed.cell, 3.2, 0.2, 1e-3);
    bed_pack(&bed.pack, &bed.cell, 16);
    bed_wire(&bed.pack);
    bed.pack.terminal_F = 1e-9; /* what the snubber burns is not in the books */
    bed.pack.thermal.box_ambient_W_K = 0.0;
    bed.pack.fet.leak_A = 0.0;
    plant_bed_start(&bed, 1);
    bed_gates(&bed.plant, 0, true, true);
    plant_bed_run(&bed.plant, 1.0);
    begin = stored(&bed.plant) + heat_content(&bed.plant);
    for (int action = 0; action < 16; action++) {
        static const double last_s[16] = { 0.05, 2.0, 0.3e-3, 1.0,    0.2, 0.5, 1.0, 0.1,
                                           20.0, 1.0, 0.5,    0.3e-3, 1.0, 5.0, 1,   1 };
        int64_t left_ns = (int64_t)llround(last_s[action] * 1e9);

        switch_over(&bed.plant, action);
        while (left_ns > 0) {
            const int64_t length_ns = plant_plan(&bed.plant, left_ns);

            add_segment(&b, &bed.plant, length_ns);
            plant_commit(&bed.plant, length_ns);
            left_ns -= length_ns;
        }
        b.stored = stored(&bed.plant) + heat_content(&bed.plant) - begin;
        through = fabs(b.cells) + b.charger;
        ck_assert_msg(
            fabs(b.cells + b.charger - b.load - b.shorts - b.wires - b.stored) < 3e-4 * through,
            "after action %d: cells %.6f charger %.6f load %.6f shorts %.6f wires %.6f stored and heat %.6f J, "
            "missing %.6f J",
            action, b.cells, b.charger, b.load, b.shorts, b.wires, b.stored,
            b.cells + b.charger - b.load - b.shorts - b.wires - b.stored);
    }
}
END_TEST

/* ---- anything goes ---- */

static uint64_t dice;

static double roll(void)
{
    dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(dice >> 11) / 9007199254740992.0;
}

static void act(struct plant *p)
{
    const int pack = (int)(roll() * p->packs);

    switch ((int)(roll() * 14.0)) {
    case 0:
        plant_set_gate(p, pack, PLANT_CHARGE_GATE, roll() < 0.6);
        break;
    case 1:
        plant_set_gate(p, pack, PLANT_DISCHARGE_GATE, roll() < 0.6);
        break;
    case 2:
        plant_set_gate(p, pack, PLANT_PRECHARGE_GATE, roll() < 0.5);
        break;
    case 3:
        plant_set_limiter(p, pack, roll() < 0.5 ? 0.0 : 10.0);
        break;
    case 4:
        plant_set_bleed(p, pack, (uint32_t)(roll() * 65535.0));
        break;
    case 5:
        plant_set_quiescent(p, pack, roll() * 0.05);
        break;
    case 6:
        plant_set_breaker(p, pack, roll() < 0.8);
        break;
    case 7:
        plant_set_charger(p, roll() < 0.6, 1.0 + 60.0 * roll(), 48.0 + 12.0 * roll());
        break;
    case 8:
        plant_set_load(p, (enum plant_load)(int)(roll() * 4.0), 0.2 + 300.0 * roll());
        break;
    case 9:
        plant_ramp_load(p, 40.0 * (roll() - 0.5));
        break;
    case 10:
        plant_set_short(p, roll() < 0.4, (enum short_place)(int)(roll() * 3.0), pack, 1e-3 + 0.2 * roll());
        break;
    case 11:
        plant_set_inverter(p, roll() < 0.6, 1e-3 + 0.02 * roll(), 0.01, roll() < 0.5 ? 0.0 : 50.0, 1e4);
        break;
    case 12:
        plant_ramp_charger(p, 5.0 * (roll() - 0.5), roll() - 0.5);
        break;
    default:
        plant_set_ambient(p, -20.0 + 80.0 * roll(), 0.0);
        break;
    }
}

START_TEST(any_sequence_of_inputs_keeps_numbers_finite_and_time_moving) /* a property; _i seeds it */
{
    long segments = 0;

    dice = (uint64_t)_i * 7919 + 1;
    start_wired(1 + _i % 4);
    for (int n = 0; n < 150; n++) {
        const uint64_t before = dice;

        act(&bed.plant);
        segments += plant_bed_run(&bed.plant, pow(10.0, -6.0 + 8.0 * roll()));
        for (int k = 0; k < bed.plant.packs; k++) {
            const double i = of_pack(PLANT_PACK_CURRENT_A, k), v = of_pack(PLANT_TERMINAL_VOLTAGE_V, k);

            ck_assert_msg(isfinite(i) && isfinite(v) && fabs(i) < 2e4 && fabs(v) < 5e3,
                          "seed %d, action %d (dice %llu): %g A %g V", _i, n, (unsigned long long)before, i, v);
        }
    }
    ck_assert_msg(segments < 150 * 1500L, "seed %d: %ld segments", _i, segments);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("plant_energy");
    TCase *t = tcase_create("plant_energy");

    tcase_set_timeout(t, 60);
    tcase_set_tags(t, "long"); /* too much for valgrind: scripts/ci/valgrind leaves it out */
    tcase_add_test(t, energy_is_kept_through_switching_shorts_and_rest);
    tcase_add_loop_test(t, any_sequence_of_inputs_keeps_numbers_finite_and_time_moving, 0, 20);
    suite_add_tcase(s, t);
    return check_run(s);
}
