#include "sim/target_link.h"

#include "sim/pack_facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BLANK 0xFF

struct target_link {
    struct target target; /* first: a target is cast back */
    struct target_pool *pool;
    struct link_session *session;
    struct bus_faults faults; /* of the wire, */
    bool faulty;              /* if there were any */
    bool booted;              /* before: the next boot is a restart */
};

static struct target_link *link_of(struct target *t)
{
    return (struct target_link *)t;
}

/* Asks what the client has built. */
static bool ask(struct target *t)
{
    struct link_session *s = link_of(t)->session;

    return link_session_ask(s) || target_fail(t, "%s", s->error);
}

/* Asks, and expects OK. */
static bool ask_ok(struct target *t, const char *what)
{
    static const char *const why[] = {
        [LINK_UNKNOWN] = "knows it not",
        [LINK_REFUSED] = "refuses it",
        [LINK_NOT_NOW] = "is not in a state for it",
        [LINK_MALFORMED] = "cannot read it",
        [LINK_UNSUPPORTED] = "has no such request",
        [LINK_CROSS] = "refuses it: it contradicts another",
        [LINK_ACCESS] = "refuses it: its access level is not open",
        [LINK_LOCKED] = "refuses it: too many wrong passwords",
        [LINK_STATE] = "refuses it in its present state",
    };

    if (!ask(t)) {
        return false;
    }
    const enum link_code code = link_of(t)->session->answer.code;

    t->cannot = code == LINK_UNSUPPORTED;
    return code == LINK_OK || target_fail(t, "%s: the firmware %s", what, why[code]);
}

/* ---- boot ----------------------------------------------------------------------------------------------------------
 */

static bool is_blank(const uint8_t *bytes, size_t size)
{
    return bytes[0] == BLANK && memcmp(bytes, bytes + 1, size - 1) == 0;
}

/* What the BMS has stored, as far as it is not blank. */
static bool send_image(struct target *t, const uint8_t *image, uint32_t size)
{
    struct link_session *s = link_of(t)->session;
    const uint32_t room = s->identity.image_pages * BMS_PAGE_SIZE;

    for (uint32_t at = 0; at < size; at += LINK_PIECE_MAX) {
        if (is_blank(image + at, LINK_PIECE_MAX)) {
            continue;
        }
        if (at >= room) {
            t->cannot = true;
            return target_fail(t, "the firmware keeps %lu bytes of memory over a restart, the scenario needs more",
                               (unsigned long)room);
        }
        link_client_image(&s->client, at / BMS_PAGE_SIZE, at % BMS_PAGE_SIZE, image + at, LINK_PIECE_MAX);
        if (!ask_ok(t, "an image of the memory")) {
            return false;
        }
    }
    return true;
}

/* Has the firmware what this boot takes? The first one takes nothing. */
static bool can_restart(struct target *t)
{
    const struct link_session *s = link_of(t)->session;
    const char *lacks = NULL;

    if (link_of(t)->booted && (s->identity.capabilities & LINK_CAP_RESTART) == 0) {
        lacks = "cannot be restarted while it runs";
    } else if (link_of(t)->booted && s->client.command.restore != 0 &&
               (s->identity.capabilities & LINK_CAP_RESTORE) == 0) {
        lacks = "has no factory reset";
    }
    link_of(t)->booted = true;
    t->cannot = lacks != NULL;
    return lacks == NULL || target_fail(t, "%s %s, the scenario needs it", s->identity.name, lacks);
}

static bool link_boot(struct target *t, const struct target_boot *boot)
{
    struct link_client *c = &link_of(t)->session->client;

    if (!can_restart(t)) {
        return false;
    }

    link_client_reset(c);
    if (!ask_ok(t, "a reset") || !send_image(t, boot->nvm, boot->nvm_size)) {
        return false;
    }
    link_client_boot(c, boot->now_us, boot->tick_us, boot->scan);
    return ask_ok(t, "the parameters as a whole");
}

/* ---- running -------------------------------------------------------------------------------------------------------
 */

static bool link_step(struct target *t, const struct bms_sample *sample, uint64_t now_us, bool ahead,
                      struct bms_command *command, uint64_t *due_us)
{
    struct link_session *s = link_of(t)->session;

    for (int whole = 0; whole < 2; whole++) {
        link_client_step(&s->client, sample, now_us, ahead);
        if (!ask(t)) {
            return false;
        }
        if (!s->answer.no_base) {
            *command = s->client.command;
            *due_us = s->answer.due_us;
            return true;
        }
        link_client_forget(&s->client);
    }
    return target_fail(t, "the firmware runs no more: it wants to be booted");
}

static bool link_set_parameter(struct target *t, struct target_parameter p, uint64_t now_us)
{
    static const uint8_t refusal[LINK_CODE_COUNT] = {
        [LINK_UNKNOWN] = BMS_PARAM_UNKNOWN, [LINK_REFUSED] = BMS_PARAM_RANGE,     [LINK_NOT_NOW] = BMS_PARAM_STATE,
        [LINK_MALFORMED] = BMS_PARAM_STATE, [LINK_UNSUPPORTED] = BMS_PARAM_STATE, [LINK_CROSS] = BMS_PARAM_CROSS,
        [LINK_ACCESS] = BMS_PARAM_ACCESS,   [LINK_LOCKED] = BMS_PARAM_LOCKED,     [LINK_STATE] = BMS_PARAM_STATE,
    };
    struct link_session *s = link_of(t)->session;
    char what[64];

    link_client_write(&s->client, now_us, p.id, p.value);
    (void)snprintf(what, sizeof what, "parameter %u = %ld", p.id, (long)p.value);
    s->answer.code = LINK_NOT_NOW; /* of a firmware that does not answer */
    const bool taken = ask_ok(t, what);

    t->refusal = refusal[s->answer.code];
    return taken;
}

