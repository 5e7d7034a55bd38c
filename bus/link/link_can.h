/* Messages of the bench link on a CAN bus: cut into frames and put together again.
 *
 * A message and its CRC-32C (little-endian) are cut into pieces. Each frame is a byte of control and a piece:
 *     bit 7 first | bit 6 last | bits 5..0 number of the frame, from 0, wrapping
 * Classic frames carry up to 7 bytes of it, the last as many as are left. CAN FD frames (up to 63) come only in some
 * lengths: the last one ends with 0x80 and as many zeros as are needed.
 *
 * Identifiers (11 bits; the lower goes first): steps and their answers are urgent, all else is not.
 *     0x100 + node  step          0x140 + node  its answer
 *     0x300 + node  request       0x340 + node  answer, greeting
 *     0x700 + node  heartbeat of a bench that keeps to the wall clock: one byte, each 100 ms
 *
 * The heartbeat tells a firmware with a clock and a power stage of its own that its bench lives. One that has heard it
 * and then hears none for half a second opens its gates, stands still and greets (link_device_bench_gone()). */
#ifndef BUS_LINK_LINK_CAN_H
#define BUS_LINK_LINK_CAN_H

#include "bus/link/link_uart.h"

#define LINK_CAN_NODES 64U
#define LINK_CAN_URGENT 0x100U
#define LINK_CAN_CALM 0x300U
#define LINK_CAN_ANSWER 0x40U
#define LINK_CAN_BEAT 0x700U
#define LINK_CAN_BEAT_OVER 0U  /* states: the bench has done its work, */
#define LINK_CAN_BEAT_ALIVE 1U /* or is at it */
#define LINK_CAN_BEAT_ms 100U
#define LINK_CAN_BEAT_LOST_ms 500U
#define LINK_CAN_CLASSIC 8U /* bytes of a frame */
#define LINK_CAN_FD 64U

struct link_can { /* puts messages together */
    uint8_t body[LINK_BODY_MAX];
    uint16_t size;
    uint8_t number; /* of the next frame */
    bool begun;
    struct link_counters counters;
};

struct link_can_cut { /* cuts one message */
    const uint8_t *message;
    size_t size, at; /* at beyond size: in the CRC */
    uint8_t crc[LINK_CRC_SIZE];
    uint8_t number;
    bool fd, done;
};

/* The identifier on which a message travels. */
uint32_t link_can_id(const uint8_t *message, size_t size, unsigned node);

void link_can_init(struct link_can *c);

/* Takes the data of one frame, in the order of the bus. Returns the size of the message that it completes, which is
 * then in c->body; 0: none. Frames that do not follow each other are counted and drop the message they belong to. */
size_t link_can_take(struct link_can *c, const uint8_t *data, size_t size, bool fd);

/* message must stay until the last frame is cut. */
void link_can_begin(struct link_can_cut *cut, const uint8_t *message, size_t size, bool fd);
/* The next frame's data (room for LINK_CAN_FD bytes). Returns its size, 0: all are cut. */
size_t link_can_next(struct link_can_cut *cut, uint8_t *data);

#endif
