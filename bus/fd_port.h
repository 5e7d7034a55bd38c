/* What the ports that are file descriptors share. For the files of bus/ only. */
#ifndef BUS_FD_PORT_H
#define BUS_FD_PORT_H

#include "bus/port.h"

#define BUS_NAME_SIZE 96

struct bus_fd_port {
    struct bus_port port; /* first: a port is cast back */
    int in, out;          /* may be the same */
    int pid;              /* a process that ends with the port; 0: none */
    char name[BUS_NAME_SIZE];
};

bool bus_fd_write(struct bus_port *p, const uint8_t *bytes, size_t size);
int bus_fd_read(struct bus_port *p, uint8_t *bytes, size_t room, int64_t timeout_us);
void bus_fd_close(struct bus_port *p);

/* Makes the port; on failure closes the descriptors. */
struct bus_fd_port *bus_fd_new(const struct bus_port_ops *ops, int in, int out, const char *name, char *error);

/* Likewise, for a terminal, which becomes raw. */
struct bus_fd_port *bus_tty_new(const struct bus_port_ops *ops, int fd, const char *name, char *error);

#endif
