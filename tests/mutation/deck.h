/* Plays a tape to the core of this build, an entry at a time. */
#ifndef TESTS_MUTATION_DECK_H
#define TESTS_MUTATION_DECK_H

#include "tests/mutation/tape.h"

#include <stddef.h>

struct reader {
    const unsigned char *at, *end;
};

struct tape {
    struct reader r;
    size_t entries; /* played */
};

struct answer {
    struct bms_command command;
    uint64_t due_us;
    uint32_t write; /* result of a parameter's */
};

enum deck_verdict { DECK_SAME, DECK_DIFFERS /* from the answer on the tape */, DECK_BROKEN };

extern volatile size_t deck_played; /* entries: moves while the core answers at all */

enum deck_verdict deck_next(struct tape *t, struct answer *a);
/* Plays on until entry number stop (SIZE_MAX: all), an answer that differs, or a broken tape. */
enum deck_verdict deck_play(struct tape *t, size_t stop);

#endif
