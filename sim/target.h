/* A device under test: firmware that gets samples and gives commands. The in-process core is one; others speak the
 * bench link. The bench owns time (lock-step): it calls step() when the sample changed, when the target asked to be
 * called, and at alerts; between these nothing can change, so a target behind a wire is not asked at every tick. */
#ifndef SIM_TARGET_H
#define SIM_TARGET_H

#include "bms_core/bms_io.h"
#include "bus/link/link.h"
#include "model/parts.h"
#include "sim/diag.h"

#include <stdbool.h>
#include <stdint.h>

#define TARGET_ERROR_SIZE 200

struct target_parameter {
    uint16_t id;
    int32_t value;
};

struct target_boot {
    const uint8_t *nvm; /* the non-volatile image as it stands */
    uint32_t nvm_size;
    uint64_t now_us;
    uint32_t tick_us;
    struct link_scan scan[LINK_SCANS]; /* when the front end converts, as long as nothing disturbs it */
};

struct target;

struct target_ops {
    const char *name;
    /* Power-on. Each returns false if the target is gone or cannot do it: t->error says why. */
    bool (*boot)(struct target *t, const struct target_boot *boot);
    /* One step. sample is never NULL here: a silent front end shows by its scan instants. *due_us: when the target
     * wants to be called next even if nothing changes (UINT64_MAX: only on change). With ahead it may name a later
     * instant than its own next one: the first at which its command will change while no code does and the scans keep
     * to the rule. */
    bool (*step)(struct target *t, const struct bms_sample *sample, uint64_t now_us, bool ahead,
                 struct bms_command *command, uint64_t *due_us);
    /* Writes one parameter while running. False: refused, and t->refusal says why (enum bms_param_error of bms_io.h; a
     * target that cannot tell leaves it at BMS_PARAM_OK). */
    bool (*set_parameter)(struct target *t, struct target_parameter p, uint64_t now_us);
    /* What the BMS says of its log now; first and *r as link.h has them. NULL, or false: it cannot tell. */
    bool (*records)(struct target *t, uint64_t now_us, uint32_t first, struct link_records *r);
    /* A fault of the wire (FAULT_WIRE_*); NULL: there is no wire. value is a share (1: all), or in s. */
    void (*set_wire)(struct target *t, enum fault_kind kind, bool on, double value);
    void (*close)(struct target *t);
};

struct target {
    const struct target_ops *ops;
    bool cannot; /* error is something this target lacks: the scenario is skipped */
    char error[TARGET_ERROR_SIZE];
    uint8_t refusal; /* of the newest parameter write */
};

/* What a target is to be at power-on. */
struct target_wish {
    const char *set;                       /* id of the parameter set */
    const char *folder;                    /* of the sets' files */
    const struct target_parameter *change; /* what the scenario changes in it */
    size_t count;
    unsigned cells;
    int pack, packs; /* which one this is, from 0, of how many */
};

/* The core library in this process, with its set checked against the number of cells. NULL: messages in d. */
struct target *target_core_open(const struct target_wish *wish, struct diag *d);

struct target_pool; /* where targets elsewhere come from: sim/target_pool.h */

/* From the pool, or (NULL) the core in this process. NULL: messages in d; *cannot: because the target lacks something
 * that the scenario needs. */
struct target *target_open(struct target_pool *pool, const struct target_wish *wish, bool *cannot, struct diag *d);

/* False, with t->error made by the format. */
bool target_fail(struct target *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
