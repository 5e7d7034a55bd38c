#include "bus/link/link_delta.h"

#include <string.h>

#define GAP_MAX 31U /* in one token */
#define GAP_ONLY 0xFFU
#define RUN_MAX 8U

#define SAMPLE_SCALAR(type, name, unit, meaning) { offsetof(struct bms_sample, name), 1, sizeof(type) },
#define SAMPLE_ARRAY(type, name, count, unit, meaning) { offsetof(struct bms_sample, name), count, sizeof(type) },
#define COMMAND_SCALAR(type, name, unit, meaning) { offsetof(struct bms_command, name), 1, sizeof(type) },
#define COMMAND_ARRAY(type, name, count, unit, meaning) { offsetof(struct bms_command, name), count, sizeof(type) },
// NOLINTBEGIN(bugprone-macro-parentheses): terms of a sum
#define SLOT_SCALAR(type, name, unit, meaning) +1
#define SLOT_ARRAY(type, name, count, unit, meaning) +(count)
// NOLINTEND(bugprone-macro-parentheses)
#define TEXT_SCALAR(type, name, unit, meaning) #type " " #name " " unit,
#define TEXT_ARRAY(type, name, count, unit, meaning) #type " " #name " x " #count " " unit,

static const struct link_field sample_field[] = { BMS_SAMPLE_FIELDS(SAMPLE_SCALAR, SAMPLE_ARRAY) };
static const struct link_field command_field[] = { BMS_COMMAND_FIELDS(COMMAND_SCALAR, COMMAND_ARRAY) };

const struct link_layout link_sample_layout = { sample_field, sizeof sample_field / sizeof sample_field[0],
                                                0 BMS_SAMPLE_FIELDS(SLOT_SCALAR, SLOT_ARRAY) };
const struct link_layout link_command_layout = { command_field, sizeof command_field / sizeof command_field[0],
                                                 0 BMS_COMMAND_FIELDS(SLOT_SCALAR, SLOT_ARRAY) };

uint32_t link_layout_id(void)
{
    static const char *const text[] = { BMS_SAMPLE_FIELDS(TEXT_SCALAR, TEXT_ARRAY) "command",
                                        BMS_COMMAND_FIELDS(TEXT_SCALAR, TEXT_ARRAY) };
    uint32_t crc = 0;

    for (size_t i = 0; i < sizeof text / sizeof text[0]; i++) {
        size_t size = 0;

        while (text[i][size] != '\0') {
            size++;
        }
        crc = link_crc(crc, text[i], size);
    }
    return crc;
}

/* ---- slots --------------------------------------------------------------------------------------------------------
 */

struct cursor { /* walks the slots in order */
    const struct link_layout *layout;
    unsigned field, element;
};

static bool at_end(const struct cursor *c)
{
    return c->field == c->layout->fields;
}

static size_t offset_of(const struct cursor *c)
{
    const struct link_field *f = &c->layout->field[c->field];

    return f->offset + (size_t)c->element * f->size;
}

static void step_on(struct cursor *c)
{
    if (++c->element == c->layout->field[c->field].count) {
        c->element = 0;
        c->field++;
    }
}

static bool same(const struct cursor *c, const void *a, const void *b)
{
    const size_t offset = offset_of(c);

    return memcmp((const char *)a + offset, (const char *)b + offset, c->layout->field[c->field].size) == 0;
}

static uint64_t read_slot(const void *at, size_t size)
{
    uint8_t u8;
    uint16_t u16;
    uint32_t u32;
    uint64_t u64;

    switch (size) {
    case 1:
        memcpy(&u8, at, sizeof u8);
        return u8;
    case 2:
        memcpy(&u16, at, sizeof u16);
        return u16;
    case 4:
        memcpy(&u32, at, sizeof u32);
        return u32;
    default:
        memcpy(&u64, at, sizeof u64);
        return u64;
    }
}

static void write_slot(void *at, size_t size, uint64_t value)
{
    const uint8_t u8 = (uint8_t)value;
    const uint16_t u16 = (uint16_t)value;
    const uint32_t u32 = (uint32_t)value;

    switch (size) {
    case 1:
        memcpy(at, &u8, sizeof u8);
        break;
    case 2:
        memcpy(at, &u16, sizeof u16);
        break;
    case 4:
        memcpy(at, &u32, sizeof u32);
        break;
    default:
        memcpy(at, &value, sizeof value);
        break;
    }
}

