#include "model/noise.h"
#include "tests/support/afe_bed.h"
#include "tests/support/check_run.h"

#include <check.h>
#include <string.h>

static struct afe_bed bed;

static void setup(void)
{
    afe_bed_init(&bed);
}

static void run_to(int64_t until_ns)
{
    afe_bed_run(&bed, &bed.afe, until_ns);
}

/* ---- the schedule -------------------------------------------------------------------------------------------------
 */

START_TEST(conversions_come_in_the_order_of_time_with_skew_and_phase) /* _i: phase in ms */
{
    const int64_t phase_ns = _i * MS;
    int64_t last_ns = 0;
    int count[AFE_TEMP + 1] = { 0 };
    struct afe_slot slot;

    bed.config.phase_ns = phase_ns;
    afe_init(&bed.afe, &bed.config, 5);
    ck_assert_int_eq(afe_next_conversion(&bed.afe), 5 + phase_ns);
    ck_assert(!afe_pop_conversion(&bed.afe, 5 + phase_ns - 1, &slot));
    while (afe_pop_conversion(&bed.afe, 5 + phase_ns + S - 1, &slot)) {
        const int64_t t_ns = slot.t_ns - 5 - phase_ns;
        const bool cells = slot.kind == AFE_CELL || slot.kind == AFE_STACK;
        const int64_t step = slot.kind == AFE_STACK ? 16 : slot.index;

        ck_assert_int_ge(slot.t_ns, last_ns);
        last_ns = slot.t_ns;
        ck_assert_int_eq(t_ns, cells                   ? slot.number * 100 * MS + step * 3 * MS
                               : slot.kind == AFE_TEMP ? 0
                                                       : slot.number * 10 * MS);
        count[slot.kind]++;
    }
    ck_assert_int_eq(count[AFE_CELL], 160);
    ck_assert_int_eq(count[AFE_STACK], 10);
    ck_assert_int_eq(count[AFE_CURRENT], 100);
    ck_assert_int_eq(count[AFE_TERMINAL], 100);
    ck_assert_int_eq(count[AFE_TEMP], 6);
    ck_assert_int_eq(afe_next_conversion(&bed.afe), 5 + phase_ns + S);
}
END_TEST

START_TEST(no_scan_is_reported_before_its_first_round_is_complete)
{
    ck_assert_int_eq(bed.afe.reg.cell_scan_ns, AFE_NOT_YET);
    ck_assert_int_eq(bed.afe.reg.current_scan_ns, AFE_NOT_YET);
    ck_assert_int_eq(bed.afe.reg.temp_scan_ns, AFE_NOT_YET);
    run_to(0);
    ck_assert_int_eq(bed.afe.reg.current_scan_ns, 0);
    ck_assert_int_eq(bed.afe.reg.temp_scan_ns, 0);
    run_to(48 * MS - 1);
    ck_assert_int_eq(bed.afe.reg.cell_scan_ns, AFE_NOT_YET);
    run_to(48 * MS);
    ck_assert_int_eq(bed.afe.reg.cell_scan_ns, 45 * MS);
    ck_assert_int_eq(bed.afe.reg.stack_mV, 52800);
    run_to(103 * MS);
    ck_assert_int_eq(bed.afe.reg.cell_scan_ns, 103 * MS);
    ck_assert_int_eq(bed.afe.reg.current_scan_ns, 100 * MS);
}
END_TEST

START_TEST(a_cell_shows_the_value_of_its_own_instant)
{
    run_to(48 * MS);
    bed.cell_V = 3.4;
    run_to(109 * MS);
    ck_assert_int_eq(bed.afe.reg.cell_mV[3], 3400);
    ck_assert_int_eq(bed.afe.reg.cell_mV[4], 3300);
}
END_TEST

START_TEST(a_front_end_without_temperature_channels_converts_the_rest)
{
    afe_config_default(&bed.config, 1, 0);
    afe_init(&bed.afe, &bed.config, 0);
    run_to(10 * S);
    ck_assert_int_eq(bed.afe.reg.temp_scan_ns, AFE_NOT_YET);
    ck_assert_int_eq(bed.afe.reg.cell_scan_ns, 10 * S);
    afe_touch(&bed.afe, AFE_SCAN_TEMPS, 20 * S);
    ck_assert_int_eq(bed.afe.reg.temp_scan_ns, AFE_NOT_YET);
}
END_TEST

