#include "model/noise.h"
#include "tests/support/afe_bed.h"
#include "tests/support/check_run.h"

#include <check.h>
#include <math.h>

static struct afe_bed bed;

static void setup(void)
{
    afe_bed_init(&bed);
}

static void run_to(int64_t until_ns)
{
    afe_bed_run(&bed, &bed.afe, until_ns);
}

static void configure(uint32_t scd_mA, uint32_t scd_us, uint32_t ocd_mA, uint32_t ocd_us, uint32_t occ_mA,
                      uint32_t occ_us)
{
    const struct afe_settings settings = { { scd_mA, ocd_mA, occ_mA }, { scd_us, ocd_us, occ_us } };

    afe_configure(&bed.afe, &settings);
}

/* A current ramp from i0 at t = 0: crosses 350 A at 1 ms, in the direction of discharge. */
#define RAMP_END (2 * MS)

START_TEST(a_comparator_fires_its_filter_and_delay_after_the_crossing) /* _i: delay in us */
{
    const int64_t grid_us = 15, delay_us = (_i + grid_us - 1) / grid_us * grid_us;
    const int64_t fire_ns = 1 * MS + 2 * US + delay_us * US;

    configure(350000, (uint32_t)_i, 0, 0, 0, 0);
    ck_assert_int_eq(afe_watch(&bed.afe, 0, RAMP_END, 0.0, -700.0), fire_ns);
    ck_assert_int_eq(afe_watch(&bed.afe, 0, fire_ns - 1, 0.0, -0.35e-3 * (double)(fire_ns - 1)), AFE_NEVER);
    ck_assert_uint_eq(afe_pass(&bed.afe, 0, RAMP_END, 0.0, -700.0), AFE_ALERT_SCD);
    ck_assert_uint_eq(bed.afe.reg.alerts, AFE_ALERT_SCD);
}
END_TEST

START_TEST(a_current_at_the_threshold_never_fires_and_in_the_other_direction_neither)
{
    configure(350000, 15, 150000, 10000, 150000, 10000);
    ck_assert_int_eq(afe_watch(&bed.afe, 0, S, -150.0, -150.0), AFE_NEVER);
    ck_assert_int_eq(afe_watch(&bed.afe, 0, S, 150.0, 150.0), AFE_NEVER);
    ck_assert_uint_eq(afe_pass(&bed.afe, 0, S, -150.001, -150.001), AFE_ALERT_OCD);
    ck_assert_uint_eq(afe_pass(&bed.afe, S, 2 * S, 150.001, 150.001), AFE_ALERT_OCC);
    ck_assert_uint_eq(bed.afe.reg.alerts, AFE_ALERT_OCD | AFE_ALERT_OCC);
}
END_TEST

START_TEST(a_run_one_ns_too_short_does_not_fire)
{
    const int64_t total_ns = 302 * US;

    configure(350000, 300, 0, 0, 0, 0);
    struct afe copy = bed.afe;

    ck_assert_uint_eq(afe_pass(&bed.afe, 1000, 1000 + total_ns - 1, -400.0, -400.0), 0);
    ck_assert_uint_eq(afe_pass(&bed.afe, 1000 + total_ns - 1, S, 0.0, 0.0), 0);
    ck_assert_int_eq(afe_watch(&bed.afe, S, S + total_ns - 1, -400.0, -400.0), AFE_NEVER);

    ck_assert_int_eq(afe_watch(&copy, 1000, 1000 + total_ns, -400.0, -400.0), 1000 + total_ns);
    ck_assert_uint_eq(afe_pass(&copy, 1000, 1000 + total_ns, -400.0, -400.0), AFE_ALERT_SCD);
}
END_TEST

START_TEST(a_peak_within_one_segments_ramp_counts_only_while_it_lasts)
{
    configure(350000, 300, 0, 0, 0, 0);
    /* Falls through the threshold after 302 us: exactly long enough; one ns earlier is not. */
    ck_assert_int_eq(afe_watch(&bed.afe, 0, 604 * US, -700.0, 0.0), 302 * US);
    ck_assert_int_eq(afe_watch(&bed.afe, 0, 604 * US - 2, -700.0, 0.0), AFE_NEVER);
}
END_TEST

