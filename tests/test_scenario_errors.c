/* Scenarios that must be refused, and what must then be said. */
#include "sim/scenario.h"

#include "tests/support/check_run.h"
#include "tests/support/test_world.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

#define OV TEST_SCENARIOS "over_voltage.json"
#define TRIP_ON "\"trip\": \"charge.allowed becomes false\", \"on\": \"cell.voltage.max\", \"rising\": \"req\""
#define LAST "{ \"requirement\": \"T-HARM\", \"never\": \"harm.overvoltage above req\" }"
#define STEP_1 "{ \"at\": \"0 s\", \"charger\": { \"current\": \"5 A\", \"voltage\": \"60 V\" } }"
#define TITLE "\"title\": \"A cell above 3.70 V stops charging, and only charging\","

/* What is changed in over_voltage.json, and part of what must then be said; says NULL: it stays sound. */
/* clang-format off */
static const struct {
    const char *from, *to, *says;
} changes[] = {
    { TITLE, "", "key \"title\" is missing" },
    { "\"tags\"", "\"tgas\"", "did you mean \"tags\"" },
    { "\"tags\": [", "\"pack\": \"jk48v100pro\", \"tags\": [", "stands twice" },
    { "\"pack\": \"jk48v100pro\"", "\"pack\": \"test17\"", "jk48v100pro" },
    { "\"pack\": \"jk48v100pro\"", "\"pack\": \"../packs/jk48v100pro\"", "no pack" },
    { "\"bms\": \"jk48v100pro\"", "\"bms\": \"test\"", "jk48v100pro" },
    { "\"soc\": \"90 %\"", "\"soc\": 90", "write \"90 %\"" },
    { "\"soc\": \"90 %\"", "\"soc\": \"90 V\"", "expected a ratio" },
    { "\"soc\": \"90 %\"", "\"soc\": \"nan %\"", "finite" },
    { "\"soc\": \"90 %\"", "\"soc\": \"inf %\"", "finite" },
    { "\"soc\": \"90 %\"", "\"rest voltage\": \"3650 V\"", "out of range" },
    { "\"soc\": \"97 %\"", "\"soc\": \"97 %\", \"rest voltage\": \"3.3 V\"", "not both" },
    { "\"7\": {", "\"17\": {", "there is no cell \"17\"" },
    { "\"7\": {", "\"seven\": {", "there is no cell" },
    { "cell_ov.trip_mV", "cell_ov.trp_mV", "did you mean \"cell_ov.trip_mV\"" },
    { "\"3.65 V\"", "\"3.6505 V\"", "between two" },
    { "\"3.65 V\"", "\"3.65 A\"", "expected a voltage" },
    { "\"3.65 V\"", "\"36.5 V\"", "out of the range of cell_ov.trip_mV" },
    { "\"cell_ov.trip_mV\": \"3.65 V\"", "\"cell_ov.release_mV\": \"3.75 V\"", "contradicts cell_ov.trip_mV" },
    { STEP_1, "{ \"charger\": \"off\" }", "at, after, until" },
    { STEP_1, "{ \"at\": \"0 s\", \"after\": \"1 s\" }", "\"at\" stands there already" },
    { STEP_1, "{ \"at\": \"0 s\", \"timeout\": \"1 s\" }", "goes with \"until\"" },
    { STEP_1, "{ \"at\": \"0 s\", \"charger\": { \"current\": \"5 A\" } }", "no voltage, now or before" },
    { STEP_1, "{ \"at\": \"0 s\", \"charger\": \"of\" }", "expected \"off\" or an object" },
    { STEP_1, "{ \"at\": \"0 s\", \"load\": { \"current\": \"5 A\", \"power\": \"5 W\" } }", "exactly one" },
    { STEP_1, "{ \"at\": \"0 s\", \"pack\": 1 }", "no act of this step" },
    { STEP_1, "{ \"at\": \"0 s\", \"pack\": 2, \"breaker\": \"open\" }", "out of range: 1 to 1" },
    { STEP_1, "{ \"at\": \"0 s\", \"short\": { } }", "key \"resistance\" is missing" },
    { STEP_1, "{ \"at\": \"0 s\", \"fault\": { \"kind\": \"ntc opened\", \"index\": 1 } }", "did you mean \"ntc open\"" },
    { STEP_1, "{ \"at\": \"0 s\", \"fault\": { \"kind\": \"ntc open\" } }", "needs an index: the channel, 1 to 6" },
    { STEP_1, "{ \"at\": \"0 s\", \"fault\": { \"kind\": \"ntc open\", \"index\": 1, \"value\": \"1 V\" } }", "has no value" },
    { STEP_1, "{ \"at\": \"0 s\", \"fault\": { \"kind\": \"ntc stuck\", \"index\": 1 } }", "needs a value, a temperature" },
    { STEP_1, "{ \"at\": \"0 s\", \"fault\": { \"kind\": \"brown-out\", \"index\": 1 } }", "has no index" },
    { STEP_1, "{ \"at\": \"0 s\", \"fault\": { \"kind\": \"internal short\", \"index\": 1, \"value\": \"1 Ohm\", \"rate\": \"1 V/s\" } }",
      "does not grow" },
    { STEP_1, "{ \"at\": \"0 s\", \"fault\": { \"kind\": \"sense wires swapped\", \"index\": 16 } }", "0 to 15" },
    { STEP_1, "{ \"at\": \"0 s\", \"ntc\": { \"7\": \"1 degC\" } }", "no ntc channel \"7\": 1 to 6" },
    { STEP_1, "{ \"at\": \"0 s\", \"clear\": \"everything\" }", "unknown word" },
    { STEP_1, "{ \"at\": \"0 s\", \"dip\": 16 }", "0 to 15" },
    { "{ \"after\": \"10 s\", \"charger\"", "{ \"at\": \"10 s\", \"charger\"", NULL },
    { "{ \"after\": \"1 s\", \"load\"", "{ \"at\": \"5 s\", \"load\"", "comes before the end of the previous step, at 10 s at the earliest" },
    { "\"timeout\": \"2 h\"", "\"timeout\": \"400 d\"", "out of range" },
    { "\"timeout\": \"2 h\"", "\"timeout\": \"366 d\"", "more than 366 days" },
    { "\"until\": \"charge.allowed is false\"", "\"until\": \"charge.alowed is false\"", "charge.allowed" },
    { "\"until\": \"charge.allowed is false\"", "\"until\": \"1 V above 2 V\"", "no signal" },
    { "\"label\": \"release\"", "\"label\": \"trip\"", "has this label already" },
    { "\"label\": \"release\"", "\"label\": \"2nd\"", "begins with a letter" },
    { "\"steps\": [", "\"end\": \"5 s\", \"steps\": [", "the last step ends at 21 s" },
    { "\"requirement\": \"T-OV\"", "\"requirement\": \"T-OVV\"", "did you mean \"T-OV\"" },
    { "\"requirement\": \"T-ACT\"", "\"requirement\": \"T-BOX\"", "no electrical behaviour" },
    { TRIP_ON, "\"on\": \"cell.voltage.max\"", "needs a verb" },
    { TRIP_ON, TRIP_ON ", \"never\": \"fet.charge\"", "\"trip\" is the verb already" },
    { TRIP_ON, TRIP_ON ", \"within\": \"1 s\"", "\"within\" does not go with \"trip\"" },
    { TRIP_ON, TRIP_ON ", \"delay\": \"1 s\"", NULL },
    { TRIP_ON, TRIP_ON ", \"delay\": \"2 s\"", "2 s here, but T-OV says 1 s" },
    { TRIP_ON, TRIP_ON ", \"tolerance\": \"20 mV\"", NULL },
    { TRIP_ON, TRIP_ON ", \"tolerance\": \"30 mV\"", "T-OV says" },
    { "\"rising\": \"req\"", "\"rising\": \"3.70 V\"", NULL },
    { "\"rising\": \"req\"", "\"rising\": \"3.65 V\"", "3.65 V here, but T-OV says 3.7 V" },
    { "\"rising\": \"req\"", "\"rising\": \"3650 V\"", "not plausible" },
    { "\"rising\": \"req\"", "\"rising\": \"130 A\"", "expected a voltage" },
    { "\"rising\": \"req\"", "\"rising\": \"req\", \"falling\": \"req\"", "from which side" },
    { "\"rising\": \"req\"", "\"falling\": \"req\"", "would be beyond that" },
    { "\"on\": \"cell.voltage.max\"", "\"on\": \"pack.current\"", "T-OV is about a voltage" },
    { "\"on\": \"cell.voltage.max\"", "\"on\": \"cell.voltag.max\"", "cell.voltage.max" },
    { "\"on\": \"cell.voltage.max\",", "", "needs \"on\"" },
    { "\"requirement\": \"T-OV\", " TRIP_ON, TRIP_ON, "no row is cited" },
    { "\"requirement\": \"T-OV\", " TRIP_ON, "\"requirement\": \"T-FLASH\", \"which\": \"level\", \"delay\": \"1 s\", " TRIP_ON, NULL },
    { "\"requirement\": \"T-OV\", " TRIP_ON, "\"requirement\": \"T-FLASH\", \"which\": \"on\", " TRIP_ON, "about a time" },
    { "\"requirement\": \"T-OV\", " TRIP_ON, "\"requirement\": \"T-FLASH\", \"which\": \"off\", " TRIP_ON, "it has on, level, pause" },
    { "\"requirement\": \"T-OV\", " TRIP_ON, "\"requirement\": \"T-OV\", \"which\": \"on\", " TRIP_ON, "T-OV has no value \"on\"" },
    { "\"requirement\": \"T-OV\", " TRIP_ON, "\"which\": \"on\", " TRIP_ON, "no row is cited whose value" },
    { LAST, LAST ", { \"requirement\": \"T-FLASH\", \"which\": \"on\", \"when\": \"fet.charge becomes true\", \"then\": \"charge.allowed is true\", \"not before\": \"req\", \"within\": \"req\" }", NULL },
    { "\"requirement\": \"T-OV\", " TRIP_ON, "\"requirement\": \"T-ACT\", " TRIP_ON, "T-ACT has no limit" },
    { "\"requirement\": \"T-OV\", " TRIP_ON,
      "\"requirement\": \"T-ACT\", \"trip\": \"charge.allowed becomes false\", \"on\": \"cell.voltage.max\", \"rising\": \"3.7 V\"",
      "T-ACT gives no delay" },
    { "\"trip\": \"charge.allowed becomes false\"", "\"trip\": \"charge.allowed is false\"", "becomes" },
    { "\"within\": \"5 s\", ", "", "can hardly fail" },
    { "\"after\": \"release\", ", "", "needs a trigger" },
    { "\"after\": \"release\"", "\"after\": \"releas\"", "did you mean \"release\"" },
    { "\"after\": \"release\"", "\"after\": \"release\", \"when\": \"fet.charge becomes true\"", "not both" },
    { "\"within\": \"5 s\"", "\"within\": \"5 s\", \"not before\": \"6 s\"", "ends before" },
    { "\"within\": \"5 s\"", "\"within\": \"5 s\", \"hold\": \"6 s\"", "an event does not hold" },
    { "\"always\": \"discharge.allowed is true\"", "\"always\": \"3 V above 2 V\"", "no signal" },
    { "harm.overvoltage above req", "harm.overvoltage above 9.5 V.s", "9.5 V.s here, but T-HARM says 10 V.s" },
    { "harm.overvoltage above req", "harm.overvoltage above 10 V.s", NULL },
    { "harm.overvoltage above req", "9.5 V.s below harm.overvoltage", "9.5 V.s here, but T-HARM says 10 V.s" },
    { "harm.overvoltage above req", "harm.overvoltage above req - 0.5 V.s", NULL }, /* on purpose: near, but made of req */
    { "harm.overvoltage above req", "harm.overvoltage above 1.05 * req", NULL },
    { "harm.overvoltage above req", "req + 0.5 V.s below harm.overvoltage", NULL },
    { "harm.overvoltage above req", "harm.overvoltage - req above 0.1 V.s", NULL },
    { "harm.overvoltage above req", "harm.overvoltage above min(req, 9.5 V.s)", NULL },
    { "harm.overvoltage above req", "harm.overvoltage above -(0.5 V.s - req)", NULL },
    { "harm.overvoltage above req", "harm.overvoltage above 10 V.s - 0.5 V.s", "9.5 V.s here, but T-HARM says 10 V.s" },
    { "harm.overvoltage above req", "harm.overvoltage above req + 3 V", "voltage" },
    { "harm.overvoltage above req", "harm.overvoltage above 3 V", "voltage" },
    { LAST, LAST ", { \"always\": \"charge.allowed\", \"from\": \"release\", \"until\": \"trip\" }", "it is empty" },
    { LAST, LAST ", { \"always\": \"charge.allowed\", \"from\": \"3 s\", \"until\": \"2 s\" }", "it is empty" },
    { LAST, LAST ", { \"stays\": \"charge.allowed\", \"after\": \"release\", \"for\": \"30 s\" }", "can never be decided" },
    { LAST, LAST ", { \"stays\": \"charge.allowed\", \"for\": \"3 s\", \"until\": \"trip\" }", "not both" },
    { LAST, LAST ", { \"report\": \"pack.soc\" }", "needs \"at\"" },
    { LAST, LAST ", { \"when\": \"fet.charge becomes true\", \"then\": \"charge.allowed\", \"within\": \"req\" }", "no row is cited" },
    { LAST, LAST ", { \"requirement\": \"T-ACT\", \"when\": \"fet.charge becomes true\", \"then\": \"charge.allowed\", \"within\": \"req\" }",
      "T-ACT has no delay" },
    { LAST,
      LAST ", { \"trip\": \"charge.allowed becomes false\", \"on\": \"pack.voltage\", \"rising\": \"59 V\", \"delay\": \"1 s\" }, "
           "{ \"release\": \"charge.allowed becomes true\", \"on\": \"pack.voltage\", \"falling\": \"60 V\", \"delay\": \"1 s\" }",
      "the release at 60 V lies beyond the trip at 59 V" },
    { LAST,
      LAST ", { \"requirement\": \"T-OC\", \"trip\": \"discharge.allowed becomes false\", \"on\": \"discharge.current\", \"rising\": \"req\", "
           "\"measure\": \"delay\" }",
      NULL },
    { "\"load\": { \"current\": \"20 A\" } }",
      "\"load\": { \"current\": { \"from\": \"100 A\", \"to\": \"140 A\", \"over\": \"100 s\" } } }", NULL },
};

