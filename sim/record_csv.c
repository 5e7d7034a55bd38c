#include "sim/record_csv.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE LINK_RECORD_SIZE
#define RING_PAGES 256 /* of records; counters lie behind */
#define BLOCKS (RING_PAGES * BMS_PAGE_SIZE / BLOCK_SIZE)
#define VERSION 2
#define CRC_AT 60
#define SEQUENCE_AT 4
#define TEMPERATURES_AT 32

/* A stored record, as bms_core/README.md has it; temperatures stand behind. */
static const struct column {
    const char *name;
    uint8_t at, size;
    bool is_signed;
} columns[] = {
    { "sequence", SEQUENCE_AT, 4, false },
    { "time_us", 8, 6, false },
    { "clock_s", 16, 4, false },
    { "cause", 2, 1, false },
    { "fault", 3, 1, false },
    { "min_cell", 14, 1, false },
    { "max_cell", 15, 1, false },
    { "min_mV", 20, 2, true },
    { "max_mV", 22, 2, true },
    { "stack_mV", 26, 3, true },
    { "current_mA", 29, 3, true },
    { "soc_ppm", 48, 4, false },
    { "protections", 52, 4, false },
    { "alarms", 56, 4, false },
    { "state", 24, 1, false },
    { "wake", 25, 1, false },
};

#define COLUMNS (sizeof columns / sizeof columns[0])

static int64_t number(const uint8_t *bytes, unsigned size, bool is_signed)
{
    int64_t value = 0;

    for (unsigned i = 0; i < size; i++) {
        value |= (int64_t)bytes[i] << 8 * i;
    }
    return is_signed && (bytes[size - 1] & 0x80U) != 0 ? value - (INT64_C(1) << 8 * size) : value;
}

static uint32_t sequence_of(const uint8_t *block)
{
    return (uint32_t)number(block + SEQUENCE_AT, 4, false);
}

/* CRC-32 of IEEE 802.3. */
static uint32_t crc_of(const uint8_t *bytes, unsigned size)
{
    uint32_t crc = UINT32_MAX;

    for (unsigned bit = 0; bit < size * 8; bit++) {
        crc ^= bit % 8 == 0 ? bytes[bit / 8] : 0U;
        crc = (crc & 1U) != 0 ? crc >> 1 ^ 0xEDB88320U : crc >> 1;
    }
    return ~crc;
}

/* Blank, torn and other blocks are none. */
static bool is_record(const uint8_t *block)
{
    return block[0] == 'R' && block[1] == VERSION &&
           crc_of(block, CRC_AT) == (uint32_t)number(block + CRC_AT, 4, false);
}

static void put_head(FILE *f)
{
    (void)fputs("pack,where", f);
    for (size_t i = 0; i < COLUMNS; i++) {
        (void)fprintf(f, ",%s", columns[i].name);
    }
    (void)fputs(",temperatures_ddegC\n", f);
}

static void put_row(FILE *f, int pack, const char *where, const uint8_t *block)
{
    (void)fprintf(f, "%d,%s", pack + 1, where);
    for (size_t i = 0; i < COLUMNS; i++) {
        (void)fprintf(f, ",%" PRId64, number(block + columns[i].at, columns[i].size, columns[i].is_signed));
    }
    for (unsigned i = 0; i < BMS_TEMPS_MAX; i++) {
        const uint8_t *const temperature = block + TEMPERATURES_AT + (size_t)2 * i;

        (void)fprintf(f, "%c%" PRId64, i == 0 ? ',' : ' ', number(temperature, 2, true));
    }
    (void)fputc('\n', f);
}

static int by_sequence(const void *a, const void *b)
{
    const uint32_t x = sequence_of(*(const uint8_t *const *)a), y = sequence_of(*(const uint8_t *const *)b);

    return (x > y) - (x < y);
}

/* Returns the number of the newest. */
static uint32_t put_memory(FILE *f, int pack, const uint8_t *image, const uint8_t **found)
{
    size_t count = 0;

    for (size_t i = 0; i < BLOCKS; i++) {
        if (is_record(image + i * BLOCK_SIZE)) {
            found[count++] = image + i * BLOCK_SIZE;
        }
    }
    qsort(found, count, sizeof *found, by_sequence);
    for (size_t i = 0; i < count; i++) {
        put_row(f, pack, "memory", found[i]);
    }
    return count > 0 ? sequence_of(found[count - 1]) : 0;
}

static void put_target(FILE *f, int pack, struct rig *rig, uint32_t newest)
{
    struct board *b = &rig->board[pack];
    struct link_records r;

    if (!b->running || b->off || b->target->ops->records == NULL) {
        return;
    }
    do {
        r = (struct link_records){ 0 };
        if (!b->target->ops->records(b->target, (uint64_t)rig->now_ns / 1000, newest + 1, &r)) {
            return;
        }
        for (unsigned i = 0; i < r.count; i++) {
            if (!is_record(r.block[i]) || sequence_of(r.block[i]) <= newest) {
                return; /* of a firmware that does not keep to the rule */
            }
            put_row(f, pack, "waiting", r.block[i]);
            newest = sequence_of(r.block[i]);
        }
    } while (r.count > 0);
    (void)fprintf(f, "%d,made,%" PRIu32 "\n%d,dropped,%" PRIu32 "\n", pack + 1, r.made, pack + 1, r.dropped);
}

bool record_csv_write(const char *path, struct rig *rig)
{
    const uint8_t **found = calloc(BLOCKS, sizeof *found);
    FILE *f = fopen(path, "w");

    if (f != NULL && found != NULL) {
        put_head(f);
        for (int pack = 0; pack < rig->packs; pack++) {
            put_target(f, pack, rig, put_memory(f, pack, rig->board[pack].storage.image, found));
        }
    }
    const bool good = f != NULL && found != NULL && ferror(f) == 0;

    free((void *)found);
    return (f == NULL || fclose(f) == 0) && good;
}
