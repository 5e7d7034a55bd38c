/* A bench that walks ticks as sim/rig.c does, with two targets: the core behind the bench link, and the core in the
 * same process. What both say is compared at each tick. */
#ifndef TESTS_SUPPORT_LINK_WALK_H
#define TESTS_SUPPORT_LINK_WALK_H

#include "bms_core/bms.h"
#include "tests/support/link_bed.h"

#define TICK_us UINT64_C(10000)

/* Of the present test: a fixture makes and frees them. */
extern struct link_bed *bed;
extern struct bms *direct; /* the core in this process, called at each tick at which it is due */
void link_walk_setup(void);
void link_walk_teardown(void);

struct link_walk {
    struct bms_sample sample;
    struct bms_command command; /* of the direct core */
    uint64_t now_us, direct_due_us, link_due_us;
    bool frozen, changed, by_rule; /* by_rule: of the newest exchange */
    uint32_t exchanges, direct_steps, changes;
};

/* Power-on of both, with a healthy pack. */
void link_walk_start(struct link_walk *w);
/* At the present instant: whoever is due is called, and what both say now is compared. The seed is for the message. */
void link_walk_step(struct link_walk *w, int seed);
/* On to the next tick: conversions, which go by the rule or do not, and the memory, which does what it is told. */
void link_walk_tick(struct link_walk *w);
/* So many ticks, with something happening before one in `calm` of them, and sometimes an alert at the end. */
void link_walk_on(struct link_walk *w, int seed, int ticks, uint32_t calm);

#endif
