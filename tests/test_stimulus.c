/* What a scenario does to a rig: ramps, faults, keys; on the shipped pack with front end and core. */
#include "sim/stimulus.h"
#include "tests/support/bench_bed.h"
#include "tests/support/check_run.h"

#include <check.h>
#include <math.h>
#include <string.h>

static struct bench bench;
static struct rig_built built;
static struct rig *rig;
static struct stimulus stimulus;

/* A rig of the text's scenario; its steps are done by act(), not by time. */
static void start(const char *text)
{
    bench_open(&bench, text);
    rig = bench_rig(&bench, &built);
    stimulus_begin(&stimulus, rig, 25.0);
}

static void finish(void)
{
    rig_built_free(&built);
    bench_close(&bench);
}

static bool act(size_t step)
{
    const struct step *s = &bench.list.item[0].step[step];

    for (size_t k = 0; k < s->action_count; k++) {
        if (!stimulus_apply(&stimulus, &s->action[k])) {
            return false;
        }
    }
    return true;
}

/* To a scenario time, ending on the way what ends by itself. */
static void run_to(double to_s)
{
    const int64_t end_ns = rig->zero_ns + (int64_t)llround(to_s * 1e9);
    struct rig_observer nobody = { 0 };

    while (rig->now_ns < end_ns) {
        const int64_t next = stimulus_next(&stimulus);

        ck_assert(!rig_run(rig, next < end_ns ? next : end_ns, &nobody));
        ck_assert_msg(rig->error == NULL, "%s", rig->error);
        stimulus_take(&stimulus);
    }
}

static void check_signal(const char *name, double wanted, double tolerance)
{
    ck_assert_double_eq_tol(bench_signal(rig, name), wanted, tolerance);
}

#define EXPECT ", 'expect': [ { 'always': 'discharge.allowed is true' } ] }"

/* ---- ramps --------------------------------------------------------------------------------------------------------
 */

START_TEST(a_ramp_ends_exactly_where_it_shall_and_stays_there)
{
    start("'steps': [ { 'at': '0 s', 'load': { 'current': { 'from': '10 A', 'to': '33.3 A', 'over': '7.7 s' } } } "
          "]" EXPECT);
    run_to(1.0);
    ck_assert(act(0));
    ck_assert(rig->plant.outside.load.value == 10.0);
    ck_assert_int_eq(stimulus_next(&stimulus) - rig->zero_ns, 8700000000);
    run_to(1.0 + 7.7 / 2.0);
    check_signal("load.current", (10.0 + 33.3) / 2.0, 1e-2);
    run_to(8.7);
    ck_assert_int_eq(rig->now_ns - rig->zero_ns, 8700000000);
    ck_assert(rig->plant.outside.load.value == 33.3);
    ck_assert(rig->plant.outside.load.per_s == 0.0);
    run_to(100.0);
    ck_assert(rig->plant.outside.load.value == 33.3);
    check_signal("load.current", 33.3, 1e-6);
    ck_assert_int_eq(stimulus_next(&stimulus), INT64_MAX);
    finish();
}
END_TEST

START_TEST(a_ramp_without_from_goes_on_from_the_present_value)
{
    start("'steps': [ { 'at': '0 s', 'load': { 'current': { 'from': '10 A', 'to': '20 A', 'over': '10 s' } } }, "
          "{ 'at': '0 s', 'load': { 'current': { 'to': '5 A', 'over': '3 s' } } }, { 'at': '0 s', 'load': 'off' } "
          "]" EXPECT);
    ck_assert(act(0));
    run_to(4.0);
    ck_assert(act(1));
    check_signal("load.current", 14.0, 1e-3);
    run_to(5.5);
    check_signal("load.current", 9.5, 1e-2);
    run_to(7.0);
    ck_assert(rig->plant.outside.load.value == 5.0);
    ck_assert(act(2));
    run_to(8.0);
    check_signal("load.current", 0.0, 1e-6);
    ck_assert(act(1)); /* what is off stands at nothing */
    run_to(9.5);
    check_signal("load.current", 2.5, 1e-2);
    run_to(11.0);
    ck_assert(rig->plant.outside.load.value == 5.0);
    finish();
}
END_TEST

