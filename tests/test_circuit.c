/* Parts of the circuit and its algebraic solution: FET path, breaker, charger, load, one bus voltage. */
#include "model/breaker.h"
#include "model/circuit.h"
#include "tests/support/check_run.h"
#include "tests/support/plant_bed.h"

#include <check.h>
#include <math.h>
#include <string.h>

static const double cool[FET_BANKS] = { 25.0, 25.0 };

static struct fet_params fet_numbers(void)
{
    struct cell_params cell;
    struct pack_params pack;

    plant_bed_cell(&cell, 3.3, 0.0, 1e-3);
    bed_pack(&pack, &cell, 16);
    bed_wire(&pack);
    return pack.fet;
}

/* Bits of n: charge gate, discharge gate, pre-charge, limiter. */
static struct fet switches(int n)
{
    return (struct fet){ .gate = { (n & 1) != 0, (n & 2) != 0 },
                         .precharge = (n & 4) != 0,
                         .limiter_A = (n & 8) != 0 ? 10.0 : 0.0 };
}

/* ---- FETs ---- */

START_TEST(a_current_is_the_inverse_of_its_drop) /* _i: the switches */
{
    const struct fet_params p = fet_numbers();
    const struct fet f = switches(_i);
    struct fet_law law[FET_WAYS];

    fet_laws(&f, &p, cool, law);
    for (int way = 0; way < FET_WAYS; way++) {
        double before_V = -1.0;

        for (int n = 0; n < 42; n++) {
            const double i = 1e-6 * pow(1.7, n); /* to 3 kA */
            double slope_Ohm, slope_S;
            const double drop_V = fet_drop(&law[way], i, &slope_Ohm);
            const double found_A = fet_current(&law[way], drop_V + 0.02 * i, 0.02, &slope_S);

            ck_assert_double_eq_tol(found_A, i, 1e-9 * (1.0 + i));
            ck_assert_double_eq_tol(slope_S * (slope_Ohm + 0.02), 1.0, 1e-6);
            ck_assert_double_ge(drop_V, before_V);
            before_V = drop_V;
        }
        ck_assert_double_eq(fet_current(&law[way], fet_drop(&law[way], 0.0, NULL), 0.02, NULL), 0.0);
    }
}
END_TEST

START_TEST(four_states_conduct_as_two_banks_back_to_back)
{
    const struct fet_params p = fet_numbers();
    const double on_V = 2.0 * 0.3e-3 * 50.0, diode_V = 0.6 + 0.05 * log(6.0) + 0.05 + 0.3e-3 * 50.0;
    const double clamp_V = 100.0 + 0.3e-3 * 50.0, both_V = 100.0 + 0.6 + 0.05 * log(6.0) + 0.05;
    /* gates: none, charge, discharge, both; drop at 50 A charging and discharging */
    const double expect_V[4][FET_WAYS] = {
        { both_V, both_V }, { diode_V, clamp_V }, { clamp_V, diode_V }, { on_V, on_V }
    };

    for (int n = 0; n < 4; n++) {
        const struct fet f = switches(n);
        struct fet_law law[FET_WAYS];

        fet_laws(&f, &p, cool, law);
        ck_assert_double_eq_tol(fet_drop(&law[FET_CHARGING], 50.0, NULL), expect_V[n][FET_CHARGING], 1e-12);
        ck_assert_double_eq_tol(fet_drop(&law[FET_DISCHARGING], 50.0, NULL), expect_V[n][FET_DISCHARGING], 1e-12);
    }
}
END_TEST

/* 50 A: 37 W in a body diode against 0.75 W in a channel of 0.3 mOhm. */
START_TEST(a_body_diode_burns_fifty_times_what_its_channel_does)
{
    const struct fet_params p = fet_numbers();
    const struct fet on = switches(3), off = switches(2);
    const struct fet_heat channel = fet_heat(&on, &p, cool, -50.0), diode = fet_heat(&off, &p, cool, -50.0);

    ck_assert_double_eq_tol(channel.bank_W[FET_CHARGE], 0.75, 1e-12);
    ck_assert_double_eq_tol(diode.bank_W[FET_CHARGE], 50.0 * 0.73959, 0.001);
    ck_assert_double_eq_tol(diode.bank_W[FET_DISCHARGE], 0.75, 1e-12);
    ck_assert_double_eq(diode.avalanche_W, 0.0);
}
END_TEST

