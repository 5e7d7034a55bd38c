#include "bus/link_session.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define REPEAT_us INT64_C(100000)
#define REPEAT_MAX_us INT64_C(800000)
#define GIVE_UP_us INT64_C(3000000)

static int64_t now_us(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static bool fail(struct link_session *s, const char *why)
{
    if (s->error[0] == '\0') {
        (void)snprintf(s->error, sizeof s->error, "%s", why);
    }
    return false;
}

enum heard { HEARD_NOTHING, HEARD_ANSWER, HEARD_BROKEN };

/* Listens until the answer, the end of the time or of the channel. */
static enum heard listen(struct link_session *s, int64_t until_us)
{
    for (;;) {
        const uint8_t *message;
        const int64_t left_us = until_us - now_us();
        const int size = s->channel->ops->receive(s->channel, &message, left_us > 0 ? left_us : 0);

        if (size < 0) {
            (void)fail(s, s->channel->error);
            return HEARD_BROKEN;
        }
        if (size == 0) {
            return HEARD_NOTHING;
        }
        switch (link_client_take(&s->client, message, (size_t)size, &s->answer)) {
        case LINK_TOOK_ANSWER:
            return HEARD_ANSWER;
        case LINK_TOOK_GREETING:
            s->greetings++;
            if (s->open) {
                (void)fail(s, "the firmware has started anew by itself (or gave this bench up for dead)");
                return HEARD_BROKEN;
            }
            break;
        default:
            break;
        }
    }
}

static bool ask_within(struct link_session *s, int64_t give_up_us)
{
    const int64_t began_us = now_us(), end_us = began_us + give_up_us;
    int64_t wait_us = s->repeat_us;

    s->requests++;
    s->of_type[s->client.request[0] < LINK_TYPES ? s->client.request[0] : 0]++;
    for (int64_t t_us = began_us; t_us < end_us; t_us = now_us()) {
        if (!s->channel->ops->send(s->channel, s->client.request, s->client.size)) {
            return fail(s, s->channel->error);
        }
        switch (listen(s, t_us + wait_us < end_us ? t_us + wait_us : end_us)) {
        case HEARD_ANSWER:
            t_us = now_us() - began_us;
            s->trip_max_us = t_us > s->trip_max_us ? t_us : s->trip_max_us;
            return true;
        case HEARD_BROKEN:
            return false;
        default:
            break;
        }
        s->repeats++;
        s->channel->repeating = true;
        wait_us = wait_us * 2 < REPEAT_MAX_us ? wait_us * 2 : REPEAT_MAX_us;
    }
    (void)snprintf(s->error, sizeof s->error, "the firmware has not answered for %.3g s (%u bad frames came meanwhile)",
                   (double)give_up_us * 1e-6,
                   (unsigned)s->channel->counters.wrong_crc + s->channel->counters.malformed);
    return false;
}

bool link_session_ask(struct link_session *s)
{
    return s->error[0] == '\0' && ask_within(s, s->give_up_us);
}

/* Can this bench talk to that firmware? */
static bool accept(struct link_session *s)
{
    if (s->answer.version != LINK_VERSION) {
        (void)snprintf(s->error, sizeof s->error,
                       "the firmware speaks version %u of the bench link, this bench version %u", s->answer.version,
                       (unsigned)LINK_VERSION);
        return false;
    }
    s->identity = s->answer.identity;
    if (s->identity.layout != link_layout_id()) {
        (void)snprintf(s->error, sizeof s->error,
                       "%s %s was built with other fields of sample and command (bms_io.h) than this bench",
                       s->identity.name, s->identity.version);
        return false;
    }
    return true;
}

bool link_session_open(struct link_session *s, struct bus_channel *channel, int64_t wait_us)
{
    const uint32_t nonce = (uint32_t)now_us() ^ (uint32_t)getpid() << 16;

    memset(s, 0, sizeof *s);
    s->repeat_us = REPEAT_us;
    s->give_up_us = GIVE_UP_us;
    if (channel == NULL) {
        return fail(s, "out of memory");
    }
    s->channel = channel;
    link_client_init(&s->client);
    channel->ops->drain(channel);
    link_client_hello(&s->client, nonce);
    if (ask_within(s, wait_us) && accept(s)) {
        s->repeats = 0;
        s->open = true;
        return true;
    }
    link_session_close(s);
    return false;
}

void link_session_close(struct link_session *s)
{
    if (s->channel != NULL) {
        s->channel->ops->close(s->channel);
        s->channel = NULL;
    }
    s->open = false;
}
