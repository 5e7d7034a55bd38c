/* Real serial ports through libserialport. It refuses ptys: bus_tty_open() serves these. */
#include "bus/holder.h"
#include "bus/port.h"

#include <errno.h>
#include <fcntl.h>
#include <libserialport.h>
#include <linux/serial.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/ioctl.h>

#define WRITE_TIMEOUT_ms 1000

struct serial_port {
    struct bus_port port; /* first: a port is cast back */
    struct sp_port *sp;
    int fd;                               /* libserialport's, for what it has no call for */
    struct serial_icounter_struct before; /* the driver's error counters at the start */
    bool counts;
};

static struct serial_port *serial_of(struct bus_port *p)
{
    return (struct serial_port *)p;
}

/* Framing, parity, overrun and break since the port was opened, where the driver counts them. */
static void count_line_errors(struct serial_port *s)
{
    struct serial_icounter_struct now;

    if (s->counts && ioctl(s->fd, TIOCGICOUNT, &now) == 0) {
        s->port.line_errors = (uint32_t)(now.frame - s->before.frame + now.parity - s->before.parity + now.overrun -
                                         s->before.overrun + now.buf_overrun - s->before.buf_overrun);
    }
}

static void say(struct serial_port *s, const char *what)
{
    char *reason = sp_last_error_message();

    if (s->port.error[0] == '\0') {
        (void)snprintf(s->port.error, sizeof s->port.error, "%s: %s: %s", sp_get_port_name(s->sp), what,
                       reason != NULL ? reason : "");
    }
    sp_free_error_message(reason);
}

static bool serial_write(struct bus_port *p, const uint8_t *bytes, size_t size)
{
    struct serial_port *s = serial_of(p);
    const int n = p->error[0] != '\0' ? -1 : (int)sp_blocking_write(s->sp, bytes, size, WRITE_TIMEOUT_ms);

    if (n < 0) {
        say(s, "the port is gone: was the adapter pulled?");
        return false;
    }
    p->written += (uint64_t)n;
    return (size_t)n == size || bus_port_fail(p, "the port takes no bytes for a second", 0);
}

static int serial_read(struct bus_port *p, uint8_t *bytes, size_t room, int64_t timeout_us)
{
    struct serial_port *s = serial_of(p);
    int n = p->error[0] != '\0' ? -1 : (int)sp_nonblocking_read(s->sp, bytes, room);

    if (n == 0 && timeout_us > 0) { /* a timeout of 0 would wait for ever there */
        n = (int)sp_blocking_read_next(s->sp, bytes, room, (unsigned)((timeout_us + 999) / 1000));
    }
    if (n < 0) {
        say(s, "the port is gone: was the adapter pulled?");
        return -1;
    }
    p->read += (uint64_t)n;
    if (n == 0) {
        count_line_errors(s);
    }
    return n;
}

static void serial_close(struct bus_port *p)
{
    struct serial_port *s = serial_of(p);

    (void)sp_close(s->sp);
    sp_free_port(s->sp);
    free(s);
}

static const struct bus_port_ops serial_ops = {
    .kind = "serial", .write = serial_write, .read = serial_read, .close = serial_close
};

/* Drivers that collect bytes for 16 ms (FTDI) have a setting against it; where there is none nothing is lost. */
static void set_low_latency(int fd)
{
    struct serial_struct serial;

    if (ioctl(fd, TIOCGSERIAL, &serial) == 0) {
        serial.flags = (int)((unsigned)serial.flags | ASYNC_LOW_LATENCY);
        (void)ioctl(fd, TIOCSSERIAL, &serial);
    }
}

static bool configure(struct sp_port *sp, unsigned baud)
{
    return sp_set_baudrate(sp, (int)baud) == SP_OK && sp_set_bits(sp, 8) == SP_OK &&
           sp_set_parity(sp, SP_PARITY_NONE) == SP_OK && sp_set_stopbits(sp, 1) == SP_OK &&
           sp_set_flowcontrol(sp, SP_FLOWCONTROL_NONE) == SP_OK;
}

static const char *why_not_open(int number)
{
    switch (number) {
    case ENOENT:
    case ENXIO:
    case ENODEV:
        return "there is no such port: is the adapter plugged in?";
    case EACCES:
    case EPERM:
        return "no permission: be a member of the group of the device (dialout), and log in anew";
    default:
        return "cannot be opened";
    }
}

/* Opens and locks. Returns 0, or errno's reason. */
static int take(struct serial_port *s, const char *device)
{
    errno = 0;
    if (sp_get_port_by_name(device, &s->sp) != SP_OK) {
        s->sp = NULL;
        return ENODEV;
    }
    if (sp_open(s->sp, SP_MODE_READ_WRITE) != SP_OK) {
        return errno != 0 ? errno : EIO;
    }
    if (sp_get_port_handle(s->sp, &s->fd) != SP_OK || flock(s->fd, LOCK_EX | LOCK_NB) != 0) {
        return EBUSY;
    }
    return 0;
}

struct bus_port *bus_serial_open(const char *device, unsigned baud, char *error)
{
    struct serial_port *s = calloc(1, sizeof *s);

    if (s == NULL) {
        (void)snprintf(error, BUS_ERROR_SIZE, "out of memory");
        return NULL;
    }
    const int number = take(s, device);

    if (number == EBUSY || number == EAGAIN) {
        bus_holder_say(device, error, BUS_ERROR_SIZE);
    } else if (number != 0) {
        (void)snprintf(error, BUS_ERROR_SIZE, "%s: %s", device, why_not_open(number));
    } else if (!configure(s->sp, baud)) {
        (void)snprintf(error, BUS_ERROR_SIZE, "%s: does not take %u baud", device, baud);
    } else {
        s->port.ops = &serial_ops;
        s->counts = ioctl(s->fd, TIOCGICOUNT, &s->before) == 0;
        set_low_latency(s->fd);
        (void)sp_flush(s->sp, SP_BUF_BOTH);
        return &s->port;
    }
    if (s->sp != NULL) {
        (void)sp_close(s->sp);
        sp_free_port(s->sp);
    }
    free(s);
    return NULL;
}