START_TEST(charger_chamber_and_sensor_spots_take_ramps_too)
{
    start("'steps': [ { 'at': '0 s', "
          "'charger': { 'current': { 'from': '1 A', 'to': '7 A', 'over': '3 s' }, 'voltage': { 'from': '50 V', 'to': "
          "'57 V', 'over': '5 s' } }, "
          "'ambient': { 'to': '-5 degC', 'over': '6 s' }, 'ntc': { '3': { 'from': '20 degC', 'to': '60 degC', 'over': "
          "'4 s' } } }, "
          "{ 'at': '0 s', 'charger': { 'voltage': '56 V' } }, { 'at': '0 s', 'ntc': { '3': 'off' } } ]" EXPECT);
    ck_assert(act(0));
    run_to(2.0);
    check_signal("ambient.temperature", 15.0, 1e-6);
    ck_assert_double_eq_tol(rig->plant.pack[0].ntc[2].held_degC, 40.0, 1e-6);
    run_to(6.0);
    ck_assert(rig->plant.outside.charger_A.value == 7.0 && rig->plant.outside.charger_A.per_s == 0.0);
    ck_assert(rig->plant.outside.charger_V.value == 57.0 && rig->plant.outside.charger_V.per_s == 0.0);
    check_signal("ambient.temperature", -5.0, 1e-9);
    ck_assert(rig->plant.pack[0].ntc[2].held && rig->plant.pack[0].ntc[2].held_degC == 60.0);
    ck_assert(act(1)); /* what is left out stays */
    ck_assert(rig->plant.outside.charger_A.value == 7.0);
    ck_assert(rig->plant.outside.charger_V.value == 56.0);
    ck_assert(act(2));
    ck_assert(!rig->plant.pack[0].ntc[2].held);
    finish();
}
END_TEST

/* ---- faults -------------------------------------------------------------------------------------------------------
 */

/* Every place where an injected fault shows; a reset of the front end is over at once. */
static bool is_faulty(void)
{
    const struct board *b = &rig->board[0];
    const struct plant_pack *p = &rig->plant.pack[0];
    const struct afe *a = &b->afe;
    bool faulty = a->frozen || a->scd_dead || !a->powered || !b->running || b->storage.fails || b->stuck_bleed != 0 ||
                  a->current_offset.on || a->current_gain.on || a->stack_stuck.on || a->stack_offset.on ||
                  p->fet.welded[0] || p->fet.welded[1] || p->fet.dead[0] || p->fet.dead[1] || p->thermal.cooling != 1.0;

    for (int k = 0; k < AFE_CELLS_MAX; k++) {
        faulty |= a->cell_stuck[k].on || a->cell_offset[k].on || p->string.short_S[k] != 0.0 || b->sense.swapped[k];
        faulty |= k < 15 && p->string.link_Ohm[k] != p->params->link_Ohm;
    }
    for (int k = 0; k < SENSE_WIRES_MAX; k++) {
        faulty |= b->sense.open[k] || b->sense.added_Ohm[k] != 0.0;
    }
    for (int k = 0; k < AFE_TEMPS_MAX; k++) {
        faulty |= a->ntc_open[k].on || a->ntc_shorted[k].on || a->ntc_stuck[k].on || a->ntc_offset[k].on;
    }
    return faulty;
}

static bool inject(enum fault_kind kind, int index, double hold_s)
{
    const struct action a = {
        .kind = ACT_FAULT, .fault = kind, .index = index, .value = 0.01, .rate = NAN, .hold_s = hold_s
    };

    return stimulus_apply(&stimulus, &a);
}

static bool mend(enum fault_kind kind)
{
    const struct action a = { .kind = ACT_CLEAR, .fault = kind, .index = -1 };

    return stimulus_apply(&stimulus, &a);
}

#define REST "'steps': [ { 'at': '0 s' } ]" EXPECT

#define PLACES(identifier, name, index, unit, meaning) index,
static const char *const places[] = { PLANT_FAULTS(PLACES) };

START_TEST(clear_all_mends_every_kind_of_fault)
{
    const enum fault_kind kind = (enum fault_kind)_i;

    start(REST);
    ck_assert(!is_faulty());
    ck_assert(inject(kind, places[_i][0] != '\0' ? 2 : 0, NAN));
    run_to(1.0);
    ck_assert_msg(is_faulty() || kind == FAULT_FRONT_END_RESET, "fault %d does not show", _i);
    ck_assert(mend(FAULT_COUNT));
    run_to(2.0);
    ck_assert_msg(!is_faulty(), "fault %d stays", _i);
    ck_assert(rig->error == NULL);
    finish();
}
END_TEST