START_TEST(a_dip_in_a_step_of_the_current_begins_a_new_run)
{
    configure(350000, 300, 0, 0, 0, 0);
    ck_assert_uint_eq(afe_pass(&bed.afe, 0, 200 * US, -400.0, -400.0), 0);
    ck_assert_uint_eq(afe_pass(&bed.afe, 200 * US, 201 * US, -300.0, -300.0), 0);
    ck_assert_int_eq(afe_watch(&bed.afe, 201 * US, S, -400.0, -400.0), 503 * US);
}
END_TEST

START_TEST(the_first_of_several_comparators_is_watched_and_each_fires_once)
{
    configure(350000, 300, 150000, 3300, 0, 0);
    ck_assert_int_eq(afe_watch(&bed.afe, 0, S, -400.0, -400.0), 302 * US);
    ck_assert_uint_eq(afe_pass(&bed.afe, 0, 302 * US, -400.0, -400.0), AFE_ALERT_SCD);
    ck_assert_int_eq(afe_watch(&bed.afe, 302 * US, S, -400.0, -400.0), 3302 * US);
    ck_assert_uint_eq(afe_pass(&bed.afe, 302 * US, S, -400.0, -400.0), AFE_ALERT_OCD);
    ck_assert_int_eq(afe_watch(&bed.afe, S, 10 * S, -400.0, -400.0), AFE_NEVER);
}
END_TEST

START_TEST(a_comparator_that_is_off_or_dead_never_fires)
{
    configure(0, 0, 0, 0, 0, 0);
    ck_assert_int_eq(afe_watch(&bed.afe, 0, S, -4000.0, 4000.0), AFE_NEVER);
    configure(350000, 15, 150000, 3300, 0, 0);
    ck_assert(afe_set_fault(&bed.afe, FAULT_COMPARATOR_DEAD, 0, true, 0.0, 0.0, 0));
    ck_assert_uint_eq(afe_pass(&bed.afe, 0, S, -4000.0, -4000.0), AFE_ALERT_OCD);
    ck_assert(afe_set_fault(&bed.afe, FAULT_COMPARATOR_DEAD, 0, false, 0.0, 0.0, S));
    ck_assert_int_eq(afe_watch(&bed.afe, S, 2 * S, -4000.0, -4000.0), S + 17 * US);
}
END_TEST

START_TEST(the_same_settings_again_do_not_restart_a_run_and_others_do)
{
    configure(350000, 300, 0, 0, 0, 0);
    ck_assert_uint_eq(afe_pass(&bed.afe, 0, 200 * US, -400.0, -400.0), 0);
    configure(350000, 300, 150000, 3300, 0, 0);
    ck_assert_int_eq(afe_watch(&bed.afe, 200 * US, S, -400.0, -400.0), 302 * US);
    configure(350000, 285, 150000, 3300, 0, 0);
    ck_assert_int_eq(afe_watch(&bed.afe, 200 * US, S, -400.0, -400.0), 487 * US);
}
END_TEST

START_TEST(a_comparator_without_filter_and_delay_fires_one_ns_after_the_crossing)
{
    bed.config.filter_ns = 0;
    configure(350000, 0, 0, 0, 0, 0);
    ck_assert_int_eq(afe_watch(&bed.afe, 1000, 2000, -400.0, -400.0), 1001);
}
END_TEST

START_TEST(a_clear_while_the_current_still_flows_starts_a_new_run)
{
    configure(350000, 300, 0, 0, 0, 0);
    afe_pass(&bed.afe, 0, 302 * US, -400.0, -400.0);
    afe_clear_alerts(&bed.afe, AFE_ALERT_OCD, 302 * US);
    ck_assert_uint_eq(bed.afe.reg.alerts, AFE_ALERT_SCD);
    afe_clear_alerts(&bed.afe, AFE_ALERT_SCD, 302 * US);
    ck_assert_uint_eq(bed.afe.reg.alerts, 0);
    ck_assert_int_eq(afe_watch(&bed.afe, 302 * US, S, -400.0, -400.0), 604 * US);
}
END_TEST

/* Piecewise linear current with steps, so long that some runs fire, some do not. */
#define PIECES 12

