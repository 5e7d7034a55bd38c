#include "tests/support/link_bed.h"

#include "tests/support/core_bed.h"

#include <check.h>
#include <string.h>

#define REPEATS_MAX 200

const struct link_scan link_bed_scan[LINK_SCANS] = {
    { .start_us = 5000, .period_us = 100000, .skew_us = 3000, .steps = 16 },
    { .start_us = 5000, .period_us = 10000, .steps = 1 },
    { .start_us = 5000, .period_us = 1000000, .steps = 1 },
};

void link_bed_init(struct link_bed *bed)
{
    memset(bed, 0, sizeof *bed);
    bed->random = 1;
    link_client_init(&bed->client);
    link_core_init(&bed->core, "bench under test", bed->image, sizeof bed->image);
    link_device_init(&bed->device, &link_core_ops, &bed->core);
    link_uart_init(&bed->to_device);
    link_uart_init(&bed->to_bench);
}

static bool by_chance(struct link_bed *bed)
{
    return bed->one_in > 0 && bed_random(&bed->random, bed->one_in) == 0;
}

/* Bytes arrive at one end; true if they complete a message, the newest of which is then in to->body. */
static size_t arrive(struct link_uart *to, const uint8_t *frame, size_t size)
{
    size_t got = 0;

    for (size_t i = 0; i < size; i++) {
        const size_t message = link_uart_take(to, frame[i]);

        got = message > 0 ? message : got;
    }
    return got;
}

// NOLINTBEGIN(misc-no-recursion): a request down, its answer up, no deeper
static void answer(struct link_bed *bed, bool *done);

/* A frame goes down the line to the device, or up to the bench. */
static void carry(struct link_bed *bed, bool down, const uint8_t *message, size_t message_size, bool *done)
{
    uint8_t frame[LINK_UART_MAX];
    const size_t size = link_uart_frame(message, message_size, frame, sizeof frame);
    int copies = by_chance(bed) ? 0 : by_chance(bed) ? 2 : 1;

    ck_assert_uint_gt(size, 0);
    bed->bytes += size;
    if (by_chance(bed)) {
        frame[bed_random(&bed->random, (uint32_t)size)] ^= (uint8_t)(1U << bed_random(&bed->random, 8));
    }
    if (down && by_chance(bed)) { /* an old request comes once more */
        (void)arrive(&bed->to_device, bed->late, bed->late_size);
        const size_t got = arrive(&bed->to_device, bed->late, bed->late_size);

        if (got > 0 && link_device_take(&bed->device, bed->to_device.body, got) > 0) {
            answer(bed, done);
        }
    }
    if (down && bed_random(&bed->random, 4) == 0) {
        memcpy(bed->late, frame, size);
        bed->late_size = size;
    }
    for (; copies > 0; copies--) {
        const size_t got = arrive(down ? &bed->to_device : &bed->to_bench, frame, size);

        if (got == 0) {
            continue;
        }
        if (!down) {
            struct link_answer taken;

            if (link_client_take(&bed->client, bed->to_bench.body, got, &taken) == LINK_TOOK_ANSWER) {
                bed->answer = taken;
                *done = true;
            }
        } else if (link_device_take(&bed->device, bed->to_device.body, got) > 0) {
            answer(bed, done);
        }
    }
}

static void answer(struct link_bed *bed, bool *done)
{
    carry(bed, false, bed->device.answer, bed->device.answer_size, done);
}

// NOLINTEND(misc-no-recursion)

void link_bed_ask(struct link_bed *bed)
{
    bool done = false;

    for (int i = 0; !done; i++) {
        ck_assert_int_lt(i, REPEATS_MAX);
        bed->repeats += i > 0;
        carry(bed, true, bed->client.request, bed->client.size, &done);
    }
}

void link_bed_start(struct link_bed *bed, uint64_t now_us)
{
    link_client_hello(&bed->client, 4711);
    link_bed_ask(bed);
    ck_assert_uint_eq(bed->answer.version, LINK_VERSION);
    ck_assert_uint_eq(bed->answer.identity.layout, link_layout_id());
    link_client_select(&bed->client, "jk48v100pro");
    link_bed_ask(bed);
    ck_assert_int_eq(bed->answer.code, LINK_OK);
    link_client_reset(&bed->client);
    link_bed_ask(bed);
    ck_assert_int_eq(bed->answer.code, LINK_OK);
    link_client_boot(&bed->client, now_us, 10000, link_bed_scan);
    link_bed_ask(bed);
    ck_assert_int_eq(bed->answer.code, LINK_OK);
}
