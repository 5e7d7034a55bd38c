#include "tests/mutation/deck.h"

#include "tests/mutation/mutant.h"

#include <stdbool.h>

volatile size_t deck_played;

static struct stream {
    struct bms bms;
    uint64_t last[TAPE_SAMPLE_WORDS];
} streams[TAPE_STREAMS];
static unsigned char nvm[BMS_STORAGE_PAGES * BMS_PAGE_SIZE];

static bool take(struct reader *r, void *out, size_t size)
{
    if ((size_t)(r->end - r->at) < size) {
        return false;
    }
    memcpy(out, r->at, size);
    r->at += size;
    return true;
}

static bool play_init(struct reader *r, const struct tape_entry *e, struct stream *s)
{
    struct bms_params params;
    uint16_t page = 0;

    memset(nvm, 0xFF, sizeof nvm);
    if (!take(r, &params, sizeof params)) {
        return false;
    }
    while (take(r, &page, sizeof page) && page != TAPE_PAGES_END) {
        if (page >= BMS_STORAGE_PAGES || !take(r, nvm + (size_t)page * BMS_PAGE_SIZE, BMS_PAGE_SIZE)) {
            return false;
        }
    }
    memset(s->last, 0, sizeof s->last);
    bms_init(&s->bms, &params, e->value > 0 ? nvm : NULL, (uint32_t)e->value, e->now_us);
    return true;
}

static bool take_sample(struct reader *r, uint64_t last[], struct bms_sample *sample)
{
    uint64_t mask = 0;

    if (!take(r, &mask, sizeof mask)) {
        return false;
    }
    for (unsigned k = 0; k < TAPE_SAMPLE_WORDS; k++) {
        if ((mask >> k & 1U) != 0 && !take(r, &last[k], sizeof last[k])) {
            return false;
        }
    }
    memcpy(sample, last, sizeof *sample);
    return true;
}

static enum deck_verdict play_entry(struct reader *r, const struct tape_entry *e, struct answer *a)
{
    struct stream *const s = &streams[e->stream % TAPE_STREAMS];
    struct bms_sample sample;

    memset(a, 0, sizeof *a);
    switch (e->op) {
    case TAPE_INIT:
        return play_init(r, e, s) ? DECK_SAME : DECK_BROKEN;
    case TAPE_PARAM:
        a->write = (uint32_t)bms_set_param(&s->bms, e->id, e->value);
        return a->write != e->answer ? DECK_DIFFERS : DECK_SAME;
    case TAPE_STEP:
        break;
    default:
        return DECK_BROKEN;
    }
    const bool shown = (e->id & TAPE_NO_SAMPLE) == 0;

    if (shown && !take_sample(r, s->last, &sample)) {
        return DECK_BROKEN;
    }
    a->due_us = bms_step(&s->bms, shown ? &sample : NULL, e->now_us, &a->command);
    return tape_answer(&a->command, a->due_us) != e->answer ? DECK_DIFFERS : DECK_SAME;
}

enum deck_verdict deck_next(struct tape *t, struct answer *a)
{
    struct tape_entry e;

    t->entries++;
    deck_played = t->entries;
#ifdef MUTANT_COVER
    mutant_now = (unsigned)t->entries;
#endif
    return take(&t->r, &e, sizeof e) ? play_entry(&t->r, &e, a) : DECK_BROKEN;
}

enum deck_verdict deck_play(struct tape *t, size_t stop)
{
    struct answer answer;
    enum deck_verdict verdict = DECK_SAME;

    while (verdict == DECK_SAME && t->entries < stop && t->r.at < t->r.end) {
        verdict = deck_next(t, &answer);
    }
    return verdict;
}
