#include "tests/support/check_run.h"
#include "tests/support/core_bed.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define MS_us UINT64_C(1000)

static struct core_bed *bed;

static void setup(void)
{
    bed = calloc(1, sizeof *bed);
    ck_assert_ptr_nonnull(bed);
    bed_init(bed);
}

static void teardown(void)
{
    free(bed);
}

static void set(enum bms_param id, int32_t value)
{
    ck_assert_int_eq(bms_set_param(&bed->bms, (uint16_t)id, value), BMS_PARAM_OK);
}

static void start(void)
{
    bed_boot(bed);
    bed_run(bed, 2 * BED_SECOND_us);
}

static bool lit(uint32_t led)
{
    return (bed->command.leds & led) != 0;
}

static bool buzzes(void)
{
    return bed->command.buzzer != 0;
}

static bool run_lit(void)
{
    return lit(BMS_LED_RUN);
}

static bool alm_lit(void)
{
    return lit(BMS_LED_ALM);
}

/* Ticks until what is shown changes; the run ends with a failure after 10 s. */
static uint64_t until_change(bool (*shown)(void))
{
    const bool before = shown();
    const uint64_t began_us = bed->now_us;

    while (shown() == before) {
        bed_run(bed, BED_TICK_us);
        ck_assert_uint_le(bed->now_us - began_us, 10 * BED_SECOND_us);
    }
    return bed->now_us - began_us;
}

/* Two whole periods of a pattern, from its next bright part on. */
static void expect_pattern(bool (*shown)(void), uint64_t on_ms, uint64_t off_ms)
{
    (void)until_change(shown);
    if (!shown()) {
        (void)until_change(shown);
    }
    for (int i = 0; i < 2; i++) {
        ck_assert_uint_eq(until_change(shown), on_ms * MS_us);
        ck_assert_uint_eq(until_change(shown), off_ms * MS_us);
    }
}

static void expect_steady(bool (*shown)(void), bool value)
{
    for (int i = 0; i < 900; i++) {
        ck_assert_int_eq(shown(), value);
        bed_run(bed, BED_TICK_us);
    }
}

/* ---- patterns -----------------------------------------------------------------------------------------------------
 */

START_TEST(every_pattern_has_its_times)
{
    static const struct {
        uint64_t on_ms, off_ms;
    } table[] = { { 250, 3750 }, { 500, 500 }, { 500, 1500 }, { 250, 750 }, { 250, 1750 }, { 250, 2750 } };

    bed->params.value[BMS_PARAM_LED_RUN_IDLE] = BLINK_FLASH1 + _i;
    start();
    expect_pattern(run_lit, table[_i].on_ms, table[_i].off_ms);
}
END_TEST

START_TEST(a_late_call_finds_the_pattern_where_it_would_be)
{
    struct blink prompt, late;
    uint64_t state = 3 + (uint64_t)_i, now_us = 1000;

    blink_init(&prompt);
    blink_init(&late);
    blink_set(&prompt, (uint8_t)(BLINK_FLASH1 + _i), now_us);
    blink_set(&late, (uint8_t)(BLINK_FLASH1 + _i), now_us);
    for (int i = 0; i < 300; i++) {
        const uint64_t to_us = now_us + 1 + bed_random(&state, i % 10 == 0 ? 900000000 : 3000000);

        while (prompt.edge_us <= to_us) {
            blink_step(&prompt, prompt.edge_us);
        }
        blink_step(&late, to_us);
        ck_assert_int_eq(prompt.lit, late.lit);
        ck_assert(prompt.edge_us == late.edge_us && late.edge_us > to_us);
        now_us = to_us;
    }
}
END_TEST

START_TEST(a_new_pattern_begins_bright_and_the_same_one_goes_on)
{
    struct blink b;

    blink_init(&b);
    ck_assert(!b.lit && b.edge_us == BLINK_NEVER_us);
    blink_set(&b, BLINK_FLASH3, 100);
    ck_assert(b.lit && b.edge_us == 500100);
    blink_set(&b, BLINK_FLASH3, 400000);
    ck_assert(b.edge_us == 500100);
    blink_set(&b, BLINK_ON, 450000);
    ck_assert(b.lit && b.edge_us == BLINK_NEVER_us);
    blink_set(&b, BLINK_PATTERN_COUNT, 460000);
    ck_assert_int_eq(b.pattern, BLINK_ON);
    blink_set(&b, BLINK_OFF, 470000);
    ck_assert(!b.lit && b.edge_us == BLINK_NEVER_us);
}
END_TEST

