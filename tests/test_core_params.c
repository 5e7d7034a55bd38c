#include "bms_core/bms.h"
#include "bms_core/params/params.h"
#include "sim/params_json.h"
#include "tests/support/check_run.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SET "bms_core/params/jk48v100pro.json"

static struct bms_params params;

#define SET_ROW(id) { #id, &bms_params_##id },
static const struct {
    const char *id;
    const struct bms_params *params;
} sets[] = { BMS_PARAM_SETS(SET_ROW) };

static void setup(void)
{
    params = bms_params_jk48v100pro;
}

START_TEST(an_id_is_a_place_and_a_name_finds_it)
{
    const struct bms_param_info *info = &bms_param_table[_i];
    const size_t size = strlen(info->name);

    ck_assert_uint_eq(info->id, (unsigned)_i);
    ck_assert_int_eq(bms_param_find(info->name, size), _i);
    ck_assert_int_eq(bms_param_find(info->name, size - 1) == _i, 0);
    ck_assert_int_le(info->min, info->max);
    ck_assert_int_gt(info->scale, 0);
    ck_assert_uint_lt(info->other, BMS_PARAM_COUNT);
}
END_TEST

/* F-47 */
START_TEST(a_value_out_of_range_is_refused_and_the_ends_are_read_back)
{
    const struct bms_param_info *info = &bms_param_table[_i];
    const int32_t before = params.value[_i];

    if (info->min > INT32_MIN) {
        ck_assert_int_eq(bms_param_set(&params, info->id, info->min - 1), BMS_PARAM_RANGE);
    }
    if (info->max < INT32_MAX) {
        ck_assert_int_eq(bms_param_set(&params, info->id, info->max + 1), BMS_PARAM_RANGE);
    }
    ck_assert_int_eq(params.value[_i], before);
    ck_assert_int_eq(bms_param_set(&params, info->id, info->min), BMS_PARAM_OK);
    ck_assert_int_eq(params.value[_i], info->min);
    ck_assert_int_eq(bms_param_set(&params, info->id, info->max), BMS_PARAM_OK);
    ck_assert_int_eq(params.value[_i], info->max);
}
END_TEST

START_TEST(a_set_with_one_value_out_of_range_is_refused_there)
{
    const struct bms_param_info *info = &bms_param_table[_i];
    uint16_t which = 0;

    if (info->max == INT32_MAX) {
        return; /* a password: every value is in range */
    }
    params.value[_i] = info->max + 1;
    ck_assert_int_eq(bms_params_check(&params, 16, &which), BMS_PARAM_RANGE);
    ck_assert_uint_eq(which, (unsigned)_i);
}
END_TEST

START_TEST(names_and_ids_that_are_not_there_are_refused)
{
    ck_assert_int_eq(bms_param_find("cell_ov.trip", 12), -1);
    ck_assert_int_eq(bms_param_find("", 0), -1);
    ck_assert_int_eq(bms_param_find("cell_ov.trip_mV2", 16), -1);
    ck_assert_int_eq(bms_param_set(&params, BMS_PARAM_COUNT, 1), BMS_PARAM_UNKNOWN);
    ck_assert_int_eq(bms_param_set(&params, UINT16_MAX, 1), BMS_PARAM_UNKNOWN);
}
END_TEST

START_TEST(each_shipped_set_is_sound)
{
    const unsigned cells = (unsigned)sets[_i].params->value[BMS_PARAM_PACK_CELLS];

    ck_assert_int_eq(bms_params_check(sets[_i].params, cells, NULL), BMS_PARAM_OK);
    ck_assert_int_eq(bms_params_check(sets[_i].params, 0, NULL), BMS_PARAM_OK);
}
END_TEST

