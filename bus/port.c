#include "bus/port.h"

#include <stdio.h>
#include <string.h>

bool bus_port_fail(struct bus_port *p, const char *what, int number)
{
    if (p->error[0] == '\0') { /* the first cause is the one that tells */
        (void)snprintf(p->error, sizeof p->error, "%s%s%s", what, number != 0 ? ": " : "",
                       number != 0 ? strerror(number) : "");
    }
    return false;
}
