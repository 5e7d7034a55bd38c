/* Who has a port open. */
#ifndef BUS_HOLDER_H
#define BUS_HOLDER_H

#include <stddef.h>

/* Looks at the open files of all processes below system ("": this one's /proc) for the device, whatever links lead to
 * it, and before that at their locks. Returns the number of the first process but this one, with its name in name; 0:
 * none that this user may see. */
long bus_holder(const char *system, const char *device, char *name, size_t size);

/* "in use by another program", and which, if that can be seen; for messages. */
void bus_holder_say(const char *device, char *error, size_t size);

#endif
