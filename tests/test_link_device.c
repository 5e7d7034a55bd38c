/* A firmware's end of the bench link: beginnings, ends, and what makes no sense. */
#include "tests/support/check_run.h"
#include "tests/support/core_bed.h"
#include "tests/support/link_walk.h"

#include <check.h>
#include <string.h>

START_TEST(nothing_runs_before_hello_select_and_boot)
{
    link_client_select(&bed->client, "jk48v100pro");
    ck_assert_uint_eq(link_device_take(&bed->device, bed->client.request, bed->client.size), 0);
    link_client_hello(&bed->client, 1);
    link_bed_ask(bed);
    link_client_boot(&bed->client, 0, 10000, link_bed_scan);
    link_bed_ask(bed);
    ck_assert_int_eq(bed->answer.code, LINK_NOT_NOW);
    link_client_records(&bed->client, 0, 1);
    link_bed_ask(bed);
    ck_assert_int_eq(bed->answer.code, LINK_NOT_NOW);
    ck_assert(!bed->device.booted);
}
END_TEST

static int stops;

static void count_stop(void *self)
{
    (void)self;
    stops++;
}

/* A firmware whose bench has died: the BMS stands still, says so, and runs again when it is booted. */
START_TEST(a_dead_bench_stops_the_bms_until_it_is_booted)
{
    struct link_device_ops ops = link_core_ops;
    struct link_answer greeting;
    struct link_walk w;

    ops.stop = count_stop;
    bed->device.ops = &ops;
    stops = 0;
    link_walk_start(&w);
    link_walk_on(&w, 0, 300, 3);
    const size_t size = link_device_bench_gone(&bed->device);

    ck_assert_int_eq(stops, 1);
    ck_assert_int_eq(link_client_take(&bed->client, bed->device.answer, size, &greeting), LINK_TOOK_GREETING);
    link_client_step(&bed->client, &w.sample, w.now_us, true);
    link_bed_ask(bed);
    ck_assert(bed->answer.no_base);
    (void)link_device_bench_gone(&bed->device);
    ck_assert_int_eq(stops, 1); /* it stands still already */
    link_client_boot(&bed->client, w.now_us, 10000, link_bed_scan);
    link_bed_ask(bed);
    ck_assert_int_eq(bed->answer.code, LINK_OK);
    link_client_step(&bed->client, &w.sample, w.now_us, true);
    link_bed_ask(bed);
    ck_assert(!bed->answer.no_base);
}
END_TEST

START_TEST(a_late_hello_does_not_stop_a_running_session)
{
    uint8_t hello[LINK_REQUEST_MAX];
    struct link_walk w;

    link_client_hello(&bed->client, 4711);
    memcpy(hello, bed->client.request, bed->client.size);
    const size_t size = bed->client.size;

    link_walk_start(&w); /* with the same nonce */
    ck_assert_uint_eq(link_device_take(&bed->device, hello, size), 0);
    ck_assert(bed->device.booted);
    link_client_hello(&bed->client, 4712); /* another bench */
    link_bed_ask(bed);
    ck_assert(!bed->device.booted);
}
END_TEST

START_TEST(a_greeting_tells_of_a_start)
{
    struct link_answer a;
    const size_t size = link_device_greet(&bed->device);

    ck_assert_int_eq(link_client_take(&bed->client, bed->device.answer, size, &a), LINK_TOOK_GREETING);
    ck_assert_str_eq(a.identity.name, "bench under test");
    ck_assert_uint_eq(a.identity.cells, BMS_CELLS_MAX);
}
END_TEST

/* Whatever arrives with a good CRC but no sense in it: no answer that the bench would believe, no crash. */
START_TEST(nonsense_is_answered_with_a_code_or_not_at_all)
{
    uint64_t state = 8;
    struct link_walk w;
    uint8_t message[200];

    link_walk_start(&w);
    for (int k = 0; k < 200000; k++) {
        const size_t size = bed_random(&state, sizeof message);

        for (size_t i = 0; i < size; i++) {
            message[i] = (uint8_t)bed_random(&state, 256);
        }
        if (size > 3) { /* most with a type and number that fit */
            message[0] = (uint8_t)(2 + bed_random(&state, 7));
            message[1] = (uint8_t)link_next(bed->device.sequence);
            message[2] = (uint8_t)(link_next(bed->device.sequence) >> 8);
        }
        ck_assert(link_device_take(&bed->device, message, size) <= sizeof bed->device.answer);
    }
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("link_device");
    TCase *c = tcase_create("device");

    tcase_set_timeout(c, 120);
    tcase_add_checked_fixture(c, link_walk_setup, link_walk_teardown);
    tcase_add_test(c, nothing_runs_before_hello_select_and_boot);
    tcase_add_test(c, a_dead_bench_stops_the_bms_until_it_is_booted);
    tcase_add_test(c, a_late_hello_does_not_stop_a_running_session);
    tcase_add_test(c, a_greeting_tells_of_a_start);
    tcase_add_test(c, nonsense_is_answered_with_a_code_or_not_at_all);
    suite_add_tcase(s, c);
    return s;
}

int main(void)
{
    return check_run(suite());
}
