#include "sim/expr.h"

#include "tests/support/check_run.h"
#include "tests/support/stub_signals.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct quantity req = { .value = 3.7, .dim = DIM_VOLTAGE };
static const struct expr_context one = { .limits = { 1, STUB_CELLS, STUB_TEMPS }, .nominal_Ah = 100, .req = &req };
static const struct expr_context two = { .limits = { 2, STUB_CELLS, STUB_TEMPS }, .nominal_Ah = 100, .req = &req };

/* Pack 1: 3.5 V .. 3.2 V, 25, 30, -10 degC, -40 A, 80 %; pack 2: cell 3 is the highest of all; protection cell_uv in
 * pack 2. */
static struct rig example(void)
{
    return (struct rig){
        .pack = { { .cell_V = { 3.5, 3.4, 3.3, 3.2 },
                    .temp_degC = { 25, 30, -10 },
                    .current_A = -40,
                    .soc = 0.8,
                    .mode = 2,
                    .allowed = 1,
                    .cycles = 7,
                    .line = { ">>PackV: 52.44 V    ", "--Im: 0.00 A        ", "                    ", "" } },
                  { .cell_V = { 3.1, 3.1, 3.65, 3.1 },
                    .temp_degC = { 20, 20, 20 },
                    .current_A = 10,
                    .mode = 1,
                    .allowed = 0,
                    .protections = 1U << 2 } },
        .bus_V = 52,
        .bus_V_per_s = -1,
    };
}

static bool parse(const char *text, enum expr_want want, const struct expr_context *context, struct expr *e)
{
    char error[300] = "";
    size_t at = 0;
    const bool sound = expr_parse(text, strlen(text), want, context, e, error, sizeof error, &at);

    ck_assert_msg(sound, "%s: at %zu: %s", text, at, error);
    return sound;
}

static double value_of(const char *text, const struct expr_context *context, const struct rig *rig)
{
    struct expr e;

    (void)parse(text, EXPR_WANT_VALUE, context, &e);
    return expr_eval(&e, rig, 0);
}

