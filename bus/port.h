/* A port: bytes to and from somewhere. One small table of functions for each kind; what travels is not its affair.
 *
 * All calls are for one thread. What goes wrong is said in port->error, in words for the user, and stays wrong: a port
 * whose cable was pulled is closed and opened anew. */
#ifndef BUS_PORT_H
#define BUS_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BUS_ERROR_SIZE 200

struct bus_port;

struct bus_port_ops {
    const char *kind; /* "pty", "serial", "tcp", "mem" */
    /* Sends all bytes or fails; waits at most a second for room. */
    bool (*write)(struct bus_port *p, const uint8_t *bytes, size_t size);
    /* Waits at most timeout_us for the first byte, then takes what is there. Returns bytes read, 0: none came, -1: the
     * other end is gone. */
    int (*read)(struct bus_port *p, uint8_t *bytes, size_t room, int64_t timeout_us);
    void (*close)(struct bus_port *p); /* frees it */
};

struct bus_port {
    const struct bus_port_ops *ops;
    uint64_t written, read; /* bytes */
    uint32_t line_errors;   /* framing, parity, overrun: as far as the kind of port counts them */
    char error[BUS_ERROR_SIZE];
};

/* False; says in p->error: "<what>: <errno's text>" or, with number 0, just what. */
bool bus_port_fail(struct bus_port *p, const char *what, int number);

/* Each opens a port; NULL: error (BUS_ERROR_SIZE bytes) says why. */

/* A terminal device or pty by name, raw, taken for this process alone. baud 0: left as it is (a pty has none). */
struct bus_port *bus_tty_open(const char *device, unsigned baud, char *error);
/* The same by descriptor, which the port owns from now on. */
struct bus_port *bus_tty_adopt(int fd, const char *name, char *error);
/* Descriptors of a stream (may be the same one); owned from now on. */
struct bus_port *bus_fd_adopt(int in, int out, const char *name, char *error);
/* A real port through libserialport: exclusive, 8N1 without flow control, low latency where the driver has it. */
struct bus_port *bus_serial_open(const char *device, unsigned baud, char *error);
/* Whichever of the two it is. */
struct bus_port *bus_device_open(const char *device, unsigned baud, char *error);
/* "host:port", waits at most 3 s. */
struct bus_port *bus_tcp_open(const char *host, const char *service, char *error);
/* Starts command (a line for the shell) on a new pty, its standard input and output; closing the port ends it. */
struct bus_port *bus_exec_open(const char *command, char *error);
int bus_exec_pid(const struct bus_port *p); /* of a port of bus_exec_open */

/* Two ports, in memory, joined. Both must be closed. False: out of memory. */
bool bus_mem_pair(struct bus_port *end[2]);

#endif
