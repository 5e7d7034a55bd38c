/* The firmware's end of the link: a request in, an answer out. What the BMS does with it is the port's, through struct
 * link_device_ops; what is due when, repeated and late messages, and the differences are handled here.
 *
 * A port calls link_device_greet() once when it starts and sends that message, then link_device_take() for each message
 * that its transport completes, and sends what that returns. It needs no clock: the bench owns time. */
#ifndef BUS_LINK_LINK_DEVICE_H
#define BUS_LINK_LINK_DEVICE_H

#include "bus/link/link_delta.h"

struct link_device_ops {
    void (*identify)(void *self, struct link_identity *identity); /* layout and LINK_CAP_AHEAD are filled in here */
    /* Chooses a parameter set, with its values as compiled in. *crc: link_crc over its values, each as four bytes
     * little-endian; *count: how many. The BMS stands still until boot. */
    enum link_code (*select)(void *self, const char *set, uint32_t *crc, uint32_t *count);
    enum link_code (*write)(void *self, uint16_t id, int32_t value); /* before boot or while running. May be NULL */
    enum link_code (*read)(void *self, uint16_t id, int32_t *value); /* may be NULL */
    enum link_code (*reset)(void *self);                             /* stops the BMS, blanks the image (0xFF) */
    enum link_code (*image)(void *self, uint32_t page, uint32_t offset, const uint8_t *bytes,
                            size_t size); /* may be NULL */
    enum link_code (*boot)(void *self, uint64_t now_us);
    /* As bms_step: returns when it wants to be called even if nothing changes. command is zeroed before. */
    uint64_t (*step)(void *self, const struct bms_sample *sample, uint64_t now_us, struct bms_command *command);
    /* Fills *r (all zero before) from sequence number first on. May be NULL. */
    enum link_code (*records)(void *self, uint32_t first, struct link_records *r);
    void (*stop)(void *self); /* the bench is gone: opens all gates and stands still until boot. May be NULL */
    /* Keeps the state of the BMS, and brings it back. Both NULL: no steps ahead, everything else works. */
    void (*keep)(void *self);
    void (*back)(void *self);
};

struct link_device {
    const struct link_device_ops *ops;
    void *self;
    bool met;                     /* a HELLO came: sequence and nonce count */
    bool selected, booted, based; /* based: sample and command are what the bench has too */
    bool by_rule;                 /* of the newest step */
    uint16_t sequence;            /* of the newest request */
    uint32_t nonce;
    uint64_t shown_us;       /* time of the newest STEP: what the next one counts from */
    uint64_t now_us, due_us; /* of the BMS's newest step; its own next one */
    uint32_t tick_us;
    struct link_scan scan[LINK_SCANS];
    struct bms_sample sample;
    struct bms_command command;
    bool promised;    /* the bench was told a due time beyond due_us */
    uint32_t reach;   /* own steps that are tried ahead: doubles while nothing changes */
    uint32_t strange; /* messages that were out of turn, late or not for a device */
    uint16_t answer_size;
    uint8_t answer[LINK_ANSWER_MAX]; /* the newest, sent again when its request comes again */
};

void link_device_init(struct link_device *d, const struct link_device_ops *ops, void *self);

/* The message to send at the start. Returns its size; it stands in d->answer. */
size_t link_device_greet(struct link_device *d);

/* A firmware that notices that its bench is dead (the heartbeat of link_can.h, or a watchdog of its own) says so here:
 * the BMS is stopped. Returns the size of the message to send, a greeting: a bench that only slept learns what it has
 * missed.
 */
size_t link_device_bench_gone(struct link_device *d);

/* Takes one message; returns the size of the answer in d->answer, 0: none. */
size_t link_device_take(struct link_device *d, const uint8_t *message, size_t size);

#endif
