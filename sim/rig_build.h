/* A rig as a scenario describes it: plant at its initial state, boards with their targets, powered on. */
#ifndef SIM_RIG_BUILD_H
#define SIM_RIG_BUILD_H

#include "sim/diag.h"
#include "sim/rig.h"
#include "sim/scenario.h"

#define RIG_PRE_ROLL_ns INT64_C(10000000000) /* of a warm boot: 10 s without external current */

struct rig_parts; /* parameters that the rig borrows */

struct rig_built {
    struct rig *rig;
    struct rig_parts *parts;
    bool cannot; /* rig_build failed because the target lacks something: the scenario is to be skipped */
};

/* On failure adds messages and leaves nothing to free. The scenario is borrowed for the call only. */
bool rig_build(struct rig_built *built, const struct scenario *s, const struct scenario_world *world, struct diag *d);
void rig_built_free(struct rig_built *built);

#endif
