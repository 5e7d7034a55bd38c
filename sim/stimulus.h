/* What a scenario does to a rig: charger, load, chamber, faults, keys; ramps and things that end by themselves. */
#ifndef SIM_STIMULUS_H
#define SIM_STIMULUS_H

#include "sim/rig.h"
#include "sim/scenario.h"

#define STIMULUS_TIMED_MAX 64

struct stimulus_ramp { /* from .. to between begin and end; times since power-on */
    double from, to;
    int64_t begin_ns, end_ns;
};

struct stimulus_timed { /* ends by itself */
    int64_t end_ns;
    int pack, index;
    bool is_key;
    uint32_t keys;
    enum fault_kind fault;
};

struct stimulus {
    struct rig *rig;
    bool charger_on;
    enum plant_load law;
    struct stimulus_ramp charger_A, charger_V, load, ambient;
    struct stimulus_ramp ntc[PLANT_PACKS_MAX][PLANT_NTC_MAX];
    bool ntc_held[PLANT_PACKS_MAX][PLANT_NTC_MAX];
    struct stimulus_timed timed[STIMULUS_TIMED_MAX];
    int timed_count;
};

void stimulus_begin(struct stimulus *s, struct rig *rig, double ambient_degC);

/* Does one action now. False: the rig cannot (rig->error says why). */
bool stimulus_apply(struct stimulus *s, const struct action *a);

/* When something ends next (a ramp, a fault, a key), or INT64_MAX; and ends what is due now. */
int64_t stimulus_next(const struct stimulus *s);
void stimulus_take(struct stimulus *s);

#endif
