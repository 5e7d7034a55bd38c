/* The bench's image of a BMS's non-volatile memory: pages that are erased to ones and programmed bit by bit to zero.
 *
 * One request at a time, as command and sample carry it (bms_core/bms_io.h). An operation takes virtual time and
 * touches the image when it ends; if the supply fails before, it is torn: what had been done by then stays. Plain
 * struct, copyable; deterministic from its seed. */
#ifndef SIM_STORAGE_H
#define SIM_STORAGE_H

#include "bms_core/bms_io.h"

#include <stdbool.h>
#include <stdint.h>

#define STORAGE_PAGES 512
#define STORAGE_SIZE (STORAGE_PAGES * BMS_PAGE_SIZE)
#define STORAGE_DATA_MAX 64
#define STORAGE_NEVER INT64_MAX

struct storage {
    int64_t erase_ns, program_ns;   /* latency of an operation */
    uint64_t seed;                  /* with the request's number and page: which bits a torn operation leaves */
    bool fails;                     /* fault: operations end FAILED after their latency, the image is untouched */
    uint32_t seq;                   /* newest request since power-up, 0: none. What the sample returns ... */
    enum bms_storage_status status; /* ... and how it stands */
    enum bms_storage_op op;         /* in work; NONE: idle */
    bool superseded;                /* the operation in work has lost its report to a refused request */
    uint16_t page, offset, size;
    uint8_t data[STORAGE_DATA_MAX];
    int64_t began_ns, done_ns;   /* done_ns is STORAGE_NEVER when idle */
    uint8_t image[STORAGE_SIZE]; /* the read-only view for boot */
};

/* A new memory, all ones: 3 ms to erase a page, 300 us to program (assumed: a page-erasable EEPROM or NOR flash). */
void storage_init(struct storage *s, uint64_t seed);

/* Takes the request of a command if its storage_seq is new. Refused at once (FAILED): while another is in work (that
 * one still ends, unreported), page, offset or size out of range, no data, unknown operation. */
void storage_request(struct storage *s, const struct bms_command *command, int64_t now_ns);
/* When the operation in work ends, or STORAGE_NEVER; and ending it if that is due at or before now. */
int64_t storage_next(const struct storage *s);
void storage_finish(struct storage *s, int64_t now_ns);

/* The supply fails: what is in work is torn, request numbers start again. */
void storage_power_off(struct storage *s, int64_t now_ns);

#endif
