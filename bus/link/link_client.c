#include "bus/link/link_client.h"

#include <string.h>

void link_client_init(struct link_client *c)
{
    memset(c, 0, sizeof *c);
}

/* ---- requests ------------------------------------------------------------------------------------------------------
 */

static struct link_out begin_request(struct link_client *c, enum link_type type)
{
    struct link_out o = { .at = c->request, .end = c->request + sizeof c->request };

    c->sequence = link_next(c->sequence);
    link_put_u8(&o, (uint8_t)type);
    link_put_u8(&o, (uint8_t)c->sequence);
    link_put_u8(&o, (uint8_t)(c->sequence >> 8));
    return o;
}

static void end_request(struct link_client *c, const struct link_out *o)
{
    c->size = o->bad ? 0 : (size_t)(o->at - c->request);
    c->waiting = c->size > 0;
}

void link_client_hello(struct link_client *c, uint32_t nonce)
{
    c->sequence = (uint16_t)nonce; /* sessions begin at different numbers: a late answer of the last one is not taken */
    struct link_out o = begin_request(c, LINK_HELLO);

    c->based = false;
    link_put_u8(&o, LINK_VERSION);
    link_put_u32(&o, nonce);
    end_request(c, &o);
}

void link_client_select(struct link_client *c, const char *set)
{
    struct link_out o = begin_request(c, LINK_SELECT);

    link_put_text(&o, set);
    end_request(c, &o);
}

void link_client_write(struct link_client *c, uint64_t now_us, uint16_t id, int32_t value)
{
    struct link_out o = begin_request(c, LINK_WRITE);

    link_put_varint(&o, now_us);
    link_put_varint(&o, id);
    link_put_u32(&o, (uint32_t)value);
    end_request(c, &o);
}

void link_client_read(struct link_client *c, uint16_t id)
{
    struct link_out o = begin_request(c, LINK_READ);

    link_put_varint(&o, id);
    end_request(c, &o);
}

void link_client_records(struct link_client *c, uint64_t now_us, uint32_t first)
{
    struct link_out o = begin_request(c, LINK_RECORDS);

    link_put_varint(&o, now_us);
    link_put_varint(&o, first);
    end_request(c, &o);
}

void link_client_reset(struct link_client *c)
{
    const struct link_out o = begin_request(c, LINK_RESET);

    end_request(c, &o);
}

void link_client_image(struct link_client *c, uint32_t page, uint32_t offset, const uint8_t *bytes, size_t size)
{
    struct link_out o = begin_request(c, LINK_IMAGE);

    link_put_varint(&o, page);
    link_put_varint(&o, offset);
    link_put_bytes(&o, bytes, size);
    end_request(c, &o);
}

void link_client_boot(struct link_client *c, uint64_t now_us, uint32_t tick_us, const struct link_scan scan[LINK_SCANS])
{
    struct link_out o = begin_request(c, LINK_BOOT);

    link_put_varint(&o, now_us);
    link_put_varint(&o, tick_us);
    for (unsigned i = 0; i < LINK_SCANS; i++) {
        link_put_varint(&o, scan[i].start_us);
        link_put_varint(&o, scan[i].period_us);
        link_put_varint(&o, scan[i].skew_us);
        link_put_varint(&o, scan[i].steps);
        c->scan[i] = scan[i];
    }
    c->tick_us = tick_us;
    c->shown_us = now_us;
    c->based = false;
    end_request(c, &o);
}

void link_client_step(struct link_client *c, const struct bms_sample *sample, uint64_t now_us, bool ahead)
{
    struct link_out o = begin_request(c, LINK_STEP);
    const uint64_t elapsed_us = c->based ? now_us - c->shown_us : now_us;
    const bool in_ticks = elapsed_us % c->tick_us == 0, by_rule = link_scans_match(c->scan, now_us, sample);
    struct bms_sample base = c->sample;

    if (!c->based) {
        memset(&base, 0, sizeof base);
        c->full++;
    } else {
        link_clock_apply(c->shown_us, now_us, &base);
    }
    if (by_rule) {
        link_scans_apply(c->scan, now_us, &base);
    }
    link_put_u8(&o, (uint8_t)((c->based ? 0U : LINK_FULL) | (by_rule ? LINK_BY_RULE : 0U) |
                              (in_ticks ? LINK_IN_TICKS : 0U) | (ahead ? LINK_AHEAD : 0U)));
    link_put_varint(&o, in_ticks ? elapsed_us / c->tick_us : elapsed_us);
    link_put_delta(&o, &link_sample_layout, &base, sample);
    c->asked = *sample;
    c->asked_us = now_us;
    end_request(c, &o);
}

void link_client_forget(struct link_client *c)
{
    c->based = false;
}