static bool link_records(struct target *t, uint64_t now_us, uint32_t first, struct link_records *r)
{
    struct link_session *s = link_of(t)->session;

    if ((s->identity.capabilities & LINK_CAP_RECORDS) == 0) {
        return false;
    }
    link_client_records(&s->client, now_us, first);
    if (!ask_ok(t, "the records")) {
        return false;
    }
    *r = s->answer.records;
    return true;
}

static int64_t now_us(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void link_set_wire(struct target *t, enum fault_kind kind, bool on, double value)
{
    static const enum bus_fault of_kind[FAULT_COUNT] = {
        [FAULT_WIRE_BITS] = BUS_FAULT_BITS,       [FAULT_WIRE_LOST] = BUS_FAULT_LOST,
        [FAULT_WIRE_DOUBLED] = BUS_FAULT_DOUBLED, [FAULT_WIRE_LATE] = BUS_FAULT_LATE,
        [FAULT_WIRE_BABBLE] = BUS_FAULT_BABBLE,
    };
    struct target_link *l = link_of(t);

    if (!l->faulty && !on) {
        return;
    }
    l->faulty = true;
    l->session->channel->faults = &l->faults;
    if (kind == FAULT_WIRE_STUCK) {
        l->faults.stuck = on;
    } else if (kind == FAULT_WIRE_SILENT) {
        l->faults.silent_until_us = on ? now_us() + (int64_t)(value * 1e6) : 0;
    } else {
        l->faults.share[of_kind[kind]] = on ? value : 0.0;
    }
}

static void link_close(struct target *t)
{
    struct target_link *l = link_of(t);

    if (l->session != NULL) {
        l->session->channel->faults = NULL;
        target_pool_give(l->pool, l->session, l->faulty);
    }
    free(l);
}

static const struct target_ops link_ops = { .name = "link",
                                            .boot = link_boot,
                                            .step = link_step,
                                            .set_parameter = link_set_parameter,
                                            .records = link_records,
                                            .set_wire = link_set_wire,
                                            .close = link_close };

/* ---- opening -------------------------------------------------------------------------------------------------------
 */

/* A firmware knows its sets by their ids: "dir/mine.json" is "mine". */
static void id_of(const char *set, char *out, size_t size)
{
    const char *slash = strrchr(set, '/'), *stem = slash != NULL ? slash + 1 : set;
    const size_t cut = pack_facts_is_file(stem) ? strlen(".json") : 0;

    (void)snprintf(out, size, "%.*s", (int)(strlen(stem) - cut), stem);
}

/* Before power-on: writes a parameter, and reads what the firmware then has, if it tells. */
static bool change(struct target *t, struct target_parameter p)
{
    struct link_session *s = link_of(t)->session;
    char what[64];

    (void)snprintf(what, sizeof what, "parameter %u = %ld", p.id, (long)p.value);
    link_client_write(&s->client, 0, p.id, p.value);
    if (!ask_ok(t, what)) {
        return false;
    }
    link_client_read(&s->client, p.id);
    if (!ask(t)) {
        return false;
    }
    return s->answer.code != LINK_OK || s->answer.value == p.value ||
           target_fail(t, "%s: the firmware took it and has %ld", what, (long)s->answer.value);
}

/* The set, and what the scenario changes in it. */
static bool prepare(struct target *t, const struct target_wish *wish)
{
    struct link_session *s = link_of(t)->session;
    char set[64];

    id_of(wish->set, set, sizeof set);
    if (s->identity.cells < wish->cells) {
        t->cannot = true;
        return target_fail(t, "%s serves %lu cells, the pack has %u", s->identity.name,
                           (unsigned long)s->identity.cells, wish->cells);
    }
    link_client_select(&s->client, set);
    if (!ask(t)) {
        return false;
    }
    if (s->answer.code == LINK_UNKNOWN) {
        t->cannot = true;
        return target_fail(t, "%s has no parameter set %s", s->identity.name, set);
    }
    if (s->answer.code != LINK_OK) {
        return target_fail(t, "%s cannot be told to be %s", s->identity.name, set);
    }
    if (wish->count > 0 && (s->identity.capabilities & LINK_CAP_WRITE) == 0) {
        t->cannot = true;
        return target_fail(t, "%s takes no parameters, the scenario changes some", s->identity.name);
    }
    for (size_t i = 0; i < wish->count; i++) {
        if (!change(t, wish->change[i])) {
            return false;
        }
    }
    return true;
}

struct target *target_link_open(struct target_pool *pool, const struct target_wish *wish, bool *cannot, struct diag *d)
{
    struct target_link *l = calloc(1, sizeof *l);
    char error[BUS_ERROR_SIZE] = "out of memory";

    if (l == NULL) {
        diag_plain(d, DIAG_ERROR, NULL, NULL, "%s", error);
        return NULL;
    }
    l->target.ops = &link_ops;
    l->pool = pool;
    l->session = target_pool_take(pool, wish->pack, wish->packs, cannot, error);
    if (l->session == NULL) {
        diag_plain(d, DIAG_ERROR, NULL, NULL, "%s", error);
        free(l);
        return NULL;
    }
    if (!prepare(&l->target, wish)) {
        *cannot = l->target.cannot;
        diag_plain(d, DIAG_ERROR, NULL, NULL, "%s", l->target.error);
        link_close(&l->target);
        return NULL;
    }
    return &l->target;
}
