#include "bus/link/link_bytes.h"

#include "bus/link/link.h"

#include <string.h>

static size_t room(const struct link_out *o)
{
    return (size_t)(o->end - o->at);
}

void link_put_u8(struct link_out *o, uint8_t value)
{
    if (o->bad || o->at == o->end) {
        o->bad = true;
        return;
    }
    *o->at++ = value;
}

void link_put_u32(struct link_out *o, uint32_t value)
{
    for (unsigned shift = 0; shift < 32; shift += 8) {
        link_put_u8(o, (uint8_t)(value >> shift));
    }
}

void link_put_varint(struct link_out *o, uint64_t value)
{
    while (value >= 0x80) {
        link_put_u8(o, (uint8_t)(value | 0x80U));
        value >>= 7;
    }
    link_put_u8(o, (uint8_t)value);
}

void link_put_bytes(struct link_out *o, const void *bytes, size_t size)
{
    if (o->bad || room(o) < size) {
        o->bad = true;
        return;
    }
    memcpy(o->at, bytes, size);
    o->at += size;
}

void link_put_text(struct link_out *o, const char *text)
{
    size_t size = 0;

    while (size < LINK_TEXT_MAX && text[size] != '\0') {
        size++;
    }
    link_put_u8(o, (uint8_t)size);
    link_put_bytes(o, text, size);
}

uint8_t link_get_u8(struct link_in *in)
{
    if (in->bad || in->at == in->end) {
        in->bad = true;
        return 0;
    }
    return *in->at++;
}

uint32_t link_get_u32(struct link_in *in)
{
    uint32_t value = 0;

    for (unsigned shift = 0; shift < 32; shift += 8) {
        value |= (uint32_t)link_get_u8(in) << shift;
    }
    return in->bad ? 0 : value;
}

uint64_t link_get_varint(struct link_in *in, uint64_t max)
{
    uint64_t value = 0;

    for (unsigned shift = 0; shift < 70 && !in->bad; shift += 7) {
        const uint8_t byte = link_get_u8(in);
        const uint64_t bits = byte & 0x7FU;

        if (shift == 63 && bits > 1) {
            break;
        }
        value |= bits << shift;
        if ((byte & 0x80U) == 0) {
            in->bad |= (shift > 0 && bits == 0) || value > max; /* one way to write a number */
            return in->bad ? 0 : value;
        }
    }
    in->bad = true;
    return 0;
}

void link_get_text(struct link_in *in, char *text)
{
    const size_t size = link_get_u8(in);

    text[0] = '\0';
    if (in->bad || size > LINK_TEXT_MAX || size > (size_t)(in->end - in->at)) {
        in->bad = true;
        return;
    }
    memcpy(text, in->at, size);
    text[size] = '\0';
    in->at += size;
    for (size_t i = 0; i < size; i++) { /* names are plain: they end up in messages to people */
        if (text[i] < ' ' || text[i] > '~') {
            in->bad = true;
        }
    }
}

bool link_all_read(const struct link_in *in)
{
    return !in->bad && in->at == in->end;
}

uint32_t link_crc(uint32_t crc, const void *bytes, size_t size)
{
    /* Four bits at a time: 64 bytes of table, which a small flash can spare. */
    static const uint32_t table[16] = {
        0x00000000, 0x105EC76F, 0x20BD8EDE, 0x30E349B1, 0x417B1DBC, 0x5125DAD3, 0x61C69362, 0x7198540D,
        0x82F63B78, 0x92A8FC17, 0xA24BB5A6, 0xB21572C9, 0xC38D26C4, 0xD3D3E1AB, 0xE330A81A, 0xF36E6F75,
    };
    const uint8_t *at = bytes;

    crc = ~crc;
    for (size_t i = 0; i < size; i++) {
        crc ^= at[i];
        crc = crc >> 4 ^ table[crc & 15U];
        crc = crc >> 4 ^ table[crc & 15U];
    }
    return ~crc;
}