/* clang-format off */
static const struct {
    const char *text;
    bool result;
} condition[] = {
    { "cell.voltage.max above 3.49 V", true },            { "cell.voltage.max above 3.50 V", false },
    { "cell.voltage.max > 3490 mV", true },               { "cell.voltage.max below 3.51 V", true },
    { "cell.voltage.max below 3.50 V", false },           { "cell.voltage.max < 3.51 V", true },
    { "cell.voltage.max at least 3.5 V", true },          { "cell.voltage.max >= 3.51 V", false },
    { "cell.voltage.max at most 3.5 V", true },           { "cell.voltage.max <= 3.49 V", false },
    { "cell[4].voltage below 3.21 V", true },             { "pack[1].cell[1].voltage at least 3.5 V", true },
    { "ntc[3].temperature below -5 degC", true },         { "ntc[3].temperature below - 15 degC", false },
    { "bms.mode is discharge", true },                    { "bms.mode is not discharge", false },
    { "bms.mode is charge", false },                      { "bms.cycles is 7", true },
    { "bms.cycles is not 7", false },                     { "charge.allowed", true },
    { "charge.allowed is true", true },                   { "charge.allowed is false", false },
    { "charge.allowed is not false", true },              { "not charge.allowed", false },
    { "not not charge.allowed", true },                   { "not charge.allowed is false", true },
    { "bms.protection.cell_uv", false },                  { "cell.voltage.max below req", true },
    { "cell.voltage.max above req - 0.25 V", true },      { "cell.voltage.max above req - 0.15 V", false },
    { "cell.voltage.max + 0.25 V above req", true },      { "bms.soc at least 80 %", true },
    { "pack.current below -0.3 C", true },                { "pack.current below -0.5 C", false },
    { "-pack.current above 39 A", true },                 { "abs(pack.current) above 39 A", true },
    { "abs(pack.current + 50 A) at most 10 A", true },    { "+pack.current below 0 A", true },
    { "false is charge.allowed", false },
    { "bms.display.line[1] contains '52.44'", true },     { "bms.display.line[1] contains '52.45'", false },
    { "bms.display.line[1] is '>>PackV: 52.44 V'", true }, { "bms.display.line[1] is '>>PackV: 52.44 V  '", true },
    { "bms.display.line[1] is 'PackV: 52.44 V'", false }, { "bms.display.line[1] is '>>PackV: 52.44'", false },
    { "bms.display.line[1] is not '>>PackV: 52.44'", true }, { "bms.display.line[3] is ' '", true },
    { "bms.display.line[4] is ' '", true },               { "bms.display.line[4] contains 'A'", false },
    { "bms.display.line[2] contains \"Im: 0.00 A        \"", true },
    { "bms.display.line[2] contains '-' and not bms.display.line[1] contains '--'", true },
    { "any(bms.display.line[*] contains 'Im')", true },   { "all(bms.display.line[*] contains 'Im')", false },
    { "(bms.display.line[1] contains 'V') is true", true },
    { "charge.allowed and bms.cycles above 6", true },    { "charge.allowed and bms.cycles above 7", false },
    { "bms.cycles above 7 or charge.allowed", true },
    /* and binds tighter than or, not tighter than and, comparison tighter than not */
    { "bms.cycles is 7 or charge.allowed and bms.cycles is 8", true },
    { "(bms.cycles is 7 or charge.allowed) and bms.cycles is 8", false },
    { "not bms.cycles is 8 and charge.allowed", true },   { "not (bms.cycles is 7 and charge.allowed)", false },
    { "(bms.cycles is 7) is (charge.allowed)", true },    { "((charge.allowed))", true },
    { "any(cell[*].voltage above 3.45 V)", true },        { "any(cell[*].voltage above 3.5 V)", false },
    { "all(cell[*].voltage above 3.15 V)", true },        { "all(cell[*].voltage above 3.2 V)", false },
    { "any(ntc[*].temperature below 0 degC)", true },     { "all(ntc[*].temperature below 0 degC)", false },
    { "min(cell[*].voltage) below 3.3 V", true },         { "max(cell[*].voltage) below 3.3 V", false },
    { "max(cell[*].voltage) - min(cell[*].voltage) above 299 mV", true },
    { "max(cell[*].voltage) - min(cell[*].voltage) above 301 mV", false },
    { "not any(cell[*].voltage above 4 V) and charge.allowed", true },
    { "max(cell[1].voltage, cell[2].voltage) at least 3.5 V", true },
    { "min(cell[1].voltage, 3.3 V) at most 3.3 V", true },
    { "max(abs(pack.current), 50 A) above 49 A", true },
    { "bus.voltage above 51.9 V", true },
    { "cell.voltage.max * pack.current below -139 W", true },
    { "cell.voltage.max * pack.current below -141 W", false },
    { "pack.current * 90 s below -0.99 Ah", true },       { "pack.current * 90 s below -1.01 Ah", false },
    { "cell.voltage.max / 35 A above 99 mOhm", true },    { "cell.voltage.max / 35 A above 101 mOhm", false },
    { "cell.voltage.max / 2 above 1.7 V", true },         { "2 * cell.voltage.max above 6.9 V", true },
    { "cell.voltage.max / req above 94 %", true },        { "cell.voltage.max / req above 95 %", false },
    { "50 % * cell.voltage.max above 1.7 V", true },      { "cell.voltage.max - 3 V / 2 above 1.9 V", true },
    { "(cell.voltage.max - 3 V) / 2 above 240 mV", true },
    { "ntc[2].temperature - ntc[1].temperature at least 5 K", true },
    { "ntc[1].temperature + 5 K at least 30 degC", true }, { "5 K + ntc[1].temperature at least 30 degC", true },
    { "ntc[1].temperature - 30 K at most -5 degC", true },
    { "5 V.s / 2 s above cell.voltage.max - 2 V", true },  { "bus.voltage above 104 V/2 - 1 V", true },
    { "max(ntc[1].temperature, ntc[2].temperature) above 29 degC", true },
};

static const struct {
    const char *text;
    bool result;
} packs[] = {
    { "pack[2].cell[3].voltage above 3.6 V", true },      { "any(pack[*].cell[*].voltage above 3.6 V)", true },
    { "any(pack[*].cell.voltage.max above 3.6 V)", false }, { "all(pack[*].charge.allowed)", false },
    { "any(pack[*].charge.allowed)", true },              { "any(pack[*].bms.protection.cell_uv)", true },
    { "any(pack[2].cell[*].voltage above 3.6 V)", true }, { "any(pack[1].cell[*].voltage above 3.6 V)", false },
    { "max(pack[*].pack.current) above 9 A", true },      { "min(pack[*].cell[*].voltage) below 3.11 V", true },
    { "any(pack[*].bms.mode is charge and pack[*].charge.allowed is false)", true },
    { "any(pack[*].bms.mode is charge and pack[*].charge.allowed)", false },
    { "all(pack[*].cell[*].voltage above pack[1].cell[4].voltage - 0.2 V)", true },
    { "bus.voltage above 51 V", true },
    { "max(pack[*].ntc[*].temperature) above 29 degC", true },
};

