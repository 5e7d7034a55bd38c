/* A port served elsewhere over TCP: ser2net, an emulator, another machine's firmware. */
#include "bus/fd_port.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECT_TIMEOUT_ms 3000

static const struct bus_port_ops tcp_ops = {
    .kind = "tcp", .write = bus_fd_write, .read = bus_fd_read, .close = bus_fd_close
};

/* Returns 0, or what went wrong. */
static int connect_within(int fd, const struct sockaddr *to, socklen_t size)
{
    struct pollfd ready = { .fd = fd, .events = POLLOUT };
    int number = 0;
    socklen_t length = sizeof number;

    if (connect(fd, to, size) == 0) {
        return 0;
    }
    if (errno != EINPROGRESS) {
        return errno;
    }
    if (poll(&ready, 1, CONNECT_TIMEOUT_ms) <= 0) {
        return ETIMEDOUT;
    }
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &number, &length) == 0 ? number : errno;
}

static int try_address(const struct addrinfo *a, int *number)
{
    const int on = 1;
    const int fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);

    if (fd < 0) {
        *number = errno;
        return -1;
    }
    if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
        *number = errno;
    } else {
        *number = connect_within(fd, a->ai_addr, a->ai_addrlen);
    }
    if (*number != 0) {
        (void)close(fd);
        return -1;
    }
    /* Short messages that wait for each other: not to be collected. */
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

struct bus_port *bus_tcp_open(const char *host, const char *service, char *error)
{
    const struct addrinfo wanted = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
    struct addrinfo *list = NULL;
    char name[BUS_NAME_SIZE];
    int fd = -1, number = 0;
    const int found = getaddrinfo(host, service, &wanted, &list);

    (void)snprintf(name, sizeof name, "%s:%s", host, service);
    if (found != 0) {
        (void)snprintf(error, BUS_ERROR_SIZE, "%s: %s", name, gai_strerror(found));
        return NULL;
    }
    for (const struct addrinfo *a = list; a != NULL && fd < 0; a = a->ai_next) {
        fd = try_address(a, &number);
    }
    freeaddrinfo(list);
    if (fd < 0) {
        (void)snprintf(error, BUS_ERROR_SIZE, "%s: %s", name, strerror(number));
        return NULL;
    }
    struct bus_fd_port *f = bus_fd_new(&tcp_ops, fd, fd, name, error);

    return f != NULL ? &f->port : NULL;
}
