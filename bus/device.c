/* A serial device by name: a real port or a pty, whichever it is. */
#include "bus/port.h"

#include <stdlib.h>
#include <string.h>

/* libserialport refuses ptys, also behind a link in the file system. */
struct bus_port *bus_device_open(const char *device, unsigned baud, char *error)
{
    static const char pts[] = "/dev/pts/";
    char *real = realpath(device, NULL);
    const char *name = real != NULL ? real : device;
    struct bus_port *port =
        strncmp(name, pts, sizeof pts - 1) == 0 ? bus_tty_open(device, 0, error) : bus_serial_open(name, baud, error);

    free(real);
    return port;
}
