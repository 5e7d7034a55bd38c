/* What --target says: where the device under test is.
 *
 *     core                          the core library in this process
 *     exec:COMMAND                  a firmware process, started on a pty for each BMS of a scenario
 *     serial:DEVICE[@BAUD][,...]    firmware on serial ports, one for each BMS
 *     tcp:HOST:PORT[,...]           ports that are served elsewhere
 *     can:INTERFACE[:NODE][,...]    firmware on CAN buses, one node for each BMS */
#ifndef SIM_TARGET_SPEC_H
#define SIM_TARGET_SPEC_H

#include <stdbool.h>
#include <stddef.h>

#define TARGET_PLACES_MAX 16
#define TARGET_TEXT_MAX 1024
#define TARGET_BAUD 115200
#define TARGET_NODES 64 /* of a CAN bus */

enum target_kind { TARGET_CORE, TARGET_EXEC, TARGET_SERIAL, TARGET_TCP, TARGET_CAN };

struct target_place {
    const char *name;    /* device, host or interface; into text */
    const char *service; /* TCP port */
    unsigned baud, node;
};

struct target_spec {
    enum target_kind kind;
    const char *command; /* of TARGET_EXEC */
    struct target_place place[TARGET_PLACES_MAX];
    int places; /* as many BMSs at once; of TARGET_EXEC none: each gets a process */
    char text[TARGET_TEXT_MAX];     /* as given, cut into the parts above */
    char original[TARGET_TEXT_MAX]; /* for messages and run.json */
};

/* False: error (of size bytes) says what is wrong and what is expected. */
bool target_spec_parse(struct target_spec *spec, const char *text, char *error, size_t size);

#endif
