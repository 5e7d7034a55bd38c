/* Messages as CAN frames through SocketCAN (raw). Frames that carry our own identifiers and are not ours show another
 * bench, or another firmware with the same node. */
#include "bus/can_socket.h"
#include "bus/link/link_can.h"

#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define WRITE_TIMEOUT_ms 1000
#define LATE_us 100000 /* what is there already is still read after the time is over, for so long */
#define DRAIN_MAX 4096 /* frames: a bus that never falls silent cannot be emptied */

struct can_channel {
    struct bus_channel channel; /* first: a channel is cast back */
    int fd;
    unsigned node;
    bool device, can_fd; /* which end this is; CAN FD frames go out */
    char name[IFNAMSIZ];
    struct link_can in;
    int64_t sent_ns; /* stamp of our newest frame, 0: none, or its message is answered */
};

static struct can_channel *can_of(struct bus_channel *c)
{
    return (struct can_channel *)c;
}

static bool fail(struct can_channel *c, const char *what)
{
    if (c->channel.error[0] == '\0') {
        (void)snprintf(c->channel.error, sizeof c->channel.error, "%s: %s", c->name, what);
    }
    return false;
}

/* ---- sending -------------------------------------------------------------------------------------------------------
 */

/* A full queue is waited for: poll() does not tell when there is room again. */
static bool send_frame(struct can_channel *c, const void *frame, size_t size)
{
    const struct timespec pause = { .tv_nsec = 200000 };

    for (int i = 0; i < WRITE_TIMEOUT_ms * 5; i++) {
        if (write(c->fd, frame, size) == (ssize_t)size) {
            c->channel.bytes_out += size;
            return true;
        }
        if (errno != ENOBUFS && errno != EAGAIN && errno != EINTR) {
            return fail(c, can_socket_why(errno));
        }
        (void)nanosleep(&pause, NULL);
    }
    return fail(c, can_socket_why(ENOBUFS));
}

static void to_bus(void *self, const uint8_t *bytes, size_t size)
{
    (void)send_frame(self, bytes, size);
}

/* One frame onto the bus, or what a bad one makes of it. */
static bool put(struct can_channel *c, const struct canfd_frame *frame, size_t size)
{
    if (c->channel.faults == NULL) {
        return send_frame(c, frame, size);
    }
    c->channel.faults->checked = true;
    bus_faults_pass(c->channel.faults, 0, (const uint8_t *)frame, size, to_bus, c);
    return c->channel.error[0] == '\0';
}

static bool can_send(struct bus_channel *channel, const uint8_t *message, size_t size)
{
    struct can_channel *c = can_of(channel);
    struct link_can_cut cut;
    struct canfd_frame frame;

    link_can_begin(&cut, message, size, c->can_fd);
    for (;;) {
        memset(&frame, 0, sizeof frame);
        frame.can_id = link_can_id(message, size, c->node);
        frame.len = (uint8_t)link_can_next(&cut, frame.data);
        if (frame.len == 0) {
            return true;
        }
        if (!put(c, &frame, c->can_fd ? CANFD_MTU : CAN_MTU)) {
            return false;
        }
    }
}

/* ---- receiving -----------------------------------------------------------------------------------------------------
 */

