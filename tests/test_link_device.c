/* The core behind the bench link: the same commands at the same times as in the same process, however bad the line. */
#include "bms_core/params/params.h"
#include "tests/support/core_bed.h"
#include "tests/support/link_bed.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define TICK_us UINT64_C(10000)

static struct link_bed *bed;
static struct bms *direct; /* the core in this process, called at each tick at which it is due */

static void setup(void)
{
    bed = calloc(1, sizeof *bed);
    direct = calloc(1, sizeof *direct);
    ck_assert_ptr_nonnull(bed);
    ck_assert_ptr_nonnull(direct);
    link_bed_init(bed);
}

static void teardown(void)
{
    free(bed);
    free(direct);
}

struct walk { /* a bench that walks ticks as sim/rig.c does, with both */
    struct bms_sample sample;
    struct bms_command command; /* of the direct core */
    uint64_t now_us, direct_due_us, link_due_us;
    bool frozen, changed, by_rule; /* by_rule: of the newest exchange */
    uint32_t exchanges, direct_steps, changes;
};

static void start(struct walk *w)
{
    struct core_bed *healthy = calloc(1, sizeof *healthy);

    ck_assert_ptr_nonnull(healthy);
    memset(w, 0, sizeof *w);
    bed_init(healthy);
    w->sample = healthy->sample;
    w->sample.clock_s = 1767225600;
    free(healthy);
    link_bed_start(bed, 0);
    bms_init(direct, &bms_params_jk48v100pro, bed->image, sizeof bed->image, 0);
    w->changed = true;
}

/* At the present instant: whoever is due is called, and what both say now is compared. */
static void both_step(struct walk *w, int seed)
{
    const bool asks = w->changed || w->now_us >= w->link_due_us;

    if (w->changed || w->now_us >= w->direct_due_us) {
        w->direct_due_us = bms_step(direct, &w->sample, w->now_us, &w->command);
        w->direct_steps++;
    }
    if (asks) {
        const struct bms_command before = bed->client.command;

        link_client_step(&bed->client, &w->sample, w->now_us, true);
        link_bed_ask(bed);
        ck_assert(!bed->answer.no_base);
        w->link_due_us = bed->answer.due_us;
        w->exchanges++;
        w->by_rule = link_scans_match(link_bed_scan, w->now_us, &w->sample);
        w->changes += !bed_same_command(&before, &bed->client.command);
    }
    w->changed = false;
    ck_assert_msg(bed_same_command(&w->command, &bed->client.command), "seed %d at %llu us", seed,
                  (unsigned long long)w->now_us);
}

/* What may happen between two ticks. */
static void disturb(struct walk *w, uint64_t *state)
{
    const uint32_t what = bed_random(state, 40);

    if (what == 0) {
        const int base_mV = 2500 + (int)bed_random(state, 1300);

        for (int i = 0; i < 16; i++) {
            w->sample.cell_mV[i] = (int16_t)(base_mV + (int)bed_random(state, 60));
        }
    } else if (what == 1) {
        w->sample.current_mA = (int32_t)bed_random(state, 300000) - 150000;
    } else if (what == 2) {
        w->sample.temp_ddegC[bed_random(state, 6)] = (int16_t)((int)bed_random(state, 1700) - 450);
    } else if (what == 3) {
        w->sample.detect = bed_random(state, 2);
    } else if (what == 5) {
        w->sample.clock_s = bed_random(state, 4) == 0 ? 0 : 1767225600 + bed_random(state, 100000);
    } else if (what == 4) {
        w->frozen = bed_random(state, 4) == 0;
        return;
    } else {
        return;
    }
    w->changed = true;
}

/* Time goes on, and the chip's clock with it. */
static void go_on(struct walk *w, uint64_t us)
{
    link_clock_apply(w->now_us, w->now_us + us, &w->sample);
    w->now_us += us;
}