static const struct {
    const char *text;
    enum expr_event event;
    bool level; /* what the condition under it gives now */
} event[] = {
    { "charge.allowed becomes false",           EXPR_BECOMES_FALSE, true },
    { "charge.allowed becomes true",            EXPR_BECOMES_TRUE,  true },
    { "charge.allowed is false becomes true",   EXPR_BECOMES_TRUE,  false },
    { "cell.voltage.max rises above 3.4 V",     EXPR_BECOMES_TRUE,  true },
    { "cell.voltage.max rises above req",       EXPR_BECOMES_TRUE,  false },
    { "cell.voltage.max falls below 3.4 V",     EXPR_BECOMES_TRUE,  false },
    { "cell.voltage.max above 3.4 V becomes false", EXPR_BECOMES_FALSE, true },
    { "bms.mode becomes discharge",             EXPR_BECOMES_TRUE,  true },
    { "any(cell[*].voltage above 3 V) and charge.allowed becomes true", EXPR_BECOMES_TRUE, true },
    { "abs(pack.current) falls below 1 A",      EXPR_BECOMES_TRUE,  false },
    { "bms.mode changes",                       EXPR_CHANGES,       true },
    { "charge.allowed changes",                 EXPR_CHANGES,       true },
};
/* clang-format on */

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

START_TEST(a_condition_gives_what_it_says)
{
    const struct rig rig = example();
    struct expr e;

    (void)parse(condition[_i].text, EXPR_WANT_CONDITION, &one, &e);
    ck_assert_int_eq(e.dim, DIM_BOOL);
    ck_assert_int_eq(e.event, EXPR_LEVEL);
    ck_assert_msg(expr_eval(&e, &rig, 0) == (condition[_i].result ? 1 : 0), "%s", condition[_i].text);
}
END_TEST

START_TEST(packs_are_named_or_gone_over)
{
    const struct rig rig = example();
    struct expr e;

    (void)parse(packs[_i].text, EXPR_WANT_CONDITION, &two, &e);
    ck_assert_msg(expr_eval(&e, &rig, 0) == (packs[_i].result ? 1 : 0), "%s", packs[_i].text);
}
END_TEST

START_TEST(an_event_is_a_condition_and_its_edge)
{
    const struct rig rig = example();
    struct expr e;

    (void)parse(event[_i].text, EXPR_WANT_EVENT, &one, &e);
    ck_assert_int_eq(e.event, event[_i].event);
    if (e.event != EXPR_CHANGES) {
        ck_assert_int_eq(e.dim, DIM_BOOL);
        ck_assert(expr_eval(&e, &rig, 0) == (event[_i].level ? 1 : 0));
    }
    (void)parse(event[_i].text, EXPR_WANT_CONDITION_OR_EVENT, &one, &e);
}
END_TEST

static void refuses(const char *text, const struct expr_context *context, const char *says)
{
    struct expr e;
    char error[300] = "";
    size_t at = 0;

    ck_assert(!expr_parse(text, strlen(text), EXPR_WANT_CONDITION, context, &e, error, sizeof error, &at));
    ck_assert_msg(strstr(error, says) != NULL, "%s: %s", text, error);
}

START_TEST(req_is_checked_and_noted)
{
    const struct quantity rate = { .value = 0.5, .dim = DIM_C_RATE };
    struct expr_context context = one;
    struct rig rig = example();
    struct expr e;

    (void)parse("cell.voltage.max above req", EXPR_WANT_CONDITION, &one, &e);
    ck_assert(e.uses_req);
    (void)parse("cell.voltage.max above 3.7 V", EXPR_WANT_CONDITION, &one, &e);
    ck_assert(!e.uses_req);
    refuses("pack.current above req", &one, "req a voltage");
    context.req = &rate;
    (void)parse("pack.current above req", EXPR_WANT_CONDITION, &context, &e);
    rig.pack[0].current_A = 50.1;
    ck_assert(expr_eval(&e, &rig, 0) == 1);
    rig.pack[0].current_A = 49.9;
    ck_assert(expr_eval(&e, &rig, 0) == 0);
}
END_TEST

