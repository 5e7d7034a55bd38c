#include "bus/link/link_device.h"

#include "bus/link/link_device_step.h"

#include <string.h>

#define PAGES_MAX UINT32_C(0xFFFF)

void link_device_init(struct link_device *d, const struct link_device_ops *ops, void *self)
{
    memset(d, 0, sizeof *d);
    d->ops = ops;
    d->self = self;
}

static void put_identity(struct link_device *d, struct link_out *o)
{
    struct link_identity id;

    memset(&id, 0, sizeof id);
    d->ops->identify(d->self, &id);
    id.layout = link_layout_id();
    id.capabilities |= (d->ops->keep != NULL ? LINK_CAP_AHEAD : 0U) | (d->ops->records != NULL ? LINK_CAP_RECORDS : 0U);
    link_put_u8(o, LINK_VERSION);
    link_put_varint(o, id.capabilities);
    link_put_u32(o, id.layout);
    link_put_varint(o, id.cells);
    link_put_varint(o, id.tick_us);
    link_put_varint(o, id.image_pages);
    link_put_varint(o, id.starts);
    link_put_text(o, id.name);
    link_put_text(o, id.version);
}

static struct link_out begin_answer(struct link_device *d, uint8_t type, uint16_t sequence)
{
    struct link_out o = { .at = d->answer, .end = d->answer + sizeof d->answer };

    link_put_u8(&o, type);
    link_put_u8(&o, (uint8_t)sequence);
    link_put_u8(&o, (uint8_t)(sequence >> 8));
    return o;
}

static size_t end_answer(struct link_device *d, const struct link_out *o)
{
    d->answer_size = o->bad ? 0 : (uint16_t)(o->at - d->answer);
    return d->answer_size;
}

size_t link_device_greet(struct link_device *d)
{
    struct link_out o = begin_answer(d, LINK_GREET, 0);

    put_identity(d, &o);
    const size_t size = end_answer(d, &o);

    d->answer_size = 0; /* no request's answer */
    return size;
}

size_t link_device_bench_gone(struct link_device *d)
{
    if (d->booted && d->ops->stop != NULL) {
        d->ops->stop(d->self);
    }
    d->booted = d->based = d->promised = false;
    memset(&d->command, 0, sizeof d->command);
    return link_device_greet(d);
}

/* ---- requests: each reads its body, acts, and writes the body of the answer. A malformed body acts on nothing. ------
 */

typedef void request(struct link_device *d, struct link_in *in, struct link_out *o);

static void put_code(struct link_out *o, enum link_code code)
{
    link_put_u8(o, (uint8_t)code);
}

static void take_select(struct link_device *d, struct link_in *in, struct link_out *o)
{
    char set[LINK_TEXT_MAX + 1];
    uint32_t crc = 0, count = 0;
    enum link_code code = LINK_MALFORMED;

    link_get_text(in, set);
    if (link_all_read(in)) {
        d->booted = d->based = false;
        code = d->ops->select(d->self, set, &crc, &count);
        d->selected = code == LINK_OK;
    }
    put_code(o, code);
    link_put_u32(o, crc);
    link_put_varint(o, count);
}

static void take_write(struct link_device *d, struct link_in *in, struct link_out *o)
{
    const uint64_t now_us = link_get_varint(in, LINK_TIME_MAX_us);
    const uint16_t id = (uint16_t)link_get_varint(in, UINT16_MAX);
    const int32_t value = (int32_t)link_get_u32(in);
    enum link_code code = LINK_MALFORMED;

    if (link_all_read(in)) {
        if (d->booted) { /* what was due before comes first */
            link_device_catch_up(d, now_us, true);
        }
        code = d->ops->write == NULL ? LINK_UNSUPPORTED : LINK_NOT_NOW;
        if (d->selected && d->ops->write != NULL) {
            code = d->ops->write(d->self, id, value);
        }
    }
    put_code(o, code);
}

static void take_read(struct link_device *d, struct link_in *in, struct link_out *o)
{
    const uint16_t id = (uint16_t)link_get_varint(in, UINT16_MAX);
    enum link_code code = LINK_MALFORMED;
    int32_t value = 0;

    if (link_all_read(in)) {
        code = d->ops->read == NULL ? LINK_UNSUPPORTED : LINK_NOT_NOW;
        if (d->selected && d->ops->read != NULL) {
            code = d->ops->read(d->self, id, &value);
        }
    }
    put_code(o, code);
    link_put_u32(o, (uint32_t)value);
}

static void take_reset(struct link_device *d, struct link_in *in, struct link_out *o)
{
    enum link_code code = LINK_MALFORMED;

    if (link_all_read(in)) {
        d->booted = d->based = false;
        code = d->ops->reset(d->self);
    }
    put_code(o, code);
}

