/* The core library in this process as a target: the one file of sim that runs bms_core. */
#include "bms_core/bms.h"
#include "bms_core/ports/link_core.h"
#include "sim/pack_facts.h"
#include "sim/params_json.h"
#include "sim/target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct target_core {
    struct target target;        /* first: a target is cast back */
    struct bms_params params;    /* as stored: they outlive a restart */
    struct bms_params delivered; /* what a factory reset goes back to */
    bool restores;               /* at the next boot */
    struct bms bms;
};

static struct target_core *core_of(struct target *t)
{
    return (struct target_core *)t;
}

static bool core_boot(struct target *t, const struct target_boot *boot)
{
    struct target_core *c = core_of(t);

    if (c->restores) {
        c->params = c->delivered;
        c->restores = false;
    }
    bms_init(&c->bms, &c->params, boot->nvm, boot->nvm_size, boot->now_us);
    return true;
}

static bool core_step(struct target *t, const struct bms_sample *sample, uint64_t now_us, bool ahead,
                      struct bms_command *command, uint64_t *due_us)
{
    (void)ahead;
    memset(command, 0, sizeof *command);
    *due_us = bms_step(&core_of(t)->bms, sample, now_us, command);
    core_of(t)->restores = command->restore != 0;
    return true;
}

static bool core_set_parameter(struct target *t, struct target_parameter p, uint64_t now_us)
{
    struct target_core *c = core_of(t);

    (void)now_us;
    t->refusal = (uint8_t)bms_set_param(&c->bms, p.id, p.value);
    c->params = c->bms.params; /* an action may change several */
    if (t->refusal != BMS_PARAM_OK) {
        return target_fail(t, "the target refused a parameter: %u = %ld", p.id, (long)p.value);
    }
    return true;
}

static bool core_records(struct target *t, uint64_t now_us, uint32_t first, struct link_records *r)
{
    (void)now_us;
    link_core_records(&core_of(t)->bms, first, r);
    return true;
}

static void core_close(struct target *t)
{
    free(core_of(t));
}

static const struct target_ops core_ops = { .name = "core",
                                            .boot = core_boot,
                                            .step = core_step,
                                            .set_parameter = core_set_parameter,
                                            .records = core_records,
                                            .close = core_close };

/* Writes the scenario's changes and checks the whole set against the cells of the pack. */
static bool change_params(struct bms_params *params, const struct target_wish *wish, struct diag *d)
{
    const struct target_parameter *change = wish->change;
    uint16_t which = 0;

    for (size_t i = 0; i < wish->count; i++) {
        if (bms_param_set(params, change[i].id, change[i].value) != BMS_PARAM_OK) {
            diag_plain(d, DIAG_ERROR, NULL, NULL, "parameter %u refuses the value %ld", (unsigned)change[i].id,
                       (long)change[i].value);
            return false;
        }
    }
    if (bms_params_check(params, wish->cells, &which) != BMS_PARAM_OK) {
        diag_plain(d, DIAG_ERROR, NULL, "change both values of an ordered pair, such as trip and release, together",
                   "the parameter set contradicts itself at %s = %ld", bms_param_table[which].name,
                   (long)params->value[which]);
        return false;
    }
    return true;
}

struct target *target_core_open(const struct target_wish *wish, struct diag *d)
{
    struct target_core *c = calloc(1, sizeof *c);
    char path[4096];

    if (c == NULL) {
        diag_plain(d, DIAG_ERROR, NULL, NULL, "out of memory");
        return NULL;
    }
    c->target.ops = &core_ops;
    if (!pack_facts_path(wish->folder, "", wish->set, path, sizeof path) || !params_json_load(&c->params, path, d) ||
        !change_params(&c->params, wish, d)) {
        free(c);
        return NULL;
    }
    c->delivered = c->params;
    return &c->target;
}
