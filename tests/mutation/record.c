/* Records a tape: stands between the bench and the core (the linker's --wrap), PACKBENCH_MUTANT_TAPE names the file. */
#include "tests/mutation/tape.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

void __real_bms_init(struct bms *b, const struct bms_params *params, const uint8_t *nvm, uint32_t size,
                     uint64_t now_us);
uint64_t __real_bms_step(struct bms *b, const struct bms_sample *s, uint64_t now_us, struct bms_command *command);
enum bms_param_error __real_bms_set_param(struct bms *b, uint16_t id, int32_t value);

static FILE *tape;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct {
    const struct bms *bms;
    uint64_t last[TAPE_SAMPLE_WORDS];
} stream[TAPE_STREAMS];
static unsigned streams;

__attribute__((constructor)) static void open_tape(void)
{
    const char *const path = getenv("PACKBENCH_MUTANT_TAPE");

    tape = path != NULL ? fopen(path, "wb") : NULL;
}

__attribute__((destructor)) static void close_tape(void)
{
    if (tape != NULL && fclose(tape) != 0) {
        abort();
    }
}

static void put(const void *data, size_t size)
{
    if (fwrite(data, 1, size, tape) != size) {
        perror("PACKBENCH_MUTANT_TAPE");
        abort();
    }
}

/* The stream of a core; a new one takes the place of the oldest. */
static unsigned stream_of(const struct bms *b)
{
    for (unsigned i = 0; i < TAPE_STREAMS; i++) {
        if (stream[i].bms == b) {
            return i;
        }
    }
    stream[streams % TAPE_STREAMS].bms = b;
    return streams++ % TAPE_STREAMS;
}

static void put_pages(const uint8_t *nvm, uint32_t size)
{
    for (uint16_t page = 0; nvm != NULL && (uint32_t)(page + 1) * BMS_PAGE_SIZE <= size; page++) {
        const uint8_t *const from = nvm + (size_t)page * BMS_PAGE_SIZE;

        for (unsigned i = 0; i < BMS_PAGE_SIZE; i++) {
            if (from[i] != 0xFF) {
                put(&page, sizeof page);
                put(from, BMS_PAGE_SIZE);
                break;
            }
        }
    }
    put(&(uint16_t){ TAPE_PAGES_END }, sizeof(uint16_t));
}

void __wrap_bms_init(struct bms *b, const struct bms_params *params, const uint8_t *nvm, uint32_t size, uint64_t now_us)
{
    __real_bms_init(b, params, nvm, size, now_us);
    if (tape == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&mutex);
    const unsigned i = stream_of(b);

    memset(stream[i].last, 0, sizeof stream[i].last);
    put(
        &(struct tape_entry){
            .op = TAPE_INIT, .stream = (uint8_t)i, .value = nvm == NULL ? 0 : (int32_t)size, .now_us = now_us },
        sizeof(struct tape_entry));
    put(params, sizeof *params);
    put_pages(nvm, size);
    (void)pthread_mutex_unlock(&mutex);
}

static void put_sample(unsigned i, const struct bms_sample *sample)
{
    uint64_t now[TAPE_SAMPLE_WORDS] = { 0 }, mask = 0;

    memcpy(now, sample, sizeof *sample);
    for (unsigned k = 0; k < TAPE_SAMPLE_WORDS; k++) {
        mask |= (uint64_t)(now[k] != stream[i].last[k]) << k;
    }
    put(&mask, sizeof mask);
    for (unsigned k = 0; k < TAPE_SAMPLE_WORDS; k++) {
        if ((mask >> k & 1U) != 0) {
            put(&now[k], sizeof now[k]);
        }
    }
    memcpy(stream[i].last, now, sizeof now);
}

uint64_t __wrap_bms_step(struct bms *b, const struct bms_sample *sample, uint64_t now_us, struct bms_command *command)
{
    const uint64_t due_us = __real_bms_step(b, sample, now_us, command);

    if (tape == NULL) {
        return due_us;
    }
    (void)pthread_mutex_lock(&mutex);
    const unsigned i = stream_of(b);

    put(&(struct tape_entry){ .op = TAPE_STEP,
                              .stream = (uint8_t)i,
                              .id = sample == NULL ? TAPE_NO_SAMPLE : 0,
                              .now_us = now_us,
                              .answer = tape_answer(command, due_us) },
        sizeof(struct tape_entry));
    if (sample != NULL) {
        put_sample(i, sample);
    }
    (void)pthread_mutex_unlock(&mutex);
    return due_us;
}

enum bms_param_error __wrap_bms_set_param(struct bms *b, uint16_t id, int32_t value)
{
    const enum bms_param_error error = __real_bms_set_param(b, id, value);

    if (tape != NULL) {
        (void)pthread_mutex_lock(&mutex);
        put(&(struct tape_entry){ .op = TAPE_PARAM,
                                  .stream = (uint8_t)stream_of(b),
                                  .id = id,
                                  .value = value,
                                  .answer = (uint64_t)error },
            sizeof(struct tape_entry));
        (void)pthread_mutex_unlock(&mutex);
    }
    return error;
}