/* A release on the wrong side, an alarm behind the trip, a pair out of order. */
static const struct {
    uint16_t row;
    int32_t value;
} contradictions[] = {
    { BMS_PARAM_CELL_OV_RELEASE, 3700 }, { BMS_PARAM_CELL_OV_ALARM, 3701 },   { BMS_PARAM_CELL_OV_ALARM_RELEASE, 3600 },
    { BMS_PARAM_CELL_UV_RELEASE, 2500 }, { BMS_PARAM_CELL_UV_ALARM, 2499 },   { BMS_PARAM_CELL_UV_ALARM_RELEASE, 2800 },
    { BMS_PARAM_CHG_UT_RELEASE, -50 },   { BMS_PARAM_DSG_OC_ALARM, 130001 },  { BMS_PARAM_CELL_UV_RELEASE, 3380 },
    { BMS_PARAM_SCD_THRESHOLD, 130000 }, { BMS_PARAM_CELL_UV_TRIP, 1000 },    { BMS_PARAM_OCV_3, 3066 },
    { BMS_PARAM_BALANCE_STOP, 30 },      { BMS_PARAM_LIMIT_FULL_FROM, 3650 }, { BMS_PARAM_PACK_CELLS, 8 },
    { BMS_PARAM_PACK_OV_TRIP, 72000 },
};

/* The field's failure F-14: a release beyond its trip. */
START_TEST(a_set_that_contradicts_itself_is_refused)
{
    const bool in_range = contradictions[_i].value <= bms_param_table[contradictions[_i].row].max;

    ck_assert(in_range);
    params.value[contradictions[_i].row] = contradictions[_i].value;
    ck_assert_int_eq(bms_params_check(&params, 0, NULL), BMS_PARAM_CROSS);
}
END_TEST

/* F-59 */
START_TEST(a_set_for_another_number_of_cells_is_refused)
{
    uint16_t which = 0;

    ck_assert_int_eq(bms_params_check(&params, 15, &which), BMS_PARAM_CROSS);
    ck_assert_uint_eq(which, BMS_PARAM_PACK_CELLS);
}
END_TEST

START_TEST(the_file_and_the_table_for_firmware_agree)
{
    struct bms_params loaded;
    struct diag d;
    char path[128];

    diag_init(&d);
    ck_assert_int_lt(snprintf(path, sizeof path, "bms_core/params/%s.json", sets[_i].id), (int)sizeof path);
    ck_assert_msg(params_json_load(&loaded, path, &d), "%s: %zu errors", path, d.errors);
    for (int i = 0; i < BMS_PARAM_COUNT; i++) {
        ck_assert_msg(loaded.value[i] == sets[_i].params->value[i], "%s: %s: run scripts/params-to-c", path,
                      bms_param_table[i].name);
    }
    diag_free(&d);
}
END_TEST

/* The shipped file with one piece of text replaced, loaded. */
static bool loads_with(const char *old, const char *new, struct diag *d)
{
    char path[] = "/tmp/core_params_XXXXXX", *text = NULL, *at = NULL;
    const int fd = mkstemp(path);
    FILE *in = fopen(SET, "rb"), *out = fdopen(fd, "wb");
    struct bms_params loaded, untouched;
    size_t size = 0;

    ck_assert_ptr_nonnull(in);
    ck_assert_ptr_nonnull(out);
    text = calloc(1, 1 << 20);
    size = fread(text, 1, (1 << 20) - 1, in);
    ck_assert_uint_gt(size, 0);
    at = strstr(text, old);
    ck_assert_ptr_nonnull(at);
    ck_assert_int_gt(fprintf(out, "%.*s%s%s", (int)(at - text), text, new, at + strlen(old)), 0);
    ck_assert_int_eq(fclose(in), 0);
    ck_assert_int_eq(fclose(out), 0);
    free(text);
    memset(&loaded, 0x55, sizeof loaded);
    untouched = loaded;
    const bool good = params_json_load(&loaded, path, d);

    unlink(path);
    ck_assert(good || memcmp(&loaded, &untouched, sizeof loaded) == 0);
    return good;
}

static const struct {
    const char *old, *new, *says;
} bad_files[] = {
    { "\"cell_ov.trip_mV\": {\"value\": 3700", "\"cell_ov.trip_mV\": {\"value\": 3650000", "range" },
    { "\"cell_ov.trip_mV\": {\"value\": 3700", "\"cell_ov.trip_mV\": {\"value\": 3380", "contradicts" },
    { "\"cell_ov.trip_mV\"", "\"cell_ov.trip\"", "no parameter" },
    { "\"value\": 3700, \"basis\"", "\"basis\"", "value" },
    { "\"basis\": \"derived\"", "\"basis\": \"guessed\"", "guessed" },
    { "\"schema\": \"packbench-params-1\"", "\"schema\": \"packbench-params-2\"", "another kind" },
    { "\"id\"", "\"idd\"", "idd" },
};

