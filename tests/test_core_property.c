#include "tests/support/check_run.h"
#include "tests/support/core_bed.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct core_bed *a, *b;

static void setup(void)
{
    a = calloc(1, sizeof *a);
    b = calloc(1, sizeof *b);
    ck_assert_ptr_nonnull(a);
    ck_assert_ptr_nonnull(b);
    bed_init(a);
    bed_boot(a);
}

static void teardown(void)
{
    free(a);
    free(b);
}

/* A pack that wanders about all of its limits. */
static void wander(struct bms_sample *s, uint64_t *state)
{
    const uint32_t what = bed_random(state, 13);

    if (what < 4) {
        const int base_mV = 2400 + (int)bed_random(state, 1400);

        s->stack_mV = 0;
        for (int i = 0; i < 16; i++) {
            s->cell_mV[i] = (int16_t)(base_mV + (int)bed_random(state, 90));
            s->stack_mV += s->cell_mV[i];
        }
    } else if (what < 8) {
        s->current_mA = (int32_t)bed_random(state, 300000) - 150000;
    } else if (what < 9) {
        s->temp_ddegC[bed_random(state, 6)] = (int16_t)((int)bed_random(state, 1700) - 450);
    } else if (what < 10) {
        s->detect = bed_random(state, 2);
    } else if (what < 11) {
        s->alerts = bed_random(state, 8) == 0 ? 1U << bed_random(state, 4) : 0;
    } else if (what < 12) {
        s->keys = bed_random(state, 1U << 6);
    } else {
        s->balance_seen = bed_random(state, 1U << 16);
    }
}

/* Conversions stop for a while now and then; calls go on. */
static void stamp(struct core_bed *bed, uint64_t *state, int *silence)
{
    *silence = *silence > 0 ? *silence - 1 : bed_random(state, 200) == 0 ? (int)bed_random(state, 12) : 0;
    if (*silence == 0) {
        bed->sample.cell_scan_us = bed->now_us;
        bed->sample.current_scan_us = bed->now_us;
        bed->sample.temp_scan_us = bed->now_us;
    }
}

START_TEST(commands_do_not_depend_on_how_often_the_core_is_called)
{
    uint64_t state = 77 + (uint64_t)_i, extra = 5;
    int silence = 0;

    bed_init(b);
    bed_boot(b);
    for (int step = 0; step < 8000; step++) {
        const uint64_t gap_us = 1 + bed_random(&state, step % 50 == 0 ? 800000 : 60000);

        wander(&a->sample, &state);
        stamp(a, &state, &silence);
        a->sample.storage_seq = a->command.storage_seq;
        a->sample.storage_status = bed_random(&state, 20) == 0 ? BMS_STORAGE_FAILED : BMS_STORAGE_DONE;
        a->due_us = bms_step(&a->bms, &a->sample, a->now_us, &a->command);
        b->due_us = bms_step(&b->bms, &a->sample, a->now_us, &b->command);
        ck_assert_msg(bed_same_command(&a->command, &b->command), "seed %d step %d", _i, step);
        ck_assert_msg(a->due_us == b->due_us && a->due_us > a->now_us, "seed %d step %d", _i, step);
        for (int i = 1; i <= 4; i++) {
            const struct bms_sample *again = bed_random(&extra, 2) == 0 ? &a->sample : NULL;

            bms_step(&b->bms, again, a->now_us + gap_us * (uint64_t)i / 5, &b->command);
        }
        a->now_us += gap_us;
    }
    ck_assert_uint_gt(a->bms.log.made, 100); /* the walk was not idle */
}
END_TEST

/* Called at every instant that it asks for, or at none of them: what is seen at the samples is the same. */
START_TEST(between_two_samples_nothing_changes_before_the_instant_it_asked_for)
{
    uint64_t state = 4711 + (uint64_t)_i;
    int silence = 0;
    struct bms_command seen;

    for (int step = 0; step < 3000; step++) {
        const uint64_t next_us = a->now_us + 1 + bed_random(&state, 700000);

        wander(&a->sample, &state);
        stamp(a, &state, &silence);
        a->due_us = bms_step(&a->bms, &a->sample, a->now_us, &a->command);
        while (a->due_us < next_us) {
            bms_step(&a->bms, NULL, a->due_us - 1, &seen);
            ck_assert_msg(bed_same_command(&seen, &a->command), "seed %d step %d", _i, step);
            a->due_us = bms_step(&a->bms, NULL, a->due_us, &a->command);
        }
        bms_step(&a->bms, NULL, next_us - 1, &seen);
        ck_assert_msg(bed_same_command(&seen, &a->command), "seed %d step %d", _i, step);
        a->now_us = next_us;
    }
}
END_TEST