/* On to the next tick: conversions, which go by the rule or do not, and the memory, which does what it is told. */
static void next_tick(struct walk *w)
{
    struct bms_sample foretold;

    go_on(w, TICK_us);
    foretold = w->sample;
    if (!w->frozen) {
        link_scans_apply(link_bed_scan, w->now_us, &w->sample);
    }
    if (w->by_rule) {
        link_scans_apply(link_bed_scan, w->now_us, &foretold);
    }
    w->changed |= !link_equal(&link_sample_layout, &foretold, &w->sample);
    if (w->sample.storage_seq != w->command.storage_seq) {
        w->sample.storage_seq = w->command.storage_seq;
        w->sample.storage_status = BMS_STORAGE_DONE;
        w->changed = true;
    }
}

static void walk(struct walk *w, int seed, int ticks, uint32_t calm)
{
    uint64_t state = 1000 + (uint64_t)seed;

    for (int k = 0; k < ticks; k++) {
        next_tick(w);
        if (bed_random(&state, calm) == 0) {
            disturb(w, &state);
        }
        both_step(w, seed);
    }
    if (bed_random(&state, 2) == 0) { /* an alert, between two ticks */
        go_on(w, 3217);
        w->sample.alerts = BMS_ALERT_SCD;
        w->changed = true;
        both_step(w, seed);
        go_on(w, TICK_us - 3217);
        w->sample.alerts = 0;
        w->changed = true; /* as the bench does: what it no longer sees is news too */
    }
}

START_TEST(commands_are_those_of_the_core_bit_for_bit)
{
    struct walk w;

    start(&w);
    for (int k = 0; k < 20; k++) {
        walk(&w, _i * 100 + k, 3000, k % 2 == 0 ? 3 : 200);
    }
    ck_assert_uint_gt(w.changes, 200);
    ck_assert_uint_eq(bed->repeats, 0);
    ck_assert_uint_eq(bed->device.strange, 0);
}
END_TEST

START_TEST(a_bad_line_is_noticed_and_changes_nothing)
{
    struct walk w;

    bed->one_in = 8;
    bed->random = 5 + (uint64_t)_i;
    start(&w);
    for (int k = 0; k < 6; k++) {
        walk(&w, _i * 100 + k, 2000, 3);
    }
    ck_assert_uint_gt(bed->repeats, 100);
    ck_assert_uint_gt(bed->to_device.counters.wrong_crc + bed->to_device.counters.malformed, 50);
    ck_assert_uint_gt(bed->device.strange, 10); /* late requests, not acted upon */
    ck_assert_uint_gt(bed->client.stale, 50);   /* doubled answers */
}
END_TEST

START_TEST(a_steady_pack_costs_hardly_an_exchange)
{
    struct walk w;

    start(&w);
    ck_assert_int_eq(bms_set_param(direct, BMS_PARAM_LED_ON, 0), BMS_PARAM_OK); /* a blinking LED is news */
    link_client_write(&bed->client, 0, BMS_PARAM_LED_ON, 0);
    link_bed_ask(bed);
    ck_assert_int_eq(bed->answer.code, LINK_OK);
    walk(&w, 0, 1000, 1000000);
    w.exchanges = w.direct_steps = w.changes = 0;
    bed->bytes = 0;
    for (int k = 0; k < 360000; k++) { /* an hour */
        next_tick(&w);
        both_step(&w, 0);
    }
    ck_assert_uint_gt(w.direct_steps, 3600);
    /* One for each change of the command (LEDs, display), and some to look ahead. */
    ck_assert_uint_lt(w.exchanges, w.changes + 60);
    ck_assert_uint_lt(bed->bytes, (uint64_t)(w.changes + 60) * 60U);
}
END_TEST