static double knot_A(int of, int k, int side)
{
    const struct noise_key key = { 11, (uint32_t)of, (uint32_t)side, (uint64_t)k };
    const double whole_A = 100.0 * floor(16.0 * noise_uniform(&key)) - 800.0;

    return of % 2 == 0 ? whole_A : 1600.0 * noise_uniform(&key) - 800.0;
}

static int64_t replay(struct afe a, int of, int parts, uint32_t *alerts)
{
    int64_t first_ns = AFE_NEVER;

    for (int k = 0; k < PIECES; k++) {
        const double i0_A = knot_A(of, k, 0), i1_A = knot_A(of, k, 1);
        const int64_t t0_ns = k * INT64_C(400) * US;
        int64_t from_ns = t0_ns;
        double from_A = i0_A;

        for (int p = 1; p <= parts; p++) {
            const struct noise_key key = { 12, (uint32_t)of, (uint32_t)k, (uint64_t)p };
            const int64_t slack_ns = 400 * US - (from_ns - t0_ns);
            const int64_t step_ns = p == parts ? slack_ns : (int64_t)((double)slack_ns * noise_uniform(&key));
            const int64_t to_ns = from_ns + step_ns;
            const double to_A = p == parts ? i1_A : i0_A + (i1_A - i0_A) * (double)(to_ns - t0_ns) / (400e3);

            if (step_ns > 0) {
                const int64_t fire_ns = afe_watch(&a, from_ns, to_ns, from_A, to_A);

                first_ns = fire_ns < first_ns ? fire_ns : first_ns;
                *alerts |= afe_pass(&a, from_ns, to_ns, from_A, to_A);
            }
            from_ns = to_ns;
            from_A = to_A;
        }
    }
    return first_ns;
}

START_TEST(cutting_segments_anywhere_does_not_move_a_firing_by_a_ns)
{
    int fired = 0;

    for (int of = 0; of < 2000; of++) {
        const uint32_t delay_us = (uint32_t)(noise_hash(&(struct noise_key){ 13, 0, 0, (uint64_t)of }) % 500U);

        configure(350000, delay_us, 250000, 300, 250000, delay_us);
        bed.config.grid_ns[AFE_OCD] = bed.config.grid_ns[AFE_OCC] = 100 * US;
        uint32_t alerts = 0, alerts_cut = 0;
        const int64_t whole_ns = replay(bed.afe, of, 1, &alerts);
        const int64_t cut_ns = replay(bed.afe, of, 7, &alerts_cut);

        ck_assert_msg(whole_ns == cut_ns && alerts == alerts_cut, "seed %d: %lld whole, %lld cut", of,
                      (long long)whole_ns, (long long)cut_ns);
        fired += whole_ns != AFE_NEVER;
    }
    ck_assert_int_gt(fired, 400);
    ck_assert_int_lt(fired, 2000);
}
END_TEST

static void edge_is(int64_t t_ns, enum afe_gate gate, bool on)
{
    enum afe_gate which = AFE_GATES;
    bool is_on = !on;

    ck_assert_int_eq(afe_next_edge(&bed.afe), t_ns);
    ck_assert(!afe_take_edge(&bed.afe, t_ns - 1, &which, &is_on));
    ck_assert(afe_take_edge(&bed.afe, t_ns, &which, &is_on));
    ck_assert_int_eq(which, gate);
    ck_assert_int_eq(is_on, on);
    ck_assert_int_eq(bed.afe.gate[gate].output, on);
}

static void close_all(void)
{
    for (int g = 0; g < AFE_GATES; g++) {
        afe_set_gate(&bed.afe, (enum afe_gate)g, true, 0);
        edge_is(200 * US, (enum afe_gate)g, true);
    }
    ck_assert_int_eq(afe_next_edge(&bed.afe), AFE_NEVER);
}

START_TEST(a_gate_follows_its_command_after_the_drivers_delay)
{
    afe_set_gate(&bed.afe, AFE_CHARGE_GATE, true, 1000);
    afe_set_gate(&bed.afe, AFE_CHARGE_GATE, true, 5000); /* said twice is not later */
    edge_is(1000 + 200 * US, AFE_CHARGE_GATE, true);
    afe_set_gate(&bed.afe, AFE_CHARGE_GATE, false, S);
    afe_set_gate(&bed.afe, AFE_CHARGE_GATE, false, S + 10);
    edge_is(S + 20 * US, AFE_CHARGE_GATE, false);
    ck_assert_int_eq(afe_next_edge(&bed.afe), AFE_NEVER);
}
END_TEST

