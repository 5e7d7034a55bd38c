#include "sim/expr.h"

#include "tests/support/check_run.h"
#include "tests/support/stub_signals.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct quantity req = { .value = 3.7, .dim = DIM_VOLTAGE };
static const struct expr_context one = { .limits = { 1, STUB_CELLS, STUB_TEMPS }, .nominal_Ah = 100, .req = &req };
static const struct expr_context two = { .limits = { 2, STUB_CELLS, STUB_TEMPS }, .nominal_Ah = 100, .req = &req };
static const struct expr_context bare = { .limits = { 1, STUB_CELLS, STUB_TEMPS } };

/* clang-format off */
static const struct {
    const char *text;
    enum expr_want want;
    size_t at;
    const char *says;
} bad[] = {
    { "", EXPR_WANT_CONDITION, 0, "empty" },
    { "bms.display.line[1]", EXPR_WANT_CONDITION, 0, "is a text: compare it" },
    { "bms.display.line[1]", EXPR_WANT_VALUE, 0, "is text, not a value" },
    { "bms.display.line[1] above 3 V", EXPR_WANT_CONDITION, 20, "is text: compare it with \"contains\"" },
    { "bms.display.line[1] contains 3 V", EXPR_WANT_CONDITION, 29, "expected a text in quotes" },
    { "bms.display.line[1] is Idle", EXPR_WANT_CONDITION, 23, "expected a text in quotes" },
    { "bms.display.line[1] contains 'Im", EXPR_WANT_CONDITION, 29, "no closing '" },
    { "bms.display.line[1] is ''", EXPR_WANT_CONDITION, 23, "an empty text" },
    { "bms.display.line[1] is '123456789012345678901'", EXPR_WANT_CONDITION, 23, "20 characters, this text 21" },
    { "bms.display.line[5] is 'a'", EXPR_WANT_CONDITION, 0, "the pack has 4 display lines" },
    { "bms.display.line is 'a'", EXPR_WANT_CONDITION, 0, "needs an index" },
    { "cell.voltage.max contains '3'", EXPR_WANT_CONDITION, 17, "only text contains a text" },
    { "bms.display.line[1] + 1 V above 2 V", EXPR_WANT_CONDITION, 22, "is a text" },
    { "cell.voltage.max above 'a'", EXPR_WANT_CONDITION, 23, "expected a signal or a quantity" },
    { "abs(bms.display.line[1]) above 2 V", EXPR_WANT_CONDITION, 23, "is text: compare it" },
    { "bms.display.line[1] rises above 3 V", EXPR_WANT_EVENT, 20, "is text" },
    { "cell.voltage.max / 0 above 3 V", EXPR_WANT_CONDITION, 19, "division by zero" },
    { "cell.voltage.max / (1 - 1) above 3 V", EXPR_WANT_CONDITION, 19, "division by zero" },
    { "   ", EXPR_WANT_CONDITION, 3, "empty" },
    { "cell.voltge.max above 3 V", EXPR_WANT_CONDITION, 0, "did you mean \"cell.voltage.max\"" },
    { "cell.voltage.max above 3.7 A", EXPR_WANT_CONDITION, 23, "cell.voltage.max is a voltage, 3.7 A a current" },
    { "cell.voltage.max above 3.7", EXPR_WANT_CONDITION, 23, "write 3.7 V" },
    { "cell.voltage.max above 3650 V", EXPR_WANT_CONDITION, 23,
      "3650 V is not plausible for cell.voltage.max (-1 V to 6 V): mV meant?" },
    { "3650 V below cell.voltage.max", EXPR_WANT_CONDITION, 0, "3650 V is not plausible" },
    { "max(cell[*].voltage) above 37 V", EXPR_WANT_CONDITION, 27, "not plausible" },
    { "cell.voltage.max rises above 3650 V", EXPR_WANT_EVENT, 29, "mV meant" },
    { "bms.soc above 200 %", EXPR_WANT_CONDITION, 14, "not plausible" },
    { "ntc[1].temperature above 3 K", EXPR_WANT_CONDITION, 25, "temperatures are in degC" },
    { "ntc[1].temperature + ntc[2].temperature above 3 K", EXPR_WANT_CONDITION, 21, "temperature" },
    { "2 * ntc[1].temperature above 3 degC", EXPR_WANT_CONDITION, 4, "temperature" },
    { "ntc[1].temperature / 2 above 3 degC", EXPR_WANT_CONDITION, 21, "temperature" },
    { "-ntc[1].temperature above 3 degC", EXPR_WANT_CONDITION, 0, "no negative" },
    { "abs(ntc[1].temperature) above 3 degC", EXPR_WANT_CONDITION, 4, "abs() takes a value" },
    { "cell.voltage.max", EXPR_WANT_CONDITION, 0, "is a voltage: compare it" },
    { "cell.voltage.max and charge.allowed", EXPR_WANT_CONDITION, 0, "\"and\" needs a condition" },
    { "charge.allowed or 3 V", EXPR_WANT_CONDITION, 18, "\"or\" needs a condition" },
    { "not cell.voltage.max", EXPR_WANT_CONDITION, 4, "\"not\" needs a condition" },
    { "charge.allowed above 3", EXPR_WANT_CONDITION, 21, "charge.allowed is a condition" },
    { "charge.allowed above true", EXPR_WANT_CONDITION, 0, "compare it with \"is\"" },
    { "charge.allowed + 1 above 3", EXPR_WANT_CONDITION, 17, "is a condition" },
    { "cell.voltage.max is 3.7 V", EXPR_WANT_CONDITION, 0, "never exactly equal" },
    { "cell.voltage.max is above 3.7 V", EXPR_WANT_CONDITION, 16, "leave \"is\" out" },
    { "cell.voltage.max at 3.7 V", EXPR_WANT_CONDITION, 17, "at least" },
    { "cell.voltage.max abvoe 3.7 V", EXPR_WANT_CONDITION, 17, "did you mean \"above\"" },
    { "cell.voltage.max = 3.7 V", EXPR_WANT_CONDITION, 17, "write \"is\"" },
    { "charge.allowed && charge.allowed", EXPR_WANT_CONDITION, 15, "write \"and\"" },
    { "!charge.allowed", EXPR_WANT_CONDITION, 0, "write \"not\"" },
    { "3 V below cell.voltage.max below 4 V", EXPR_WANT_CONDITION, 27, "one comparison at a time" },
    { "bms.mode is charg", EXPR_WANT_CONDITION, 12, "did you mean \"charge\"" },
    { "bms.mode is 1", EXPR_WANT_CONDITION, 12, "one of its words" },
    { "bms.mode above charge", EXPR_WANT_CONDITION, 0, "compare it with \"is\"" },
    { "bms.mode rises above charge", EXPR_WANT_EVENT, 0, "becomes" },
    { "cell.voltage.max above 3.7 mv", EXPR_WANT_CONDITION, 27, "\"mV\"" },
    { "cell.voltage.max above 3,7 V", EXPR_WANT_CONDITION, 24, "decimal point" },
    { "cell.voltage.max above .7 V", EXPR_WANT_CONDITION, 23, "before the decimal" },
    { "cell.voltage.max above", EXPR_WANT_CONDITION, 22, "ends where a value" },
    { "cell.voltage.max above 3.7 V and", EXPR_WANT_CONDITION, 32, "ends where a value" },
    { "(charge.allowed", EXPR_WANT_CONDITION, 15, "expected \")\"" },
    { "charge.allowed)", EXPR_WANT_CONDITION, 14, "unexpected \")\"" },
    { "above 3 V", EXPR_WANT_CONDITION, 0, "got \"above\"" },
    { "cell.voltage.max above 1 V / 0", EXPR_WANT_CONDITION, 23, "not a finite number" },
    { "charge.allowed @", EXPR_WANT_CONDITION, 15, "means nothing" },
    { "charge.allowed \xE2\x88\x92", EXPR_WANT_CONDITION, 15, "minus" },
    { "true", EXPR_WANT_CONDITION, 0, "never changes" },
    { "3 V above 2 V", EXPR_WANT_CONDITION, 0, "never changes" },
    { "charge.allowed becomes false", EXPR_WANT_CONDITION, 0, "got an event" },
    { "charge.allowed becomes false", EXPR_WANT_VALUE, 0, "expected a value, got an event" },
    { "charge.allowed is false", EXPR_WANT_EVENT, 0, "got a condition" },
    { "cell.voltage.max", EXPR_WANT_EVENT, 0, "got a value" },
    { "charge.allowed becomes maybe", EXPR_WANT_EVENT, 23, "true or false" },
    { "cell.voltage.max becomes true", EXPR_WANT_EVENT, 0, "needs a condition" },
    { "bms.mode becomes true", EXPR_WANT_EVENT, 17, "one of its words" },
    { "charge.allowed becomes false and charge.allowed", EXPR_WANT_EVENT, 29, "event ends here" },
    { "charge.allowed rises above 3 V", EXPR_WANT_EVENT, 0, "does not rise or fall" },
    { "cell.voltage.max rises to 3 V", EXPR_WANT_EVENT, 23, "expected \"above\"" },
    { "cell.voltage.max falls above 3 V", EXPR_WANT_EVENT, 23, "expected \"below\"" },
    { "cell.voltage.max - 1 V changes", EXPR_WANT_EVENT, 0, "signal alone" },
    { "cell[*].voltage above 3 V", EXPR_WANT_CONDITION, 0, "only inside any()" },
    { "any(cell.voltage.max above 3 V)", EXPR_WANT_CONDITION, 4, "name a signal with [*]" },
    { "min(cell.voltage.max) above 3 V", EXPR_WANT_CONDITION, 4, "or give two values" },
    { "any(cell[*].voltage)", EXPR_WANT_CONDITION, 4, "any() takes a condition" },
    { "max(cell[*].voltage above 3 V)", EXPR_WANT_CONDITION, 4, "max() takes a value" },
    { "max(cell[*].voltage, 3 V) above 2 V", EXPR_WANT_CONDITION, 19, "not both" },
    { "any(max(cell[*].voltage) above 3 V)", EXPR_WANT_CONDITION, 4, "cannot stand inside" },
    { "any(cell[*].voltage above 3 V and ntc[*].temperature above 3 degC)", EXPR_WANT_CONDITION, 34, "at once" },
    { "abs(pack.current, 3 A) above 2 A", EXPR_WANT_CONDITION, 16, "expected \")\"" },
    { "max cell[*].voltage above 3 V", EXPR_WANT_CONDITION, 4, "expected \"(\"" },
    { "max(cell[1].voltage, pack.current) above 3 V", EXPR_WANT_CONDITION, 21, "a current" },
    /* names */
    { "cell[0].voltage above 3 V", EXPR_WANT_CONDITION, 0, "begin at 1" },
    { "cell[5].voltage above 3 V", EXPR_WANT_CONDITION, 0, "has 4 cells" },
    { "ntc[4].temperature above 3 degC", EXPR_WANT_CONDITION, 0, "has 3 temperature sensors" },
    { "cell[x].voltage above 3 V", EXPR_WANT_CONDITION, 0, "expected an index" },
    { "cell[].voltage above 3 V", EXPR_WANT_CONDITION, 0, "expected an index" },
    { "cell[1.voltage above 3 V", EXPR_WANT_CONDITION, 0, "expected \"]\"" },
    { "cell[99999].voltage above 3 V", EXPR_WANT_CONDITION, 0, "expected an index" },
    { "cell[1].volt[1]age above 3 V", EXPR_WANT_CONDITION, 0, "one index too many" },
    { "cell.voltage above 3 V", EXPR_WANT_CONDITION, 0, "cell[1].voltage" },
    { "pack[2].cell.voltage.max above 3 V", EXPR_WANT_CONDITION, 0, "there is 1 pack" },
    { "pack[1].bus.voltage above 3 V", EXPR_WANT_CONDITION, 0, "belongs to no pack" },
    { "pack[1] above 3 V", EXPR_WANT_CONDITION, 0, "the signal's name" },
    { "bms.protection.cell_vo", EXPR_WANT_CONDITION, 0, "did you mean \"cell_ov\"" },
    { "bms.protection.", EXPR_WANT_CONDITION, 0, "no fault is named" },
    { "xyzzy", EXPR_WANT_CONDITION, 0, "unknown signal \"xyzzy\"" },
};
/* clang-format on */

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

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