/* clang-format on */

static void check_change(const char *text, const char *says)
{
    const struct scenario_world world = root_world(&root);
    const bool loaded = scenario_parse(&list, "changed", text, strlen(text), &world, &d);
    char *said = test_messages(&d);

    if (says == NULL) {
        ck_assert_msg(loaded && d.errors == 0, "it should be sound:\n%s", said);
    } else {
        ck_assert_msg(!loaded && d.errors > 0, "\"%s\" should be refused", says);
        ck_assert_msg(strstr(said, says) != NULL, "\"%s\" is not in:\n%s", says, said);
        ck_assert_uint_eq(list.count, 0);
    }
    free(said);
}

START_TEST(a_change_is_refused_with_its_reason)
{
    char *text = test_read_file(OV), *changed = test_replace(text, changes[_i].from, changes[_i].to);

    check_change(changed, changes[_i].says);
    free(changed);
    free(text);
}
END_TEST

START_TEST(a_delay_is_not_measured_on_a_ramp)
{
    char *text = test_read_file(OV);
    char *ramped =
        test_replace(text, "\"load\": { \"current\": \"20 A\" } }",
                     "\"load\": { \"current\": { \"from\": \"100 A\", \"to\": \"140 A\", \"over\": \"100 s\" } } }");
    char *judged = test_replace(ramped, LAST,
                                LAST ", { \"requirement\": \"T-OC\", \"trip\": \"discharge.allowed becomes false\", "
                                     "\"on\": \"discharge.current\", \"rising\": \"req\", \"measure\": \"delay\" }");

    char *stepped = test_replace(judged, "{ \"after\": \"10 s\" }",
                                 "{ \"after\": \"10 s\", \"load\": { \"current\": \"150 A\" } }");

    check_change(judged, "cannot be measured on a ramp (line 11)");
    diag_free(&d);
    diag_init(&d);
    check_change(stepped, NULL); /* there is a step to measure it on */
    free(stepped);
    free(judged);
    free(ramped);
    free(text);
}
END_TEST

