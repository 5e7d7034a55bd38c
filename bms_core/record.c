#include "bms_core/record.h"

#include <string.h>

#define SLOTS (BMS_RECORD_PAGES * BMS_RECORDS_PER_PAGE)
#define COUNTER_SLOTS (BMS_COUNTER_PAGES * BMS_RECORDS_PER_PAGE)
#define ANSWER_us UINT64_C(1000000) /* a request without an answer has failed after this */
#define PAUSE_us UINT64_C(10000000) /* between attempts once several have failed */
#define PATIENCE 3                  /* failures in a row before the next page is tried */

_Static_assert(sizeof((struct bms_command){ 0 }.storage_data) == BMS_RECORD_SIZE, "a block is one request");

/* ---- requests -----------------------------------------------------------------------------------------------------
 */

/* A waiting record goes first, then the counters; what follows an erase is what it was made for. */
static bool begin(struct record_log *log, uint64_t now_us, struct bms_command *command)
{
    const bool record = log->phase == RECORD_IDLE ? log->waiting > 0 : !log->writing_counters;
    const uint16_t slot = record ? log->slot : log->counter_slot;
    const uint16_t first_page = record ? 0 : BMS_RECORD_PAGES;
    const bool erase = log->phase == RECORD_IDLE && slot % BMS_RECORDS_PER_PAGE == 0;

    if (!record && !log->counters_wait) {
        log->phase = RECORD_IDLE;
        return false;
    }
    log->writing_counters = !record;
    log->phase = erase ? RECORD_ERASING : RECORD_PROGRAMMING;
    log->asked_us = now_us;
    log->request++;
    command->storage_seq = log->request;
    command->storage_op = erase ? BMS_STORAGE_ERASE : BMS_STORAGE_PROGRAM;
    command->storage_page = (uint16_t)(first_page + slot / BMS_RECORDS_PER_PAGE);
    command->storage_offset = (uint16_t)(erase ? 0 : slot % BMS_RECORDS_PER_PAGE * BMS_RECORD_SIZE);
    command->storage_size = erase ? 0 : BMS_RECORD_SIZE;
    memset(command->storage_data, 0, sizeof command->storage_data);
    if (!erase && record) {
        record_encode(&log->queue[log->head], command->storage_data);
    } else if (!erase) {
        record_encode_counters(&log->counters, command->storage_data);
        log->counters_under_way = log->counters.sequence;
    }
    return true;
}

static void finish(struct record_log *log)
{
    log->errors = 0;
    if (log->phase == RECORD_ERASING) {
        log->phase = RECORD_PROGRAMMING; /* begin() goes on with the same slot */
        return;
    }
    log->phase = RECORD_IDLE;
    if (log->writing_counters) {
        log->counters_wait = log->counters.sequence != log->counters_under_way; /* newer ones have come meanwhile */
        log->counter_slot = (uint16_t)((log->counter_slot + 1) % COUNTER_SLOTS);
    } else {
        log->head = (uint8_t)((log->head + 1) % BMS_RECORD_QUEUE);
        log->waiting--;
        log->slot = (uint16_t)((log->slot + 1) % SLOTS);
    }
}

static uint16_t next_page(unsigned slot, unsigned slots)
{
    return (uint16_t)((slot / BMS_RECORDS_PER_PAGE + 1) * BMS_RECORDS_PER_PAGE % slots);
}

static void fail(struct record_log *log)
{
    log->phase = RECORD_IDLE;
    log->errors = (uint16_t)(log->errors < UINT16_MAX ? log->errors + 1 : UINT16_MAX);
    if (log->errors % PATIENCE != 0) {
        return;
    }
    log->pausing = true;
    if (log->writing_counters) {
        log->counter_slot = next_page(log->counter_slot, COUNTER_SLOTS);
    } else {
        log->slot = next_page(log->slot, SLOTS);
    }
}

