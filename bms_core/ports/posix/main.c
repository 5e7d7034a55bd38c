/* bms_posix: the core as a firmware in a process. It speaks the bench link on its standard input and output, or on a
 * terminal device, and holds every parameter set; the bench says which. It ends when the other end goes.
 *
 *     bms_posix [--serial DEVICE[@BAUD] | --can INTERFACE[:NODE]] */
#include "bms_core/ports/link_core.h"
#include "bus/channel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define IMAGE_SIZE (2U * BMS_STORAGE_PAGES * BMS_PAGE_SIZE)
#define FOREVER_us INT64_C(3600000000)

static struct link_core core;
static struct link_device device;
static uint8_t image[IMAGE_SIZE];

static int usage(void)
{
    (void)fputs("usage: bms_posix [--serial DEVICE[@BAUD] | --can INTERFACE[:NODE]]\n"
                "A BMS that speaks the bench link; on standard input and output if nothing else is said.\n",
                stderr);
    return 2;
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

/* Until the other end is gone. */
static void serve(struct bus_channel *channel)
{
    const uint8_t *message;
    bool open = answer(channel, link_device_greet(&device));

    while (open) {
        const int size = channel->ops->receive(channel, &message, FOREVER_us);

        open = size >= 0 && answer(channel, size > 0 ? link_device_take(&device, message, (size_t)size) : 0);
    }
}

int main(int argc, char **argv)
{
    char error[BUS_ERROR_SIZE] = "";
    struct bus_channel *channel = NULL;

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
    link_device_init(&device, &link_core_ops, &core);
    serve(channel);
    channel->ops->close(channel);
    return 0;
}