static void take_image(struct link_device *d, struct link_in *in, struct link_out *o)
{
    const uint32_t page = (uint32_t)link_get_varint(in, PAGES_MAX);
    const uint32_t offset = (uint32_t)link_get_varint(in, BMS_PAGE_SIZE);
    const size_t size = (size_t)(in->end - in->at);
    enum link_code code = LINK_MALFORMED;

    if (!in->bad && size >= 1 && size <= LINK_PIECE_MAX && offset + size <= BMS_PAGE_SIZE) {
        code = d->ops->image == NULL ? LINK_UNSUPPORTED : LINK_NOT_NOW;
        if (!d->booted && d->ops->image != NULL) {
            code = d->ops->image(d->self, page, offset, in->at, size);
        }
    }
    put_code(o, code);
}

static void take_boot(struct link_device *d, struct link_in *in, struct link_out *o)
{
    struct link_scan scan[LINK_SCANS];
    const uint64_t now_us = link_get_varint(in, LINK_TIME_MAX_us);
    const uint32_t tick_us = (uint32_t)link_get_varint(in, UINT32_MAX);
    enum link_code code = LINK_MALFORMED;

    for (unsigned i = 0; i < LINK_SCANS; i++) {
        scan[i].start_us = link_get_varint(in, LINK_TIME_MAX_us);
        scan[i].period_us = (uint32_t)link_get_varint(in, UINT32_MAX);
        scan[i].skew_us = (uint32_t)link_get_varint(in, UINT32_MAX);
        scan[i].steps = (uint32_t)link_get_varint(in, UINT16_MAX);
    }
    if (link_all_read(in) && tick_us > 0) {
        code = LINK_NOT_NOW;
        d->booted = d->based = false;
        if (d->selected) {
            code = d->ops->boot(d->self, now_us);
            d->booted = code == LINK_OK;
        }
        d->now_us = d->shown_us = now_us;
        d->due_us = UINT64_MAX;
        d->promised = false;
        d->reach = 1;
        d->tick_us = tick_us;
        memcpy(d->scan, scan, sizeof d->scan);
    }
    put_code(o, code);
}

static void take_records(struct link_device *d, struct link_in *in, struct link_out *o)
{
    const uint64_t now_us = link_get_varint(in, LINK_TIME_MAX_us);
    const uint32_t first = (uint32_t)link_get_varint(in, UINT32_MAX);
    enum link_code code = LINK_MALFORMED;
    struct link_records r;

    memset(&r, 0, sizeof r);
    if (link_all_read(in)) {
        code = d->ops->records == NULL ? LINK_UNSUPPORTED : LINK_NOT_NOW;
        if (d->booted && d->ops->records != NULL) {
            link_device_catch_up(d, now_us, true);
            code = d->ops->records(d->self, first, &r);
        }
    }
    put_code(o, code);
    link_put_varint(o, r.made);
    link_put_varint(o, r.dropped);
    link_put_u8(o, (uint8_t)r.count);
    for (unsigned i = 0; i < r.count; i++) {
        link_put_bytes(o, r.block[i], LINK_RECORD_SIZE);
    }
}

static request *const requests[] = {
    [LINK_SELECT] = take_select,    [LINK_WRITE] = take_write,     [LINK_READ] = take_read,
    [LINK_RESET] = take_reset,      [LINK_IMAGE] = take_image,     [LINK_BOOT] = take_boot,
    [LINK_STEP] = link_device_step, [LINK_RECORDS] = take_records,
};

/* ---- messages ------------------------------------------------------------------------------------------------------
 */

/* A HELLO begins anew, unless it is the present one once more. */
static size_t take_hello(struct link_device *d, struct link_in *in, uint16_t sequence)
{
    const uint8_t version = link_get_u8(in);
    const uint32_t nonce = link_get_u32(in);

    if (!link_all_read(in)) {
        d->strange++;
        return 0;
    }
    if (!d->met || nonce != d->nonce) {
        d->booted = d->based = d->selected = false;
        d->sequence = sequence;
        d->nonce = nonce;
        d->met = version == LINK_VERSION; /* another version hears what this one is, and nothing more */
    } else if (sequence != d->sequence) {
        d->strange++; /* late: acted upon long ago */
        return 0;
    }
    struct link_out o = begin_answer(d, LINK_HELLO | LINK_ANSWER, sequence);

    put_identity(d, &o);
    return end_answer(d, &o);
}

size_t link_device_take(struct link_device *d, const uint8_t *message, size_t size)
{
    struct link_in in = { .at = message, .end = message + size };
    const uint8_t type = link_get_u8(&in);
    const uint16_t low = link_get_u8(&in), sequence = (uint16_t)(low | (unsigned)link_get_u8(&in) << 8);

    if (in.bad || type >= sizeof requests / sizeof requests[0]) {
        d->strange++;
        return 0;
    }
    if (type == LINK_HELLO) {
        return take_hello(d, &in, sequence);
    }
    if (d->met && sequence == d->sequence && d->answer_size > 0 && d->answer[0] == (type | LINK_ANSWER)) {
        return d->answer_size; /* its answer was lost */
    }
    if (!d->met || sequence != link_next(d->sequence) || requests[type] == NULL) {
        d->strange++;
        return 0;
    }
    struct link_out o = begin_answer(d, (uint8_t)(type | LINK_ANSWER), sequence);

    d->sequence = sequence;
    requests[type](d, &in, &o);
    return end_answer(d, &o);
}
