#include "sim/target_pool.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IDLE_MAX 512
#define CAN_GIVE_UP_us INT64_C(900000)
#define HELLO_us INT64_C(10000000) /* an emulated firmware needs a while to start */

struct idle {
    struct link_session *session;
    int place; /* where it is; of TARGET_EXEC all are alike: 0 */
};

struct target_pool {
    const struct target_spec *spec;
    pthread_mutex_t mutex;
    struct idle idle[IDLE_MAX];
    int idle_count;
    bool lost;
    struct target_tally tally;
};

struct target_pool *target_pool_open(const struct target_spec *spec)
{
    struct target_pool *pool = calloc(1, sizeof *pool);

    if (pool != NULL) {
        pool->spec = spec;
        (void)pthread_mutex_init(&pool->mutex, NULL);
    }
    return pool;
}

int target_pool_width(const struct target_pool *pool)
{
    return pool->spec->kind == TARGET_EXEC ? 0 : 1;
}

/* ---- opening -------------------------------------------------------------------------------------------------------
 */

static struct bus_channel *open_channel(const struct target_spec *spec, int place, char *error)
{
    const struct target_place *at = &spec->place[place];
    struct bus_port *port = NULL;

    switch (spec->kind) {
    case TARGET_EXEC:
        port = bus_exec_open(spec->command, error);
        break;
    case TARGET_SERIAL:
        port = bus_device_open(at->name, at->baud, error);
        break;
    case TARGET_TCP:
        port = bus_tcp_open(at->name, at->service, error);
        break;
    case TARGET_CAN:
        return bus_channel_can(at->name, at->node, false, error);
    default:
        break;
    }
    return port != NULL ? bus_channel_uart(port) : NULL;
}

static struct link_session *open_session(const struct target_spec *spec, int place, char *error)
{
    struct link_session *session = calloc(1, sizeof *session);
    struct bus_channel *channel;

    (void)snprintf(error, BUS_ERROR_SIZE, "out of memory");
    channel = session != NULL ? open_channel(spec, place, error) : NULL;
    if (channel == NULL) {
        free(session);
        return NULL;
    }
    if (!link_session_open(session, channel, HELLO_us)) {
        (void)snprintf(error, BUS_ERROR_SIZE, "%s", session->error);
        free(session);
        return NULL;
    }
    if (spec->kind == TARGET_CAN) {
        session->give_up_us = CAN_GIVE_UP_us; /* nothing else tells that a node has gone */
    }
    session->place = place;
    return session;
}

/* ---- taking and giving ---------------------------------------------------------------------------------------------
 */

static struct link_session *take_idle(struct target_pool *pool, int place)
{
    for (int i = 0; i < pool->idle_count; i++) {
        struct link_session *session = pool->idle[i].session;

        if (pool->idle[i].place == place) {
            pool->idle[i] = pool->idle[--pool->idle_count];
            return session;
        }
    }
    return NULL;
}

struct link_session *target_pool_take(struct target_pool *pool, int pack, int packs, bool *cannot, char *error)
{
    const bool exec = pool->spec->kind == TARGET_EXEC;
    const int place = exec ? 0 : pack;

    *cannot = !exec && packs > pool->spec->places;
    if (*cannot) {
        (void)snprintf(error, BUS_ERROR_SIZE, "the scenario has %d BMSs, --target names %d", packs, pool->spec->places);
        return NULL;
    }
    (void)pthread_mutex_lock(&pool->mutex);
    struct link_session *session = take_idle(pool, place);

    (void)pthread_mutex_unlock(&pool->mutex);
    if (session != NULL) {
        return session;
    }
    session = open_session(pool->spec, place, error);
    (void)pthread_mutex_lock(&pool->mutex);
    if (session == NULL) {
        pool->lost = true;
    } else if (pool->tally.identity.name[0] == '\0') {
        pool->tally.identity = session->identity;
    }
    (void)pthread_mutex_unlock(&pool->mutex);
    return session;
}

static void count_can(struct bus_can_news *t, const struct bus_can_news *now, struct bus_can_news *counted)
{
    t->stamps = now->stamps > t->stamps ? now->stamps : t->stamps;
    t->confirmed += now->confirmed - counted->confirmed;
    t->dropped += now->dropped - counted->dropped;
    t->restarts += now->restarts - counted->restarts;
    t->answer_max_ns = now->answer_max_ns > t->answer_max_ns ? now->answer_max_ns : t->answer_max_ns;
    *counted = *now;
}

/* Adds what the session has counted since it was last here. */
static void count(struct target_tally *t, struct link_session *s)
{
    const struct bus_channel *c = s->channel;

    t->requests += s->requests;
    t->repeats += s->repeats;
    t->stale += s->client.stale;
    t->trip_max_us = s->trip_max_us > t->trip_max_us ? s->trip_max_us : t->trip_max_us;
    s->requests = 0;
    for (int i = 0; i < LINK_TYPES; i++) {
        t->of_type[i] += s->of_type[i];
        s->of_type[i] = 0;
    }
    s->repeats = s->client.stale = 0;
    t->bytes_out += c->bytes_out - s->counted.bytes_out;
    t->bytes_in += c->bytes_in - s->counted.bytes_in;
    t->line_errors += c->line_errors - s->counted.line_errors;
    t->wrong_frames += c->counters.wrong_crc + c->counters.malformed - s->counted.wrong_frames;
    count_can(&t->can, &c->can, &s->counted.can);
    s->counted.bytes_out = c->bytes_out;
    s->counted.bytes_in = c->bytes_in;
    s->counted.line_errors = c->line_errors;
    s->counted.wrong_frames = c->counters.wrong_crc + c->counters.malformed;
}

void target_pool_give(struct target_pool *pool, struct link_session *session, bool meant)
{
    const bool gone = session->error[0] != '\0';
    bool kept = false;

    (void)pthread_mutex_lock(&pool->mutex);
    count(&pool->tally, session);
    pool->lost |= gone && !meant;
    if (!gone && pool->idle_count < IDLE_MAX) {
        pool->idle[pool->idle_count++] = (struct idle){ session, session->place };
        kept = true;
    }
    (void)pthread_mutex_unlock(&pool->mutex);
    if (!kept) {
        link_session_close(session);
        free(session);
    }
}

bool target_pool_lost(struct target_pool *pool)
{
    (void)pthread_mutex_lock(&pool->mutex);
    const bool lost = pool->lost;

    (void)pthread_mutex_unlock(&pool->mutex);
    return lost;
}

void target_pool_tally(struct target_pool *pool, struct target_tally *tally)
{
    (void)pthread_mutex_lock(&pool->mutex);
    *tally = pool->tally;
    (void)pthread_mutex_unlock(&pool->mutex);
}

void target_pool_close(struct target_pool *pool)
{
    for (int i = 0; i < pool->idle_count; i++) {
        link_session_close(pool->idle[i].session);
        free(pool->idle[i].session);
    }
    (void)pthread_mutex_destroy(&pool->mutex);
    free(pool);
}
