#include "sim/scenario.h"

#include "sim/explain.h"
#include "tests/support/check_run.h"
#include "tests/support/test_world.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NS INT64_C(1000000000)

static struct root root;
static struct scenario_list list;
static struct diag d;

static void setup(void)
{
    test_world_open(&root);
    list = (struct scenario_list){ 0 };
    diag_init(&d);
}

static void teardown(void)
{
    scenario_list_free(&list);
    diag_free(&d);
    root_close(&root);
}

static void load(const char *path)
{
    const struct scenario_world world = root_world(&root);

    if (!scenario_load(&list, path, &world, &d)) {
        diag_print(&d, stderr);
        ck_abort_msg("%s is refused", path);
    }
    ck_assert_uint_eq(d.errors, 0);
}

static char *explained(const struct scenario *s)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    explain_scenario(s, out);
    (void)fclose(out);
    return text;
}

START_TEST(the_example_resolves_to_its_row_s_numbers)
{
    load(TEST_SCENARIOS "over_voltage.json");
    ck_assert_uint_eq(list.count, 1);
    const struct scenario *s = &list.item[0];
    const struct expectation *trip = &s->expect[0], *release = &s->expect[2];

    ck_assert_str_eq(s->stem, "over_voltage");
    ck_assert_str_eq(s->case_name, "");
    ck_assert_str_eq(s->tag[1], "voltage");
    ck_assert_uint_eq(s->seed, 1);
    ck_assert_int_eq(s->pack_count, 1);
    ck_assert_int_eq(s->end_ns, -1);
    ck_assert_int_eq(trip->verb, VERB_TRIP);
    ck_assert(trip->rising && trip->measure == MEASURE_LEVEL && trip->dim == DIM_VOLTAGE);
    ck_assert_double_eq_tol(trip->low, 3.68, 1e-12);
    ck_assert_double_eq_tol(trip->high, 3.72, 1e-12);
    ck_assert_double_eq_tol(trip->delay_min_s, 0.99, 1e-12);
    ck_assert_double_eq_tol(trip->delay_max_s, 1.10, 1e-12);
    ck_assert_int_eq(trip->basis, BASIS_ASSUMED);
    ck_assert_str_eq(trip->row->id, "T-OV");
    ck_assert(!release->rising);
    ck_assert_double_eq_tol(release->low, 3.37, 1e-12);
    ck_assert_double_eq_tol(release->high, 3.41, 1e-12);
    ck_assert_double_eq(release->delay_max_s, 4);
    ck_assert_int_eq(release->basis, BASIS_DERIVED);
}
END_TEST

START_TEST(the_example_s_start_steps_and_windows_are_read)
{
    load(TEST_SCENARIOS "over_voltage.json");
    const struct scenario *s = &list.item[0];
    const struct expectation *then = &s->expect[3];

    ck_assert_double_eq(s->initial.soc, 0.9);
    ck_assert_double_eq_tol(s->initial.cell[6].soc, 0.97, 1e-12);
    ck_assert(isnan(s->initial.cell[5].soc) && isnan(s->initial.bms_soc));
    ck_assert_uint_eq(s->parameter_count, 1);
    ck_assert_int_eq(s->parameter[0].value, 3650);
    ck_assert_uint_eq(s->step_count, 6);
    ck_assert_int_eq(s->step[1].timing, STEP_UNTIL);
    ck_assert_int_eq(s->step[1].timeout_ns, 7200 * NS);
    ck_assert_int_eq(s->step[3].timeout_ns, 3600 * NS);
    ck_assert_int_eq(s->step[2].time_ns, 10 * NS);
    ck_assert_uint_eq(s->step[2].action_count, 2);
    ck_assert(!s->step[2].action[0].on && s->step[2].action[1].law == LOAD_CURRENT);
    ck_assert_double_eq(s->step[4].action[0].current.to, 5); /* 0.05 C of 100 Ah */
    ck_assert(!s->step[4].action[0].voltage.given);
    ck_assert_int_eq(then->trigger.kind, POINT_LABEL);
    ck_assert_uint_eq(then->trigger.step, 3);
    ck_assert_double_eq(then->within_s, 5);
    ck_assert(isnan(then->delay_max_s)); /* no row gave one: "not before" alone has no end */
    ck_assert(isnan(then->hold_s) && !then->within_is_req);
    ck_assert_int_eq(s->expect[1].basis, BASIS_DERIVED);
    ck_assert_int_eq(s->expect[4].until.kind, POINT_END);
    ck_assert_int_eq(s->expect[4].basis, BASIS_ASSUMED);
}
END_TEST