START_TEST(heat_is_drop_times_current) /* _i: the switches */
{
    const struct fet_params p = fet_numbers();
    const double warm[FET_BANKS] = { 61.0, 97.0 };
    const struct fet f = switches(_i);
    struct fet_law law[FET_WAYS];

    fet_laws(&f, &p, warm, law);
    for (int n = 0; n < 12; n++) {
        const double i = 0.01 * pow(3.0, n);

        for (int way = 0; way < FET_WAYS; way++) {
            const struct fet_heat h = fet_heat(&f, &p, warm, way == FET_CHARGING ? i : -i);
            const double all_W = h.bank_W[FET_CHARGE] + h.bank_W[FET_DISCHARGE] + h.precharge_W + h.limiter_W + h.arc_W;

            ck_assert_double_eq_tol(all_W / (fet_drop(&law[way], i, NULL) * i), 1.0, 1e-12);
        }
    }
}
END_TEST

START_TEST(temperature_moves_channel_and_diode)
{
    const struct fet_params p = fet_numbers();
    const double hot[FET_BANKS] = { 125.0, 125.0 };
    const struct fet on = switches(3), off = switches(2);
    struct fet_law law[FET_WAYS];

    fet_laws(&on, &p, hot, law);
    ck_assert_double_eq_tol(fet_drop(&law[FET_CHARGING], 100.0, NULL), 1.5 * 0.06, 1e-12);
    fet_laws(&off, &p, hot, law);
    ck_assert_double_eq_tol(fet_drop(&law[FET_DISCHARGING], 0.0, NULL), 0.4, 1e-12);
}
END_TEST

START_TEST(welded_and_dead_banks_ignore_their_gate)
{
    struct fet f = switches(1);

    f.dead[FET_CHARGE] = true;
    f.welded[FET_DISCHARGE] = true;
    ck_assert(!fet_conducts(&f, FET_CHARGE));
    ck_assert(fet_conducts(&f, FET_DISCHARGE));
}
END_TEST

START_TEST(a_limiter_only_limits_charging)
{
    const struct fet_params p = fet_numbers();
    const struct fet f = switches(3 | 8);
    struct fet_law law[FET_WAYS];

    fet_laws(&f, &p, cool, law);
    ck_assert_double_eq_tol(fet_current(&law[FET_CHARGING], 5.0, 0.02, NULL), 10.0, 0.1);
    ck_assert_double_gt(fet_current(&law[FET_DISCHARGING], 5.0, 0.02, NULL), 200.0);
}
END_TEST

/* ---- breaker ---- */

static const struct breaker_params c125 = { 125.0, 380.0, 1.30, 7.5 * 1.4 * 125.0, 5e-3 };

/* t = tau ln(x^2 / (x^2 - 1.69)): 114 s at 2.55 In, 619 s at 1.45 In. */
START_TEST(a_breaker_trips_at_its_thermal_time)
{
    static const double multiple[] = { 1.45, 2.55, 4.0 };

    for (size_t n = 0; n < sizeof multiple / sizeof multiple[0]; n++) {
        const double square = multiple[n] * multiple[n], expect_s = 380.0 * log(square / (square - 1.69));
        struct breaker b;
        double t_s = 0.0, at;

        breaker_init(&b);
        while (isinf(at = breaker_trip(&b, &c125, -multiple[n] * 125.0, -multiple[n] * 125.0, 7.0))) {
            ck_assert(!breaker_advance(&b, &c125, -multiple[n] * 125.0, -multiple[n] * 125.0, 7.0));
            t_s += 7.0;
        }
        ck_assert_double_eq_tol(t_s + at, expect_s, 1e-6);
        ck_assert(breaker_advance(&b, &c125, -multiple[n] * 125.0, -multiple[n] * 125.0, at));
        ck_assert(!b.closed);
    }
}
END_TEST

START_TEST(a_breaker_carries_1_13_times_its_rating_for_ever)
{
    struct breaker b;

    breaker_init(&b);
    for (int hour = 0; hour < 48; hour++) {
        ck_assert(!breaker_advance(&b, &c125, 1.13 * 125.0, 1.13 * 125.0, 3600.0));
    }
}
END_TEST