START_TEST(a_touch_leaves_what_popping_each_conversion_leaves) /* _i: one random case, noise and drift included */
{
    const struct noise_key key = { .seed = 3, .index = (uint64_t)_i };
    const int64_t first_ns = S + (int64_t)(noise_hash(&key) % (uint64_t)(3 * S));
    const int64_t then_ns = first_ns + (int64_t)((noise_hash(&key) >> 13) % (uint64_t)(30 * S));

    bed.config.ideal = _i % 2 == 0;
    bed.config.phase_ns = _i % 7 * INT64_C(13) * MS;
    for (int k = 0; k < 16; k++) {
        bed.config.cell[k].noise = 0.001;
    }
    bed.config.current.noise = 0.4; /* around the charger's threshold in a part of the cases */
    bed.config.temp_noise_K = 0.3;
    afe_init(&bed.afe, &bed.config, 0);
    bed.current_A = _i % 3 == 0 ? 5.0 : 0.0;
    ck_assert(afe_set_fault(&bed.afe, FAULT_CELL_OFFSET, 2, true, 0.01, 0.001, 0));
    ck_assert(afe_set_fault(&bed.afe, FAULT_CURRENT_OFFSET, 0, true, 0.0, -0.01, 0));
    run_to(first_ns);
    afe_set_balance(&bed.afe, 0x1234U);

    struct afe touched = bed.afe;

    run_to(then_ns);
    for (int scan = 0; scan < AFE_SCANS; scan++) {
        afe_touch(&touched, (enum afe_scan)scan, then_ns);
    }
    ck_assert_int_eq(memcmp(&touched.reg, &bed.afe.reg, sizeof bed.afe.reg), 0);
    ck_assert_int_eq(afe_next_conversion(&touched), afe_next_conversion(&bed.afe));
    ck_assert_int_eq(touched.charger_since_ns, bed.afe.charger_since_ns);
    run_to(then_ns + S);
    afe_bed_run(&bed, &touched, then_ns + S);
    ck_assert_int_eq(memcmp(&touched.reg, &bed.afe.reg, sizeof bed.afe.reg), 0);
}
END_TEST

START_TEST(a_frozen_front_end_keeps_codes_and_scan_instants)
{
    run_to(250 * MS);
    const struct afe_registers before = bed.afe.reg;

    ck_assert(afe_set_fault(&bed.afe, FAULT_FRONT_END_FROZEN, 0, true, 0.0, 0.0, 250 * MS));
    ck_assert_int_eq(afe_next_conversion(&bed.afe), AFE_NEVER);
    bed.cell_V = 2.0;
    run_to(10 * S);
    afe_touch(&bed.afe, AFE_SCAN_CURRENT, 10 * S);
    ck_assert_int_eq(memcmp(&before, &bed.afe.reg, sizeof before), 0);

    ck_assert(afe_set_fault(&bed.afe, FAULT_FRONT_END_FROZEN, 0, false, 0.0, 0.0, 10 * S + 1));
    ck_assert_int_eq(afe_next_conversion(&bed.afe), 10 * S + 10 * MS);
    run_to(10 * S + 100 * MS);
    ck_assert_int_eq(bed.afe.reg.cell_mV[0], 2000);
    ck_assert_int_eq(bed.afe.reg.cell_mV[1], 3300);
    ck_assert_int_eq(bed.afe.scan[AFE_SCAN_CELLS].number, 101);
}
END_TEST

/* ---- balancing and detection --------------------------------------------------------------------------------------
 */

START_TEST(balance_seen_tells_the_switch_at_each_cells_own_conversion)
{
    run_to(100 * MS + INT64_C(2) * 3 * MS);
    afe_set_balance(&bed.afe, 0x001FU);
    run_to(100 * MS + INT64_C(9) * 3 * MS);
    ck_assert_uint_eq(bed.afe.reg.balance_seen, 0x0018U);
    run_to(250 * MS);
    ck_assert_uint_eq(bed.afe.reg.balance_seen, 0x001FU);
    afe_set_balance(&bed.afe, 0);
    run_to(303 * MS);
    ck_assert_uint_eq(bed.afe.reg.balance_seen, 0x001CU);
}
END_TEST

START_TEST(a_front_end_mended_at_the_start_of_a_scan_makes_that_scan)
{
    run_to(250 * MS);
    ck_assert(afe_set_fault(&bed.afe, FAULT_FRONT_END_FROZEN, 0, true, 0.0, 0.0, 250 * MS));
    ck_assert(afe_set_fault(&bed.afe, FAULT_FRONT_END_FROZEN, 0, false, 0.0, 0.0, 400 * MS));
    ck_assert_int_eq(afe_next_conversion(&bed.afe), 400 * MS);
    run_to(400 * MS);
    ck_assert_int_eq(bed.afe.reg.cell_scan_ns, 400 * MS);
    ck_assert_int_eq(bed.afe.reg.current_scan_ns, 400 * MS);
}
END_TEST

