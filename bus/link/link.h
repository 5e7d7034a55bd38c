/* The bench link: what bench and firmware say to each other. Freestanding, no heap; both ends use these files.
 *
 * The bench asks, the firmware answers: one message each, in turn. A message is
 *     type (1 byte) | sequence (2 bytes) | body
 * An answer has the type of its request with bit 7 set, and its sequence. Numbers are little-endian or, where the
 * layout below says v, varints: 7 bits a byte, lowest first, bit 7 says that more follow. Text: length byte,
 * characters. How messages travel is another layer's: link_uart.h (bytes), link_can.h (frames).
 *
 *   HELLO   version u8, nonce u32          -> version u8, struct link_identity in its order
 *   SELECT  text parameter set             -> code u8, CRC-32C of its values u32, number of parameters v
 *   WRITE   time v (us), id v, value i32   -> code u8
 *   READ    id v                           -> code u8, value i32
 *   RESET                                  -> code u8            BMS stopped, image all 0xFF
 *   IMAGE   page v, offset v, bytes        -> code u8            a piece of the non-volatile image for the next boot
 *   BOOT    time v, tick v, 3 x scan       -> code u8            scan: start v, period v, skew v, steps v (all us)
 *   RECORDS time v (us), first v           -> code u8, made v, dropped v, number u8, so many x 64 bytes
 *   STEP    flags u8, time, sample         -> flags u8, due, command
 *   GREET   (unasked, sequence 0: the firmware has just started; body as of HELLO's answer)
 *
 * RECORDS: a snapshot of the BMS's log: how many records it has made since its memory was new, how many of these it
 * lost, and those that it still holds and has not given to the memory, from sequence number first on. Their bytes are
 * those of the stored ones (bms_core/README.md); the bench has the others, it is the memory.
 *
 * STEP. The sample is the difference (link_delta.h) to the last one, or to zeros with LINK_FULL. With LINK_BY_RULE the
 * scan instants are first moved on by the rule of BOOT, so steady scans cost no byte; nor does the clock, which both ends
 * let go on (link_clock_apply()) but with LINK_FULL. Time is the difference to the
 * last one in ticks (v) with LINK_IN_TICKS, else in us (v); absolute with LINK_FULL. The command is the difference to
 * the last one, or to zeros in the answer to a LINK_FULL. Due: LINK_NEVER, or counted from the step's time in ticks
 * (LINK_IN_TICKS: from the last tick at or before it) or us.
 *
 * With LINK_AHEAD the firmware may answer with a due time that lies beyond its own next one: it runs its own steps,
 * at the ticks where they are due and with scan instants by rule, as far as its command stays the same, and names the
 * tick at which it changes. These steps are done for good once the bench shows a later time. So the bench asks only
 * when a code changed or the command will. */
#ifndef BUS_LINK_LINK_H
#define BUS_LINK_LINK_H

#include "bms_core/bms_io.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINK_VERSION 2
#define LINK_TEXT_MAX 23 /* characters of a name */
#define LINK_HEADER 3
#define LINK_PIECE_MAX 128                   /* bytes of the image in one message */
#define LINK_TIME_MAX_us (UINT64_C(1) << 56) /* 2283 years: later times are malformed */
#define LINK_RECORD_SIZE 64
#define LINK_RECORDS_MAX 2 /* in one message */
#define LINK_SCANS 3       /* cells, current, temperatures: in the order of the sample's instants */

enum link_type {
    LINK_HELLO = 1,
    LINK_SELECT,
    LINK_WRITE,
    LINK_READ,
    LINK_RESET,
    LINK_IMAGE,
    LINK_BOOT,
    LINK_STEP,
    LINK_RECORDS,
    LINK_GREET = 0x7F,
    LINK_ANSWER = 0x80, /* bit of an answer's type */
};

#define LINK_TYPES (LINK_RECORDS + 1) /* of requests: all are below this one */

enum link_step_flag {
    LINK_FULL = 1U << 0,
    LINK_BY_RULE = 1U << 1,
    LINK_IN_TICKS = 1U << 2,
    LINK_AHEAD = 1U << 3,
    LINK_NEVER = 1U << 4,   /* answer: no due time */
    LINK_NO_BASE = 1U << 5, /* answer, nothing else in it: the step came without LINK_FULL to a BMS that has no base */
};

enum link_code { /* what became of a request */
                 LINK_OK,
                 LINK_UNKNOWN,     /* no such parameter set, parameter, or page */
                 LINK_REFUSED,     /* value out of range; at boot: parameters that contradict each other */
                 LINK_NOT_NOW,     /* not selected, or not booted */
                 LINK_MALFORMED,   /* the body is too short, too long or out of range */
                 LINK_UNSUPPORTED, /* this firmware has no such request */
                 /* further refusals of a write, as enum bms_param_error has them */
                 LINK_CROSS,
                 LINK_ACCESS,
                 LINK_LOCKED,
                 LINK_STATE,
                 LINK_CODE_COUNT
};

enum link_cap {                             /* bits of identity.capabilities */
                LINK_CAP_AHEAD = 1U << 0,   /* knows LINK_AHEAD */
                LINK_CAP_WRITE = 1U << 1,   /* parameters can be written before boot */
                LINK_CAP_LIVE = 1U << 2,    /* ... and while running */
                LINK_CAP_IMAGE = 1U << 3,   /* keeps an image: what the BMS stored survives its restart */
                LINK_CAP_RESTART = 1U << 4, /* can be restarted while it runs: RESET, IMAGE, BOOT once more */
                LINK_CAP_RESTORE = 1U << 5, /* a factory reset (command field restore) is done at the next BOOT */
                LINK_CAP_RECORDS = 1U << 6, /* knows RECORDS */
};

struct link_identity {
    uint32_t capabilities;           /* v, enum link_cap */
    uint32_t layout;                 /* u32, link_layout_id(): both ends have the same boundary */
    uint32_t cells;                  /* v, most that it can serve */
    uint32_t tick_us;                /* v, its own tick; the bench's rules */
    uint32_t image_pages;            /* v, pages of non-volatile image it can hold */
    uint32_t starts;                 /* v, how often it has started; 0: not counted */
    char name[LINK_TEXT_MAX + 1];    /* text: "bms_posix" */
    char version[LINK_TEXT_MAX + 1]; /* text */
};

struct link_records {
    uint32_t made, dropped;
    unsigned count; /* of blocks */
    uint8_t block[LINK_RECORDS_MAX][LINK_RECORD_SIZE];
};

struct link_scan { /* conversion k of scan n is at start + n period + min(k, steps - 1) skew */
    uint64_t start_us;
    uint32_t period_us, skew_us, steps; /* steps 0: this scan does not run */
};

/* The newest conversion at or before now, 0: none yet. */
uint64_t link_scan_at(const struct link_scan *scan, uint64_t now_us);

/* Moves the three scan instants of a sample to where the rules put them. */
void link_scans_apply(const struct link_scan scan[LINK_SCANS], uint64_t now_us, struct bms_sample *sample);
bool link_scans_match(const struct link_scan scan[LINK_SCANS], uint64_t now_us, const struct bms_sample *sample);

/* Moves the clock of a sample from one instant to a later one, as the chip does that leads it: its seconds begin at whole
 * seconds of the bench's time. 0, a clock that knows no time, stays. */
void link_clock_apply(uint64_t from_us, uint64_t to_us, struct bms_sample *sample);

/* Sequence numbers count from 0 and wrap. */
static inline uint16_t link_next(uint16_t sequence)
{
    return (uint16_t)(sequence + 1U);
}

#endif