START_TEST(a_magnetic_release_needs_its_latch_time)
{
    struct breaker b;

    breaker_init(&b);
    /* rises through the level half way, then stays */
    ck_assert(!breaker_advance(&b, &c125, 0.0, -2625.0, 2e-3));
    ck_assert_double_eq_tol(b.above_s, 1e-3, 1e-12);
    ck_assert_double_eq_tol(breaker_trip(&b, &c125, -2625.0, -2625.0, 10e-3), 4e-3, 1e-12);
    /* a burst that ends sooner is forgotten */
    ck_assert(!breaker_advance(&b, &c125, -2625.0, 0.0, 1e-3));
    ck_assert_double_eq(b.above_s, 0.0);
    ck_assert(!breaker_advance(&b, &c125, -2625.0, -2625.0, 4.9e-3));
    ck_assert(breaker_advance(&b, &c125, -2625.0, -2625.0, 0.2e-3));
}
END_TEST

/* ---- charger and load ---- */

START_TEST(a_settled_charger_is_a_current_below_and_a_voltage_at_its_setting)
{
    struct charger_stage c = { .connected = true,
                               .capacitor_F = 5e-3,
                               .esr_Ohm = 5e-3,
                               .tau_s = 0.8e-3,
                               .set_A = 20.0,
                               .set_V = 57.6,
                               .capacitor_star_V = 57.6,
                               .limit_star_A = 20.0 };
    double slope_S;

    ck_assert_double_eq(charger_hold_V(&c, 100.0), 57.6);
    c.capacitor_star_V = 53.0;
    ck_assert_double_eq_tol(charger_current(&c, 100.0, 53.0, &slope_S), 20.0, 1e-12);
    ck_assert_double_eq_tol(charger_hold_V(&c, 100.0), 57.6, 1e-4);
    charger_settle(&c, 100.0, 60.0, 0.0); /* blocked: its output goes where it is set */
    ck_assert_double_eq_tol(c.capacitor_V, 57.6, 1e-4);
}
END_TEST

START_TEST(loads_fade_with_the_voltage_and_never_jump)
{
    static const struct load_stage load[] = { { .law = PLANT_LOAD_CURRENT, .value = 100.0 },
                                              { .law = PLANT_LOAD_POWER, .value = 5000.0 },
                                              { .law = PLANT_LOAD_RESISTANCE, .value = 0.5 } };
    double slope_S, before_A;

    ck_assert_double_eq_tol(load_current(&load[0], 100.0, 50.0, &slope_S), 100.0, 1e-4);
    ck_assert_double_eq_tol(load_current(&load[1], 100.0, 50.0, &slope_S), 100.0, 1e-4);
    ck_assert_double_eq_tol(load_current(&load[2], 100.0, 50.0, &slope_S), 100.0, 1e-4);
    for (size_t n = 0; n < sizeof load / sizeof load[0]; n++) {
        ck_assert_double_eq(load_current(&load[n], 100.0, 0.0, &slope_S), 0.0);
        before_A = 0.0;
        for (int step = 0; step < 600000; step++) {
            const double now_A = load_current(&load[n], 100.0, 1e-4 * step, &slope_S);

            ck_assert_double_eq_tol(now_A, before_A, 0.02);
            before_A = now_A;
        }
    }
    /* while its draw is still that of a high voltage, too: half of it at half the knee */
    const struct load_stage falling = { .law = PLANT_LOAD_POWER, .value = 5000.0, .draw_star = 100.0 };

    ck_assert_double_eq_tol(load_current(&falling, 0.0, 0.5, &slope_S), 50.0, 1e-9);
}
END_TEST

/* ---- the bus ---- */

static uint64_t dice = 1;

static double roll(double low, double high)
{
    dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return low + (high - low) * (double)(dice >> 11) / 9007199254740992.0;
}

/* Packs with random sources and resistances, all gates as n says; nothing else on the bus. */
static void frame(struct circuit *c, int packs, int gates)
{
    const struct fet_params p = fet_numbers();

    memset(c, 0, sizeof *c);
    c->packs = packs;
    c->dt_s = 0.01;
    c->snubber = (struct circuit_rc){ .ohm = 1.0, .farad = 1e-12, .scale = 1.0 };
    c->bus_V = 50.0;
    for (int k = 0; k < packs; k++) {
        const struct fet f = switches(gates < 0 ? (int)roll(0.0, 16.0) : gates);

        fet_laws(&f, &p, cool, c->pack[k].law);
        c->pack[k].emf_V = roll(48.0, 57.0);
        c->pack[k].string_Ohm = roll(5e-3, 30e-3);
        c->pack[k].path_Ohm = 0.75e-3;
        c->pack[k].cable_Ohm = 3.9e-3;
        c->pack[k].leak_A = gates == 3 ? 0.0 : 50e-6;
    }
}

