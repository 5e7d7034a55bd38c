/* What a firmware keeps, over the bench link: parameters, passwords, the image of the memory, the log. */
#include "tests/support/check_run.h"
#include "tests/support/link_walk.h"

#include <check.h>
#include <string.h>

START_TEST(parameters_are_written_read_and_refused)
{
    struct link_walk w;

    link_walk_start(&w);
    link_client_write(&bed->client, 0, BMS_PARAM_CELL_OV_TRIP, 3600);
    link_bed_ask(bed);
    ck_assert_int_eq(bed->answer.code, LINK_OK);
    link_client_read(&bed->client, BMS_PARAM_CELL_OV_TRIP);
    link_bed_ask(bed);
    ck_assert_int_eq(bed->answer.code, LINK_OK);
    ck_assert_int_eq(bed->answer.value, 3600);
    link_client_write(&bed->client, 0, BMS_PARAM_CELL_OV_TRIP, -1);
    link_bed_ask(bed);
    ck_assert_int_eq(bed->answer.code, LINK_REFUSED);
    link_client_write(&bed->client, 0, BMS_PARAM_CELL_OV_TRIP, 3300);
    link_bed_ask(bed);
    ck_assert_int_eq(bed->answer.code, LINK_CROSS);
    link_client_write(&bed->client, 0, BMS_PARAM_ACTION_PRESET, 2);
    link_bed_ask(bed);
    ck_assert_int_eq(bed->answer.code, LINK_STATE);
    link_client_write(&bed->client, 0, BMS_PARAM_ACCESS_ENTER, 4711);
    link_bed_ask(bed);
    ck_assert_int_eq(bed->answer.code, LINK_ACCESS);
    link_client_read(&bed->client, 60000);
    link_bed_ask(bed);
    ck_assert_int_eq(bed->answer.code, LINK_UNKNOWN);
    link_client_select(&bed->client, "no such set");
    link_bed_ask(bed);
    ck_assert_int_eq(bed->answer.code, LINK_UNKNOWN);
}
END_TEST

static int32_t read_back(enum bms_param id)
{
    link_client_read(&bed->client, (uint16_t)id);
    link_bed_ask(bed);
    ck_assert_int_eq(bed->answer.code, LINK_OK);
    return bed->answer.value;
}

static enum link_code write_at(const struct link_walk *w, enum bms_param id, int32_t value)
{
    link_client_write(&bed->client, w->now_us, (uint16_t)id, value);
    link_bed_ask(bed);
    return bed->answer.code;
}

/* Passwords are told to those only who could write them, and to nobody for wiping the memory. */
START_TEST(passwords_are_not_told_below_their_level)
{
    struct link_walk w;
    int32_t value = 0;

    link_walk_start(&w);
    ck_assert_int_eq(read_back(BMS_PARAM_ACCESS_SERVICE), 0); /* none is set, and all is open */
    ck_assert_int_eq(write_at(&w, BMS_PARAM_ACCESS_DEFAULT, 1234), LINK_OK);
    ck_assert_int_eq(write_at(&w, BMS_PARAM_ACCESS_FACTORY, 4711), LINK_OK);
    link_client_read(&bed->client, BMS_PARAM_ACCESS_FACTORY);
    link_bed_ask(bed);
    ck_assert_int_eq(bed->answer.code, LINK_ACCESS);
    link_client_read(&bed->client, BMS_PARAM_ACCESS_DEFAULT);
    link_bed_ask(bed);
    ck_assert_int_eq(bed->answer.code, LINK_ACCESS);
    ck_assert_int_eq(read_back(BMS_PARAM_ACCESS_SERVICE), 0); /* open, and no password: nothing to hide */
    ck_assert_int_eq(read_back(BMS_PARAM_CELL_OV_TRIP), 3700);
    ck_assert_int_eq(write_at(&w, BMS_PARAM_ACCESS_ENTER, 4711), LINK_OK);
    ck_assert_int_eq(read_back(BMS_PARAM_ACCESS_FACTORY), 4711);
    ck_assert_int_eq(link_core_ops.reset(&bed->core), LINK_OK); /* wipes the memory; the parameters are kept */
    ck_assert_int_eq(link_core_ops.read(&bed->core, BMS_PARAM_ACCESS_FACTORY, &value), LINK_ACCESS);
    ck_assert_int_eq(link_core_ops.read(&bed->core, BMS_PARAM_CELL_OV_TRIP, &value), LINK_OK);
}
END_TEST

