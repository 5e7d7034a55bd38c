#include "tests/support/check_run.h"
#include "tests/support/core_bed.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct core_bed *bed;

static void setup(void)
{
    bed = calloc(1, sizeof *bed);
    ck_assert_ptr_nonnull(bed);
    bed_start(bed);
}

static void teardown(void)
{
    free(bed);
}

/* A line without the blanks at its end, in a buffer of its own. */
static const char *line(int number)
{
    static char text[BMS_LINES_MAX][BMS_LINE_SIZE + 1];
    char *out = text[number - 1];
    int size = BMS_LINE_SIZE;

    memcpy(out, &bed->command.display[(size_t)(number - 1) * BMS_LINE_SIZE], BMS_LINE_SIZE);
    while (size > 0 && out[size - 1] == ' ') {
        size--;
    }
    out[size] = '\0';
    return out;
}

static void expect(const char *a, const char *b, const char *c, const char *d)
{
    ck_assert_str_eq(line(1), a);
    ck_assert_str_eq(line(2), b);
    ck_assert_str_eq(line(3), c);
    ck_assert_str_eq(line(4), d);
}

static void press(uint32_t keys)
{
    bed->sample.keys = keys;
    bed_run(bed, 10 * BED_TICK_us);
    bed->sample.keys = 0;
    bed_run(bed, 10 * BED_TICK_us);
}

START_TEST(the_menu_is_a_tree)
{
    ck_assert_str_eq(line(4), "Welcome: press MENU");
    press(BMS_KEY_ENTER); /* leads nowhere */
    ck_assert_str_eq(line(4), "Welcome: press MENU");
    press(BMS_KEY_MENU);
    expect(">>Analog Info>>", "--BMS Status>>", "--Para Setting>>", "--Sys Setting>>");
    press(BMS_KEY_DOWN);
    press(BMS_KEY_ENTER);
    expect(">>Status: Idle", "--Record>>", "--BMS Status>>", "");
    press(BMS_KEY_ENTER); /* a value has no page */
    ck_assert_str_eq(line(1), ">>Status: Idle");
    press(BMS_KEY_DOWN);
    press(BMS_KEY_ENTER);
    expect(">>SCP: 0", "--O/UTP: 0", "--OCP: 0", "--UVP: 0");
    for (int i = 0; i < 4; i++) {
        press(BMS_KEY_DOWN);
    }
    expect(">>OVP: 0", "", "", "");
    press(BMS_KEY_DOWN);
    ck_assert_str_eq(line(1), ">>SCP: 0");
    press(BMS_KEY_ESC);
    ck_assert_str_eq(line(2), ">>Record>>");
    press(BMS_KEY_ESC);
    press(BMS_KEY_ESC);
    press(BMS_KEY_ESC); /* above the top there is nothing */
    ck_assert_str_eq(line(4), "Welcome: press MENU");
}
END_TEST

START_TEST(pages_of_settings_show_what_is_set)
{
    bed->sample.dip = 5;
    press(BMS_KEY_MENU);
    press(BMS_KEY_DOWN);
    press(BMS_KEY_DOWN);
    press(BMS_KEY_ENTER);
    expect(">>OVP: 3.700 V", "--UVP: 2.500 V", "--Chg OCP: 130.000 A", "--Dsg OCP: 130.000 A");
    press(BMS_KEY_ESC);
    press(BMS_KEY_DOWN);
    press(BMS_KEY_ENTER);
    expect(">>Address: 5", "--LED: Y", "--Buzzer: N", "--Sleep: 60 s");
}
END_TEST

static void open_analog(void)
{
    press(BMS_KEY_MENU);
    press(BMS_KEY_ENTER);
}

START_TEST(figures_are_cut_towards_zero)
{
    static const struct {
        int32_t mA;
        const char *text;
    } table[] = { { -9, "--Im: 0.00 A" },        { -10, "--Im: -0.01 A" },     { 9, "--Im: 0.00 A" },
                  { 19, "--Im: 0.01 A" },        { -12349, "--Im: -12.34 A" }, { 99999, "--Im: 99.99 A" },
                  { -120005, "--Im: -120.00 A" } };

    open_analog();
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        bed->sample.current_mA = table[i].mA;
        bed_run(bed, BED_SECOND_us + BED_TICK_us);
        ck_assert_str_eq(line(2), table[i].text);
    }
    bed->sample.stack_mV = 52809;
    bed_run(bed, BED_SECOND_us + BED_TICK_us);
    ck_assert_str_eq(line(1), ">>PackV: 52.80 V");
}
END_TEST

START_TEST(lists_scroll_a_screen_at_a_time)
{
    bed_cell(bed, 15, 3311);
    bed->sample.temp_ddegC[3] = -105;
    open_analog();
    press(BMS_KEY_DOWN);
    press(BMS_KEY_DOWN);
    press(BMS_KEY_ENTER);
    expect("--T1: 25.0 C", "--T2: 25.0 C", "--T3: 25.0 C", "--T4: -10.5 C");
    press(BMS_KEY_DOWN);
    expect("--T5: 25.0 C", "--T6: 25.0 C", "", "");
    press(BMS_KEY_DOWN);
    ck_assert_str_eq(line(1), "--T1: 25.0 C");
    press(BMS_KEY_ESC);
    press(BMS_KEY_DOWN);
    press(BMS_KEY_ENTER);
    for (int i = 0; i < 3; i++) {
        press(BMS_KEY_DOWN);
    }
    expect("--Cell13: 3300 mV", "--Cell14: 3300 mV", "--Cell15: 3300 mV", "--Cell16: 3311 mV");
}
END_TEST

