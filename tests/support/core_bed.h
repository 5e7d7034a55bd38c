/* A healthy pack around the core: a sample that can be changed, a clock, and a memory that does what it is asked. */
#ifndef TESTS_SUPPORT_CORE_BED_H
#define TESTS_SUPPORT_CORE_BED_H

#include "bms_core/bms.h"
#include "bms_core/params/params.h"

#include <stdbool.h>
#include <stdint.h>

#define BED_TICK_us UINT64_C(10000)
#define BED_SECOND_us UINT64_C(1000000)
#define BED_NVM_SIZE (BMS_STORAGE_PAGES * BMS_PAGE_SIZE)

struct core_bed {
    struct bms bms;
    struct bms_params params;
    struct bms_sample sample;
    struct bms_command command;
    uint64_t now_us, due_us;
    bool silent;         /* no conversion any more */
    bool storage_fails;  /* requests end FAILED */
    bool storage_silent; /* requests are never answered */
    uint32_t seen_seq;   /* newest request */
    uint8_t nvm[BED_NVM_SIZE];
    uint32_t writes, erases;
};

/* The JK48V100PRO's set, erased memory; 16 cells at 3.30 V, 25 degC, no current; nothing has run yet. */
void bed_init(struct core_bed *bed);
/* Boots the core with bed->params and the memory as it is. */
void bed_boot(struct core_bed *bed);
/* bed_init, bed_boot and two seconds, so that both directions are allowed. */
void bed_start(struct core_bed *bed);

/* One call at now_us, with conversions made just now; storage answers with the next call. */
void bed_call(struct core_bed *bed);
/* Ticks of 10 ms for a time (a multiple of it). */
void bed_run(struct core_bed *bed, uint64_t time_us);

void bed_cells(struct core_bed *bed, int mV);           /* all cells; the stack follows */
void bed_cell(struct core_bed *bed, int index, int mV); /* one cell, from 0; the stack follows */
void bed_temps(struct core_bed *bed, int ddegC);
bool bed_tripped(const struct core_bed *bed, enum bms_fault fault);

/* Field by field: padding does not count. */
bool bed_same_command(const struct bms_command *a, const struct bms_command *b);

/* A reproducible random number below limit (> 0). */
uint32_t bed_random(uint64_t *state, uint32_t limit);

#endif
