/* A tape: everything that was asked of the core while a scenario ran, and a hash of each answer.
 *
 * Played to a mutant without plant and bench it tells in milliseconds whether the scenario can notice: as long as all
 * answers are the same, so is everything the bench would have measured. The format is of this build only. */
#ifndef TESTS_MUTATION_TAPE_H
#define TESTS_MUTATION_TAPE_H

#include "bms_core/bms.h"

#include <stdint.h>
#include <string.h>

enum tape_op { TAPE_INIT = 1, TAPE_STEP, TAPE_PARAM };

/* One entry; what follows it: INIT the parameters, then pages of 256 bytes each behind its number, up to 0xFFFF; STEP a
 * bit for each word of the sample that differs from the stream's last, then these words. */
struct tape_entry {
    uint8_t op, stream;
    uint16_t id; /* of a parameter */
    int32_t value;
    uint64_t now_us;
    uint64_t answer; /* hash */
};

#define TAPE_STREAMS 32
#define TAPE_SAMPLE_WORDS ((sizeof(struct bms_sample) + 7) / 8)
_Static_assert(TAPE_SAMPLE_WORDS <= 64, "one mask of a bit a word");
#define TAPE_NO_SAMPLE UINT16_C(1) /* in id: the step had none */
#define TAPE_PAGES_END UINT16_C(0xFFFF)

static inline uint64_t tape_hash(uint64_t hash, const void *data, size_t size)
{
    const char *p = data;

    for (; size >= 8; size -= 8, p += 8) {
        uint64_t word;

        memcpy(&word, p, 8);
        hash = (hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
        hash ^= hash >> 32;
    }
    for (; size > 0; size--, p++) {
        hash = (hash ^ (unsigned char)*p) * UINT64_C(0x100000001B3);
    }
    return hash;
}

static inline uint64_t tape_answer(const struct bms_command *command, uint64_t due_us)
{
    return tape_hash(tape_hash(due_us, &due_us, sizeof due_us), command, sizeof *command);
}

#endif