START_TEST(clearing_a_kind_leaves_the_others)
{
    start(REST);
    ck_assert(inject(FAULT_NTC_OPEN, 2, NAN));
    ck_assert(inject(FAULT_CELL_STUCK, 5, NAN));
    ck_assert(mend(FAULT_NTC_OPEN));
    ck_assert(!rig->board[0].afe.ntc_open[2].on);
    ck_assert(rig->board[0].afe.cell_stuck[5].on);
    finish();
}
END_TEST

START_TEST(a_fault_for_a_time_ends_at_its_nanosecond)
{
    start(REST);
    run_to(0.123456789);
    ck_assert(inject(FAULT_NTC_OPEN, 2, 2.5));
    ck_assert_int_eq(stimulus_next(&stimulus) - rig->zero_ns, 2623456789);
    run_to(2.623456788);
    ck_assert(rig->board[0].afe.ntc_open[2].on);
    run_to(2.623456789);
    ck_assert(!rig->board[0].afe.ntc_open[2].on);
    ck_assert_int_eq(stimulus_next(&stimulus), INT64_MAX);
    finish();
}
END_TEST

START_TEST(a_fault_put_in_again_lasts_for_its_new_time)
{
    start(REST);
    ck_assert(inject(FAULT_NTC_OPEN, 2, 2.0));
    run_to(1.0);
    ck_assert(inject(FAULT_NTC_OPEN, 2, 5.0));
    run_to(5.9);
    ck_assert(rig->board[0].afe.ntc_open[2].on);
    run_to(6.0);
    ck_assert(!rig->board[0].afe.ntc_open[2].on);
    ck_assert(inject(FAULT_NTC_OPEN, 2, 2.0));
    run_to(7.0);
    ck_assert(inject(FAULT_NTC_OPEN, 2, NAN)); /* for good */
    run_to(20.0);
    ck_assert(rig->board[0].afe.ntc_open[2].on);
    finish();
}
END_TEST

START_TEST(a_cleared_fault_does_not_end_a_later_one)
{
    start(REST);
    ck_assert(inject(FAULT_CHARGE_WELDED, 0, 3.0));
    run_to(1.0);
    ck_assert(mend(FAULT_COUNT));
    ck_assert(inject(FAULT_CHARGE_WELDED, 0, NAN));
    run_to(10.0);
    ck_assert(rig->plant.pack[0].fet.welded[FET_CHARGE]);
    finish();
}
END_TEST

START_TEST(more_timed_faults_than_the_bench_can_hold_are_an_error)
{
    start(REST);
    for (int k = 0; k < 16; k++) {
        ck_assert(inject(FAULT_CELL_STUCK, k, 10.0) && inject(FAULT_CELL_OFFSET, k, 10.0));
        ck_assert(inject(FAULT_SENSE_OPEN, k, 10.0) && inject(FAULT_SENSE_RESISTIVE, k, 10.0));
    }
    ck_assert(!inject(FAULT_NTC_OPEN, 0, 10.0));
    ck_assert_ptr_nonnull(rig->error);
    finish();
}
END_TEST

START_TEST(a_fault_where_there_is_nothing_is_an_error)
{
    start(REST);
    ck_assert(!inject(FAULT_NTC_OPEN, 7, NAN)); /* six sensors */
    ck_assert_ptr_nonnull(rig->error);
    finish();
}
END_TEST

/* ---- keys and the rest --------------------------------------------------------------------------------------------
 */

/* Without the power key, which latches and is in from the start. */
static uint32_t keys_held(uint32_t keys)
{
    ck_assert_uint_ne(keys & (uint32_t)BMS_KEY_POWER, 0);
    return keys & ~(uint32_t)BMS_KEY_POWER;
}

START_TEST(a_key_is_held_for_its_time_and_the_target_is_told)
{
    start("'steps': [ { 'at': '0 s', 'key': { 'reset': '3 s' } }, { 'at': '0 s', 'key': { 'menu': 'held' } }, "
          "{ 'at': '0 s', 'key': { 'menu': 'released' } }, { 'at': '0 s', 'dip': 5 } ]" EXPECT);
    ck_assert(act(0));
    run_to(1.0);
    ck_assert_uint_eq(keys_held(rig->board[0].sample.keys), BMS_KEY_RESET);
    ck_assert(act(1));
    run_to(2.999);
    ck_assert_uint_eq(keys_held(rig->board[0].sample.keys), BMS_KEY_RESET | BMS_KEY_MENU);
    run_to(3.02);
    ck_assert_uint_eq(keys_held(rig->board[0].sample.keys), BMS_KEY_MENU);
    ck_assert(act(2));
    run_to(3.04);
    ck_assert_uint_eq(keys_held(rig->board[0].sample.keys), 0);
    ck_assert(act(3));
    run_to(3.06);
    ck_assert_uint_eq(rig->board[0].sample.dip, 5);
    finish();
}
END_TEST

