#include "tests/support/link_walk.h"

#include "bms_core/params/params.h"
#include "tests/support/core_bed.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

struct link_bed *bed;
struct bms *direct;

void link_walk_setup(void)
{
    bed = calloc(1, sizeof *bed);
    direct = calloc(1, sizeof *direct);
    ck_assert_ptr_nonnull(bed);
    ck_assert_ptr_nonnull(direct);
    link_bed_init(bed);
}

void link_walk_teardown(void)
{
    free(bed);
    free(direct);
}

void link_walk_start(struct link_walk *w)
{
    struct core_bed *healthy = calloc(1, sizeof *healthy);

    ck_assert_ptr_nonnull(healthy);
    memset(w, 0, sizeof *w);
    bed_init(healthy);
    w->sample = healthy->sample;
    w->sample.clock_s = 1767225600;
    free(healthy);
    link_bed_start(bed, 0);
    bms_init(direct, &bms_params_jk48v100pro, bed->image, sizeof bed->image, 0);
    w->changed = true;
}

void link_walk_step(struct link_walk *w, int seed)
{
    const bool asks = w->changed || w->now_us >= w->link_due_us;

    if (w->changed || w->now_us >= w->direct_due_us) {
        w->direct_due_us = bms_step(direct, &w->sample, w->now_us, &w->command);
        w->direct_steps++;
    }
    if (asks) {
        const struct bms_command before = bed->client.command;

        link_client_step(&bed->client, &w->sample, w->now_us, true);
        link_bed_ask(bed);
        ck_assert(!bed->answer.no_base);
        w->link_due_us = bed->answer.due_us;
        w->exchanges++;
        w->by_rule = link_scans_match(link_bed_scan, w->now_us, &w->sample);
        w->changes += !bed_same_command(&before, &bed->client.command);
    }
    w->changed = false;
    ck_assert_msg(bed_same_command(&w->command, &bed->client.command), "seed %d at %llu us", seed,
                  (unsigned long long)w->now_us);
}

/* What may happen between two ticks. */
static void disturb(struct link_walk *w, uint64_t *state)
{
    const uint32_t what = bed_random(state, 40);

    if (what == 0) {
        const int base_mV = 2500 + (int)bed_random(state, 1300);

        for (int i = 0; i < 16; i++) {
            w->sample.cell_mV[i] = (int16_t)(base_mV + (int)bed_random(state, 60));
        }
    } else if (what == 1) {
        w->sample.current_mA = (int32_t)bed_random(state, 300000) - 150000;
    } else if (what == 2) {
        w->sample.temp_ddegC[bed_random(state, 6)] = (int16_t)((int)bed_random(state, 1700) - 450);
    } else if (what == 3) {
        w->sample.detect = bed_random(state, 2);
    } else if (what == 5) {
        w->sample.clock_s = bed_random(state, 4) == 0 ? 0 : 1767225600 + bed_random(state, 100000);
    } else if (what == 4) {
        w->frozen = bed_random(state, 4) == 0;
        return;
    } else {
        return;
    }
    w->changed = true;
}

/* Time goes on, and the chip's clock with it. */
static void go_on(struct link_walk *w, uint64_t us)
{
    link_clock_apply(w->now_us, w->now_us + us, &w->sample);
    w->now_us += us;
}

void link_walk_tick(struct link_walk *w)
{
    struct bms_sample foretold;

    go_on(w, TICK_us);
    foretold = w->sample;
    if (!w->frozen) {
        link_scans_apply(link_bed_scan, w->now_us, &w->sample);
    }
    if (w->by_rule) {
        link_scans_apply(link_bed_scan, w->now_us, &foretold);
    }
    w->changed |= !link_equal(&link_sample_layout, &foretold, &w->sample);
    if (w->sample.storage_seq != w->command.storage_seq) {
        w->sample.storage_seq = w->command.storage_seq;
        w->sample.storage_status = BMS_STORAGE_DONE;
        w->changed = true;
    }
}

void link_walk_on(struct link_walk *w, int seed, int ticks, uint32_t calm)
{
    uint64_t state = 1000 + (uint64_t)seed;

    for (int k = 0; k < ticks; k++) {
        link_walk_tick(w);
        if (bed_random(&state, calm) == 0) {
            disturb(w, &state);
        }
        link_walk_step(w, seed);
    }
    if (bed_random(&state, 2) == 0) { /* an alert, between two ticks */
        go_on(w, 3217);
        w->sample.alerts = BMS_ALERT_SCD;
        w->changed = true;
        link_walk_step(w, seed);
        go_on(w, TICK_us - 3217);
        w->sample.alerts = 0;
        w->changed = true; /* as the bench does: what it no longer sees is news too */
    }
}