START_TEST(a_command_taken_back_before_the_edge_leaves_the_gate_alone)
{
    afe_set_gate(&bed.afe, AFE_DISCHARGE_GATE, true, 0);
    afe_set_gate(&bed.afe, AFE_DISCHARGE_GATE, false, 100 * US);
    ck_assert_int_eq(afe_next_edge(&bed.afe), AFE_NEVER);
    afe_set_gate(&bed.afe, AFE_DISCHARGE_GATE, true, 150 * US);
    edge_is(350 * US, AFE_DISCHARGE_GATE, true);
}
END_TEST

START_TEST(edges_come_in_the_order_of_time)
{
    close_all();
    afe_set_gate(&bed.afe, AFE_DISCHARGE_GATE, false, S);
    afe_set_gate(&bed.afe, AFE_CHARGE_GATE, false, S + 1);
    edge_is(S + 20 * US, AFE_DISCHARGE_GATE, false);
    edge_is(S + 20 * US + 1, AFE_CHARGE_GATE, false);
}
END_TEST

START_TEST(a_short_opens_discharge_and_precharge_at_once_and_holds_them_until_cleared)
{
    close_all();
    configure(350000, 300, 0, 0, 0, 0);
    ck_assert_uint_eq(afe_pass(&bed.afe, S, S + MS, -400.0, -400.0), AFE_ALERT_SCD);
    edge_is(S + 322 * US, AFE_DISCHARGE_GATE, false);
    edge_is(S + 322 * US, AFE_PRECHARGE_GATE, false);
    ck_assert_int_eq(afe_next_edge(&bed.afe), AFE_NEVER);
    ck_assert(bed.afe.gate[AFE_CHARGE_GATE].output);

    afe_set_gate(&bed.afe, AFE_DISCHARGE_GATE, true, 2 * S); /* the latch is stronger than the command */
    ck_assert_int_eq(afe_next_edge(&bed.afe), AFE_NEVER);
    afe_set_gate(&bed.afe, AFE_PRECHARGE_GATE, false, 2 * S);
    afe_clear_alerts(&bed.afe, AFE_ALERT_SCD, 3 * S);
    edge_is(3 * S + 200 * US, AFE_DISCHARGE_GATE, true);
    ck_assert_int_eq(afe_next_edge(&bed.afe), AFE_NEVER);
}
END_TEST

START_TEST(an_overcurrent_in_charge_opens_the_charge_gate_only)
{
    close_all();
    configure(0, 0, 0, 0, 150000, 3300);
    ck_assert_uint_eq(afe_pass(&bed.afe, S, 2 * S, 160.0, 160.0), AFE_ALERT_OCC);
    edge_is(S + 3322 * US, AFE_CHARGE_GATE, false);
    ck_assert_int_eq(afe_next_edge(&bed.afe), AFE_NEVER);
}
END_TEST

START_TEST(a_reset_opens_all_gates_loses_the_settings_and_says_so)
{
    close_all();
    configure(350000, 300, 150000, 3300, 150000, 3300);
    afe_set_balance(&bed.afe, 0xFFFFU);
    ck_assert(afe_set_fault(&bed.afe, FAULT_FRONT_END_RESET, 0, true, 0.0, 0.0, S));
    ck_assert_uint_eq(bed.afe.reg.alerts, AFE_ALERT_RESET);
    ck_assert_uint_eq(bed.afe.balance, 0);
    for (int g = 0; g < AFE_GATES; g++) {
        edge_is(S + 20 * US, (enum afe_gate)g, false);
    }
    ck_assert_int_eq(afe_watch(&bed.afe, S, 2 * S, -4000.0, -4000.0), AFE_NEVER);
    afe_set_gate(&bed.afe, AFE_CHARGE_GATE, true, 2 * S);
    ck_assert_int_eq(afe_next_edge(&bed.afe), AFE_NEVER);
    afe_clear_alerts(&bed.afe, AFE_ALERT_RESET, 3 * S);
    edge_is(3 * S + 200 * US, AFE_CHARGE_GATE, true);
    ck_assert_int_eq(afe_next_edge(&bed.afe), AFE_NEVER);
}
END_TEST

