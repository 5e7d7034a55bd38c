/* A conversation with a firmware: sends requests, repeats them until they are answered, says what went wrong. */
#ifndef BUS_LINK_SESSION_H
#define BUS_LINK_SESSION_H

#include "bus/channel.h"
#include "bus/link/link_client.h"

struct link_session {
    struct bus_channel *channel; /* owned */
    struct link_client client;
    struct link_answer answer;     /* to the newest request */
    struct link_identity identity; /* of the firmware */
    bool open;
    int64_t repeat_us, give_up_us; /* silence after which a request is repeated (doubling), and the firmware is gone */
    uint64_t requests, of_type[LINK_TYPES]; /* repetitions not counted */
    uint32_t repeats, greetings;
    int place; /* the owner's: which firmware this is */
    struct {
        uint64_t bytes_out, bytes_in;
        uint32_t line_errors, wrong_frames;
        struct bus_can_news can;
    } counted;           /* the owner's: what it has added up already */
    int64_t trip_max_us; /* longest from a request to its answer */
    char error[BUS_ERROR_SIZE];
};

/* Takes the channel (NULL: fails with the error as it stands) and says hello, for at most wait_us: a firmware may need
 * time to start. False: s->error says why, and s need not be closed. */
bool link_session_open(struct link_session *s, struct bus_channel *channel, int64_t wait_us);
void link_session_close(struct link_session *s);

/* Sends the request that s->client has built and waits for its answer. False: the firmware is gone, s->error says how.
 */
bool link_session_ask(struct link_session *s);

#endif
