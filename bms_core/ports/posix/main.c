/* bms_posix: the core as a firmware in a process. It speaks the bench link on its standard input and output, or on a
 * terminal device, and holds every parameter set; the bench says which. It ends when the other end goes.
 *
 *     bms_posix [--without WHAT] [--serial DEVICE[@BAUD] | --can INTERFACE[:NODE]]
 *
 * --without makes it a firmware that can do less, to see what a bench makes of that. */
#include "bms_core/ports/link_core.h"
#include "bus/channel.h"
#include "bus/link/link_can.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define IMAGE_SIZE (2U * BMS_STORAGE_PAGES * BMS_PAGE_SIZE)
#define LOOK_us INT64_C(100000) /* how often it looks whether the bench lives */

static struct link_core core;
static struct link_device device;
static uint8_t image[IMAGE_SIZE];

static int usage(void)
{
    (void)fputs("usage: bms_posix [--without WHAT] [--serial DEVICE[@BAUD] | --can INTERFACE[:NODE]]\n"
                "A BMS that speaks the bench link; on standard input and output if nothing else is said.\n"
                "WHAT it then cannot do: write, restart, restore or records.\n",
                stderr);
    return 2;
}

static uint32_t lacks; /* enum link_cap */

static bool leave_out(const char *what)
{
    static const struct {
        const char *word;
        uint32_t cap;
    } caps[] = { { "write", LINK_CAP_WRITE },
                 { "restart", LINK_CAP_RESTART },
                 { "restore", LINK_CAP_RESTORE },
                 { "records", LINK_CAP_RECORDS } };

    for (size_t i = 0; i < sizeof caps / sizeof caps[0]; i++) {
        if (strcmp(caps[i].word, what) == 0) {
            lacks |= caps[i].cap;
            return true;
        }
    }
    return false;
}

static void identify(void *self, struct link_identity *identity)
{
    link_core_ops.identify(self, identity);
    identity->capabilities &= ~lacks;
}

/* Here a firmware with a power stage opens its gates. */
static void stop(void *self)
{
    ((struct link_core *)self)->booted = false;
    (void)fprintf(stderr, "bms_posix: no heartbeat of the bench for %u ms: all gates open, until it boots me\n",
                  LINK_CAN_BEAT_LOST_ms);
}

/* The core's, but for what is left out. */
static struct link_device_ops ops_of_what_is_left(void)
{
    struct link_device_ops ops = link_core_ops;

    ops.identify = identify;
    ops.stop = stop;
    if ((lacks & LINK_CAP_RECORDS) != 0) {
        ops.records = NULL;
    }
    return ops;
}

static struct bus_channel *over(struct bus_port *port)
{
    return port != NULL ? bus_channel_uart(port) : NULL;
}

static struct bus_channel *open_serial(const char *name, char *error)
{
    char path[256];
    const char *at = strrchr(name, '@');
    const int size = at != NULL ? (int)(at - name) : (int)strlen(name);

    (void)snprintf(path, sizeof path, "%.*s", size, name);
    return over(bus_tty_open(path, at != NULL ? (unsigned)strtoul(at + 1, NULL, 10) : 0, error));
}

static struct bus_channel *open_can(const char *name, char *error)
{
    char interface[64];
    const char *colon = strchr(name, ':');
    const int size = colon != NULL ? (int)(colon - name) : (int)strlen(name);

    (void)snprintf(interface, sizeof interface, "%.*s", size, name);
    return bus_channel_can(interface, colon != NULL ? (unsigned)strtoul(colon + 1, NULL, 10) : 0, true, error);
}

static struct bus_channel *open_standard(char *error)
{
    if (isatty(STDIN_FILENO)) {
        return over(bus_tty_adopt(dup(STDIN_FILENO), "standard input", error));
    }
    return over(bus_fd_adopt(dup(STDIN_FILENO), dup(STDOUT_FILENO), "standard input and output", error));
}

static bool answer(struct bus_channel *channel, size_t size)
{
    return size == 0 || channel->ops->send(channel, device.answer, size);
}

static bool bench_is_dead(const struct bus_channel *channel)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return channel->beat_us != 0 &&
           (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000 - channel->beat_us > (int64_t)LINK_CAN_BEAT_LOST_ms * 1000;
}

/* Until the other end is gone. */
static void serve(struct bus_channel *channel)
{
    const uint8_t *message;
    bool open = answer(channel, link_device_greet(&device));

    while (open) {
        const int size = channel->ops->receive(channel, &message, LOOK_us);

        open = size >= 0 && answer(channel, size > 0 ? link_device_take(&device, message, (size_t)size) : 0);
        if (open && size == 0 && bench_is_dead(channel)) { /* size 0: nothing is there that was not yet read */
            channel->beat_us = 0;
            open = answer(channel, link_device_bench_gone(&device));
        }
    }
}

int main(int argc, char **argv)
{
    char error[BUS_ERROR_SIZE] = "";
    struct bus_channel *channel = NULL;

    if (argc >= 3 && strcmp(argv[1], "--without") == 0) {
        if (!leave_out(argv[2])) {
            return usage();
        }
        argc -= 2;
        argv += 2;
    }
    const struct link_device_ops ops = ops_of_what_is_left();

    if (argc == 1) {
        channel = open_standard(error);
    } else if (argc == 3 && strcmp(argv[1], "--serial") == 0) {
        channel = open_serial(argv[2], error);
    } else if (argc == 3 && strcmp(argv[1], "--can") == 0) {
        channel = open_can(argv[2], error);
    } else {
        return usage();
    }
    if (channel == NULL) {
        (void)fprintf(stderr, "bms_posix: %s\n", error);
        return 1;
    }
    link_core_init(&core, "bms_posix", image, sizeof image);
    link_device_init(&device, &ops, &core);
    serve(channel);
    channel->ops->close(channel);
    return 0;
}