START_TEST(settings_and_packs_are_read)
{
    load(TEST_SCENARIOS "acts.json");
    const struct scenario *s = &list.item[0];

    ck_assert(s->cold_boot && s->ideal_front_end && !s->noise);
    ck_assert_int_eq(s->phase_ns, 30000000);
    ck_assert_uint_eq(s->seed, 7);
    ck_assert_int_eq(s->end_ns, 3600 * NS);
    ck_assert_int_eq(s->pack_count, 2);
    ck_assert_double_eq(s->initial.rest_voltage_V, 3.3);
    ck_assert_int_eq(s->pack[1].history, HISTORY_CHARGED);
    ck_assert_double_eq(s->pack[1].soc, 0.1);
    ck_assert(isnan(s->pack[0].soc));
    ck_assert_double_eq(s->pack[1].cell[15].leak_Ohm, 1000);
    ck_assert_double_eq(s->pack[1].cell[15].resistance_factor, 1.5);
}
END_TEST

START_TEST(every_act_is_read)
{
    load(TEST_SCENARIOS "acts.json");
    const struct step *step = list.item[0].step;
    const struct action *on_pack = step[2].action;

    ck_assert_int_eq(step[0].action[0].kind, ACT_INVERTER);
    ck_assert_double_eq(step[0].action[0].precharge_Ohm, 0);
    ck_assert(isnan(step[0].action[0].bleed_Ohm));
    ck_assert_int_eq(step[0].action[1].kind, ACT_AMBIENT);
    ck_assert(isnan(step[0].action[1].temperature.from) && step[0].action[1].temperature.over_s == 100);
    ck_assert_int_eq(step[1].action[0].law, LOAD_POWER);
    ck_assert_double_eq(step[1].action[0].power.from, 1000);
    ck_assert_int_eq(step[1].action[1].place, SHORT_AT_BUS);
    ck_assert_uint_eq(step[2].action_count, 9);
    for (size_t i = 0; i < step[2].action_count; i++) {
        ck_assert_int_eq(on_pack[i].pack, 1);
    }
    ck_assert_int_eq(on_pack[0].kind, ACT_SHORT);
    ck_assert_double_eq_tol(on_pack[0].resistance.to, 5e-3, 1e-15);
    ck_assert(on_pack[1].kind == ACT_NTC && on_pack[1].index == 2 && on_pack[1].temperature.to == -10);
    ck_assert(on_pack[2].index == 3 && !on_pack[2].on);
    ck_assert(on_pack[3].kind == ACT_CLEAR && on_pack[3].fault == FAULT_NTC_OFFSET);
    ck_assert(on_pack[4].kind == ACT_KEY && on_pack[4].keys == 2 && on_pack[4].hold_s == 3);
    ck_assert(on_pack[5].keys == 4 && !on_pack[5].on);
    ck_assert(on_pack[6].kind == ACT_BREAKER && !on_pack[6].on);
    ck_assert(on_pack[7].kind == ACT_DIP && on_pack[7].value == 3);
    ck_assert(on_pack[8].kind == ACT_PARAMETER && on_pack[8].parameter_value == 555);
}
END_TEST

START_TEST(a_step_mends_before_it_breaks)
{
    load(TEST_SCENARIOS "acts.json");
    const struct action *a = list.item[0].step[3].action;

    ck_assert_uint_eq(list.item[0].step[3].action_count, 4);
    ck_assert(a[0].kind == ACT_CLEAR && a[0].fault == FAULT_COUNT && a[0].pack == -1);
    ck_assert(a[1].kind == ACT_FAULT && a[1].fault == FAULT_SENSE_OPEN && a[1].index == 0); /* wire 0 is wire 0 */
    ck_assert(a[2].fault == FAULT_CELL_OFFSET && a[2].index == 15 && a[2].rate == 1e-3 && a[2].hold_s == 2);
    ck_assert(a[3].fault == FAULT_CURRENT_GAIN && fabs(a[3].value - 0.02) < 1e-12);
}
END_TEST

START_TEST(every_verb_is_read)
{
    load(TEST_SCENARIOS "acts.json");
    const struct expectation *e = list.item[0].expect;

    ck_assert(e[0].verb == VERB_REPORT && e[0].trigger.step == 3 && e[0].dim == DIM_RATIO);
    ck_assert(e[1].verb == VERB_THEN && e[1].trigger.kind == POINT_EVENT && e[1].times == 3);
    ck_assert(e[1].within_is_req && !e[1].no_latency);
    ck_assert_double_eq_tol(e[1].within_s, 66, 1e-9);
    ck_assert_double_eq_tol(e[1].not_before_s, 59.4, 1e-9);
    ck_assert_double_eq(e[1].hold_s, 2);
    ck_assert_int_eq(e[1].basis, BASIS_OURS);
    ck_assert(e[2].verb == VERB_STAYS && e[2].for_s == 10 && e[2].trigger.kind == POINT_LABEL);
    ck_assert(e[3].from.kind == POINT_TIME && e[3].from.time_ns == 2 * NS && e[3].until.step == 3);
    ck_assert(e[4].measure == MEASURE_DELAY && e[4].low == 3 && isinf(e[4].high));
    ck_assert_double_eq_tol(e[5].low, 127.4, 1e-9); /* 1.3 C less 2 % */
    ck_assert_double_eq_tol(e[5].delay_min_s, 9.9, 1e-9);
    ck_assert_ptr_null(e[5].row);
    ck_assert(isinf(e[6].low) && e[6].high == 10); /* a bound: the other side is open */
}
END_TEST

