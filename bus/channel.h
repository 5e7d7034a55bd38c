/* A channel: whole messages of the bench link to and from a firmware, over bytes (link_uart.h) or CAN frames. */
#ifndef BUS_CHANNEL_H
#define BUS_CHANNEL_H

#include "bus/faults.h"
#include "bus/link/link_uart.h"
#include "bus/port.h"

struct bus_channel;

struct bus_channel_ops {
    /* False: the channel is broken, error says why. */
    bool (*send)(struct bus_channel *c, const uint8_t *message, size_t size);
    /* Waits for one message, which then is in *message until the next call. Returns its size, 0: none came in time,
     * -1: the channel is broken. */
    int (*receive)(struct bus_channel *c, const uint8_t **message, int64_t timeout_us);
    /* Forgets what has come in and was not taken, and half messages. */
    void (*drain)(struct bus_channel *c);
    void (*close)(struct bus_channel *c); /* frees it, and the port below */
};

enum bus_stamps { BUS_STAMPS_NONE, BUS_STAMPS_KERNEL, BUS_STAMPS_HARDWARE };

struct bus_can_news {       /* what SocketCAN tells besides messages; of another channel all zero */
    enum bus_stamps stamps; /* whose time stamps frames carry */
    uint64_t confirmed;     /* own frames that were on the bus */
    uint32_t dropped;       /* frames that the kernel had no room for */
    uint32_t restarts;      /* of the controller, after a bus-off */
    int64_t answer_max_ns;  /* longest from our frame on the bus to the end of the answer, by the stamps */
};

struct bus_channel {
    const struct bus_channel_ops *ops;
    struct link_counters counters; /* of received frames */
    uint32_t line_errors;          /* as the port below counts them */
    uint64_t bytes_out, bytes_in;
    struct bus_can_news can;
    int64_t beat_us; /* CLOCK_MONOTONIC of the bench's newest heartbeat, at a firmware's end; 0: none, or it is done */
    bool repeating;  /* the next message is sent again: something may have been left on the line */
    struct bus_faults *faults; /* of the wire; NULL: a good one. Borrowed */
    char error[BUS_ERROR_SIZE];
};

/* Over a port, which it owns from now on, even on failure (NULL: out of memory). */
struct bus_channel *bus_channel_uart(struct bus_port *port);

/* Over SocketCAN, as the bench's or the firmware's end of a node (link/link_can.h). CAN FD frames where the interface
 * takes them, else classic ones; a firmware answers as it is asked. NULL: error (BUS_ERROR_SIZE bytes) says why. */
struct bus_channel *bus_channel_can(const char *interface, unsigned node, bool device, char *error);

#endif
