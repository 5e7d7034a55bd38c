/* Terminals: ptys, and serial devices where libserialport is not wanted. */
#include "bus/fd_port.h"
#include "bus/holder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static const struct bus_port_ops tty_ops = {
    .kind = "tty", .write = bus_fd_write, .read = bus_fd_read, .close = bus_fd_close
};

static const struct {
    unsigned baud;
    speed_t speed;
} speeds[] = {
    { 9600, B9600 },     { 19200, B19200 },   { 38400, B38400 },   { 57600, B57600 },     { 115200, B115200 },
    { 230400, B230400 }, { 460800, B460800 }, { 921600, B921600 }, { 1000000, B1000000 }, { 2000000, B2000000 },
};

static bool set_speed(struct termios *t, unsigned baud)
{
    for (size_t i = 0; i < sizeof speeds / sizeof speeds[0]; i++) {
        if (speeds[i].baud == baud) {
            return cfsetispeed(t, speeds[i].speed) == 0 && cfsetospeed(t, speeds[i].speed) == 0;
        }
    }
    errno = EINVAL;
    return baud == 0;
}

/* Bytes as they are: no echo, no translation, no signals, 8 bits, no parity. */
static bool make_raw(int fd, unsigned baud)
{
    struct termios t;

    if (tcgetattr(fd, &t) != 0) {
        return false;
    }
    t.c_iflag &= (tcflag_t) ~(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON | IXOFF);
    t.c_oflag &= (tcflag_t)~OPOST;
    t.c_lflag &= (tcflag_t) ~(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
    t.c_cflag &= (tcflag_t) ~(CSIZE | PARENB | CSTOPB);
    t.c_cflag |= CS8 | CREAD | CLOCAL;
    t.c_cc[VMIN] = 1;
    t.c_cc[VTIME] = 0;
    return set_speed(&t, baud) && tcsetattr(fd, TCSANOW, &t) == 0;
}

struct bus_fd_port *bus_tty_new(const struct bus_port_ops *ops, int fd, const char *name, char *error)
{
    if (!make_raw(fd, 0)) {
        (void)snprintf(error, BUS_ERROR_SIZE, "%.90s: cannot be set to raw bytes: %s", name, strerror(errno));
        (void)close(fd);
        return NULL;
    }
    return bus_fd_new(ops, fd, fd, name, error);
}

struct bus_port *bus_tty_adopt(int fd, const char *name, char *error)
{
    struct bus_fd_port *f = bus_tty_new(&tty_ops, fd, name, error);

    return f != NULL ? &f->port : NULL;
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
        return strerror(number);
    }
}

struct bus_port *bus_tty_open(const char *device, unsigned baud, char *error)
{
    const int fd = open(device, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0 && errno == EBUSY) {
        bus_holder_say(device, error, BUS_ERROR_SIZE);
        return NULL;
    }
    if (fd < 0) {
        (void)snprintf(error, BUS_ERROR_SIZE, "%s: %s", device, why_not_open(errno));
        return NULL;
    }
    if (!isatty(fd)) {
        (void)snprintf(error, BUS_ERROR_SIZE, "%s: this is no serial port", device);
        (void)close(fd);
        return NULL;
    }
    /* The lock is for those who ask; TIOCEXCL keeps out the others, but root and ptys are above it. */
    if (flock(fd, LOCK_EX | LOCK_NB) != 0 || ioctl(fd, TIOCEXCL) != 0) {
        bus_holder_say(device, error, BUS_ERROR_SIZE);
        (void)close(fd);
        return NULL;
    }
    if (!make_raw(fd, baud)) {
        (void)snprintf(error, BUS_ERROR_SIZE, "%s: does not take %u baud: %s", device, baud, strerror(errno));
        (void)close(fd);
        return NULL;
    }
    (void)tcflush(fd, TCIOFLUSH);
    struct bus_fd_port *f = bus_fd_new(&tty_ops, fd, fd, device, error);

    return f != NULL ? &f->port : NULL;
}