START_TEST(a_bad_file_is_refused_with_its_reason)
{
    struct diag d;
    bool said = false;

    diag_init(&d);
    ck_assert(!loads_with(bad_files[_i].old, bad_files[_i].new, &d));
    for (size_t i = 0; i < d.count; i++) {
        said = said || strstr(d.message[i].text, bad_files[_i].says) != NULL;
    }
    ck_assert_msg(said, "%s", d.count > 0 ? d.message[0].text : "no message");
    diag_free(&d);
}
END_TEST

START_TEST(a_parameter_that_is_missing_is_named)
{
    struct diag d;

    diag_init(&d);
    ck_assert(!params_json_load(&params, "/nowhere/at/all.json", &d));
    ck_assert_uint_eq(d.errors, 1);
    diag_free(&d);
    diag_init(&d);
    ck_assert(!loads_with("\"limit.charge_mV\": {", "\"limit.charge_mA\": {", &d));
    ck_assert_uint_ge(d.errors, 1);
    diag_free(&d);
}
END_TEST

#define STORAGE_TRIP                                                                                                   \
    "\"storage.trip_count\": {\"value\": 3, \"basis\": \"assumed\", \"source\": \"packbench\", "                       \
    "\"reading\": \"failures in a row\"},"

START_TEST(only_what_a_product_lacks_may_be_left_out)
{
    struct diag d;

    diag_init(&d);
    ck_assert(!loads_with(STORAGE_TRIP, "", &d));
    ck_assert_ptr_nonnull(strstr(d.message[0].text, "storage.trip_count is missing"));
    diag_free(&d);
    bms_params_init(&params);
    for (int i = 0; i < BMS_PARAM_COUNT; i++) {
        ck_assert_int_ge(params.value[i], bms_param_table[i].min);
        ck_assert_int_le(params.value[i], bms_param_table[i].max);
    }
    ck_assert_int_eq(params.value[BMS_PARAM_CELL_OV_ENABLE], 0);
}
END_TEST

START_TEST(levels_of_a_disabled_fault_need_no_order)
{
    params.value[BMS_PARAM_CELL_DIFF_TRIP] = params.value[BMS_PARAM_CELL_DIFF_RELEASE];
    ck_assert_int_eq(bms_params_check(&params, 0, NULL), BMS_PARAM_CROSS);
    params.value[BMS_PARAM_CELL_DIFF_ENABLE] = 0;
    ck_assert_int_eq(bms_params_check(&params, 0, NULL), BMS_PARAM_OK);
}
END_TEST

/* A board without alarms: setting a trip must not fail because of a level that it does not show. */
START_TEST(levels_of_a_disabled_alarm_need_no_order)
{
    params.value[BMS_PARAM_CELL_OV_TRIP] = params.value[BMS_PARAM_CELL_OV_ALARM] - 10;
    ck_assert_int_eq(bms_params_check(&params, 0, NULL), BMS_PARAM_CROSS);
    params.value[BMS_PARAM_CELL_OV_ENABLE] = BMS_ENABLE_TRIP;
    ck_assert_int_eq(bms_params_check(&params, 0, NULL), BMS_PARAM_OK);
    params.value[BMS_PARAM_CELL_OV_RELEASE] = params.value[BMS_PARAM_CELL_OV_TRIP];
    ck_assert_int_eq(bms_params_check(&params, 0, NULL), BMS_PARAM_CROSS);
}
END_TEST