static int64_t now_us(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* A bus-off ends the bench's conversation; a firmware waits until it is asked again. */
static bool take_error_frame(struct can_channel *c, const struct canfd_frame *f)
{
    const char *const end = can_socket_error(f, &c->channel.can);

    c->channel.line_errors++;
    return end == NULL || c->device || fail(c, end);
}

/* A message is complete: how long after our own frame was on the bus? */
static void time_answer(struct can_channel *c, int64_t stamp_ns)
{
    if (c->sent_ns != 0 && stamp_ns - c->sent_ns > c->channel.can.answer_max_ns) {
        c->channel.can.answer_max_ns = stamp_ns - c->sent_ns;
    }
    c->sent_ns = 0;
}

static bool is_beat(const struct can_channel *c, const struct canfd_frame *f)
{
    return c->device && f->can_id == LINK_CAN_BEAT + c->node;
}

/* One frame off the socket. Returns 1: there may be a message, 0: none there, -1: broken. *size: of a whole message. */
static int take_frame(struct can_channel *c, size_t *size)
{
    struct canfd_frame frame = { 0 };
    char control[CAN_SOCKET_CONTROL];
    struct iovec io = { .iov_base = &frame, .iov_len = sizeof frame };
    struct msghdr m = { .msg_iov = &io, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
    const ssize_t n = recvmsg(c->fd, &m, MSG_DONTWAIT);

    *size = 0;
    if (n < 0) {
        return errno == EAGAIN || errno == EINTR ? 0 : (fail(c, can_socket_why(errno)), -1);
    }
    const int64_t stamp_ns = can_socket_control(&m, &c->channel.can);

    if ((frame.can_id & CAN_ERR_FLAG) != 0) {
        return take_error_frame(c, &frame) ? 1 : -1;
    }
    if ((m.msg_flags & MSG_CONFIRM) != 0) {
        c->channel.can.confirmed++;
        c->sent_ns = stamp_ns;
        return 1;
    }
    if (is_beat(c, &frame)) {
        c->channel.beat_us = frame.len > 0 && frame.data[0] == LINK_CAN_BEAT_ALIVE ? now_us() : 0;
        return 1;
    }
    const bool answer = (frame.can_id & LINK_CAN_ANSWER) != 0;

    c->channel.bytes_in += (uint64_t)n;
    if (answer == c->device) { /* what only we may say */
        return fail(c, c->device ? "another firmware answers for this node" : "another bench talks to this node"), -1;
    }
    *size = link_can_take(&c->in, frame.data, frame.len, n == CANFD_MTU);
    c->can_fd |= c->device && n == CANFD_MTU; /* a firmware answers as it is asked */
    if (*size > 0) {
        time_answer(c, stamp_ns);
    }
    return 1;
}

static int can_receive(struct bus_channel *channel, const uint8_t **message, int64_t timeout_us)
{
    struct can_channel *c = can_of(channel);
    const int64_t end_us = now_us() + timeout_us;

    for (;;) {
        size_t size;
        const int got = channel->error[0] != '\0' ? -1 : take_frame(c, &size);

        channel->counters = c->in.counters;
        if (got < 0) {
            return -1;
        }
        if (got > 0 && size > 0) {
            *message = c->in.body;
            return (int)size;
        }
        const int64_t left_us = end_us - now_us();
        struct pollfd ready = { .fd = c->fd, .events = POLLIN };

        if (left_us <= 0 && (got == 0 || left_us < -LATE_us)) {
            return 0; /* frames that make no message must not keep the bench from noticing */
        }
        if (got == 0) {
            (void)poll(&ready, 1, (int)((left_us + 999) / 1000));
        }
    }
}

static void can_drain(struct bus_channel *channel)
{
    struct can_channel *c = can_of(channel);
    struct canfd_frame frame;

    for (int i = 0; i < DRAIN_MAX && recv(c->fd, &frame, sizeof frame, MSG_DONTWAIT) > 0; i++) {
    }
    c->in.begun = false;
}

static void can_close(struct bus_channel *channel)
{
    (void)close(can_of(channel)->fd);
    free(channel);
}

static const struct bus_channel_ops can_ops = {
    .send = can_send, .receive = can_receive, .drain = can_drain, .close = can_close
};

/* ---- opening -------------------------------------------------------------------------------------------------------
 */

/* All four identifiers of the node: the other end's, and our own to notice a second one of us. A firmware also listens
 * for the bench's heartbeat. */
static void wish_node(struct can_socket_wish *wish, unsigned node, bool device)
{
    for (unsigned i = 0; i < 4; i++) {
        wish->filter[i].can_id = (i < 2 ? LINK_CAN_URGENT : LINK_CAN_CALM) + (i % 2 != 0 ? LINK_CAN_ANSWER : 0) + node;
        wish->filter[i].can_mask = CAN_SFF_MASK | CAN_EFF_FLAG | CAN_RTR_FLAG;
    }
    wish->filters = 4;
    if (device) {
        wish->filter[wish->filters++] = (struct can_filter){ LINK_CAN_BEAT + node, wish->filter[0].can_mask };
    }
}

struct bus_channel *bus_channel_can(const char *interface, unsigned node, bool device, char *error)
{
    struct can_channel *c = calloc(1, sizeof *c);
    struct can_socket_wish wish = { .interface = interface };

    (void)snprintf(error, BUS_ERROR_SIZE, "out of memory");
    if (c == NULL) {
        return NULL;
    }
    wish_node(&wish, node, device);
    c->channel.ops = &can_ops;
    c->node = node;
    c->device = device;
    link_can_init(&c->in);
    (void)snprintf(c->name, sizeof c->name, "%s", interface);
    c->fd = can_socket_open(&wish, error);
    if (c->fd < 0) {
        free(c);
        return NULL;
    }
    c->can_fd = wish.can_fd && !device;
    return &c->channel;
}
