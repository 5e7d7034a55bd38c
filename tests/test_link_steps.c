/* Steps over the bench link: the same commands at the same times as the core in the same process, however bad the line.
 */
#include "tests/support/check_run.h"
#include "tests/support/core_bed.h"
#include "tests/support/link_walk.h"

#include <check.h>

START_TEST(commands_are_those_of_the_core_bit_for_bit)
{
    struct link_walk w;

    link_walk_start(&w);
    for (int k = 0; k < 20; k++) {
        link_walk_on(&w, _i * 100 + k, 3000, k % 2 == 0 ? 3 : 200);
    }
    ck_assert_uint_gt(w.changes, 200);
    ck_assert_uint_eq(bed->repeats, 0);
    ck_assert_uint_eq(bed->device.strange, 0);
}
END_TEST

START_TEST(a_bad_line_is_noticed_and_changes_nothing)
{
    struct link_walk w;

    bed->one_in = 8;
    bed->random = 5 + (uint64_t)_i;
    link_walk_start(&w);
    for (int k = 0; k < 6; k++) {
        link_walk_on(&w, _i * 100 + k, 2000, 3);
    }
    ck_assert_uint_gt(bed->repeats, 100);
    ck_assert_uint_gt(bed->to_device.counters.wrong_crc + bed->to_device.counters.malformed, 50);
    ck_assert_uint_gt(bed->device.strange, 10); /* late requests, not acted upon */
    ck_assert_uint_gt(bed->client.stale, 50);   /* doubled answers */
}
END_TEST

START_TEST(a_steady_pack_costs_hardly_an_exchange)
{
    struct link_walk w;

    link_walk_start(&w);
    ck_assert_int_eq(bms_set_param(direct, BMS_PARAM_LED_ON, 0), BMS_PARAM_OK); /* a blinking LED is news */
    link_client_write(&bed->client, 0, BMS_PARAM_LED_ON, 0);
    link_bed_ask(bed);
    ck_assert_int_eq(bed->answer.code, LINK_OK);
    link_walk_on(&w, 0, 1000, 1000000);
    w.exchanges = w.direct_steps = w.changes = 0;
    bed->bytes = 0;
    for (int k = 0; k < 360000; k++) { /* an hour */
        link_walk_tick(&w);
        link_walk_step(&w, 0);
    }
    ck_assert_uint_gt(w.direct_steps, 3600);
    /* One for each change of the command (LEDs, display), and some to look ahead. */
    ck_assert_uint_lt(w.exchanges, w.changes + 60);
    ck_assert_uint_lt(bed->bytes, (uint64_t)(w.changes + 60) * 60U);
}
END_TEST

START_TEST(without_steps_ahead_every_due_instant_is_asked_for)
{
    struct link_walk w;

    link_walk_start(&w);
    for (int k = 0; k < 1000; k++) {
        link_walk_tick(&w);
        const bool due = w.changed || w.now_us >= w.link_due_us;

        if (w.changed || w.now_us >= w.direct_due_us) {
            w.direct_due_us = bms_step(direct, &w.sample, w.now_us, &w.command);
            ck_assert(due);
        }
        if (due) {
            link_client_step(&bed->client, &w.sample, w.now_us, false);
            link_bed_ask(bed);
            w.link_due_us = bed->answer.due_us;
        }
        w.changed = false;
        ck_assert(w.link_due_us == w.direct_due_us);
        ck_assert(bed_same_command(&w.command, &bed->client.command));
    }
}
END_TEST

START_TEST(a_lost_base_is_mended_by_a_whole_step)
{
    struct link_walk w;

    link_walk_start(&w);
    link_walk_on(&w, 0, 300, 3);
    bed->device.based = false; /* as after an answer that could not be read */
    w.now_us += TICK_us;
    link_client_step(&bed->client, &w.sample, w.now_us, true);
    link_bed_ask(bed);
    ck_assert(bed->answer.no_base);
    w.changed = true;
    link_walk_step(&w, 0);
    link_walk_on(&w, 1, 300, 3);
    ck_assert_uint_eq(bed->client.full, 2);
}
END_TEST

/* A bench that names a time years ahead, or beyond all times, does not hang the firmware. */
START_TEST(a_leap_in_time_is_no_endless_loop)
{
    struct link_walk w;

    link_walk_start(&w);
    link_walk_on(&w, 0, 300, 3);
    link_client_step(&bed->client, &w.sample, w.now_us + UINT64_C(3600000000000) * 24 * 365, true);
    link_bed_ask(bed);
    ck_assert(!bed->answer.no_base);
    link_client_step(&bed->client, &w.sample, LINK_TIME_MAX_us + 1, true);
    link_bed_ask(bed);
    ck_assert(bed->answer.no_base);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("link_steps");
    TCase *c = tcase_create("steps");

    tcase_set_timeout(c, 120);
    tcase_add_checked_fixture(c, link_walk_setup, link_walk_teardown);
    tcase_add_loop_test(c, commands_are_those_of_the_core_bit_for_bit, 0, 6);
    tcase_add_loop_test(c, a_bad_line_is_noticed_and_changes_nothing, 0, 4);
    tcase_add_test(c, a_steady_pack_costs_hardly_an_exchange);
    tcase_add_test(c, without_steps_ahead_every_due_instant_is_asked_for);
    tcase_add_test(c, a_lost_base_is_mended_by_a_whole_step);
    tcase_add_test(c, a_leap_in_time_is_no_endless_loop);
    suite_add_tcase(s, c);
    return s;
}

int main(void)
{
    return check_run(suite());
}