/* ---- answers -------------------------------------------------------------------------------------------------------
 */

static bool get_identity(struct link_in *in, struct link_answer *a)
{
    struct link_identity *id = &a->identity;

    a->version = link_get_u8(in);
    if (a->version != LINK_VERSION) { /* what follows is unknown */
        return !in->bad;
    }
    id->capabilities = (uint32_t)link_get_varint(in, UINT32_MAX);
    id->layout = link_get_u32(in);
    id->cells = (uint32_t)link_get_varint(in, UINT32_MAX);
    id->tick_us = (uint32_t)link_get_varint(in, UINT32_MAX);
    id->image_pages = (uint32_t)link_get_varint(in, UINT32_MAX);
    id->starts = (uint32_t)link_get_varint(in, UINT32_MAX);
    link_get_text(in, id->name);
    link_get_text(in, id->version);
    return link_all_read(in);
}

static bool get_due(const struct link_client *c, struct link_in *in, uint8_t flags, uint64_t *due_us)
{
    const bool in_ticks = (flags & LINK_IN_TICKS) != 0;
    const uint64_t unit_us = in_ticks ? c->tick_us : 1;
    const uint64_t origin_us = in_ticks ? c->asked_us / c->tick_us * c->tick_us : c->asked_us;

    *due_us = UINT64_MAX;
    if ((flags & LINK_NEVER) == 0) {
        *due_us = origin_us + link_get_varint(in, (UINT64_MAX - origin_us) / unit_us) * unit_us;
    }
    return !in->bad;
}

static bool get_step_answer(struct link_client *c, struct link_in *in, struct link_answer *a)
{
    const uint8_t flags = link_get_u8(in);
    struct bms_command command = c->command;

    if ((flags & LINK_NO_BASE) != 0) {
        a->no_base = true;
        c->based = false;
        return link_all_read(in);
    }
    if (!c->based) {
        memset(&command, 0, sizeof command);
    }
    if (!get_due(c, in, flags, &a->due_us) || !link_get_delta(in, &link_command_layout, &command)) {
        return false;
    }
    c->command = command;
    c->sample = c->asked;
    c->shown_us = c->asked_us;
    c->based = true;
    return true;
}

static void get_records(struct link_in *in, struct link_records *r)
{
    r->made = (uint32_t)link_get_varint(in, UINT32_MAX);
    r->dropped = (uint32_t)link_get_varint(in, UINT32_MAX);
    r->count = link_get_u8(in);
    in->bad |= r->count > LINK_RECORDS_MAX;
    for (unsigned i = 0; !in->bad && i < r->count * LINK_RECORD_SIZE; i++) {
        r->block[i / LINK_RECORD_SIZE][i % LINK_RECORD_SIZE] = link_get_u8(in);
    }
}

static bool get_body(struct link_client *c, struct link_in *in, struct link_answer *a)
{
    if (a->type == LINK_HELLO) {
        return get_identity(in, a);
    }
    if (a->type == LINK_STEP) {
        return get_step_answer(c, in, a);
    }
    a->code = (enum link_code)link_get_u8(in);
    if (a->code >= LINK_CODE_COUNT) {
        return false;
    }
    if (a->type == LINK_SELECT) {
        a->crc = link_get_u32(in);
        a->count = (uint32_t)link_get_varint(in, UINT32_MAX);
    } else if (a->type == LINK_READ) {
        a->value = (int32_t)link_get_u32(in);
    } else if (a->type == LINK_RECORDS) {
        get_records(in, &a->records);
    }
    return link_all_read(in);
}

enum link_took link_client_take(struct link_client *c, const uint8_t *message, size_t size, struct link_answer *answer)
{
    struct link_in in = { .at = message, .end = message + size };
    const uint8_t type = link_get_u8(&in);
    const uint16_t low = link_get_u8(&in), sequence = (uint16_t)(low | (unsigned)link_get_u8(&in) << 8);

    memset(answer, 0, sizeof *answer);
    answer->type = type & (uint8_t)~LINK_ANSWER;
    if (!in.bad && type == LINK_GREET && get_identity(&in, answer)) {
        return LINK_TOOK_GREETING;
    }
    if (in.bad || !c->waiting || type != (c->request[0] | LINK_ANSWER) || sequence != c->sequence) {
        if (type == (LINK_HELLO | LINK_ANSWER)) {
            c->hellos++;
        } else {
            c->stale++;
        }
        return LINK_TOOK_NOTHING;
    }
    if (!get_body(c, &in, answer)) {
        c->malformed++;
        return LINK_TOOK_NOTHING;
    }
    c->waiting = false;
    return LINK_TOOK_ANSWER;
}
