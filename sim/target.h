/* A device under test: firmware that gets samples and gives commands. The in-process core is one; others speak the
 * bench link. The bench owns time (lock-step): it calls step() when the sample changed, when the target asked to be
 * called, and at alerts; between these nothing can change, so a target behind a wire is not asked at every tick. */
#ifndef SIM_TARGET_H
#define SIM_TARGET_H

#include "bms_core/bms_io.h"
#include "sim/diag.h"

#include <stdbool.h>
#include <stdint.h>

struct target_parameter {
    uint16_t id;
    int32_t value;
};

struct target;

struct target_ops {
    const char *name;
    /* Power-on with the non-volatile image as it stands. False: the target is gone (rig error). */
    bool (*boot)(struct target *t, const uint8_t *nvm, uint32_t nvm_size, uint64_t now_us);
    /* One step. sample is never NULL here: a silent front end shows by its scan instants. *due_us: when the target
     * wants to be called next even if nothing changes (UINT64_MAX: only on change). */
    bool (*step)(struct target *t, const struct bms_sample *sample, uint64_t now_us, struct bms_command *command,
                 uint64_t *due_us);
    /* Writes one parameter while running. False: refused. */
    bool (*set_parameter)(struct target *t, struct target_parameter p);
    void (*close)(struct target *t);
};

struct target {
    const struct target_ops *ops;
};

/* The core library in this process, with a parameter set and what the scenario changes in it, checked against the
 * number of cells. NULL: messages in d. */
struct target *target_core_open(const char *params_path, const struct target_parameter change[], size_t count,
                                unsigned cells, struct diag *d);

#endif
