/* Messages on a byte stream: COBS frames with a CRC.
 *
 *     COBS( message | CRC-32C of it, little-endian ) 0x00
 *
 * 0x00 stands only between frames, so a receiver that lost its place has it again after the next 0x00: a wrong byte
 * costs the frame it hits, a wrong or lost 0x00 the two beside it. Empty frames (0x00 0x00) mean nothing; a sender that
 * repeats a message puts a 0x00 before it, against what noise may have left on the line. */
#ifndef BUS_LINK_LINK_UART_H
#define BUS_LINK_LINK_UART_H

#include "bus/link/link_delta.h"

#define LINK_CRC_SIZE 4
#define LINK_BODY_MAX (LINK_MESSAGE_MAX + LINK_CRC_SIZE)
/* A message as bytes on the line: COBS adds one byte for 254, and the 0x00 at the end. */
#define LINK_UART_MAX (LINK_BODY_MAX + LINK_BODY_MAX / 254 + 2)

struct link_counters { /* of received frames */
    uint32_t good;
    uint32_t wrong_crc; /* well formed, but not what was sent */
    uint32_t malformed; /* cut short, too short for a CRC, or too long */
};

struct link_uart {
    uint8_t body[LINK_BODY_MAX];
    uint16_t size;      /* decoded bytes so far */
    uint8_t code, left; /* of the COBS block: its length byte, and bytes still to come */
    bool begun, too_long;
    struct link_counters counters;
};

void link_uart_init(struct link_uart *u);

/* Takes one byte. Returns the size of the message that it completes, which is then in u->body until the next call; 0:
 * none. Wrong frames are counted and dropped. */
size_t link_uart_take(struct link_uart *u, uint8_t byte);

/* A message as a frame. Returns its size, or 0 if out has not the room. */
size_t link_uart_frame(const uint8_t *message, size_t size, uint8_t *out, size_t room);

#endif
