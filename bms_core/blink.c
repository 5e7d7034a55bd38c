#include "bms_core/blink.h"

#define MS_us UINT64_C(1000)

static const struct {
    uint16_t on_ms, off_ms;
} pattern_table[BLINK_PATTERN_COUNT] = {
#define BLINK_ROW(identifier, on_ms, off_ms, meaning) [BLINK_##identifier] = { on_ms, off_ms },
    BLINK_PATTERNS(BLINK_ROW)
};

void blink_init(struct blink *b)
{
    *b = (struct blink){ .edge_us = BLINK_NEVER_us };
}

void blink_set(struct blink *b, uint8_t pattern, uint64_t now_us)
{
    if (b->pattern == pattern || pattern >= BLINK_PATTERN_COUNT) {
        return;
    }
    b->pattern = pattern;
    b->lit = pattern_table[pattern].on_ms != 0;
    b->edge_us = pattern_table[pattern].off_ms == 0 ? BLINK_NEVER_us : now_us + pattern_table[pattern].on_ms * MS_us;
}

void blink_step(struct blink *b, uint64_t now_us)
{
    if (now_us < b->edge_us) {
        return;
    }
    const uint64_t on_us = pattern_table[b->pattern].on_ms * MS_us, off_us = pattern_table[b->pattern].off_ms * MS_us;

    b->edge_us += (now_us - b->edge_us) / (on_us + off_us) * (on_us + off_us); /* whole periods that nobody saw */
    while (b->edge_us <= now_us) {
        b->lit = !b->lit;
        b->edge_us += b->lit ? on_us : off_us;
    }
}
