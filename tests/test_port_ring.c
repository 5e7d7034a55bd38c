/* The ring between interrupt and program of the Cortex-M port. */
#include "bms_core/ports/cortex_m/ring.h"
#include "tests/support/check_run.h"

#include <check.h>

static struct ring ring;

static void at(uint32_t count)
{
    ring = (struct ring){ .put = count, .taken = count };
}

START_TEST(bytes_come_out_in_order_and_none_is_lost)
{
    uint8_t byte;
    uint32_t in = 0, out = 0;

    /* Begins shortly before the counts wrap. Runs ahead by a different number each round, as an interrupt would. */
    at(UINT32_MAX - 5000U);
    for (uint32_t round = 0; round < 40; round++) {
        for (uint32_t i = 0; i < round * 37 % RING_SIZE; i++, in++) {
            ck_assert(ring_put(&ring, (uint8_t)(in * 7)));
        }
        ck_assert_uint_eq(ring_waiting(&ring), in - out);
        while (ring_take(&ring, &byte)) {
            ck_assert_uint_eq(byte, (uint8_t)(out * 7));
            out++;
        }
        ck_assert_uint_eq(in, out);
    }
    ck_assert_uint_gt(in, 6000); /* the counts have wrapped */
}
END_TEST

START_TEST(a_full_ring_refuses_and_keeps_what_it_has)
{
    uint8_t byte;

    at(UINT32_MAX - 10U);
    for (uint32_t i = 0; i < RING_SIZE; i++) {
        ck_assert(ring_put(&ring, (uint8_t)(i ^ i >> 8)));
    }
    ck_assert(!ring_put(&ring, 0xAA));
    ck_assert_uint_eq(ring_waiting(&ring), RING_SIZE);
    for (uint32_t i = 0; i < RING_SIZE; i++) {
        ck_assert(ring_take(&ring, &byte));
        ck_assert_uint_eq(byte, (uint8_t)(i ^ i >> 8));
    }
    ck_assert(!ring_take(&ring, &byte));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("port_ring");
    TCase *c = tcase_create("ring");

    tcase_add_test(c, bytes_come_out_in_order_and_none_is_lost);
    tcase_add_test(c, a_full_ring_refuses_and_keeps_what_it_has);
    suite_add_tcase(s, c);

    return check_run(s);
}
