/* The bench link's bytes: numbers, differences, frames; and what noise does to them. */
#include "bus/link/link_delta.h"
#include "bus/link/link_uart.h"
#include "tests/support/check_run.h"
#include "tests/support/core_bed.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct bms_command filled(uint64_t *state, uint32_t one_in)
{
    struct bms_command c;

    memset(&c, 0, sizeof c);
    for (size_t i = 0; i < sizeof c; i++) {
        if (bed_random(state, one_in) == 0) {
            ((unsigned char *)&c)[i] = (unsigned char)bed_random(state, 256);
        }
    }
    return c;
}

START_TEST(crc_is_castagnoli)
{
    ck_assert_uint_eq(link_crc(0, "123456789", 9), 0xE3069283U);
    ck_assert_uint_eq(link_crc(link_crc(0, "1234", 4), "56789", 5), 0xE3069283U);
}
END_TEST

START_TEST(varints_have_one_spelling)
{
    static const uint64_t values[] = { 0, 1, 127, 128, 16383, 16384, UINT32_MAX, UINT64_MAX - 1, UINT64_MAX };
    static const uint8_t bad[][11] = {
        { 0x80, 0x00 },                                                       /* 0 in two bytes */
        { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02 },       /* over 64 bits */
        { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01 }, /* too long */
    };
    static const size_t bad_size[] = { 2, 10, 11 };
    uint8_t bytes[16];

    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        struct link_out o = { .at = bytes, .end = bytes + sizeof bytes };

        link_put_varint(&o, values[i]);
        struct link_in in = { .at = bytes, .end = o.at };

        ck_assert(link_get_varint(&in, UINT64_MAX) == values[i] && link_all_read(&in));
        in = (struct link_in){ .at = bytes, .end = o.at - 1 };
        (void)link_get_varint(&in, UINT64_MAX);
        ck_assert(in.bad);
    }
    for (size_t i = 0; i < sizeof bad_size / sizeof bad_size[0]; i++) {
        struct link_in in = { .at = bad[i], .end = bad[i] + bad_size[i] };

        (void)link_get_varint(&in, UINT64_MAX);
        ck_assert(in.bad);
    }
}
END_TEST

START_TEST(differences_bring_every_slot_across)
{
    uint64_t state = 3 + (uint64_t)_i;
    struct bms_command sent, got;
    uint8_t bytes[LINK_COMMAND_MAX];

    memset(&sent, 0, sizeof sent);
    memset(&got, 0, sizeof got);
    for (int k = 0; k < 400; k++) {
        const struct bms_command next = filled(&state, k % 7 == 0 ? 1 : k % 5 == 0 ? 40 : 3);
        struct link_out o = { .at = bytes, .end = bytes + sizeof bytes };

        link_put_delta(&o, &link_command_layout, &sent, &next);
        ck_assert(!o.bad && link_equal(&link_command_layout, &sent, &next));
        struct link_in in = { .at = bytes, .end = o.at };

        ck_assert(link_get_delta(&in, &link_command_layout, &got));
        ck_assert(link_equal(&link_command_layout, &got, &next));
        ck_assert(bed_same_command(&got, &next)); /* the test's own list of fields */
    }
}
END_TEST

/* What the bytes are, so that another implementation can be checked against it. */
START_TEST(a_difference_reads_as_documented)
{
    struct bms_sample base, now;
    uint8_t bytes[LINK_SAMPLE_MAX];
    struct link_out o = { .at = bytes, .end = bytes + sizeof bytes };
    /* 3 slots stay, cells 1 and 2: +1 and -2; then 14 cells, stack and terminal stay, current -300 */
    static const uint8_t expected[] = { 3 << 3 | 1, 2, 3, 16 << 3 | 0, 0xD7, 0x04 };

    memset(&base, 0, sizeof base);
    base.cell_mV[0] = base.cell_mV[1] = 3300;
    now = base;
    now.cell_mV[0] = 3301;
    now.cell_mV[1] = 3298;
    now.current_mA = -300;
    link_put_delta(&o, &link_sample_layout, &base, &now);
    ck_assert_uint_eq((size_t)(o.at - bytes), sizeof expected);
    ck_assert_mem_eq(bytes, expected, sizeof expected);
}
END_TEST

START_TEST(scan_instants_follow_their_rule)
{
    static const struct link_scan cells = { .start_us = 7000, .period_us = 100000, .skew_us = 3000, .steps = 16 };
    static const uint64_t at[][2] = {
        { 0, 0 },         { 6999, 0 },      { 7000, 7000 },    { 9999, 7000 },     { 10000, 10000 },
        { 52000, 52000 }, { 60000, 52000 }, { 106999, 52000 }, { 107000, 107000 }, { 3600005000, 3599952000 }
    };

    for (size_t i = 0; i < sizeof at / sizeof at[0]; i++) {
        ck_assert_uint_eq(link_scan_at(&cells, at[i][0]), at[i][1]);
    }
}
END_TEST