static void check_gates(const struct core_bed *bed, int step)
{
    const struct bms_command *c = &bed->command;
    uint32_t ways = 0;

    for (unsigned i = 0; i < BMS_FAULT_COUNT; i++) {
        if ((c->protections >> i & 1U) != 0) {
            ways |= (uint32_t)bms_param_fault(&bed->params, i, BMS_FIELD_BLOCKS);
        }
    }
    ck_assert_msg(!((ways & BMS_BLOCKS_CHARGE) != 0 && c->charge_allowed), "step %d", step);
    ck_assert_msg(!((ways & BMS_BLOCKS_DISCHARGE) != 0 && c->discharge_allowed), "step %d", step);
    ck_assert_msg(!c->charge_fet || c->charge_allowed || (c->discharge_allowed && bed->sample.current_mA <= -500),
                  "step %d", step);
    ck_assert_msg(!c->discharge_fet || c->discharge_allowed || (c->charge_allowed && bed->sample.current_mA >= 500),
                  "step %d", step);
    ck_assert_msg((c->alert_clear & BMS_ALERT_SCD) == 0 || !c->discharge_fet, "step %d", step);
    ck_assert_msg(c->charge_allowed || c->charge_limit_mA == 0, "step %d", step);
    ck_assert_uint_le(c->soc_ppm, 1000000);
    ck_assert_uint_le(c->charge_fet | c->discharge_fet | c->charge_allowed | c->discharge_allowed, 1);
}

START_TEST(no_gate_is_closed_against_its_permission_whatever_comes_in)
{
    uint64_t state = 99 + (uint64_t)_i;

    for (int step = 0; step < 10000; step++) {
        if (step % 3 == 0) { /* bytes of noise, with scan instants that move */
            uint8_t *const bytes = (uint8_t *)&a->sample;

            for (size_t i = 0; i < sizeof a->sample; i++) {
                bytes[i] = (uint8_t)bed_random(&state, 256);
            }
        } else {
            wander(&a->sample, &state);
        }
        if (bed_random(&state, 4) != 0) {
            a->sample.cell_scan_us = a->now_us;
            a->sample.current_scan_us = a->now_us;
            a->sample.temp_scan_us = a->now_us;
            a->sample.cell_count = 16;
        }
        a->due_us = bms_step(&a->bms, &a->sample, a->now_us, &a->command);
        check_gates(a, step);
        a->now_us += bed_random(&state, 3000000);
    }
}
END_TEST

START_TEST(time_may_jump_far_and_never_goes_back)
{
    static const uint64_t jumps_us[] = { 1, UINT64_C(4294967296), UINT64_C(4294967296000), UINT64_C(1) << 50,
                                         UINT64_C(1) << 60 };
    uint64_t due_us = 0;

    bed_run(a, 2 * BED_SECOND_us);
    a->sample.current_mA = -50000;
    for (unsigned i = 0; i < sizeof jumps_us / sizeof jumps_us[0]; i++) {
        a->now_us += jumps_us[i];
        bed_call(a);
        ck_assert_uint_gt(a->due_us, a->now_us);
        due_us = bms_step(&a->bms, &a->sample, a->now_us - 1, &a->command); /* an earlier instant counts as the last */
        ck_assert_uint_eq(due_us, a->due_us);
    }
}
END_TEST

/* 2^32 ms after boot a delay still is a delay: nothing in the core counts in 32 bits. */
START_TEST(a_trip_across_the_wrap_of_32_bit_milliseconds_keeps_its_delay)
{
    const uint64_t wrap_us = UINT64_C(4294967296000);

    bed_init(a);
    a->now_us = wrap_us - 3 * BED_SECOND_us - 500000;
    bed_boot(a);
    bed_run(a, 3 * BED_SECOND_us);
    bed_cells(a, 3700);
    bed_run(a, BED_SECOND_us);
    ck_assert(!bed_tripped(a, BMS_FAULT_CELL_OV));
    bed_run(a, BED_TICK_us);
    ck_assert(bed_tripped(a, BMS_FAULT_CELL_OV));
}
END_TEST

START_TEST(a_copy_goes_on_like_the_original)
{
    uint64_t state = 3;

    bed_run(a, 2 * BED_SECOND_us);
    for (int step = 0; step < 3000; step++) {
        wander(&a->sample, &state);
        bed_run(a, BED_TICK_us);
    }
    memcpy(b, a, sizeof *b);
    bed_run(a, 5 * BED_SECOND_us);
    bed_run(b, 5 * BED_SECOND_us);
    ck_assert_mem_eq(&a->bms, &b->bms, sizeof a->bms);
    ck_assert(bed_same_command(&a->command, &b->command));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("core_property");
    TCase *tc = tcase_create("property");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, commands_do_not_depend_on_how_often_the_core_is_called, 0, 6);
    tcase_add_loop_test(tc, between_two_samples_nothing_changes_before_the_instant_it_asked_for, 0, 4);
    tcase_add_loop_test(tc, no_gate_is_closed_against_its_permission_whatever_comes_in, 0, 4);
    tcase_add_test(tc, time_may_jump_far_and_never_goes_back);
    tcase_add_test(tc, a_trip_across_the_wrap_of_32_bit_milliseconds_keeps_its_delay);
    tcase_add_test(tc, a_copy_goes_on_like_the_original);
    suite_add_tcase(s, tc);

    return check_run(s);
}
