#include "bus/link/link_uart.h"

#include <string.h>

#define BLOCK_MAX 0xFFU /* a block of 254 bytes without a zero after it */

static void begin(struct link_uart *u)
{
    u->size = 0;
    u->code = u->left = 0;
    u->begun = u->too_long = false;
}

void link_uart_init(struct link_uart *u)
{
    memset(u, 0, sizeof *u);
}

static void add(struct link_uart *u, uint8_t byte)
{
    if (u->size == sizeof u->body) {
        u->too_long = true;
        return;
    }
    u->body[u->size++] = byte;
}

/* A 0x00 came: is what stands before it a frame? */
static size_t finish(struct link_uart *u)
{
    const bool empty = !u->begun;
    const bool whole = u->left == 0 && !u->too_long && u->size > LINK_CRC_SIZE;
    const size_t size = whole ? (size_t)u->size - LINK_CRC_SIZE : 0;

    begin(u);
    if (empty) {
        return 0;
    }
    if (!whole) {
        u->counters.malformed++;
        return 0;
    }
    struct link_in in = { .at = u->body + size, .end = u->body + size + LINK_CRC_SIZE };

    if (link_get_u32(&in) != link_crc(0, u->body, size)) {
        u->counters.wrong_crc++;
        return 0;
    }
    u->counters.good++;
    return size;
}

size_t link_uart_take(struct link_uart *u, uint8_t byte)
{
    if (byte == 0) {
        return finish(u);
    }
    if (u->left > 0) {
        add(u, byte);
        u->left--;
        return 0;
    }
    if (u->begun && u->code != BLOCK_MAX) {
        add(u, 0);
    }
    u->begun = true;
    u->code = byte;
    u->left = (uint8_t)(byte - 1U);
    return 0;
}

struct stuffer { /* writes a byte stream as COBS */
    uint8_t *out;
    size_t size, room, block; /* block: where the length byte of the present one stands */
    bool full;
};

static void open_block(struct stuffer *s)
{
    s->block = s->size;
    s->full |= s->size >= s->room;
    s->size += !s->full;
}

static void close_block(struct stuffer *s)
{
    if (!s->full) {
        s->out[s->block] = (uint8_t)(s->size - s->block);
    }
}

static void stuff(struct stuffer *s, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size && !s->full; i++) {
        if (s->size - s->block == BLOCK_MAX) {
            close_block(s);
            open_block(s);
        }
        if (bytes[i] == 0) {
            close_block(s);
            open_block(s);
        } else if (s->size < s->room) {
            s->out[s->size++] = bytes[i];
        } else {
            s->full = true;
        }
    }
}

size_t link_uart_frame(const uint8_t *message, size_t size, uint8_t *out, size_t room)
{
    struct stuffer s = { .out = out, .room = room };
    uint8_t crc[LINK_CRC_SIZE] = { 0 };
    struct link_out o = { .at = crc, .end = crc + sizeof crc };

    link_put_u32(&o, link_crc(0, message, size));
    open_block(&s);
    stuff(&s, message, size);
    stuff(&s, crc, sizeof crc);
    close_block(&s);
    if (s.full || s.size == room) {
        return 0;
    }
    out[s.size] = 0;
    return s.size + 1;
}
