/* Messages as COBS frames on a port. */
#include "bus/channel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CHUNK 512
#define BYTES 4096    /* a chunk, with what a bad wire adds */
#define DRAIN_MAX 256 /* reads: a line that never falls silent cannot be emptied */

struct uart_channel {
    struct bus_channel channel; /* first: a channel is cast back */
    struct bus_port *port;
    struct link_uart uart;
    uint8_t bytes[BYTES]; /* read and not yet taken: at..size */
    size_t at, size;
};

static struct uart_channel *uart_of(struct bus_channel *c)
{
    return (struct uart_channel *)c;
}

static void broken(struct uart_channel *u)
{
    (void)snprintf(u->channel.error, sizeof u->channel.error, "%s", u->port->error);
}

static void to_port(void *self, const uint8_t *bytes, size_t size)
{
    struct uart_channel *u = self;

    (void)u->port->ops->write(u->port, bytes, size);
}

static void to_bytes(void *self, const uint8_t *bytes, size_t size)
{
    struct uart_channel *u = self;

    if (size <= sizeof u->bytes - u->size) {
        memcpy(u->bytes + u->size, bytes, size);
        u->size += size;
    }
}

static bool put(struct uart_channel *u, const uint8_t *bytes, size_t size)
{
    if (u->channel.faults == NULL) {
        return u->port->ops->write(u->port, bytes, size);
    }
    bus_faults_pass(u->channel.faults, 0, bytes, size, to_port, u);
    return u->port->error[0] == '\0';
}

/* Reads a chunk, to be taken. Returns what the port does. */
static int get(struct uart_channel *u, int64_t timeout_us)
{
    uint8_t chunk[CHUNK];
    const int n = u->port->ops->read(u->port, chunk, sizeof chunk, timeout_us);

    u->at = u->size = 0;
    if (n > 0 && u->channel.faults != NULL) {
        bus_faults_pass(u->channel.faults, 1, chunk, (size_t)n, to_bytes, u);
    } else if (n > 0) {
        to_bytes(u, chunk, (size_t)n);
    }
    return n;
}

static bool uart_send(struct bus_channel *c, const uint8_t *message, size_t size)
{
    struct uart_channel *u = uart_of(c);
    uint8_t frame[LINK_UART_MAX + 1] = { 0 }; /* a 0x00 first, for a repetition */
    const size_t length = link_uart_frame(message, size, frame + 1, sizeof frame - 1);
    const size_t skip = c->repeating ? 0 : 1;

    c->repeating = false;
    if (!put(u, frame + skip, length + 1 - skip)) {
        broken(u);
        return false;
    }
    c->bytes_out = u->port->written;
    return true;
}

static int64_t now_us(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* A message from the bytes that are there; 0: none is complete. */
static size_t take_bytes(struct uart_channel *u)
{
    while (u->at < u->size) {
        const size_t message = link_uart_take(&u->uart, u->bytes[u->at++]);

        if (message > 0) {
            return message;
        }
    }
    return 0;
}

static int uart_receive(struct bus_channel *c, const uint8_t **message, int64_t timeout_us)
{
    struct uart_channel *u = uart_of(c);
    const int64_t end_us = now_us() + timeout_us;
    bool late = false; /* a line that never falls silent must not keep the bench from noticing */

    for (;;) {
        const size_t size = take_bytes(u);

        if (size > 0) {
            c->counters = u->uart.counters;
            *message = u->uart.body;
            return (int)size;
        }
        if (late) {
            c->counters = u->uart.counters;
            return 0;
        }
        const int64_t left_us = end_us - now_us();
        const int n = get(u, left_us > 0 ? left_us : 0);

        c->line_errors = u->port->line_errors;
        c->bytes_in = u->port->read;
        if (n < 0) {
            broken(u);
            return -1;
        }
        late = left_us <= 0;
    }
}

static void uart_drain(struct bus_channel *c)
{
    struct uart_channel *u = uart_of(c);
    const struct link_counters counters = u->uart.counters;

    for (int i = 0; i < DRAIN_MAX && u->port->ops->read(u->port, u->bytes, sizeof u->bytes, 0) > 0; i++) {
    }
    u->at = u->size = 0;
    link_uart_init(&u->uart);
    u->uart.counters = counters;
    c->repeating = true;
}

static void uart_close(struct bus_channel *c)
{
    struct uart_channel *u = uart_of(c);

    u->port->ops->close(u->port);
    free(u);
}

static const struct bus_channel_ops uart_ops = {
    .send = uart_send, .receive = uart_receive, .drain = uart_drain, .close = uart_close
};

struct bus_channel *bus_channel_uart(struct bus_port *port)
{
    struct uart_channel *u = calloc(1, sizeof *u);

    if (u == NULL) {
        port->ops->close(port);
        return NULL;
    }
    u->channel.ops = &uart_ops;
    u->port = port;
    link_uart_init(&u->uart);
    return &u->channel;
}
