#include "bus/can_beat.h"

#include "bus/can_socket.h"
#include "bus/link/link_can.h"
#include "bus/port.h"

#include <errno.h>
#include <linux/can/bcm.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BEATS 20 /* that are sent without the bench doing anything */
#define KEEP_ns INT64_C(500000000)

struct can_beat {
    int fd;
    unsigned node;
    int64_t kept_ns; /* when the kernel was last told, 0: never */
};

static bool tell(struct can_beat *b, uint32_t opcode, uint32_t flags, uint8_t state)
{
    struct bcm_msg_head head = { .opcode = opcode, .flags = flags, .count = BEATS };
    struct can_frame frame = { .can_id = LINK_CAN_BEAT + b->node, .can_dlc = 1, .data = { state } };
    uint8_t order[sizeof head + sizeof frame];

    head.ival1.tv_usec = (long)LINK_CAN_BEAT_ms * 1000;
    head.can_id = frame.can_id;
    head.nframes = opcode == TX_DELETE ? 0 : 1;
    memcpy(order, &head, sizeof head);
    memcpy(order + sizeof head, &frame, sizeof frame);
    return write(b->fd, order, sizeof order) == (ssize_t)sizeof order;
}

struct can_beat *can_beat_open(const char *interface, unsigned node, char *error)
{
    struct sockaddr_can address = { .can_family = AF_CAN, .can_ifindex = (int)if_nametoindex(interface) };
    struct can_beat *b = calloc(1, sizeof *b);

    (void)snprintf(error, BUS_ERROR_SIZE, "out of memory");
    if (b == NULL) {
        return NULL;
    }
    b->node = node;
    b->fd = socket(PF_CAN, SOCK_DGRAM | SOCK_CLOEXEC, CAN_BCM);
    if (b->fd >= 0 && connect(b->fd, (const struct sockaddr *)&address, sizeof address) == 0) {
        return b;
    }
    (void)snprintf(error, BUS_ERROR_SIZE, "%s: no cyclic frames: %s", interface, can_socket_why(errno));
    if (b->fd >= 0) {
        (void)close(b->fd);
    }
    free(b);
    return NULL;
}

void can_beat_keep(struct can_beat *beat)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    const int64_t now_ns = (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;

    if (beat->kept_ns == 0 || now_ns - beat->kept_ns > KEEP_ns) {
        (void)tell(beat, TX_SETUP, SETTIMER | STARTTIMER | TX_ANNOUNCE, LINK_CAN_BEAT_ALIVE);
        beat->kept_ns = now_ns;
    }
}

void can_beat_close(struct can_beat *beat)
{
    if (beat->kept_ns != 0) {
        (void)tell(beat, TX_DELETE, 0, 0);
        (void)tell(beat, TX_SEND, 0, LINK_CAN_BEAT_OVER);
    }
    (void)close(beat->fd);
    free(beat);
}