/* ---- rows of the table --------------------------------------------------------------------------------------------
 */

START_TEST(charge_and_discharge_have_rows_of_their_own)
{
    start();
    expect_steady(alm_lit, false);
    bed->sample.current_mA = 20000;
    bed_run(bed, BED_SECOND_us);
    expect_steady(run_lit, true);
    bed->sample.current_mA = -20000;
    bed_run(bed, BED_SECOND_us);
    expect_pattern(run_lit, 500, 1500);
    expect_steady(alm_lit, false);
}
END_TEST

START_TEST(a_stop_goes_before_over_discharge_and_a_fault_before_both)
{
    start();
    bed_cell(bed, 3, 2450);
    bed_run(bed, 3 * BED_SECOND_us);
    ck_assert_int_eq(bed->bms.panel.row, PANEL_OVERDISCHARGED);
    expect_steady(run_lit, false);
    expect_steady(alm_lit, false);
    bed_temps(bed, 700);
    bed_run(bed, 5 * BED_SECOND_us);
    ck_assert_int_eq(bed->bms.panel.row, PANEL_STOPPED);
    expect_steady(alm_lit, true);
    bed->sample.temp_ddegC[2] = BMS_TEMP_OPEN_ddegC;
    bed_run(bed, 5 * BED_SECOND_us);
    ck_assert_int_eq(bed->bms.panel.row, PANEL_FAULT);
    ck_assert_uint_eq(bed->command.leds & (0x3FU * BMS_LED_SOC), 0);
    ck_assert(lit(BMS_LED_ON_OFF));
}
END_TEST

START_TEST(a_protection_of_the_other_direction_is_not_shown_while_current_flows)
{
    start();
    bed_cell(bed, 3, 3750);
    bed_run(bed, 3 * BED_SECOND_us);
    ck_assert_int_eq(bed->bms.panel.row, PANEL_OVERCHARGED);
    expect_steady(run_lit, true);
    bed->sample.current_mA = -20000;
    bed_run(bed, BED_SECOND_us);
    ck_assert_int_eq(bed->bms.panel.row, PANEL_DISCHARGE_ALARM);
}
END_TEST

/* ---- state of charge ----------------------------------------------------------------------------------------------
 */

static unsigned bars(void)
{
    unsigned count = 0;

    for (uint32_t leds = bed->command.leds & (0x3FU * BMS_LED_SOC); leds != 0; leds &= leds - 1) {
        count++;
    }
    return count;
}

START_TEST(soc_leds_have_a_bound_each_and_a_way_back)
{
    static const struct {
        uint32_t soc_ppm;
        unsigned bars;
    } walk[] = { { 0, 1 },      { 249999, 1 },  { 250000, 2 }, { 499999, 2 }, { 500000, 3 },
                 { 490000, 3 }, { 489999, 2 },  { 749999, 3 }, { 750000, 4 }, { 740000, 4 },
                 { 739999, 3 }, { 1000000, 4 }, { 240000, 2 }, { 239999, 1 } };

    start();
    for (size_t i = 0; i < sizeof walk / sizeof walk[0]; i++) {
        bed->bms.soc.charge_mAus =
            (int64_t)walk[i].soc_ppm * bed->bms.soc.capacity_mAh / 1000 * SOC_mAus_PER_mAh / 1000;
        if (walk[i].soc_ppm % 10 != 0) { /* ...9999: just under, as whole mAh allow */
            bed->bms.soc.charge_mAus -= SOC_mAus_PER_mAh / 100;
        }
        bed_run(bed, 2 * BED_SECOND_us);
        ck_assert_msg(bars() == walk[i].bars, "at %u ppm (%u): %u bars", walk[i].soc_ppm, bed->command.soc_ppm, bars());
    }
}
END_TEST