START_TEST(a_frozen_front_end_awaits_no_charger)
{
    bed.current_A = 5.0;
    run_to(500 * MS);
    ck_assert_int_eq(afe_next_detect(&bed.afe), S);
    ck_assert(afe_set_fault(&bed.afe, FAULT_FRONT_END_FROZEN, 0, true, 0.0, 0.0, 500 * MS));
    ck_assert_int_eq(afe_next_detect(&bed.afe), AFE_NEVER);
    ck_assert(afe_set_fault(&bed.afe, FAULT_FRONT_END_FROZEN, 0, false, 0.0, 0.0, 5 * S));
    run_to(5 * S); /* unseen time does not count */
    ck_assert_int_eq(afe_next_detect(&bed.afe), 6 * S);
}
END_TEST

static void set_gate(enum afe_gate gate, bool on, int64_t now_ns)
{
    enum afe_gate which = AFE_GATES;
    bool is_on = !on;

    afe_set_gate(&bed.afe, gate, on, now_ns);
    ck_assert(afe_take_edge(&bed.afe, AFE_NEVER - 1, &which, &is_on));
    ck_assert_int_eq(which, gate);
}

static bool charger_seen(void)
{
    return (bed.afe.reg.detect & AFE_DETECT_CHARGER) != 0;
}

START_TEST(a_charger_is_seen_by_voltage_or_current_after_one_second) /* _i: which sign */
{
    run_to(995 * MS);
    bed.terminal_V = _i == 0 ? 53.801 : 52.8;
    bed.current_A = _i == 1 ? 1.001 : 0.0;
    run_to(1000 * MS);
    ck_assert_int_eq(afe_next_detect(&bed.afe), 2000 * MS);
    run_to(1999 * MS);
    ck_assert(!charger_seen());
    run_to(2000 * MS);
    ck_assert(charger_seen());
    ck_assert_int_eq(afe_next_detect(&bed.afe), AFE_NEVER);
    bed.terminal_V = 53.8;
    bed.current_A = 1.0;
    run_to(2010 * MS);
    ck_assert(!charger_seen());
}
END_TEST

START_TEST(a_sign_that_breaks_off_starts_the_second_anew)
{
    bed.current_A = 5.0;
    run_to(990 * MS);
    bed.current_A = 0.0;
    run_to(1000 * MS);
    bed.current_A = 5.0;
    run_to(2000 * MS);
    ck_assert(!charger_seen());
    run_to(2010 * MS);
    ck_assert(charger_seen());
}
END_TEST

START_TEST(a_terminal_voltage_is_no_charger_before_the_stack_is_known)
{
    run_to(40 * MS);
    ck_assert_int_eq(afe_next_detect(&bed.afe), AFE_NEVER);
}
END_TEST

START_TEST(a_load_is_seen_only_while_the_discharge_paths_are_open)
{
    bed.terminal_V = 3.0;
    run_to(0);
    ck_assert_uint_eq(bed.afe.reg.detect, 0);
    bed.terminal_V = 2.999;
    run_to(10 * MS);
    ck_assert_uint_eq(bed.afe.reg.detect, AFE_DETECT_LOAD);
    set_gate(AFE_PRECHARGE_GATE, true, 10 * MS);
    run_to(20 * MS);
    ck_assert_uint_eq(bed.afe.reg.detect, 0);
    set_gate(AFE_PRECHARGE_GATE, false, 20 * MS);
    set_gate(AFE_DISCHARGE_GATE, true, 20 * MS);
    run_to(30 * MS);
    ck_assert_uint_eq(bed.afe.reg.detect, 0);
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("afe");
    TCase *const tc = tcase_create("afe");

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_loop_test(tc, conversions_come_in_the_order_of_time_with_skew_and_phase, 0, 100);
    tcase_add_test(tc, no_scan_is_reported_before_its_first_round_is_complete);
    tcase_add_test(tc, a_cell_shows_the_value_of_its_own_instant);
    tcase_add_test(tc, a_front_end_without_temperature_channels_converts_the_rest);
    tcase_add_loop_test(tc, a_touch_leaves_what_popping_each_conversion_leaves, 0, 100);
    tcase_add_test(tc, a_frozen_front_end_keeps_codes_and_scan_instants);
    tcase_add_test(tc, balance_seen_tells_the_switch_at_each_cells_own_conversion);
    tcase_add_loop_test(tc, a_charger_is_seen_by_voltage_or_current_after_one_second, 0, 2);
    tcase_add_test(tc, a_front_end_mended_at_the_start_of_a_scan_makes_that_scan);
    tcase_add_test(tc, a_frozen_front_end_awaits_no_charger);
    tcase_add_test(tc, a_sign_that_breaks_off_starts_the_second_anew);
    tcase_add_test(tc, a_terminal_voltage_is_no_charger_before_the_stack_is_known);
    tcase_add_test(tc, a_load_is_seen_only_while_the_discharge_paths_are_open);
    suite_add_tcase(suite, tc);

    return check_run(suite);
}