START_TEST(a_single_comparison_keeps_its_sides)
{
    const struct rig rig = example();
    struct expr e;

    (void)parse("max(cell[*].voltage) - 100 mV rises above req", EXPR_WANT_EVENT, &one, &e);
    ck_assert_uint_gt(e.split, 0);
    ck_assert(fabs(expr_eval_part(&e, 0, e.split, &rig, 0) - 3.4) < 1e-12);
    ck_assert(expr_eval_part(&e, e.split, (uint16_t)(e.count - 1), &rig, 0) == 3.7);
    ck_assert_int_eq(e.op[e.count - 1].kind, EXPR_ABOVE);
    (void)parse("(bus.voltage below 3 V)", EXPR_WANT_CONDITION, &one, &e);
    ck_assert_uint_eq(e.split, 1);
    (void)parse("charge.allowed", EXPR_WANT_CONDITION, &one, &e);
    ck_assert_uint_eq(e.split, 1);
    (void)parse("not bus.voltage below 3 V", EXPR_WANT_CONDITION, &one, &e);
    ck_assert_uint_eq(e.split, 0);
    (void)parse("charge.allowed and bus.voltage below 3 V", EXPR_WANT_CONDITION, &one, &e);
    ck_assert_uint_eq(e.split, 0);
    (void)parse("any(cell[*].voltage below 3 V)", EXPR_WANT_CONDITION, &one, &e);
    ck_assert_uint_eq(e.split, 0);
    (void)parse("bus.voltage", EXPR_WANT_VALUE, &one, &e);
    ck_assert_uint_eq(e.split, 0);
}
END_TEST

START_TEST(only_what_reads_a_continuous_signal_is_continuous)
{
    struct expr e;

    (void)parse("charge.allowed and bms.soc above 10 %", EXPR_WANT_CONDITION, &one, &e);
    ck_assert(!e.continuous);
    (void)parse("charge.allowed and not bus.voltage above 10 V", EXPR_WANT_CONDITION, &one, &e);
    ck_assert(e.continuous);
}
END_TEST

START_TEST(a_value_has_its_dimension_and_moves_within_the_segment)
{
    const struct rig rig = example();
    struct expr e;

    (void)parse("bus.voltage - 50 V", EXPR_WANT_VALUE, &one, &e);
    ck_assert_int_eq(e.dim, DIM_VOLTAGE);
    ck_assert(expr_eval(&e, &rig, 0) == 2);
    ck_assert(expr_eval(&e, &rig, 500000000) == 1.5);
    ck_assert(value_of("cell.voltage.max * pack.current * 1 h", &one, &rig) == 3.5 * -40 * 3600);
    ck_assert(value_of("1 Ah * 2 V", &one, &rig) == 7200);
    ck_assert(value_of("charge.allowed", &one, &rig) == 1);
    ck_assert(value_of("-(-(3 V))", &one, &rig) == 3);
    ck_assert(value_of("7 - 2 - 1", &one, &rig) == 4);
    ck_assert(value_of("8 / 2 / 2", &one, &rig) == 2);
    ck_assert(value_of("1 + 2 * 3 - 4 / 2", &one, &rig) == 5);
    ck_assert(value_of("min(bms.cycles, 3)", &one, &rig) == 3);
    ck_assert(value_of("max(bms.cycles, 3)", &one, &rig) == 7);
    ck_assert(value_of("min(3,7)", &one, &rig) == 3);
    ck_assert(value_of("90 %", &one, &rig) == 0.9);
    ck_assert(value_of("1 A/s * 5 s", &one, &rig) == 5);
    ck_assert(value_of("2 K/min * 1 h", &one, &rig) == 120);
}
END_TEST

START_TEST(constants_are_worked_out_when_parsed)
{
    struct expr e;

    (void)parse("bus.voltage above -(req + 2 * 1 V) / 2 + 3 A * 1 Ohm", EXPR_WANT_CONDITION, &one, &e);
    ck_assert_uint_eq(e.count, 3);
    ck_assert(fabs(e.op[1].value - (-5.7 / 2 + 3)) < 1e-12);
}
END_TEST

