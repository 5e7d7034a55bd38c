/* The log: records of what happened and why, and counters, in non-volatile pages; written as they are made.
 *
 * Records lie in a ring of BMS_RECORD_PAGES pages with 4 records each: at least 1020 are always kept. A page is erased
 * when its first record is due. Counters (state of charge, capacity, cycles) take turns in BMS_COUNTER_PAGES pages.
 * Every block carries a CRC: at boot a torn one is recognised and left out. Layouts: README.md. */
#ifndef BMS_CORE_RECORD_H
#define BMS_CORE_RECORD_H

#include "bms_core/bms_io.h"

#include <stdbool.h>
#include <stdint.h>

#define BMS_RECORD_SIZE 64
#define BMS_RECORDS_PER_PAGE (BMS_PAGE_SIZE / BMS_RECORD_SIZE)
#define BMS_RECORD_PAGES 256
#define BMS_COUNTER_PAGES (BMS_STORAGE_PAGES - BMS_RECORD_PAGES)
#define BMS_RECORD_QUEUE 8 /* records that wait for the flash; the oldest waiting one is dropped when more come */

enum bms_cause { /* of a record; which fault stands beside it */
                 BMS_CAUSE_BOOT = 1,
                 BMS_CAUSE_TRIP,
                 BMS_CAUSE_RELEASE,
                 BMS_CAUSE_ALARM,
                 BMS_CAUSE_ALARM_END,
                 BMS_CAUSE_FULL,
                 BMS_CAUSE_EMPTY,
                 BMS_CAUSE_SOC_ANCHOR,
                 BMS_CAUSE_WAKE,    /* from sleep; the record's wake says by what */
                 BMS_CAUSE_IDLE,    /* goes to rest (fault: enum bms_power): nobody uses it, ... */
                 BMS_CAUSE_KEY,     /* ... by key, ... */
                 BMS_CAUSE_LOW,     /* ... the cells are empty, ... */
                 BMS_CAUSE_CONTROL, /* ... or by command */
                 BMS_CAUSE_UPDATE,  /* a firmware update began (fault 1) or ended (0) */
                 BMS_CAUSE_SETTING, /* parameters were changed by an action (fault: 1 preset, 2 calibration) */
                 BMS_CAUSE_ACCESS,  /* too many wrong passwords */
                 BMS_CAUSE_CLOCK,   /* the clock was set, stepped, or came back */
};

struct bms_record {
    uint32_t sequence; /* from 1; 0: none */
    uint64_t time_us;  /* since boot, at most 2^48 - 1 */
    uint32_t clock_s;  /* wall time, seconds since 1970; 0: unknown */
    uint8_t cause, fault;
    uint8_t min_index, max_index; /* cells, from 1; 0: unknown */
    int16_t min_mV, max_mV;
    int32_t stack_mV, current_mA;
    int16_t temp_ddegC[BMS_TEMPS_MAX];
    uint32_t soc_ppm, protections, alarms;
    uint8_t state, wake; /* state: bit 0 charge gate, 1 discharge gate, 2 charge allowed, 3 discharge allowed */
};

enum bms_tally { /* the manual's counters SCP, O/UTP, OCP, UVP, OVP, and two of our own */
                 BMS_TALLY_SHORT,
                 BMS_TALLY_TEMPERATURE,
                 BMS_TALLY_CURRENT,
                 BMS_TALLY_UNDER,
                 BMS_TALLY_OVER,
                 BMS_TALLY_FAULT,
                 BMS_TALLY_LOCK,
                 BMS_TALLY_COUNT,
};

struct bms_counters {
    uint32_t sequence;
    uint32_t charge_mAh, capacity_mAh, cycles, discharged_mAh;
    int32_t offset_mA;               /* kept in 16 bits */
    uint32_t boots, charges;         /* charges in 16 bits */
    uint16_t trips[BMS_TALLY_COUNT]; /* by enum bms_tally */
    uint8_t events;                  /* overcurrent events in a row, for the lock */
    uint8_t ways;                    /* BMS_BLOCKS_* of these events */
    bool locked;                     /* they have led to a lock that no charger has ended yet */
    bool off;                        /* it was switched off, and nobody has switched it on since */
    uint32_t runtime_s, clock_s;     /* run so far; newest wall time known */
    uint32_t total_mAh;              /* discharged since the memory was new */
    uint8_t wrong;                   /* wrong passwords in a row */
};

enum record_phase { RECORD_IDLE, RECORD_ERASING, RECORD_PROGRAMMING };

struct record_log {
    struct bms_record queue[BMS_RECORD_QUEUE];
    uint8_t head, waiting;  /* of the queue */
    uint32_t made, dropped; /* since the memory was new; records that the queue lost since boot */
    uint16_t slot;          /* of the next record: page slot / 4 */
    uint16_t counter_slot;
    struct bms_counters counters; /* as last asked for */
    bool counters_wait;           /* and not yet written */
    uint32_t counter_sequence, counters_under_way;
    bool writing_counters;
    bool pausing; /* after failures, for a while */
    enum record_phase phase;
    uint32_t request;  /* storage_seq of the request under way */
    uint64_t asked_us; /* when */
    uint16_t errors;   /* requests that failed in a row */
};

/* Finds the ends of both rings in the image (NULL: new memory). Returns true and fills *counters if any are stored. */
bool record_boot(struct record_log *log, const uint8_t *nvm, uint32_t nvm_size, struct bms_counters *counters);

/* Queues; gives the record its sequence. */
void record_add(struct record_log *log, const struct bms_record *record);
void record_counters(struct record_log *log, const struct bms_counters *counters);

/* Something waits or is under way. */
bool record_is_busy(const struct record_log *log);

/* Follows the storage: status is that of request seq. Writes the request into the command; it stays there until it is
 * answered. Returns true if the command changed. */
bool record_step(struct record_log *log, uint8_t status, uint32_t seq, uint64_t now_us, struct bms_command *command);
/* Once a second: gives up on a request that is never answered, and ends the pause after failures. */
void record_tick(struct record_log *log, uint64_t now_us, struct bms_command *command);

/* Bytes of a stored record and back. False: blank, torn or not a record. */
void record_encode(const struct bms_record *record, uint8_t out[BMS_RECORD_SIZE]);
bool record_decode(const uint8_t in[BMS_RECORD_SIZE], struct bms_record *record);
void record_encode_counters(const struct bms_counters *counters, uint8_t out[BMS_RECORD_SIZE]);
bool record_decode_counters(const uint8_t in[BMS_RECORD_SIZE], struct bms_counters *counters);

#endif