bool record_step(struct record_log *log, uint8_t status, uint32_t seq, uint64_t now_us, struct bms_command *command)
{
    if (log->phase == RECORD_IDLE) {
        log->request = seq;
        return !log->pausing && begin(log, now_us, command);
    }
    if (seq != log->request || (status != BMS_STORAGE_DONE && status != BMS_STORAGE_FAILED)) {
        return false;
    }
    if (status == BMS_STORAGE_DONE) {
        finish(log);
    } else {
        fail(log);
    }
    if (log->pausing || !begin(log, now_us, command)) {
        command->storage_op = BMS_STORAGE_NONE;
    }
    return true;
}

bool record_is_busy(const struct record_log *log)
{
    return log->waiting > 0 || log->counters_wait || log->phase != RECORD_IDLE;
}

void record_tick(struct record_log *log, uint64_t now_us, struct bms_command *command)
{
    if (log->phase != RECORD_IDLE && now_us - log->asked_us >= ANSWER_us) {
        fail(log);
        command->storage_op = BMS_STORAGE_NONE;
    }
    if (log->pausing && now_us - log->asked_us >= PAUSE_us) {
        log->pausing = false;
    }
}

void record_add(struct record_log *log, const struct bms_record *record)
{
    struct bms_record *place = NULL;

    if (log->waiting == BMS_RECORD_QUEUE) {
        /* The oldest may be under way: the second oldest gives way, and all behind it move up. */
        for (unsigned i = 1; i + 1 < BMS_RECORD_QUEUE; i++) {
            log->queue[(log->head + i) % BMS_RECORD_QUEUE] = log->queue[(log->head + i + 1) % BMS_RECORD_QUEUE];
        }
        log->waiting--;
        log->dropped++;
    }
    place = &log->queue[(log->head + log->waiting) % BMS_RECORD_QUEUE];
    *place = *record;
    place->sequence = ++log->made;
    log->waiting++;
}

void record_counters(struct record_log *log, const struct bms_counters *counters)
{
    log->counters = *counters;
    log->counters.sequence = ++log->counter_sequence;
    log->counters_wait = true;
}

/* ---- boot ---------------------------------------------------------------------------------------------------------
 */

static bool is_blank(const uint8_t block[BMS_RECORD_SIZE])
{
    for (unsigned i = 0; i < BMS_RECORD_SIZE; i++) {
        if (block[i] != 0xFF) {
            return false;
        }
    }
    return true;
}

/* The slot after the newest. A torn block there is passed over; a page's first slot is erased before use anyway. */
static uint16_t free_slot(const uint8_t *ring, unsigned slots, unsigned newest)
{
    unsigned slot = (newest + 1) % slots;

    while (slot % BMS_RECORDS_PER_PAGE != 0 && !is_blank(ring + (size_t)slot * BMS_RECORD_SIZE)) {
        slot = (slot + 1) % slots;
    }
    return (uint16_t)slot;
}

bool record_boot(struct record_log *log, const uint8_t *nvm, uint32_t nvm_size, struct bms_counters *counters)
{
    const uint8_t *const stored = nvm == NULL ? NULL : nvm + (size_t)BMS_RECORD_PAGES * BMS_PAGE_SIZE;
    struct bms_record record;
    struct bms_counters found;

    *log = (struct record_log){ .phase = RECORD_IDLE };
    *counters = (struct bms_counters){ 0 };
    if (nvm == NULL || nvm_size < (uint32_t)BMS_STORAGE_PAGES * BMS_PAGE_SIZE) {
        return false;
    }
    for (unsigned slot = 0; slot < SLOTS; slot++) {
        if (record_decode(nvm + (size_t)slot * BMS_RECORD_SIZE, &record) && record.sequence > log->made) {
            log->made = record.sequence;
            log->slot = free_slot(nvm, SLOTS, slot);
        }
    }
    for (unsigned slot = 0; slot < COUNTER_SLOTS; slot++) {
        if (record_decode_counters(stored + (size_t)slot * BMS_RECORD_SIZE, &found) &&
            found.sequence > counters->sequence) {
            *counters = found;
            log->counter_slot = free_slot(stored, COUNTER_SLOTS, slot);
        }
    }
    log->counter_sequence = counters->sequence;
    return counters->sequence != 0;
}