/* What an action changes outlives a restart; a factory reset goes back to what was there at the first boot. */
START_TEST(actions_and_a_factory_reset_reach_what_is_stored)
{
    struct link_walk w;

    link_walk_start(&w);
    link_walk_on(&w, 0, 300, 1000000);
    ck_assert_int_eq(write_at(&w, BMS_PARAM_CELL_OV_TRIP, 3680), LINK_OK);
    ck_assert_int_eq(write_at(&w, BMS_PARAM_ACTION_CAL_STACK, 16 * 3333), LINK_OK);
    const int32_t gain_ppm = read_back(BMS_PARAM_VOLTAGE_GAIN);

    ck_assert_int_ne(gain_ppm, 1000000);
    ck_assert_int_eq(read_back(BMS_PARAM_ACTION_CAL_STACK), 0);
    link_client_boot(&bed->client, w.now_us, TICK_us, link_bed_scan);
    link_bed_ask(bed);
    ck_assert_int_eq(read_back(BMS_PARAM_VOLTAGE_GAIN), gain_ppm);
    ck_assert_int_eq(write_at(&w, BMS_PARAM_ACTION_RESET, 1), LINK_OK);
    link_client_boot(&bed->client, w.now_us, TICK_us, link_bed_scan);
    link_bed_ask(bed);
    ck_assert_int_eq(read_back(BMS_PARAM_VOLTAGE_GAIN), 1000000);
    ck_assert_int_eq(read_back(BMS_PARAM_CELL_OV_TRIP), 3700);
}
END_TEST

START_TEST(the_image_of_the_memory_is_there_at_boot)
{
    struct link_walk w;
    uint8_t piece[LINK_PIECE_MAX];

    link_walk_start(&w);
    memset(piece, 0x5A, sizeof piece);
    link_client_image(&bed->client, 3, 128, piece, sizeof piece);
    link_bed_ask(bed);
    ck_assert_int_eq(bed->answer.code, LINK_NOT_NOW); /* it runs */
    link_client_reset(&bed->client);
    link_bed_ask(bed);
    link_client_image(&bed->client, 3, 128, piece, sizeof piece);
    link_bed_ask(bed);
    ck_assert_int_eq(bed->answer.code, LINK_OK);
    ck_assert_mem_eq(bed->image + 896, piece, sizeof piece);
    ck_assert_uint_eq(bed->image[895], 0xFF);
    link_client_image(&bed->client, BMS_STORAGE_PAGES, 0, piece, sizeof piece);
    link_bed_ask(bed);
    ck_assert_int_eq(bed->answer.code, LINK_UNKNOWN);
}
END_TEST

/* Storms of faults: what has been made, lost and waits is told as the core in this process has it. */
START_TEST(the_log_is_told_as_the_core_has_it)
{
    struct link_walk w;
    unsigned waiting = 0;

    link_walk_start(&w);
    for (int k = 0; k < 60; k++) {
        struct link_records here;

        link_walk_on(&w, 700 + k, 60, 2);
        link_walk_step(&w, k); /* an alert leaves the next tick to come */
        memset(&here, 0, sizeof here);
        link_core_records(direct, w.direct_due_us % 3 == 0 ? 0 : 4, &here);
        link_client_records(&bed->client, w.now_us, w.direct_due_us % 3 == 0 ? 0 : 4);
        link_bed_ask(bed);
        ck_assert_int_eq(bed->answer.code, LINK_OK);
        ck_assert_uint_eq(bed->answer.records.made, here.made);
        ck_assert_uint_eq(bed->answer.records.dropped, here.dropped);
        ck_assert_uint_eq(bed->answer.records.count, here.count);
        ck_assert_mem_eq(bed->answer.records.block, here.block, (size_t)here.count * LINK_RECORD_SIZE);
        waiting += here.count;
    }
    ck_assert_uint_gt(bed->answer.records.made, 20);
    ck_assert_uint_gt(waiting, 0);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("link_stored");
    TCase *c = tcase_create("stored");

    tcase_set_timeout(c, 120);
    tcase_add_checked_fixture(c, link_walk_setup, link_walk_teardown);
    tcase_add_test(c, parameters_are_written_read_and_refused);
    tcase_add_test(c, passwords_are_not_told_below_their_level);
    tcase_add_test(c, actions_and_a_factory_reset_reach_what_is_stored);
    tcase_add_test(c, the_image_of_the_memory_is_there_at_boot);
    tcase_add_test(c, the_log_is_told_as_the_core_has_it);
    suite_add_tcase(s, c);
    return s;
}

int main(void)
{
    return check_run(suite());
}