/* V = (sum E/R - I) / (sum 1/R + 1/R_load) */
START_TEST(linear_packs_meet_at_the_closed_form)
{
    struct circuit c;

    for (int packs = 1; packs <= CIRCUIT_PACKS_MAX; packs++) {
        double sum_S = 1e-5 + 0.25, sum_A = -37.0;

        frame(&c, packs, 3);
        c.discharge_S = 1e-5;
        c.short_S = 0.25;
        c.load = (struct load_stage){ .law = PLANT_LOAD_CURRENT, .value = 37.0, .draw_star = 37.0 };
        for (int k = 0; k < packs; k++) {
            const double s = 1.0 / (c.pack[k].string_Ohm + 0.75e-3 + 3.9e-3 + 0.6e-3);

            sum_S += s;
            sum_A += s * c.pack[k].emf_V;
        }
        circuit_solve(&c);
        ck_assert_double_eq_tol(c.bus_V / (sum_A / sum_S), 1.0, 1e-9);
        for (int k = 0; k < packs; k++) {
            ck_assert_double_eq_tol(c.pack[k].branch_A,
                                    (sum_A / sum_S - c.pack[k].emf_V) / (c.pack[k].string_Ohm + 5.25e-3), 1e-6);
        }
    }
}
END_TEST

/* 0.450 and 0.495 mOhm share 100 A. */
START_TEST(unequal_resistances_share_a_current)
{
    struct circuit c;

    frame(&c, 2, 3);
    for (int k = 0; k < 2; k++) {
        c.pack[k].emf_V = 3.3;
        c.pack[k].string_Ohm = 1e-6;
        c.pack[k].cable_Ohm = 0.0;
        c.pack[k].path_Ohm = (k == 0 ? 0.45e-3 : 0.495e-3) - 1e-6;
        c.pack[k].law[FET_DISCHARGING].Ohm[0] = 0.0;
    }
    c.load = (struct load_stage){ .law = PLANT_LOAD_CURRENT, .value = 100.0, .draw_star = 100.0 };
    circuit_solve(&c);
    ck_assert_double_eq_tol(-c.pack[0].branch_A, 52.380952, 1e-6);
    ck_assert_double_eq_tol(-c.pack[1].branch_A, 47.619048, 1e-6);
}
END_TEST

START_TEST(a_charger_gives_what_the_bus_asks_at_its_voltage_and_no_more_than_its_current)
{
    struct circuit c;

    frame(&c, 1, 3);
    c.charger = (struct charger_stage){ .connected = true,
                                        .capacitor_F = 5e-3,
                                        .esr_Ohm = 5e-3,
                                        .tau_s = 0.8e-3,
                                        .set_A = 20.0,
                                        .set_V = 57.6,
                                        .capacitor_star_V = 57.6,
                                        .limit_star_A = 20.0 };
    c.dt_s = 1e3;
    c.pack[0].emf_V = 57.5;
    circuit_solve(&c);
    ck_assert_double_eq_tol(c.bus_V, 57.6, 1e-12);
    ck_assert_double_eq_tol(c.charger_A, 0.1 / (c.pack[0].string_Ohm + 5.25e-3), 1e-6);
    c.pack[0].emf_V = 53.0;
    circuit_solve(&c);
    ck_assert_double_eq_tol(c.charger_A, 20.0, 1e-3);
    ck_assert_double_eq_tol(c.pack[0].branch_A, 20.0, 1e-3);
    c.pack[0].emf_V = 58.0;
    circuit_solve(&c);
    ck_assert_double_eq(c.charger_A, 0.0); /* no way back into the charger */
    ck_assert_double_gt(c.bus_V, 57.9);
    c.pack[0].emf_V = 57.605; /* just above: still nothing */
    circuit_solve(&c);
    ck_assert_double_eq(c.charger_A, 0.0);
}
END_TEST

START_TEST(a_charger_whose_capacitor_is_low_waits_and_takes_nothing)
{
    struct circuit c;

    frame(&c, 1, 3);
    c.charger = (struct charger_stage){ .connected = true,
                                        .capacitor_F = 5e-3,
                                        .esr_Ohm = 5e-3,
                                        .tau_s = 0.8e-3,
                                        .set_V = 57.6,
                                        .capacitor_star_V = 50.0 };
    c.dt_s = 1.0; /* long enough to hold 57.6 V, had it any current */
    c.pack[0].emf_V = 53.0;
    circuit_solve(&c);
    ck_assert_double_eq(c.charger_A, 0.0);
    ck_assert_double_eq_tol(c.bus_V, 53.0, 1e-6);
    ck_assert_double_eq_tol(c.charger.capacitor_V, 50.0, 1e-9);
}
END_TEST

