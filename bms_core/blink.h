/* Patterns of lamps and buzzers: how long on, how long off, as deadlines in 64-bit microseconds. */
#ifndef BMS_CORE_BLINK_H
#define BMS_CORE_BLINK_H

#include <stdbool.h>
#include <stdint.h>

#define BLINK_NEVER_us UINT64_MAX

/* The patterns of the manuals (JK48V100PRO 2.5 and 2.6, BALI48 7-1 and 7-2). Parameters name them by number.
 * Columns: X(identifier, on in ms, off in ms, meaning); off 0: steady. */
/* clang-format off */
#define BLINK_PATTERNS(X)                              \
    X(OFF,      0,    0, "dark")                       \
    X(ON,       1,    0, "steady")                     \
    X(FLASH1, 250, 3750, "flash 1")                    \
    X(FLASH2, 500,  500, "flash 2")                    \
    X(FLASH3, 500, 1500, "flash 3")                    \
    X(BEEP1,  250,  750, "0.25 s in each second")      \
    X(BEEP2,  250, 1750, "0.25 s in each 2 s")         \
    X(BEEP3,  250, 2750, "0.25 s in each 3 s")
/* clang-format on */

#define BLINK_ENUM(identifier, on_ms, off_ms, meaning) BLINK_##identifier,
enum blink_pattern { BLINK_PATTERNS(BLINK_ENUM) BLINK_PATTERN_COUNT };

struct blink {
    uint64_t edge_us; /* next change; BLINK_NEVER_us: steady */
    uint8_t pattern;  /* enum blink_pattern */
    bool lit;         /* now */
};

/* Dark. */
void blink_init(struct blink *b);
/* A new pattern begins with its bright part, now; the pattern that runs already goes on. */
void blink_set(struct blink *b, uint8_t pattern, uint64_t now_us);
/* Changes whose instant has come, however late the call is. */
void blink_step(struct blink *b, uint64_t now_us);

#endif