static void check_frame(const uint8_t *message, size_t size)
{
    static struct link_uart u;
    uint8_t frame[LINK_UART_MAX];
    const size_t length = link_uart_frame(message, size, frame, sizeof frame);

    link_uart_init(&u);
    ck_assert_uint_gt(length, size);
    for (size_t i = 0; i < length; i++) {
        const size_t got = link_uart_take(&u, frame[i]);

        ck_assert_uint_eq(frame[i] == 0, i == length - 1);
        ck_assert_uint_eq(got, i == length - 1 ? size : 0);
    }
    ck_assert_mem_eq(u.body, message, size);
}

START_TEST(frames_of_all_lengths_come_out_as_they_went_in)
{
    uint8_t message[LINK_MESSAGE_MAX];
    uint64_t state = 99;

    for (size_t size = 1; size <= sizeof message; size++) {
        const uint32_t kinds = size % 3 == 0 ? 1 : size % 3 == 1 ? 2 : 256; /* zeros only, few, any */

        for (size_t i = 0; i < size; i++) {
            message[i] = (uint8_t)bed_random(&state, kinds);
        }
        check_frame(message, size);
        memset(message, 0x55, size); /* no zero at all: blocks of 254 */
        check_frame(message, size);
    }
}
END_TEST

START_TEST(a_full_frame_is_never_written_past_its_room)
{
    uint8_t frame[32], message[20] = { 0 };

    for (size_t room = 0; room <= sizeof frame; room++) {
        memset(frame, 0xAA, sizeof frame);
        const size_t size = link_uart_frame(message, sizeof message, frame, room);

        ck_assert_uint_eq(size, room >= 26 ? 26 : 0);
        for (size_t i = room; i < sizeof frame; i++) {
            ck_assert_uint_eq(frame[i], 0xAA);
        }
    }
}
END_TEST

/* Frames with numbers in them over a line that flips bits: how many come out wrong, how many are lost beyond those hit?
 */
struct noisy {
    struct link_uart u;
    uint64_t state;
    uint32_t number, hit, wrong, good, lost_unhit, clean_run;
};

/* A number below 2^32 from one step of the generator; bed_random would dominate the test's time. */
static uint32_t draw(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*state >> 32);
}

static void make_message(uint32_t number, uint8_t message[24])
{
    for (unsigned i = 0; i < 24; i++) {
        message[i] = (uint8_t)(number >> (i % 4 * 8) ^ i * 37U);
    }
}

/* One frame; every second one on average is damaged in one to twelve bits. */
static void send_one(struct noisy *n)
{
    uint8_t message[24], frame[64];
    bool came = false;
    const bool hit = (draw(&n->state) & 1U) != 0;

    make_message(n->number, message);
    const size_t size = link_uart_frame(message, sizeof message, frame, sizeof frame);

    for (uint32_t bits = hit ? 1 + draw(&n->state) % 12 : 0; bits > 0; bits--) {
        const uint32_t bit = draw(&n->state) % (uint32_t)(size * 8);

        frame[bit / 8] ^= (uint8_t)(1U << (bit & 7U));
    }
    for (size_t i = 0; i < size; i++) {
        const size_t got = link_uart_take(&n->u, frame[i]);

        if (got > 0) {
            const bool right = got == sizeof message && memcmp(n->u.body, message, sizeof message) == 0;

            n->wrong += !right;
            n->good += right;
            came |= right;
        }
    }
    n->hit += hit;
    n->clean_run = hit ? 0 : n->clean_run + 1;
    n->lost_unhit += !came && n->clean_run >= 2; /* the first clean one may still pay for the noise before it */
    n->number++;
}

START_TEST(noise_makes_no_wrong_frame_and_the_second_good_one_is_in_step_again)
{
    static struct noisy n;
    const char *count = getenv("LINK_FRAMES"); /* 10 000 000 in the long run */
    const uint32_t frames = count != NULL ? (uint32_t)strtoul(count, NULL, 10) : 1000000;

    memset(&n, 0, sizeof n);
    n.state = 20240229;
    link_uart_init(&n.u);
    while (n.number < frames) {
        send_one(&n);
    }
    /* CRC-32: of 10^7 damaged frames 0.002 are expected to pass. */
    ck_assert_uint_eq(n.wrong, 0);
    ck_assert_uint_eq(n.lost_unhit, 0);
    ck_assert_uint_gt(n.hit, frames / 3);
    ck_assert_uint_gt(n.good, frames / 3);
    ck_assert_uint_gt(n.u.counters.wrong_crc + n.u.counters.malformed, frames / 4);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("link_codec");
    TCase *c = tcase_create("codec");

    tcase_set_timeout(c, 120);
    tcase_add_test(c, crc_is_castagnoli);
    tcase_add_test(c, varints_have_one_spelling);
    tcase_add_loop_test(c, differences_bring_every_slot_across, 0, 8);
    tcase_add_test(c, a_difference_reads_as_documented);
    tcase_add_test(c, scan_instants_follow_their_rule);
    tcase_add_test(c, frames_of_all_lengths_come_out_as_they_went_in);
    tcase_add_test(c, a_full_frame_is_never_written_past_its_room);
    tcase_add_test(c, noise_makes_no_wrong_frame_and_the_second_good_one_is_in_step_again);
    suite_add_tcase(s, c);
    return s;
}

int main(void)
{
    return check_run(suite());
}