/* ---- switches -----------------------------------------------------------------------------------------------------
 */

START_TEST(software_puts_the_table_out_but_not_the_power_led)
{
    start();
    set(BMS_PARAM_LED_ON, 0);
    bed_run(bed, BED_TICK_us);
    for (int i = 0; i < 500; i++) {
        bed_run(bed, BED_TICK_us);
        ck_assert_uint_eq(bed->command.leds, BMS_LED_ON_OFF);
    }
    set(BMS_PARAM_LED_ON, 1);
    bed_run(bed, BED_TICK_us);
    ck_assert_uint_gt(bars(), 0);
}
END_TEST

START_TEST(every_led_that_is_fitted_lights_up_while_the_reset_key_has_armed_a_restart)
{
    bed->params.value[BMS_PARAM_KEY_RESET_ARM] = 6000;
    bed->params.value[BMS_PARAM_KEY_RESET_RESET] = 10000;
    start();
    set(BMS_PARAM_LED_ON, 0);
    bed->sample.keys = BMS_KEY_RESET;
    bed_run(bed, 5 * BED_SECOND_us);
    ck_assert_uint_eq(bed->command.leds, BMS_LED_ON_OFF);
    bed_run(bed, 2 * BED_SECOND_us);
    ck_assert_uint_eq(bed->command.leds, (uint32_t)bed->params.value[BMS_PARAM_LED_FITTED]);
}
END_TEST

START_TEST(leds_are_tested_at_the_start)
{
    bed->params.value[BMS_PARAM_LED_TEST] = 1500;
    bed_boot(bed);
    for (int i = 0; i < 150; i++) {
        bed_call(bed);
        ck_assert_uint_eq(bed->command.leds, (uint32_t)bed->params.value[BMS_PARAM_LED_FITTED]);
        bed->now_us += BED_TICK_us;
    }
    bed_call(bed);
    ck_assert(!lit(BMS_LED_ALM));
}
END_TEST

START_TEST(a_set_without_a_panel_shows_nothing)
{
    bed->params.value[BMS_PARAM_LED_FITTED] = 0;
    start();
    bed_temps(bed, 700);
    for (int i = 0; i < 500; i++) {
        bed_run(bed, BED_TICK_us);
        ck_assert_uint_eq(bed->command.leds, 0);
    }
}
END_TEST

/* ---- buzzer and contacts ------------------------------------------------------------------------------------------
 */

START_TEST(the_buzzer_tells_alarm_protection_and_fault_apart)
{
    bed->params.value[BMS_PARAM_BUZZER_ON] = _i;
    start();
    bed_temps(bed, -15);
    bed_run(bed, 5 * BED_SECOND_us);
    if (_i == 0) {
        expect_steady(buzzes, false);
        return;
    }
    expect_pattern(buzzes, 250, 2750);
    bed_temps(bed, -60);
    bed_run(bed, 5 * BED_SECOND_us);
    expect_pattern(buzzes, 250, 1750);
    bed->sample.temp_ddegC[1] = BMS_TEMP_OPEN_ddegC;
    bed_run(bed, 5 * BED_SECOND_us);
    expect_pattern(buzzes, 250, 750);
}
END_TEST

START_TEST(overcharge_is_silent)
{
    bed->params.value[BMS_PARAM_BUZZER_ON] = 1;
    bed->params.value[BMS_PARAM_CELL_DIFF_ENABLE] = 0;
    start();
    bed_cells(bed, 3620);
    bed_run(bed, 3 * BED_SECOND_us);
    ck_assert_uint_ne(bed->command.alarms, 0);
    expect_steady(buzzes, false);
    bed_cells(bed, 3720);
    bed_run(bed, 3 * BED_SECOND_us);
    ck_assert_uint_ne(bed->command.protections, 0);
    expect_steady(buzzes, false);
}
END_TEST

