/* What users and tools may do: access, switches, update, presets, calibration, limiter. */
#include "tests/support/check_run.h"
#include "tests/support/core_bed.h"

#include <check.h>
#include <stdlib.h>

static struct core_bed *bed;

static void setup(void)
{
    bed = calloc(1, sizeof *bed);
    ck_assert_ptr_nonnull(bed);
    bed_init(bed);
    bed->params.value[BMS_PARAM_ACCESS_SERVICE] = 1234;
    bed->params.value[BMS_PARAM_ACCESS_TRIES] = 3;
    bed->params.value[BMS_PARAM_UPDATE_TIMEOUT] = 300;
    bed_boot(bed);
    bed_run(bed, 2 * BED_SECOND_us);
}

static void teardown(void)
{
    free(bed);
}

static enum bms_param_error put(enum bms_param row, int32_t value)
{
    return bms_set_param(&bed->bms, (uint16_t)row, value);
}

START_TEST(a_write_needs_its_level)
{
    ck_assert_int_eq(put(BMS_PARAM_CELL_OV_TRIP, 3690), BMS_PARAM_ACCESS);
    ck_assert_int_eq(put(BMS_PARAM_SWITCH_BALANCE, 0), BMS_PARAM_OK); /* a user's row */
    ck_assert_int_eq(put(BMS_PARAM_ACCESS_ENTER, 4321), BMS_PARAM_ACCESS);
    ck_assert_int_eq(put(BMS_PARAM_ACCESS_ENTER, 1234), BMS_PARAM_OK);
    ck_assert_int_eq(put(BMS_PARAM_CELL_OV_TRIP, 3690), BMS_PARAM_OK);
    ck_assert_int_eq(put(BMS_PARAM_CELL_OV_TRIP, 9999), BMS_PARAM_RANGE);
    ck_assert_int_eq(put(BMS_PARAM_CELL_OV_TRIP, 3300), BMS_PARAM_CROSS);
    ck_assert_int_eq(put(BMS_PARAM_ACCESS_ENTER, 0), BMS_PARAM_OK);
    ck_assert_int_eq(put(BMS_PARAM_CELL_OV_TRIP, 3695), BMS_PARAM_ACCESS);
    ck_assert_int_eq(bed->bms.params.value[BMS_PARAM_CELL_OV_TRIP], 3690);
}
END_TEST

START_TEST(wrong_passwords_lock_for_a_while)
{
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(put(BMS_PARAM_ACCESS_ENTER, 1), BMS_PARAM_ACCESS);
    }
    ck_assert_int_eq(put(BMS_PARAM_ACCESS_ENTER, 1234), BMS_PARAM_LOCKED);
    bed_run(bed, 59 * BED_SECOND_us);
    ck_assert_int_eq(put(BMS_PARAM_ACCESS_ENTER, 1234), BMS_PARAM_LOCKED);
    bed_run(bed, 2 * BED_SECOND_us);
    ck_assert_int_eq(put(BMS_PARAM_ACCESS_ENTER, 1234), BMS_PARAM_OK);
}
END_TEST

START_TEST(a_restart_gives_no_further_try)
{
    (void)put(BMS_PARAM_ACCESS_ENTER, 1);
    (void)put(BMS_PARAM_ACCESS_ENTER, 2);
    bed_run(bed, BED_SECOND_us);
    bed_boot(bed);
    bed_run(bed, 2 * BED_SECOND_us);
    ck_assert_int_eq(put(BMS_PARAM_ACCESS_ENTER, 3), BMS_PARAM_ACCESS);
    bed_run(bed, BED_SECOND_us);
    bed_boot(bed); /* begins the lockout anew */
    bed_run(bed, 59 * BED_SECOND_us);
    ck_assert_int_eq(put(BMS_PARAM_ACCESS_ENTER, 1234), BMS_PARAM_LOCKED);
    bed_run(bed, 2 * BED_SECOND_us);
    ck_assert_int_eq(put(BMS_PARAM_ACCESS_ENTER, 1234), BMS_PARAM_OK);
}
END_TEST

START_TEST(a_new_code_closes_what_no_password_opened)
{
    bed->params.value[BMS_PARAM_ACCESS_SERVICE] = 0;
    bed_boot(bed);
    bed_run(bed, 2 * BED_SECOND_us);
    ck_assert_uint_eq(bed->command.access, BMS_ACCESS_FACTORY + 1);
    ck_assert_int_eq(put(BMS_PARAM_ACCESS_SERVICE, 55), BMS_PARAM_OK);
    ck_assert_int_eq(put(BMS_PARAM_CELL_OV_TRIP, 3690), BMS_PARAM_ACCESS);
    ck_assert_int_eq(put(BMS_PARAM_ACCESS_ENTER, 55), BMS_PARAM_OK);
    ck_assert_int_eq(put(BMS_PARAM_ACCESS_SERVICE, 66), BMS_PARAM_OK); /* by who knew the old one */
    ck_assert_int_eq(put(BMS_PARAM_CELL_OV_TRIP, 3690), BMS_PARAM_OK);
}
END_TEST