START_TEST(a_brown_out_stops_everything_and_starts_the_scans_anew)
{
    close_all();
    configure(350000, 300, 0, 0, 0, 0);
    run_to(S);
    ck_assert(afe_set_fault(&bed.afe, FAULT_BROWN_OUT, 0, true, 0.0, 0.0, S + 1));
    ck_assert_int_eq(afe_next_conversion(&bed.afe), AFE_NEVER);
    ck_assert_int_eq(bed.afe.reg.cell_scan_ns, AFE_NOT_YET);
    ck_assert_int_eq(bed.afe.reg.cell_mV[0], 0);
    for (int g = 0; g < AFE_GATES; g++) {
        edge_is(S + 1 + 20 * US, (enum afe_gate)g, false);
    }
    configure(350000, 300, 0, 0, 0, 0); /* nobody listens */
    afe_set_gate(&bed.afe, AFE_CHARGE_GATE, true, 2 * S);
    ck_assert_int_eq(afe_watch(&bed.afe, S, 2 * S, -4000.0, -4000.0), AFE_NEVER);
    ck_assert_int_eq(afe_next_edge(&bed.afe), AFE_NEVER);

    ck_assert(afe_set_fault(&bed.afe, FAULT_BROWN_OUT, 0, false, 0.0, 0.0, 3 * S + 7));
    ck_assert_uint_eq(bed.afe.reg.alerts, AFE_ALERT_RESET);
    ck_assert_int_eq(afe_next_conversion(&bed.afe), 3 * S + 7);
    ck_assert(!bed.afe.gate[AFE_CHARGE_GATE].commanded);
}
END_TEST

static TCase *add_case(Suite *suite, const char *name)
{
    TCase *const tc = tcase_create(name);

    tcase_add_checked_fixture(tc, setup, NULL);
    suite_add_tcase(suite, tc);
    return tc;
}

static void add_guards(Suite *suite)
{
    TCase *tc = add_case(suite, "comparators");

    tcase_add_loop_test(tc, a_comparator_fires_its_filter_and_delay_after_the_crossing, 0, 61);
    tcase_add_test(tc, a_current_at_the_threshold_never_fires_and_in_the_other_direction_neither);
    tcase_add_test(tc, a_run_one_ns_too_short_does_not_fire);
    tcase_add_test(tc, a_peak_within_one_segments_ramp_counts_only_while_it_lasts);
    tcase_add_test(tc, a_dip_in_a_step_of_the_current_begins_a_new_run);
    tcase_add_test(tc, the_first_of_several_comparators_is_watched_and_each_fires_once);
    tcase_add_test(tc, a_comparator_that_is_off_or_dead_never_fires);
    tcase_add_test(tc, the_same_settings_again_do_not_restart_a_run_and_others_do);
    tcase_add_test(tc, a_comparator_without_filter_and_delay_fires_one_ns_after_the_crossing);
    tcase_add_test(tc, a_clear_while_the_current_still_flows_starts_a_new_run);
    tcase_add_test(tc, cutting_segments_anywhere_does_not_move_a_firing_by_a_ns);
    tc = add_case(suite, "gates");
    tcase_add_test(tc, a_gate_follows_its_command_after_the_drivers_delay);
    tcase_add_test(tc, a_command_taken_back_before_the_edge_leaves_the_gate_alone);
    tcase_add_test(tc, edges_come_in_the_order_of_time);
    tcase_add_test(tc, a_short_opens_discharge_and_precharge_at_once_and_holds_them_until_cleared);
    tcase_add_test(tc, an_overcurrent_in_charge_opens_the_charge_gate_only);
    tcase_add_test(tc, a_reset_opens_all_gates_loses_the_settings_and_says_so);
    tcase_add_test(tc, a_brown_out_stops_everything_and_starts_the_scans_anew);
}

int main(void)
{
    Suite *const suite = suite_create("afe_guard");

    add_guards(suite);

    return check_run(suite);
}
