#include "bms_core/ports/link_core.h"

#include "bms_core/params/params.h"

#include <string.h>

#define CORE_VERSION "0.1.0"
#define CORE_TICK_us 10000
#define ERASED 0xFF

struct set {
    const char *id;
    const struct bms_params *params;
};

#define SET_ROW(id) { #id, &bms_params_##id },
static const struct set sets[] = { BMS_PARAM_SETS(SET_ROW) };

void link_core_init(struct link_core *c, const char *name, uint8_t *image, uint32_t image_size)
{
    memset(c, 0, sizeof *c);
    c->name = name;
    c->image = image;
    c->image_size = image == NULL ? 0 : image_size;
    if (image != NULL) {
        memset(image, ERASED, image_size);
    }
}

static void identify(void *self, struct link_identity *identity)
{
    const struct link_core *c = self;

    identity->capabilities = LINK_CAP_WRITE | LINK_CAP_LIVE | LINK_CAP_RESTART | LINK_CAP_RESTORE |
                             (c->image_size > 0 ? LINK_CAP_IMAGE : 0U);
    identity->cells = BMS_CELLS_MAX;
    identity->tick_us = CORE_TICK_us;
    identity->image_pages = c->image_size / BMS_PAGE_SIZE;
    identity->starts = c->starts;
    memcpy(identity->version, CORE_VERSION, sizeof CORE_VERSION);
    for (size_t i = 0; i < LINK_TEXT_MAX && c->name[i] != '\0'; i++) {
        identity->name[i] = c->name[i];
    }
}

static uint32_t crc_of(const struct bms_params *params)
{
    uint32_t crc = 0;

    for (unsigned i = 0; i < BMS_PARAM_COUNT; i++) {
        const uint32_t value = (uint32_t)params->value[i];
        const uint8_t bytes[4] = { (uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
                                   (uint8_t)(value >> 24) };

        crc = link_crc(crc, bytes, sizeof bytes);
    }
    return crc;
}

static bool same_text(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

static enum link_code select_set(void *self, const char *set, uint32_t *crc, uint32_t *count)
{
    struct link_core *c = self;

    c->booted = false;
    c->fresh = true;
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
        if (same_text(sets[i].id, set)) {
            c->params = *sets[i].params;
            *crc = crc_of(&c->params);
            *count = BMS_PARAM_COUNT;
            return LINK_OK;
        }
    }
    return LINK_UNKNOWN;
}

static enum link_code code_of(enum bms_param_error error)
{
    static const enum link_code codes[] = {
        [BMS_PARAM_OK] = LINK_OK,       [BMS_PARAM_UNKNOWN] = LINK_UNKNOWN, [BMS_PARAM_RANGE] = LINK_REFUSED,
        [BMS_PARAM_CROSS] = LINK_CROSS, [BMS_PARAM_ACCESS] = LINK_ACCESS,   [BMS_PARAM_LOCKED] = LINK_LOCKED,
        [BMS_PARAM_STATE] = LINK_STATE,
    };

    return codes[error];
}

/* Cross rules are checked at boot, or at once while running. */
static enum link_code write_param(void *self, uint16_t id, int32_t value)
{
    struct link_core *c = self;

    if (c->booted) {
        const enum link_code code = code_of(bms_set_param(&c->bms, id, value));

        c->params = c->bms.params; /* kept over a restart; an action changes others than its own row */
        return code;
    }
    return code_of(bms_param_set(&c->params, id, value));
}

/* Passwords are told to those only who could write them. A set that nobody has booted yet holds no secret. */
static bool may_read(const struct link_core *c, uint16_t id)
{
    const bool secret = id >= BMS_PARAM_ACCESS_USER && id <= BMS_PARAM_ACCESS_DEFAULT;

    return !secret || c->fresh || (c->booted && c->bms.command.access > bms_param_table[id].access);
}

static enum link_code read_param(void *self, uint16_t id, int32_t *value)
{
    const struct link_core *c = self;

    if (id >= BMS_PARAM_COUNT) {
        return LINK_UNKNOWN;
    }
    if (!may_read(c, id)) {
        return LINK_ACCESS;
    }
    *value = c->params.value[id];
    return LINK_OK;
}

static enum link_code reset(void *self)
{
    struct link_core *c = self;

    c->booted = false;
    if (c->image != NULL) {
        memset(c->image, ERASED, c->image_size);
    }
    return LINK_OK;
}

static enum link_code image(void *self, uint32_t page, uint32_t offset, const uint8_t *bytes, size_t size)
{
    struct link_core *c = self;

    if (page >= c->image_size / BMS_PAGE_SIZE) {
        return LINK_UNKNOWN;
    }
    memcpy(c->image + (size_t)page * BMS_PAGE_SIZE + offset, bytes, size);
    return LINK_OK;
}

static enum link_code boot(void *self, uint64_t now_us)
{
    struct link_core *c = self;

    if (!c->fresh && c->bms.command.restore != 0) {
        c->params = c->delivered;
    }
    if (bms_params_check(&c->params, 0, NULL) != BMS_PARAM_OK) {
        return LINK_REFUSED;
    }
    if (c->fresh) {
        c->delivered = c->params;
        c->fresh = false;
    }
    bms_init(&c->bms, &c->params, c->image, c->image_size, now_us);
    c->booted = true;
    return LINK_OK;
}

static uint64_t step(void *self, const struct bms_sample *sample, uint64_t now_us, struct bms_command *command)
{
    return bms_step(&((struct link_core *)self)->bms, sample, now_us, command);
}

void link_core_records(const struct bms *bms, uint32_t first, struct link_records *r)
{
    const struct record_log *const log = &bms->log;

    r->made = log->made;
    r->dropped = log->dropped;
    for (unsigned i = 0; i < log->waiting && r->count < LINK_RECORDS_MAX; i++) {
        const struct bms_record *const record = &log->queue[(log->head + i) % BMS_RECORD_QUEUE];

        if (record->sequence >= first) {
            record_encode(record, r->block[r->count++]);
        }
    }
}

static enum link_code records(void *self, uint32_t first, struct link_records *r)
{
    link_core_records(&((const struct link_core *)self)->bms, first, r);
    return LINK_OK;
}

static void keep(void *self)
{
    struct link_core *c = self;

    c->kept = c->bms;
}

static void back(void *self)
{
    struct link_core *c = self;

    c->bms = c->kept;
}

const struct link_device_ops link_core_ops = {
    .identify = identify,
    .select = select_set,
    .write = write_param,
    .read = read_param,
    .reset = reset,
    .image = image,
    .boot = boot,
    .step = step,
    .records = records,
    .keep = keep,
    .back = back,
};
