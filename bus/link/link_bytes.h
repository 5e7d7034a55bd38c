/* Numbers into bytes and back, with bounds: a writer that is full, or a reader that is empty, stays bad and the last
 * call of a message asks. */
#ifndef BUS_LINK_LINK_BYTES_H
#define BUS_LINK_LINK_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct link_out {
    uint8_t *at, *end;
    bool bad; /* something did not fit */
};

struct link_in {
    const uint8_t *at, *end;
    bool bad; /* something was missing or not canonical */
};

void link_put_u8(struct link_out *o, uint8_t value);
void link_put_u32(struct link_out *o, uint32_t value);
void link_put_varint(struct link_out *o, uint64_t value);
void link_put_bytes(struct link_out *o, const void *bytes, size_t size);
/* At most LINK_TEXT_MAX characters go. */
void link_put_text(struct link_out *o, const char *text);

/* 0 once the reader is bad. */
uint8_t link_get_u8(struct link_in *in);
uint32_t link_get_u32(struct link_in *in);
/* A varint above max makes the reader bad. */
uint64_t link_get_varint(struct link_in *in, uint64_t max);
/* text must have room for LINK_TEXT_MAX + 1 characters; always terminated. */
void link_get_text(struct link_in *in, char *text);

/* All was read, and nothing is left. */
bool link_all_read(const struct link_in *in);

/* CRC-32C (Castagnoli, reflected 0x82F63B78). Start with 0; a CRC may be continued with more bytes. Hamming distance 6
 * up to 655 bytes: any five wrong bits of a message are found. */
uint32_t link_crc(uint32_t crc, const void *bytes, size_t size);

#endif
