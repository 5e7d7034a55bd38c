/* State of charge: coulombs counted exactly in mA x us, anchored where the voltage tells: full, empty, long rest.
 *
 * Charge moves only at the instants at which the current changes, so extra calls change nothing. Rules in README.md. */
#ifndef BMS_CORE_SOC_H
#define BMS_CORE_SOC_H

#include "bms_core/bms_param.h"
#include "bms_core/measure.h"

#include <stdbool.h>
#include <stdint.h>

#define SOC_mAus_PER_mAh INT64_C(3600000000)

struct soc {
    int64_t charge_mAus;     /* left in the pack, 0..capacity */
    int64_t waiting_mAus;    /* charged, but not yet a mA s of which a part is lost */
    int64_t taken_mAus;      /* taken out since the memory was new */
    int64_t discharged_mAus; /* taken out since the last completed cycle */
    int64_t learning_mAus;   /* net charge taken out since the last full anchor */
    int32_t capacity_mAh;    /* learnt */
    int32_t found_mAh;       /* what a whole discharge gave, to be learnt at the end of the charge; 0: nothing */
    uint32_t cycles;
    int32_t offset_mA;  /* of the shunt reading, found in rest; for the count only */
    int32_t current_mA; /* less the offset: flows since counted_us */
    uint64_t counted_us;
    uint64_t rest_us;    /* rest since */
    uint64_t tail_us;    /* the conditions of the full anchor hold since; valid while in_tail */
    uint64_t zero_us;    /* the window of the offset began */
    int64_t zero_mAus;   /* and this was counted in its whole seconds */
    uint64_t second_us;  /* the last tick was */
    int64_t second_mAus; /* and this was counted since */
    uint32_t shown_ppm;
    bool in_tail, full, learning;
};

/* What the anchors look at, besides the measure. */
struct soc_scene {
    bool trusted;    /* cells and temperatures are fresh and believed */
    bool gates_open; /* no current can flow */
    bool charger;    /* one is detected */
};

/* charge from soc.boot_ppm. */
void soc_init(struct soc *s, const struct bms_params *p, uint64_t now_us);
/* Counts up to now with the old current; from now on this one flows (a code of the shunt, calibrated). */
void soc_current(struct soc *s, const struct bms_params *p, int32_t current_mA, uint64_t now_us);
/* The first current at boot, gates open: what the shunt shows is its offset. */
void soc_boot_zero(struct soc *s, const struct bms_params *p, int32_t current_mA, uint64_t now_us);
/* Once a second: counts, anchors, offset, and what is shown. */
void soc_tick(struct soc *s, const struct bms_params *p, const struct measure *m, const struct soc_scene *scene,
              uint64_t now_us);
/* A cell's under-voltage protection has tripped. */
void soc_empty(struct soc *s, const struct bms_params *p, const struct measure *m);
/* Another design capacity: the state of charge stays, what was learnt is forgotten. */
void soc_resize(struct soc *s, int32_t nominal_mAh);
uint32_t soc_ppm(const struct soc *s);

#endif
