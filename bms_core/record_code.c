/* Bytes of the stored blocks: little-endian, 64 bytes, CRC-32 (IEEE 802.3) over the first 60 at the end. */
#include "bms_core/record.h"

#include <stddef.h>
#include <string.h>

#define KIND_RECORD 'R'
#define KIND_COUNTERS 'C'
#define VERSION 2
#define CRC_AT (BMS_RECORD_SIZE - 4)
#define LOCKED 0x80U /* beside the directions of the events, as OFF is */
#define OFF 0x40U
#define TIME_MAX_us (UINT64_MAX >> 16)

static uint32_t crc32(const uint8_t *bytes, unsigned size)
{
    /* clang-format off */
    static const uint32_t nibble[16] = {
        0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4, 0x4DB26158, 0x5005713C,
        0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C, 0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C,
    };
    /* clang-format on */
    uint32_t crc = UINT32_MAX;

    for (unsigned i = 0; i < size; i++) {
        crc ^= bytes[i];
        crc = crc >> 4 ^ nibble[crc & 15U];
        crc = crc >> 4 ^ nibble[crc & 15U];
    }
    return ~crc;
}

static void put(uint8_t *out, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++) {
        out[i] = (uint8_t)(value >> 8 * i);
    }
}

static uint64_t get(const uint8_t *in, unsigned size)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < size; i++) {
        value |= (uint64_t)in[i] << 8 * i;
    }
    return value;
}

static int16_t get_i16(const uint8_t *in)
{
    return (int16_t)(uint16_t)get(in, 2);
}

static int32_t get_i24(const uint8_t *in)
{
    return (int32_t)((uint32_t)get(in, 3) << 8) / 256;
}

static uint16_t get_u16(const uint8_t *in)
{
    return (uint16_t)get(in, 2);
}

static uint32_t get_u32(const uint8_t *in)
{
    return (uint32_t)get(in, 4);
}

/* What does not fit stays at the end of its range. */
static uint64_t at_most(uint64_t value, uint64_t most)
{
    return value > most ? most : value;
}

static void begin(uint8_t *out, uint8_t kind, uint32_t sequence)
{
    memset(out, 0, BMS_RECORD_SIZE);
    out[0] = kind;
    out[1] = VERSION;
    put(out + 4, sequence, 4);
}

static bool is_whole(const uint8_t *in, uint8_t kind)
{
    return in[0] == kind && in[1] == VERSION && get_u32(in + CRC_AT) == crc32(in, CRC_AT);
}

void record_encode(const struct bms_record *r, uint8_t out[BMS_RECORD_SIZE])
{
    begin(out, KIND_RECORD, r->sequence);
    out[2] = r->cause;
    out[3] = r->fault;
    put(out + 8, at_most(r->time_us, TIME_MAX_us), 6);
    out[14] = r->min_index;
    out[15] = r->max_index;
    put(out + 16, r->clock_s, 4);
    put(out + 20, (uint16_t)r->min_mV, 2);
    put(out + 22, (uint16_t)r->max_mV, 2);
    out[24] = r->state;
    out[25] = r->wake;
    put(out + 26, (uint32_t)r->stack_mV, 3);
    put(out + 29, (uint32_t)r->current_mA, 3);
    for (size_t i = 0; i < BMS_TEMPS_MAX; i++) {
        put(out + 32 + 2 * i, (uint16_t)r->temp_ddegC[i], 2);
    }
    put(out + 48, r->soc_ppm, 4);
    put(out + 52, r->protections, 4);
    put(out + 56, r->alarms, 4);
    put(out + CRC_AT, crc32(out, CRC_AT), 4);
}

bool record_decode(const uint8_t in[BMS_RECORD_SIZE], struct bms_record *r)
{
    if (!is_whole(in, KIND_RECORD)) {
        return false;
    }
    *r = (struct bms_record){ .sequence = get_u32(in + 4),
                              .time_us = get(in + 8, 6),
                              .clock_s = get_u32(in + 16),
                              .cause = in[2],
                              .fault = in[3],
                              .min_index = in[14],
                              .max_index = in[15],
                              .min_mV = get_i16(in + 20),
                              .max_mV = get_i16(in + 22),
                              .stack_mV = get_i24(in + 26),
                              .current_mA = get_i24(in + 29),
                              .soc_ppm = get_u32(in + 48),
                              .protections = get_u32(in + 52),
                              .alarms = get_u32(in + 56),
                              .state = in[24],
                              .wake = in[25] };
    for (size_t i = 0; i < BMS_TEMPS_MAX; i++) {
        r->temp_ddegC[i] = get_i16(in + 32 + 2 * i);
    }
    return true;
}

void record_encode_counters(const struct bms_counters *c, uint8_t out[BMS_RECORD_SIZE])
{
    begin(out, KIND_COUNTERS, c->sequence);
    out[2] = c->events;
    out[3] = (uint8_t)(c->ways | (c->locked ? LOCKED : 0U) | (c->off ? OFF : 0U));
    put(out + 8, c->charge_mAh, 4);
    put(out + 12, c->capacity_mAh, 4);
    put(out + 16, c->cycles, 4);
    put(out + 20, c->discharged_mAh, 4);
    put(out + 24, (uint16_t)c->offset_mA, 2);
    put(out + 26, at_most(c->charges, UINT16_MAX), 2);
    put(out + 28, c->boots, 4);
    for (size_t i = 0; i < BMS_TALLY_COUNT; i++) {
        put(out + 32 + 2 * i, c->trips[i], 2);
    }
    put(out + 46, c->runtime_s, 4);
    put(out + 50, c->clock_s, 4);
    put(out + 54, c->total_mAh, 4);
    out[58] = c->wrong;
    put(out + CRC_AT, crc32(out, CRC_AT), 4);
}

bool record_decode_counters(const uint8_t in[BMS_RECORD_SIZE], struct bms_counters *c)
{
    if (!is_whole(in, KIND_COUNTERS)) {
        return false;
    }
    *c = (struct bms_counters){ .sequence = get_u32(in + 4),
                                .charge_mAh = get_u32(in + 8),
                                .capacity_mAh = get_u32(in + 12),
                                .cycles = get_u32(in + 16),
                                .discharged_mAh = get_u32(in + 20),
                                .offset_mA = get_i16(in + 24),
                                .charges = get_u16(in + 26),
                                .boots = get_u32(in + 28),
                                .runtime_s = get_u32(in + 46),
                                .clock_s = get_u32(in + 50),
                                .total_mAh = get_u32(in + 54),
                                .events = in[2],
                                .ways = in[3] & (uint8_t) ~(LOCKED | OFF),
                                .locked = (in[3] & LOCKED) != 0,
                                .off = (in[3] & OFF) != 0,
                                .wrong = in[58] };
    for (size_t i = 0; i < BMS_TALLY_COUNT; i++) {
        c->trips[i] = get_u16(in + 32 + 2 * i);
    }
    return true;
}