START_TEST(a_session_ends_at_its_time)
{
    ck_assert_int_eq(put(BMS_PARAM_ACCESS_ENTER, 1234), BMS_PARAM_OK);
    ck_assert_int_eq(put(BMS_PARAM_ACCESS_SESSION, 30), BMS_PARAM_OK);
    ck_assert_int_eq(put(BMS_PARAM_ACCESS_ENTER, 1234), BMS_PARAM_OK);
    bed_run(bed, 29 * BED_SECOND_us);
    ck_assert_uint_eq(bed->command.access, BMS_ACCESS_FACTORY + 1);
    bed_run(bed, 2 * BED_SECOND_us);
    ck_assert_uint_eq(bed->command.access, BMS_ACCESS_USER + 1);
}
END_TEST

/* A product may have no service code: what is open then stays open while it is used. */
START_TEST(a_write_does_not_end_its_session)
{
    bed->params.value[BMS_PARAM_ACCESS_USER] = 11;
    bed->params.value[BMS_PARAM_ACCESS_SERVICE] = 0;
    bed->params.value[BMS_PARAM_ACCESS_FACTORY] = 99;
    bed_boot(bed);
    bed_run(bed, 2 * BED_SECOND_us);
    ck_assert_int_eq(put(BMS_PARAM_CELL_OV_TRIP, 3690), BMS_PARAM_ACCESS);
    ck_assert_int_eq(put(BMS_PARAM_ACCESS_ENTER, 99), BMS_PARAM_OK);
    ck_assert_int_eq(put(BMS_PARAM_CELL_OV_TRIP, 3690), BMS_PARAM_OK);
    ck_assert_int_eq(put(BMS_PARAM_CELL_OV_TRIP, 3695), BMS_PARAM_OK);
    ck_assert_int_eq(put(BMS_PARAM_ACCESS_USER, 0), BMS_PARAM_OK); /* without it users and service need none */
    ck_assert_int_eq(put(BMS_PARAM_ACCESS_ENTER, 0), BMS_PARAM_OK);
    ck_assert_int_eq(put(BMS_PARAM_CELL_OV_TRIP, 3700), BMS_PARAM_OK);
    ck_assert_int_eq(put(BMS_PARAM_ACCESS_TRIES, 5), BMS_PARAM_ACCESS);
}
END_TEST

START_TEST(an_update_opens_both_gates_until_its_end)
{
    (void)put(BMS_PARAM_ACCESS_ENTER, 1234);
    bed->sample.current_mA = -5000;
    bed_run(bed, BED_SECOND_us);
    ck_assert_int_eq(put(BMS_PARAM_ACTION_UPDATE, 1), BMS_PARAM_STATE); /* would drop a load */
    bed->sample.current_mA = 0;
    bed_run(bed, BED_SECOND_us);
    ck_assert_int_eq(put(BMS_PARAM_ACTION_UPDATE, 1), BMS_PARAM_OK);
    bed_run(bed, 299 * BED_SECOND_us);
    ck_assert(bed->command.updating && !bed->command.charge_fet && !bed->command.discharge_fet);
    bed_run(bed, 2 * BED_SECOND_us);
    ck_assert(!bed->command.updating && bed->command.charge_fet && bed->command.discharge_fet);
}
END_TEST

START_TEST(a_switch_stops_its_direction_only)
{
    ck_assert_int_eq(put(BMS_PARAM_SWITCH_CHARGE, 0), BMS_PARAM_OK);
    bed_run(bed, BED_SECOND_us);
    ck_assert(!bed->command.charge_allowed && bed->command.discharge_allowed);
    bed->sample.current_mA = -20000; /* the ideal-diode rule holds for a switch, too */
    bed_run(bed, BED_SECOND_us);
    ck_assert(bed->command.charge_fet && !bed->command.charge_allowed);
    bed->sample.current_mA = 0;
    ck_assert_int_eq(put(BMS_PARAM_SWITCH_CHARGE, 1), BMS_PARAM_OK);
    bed_run(bed, BED_SECOND_us);
    ck_assert(bed->command.charge_allowed);
}
END_TEST

