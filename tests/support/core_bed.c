#include "tests/support/core_bed.h"

#include <string.h>

void bed_cells(struct core_bed *bed, int mV)
{
    for (int i = 0; i < 16; i++) {
        bed->sample.cell_mV[i] = (int16_t)mV;
    }
    bed->sample.stack_mV = 16 * mV;
    bed->sample.terminal_mV = 16 * mV;
}

void bed_cell(struct core_bed *bed, int index, int mV)
{
    bed->sample.stack_mV += mV - bed->sample.cell_mV[index];
    bed->sample.cell_mV[index] = (int16_t)mV;
}

void bed_temps(struct core_bed *bed, int ddegC)
{
    for (int i = 0; i < 6; i++) {
        bed->sample.temp_ddegC[i] = (int16_t)ddegC;
    }
}

void bed_init(struct core_bed *bed)
{
    memset(bed, 0, sizeof *bed);
    memset(bed->nvm, 0xFF, sizeof bed->nvm);
    bed->params = bms_params_jk48v100pro;
    bed->params.value[BMS_PARAM_KEY_LATCHING] = 0; /* tests press keys one by one */
    bed->sample.keys = BMS_KEY_POWER;
    bed->now_us = BED_SECOND_us;
    bed->sample.cell_count = 16;
    bed_cells(bed, 3300);
    bed_temps(bed, 250);
}

void bed_boot(struct core_bed *bed)
{
    bms_init(&bed->bms, &bed->params, bed->nvm, sizeof bed->nvm, bed->now_us);
    bed->sample.storage_seq = 0;
    bed->sample.storage_status = BMS_STORAGE_IDLE;
    bed->seen_seq = 0;
}

void bed_start(struct core_bed *bed)
{
    bed_init(bed);
    bed_boot(bed);
    bed_run(bed, 2 * BED_SECOND_us);
}

/* What the memory does with the request of the last command: programming only clears bits. */
static void store(struct core_bed *bed)
{
    const struct bms_command *c = &bed->command;
    uint8_t *const page = bed->nvm + (size_t)c->storage_page * BMS_PAGE_SIZE;

    if (c->storage_op == BMS_STORAGE_NONE || c->storage_seq == bed->seen_seq || bed->storage_silent) {
        return;
    }
    bed->seen_seq = c->storage_seq;
    bed->sample.storage_seq = c->storage_seq;
    bed->sample.storage_status = bed->storage_fails ? BMS_STORAGE_FAILED : BMS_STORAGE_DONE;
    if (bed->storage_fails) {
        return;
    }
    if (c->storage_op == BMS_STORAGE_ERASE) {
        memset(page, 0xFF, BMS_PAGE_SIZE);
        bed->erases++;
        return;
    }
    for (unsigned i = 0; i < c->storage_size; i++) {
        page[c->storage_offset + i] &= c->storage_data[i];
    }
    bed->writes++;
}

void bed_call(struct core_bed *bed)
{
    store(bed);
    if (!bed->silent) {
        bed->sample.cell_scan_us = bed->now_us;
        bed->sample.current_scan_us = bed->now_us;
        bed->sample.temp_scan_us = bed->now_us;
    }
    bed->due_us = bms_step(&bed->bms, &bed->sample, bed->now_us, &bed->command);
}

void bed_run(struct core_bed *bed, uint64_t time_us)
{
    for (uint64_t passed_us = 0; passed_us < time_us; passed_us += BED_TICK_us) {
        bed_call(bed);
        bed->now_us += BED_TICK_us;
    }
}

bool bed_tripped(const struct core_bed *bed, enum bms_fault fault)
{
    return (bed->command.protections >> fault & 1U) != 0;
}

#define SAME_SCALAR(type, name, unit, meaning) &&a->name == b->name
#define SAME_ARRAY(type, name, count, unit, meaning) &&memcmp(a->name, b->name, sizeof a->name) == 0

bool bed_same_command(const struct bms_command *a, const struct bms_command *b)
{
    return true BMS_COMMAND_FIELDS(SAME_SCALAR, SAME_ARRAY);
}

uint32_t bed_random(uint64_t *state, uint32_t limit)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*state >> 33) % limit;
}