/* A product may let its user set less than the core can do. */
START_TEST(a_set_may_narrow_what_its_user_can_set)
{
    uint16_t which = 0;

    params.value[BMS_PARAM_CELL_OV_TRIP] = 4400;
    ck_assert_int_eq(bms_params_check(&params, 0, NULL), BMS_PARAM_OK);
    params.value[BMS_PARAM_RANGE_CELL_LOW] = 1200;
    params.value[BMS_PARAM_RANGE_CELL_HIGH] = 4350;
    ck_assert_int_eq(bms_params_check(&params, 0, &which), BMS_PARAM_RANGE);
    ck_assert_uint_eq(which, BMS_PARAM_CELL_OV_TRIP);
    params.value[BMS_PARAM_CELL_OV_TRIP] = 4350;
    ck_assert_int_eq(bms_params_check(&params, 0, NULL), BMS_PARAM_OK);
    params.value[BMS_PARAM_RANGE_OC_TIME_LOW] = params.value[BMS_PARAM_DSG_OC_RELEASE_DELAY] + 1;
    params.value[BMS_PARAM_RANGE_OC_TIME_HIGH] = 120000;
    ck_assert_int_eq(bms_params_check(&params, 0, &which), BMS_PARAM_RANGE);
    params.value[BMS_PARAM_CHG_OC_RELEASE_DELAY] = 120000;
    ck_assert_int_eq(bms_params_check(&params, 0, &which), BMS_PARAM_RANGE);
    ck_assert_uint_eq(which, BMS_PARAM_DSG_OC_RELEASE_DELAY);
    params.value[BMS_PARAM_DSG_OC_ENABLE] = 0;
    ck_assert_int_eq(bms_params_check(&params, 0, NULL), BMS_PARAM_OK);
}
END_TEST

START_TEST(a_parameter_can_be_changed_while_running_but_not_into_nonsense)
{
    static struct bms bms;
    struct bms_command command;

    bms_init(&bms, &params, NULL, 0, 0);
    ck_assert_int_eq(bms_set_param(&bms, BMS_PARAM_CELL_OV_TRIP, 3650), BMS_PARAM_OK);
    ck_assert_int_eq(bms.engine.rule[BMS_FAULT_CELL_OV].trip, 3650);
    ck_assert_int_eq(bms_set_param(&bms, BMS_PARAM_CELL_OV_TRIP, 3380), BMS_PARAM_CROSS);
    ck_assert_int_eq(bms_set_param(&bms, BMS_PARAM_CELL_OV_TRIP, 9999), BMS_PARAM_RANGE);
    ck_assert_int_eq(bms_set_param(&bms, BMS_PARAM_COUNT, 0), BMS_PARAM_UNKNOWN);
    ck_assert_int_eq(bms.engine.rule[BMS_FAULT_CELL_OV].trip, 3650);
    ck_assert_int_eq(bms_set_param(&bms, BMS_PARAM_SCD_DELAY, 100), BMS_PARAM_OK);
    bms_step(&bms, NULL, 10, &command);
    ck_assert_uint_eq(command.scd_delay_us, 100);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("core_params");
    TCase *tc = tcase_create("params");

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_loop_test(tc, an_id_is_a_place_and_a_name_finds_it, 0, BMS_PARAM_COUNT);
    tcase_add_loop_test(tc, a_value_out_of_range_is_refused_and_the_ends_are_read_back, 0, BMS_PARAM_COUNT);
    tcase_add_loop_test(tc, a_set_with_one_value_out_of_range_is_refused_there, 0, BMS_PARAM_COUNT);
    tcase_add_test(tc, names_and_ids_that_are_not_there_are_refused);
    tcase_add_loop_test(tc, each_shipped_set_is_sound, 0, sizeof sets / sizeof sets[0]);
    tcase_add_loop_test(tc, a_set_that_contradicts_itself_is_refused, 0,
                        sizeof contradictions / sizeof contradictions[0]);
    tcase_add_test(tc, a_set_for_another_number_of_cells_is_refused);
    tcase_add_loop_test(tc, the_file_and_the_table_for_firmware_agree, 0, sizeof sets / sizeof sets[0]);
    tcase_add_test(tc, only_what_a_product_lacks_may_be_left_out);
    tcase_add_test(tc, levels_of_a_disabled_fault_need_no_order);
    tcase_add_test(tc, levels_of_a_disabled_alarm_need_no_order);
    tcase_add_test(tc, a_set_may_narrow_what_its_user_can_set);
    tcase_add_loop_test(tc, a_bad_file_is_refused_with_its_reason, 0, sizeof bad_files / sizeof bad_files[0]);
    tcase_add_test(tc, a_parameter_that_is_missing_is_named);
    tcase_add_test(tc, a_parameter_can_be_changed_while_running_but_not_into_nonsense);
    suite_add_tcase(s, tc);

    return check_run(s);
}