START_TEST(a_key_pressed_again_is_released_by_its_newest_time)
{
    start("'steps': [ { 'at': '0 s', 'key': { 'reset': '3 s' } }, { 'at': '0 s', 'key': { 'reset': 'released' } } "
          "]" EXPECT);
    ck_assert(act(0));
    run_to(1.0);
    ck_assert(act(1));
    ck_assert_uint_eq(keys_held(rig->board[0].keys), 0);
    run_to(2.0);
    ck_assert(act(0));
    run_to(4.9);
    ck_assert_uint_eq(keys_held(rig->board[0].keys), BMS_KEY_RESET);
    run_to(5.0);
    ck_assert_uint_eq(keys_held(rig->board[0].keys), 0);
    finish();
}
END_TEST

START_TEST(an_act_on_all_packs_reaches_each)
{
    start("'packs': [ {}, {}, {} ], 'steps': [ "
          "{ 'at': '0 s', 'pack': 'all', 'fault': { 'kind': 'ntc open', 'index': 1 } }, "
          "{ 'at': '0 s', 'pack': 2, 'breaker': 'open' } ], "
          "'expect': [ { 'always': 'pack[1].discharge.allowed is true' } ] }");
    ck_assert(act(0) && act(1));
    for (int k = 0; k < 3; k++) {
        ck_assert(rig->board[k].afe.ntc_open[0].on);
        ck_assert(rig->plant.pack[k].breaker.closed == (k != 1));
    }
    finish();
}
END_TEST

START_TEST(a_parameter_written_while_running_is_the_targets_to_refuse)
{
    start("'steps': [ { 'at': '0 s', 'parameter': { 'cell_ov.trip_mV': '3.65 V' } }, "
          "{ 'at': '0 s', 'parameter': { 'cell_ov.trip_mV': '2.9 V' } } ]" EXPECT);
    ck_assert(act(0));
    ck_assert_ptr_null(rig->error);
    ck_assert(!act(1));
    ck_assert_ptr_nonnull(rig->error);
    finish();
}
END_TEST

static TCase *ramps(void)
{
    TCase *t = tcase_create("ramps");

    tcase_add_test(t, a_ramp_ends_exactly_where_it_shall_and_stays_there);
    tcase_add_test(t, a_ramp_without_from_goes_on_from_the_present_value);
    tcase_add_test(t, charger_chamber_and_sensor_spots_take_ramps_too);
    return t;
}

static TCase *faults(void)
{
    TCase *t = tcase_create("faults");

    /* A reset of the target does not last, and faults of the wire need one: tests/test_wire.sh. */
    tcase_add_loop_test(t, clear_all_mends_every_kind_of_fault, 0, FAULT_TARGET_RESET);
    tcase_add_test(t, clearing_a_kind_leaves_the_others);
    tcase_add_test(t, a_fault_for_a_time_ends_at_its_nanosecond);
    tcase_add_test(t, a_fault_put_in_again_lasts_for_its_new_time);
    tcase_add_test(t, a_cleared_fault_does_not_end_a_later_one);
    tcase_add_test(t, more_timed_faults_than_the_bench_can_hold_are_an_error);
    tcase_add_test(t, a_fault_where_there_is_nothing_is_an_error);
    return t;
}

static TCase *others(void)
{
    TCase *t = tcase_create("keys and the rest");

    tcase_add_test(t, a_key_is_held_for_its_time_and_the_target_is_told);
    tcase_add_test(t, a_key_pressed_again_is_released_by_its_newest_time);
    tcase_add_test(t, an_act_on_all_packs_reaches_each);
    tcase_add_test(t, a_parameter_written_while_running_is_the_targets_to_refuse);
    return t;
}

int main(void)
{
    Suite *s = suite_create("stimulus");

    suite_add_tcase(s, ramps());
    suite_add_tcase(s, faults());
    suite_add_tcase(s, others());
    return check_run(s);
}