static const struct {
    const char *from, *to, *says;
} sweeps[] = {
    { "[\"131 A\", \"140 A\"]", "[\"131 A\", \"140 V\"]", "sweep.current[1]" },
    { "[\"131 A\", \"140 A\"]", "[]", "at least 1 element" },
    { "\"cell\": [1, 16],", "\"cell\": [1, 16], \"x\": [1],", "\"x\" is used nowhere" },
    { "Overcurrent at ${current}", "Overcurrent at ${curent}", "did you mean ${current}?" },
    { "Overcurrent at ${current}", "Overcurrent at ${current", "without }" },
    { "Overcurrent at ${current}", "With ${load}", "an object can only stand alone" },
    { "\"sweep\": {", "\"cases\": [{}], \"sweep\": {", "not both" },
    { "\"cell\": [1", "\"ce.ll\": [1", "begins with a letter" },
    { "[1, 16]", "[1, 17]", "case 2 of 4: current=131 A, cell=17" },
};

START_TEST(a_bad_sweep_is_refused_with_its_reason)
{
    char *text = test_read_file(TEST_SCENARIOS "sweep.json");
    char *changed = test_replace(text, sweeps[_i].from, sweeps[_i].to);

    check_change(changed, sweeps[_i].says);
    free(changed);
    free(text);
}
END_TEST