START_TEST(without_steps_ahead_every_due_instant_is_asked_for)
{
    struct walk w;

    start(&w);
    for (int k = 0; k < 1000; k++) {
        next_tick(&w);
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
    struct walk w;

    start(&w);
    walk(&w, 0, 300, 3);
    bed->device.based = false; /* as after an answer that could not be read */
    w.now_us += TICK_us;
    link_client_step(&bed->client, &w.sample, w.now_us, true);
    link_bed_ask(bed);
    ck_assert(bed->answer.no_base);
    w.changed = true;
    both_step(&w, 0);
    walk(&w, 1, 300, 3);
    ck_assert_uint_eq(bed->client.full, 2);
}
END_TEST

START_TEST(parameters_are_written_read_and_refused)
{
    struct walk w;

    start(&w);
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

static enum link_code write_at(const struct walk *w, enum bms_param id, int32_t value)
{
    link_client_write(&bed->client, w->now_us, (uint16_t)id, value);
    link_bed_ask(bed);
    return bed->answer.code;
}

/* Passwords are told to those only who could write them, and to nobody for wiping the memory. */
START_TEST(passwords_are_not_told_below_their_level)
{
    struct walk w;
    int32_t value = 0;

    start(&w);
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
    struct walk w;

    start(&w);
    walk(&w, 0, 300, 1000000);
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
    struct walk w;
    uint8_t piece[LINK_PIECE_MAX];

    start(&w);
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
    struct walk w;
    unsigned waiting = 0;

    start(&w);
    for (int k = 0; k < 60; k++) {
        struct link_records here;

        walk(&w, 700 + k, 60, 2);
        both_step(&w, k); /* an alert leaves the next tick to come */
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
    struct walk w;

    ops.stop = count_stop;
    bed->device.ops = &ops;
    stops = 0;
    start(&w);
    walk(&w, 0, 300, 3);
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
    struct walk w;

    link_client_hello(&bed->client, 4711);
    memcpy(hello, bed->client.request, bed->client.size);
    const size_t size = bed->client.size;

    start(&w); /* with the same nonce */
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

/* A bench that names a time years ahead, or beyond all times, does not hang the firmware. */
START_TEST(a_leap_in_time_is_no_endless_loop)
{
    struct walk w;

    start(&w);
    walk(&w, 0, 300, 3);
    link_client_step(&bed->client, &w.sample, w.now_us + UINT64_C(3600000000000) * 24 * 365, true);
    link_bed_ask(bed);
    ck_assert(!bed->answer.no_base);
    link_client_step(&bed->client, &w.sample, LINK_TIME_MAX_us + 1, true);
    link_bed_ask(bed);
    ck_assert(bed->answer.no_base);
}
END_TEST

/* Whatever arrives with a good CRC but no sense in it: no answer that the bench would believe, no crash. */
START_TEST(nonsense_is_answered_with_a_code_or_not_at_all)
{
    uint64_t state = 8;
    struct walk w;
    uint8_t message[200];

    start(&w);
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
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_loop_test(c, commands_are_those_of_the_core_bit_for_bit, 0, 6);
    tcase_add_loop_test(c, a_bad_line_is_noticed_and_changes_nothing, 0, 4);
    tcase_add_test(c, a_steady_pack_costs_hardly_an_exchange);
    tcase_add_test(c, without_steps_ahead_every_due_instant_is_asked_for);
    tcase_add_test(c, a_lost_base_is_mended_by_a_whole_step);
    tcase_add_test(c, parameters_are_written_read_and_refused);
    tcase_add_test(c, passwords_are_not_told_below_their_level);
    tcase_add_test(c, actions_and_a_factory_reset_reach_what_is_stored);
    tcase_add_test(c, the_image_of_the_memory_is_there_at_boot);
    tcase_add_test(c, the_log_is_told_as_the_core_has_it);
    tcase_add_test(c, nothing_runs_before_hello_select_and_boot);
    tcase_add_test(c, a_dead_bench_stops_the_bms_until_it_is_booted);
    tcase_add_test(c, a_late_hello_does_not_stop_a_running_session);
    tcase_add_test(c, a_greeting_tells_of_a_start);
    tcase_add_test(c, a_leap_in_time_is_no_endless_loop);
    tcase_add_test(c, nonsense_is_answered_with_a_code_or_not_at_all);
    suite_add_tcase(s, c);
    return s;
}

int main(void)
{
    SRunner *r = srunner_create(suite());

    srunner_run_all(r, CK_NORMAL);
    const int failed = srunner_ntests_failed(r);

    srunner_free(r);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
