#include "bus/link/link_can.h"

#include <string.h>

#define FIRST 0x80U
#define LAST 0x40U
#define NUMBER 0x3FU
#define END_MARK 0x80U /* of a padded frame */

uint32_t link_can_id(const uint8_t *message, size_t size, unsigned node)
{
    const uint8_t type = size > 0 ? message[0] : 0;
    const bool step = (type & ~(unsigned)LINK_ANSWER) == LINK_STEP;
    const bool answer = (type & LINK_ANSWER) != 0 || type == LINK_GREET;

    return (step ? LINK_CAN_URGENT : LINK_CAN_CALM) + (answer ? LINK_CAN_ANSWER : 0) + node % LINK_CAN_NODES;
}

void link_can_init(struct link_can *c)
{
    memset(c, 0, sizeof *c);
}

static size_t drop(struct link_can *c)
{
    c->counters.malformed += c->begun;
    c->begun = false;
    return 0;
}

/* Without the padding of CAN FD; 0: there is no mark where it should begin. */
static size_t unpadded(const uint8_t *data, size_t size)
{
    while (size > 1 && data[size - 1] == 0) {
        size--;
    }
    return size > 1 && data[size - 1] == END_MARK ? size - 1 : 0;
}

static size_t finish(struct link_can *c)
{
    const size_t size = c->size > LINK_CRC_SIZE ? (size_t)c->size - LINK_CRC_SIZE : 0;
    struct link_in in = { .at = c->body + size, .end = c->body + c->size };

    if (size == 0) {
        return drop(c);
    }
    c->begun = false;
    if (link_get_u32(&in) != link_crc(0, c->body, size)) {
        c->counters.wrong_crc++;
        return 0;
    }
    c->counters.good++;
    return size;
}

size_t link_can_take(struct link_can *c, const uint8_t *data, size_t size, bool fd)
{
    const uint8_t control = size > 0 ? data[0] : 0;

    if ((control & FIRST) != 0) {
        (void)drop(c); /* what had begun has lost its end */
        c->begun = true;
        c->size = 0;
        c->number = 0;
    }
    if (!c->begun) {
        return 0; /* the rest of a message that was dropped */
    }
    if (fd && (control & LAST) != 0) {
        size = unpadded(data, size);
    }
    if (size == 0 || (control & NUMBER) != c->number || size - 1 > sizeof c->body - c->size) {
        return drop(c);
    }
    memcpy(c->body + c->size, data + 1, size - 1);
    c->size = (uint16_t)(c->size + size - 1);
    c->number = (c->number + 1U) & NUMBER;
    return (control & LAST) != 0 ? finish(c) : 0;
}

void link_can_begin(struct link_can_cut *cut, const uint8_t *message, size_t size, bool fd)
{
    struct link_out o = { .at = cut->crc, .end = cut->crc + LINK_CRC_SIZE };

    cut->message = message;
    cut->size = size;
    cut->at = 0;
    cut->number = 0;
    cut->fd = fd;
    cut->done = false;
    link_put_u32(&o, link_crc(0, message, size));
}

/* The lengths that CAN FD has. */
static size_t fd_size(size_t size)
{
    static const uint8_t sizes[] = { 8, 12, 16, 20, 24, 32, 48, 64 };
    size_t i = 0;

    if (size < 8) {
        return size;
    }
    while (sizes[i] < size) {
        i++;
    }
    return sizes[i];
}

size_t link_can_next(struct link_can_cut *cut, uint8_t *data)
{
    const size_t room = (cut->fd ? LINK_CAN_FD : LINK_CAN_CLASSIC) - 1, left = cut->size + LINK_CRC_SIZE - cut->at;
    const bool last = cut->fd ? left < room : left <= room; /* FD: the mark needs its place */
    const size_t piece = last ? left : room;
    size_t size = 1;

    if (cut->done) {
        return 0;
    }
    data[0] = (uint8_t)((cut->number == 0 && cut->at == 0 ? FIRST : 0U) | (last ? LAST : 0U) | cut->number);
    for (size_t i = 0; i < piece; i++, cut->at++) {
        data[size++] = cut->at < cut->size ? cut->message[cut->at] : cut->crc[cut->at - cut->size];
    }
    if (last && cut->fd) {
        data[size++] = END_MARK;
        memset(data + size, 0, fd_size(size) - size);
        size = fd_size(size);
    }
    cut->number = (cut->number + 1U) & NUMBER;
    cut->done = last;
    return size;
}
