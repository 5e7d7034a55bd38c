/* Ports that are file descriptors: streams, terminals, sockets. */
#include "bus/fd_port.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define WRITE_TIMEOUT_ms 1000

static struct bus_fd_port *fd_of(struct bus_port *p)
{
    return (struct bus_fd_port *)p;
}

/* The other end is gone: what that means depends on what it is, the name says it. */
static bool gone(struct bus_port *p, int number)
{
    char what[BUS_ERROR_SIZE];

    (void)snprintf(what, sizeof what, "%s: the other end is gone", fd_of(p)->name);
    return bus_port_fail(p, what, number == EIO || number == EPIPE ? 0 : number);
}

bool bus_fd_write(struct bus_port *p, const uint8_t *bytes, size_t size)
{
    const int out = fd_of(p)->out;

    if (p->error[0] != '\0') {
        return false;
    }
    while (size > 0) {
        const ssize_t n = write(out, bytes, size);

        if (n > 0) {
            bytes += n;
            size -= (size_t)n;
            p->written += (uint64_t)n;
        } else if (n < 0 && errno != EAGAIN && errno != EINTR) {
            return gone(p, errno);
        } else if (n == 0 || errno == EAGAIN) {
            struct pollfd ready = { .fd = out, .events = POLLOUT };

            if (poll(&ready, 1, WRITE_TIMEOUT_ms) == 0) {
                char what[BUS_ERROR_SIZE];

                (void)snprintf(what, sizeof what, "%s: takes no bytes for a second", fd_of(p)->name);
                return bus_port_fail(p, what, 0);
            }
        }
    }
    return true;
}

/* poll() in whole milliseconds would make short waits long. */
static int wait_readable(int in, int64_t timeout_us)
{
    struct pollfd ready = { .fd = in, .events = POLLIN };

    if (timeout_us <= 0) {
        return poll(&ready, 1, 0);
    }
    return poll(&ready, 1, (int)((timeout_us + 999) / 1000));
}

int bus_fd_read(struct bus_port *p, uint8_t *bytes, size_t room, int64_t timeout_us)
{
    const int in = fd_of(p)->in;
    const int ready = p->error[0] != '\0' ? -1 : wait_readable(in, timeout_us);

    if (ready == 0 || (ready < 0 && errno == EINTR && p->error[0] == '\0')) {
        return 0;
    }
    const ssize_t n = ready > 0 ? read(in, bytes, room) : -1;

    if (n > 0) {
        p->read += (uint64_t)n;
        return (int)n;
    }
    if (n < 0 && (errno == EAGAIN || errno == EINTR) && p->error[0] == '\0') {
        return 0;
    }
    (void)gone(p, n < 0 ? errno : 0);
    return -1;
}

void bus_fd_close(struct bus_port *p)
{
    struct bus_fd_port *f = fd_of(p);

    (void)close(f->in);
    if (f->out != f->in) {
        (void)close(f->out);
    }
    free(f);
}

struct bus_fd_port *bus_fd_new(const struct bus_port_ops *ops, int in, int out, const char *name, char *error)
{
    struct bus_fd_port *f = calloc(1, sizeof *f);
    const int flags = fcntl(in, F_GETFL), flags_out = fcntl(out, F_GETFL);

    if (f == NULL || flags < 0 || fcntl(in, F_SETFL, flags | O_NONBLOCK) < 0 || flags_out < 0 ||
        fcntl(out, F_SETFL, flags_out | O_NONBLOCK) < 0) {
        (void)snprintf(error, BUS_ERROR_SIZE, "%s: cannot be used as a port", name);
        (void)close(in);
        if (out != in) {
            (void)close(out);
        }
        free(f);
        return NULL;
    }
    f->port.ops = ops;
    f->in = in;
    f->out = out;
    (void)snprintf(f->name, sizeof f->name, "%s", name);
    return f;
}

static const struct bus_port_ops stream_ops = {
    .kind = "stream", .write = bus_fd_write, .read = bus_fd_read, .close = bus_fd_close
};

struct bus_port *bus_fd_adopt(int in, int out, const char *name, char *error)
{
    struct bus_fd_port *f = bus_fd_new(&stream_ops, in, out, name, error);

    return f != NULL ? &f->port : NULL;
}
