#include "sim/storage.h"

#include "model/noise.h"

#include <assert.h>
#include <string.h>

static_assert(sizeof((struct bms_command){ 0 }.storage_data) == STORAGE_DATA_MAX, "a request's data fit");

#define ERASED 0xFFU

void storage_init(struct storage *s, uint64_t seed)
{
    memset(s, 0, sizeof *s);
    s->erase_ns = INT64_C(3000000);
    s->program_ns = INT64_C(300000);
    s->seed = seed;
    s->status = BMS_STORAGE_IDLE;
    s->op = BMS_STORAGE_NONE;
    s->done_ns = STORAGE_NEVER;
    memset(s->image, (int)ERASED, sizeof s->image);
}

static bool acceptable(const struct bms_command *c)
{
    if (c->storage_page >= STORAGE_PAGES) {
        return false;
    }
    if (c->storage_op == BMS_STORAGE_ERASE) {
        return true;
    }
    return c->storage_op == BMS_STORAGE_PROGRAM && c->storage_size >= 1 && c->storage_size <= STORAGE_DATA_MAX &&
           c->storage_offset + c->storage_size <= BMS_PAGE_SIZE;
}

void storage_request(struct storage *s, const struct bms_command *command, int64_t now_ns)
{
    if (command->storage_op == BMS_STORAGE_NONE || command->storage_seq == s->seq) {
        return;
    }
    s->seq = command->storage_seq;
    if (s->op != BMS_STORAGE_NONE || !acceptable(command)) {
        s->status = BMS_STORAGE_FAILED;
        s->superseded = s->op != BMS_STORAGE_NONE;
        return;
    }
    s->status = BMS_STORAGE_BUSY;
    s->op = (enum bms_storage_op)command->storage_op;
    s->superseded = false;
    s->page = command->storage_page;
    s->offset = s->op == BMS_STORAGE_ERASE ? 0 : command->storage_offset;
    s->size = s->op == BMS_STORAGE_ERASE ? BMS_PAGE_SIZE : command->storage_size;
    memcpy(s->data, command->storage_data, sizeof s->data);
    s->began_ns = now_ns;
    s->done_ns = now_ns + (s->op == BMS_STORAGE_ERASE ? s->erase_ns : s->program_ns);
}

int64_t storage_next(const struct storage *s)
{
    return s->done_ns;
}

static uint8_t *target(struct storage *s)
{
    return s->image + (size_t)s->page * BMS_PAGE_SIZE + s->offset;
}

/* What byte i becomes if all of the bits of mask are reached. */
static uint8_t worked(const struct storage *s, uint16_t i, uint8_t old, uint8_t mask)
{
    if (s->op == BMS_STORAGE_ERASE) {
        return (uint8_t)(old | mask);
    }
    return (uint8_t)(old & (s->data[i] | (uint8_t)~mask)); /* programming can only clear bits */
}

static void end(struct storage *s)
{
    s->op = BMS_STORAGE_NONE;
    s->done_ns = STORAGE_NEVER;
    s->superseded = false;
}

void storage_finish(struct storage *s, int64_t now_ns)
{
    if (s->done_ns > now_ns) {
        return;
    }
    uint8_t *const bytes = target(s);

    for (uint16_t i = 0; i < s->size && !s->fails; i++) {
        bytes[i] = worked(s, i, bytes[i], ERASED);
    }
    if (!s->superseded) {
        s->status = s->fails ? BMS_STORAGE_FAILED : BMS_STORAGE_DONE;
    }
    end(s);
}

/* An erase works on all bytes at once, bit by bit as each cell gets there; programming goes from byte to byte. */
static void tear(struct storage *s, double done)
{
    struct noise_key key = { .seed = s->seed, .pack = s->page, .channel = s->seq };
    uint8_t *const bytes = target(s);
    const uint16_t whole = (uint16_t)(done * (double)s->size);

    for (uint16_t i = 0; i < s->size; i++) {
        uint8_t mask = 0;

        for (int bit = 0; bit < 8; bit++) {
            key.index = (uint64_t)i * 8U + (uint64_t)bit;
            mask |= (uint8_t)((noise_uniform(&key) < done ? 1U : 0U) << bit);
        }
        if (s->op == BMS_STORAGE_PROGRAM && i != whole) {
            mask = i < whole ? ERASED : 0U;
        }
        bytes[i] = worked(s, i, bytes[i], mask);
    }
}

void storage_power_off(struct storage *s, int64_t now_ns)
{
    storage_finish(s, now_ns);
    if (s->op != BMS_STORAGE_NONE && !s->fails) {
        tear(s, (double)(now_ns - s->began_ns) / (double)(s->done_ns - s->began_ns));
    }
    end(s);
    s->seq = 0;
    s->status = BMS_STORAGE_IDLE;
}