START_TEST(currents_of_any_circuit_add_up_to_nothing) /* a property: 2000 circuits of up to 16 packs in any state */
{
    for (int n = 0; n < 2000; n++) {
        const uint64_t seed = dice;
        struct circuit c;
        double sum_A = 0.0;

        frame(&c, 1 + n % CIRCUIT_PACKS_MAX, -1);
        c.discharge_S = 1e-5;
        c.snubber.star_V = roll(0.0, 60.0);
        c.snubber.farad = pow(10.0, roll(-9.0, -4.0));
        c.load = (struct load_stage){ .law = (enum plant_load)(1 + n % 3), .value = roll(0.1, 200.0) };
        c.load.draw_star = c.load.law == PLANT_LOAD_RESISTANCE ? 1.0 / c.load.value : c.load.value / 50.0;
        c.link = (struct circuit_rc){ .ohm = 50.0, .farad = 0.01, .bleed_S = 1e-4, .scale = n % 2 == 0 ? 1.0 : 0.0 };
        c.short_S = n % 5 == 0 ? 1.0 / roll(5e-3, 0.2) : 0.0;
        c.pack[0].terminal_S = n % 7 == 0 ? 1.0 / roll(5e-3, 0.2) : 0.0;
        if (n % 4 == 0) {
            c.charger =
                (struct charger_stage){ true, 5e-3, 5e-3, 0.8e-3, roll(1.0, 50.0), roll(50.0, 60.0), 55.0, 9.0, 0, 0 };
        }
        circuit_solve(&c);
        for (int k = 0; k < c.packs; k++) {
            const struct circuit_pack *p = &c.pack[k];

            sum_A += p->cable_A;
            ck_assert_double_eq_tol(p->cable_A, p->branch_A + p->leak_now_A + p->terminal_S * p->terminal_V, 1e-6);
        }
        sum_A += c.snubber.current_A + c.link.current_A + c.short_A + c.load_A + c.discharge_S * c.bus_V - c.charger_A;
        ck_assert_msg(fabs(sum_A) < 1e-6, "circuit %d, seed %llu: %g A left over", n, (unsigned long long)seed, sum_A);
        ck_assert_double_eq_tol(circuit_surplus(&c, c.bus_V), c.charger_A, 1e-6);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("circuit");
    TCase *t = tcase_create("circuit");
    TCase *l = tcase_create("long");

    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, a_current_is_the_inverse_of_its_drop, 0, 16);
    tcase_add_test(t, four_states_conduct_as_two_banks_back_to_back);
    tcase_add_test(t, a_body_diode_burns_fifty_times_what_its_channel_does);
    tcase_add_loop_test(t, heat_is_drop_times_current, 0, 16);
    tcase_add_test(t, temperature_moves_channel_and_diode);
    tcase_add_test(t, welded_and_dead_banks_ignore_their_gate);
    tcase_add_test(t, a_limiter_only_limits_charging);
    tcase_add_test(t, a_breaker_trips_at_its_thermal_time);
    tcase_add_test(t, a_breaker_carries_1_13_times_its_rating_for_ever);
    tcase_add_test(t, a_magnetic_release_needs_its_latch_time);
    tcase_add_test(t, a_settled_charger_is_a_current_below_and_a_voltage_at_its_setting);
    tcase_add_test(t, linear_packs_meet_at_the_closed_form);
    tcase_add_test(t, unequal_resistances_share_a_current);
    tcase_add_test(t, a_charger_gives_what_the_bus_asks_at_its_voltage_and_no_more_than_its_current);
    tcase_add_test(t, a_charger_whose_capacitor_is_low_waits_and_takes_nothing);
    tcase_add_test(t, currents_of_any_circuit_add_up_to_nothing);
    tcase_set_tags(l, "long"); /* too much for valgrind: scripts/ci/valgrind leaves it out */
    tcase_set_timeout(l, 60);
    tcase_add_test(l, loads_fade_with_the_voltage_and_never_jump);
    suite_add_tcase(s, t);
    suite_add_tcase(s, l);
    return check_run(s);
}
