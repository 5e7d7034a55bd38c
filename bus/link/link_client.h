/* The bench's end of the link: builds requests, takes answers, notices what is lost, late, repeated or out of turn.
 * Freestanding and passive like the rest: who sends, waits and repeats is its caller's affair (bus/link_session.h).
 *
 * One request at a time. A request that is repeated goes out byte for byte as before: the firmware acts on it once. */
#ifndef BUS_LINK_LINK_CLIENT_H
#define BUS_LINK_LINK_CLIENT_H

#include "bus/link/link_delta.h"

struct link_answer {
    uint8_t type;        /* enum link_type of the request */
    enum link_code code; /* LINK_OK for HELLO and STEP */
    uint8_t version;     /* HELLO: of the firmware's link */
    struct link_identity identity;
    uint32_t crc, count; /* SELECT */
    int32_t value;       /* READ */
    struct link_records records;
    bool no_base;    /* STEP: nothing was done, ask again with link_client_forget() before */
    uint64_t due_us; /* STEP: UINT64_MAX: never */
};

struct link_client {
    uint8_t request[LINK_REQUEST_MAX]; /* the newest, to be sent */
    size_t size;
    bool waiting; /* for its answer */
    uint16_t sequence;
    bool based;                      /* both ends have the same sample and command */
    uint64_t shown_us, asked_us;     /* time of the newest answered step; of the one in flight */
    struct bms_sample sample, asked; /* likewise */
    struct bms_command command;      /* newest */
    uint32_t tick_us;
    struct link_scan scan[LINK_SCANS];
    uint32_t stale;     /* messages that were no answer to the request in flight: late or repeated; but for */
    uint32_t hellos;    /* HELLO's answers, as a firmware gives that hears all its repetitions when it has started */
    uint32_t malformed; /* answers whose body made no sense */
    uint32_t full;      /* steps sent whole, the first after each boot among them */
};

enum link_took { LINK_TOOK_NOTHING, LINK_TOOK_ANSWER, LINK_TOOK_GREETING };

void link_client_init(struct link_client *c);

/* Each builds a request in c->request, size c->size. */
void link_client_hello(struct link_client *c, uint32_t nonce);
void link_client_select(struct link_client *c, const char *set);
void link_client_write(struct link_client *c, uint64_t now_us, uint16_t id, int32_t value);
void link_client_read(struct link_client *c, uint16_t id);
/* Of the log as it is at now_us, not before the newest step. */
void link_client_records(struct link_client *c, uint64_t now_us, uint32_t first);
void link_client_reset(struct link_client *c);
void link_client_image(struct link_client *c, uint32_t page, uint32_t offset, const uint8_t *bytes, size_t size);
void link_client_boot(struct link_client *c, uint64_t now_us, uint32_t tick_us,
                      const struct link_scan scan[LINK_SCANS]);
/* now_us never decreases. ahead: the firmware may run its own steps (link.h, LINK_AHEAD). */
void link_client_step(struct link_client *c, const struct bms_sample *sample, uint64_t now_us, bool ahead);

/* The next step goes whole. */
void link_client_forget(struct link_client *c);

/* Takes one message. After LINK_TOOK_ANSWER the answer to the request in flight is in *answer, and a step's command in
 * c->command. LINK_TOOK_GREETING: the firmware has started, its identity is in *answer. */
enum link_took link_client_take(struct link_client *c, const uint8_t *message, size_t size, struct link_answer *answer);

#endif