START_TEST(with_two_packs_the_pack_must_be_named)
{
    char *text = test_read_file(OV), *changed = test_replace(text, "\"steps\"", "\"packs\": [{}, {}], \"steps\"");

    check_change(changed, "which pack?");
    free(changed);
    free(text);
}
END_TEST

START_TEST(a_step_on_one_of_two_packs_must_say_which)
{
    char *text = test_read_file(TEST_SCENARIOS "acts.json"), *changed = test_replace(text, "\"pack\": 2, ", "");

    check_change(changed, "there are 2 packs: say which one");
    free(changed);
    free(text);
}
END_TEST

START_TEST(many_errors_are_reported_in_one_pass)
{
    static const char text[] =
        "{ \"title\": 3, \"pack\": \"jk48v100pro\", \"bms\": \"nope\", \"stesp\": [], \"steps\": [ { \"at\": \"1 V\" "
        "}, "
        "{ \"until\": \"x\" }, { \"after\": \"1 s\", \"load\": { \"current\": 3 } } ], \"expect\": [ { } ] }";

    check_change(text, "expected a string, got a number");
    ck_assert_uint_ge(d.errors, 7);
}
END_TEST

START_TEST(no_more_than_20_messages_are_kept)
{
    char text[4096];
    size_t used = (size_t)snprintf(text, sizeof text, "{ \"title\": \"t\"");

    for (int i = 0; i < 40; i++) {
        used += (size_t)snprintf(text + used, sizeof text - used, ", \"x%d\": 1", i);
    }
    (void)snprintf(text + used, sizeof text - used, " }");
    check_change(text, "unknown key \"x0\"");
    ck_assert_uint_eq(d.count, DIAG_MAX);
    ck_assert_uint_gt(d.dropped, 0);
}
END_TEST

static const char *const garbage[] = { "",  " ", "{", "[]", "3", "null", "\"x\"", "{ \"title\": \"x\"", "\x01\x02\xff",
                                       "{}" };

START_TEST(what_is_no_scenario_is_refused)
{
    check_change(garbage[_i], "error");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("scenario_errors");
    TCase *t = tcase_create("errors");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, a_change_is_refused_with_its_reason, 0, (int)(sizeof changes / sizeof changes[0]));
    tcase_add_test(t, a_delay_is_not_measured_on_a_ramp);
    tcase_add_loop_test(t, a_bad_sweep_is_refused_with_its_reason, 0, (int)(sizeof sweeps / sizeof sweeps[0]));
    tcase_add_test(t, with_two_packs_the_pack_must_be_named);
    tcase_add_test(t, a_step_on_one_of_two_packs_must_say_which);
    tcase_add_test(t, many_errors_are_reported_in_one_pass);
    tcase_add_test(t, no_more_than_20_messages_are_kept);
    tcase_add_loop_test(t, what_is_no_scenario_is_refused, 0, (int)(sizeof garbage / sizeof garbage[0]));
    suite_add_tcase(s, t);
    return check_run(s);
}