/* All ones in a slot's width. */
static uint64_t mask_of(size_t size)
{
    return size == 8 ? UINT64_MAX : (UINT64_C(1) << 8 * size) - 1;
}

/* new - old within the width, as zigzag: small changes of either sign are small numbers. */
static uint64_t zigzag(uint64_t old_value, uint64_t new_value, size_t size)
{
    const uint64_t mask = mask_of(size);
    const uint64_t change = (new_value - old_value) & mask;
    const bool negative = (change >> (8 * size - 1) & 1U) != 0;

    return negative ? ((~change & mask) << 1 | 1U) : change << 1;
}

static uint64_t unzigzag(uint64_t old_value, uint64_t code, size_t size)
{
    const uint64_t half = code >> 1;

    return (old_value + ((code & 1U) != 0 ? ~half : half)) & mask_of(size);
}

/* ---- writing ------------------------------------------------------------------------------------------------------
 */

static void put_slot(struct link_out *o, const struct cursor *c, void *base, const void *now)
{
    const size_t offset = offset_of(c), size = c->layout->field[c->field].size;
    void *old_at = (char *)base + offset;
    const void *new_at = (const char *)now + offset;
    const uint64_t new_value = read_slot(new_at, size);

    if (size == 1) {
        link_put_u8(o, (uint8_t)new_value);
    } else {
        link_put_varint(o, zigzag(read_slot(old_at, size), new_value, size));
    }
    write_slot(old_at, size, new_value);
}

/* How many slots from here on differ, at most RUN_MAX. */
static unsigned run_from(struct cursor c, const void *base, const void *now)
{
    unsigned run = 0;

    while (run < RUN_MAX && !at_end(&c) && !same(&c, base, now)) {
        step_on(&c);
        run++;
    }
    return run;
}

void link_put_delta(struct link_out *o, const struct link_layout *layout, void *base, const void *now)
{
    struct cursor c = { .layout = layout };
    unsigned gap = 0;

    while (!at_end(&c)) {
        unsigned run = run_from(c, base, now);

        if (run == 0) {
            gap++;
            step_on(&c);
            continue;
        }
        for (; gap >= GAP_MAX; gap -= GAP_MAX) {
            link_put_u8(o, GAP_ONLY);
        }
        link_put_u8(o, (uint8_t)(gap << 3 | (run - 1)));
        for (gap = 0; run > 0; run--) {
            put_slot(o, &c, base, now);
            step_on(&c);
        }
    }
}

/* ---- reading ------------------------------------------------------------------------------------------------------
 */

static void get_slot(struct link_in *in, const struct cursor *c, void *state)
{
    const size_t size = c->layout->field[c->field].size;
    void *at = (char *)state + offset_of(c);
    const uint64_t old_value = read_slot(at, size);
    uint64_t new_value;

    if (size == 1) {
        new_value = link_get_u8(in);
    } else {
        new_value = unzigzag(old_value, link_get_varint(in, mask_of(size)), size);
    }
    in->bad |= new_value == old_value;
    if (!in->bad) {
        write_slot(at, size, new_value);
    }
}

static void skip(struct link_in *in, struct cursor *c, unsigned gap)
{
    for (; gap > 0 && !in->bad; gap--) {
        if (at_end(c)) {
            in->bad = true;
            return;
        }
        step_on(c);
    }
}

bool link_get_delta(struct link_in *in, const struct link_layout *layout, void *state)
{
    struct cursor c = { .layout = layout };

    while (!in->bad && in->at != in->end) {
        const uint8_t token = link_get_u8(in);

        skip(in, &c, token >> 3);
        in->bad |= token >> 3 == GAP_MAX && token != GAP_ONLY;
        for (unsigned run = token == GAP_ONLY ? 0 : (token & 7U) + 1; run > 0 && !in->bad; run--) {
            if (at_end(&c)) {
                in->bad = true;
                break;
            }
            get_slot(in, &c, state);
            step_on(&c);
        }
    }
    return !in->bad;
}

bool link_equal(const struct link_layout *layout, const void *a, const void *b)
{
    for (struct cursor c = { .layout = layout }; !at_end(&c); step_on(&c)) {
        if (!same(&c, a, b)) {
            return false;
        }
    }
    return true;
}
