#include "sim/record_view.h"

#include "bms_core/bms_io.h"

#include <stdbool.h>
#include <stddef.h>

#define RING_PAGES 256
#define COUNTER_PAGES 8
#define BLOCK_SIZE 64

struct layout {
    unsigned at, size;
    bool has_sign;
    double unit; /* codes in a unit */
};

static const struct layout layouts[] = {
    [RECORD_CAUSE] = { 2, 1, false, 1.0 },     [RECORD_FAULT] = { 3, 1, false, 1.0 },
    [RECORD_MIN_CELL] = { 14, 1, false, 1.0 }, [RECORD_MAX_CELL] = { 15, 1, false, 1.0 },
    [RECORD_MIN_V] = { 20, 2, true, 1e3 },     [RECORD_MAX_V] = { 22, 2, true, 1e3 },
    [RECORD_STATE] = { 24, 1, false, 1.0 },    [RECORD_STACK_V] = { 26, 3, true, 1e3 },
    [RECORD_CURRENT_A] = { 29, 3, true, 1e3 }, [RECORD_TEMP_degC] = { 32, 2, true, 10.0 },
    [RECORD_SOC] = { 48, 4, false, 1e6 },      [RECORD_PROTECTIONS] = { 52, 4, false, 1.0 },
    [RECORD_ALARMS] = { 56, 4, false, 1.0 },   [RECORD_STARTS] = { 28, 4, false, 1.0 },
};

static int64_t number(const uint8_t *bytes, unsigned size, bool has_sign)
{
    int64_t value = 0;

    for (unsigned i = 0; i < size; i++) {
        value |= (int64_t)bytes[i] << 8 * i;
    }
    return has_sign && (bytes[size - 1] & 0x80U) != 0 ? value - (INT64_C(1) << 8 * size) : value;
}

static const uint8_t *newest(const uint8_t *pages, unsigned count, uint8_t kind)
{
    const uint8_t *found = NULL;

    for (size_t at = 0; at < (size_t)count * BMS_PAGE_SIZE; at += BLOCK_SIZE) {
        const uint8_t *const block = pages + at;

        if (block[0] == kind && (found == NULL || number(block + 4, 4, false) > number(found + 4, 4, false))) {
            found = block;
        }
    }
    return found;
}

double record_view(const uint8_t *image, enum record_field field, int index)
{
    const uint8_t *const record = field == RECORD_STARTS
                                      ? newest(image + (size_t)RING_PAGES * BMS_PAGE_SIZE, COUNTER_PAGES, 'C')
                                      : newest(image, RING_PAGES, 'R');
    const struct layout *const l = &layouts[field];

    if (record == NULL) {
        return 0.0;
    }
    return (double)number(record + l->at + (size_t)l->size * (unsigned)index, l->size, l->has_sign) / l->unit;
}