START_TEST(a_sweep_is_a_grid_of_named_cases)
{
    load(TEST_SCENARIOS "sweep.json");
    ck_assert_uint_eq(list.count, 4);
    ck_assert_str_eq(list.item[0].case_name, "current=131 A, cell=1");
    ck_assert_str_eq(list.item[3].case_name, "current=140 A, cell=16");
    ck_assert_str_eq(list.item[3].title, "Overcurrent at 140 A");
    ck_assert_double_eq(list.item[3].initial.cell[15].soc, 0.6);
    ck_assert_double_eq(list.item[3].step[0].action[0].current.to, 20);
    ck_assert_double_eq(list.item[3].step[1].action[0].current.to, 140);
    ck_assert_int_eq(list.item[3].step[1].action[1].index, 15);
    ck_assert_int_eq(list.item[1].parameter[0].value, 131000);
}
END_TEST

START_TEST(cases_may_have_names)
{
    load(TEST_SCENARIOS "cases.json");
    ck_assert_uint_eq(list.count, 2);
    ck_assert_str_eq(list.item[0].case_name, "cold");
    ck_assert_str_eq(list.item[1].case_name, "t=30 degC");
}
END_TEST

START_TEST(the_resolved_text_is_a_scenario_that_means_the_same)
{
    const struct scenario_world world = root_world(&root);
    struct scenario_list again = { 0 };

    load(TEST_SCENARIOS "sweep.json");
    for (size_t i = 0; i < list.count; i++) {
        const char *text = list.item[i].resolved;

        ck_assert_ptr_null(strstr(text, "${"));
        ck_assert_ptr_null(strstr(text, "\"sweep\""));
        ck_assert(scenario_parse(&again, "resolved", text, strlen(text), &world, &d));
        ck_assert_str_eq(again.item[i].resolved, text);
    }
    ck_assert_uint_eq(again.count, 4);
    scenario_list_free(&again);
}
END_TEST

START_TEST(an_explanation_gives_resolved_numbers_and_their_basis)
{
    static const char *const parts[] = {
        "charge.allowed must become false when cell.voltage.max has risen through 3.68 V..3.72 V, not earlier than",
        "not earlier than 0.99 s after 3.68 V and not later than 1.1 s + latency after 3.72 V",
        "[T-OV 2.2; limit sibling, delay assumed]",
        "limit: another sheet: each cell trips by itself",
        "wait until charge.allowed is true, at most 1 h (this is \"release\")",
        "cell 7 charged 97 %",
        "(req is 10 V.s)",
    };
    char *text;

    load(TEST_SCENARIOS "over_voltage.json");
    text = explained(&list.item[0]);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        ck_assert_msg(strstr(text, parts[i]) != NULL, "\"%s\" is not in:\n%s", parts[i], text);
    }
    free(text);
}
END_TEST

START_TEST(every_act_and_verb_is_explained)
{
    static const char *const parts[] = {
        "chamber from its present value to -10 degC over 100 s",
        "load from 1 kW to 2 kW over 10 s",
        "short circuit of 10 mOhm at the bus",
        "sensor 3 held at -10 degC (pack 2)",
        "sensor 4 let go",
        "mended: ntc offset",
        "mended: all faults (every pack)",
        "key reset held for 3 s",
        "breaker opened",
        "address switch 3",
        "parameter chg_ot.trip_ddegC = 55.5 degC",
        "sense wire open, wire 0",
        "cell reading offset, cell 16",
        "current gain, 2 %",
        "inverter off the bus",
        "is measured at \"late\" and shown",
        "within 66 s + latency, not before 59.4 s, and hold for 2 s, at least 3 times",
        "for 10 s",
        "from 2 s until late",
    };
    char *text;

    load(TEST_SCENARIOS "acts.json");
    text = explained(&list.item[0]);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        ck_assert_msg(strstr(text, parts[i]) != NULL, "\"%s\" is not in:\n%s", parts[i], text);
    }
    free(text);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("scenario");
    TCase *t = tcase_create("scenario");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, the_example_resolves_to_its_row_s_numbers);
    tcase_add_test(t, the_example_s_start_steps_and_windows_are_read);
    tcase_add_test(t, settings_and_packs_are_read);
    tcase_add_test(t, every_act_is_read);
    tcase_add_test(t, a_step_mends_before_it_breaks);
    tcase_add_test(t, every_verb_is_read);
    tcase_add_test(t, a_sweep_is_a_grid_of_named_cases);
    tcase_add_test(t, cases_may_have_names);
    tcase_add_test(t, the_resolved_text_is_a_scenario_that_means_the_same);
    tcase_add_test(t, an_explanation_gives_resolved_numbers_and_their_basis);
    tcase_add_test(t, every_act_and_verb_is_explained);
    suite_add_tcase(s, t);
    return check_run(s);
}