START_TEST(what_is_not_known_shows_as_dashes_and_a_locked_pack_as_zeros)
{
    open_analog();
    bed->silent = true;
    bed_run(bed, 3 * BED_SECOND_us);
    ck_assert_str_eq(line(1), ">>PackV: ---- V");
    ck_assert_str_eq(line(2), "--Im: ---- A");
    bed->silent = false;
    bed_run(bed, 3 * BED_SECOND_us);
    ck_assert_str_eq(line(1), ">>PackV: 52.80 V");
    bed->sample.temp_ddegC[1] = BMS_TEMP_OPEN_ddegC;
    press(BMS_KEY_DOWN);
    press(BMS_KEY_DOWN);
    press(BMS_KEY_ENTER);
    bed_run(bed, 2 * BED_SECOND_us);
    ck_assert_str_eq(line(2), "--T2: ---- C");
    bed->sample.temp_ddegC[1] = 250;
    ck_assert_int_eq(bms_set_param(&bed->bms, BMS_PARAM_THEFT_LOCK, 1), BMS_PARAM_OK);
    bed_run(bed, 2 * BED_SECOND_us);
    expect("--T1: -40.0 C", "--T2: -40.0 C", "--T3: -40.0 C", "--T4: -40.0 C");
    ck_assert_uint_eq(bed->command.charge_fet | bed->command.discharge_fet, 0);
    press(BMS_KEY_ESC);
    ck_assert_str_eq(line(1), "--PackV: 0.00 V");
}
END_TEST

START_TEST(the_screen_sleeps_after_a_minute_to_the_tick)
{
    bed->sample.keys = BMS_KEY_MENU;
    bed_call(bed);
    const uint64_t pressed_us = bed->now_us;

    bed->sample.keys = 0;
    while (line(1)[0] != '\0') {
        bed_run(bed, BED_TICK_us);
        ck_assert_uint_lt(bed->now_us, pressed_us + 100 * BED_SECOND_us);
    }
    /* bed_run leaves the clock one tick after the call that showed it */
    ck_assert_uint_ge(bed->now_us - pressed_us, 60 * BED_SECOND_us);
    ck_assert_uint_le(bed->now_us - pressed_us, 60 * BED_SECOND_us + 2 * BED_TICK_us);
    press(BMS_KEY_MENU);
    ck_assert_str_eq(line(4), "Welcome: press MENU");
    press(BMS_KEY_MENU);
    ck_assert_str_eq(line(1), ">>Analog Info>>");
}
END_TEST

START_TEST(a_key_that_bounces_is_one_press_and_a_held_one_too)
{
    press(BMS_KEY_MENU);
    for (int i = 0; i < 4; i++) { /* on and off at each tick */
        bed->sample.keys = i % 2 == 0 ? BMS_KEY_DOWN : 0;
        bed_run(bed, BED_TICK_us);
    }
    bed->sample.keys = BMS_KEY_DOWN;
    bed_run(bed, BED_SECOND_us);
    ck_assert_str_eq(line(2), ">>BMS Status>>");
    for (int i = 0; i < 4; i++) {
        bed->sample.keys = i % 2 == 0 ? 0 : BMS_KEY_DOWN;
        bed_run(bed, BED_TICK_us);
    }
    bed->sample.keys = 0;
    bed_run(bed, BED_SECOND_us);
    ck_assert_str_eq(line(2), ">>BMS Status>>");
    press(BMS_KEY_DOWN);
    ck_assert_str_eq(line(3), ">>Para Setting>>");
}
END_TEST

START_TEST(a_set_without_a_display_shows_nothing)
{
    bed_init(bed);
    bed->params.value[BMS_PARAM_DISPLAY_FITTED] = 0;
    bed_boot(bed);
    bed_run(bed, 2 * BED_SECOND_us);
    press(BMS_KEY_MENU);
    expect("", "", "", "");
}
END_TEST

START_TEST(flags_follow_alarms_and_protections)
{
    press(BMS_KEY_MENU);
    press(BMS_KEY_DOWN);
    press(BMS_KEY_ENTER);
    press(BMS_KEY_DOWN);
    press(BMS_KEY_DOWN);
    press(BMS_KEY_ENTER);
    expect(">>OT : N", "--OTP: N", "--OV: N", "--OVP: N");
    bed_cell(bed, 2, 3620);
    bed_run(bed, 4 * BED_SECOND_us);
    expect(">>OT : N", "--OTP: N", "--OV: Y", "--OVP: N");
    bed_temps(bed, 700);
    bed_run(bed, 6 * BED_SECOND_us);
    expect(">>OT : Y", "--OTP: Y", "--OV: Y", "--OVP: N");
    for (int i = 0; i < 8; i++) {
        press(BMS_KEY_DOWN);
    }
    expect(">>SCP: N", "--Failure: N", "", "");
    bed->sample.temp_ddegC[0] = BMS_TEMP_OPEN_ddegC;
    bed_run(bed, 4 * BED_SECOND_us);
    expect(">>SCP: N", "--Failure: Y", "", "");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("core_display");
    TCase *tc = tcase_create("display");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, the_menu_is_a_tree);
    tcase_add_test(tc, pages_of_settings_show_what_is_set);
    tcase_add_test(tc, figures_are_cut_towards_zero);
    tcase_add_test(tc, lists_scroll_a_screen_at_a_time);
    tcase_add_test(tc, what_is_not_known_shows_as_dashes_and_a_locked_pack_as_zeros);
    tcase_add_test(tc, the_screen_sleeps_after_a_minute_to_the_tick);
    tcase_add_test(tc, a_key_that_bounces_is_one_press_and_a_held_one_too);
    tcase_add_test(tc, a_set_without_a_display_shows_nothing);
    tcase_add_test(tc, flags_follow_alarms_and_protections);
    suite_add_tcase(suite, tc);
    return check_run(suite);
}