START_TEST(the_limiter_stands_in_until_little_flows)
{
    bed->params.value[BMS_PARAM_LIMITER_CURRENT] = 10000;
    bed->params.value[BMS_PARAM_LIMITER_END] = 5000;
    bed_boot(bed);
    bed_run(bed, 2 * BED_SECOND_us);
    bed->sample.current_mA = 140000;
    bed_run(bed, 2 * BED_SECOND_us);
    ck_assert(bed_tripped(bed, BMS_FAULT_CHG_OC) && bed->command.charge_fet);
    ck_assert_uint_eq(bed->command.limiter_mA, 10000);
    ck_assert_uint_le(bed->command.charge_limit_mA, 10000);
    bed->sample.current_mA = 10000;
    bed_run(bed, 120 * BED_SECOND_us); /* time alone does not end it */
    ck_assert_uint_eq(bed->command.limiter_mA, 10000);
    bed->sample.current_mA = 4900;
    bed_run(bed, 900000);
    ck_assert_uint_eq(bed->command.limiter_mA, 10000);
    bed_run(bed, 300000);
    ck_assert_uint_eq(bed->command.limiter_mA, 0);
    ck_assert(!bed_tripped(bed, BMS_FAULT_CHG_OC) && bed->command.charge_fet);
}
END_TEST

START_TEST(a_calibration_must_be_possible)
{
    (void)put(BMS_PARAM_ACCESS_ENTER, 1234);
    bed->sample.current_mA = -40000;
    bed_run(bed, 1000000);
    ck_assert_int_eq(put(BMS_PARAM_ACTION_CAL_CURRENT, -41000), BMS_PARAM_STATE); /* not steady yet */
    bed_run(bed, 2 * BED_SECOND_us);
    ck_assert_int_eq(put(BMS_PARAM_ACTION_CAL_CURRENT, -60000), BMS_PARAM_STATE);
    ck_assert_int_eq(put(BMS_PARAM_ACTION_CAL_CURRENT, 41000), BMS_PARAM_STATE);
    ck_assert_int_eq(put(BMS_PARAM_ACTION_CAL_CURRENT, -41000), BMS_PARAM_OK);
    bed_run(bed, BED_SECOND_us);
    ck_assert_int_eq(bed->bms.measure.current_mA, -41000);
    ck_assert_int_eq(put(BMS_PARAM_ACTION_CAL_STACK, 16 * 3310), BMS_PARAM_OK);
    bed_run(bed, BED_SECOND_us);
    ck_assert_int_eq(bed->bms.measure.cell_mV[7], 3310);
}
END_TEST

START_TEST(a_preset_is_whole_or_not_at_all)
{
    (void)put(BMS_PARAM_ACCESS_ENTER, 1234);
    ck_assert_int_eq(put(BMS_PARAM_ACTION_PRESET, 1), BMS_PARAM_STATE); /* not one that the product has */
    ck_assert_int_eq(put(BMS_PARAM_PRESET_ALLOWED, 7), BMS_PARAM_OK);
    const int32_t before = bed->bms.params.value[BMS_PARAM_CELL_OV_TRIP];

    ck_assert_int_eq(put(BMS_PARAM_WIRE_HIGH, 4100), BMS_PARAM_OK);
    ck_assert_int_eq(put(BMS_PARAM_ACTION_PRESET, 2), BMS_PARAM_CROSS); /* Li-ion trips at 4.20 V */
    ck_assert_int_eq(bed->bms.params.value[BMS_PARAM_CELL_OV_TRIP], before);
    ck_assert_int_eq(bms_params_check(&bed->bms.params, 16, NULL), BMS_PARAM_OK);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("core_control");
    TCase *tests = tcase_create("control");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, a_write_needs_its_level);
    tcase_add_test(tests, wrong_passwords_lock_for_a_while);
    tcase_add_test(tests, a_restart_gives_no_further_try);
    tcase_add_test(tests, a_new_code_closes_what_no_password_opened);
    tcase_add_test(tests, a_session_ends_at_its_time);
    tcase_add_test(tests, a_write_does_not_end_its_session);
    tcase_add_test(tests, an_update_opens_both_gates_until_its_end);
    tcase_add_test(tests, a_switch_stops_its_direction_only);
    tcase_add_test(tests, the_limiter_stands_in_until_little_flows);
    tcase_add_test(tests, a_calibration_must_be_possible);
    tcase_add_test(tests, a_preset_is_whole_or_not_at_all);
    suite_add_tcase(suite, tests);

    return check_run(suite);
}