START_TEST(a_wrong_expression_is_refused_at_its_place_with_a_reason)
{
    struct expr e = { .count = 12345 };
    char error[300] = "";
    size_t at = 999;

    ck_assert_msg(!expr_parse(bad[_i].text, strlen(bad[_i].text), bad[_i].want, &one, &e, error, sizeof error, &at),
                  "%s", bad[_i].text);
    ck_assert_msg(strstr(error, bad[_i].says) != NULL, "%s: %s", bad[_i].text, error);
    ck_assert_msg(at == bad[_i].at, "%s: at %zu: %s", bad[_i].text, at, error);
    ck_assert_uint_eq(e.count, 12345);
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

START_TEST(what_the_context_lacks_cannot_be_named)
{
    refuses("cell.voltage.max above req", &bare, "no requirement");
    refuses("pack.current above 0.5 C", &bare, "no pack gives the capacity");
    refuses("cell.voltage.max above 3 V", &two, "which pack? write pack[1].cell.voltage.max");
    refuses("pack[3].cell.voltage.max above 3 V", &two, "there are 2 packs");
}
END_TEST

START_TEST(depth_and_length_are_limited)
{
    char text[2000] = "";
    struct expr e;

    for (int depth = 1; depth <= EXPR_DEPTH_MAX + 1; depth++) {
        memset(text, '(', (size_t)depth);
        memcpy(text + depth, "charge.allowed", 14);
        memset(text + depth + 14, ')', (size_t)depth);
        text[2 * depth + 14] = '\0';
        if (depth <= EXPR_DEPTH_MAX) {
            (void)parse(text, EXPR_WANT_CONDITION, &one, &e);
        } else {
            refuses(text, &one, "nested deeper");
        }
    }
    (void)snprintf(text, sizeof text, "0");
    for (int i = 0; i < EXPR_DEPTH_MAX + 8; i++) { /* side by side is not deep */
        (void)snprintf(text + strlen(text), sizeof text - strlen(text), " + (min(1, 2))");
    }
    ck_assert(value_of(text, &one, NULL) == EXPR_DEPTH_MAX + 8);
    (void)snprintf(text, sizeof text, "charge.allowed");
    for (int terms = 2; terms <= 40; terms++) {
        char error[300];
        size_t at = 0;

        (void)snprintf(text + strlen(text), sizeof text - strlen(text), " or charge.allowed");
        const bool sound = expr_parse(text, strlen(text), EXPR_WANT_CONDITION, &one, &e, error, sizeof error, &at);

        ck_assert_int_eq(sound, 2 * terms - 1 <= EXPR_OPS_MAX - 2);
        ck_assert(sound || strstr(error, "too long") != NULL);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("expr_errors");
    TCase *t = tcase_create("expr_errors");

    tcase_add_loop_test(t, a_wrong_expression_is_refused_at_its_place_with_a_reason, 0, COUNT(bad));
    tcase_add_test(t, what_the_context_lacks_cannot_be_named);
    tcase_add_test(t, depth_and_length_are_limited);
    suite_add_tcase(suite, t);
    return check_run(suite);
}