START_TEST(a_reading_that_is_no_number_makes_comparisons_false)
{
    static const char *const text[] = {
        "cell.voltage.max above 1 V",
        "cell.voltage.max below 1 V",
        "cell.voltage.max at least 1 V",
        "cell.voltage.max at most 1 V",
        "abs(cell.voltage.max) + 1 V > 1 V",
        "max(cell[*].voltage) above 1 V",
        "min(cell[*].voltage) above 1 V",
        "max(cell[1].voltage, 1 V) > 0 V",
        "min(1 V, cell[1].voltage) > 0 V",
        "bms.cycles is 7",
        "bms.cycles is not 7",
        "charge.allowed",
        "charge.allowed is false",
        "charge.allowed is true",
        "all(cell[*].voltage above 1 V)",
        "any(pack[*].charge.allowed)",
        "all(pack[*].charge.allowed)",
        "charge.allowed and charge.allowed",
    };
    struct rig rig = example();

    rig.pack[0].cell_V[0] = NAN;
    rig.pack[0].cycles = NAN;
    rig.pack[0].allowed = NAN;
    for (size_t i = 0; i < sizeof text / sizeof text[0]; i++) {
        struct expr e;

        (void)parse(text[i], EXPR_WANT_CONDITION, &one, &e);
        ck_assert_msg(expr_eval(&e, &rig, 0) == 0, "%s", text[i]);
    }
    rig.pack[0].cell_V[0] = 3.5;
    rig.pack[0].cell_V[2] = NAN; /* in the middle of a fold */
    for (size_t i = 5; i < 7; i++) {
        struct expr e;

        (void)parse(text[i], EXPR_WANT_CONDITION, &one, &e);
        ck_assert_msg(expr_eval(&e, &rig, 0) == 0, "%s", text[i]);
    }
}
END_TEST

START_TEST(the_text_is_read_no_further_than_its_size)
{
    struct expr e;
    char error[300];
    size_t at = 0;
    const char *text = "bus.voltage above 52.5 V and xyz";

    ck_assert(expr_parse(text, 24, EXPR_WANT_CONDITION, &one, &e, error, sizeof error, &at));
    ck_assert(expr_parse(text, 11, EXPR_WANT_VALUE, &one, &e, error, sizeof error, &at));
    ck_assert(!expr_parse("charge.allowed\0 ", 16, EXPR_WANT_CONDITION, &one, &e, error, sizeof error, &at));
    ck_assert_uint_eq(at, 14);
}
END_TEST

START_TEST(a_signal_name_gives_its_row_pack_and_index)
{
    const struct signal_limits limits = { 2, STUB_CELLS, STUB_TEMPS };
    char error[200] = "";
    struct signal_ref ref;

    ck_assert(signal_find("pack[2].cell[3].voltage+", 23, &limits, &ref, error, sizeof error));
    ck_assert(ref.id == 0 && ref.pack == 1 && ref.index == 2);
    ck_assert(signal_find("pack[*].cell[*].voltage", 23, &limits, &ref, error, sizeof error));
    ck_assert(ref.pack == SIGNAL_ALL && ref.index == SIGNAL_ALL);
    ck_assert(signal_find("bus.voltage", 11, &limits, &ref, error, sizeof error));
    ck_assert(ref.pack == 0 && ref.index == 0 && strcmp(signal_table[ref.id].name, "bus.voltage") == 0);
    ck_assert(signal_find("pack[1].bms.protection.pack_uv", 30, &limits, &ref, error, sizeof error));
    ck_assert_int_eq(ref.index, 3);
    ck_assert(!signal_find("", 0, &limits, &ref, error, sizeof error));
    char text[300];

    memset(text, 'a', sizeof text);
    ck_assert(!signal_find(text, sizeof text, &limits, &ref, error, sizeof error));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("expr");
    TCase *t = tcase_create("expr");

    tcase_add_loop_test(t, a_condition_gives_what_it_says, 0, COUNT(condition));
    tcase_add_loop_test(t, packs_are_named_or_gone_over, 0, COUNT(packs));
    tcase_add_loop_test(t, an_event_is_a_condition_and_its_edge, 0, COUNT(event));
    tcase_add_test(t, req_is_checked_and_noted);
    tcase_add_test(t, a_single_comparison_keeps_its_sides);
    tcase_add_test(t, only_what_reads_a_continuous_signal_is_continuous);
    tcase_add_test(t, a_value_has_its_dimension_and_moves_within_the_segment);
    tcase_add_test(t, constants_are_worked_out_when_parsed);
    tcase_add_test(t, a_reading_that_is_no_number_makes_comparisons_false);
    tcase_add_test(t, the_text_is_read_no_further_than_its_size);
    tcase_add_test(t, a_signal_name_gives_its_row_pack_and_index);
    suite_add_tcase(suite, t);
    return check_run(suite);
}
