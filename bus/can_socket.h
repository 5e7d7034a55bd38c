/* A raw CAN socket: opened, filtered, and what the kernel tells with and besides the frames. */
#ifndef BUS_CAN_SOCKET_H
#define BUS_CAN_SOCKET_H

#include "bus/channel.h"

#include <linux/can.h>
#include <sys/socket.h>

#define CAN_SOCKET_FILTERS 5

struct can_socket_wish {
    const char *interface;
    struct can_filter filter[CAN_SOCKET_FILTERS];
    unsigned filters;
    bool can_fd; /* out: the interface takes CAN FD frames */
};

/* Returns the descriptor, -1: error (BUS_ERROR_SIZE bytes) says why. */
int can_socket_open(struct can_socket_wish *wish, char *error);

/* Room for what comes with a frame. */
#define CAN_SOCKET_CONTROL 256

/* What came with a frame: its time stamp in ns (of the adapter's clock if it has one, else of the kernel's; 0: none),
 * and how many were dropped before it. */
int64_t can_socket_control(struct msghdr *m, struct bus_can_news *news);

/* Takes an error frame. Returns what ends the conversation, or NULL. */
const char *can_socket_error(const struct canfd_frame *frame, struct bus_can_news *news);

/* What errno means for a CAN interface. */
const char *can_socket_why(int number);

#endif