START_TEST(contacts_follow_faults_charge_and_polarity)
{
    const bool held = _i != 0; /* the relay is energised while nothing is wrong */

    bed->params.value[BMS_PARAM_CONTACT_1_REST] = held;
    bed->params.value[BMS_PARAM_CONTACT_1_SOC] = 300000;
    start();
    ck_assert_int_eq(bed->command.dry_contacts & 1U, held);
    ck_assert_int_eq(bed->command.dry_contacts >> 1, 0);
    bed_cell(bed, 3, 2750);
    bed_run(bed, 3 * BED_SECOND_us);
    ck_assert_int_eq(bed->command.dry_contacts & 1U, !held);
    ck_assert_int_eq(bed->command.dry_contacts >> 1, 0);
    bed_cell(bed, 3, 3300);
    bed_run(bed, 5 * BED_SECOND_us);
    ck_assert_int_eq(bed->command.dry_contacts & 1U, held);
    bed->bms.soc.charge_mAus = (int64_t)bed->bms.soc.capacity_mAh * 3 / 10 * SOC_mAus_PER_mAh;
    bed_run(bed, 2 * BED_SECOND_us);
    ck_assert_int_eq(bed->command.dry_contacts & 1U, !held);
    bed->bms.soc.charge_mAus = (int64_t)bed->bms.soc.capacity_mAh * 32 / 100 * SOC_mAus_PER_mAh;
    bed_run(bed, 2 * BED_SECOND_us);
    ck_assert_int_eq(bed->command.dry_contacts & 1U, !held); /* the way back is 2 % */
    bed->bms.soc.charge_mAus = (int64_t)bed->bms.soc.capacity_mAh * 33 / 100 * SOC_mAus_PER_mAh;
    bed_run(bed, 2 * BED_SECOND_us);
    ck_assert_int_eq(bed->command.dry_contacts & 1U, held);
    bed_temps(bed, 700);
    bed_run(bed, 5 * BED_SECOND_us);
    ck_assert_int_eq(bed->command.dry_contacts >> 1, 1);
}
END_TEST

START_TEST(links_have_leds_where_they_are_fitted)
{
    bed->params.value[BMS_PARAM_LED_FITTED] |= BMS_LED_LINK | BMS_LED_BLUETOOTH;
    bed->params.value[BMS_PARAM_LED_LINK] = BLINK_FLASH2;
    bed->params.value[BMS_PARAM_LED_PAIRED] = BLINK_ON;
    start();
    ck_assert(!lit(BMS_LED_LINK) && !lit(BMS_LED_BLUETOOTH));
    bed->sample.links = BMS_LINK_PACKS;
    bed_run(bed, BED_TICK_us);
    ck_assert(lit(BMS_LED_LINK) && !lit(BMS_LED_BLUETOOTH));
    bed->sample.links = BMS_LINK_BLUETOOTH;
    bed_run(bed, BED_TICK_us);
    ck_assert(!lit(BMS_LED_LINK) && lit(BMS_LED_BLUETOOTH));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("core_panel");
    TCase *tc = tcase_create("panel");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, every_pattern_has_its_times, 0, 6);
    tcase_add_loop_test(tc, a_late_call_finds_the_pattern_where_it_would_be, 0, 6);
    tcase_add_test(tc, a_new_pattern_begins_bright_and_the_same_one_goes_on);
    tcase_add_test(tc, charge_and_discharge_have_rows_of_their_own);
    tcase_add_test(tc, a_stop_goes_before_over_discharge_and_a_fault_before_both);
    tcase_add_test(tc, a_protection_of_the_other_direction_is_not_shown_while_current_flows);
    tcase_add_test(tc, soc_leds_have_a_bound_each_and_a_way_back);
    tcase_add_test(tc, software_puts_the_table_out_but_not_the_power_led);
    tcase_add_test(tc, every_led_that_is_fitted_lights_up_while_the_reset_key_has_armed_a_restart);
    tcase_add_test(tc, leds_are_tested_at_the_start);
    tcase_add_test(tc, a_set_without_a_panel_shows_nothing);
    tcase_add_loop_test(tc, the_buzzer_tells_alarm_protection_and_fault_apart, 0, 2);
    tcase_add_test(tc, overcharge_is_silent);
    tcase_add_loop_test(tc, contacts_follow_faults_charge_and_polarity, 0, 2);
    tcase_add_test(tc, links_have_leds_where_they_are_fitted);
    suite_add_tcase(suite, tc);
    return check_run(suite);
}
