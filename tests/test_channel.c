/* A line that never falls silent: a console, another baud rate, a stuck transmitter. */
#include "bus/channel.h"
#include "tests/support/check_run.h"

#include <check.h>
#include <string.h>
#include <time.h>

static const uint8_t noise[] = { 0x55, 0x00 }; /* bytes without an end of frame, and empty frames */
static uint8_t byte;

static bool swallow(struct bus_port *p, const uint8_t *bytes, size_t size)
{
    (void)bytes;
    p->written += size;
    return true;
}

static int babble(struct bus_port *p, uint8_t *bytes, size_t room, int64_t timeout_us)
{
    (void)timeout_us;
    memset(bytes, byte, room);
    p->read += room;
    return (int)room;
}

static void leave(struct bus_port *p)
{
    (void)p;
}

static double seconds(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

START_TEST(a_line_that_never_falls_silent_is_no_answer_in_time)
{
    static const struct bus_port_ops ops = { .kind = "noisy", .write = swallow, .read = babble, .close = leave };
    struct bus_port port = { .ops = &ops };
    struct bus_channel *c = bus_channel_uart(&port);
    const uint8_t *message = NULL;
    const double begin_s = seconds();

    byte = noise[_i];
    ck_assert_ptr_nonnull(c);
    ck_assert_int_eq(c->ops->receive(c, &message, 50000), 0);
    ck_assert_double_ge(seconds() - begin_s, 0.05);
    c->ops->drain(c);
    ck_assert_uint_gt(c->bytes_in, 0);
    c->ops->close(c);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("channel");
    TCase *tests = tcase_create("uart");

    tcase_set_timeout(tests, 20); /* a hang is what it looks for */
    tcase_add_loop_test(tests, a_line_that_never_falls_silent_is_no_answer_in_time, 0, 2);
    suite_add_tcase(suite, tests);

    return check_run(suite);
}
