/* Virtual time: when commands act, when targets are called, what an alert and a brown-out do. The shipped pack and
 * core; a spy stands before the core and passes everything on. */
#include "sim/stimulus.h"
#include "tests/support/bench_bed.h"
#include "tests/support/check_run.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LOG_MAX 100000
#define MS INT64_C(1000000)
#define GATE_OFF_ns INT64_C(20000)
#define GATE_ON_ns INT64_C(200000)

struct call {
    int64_t t_us;
    struct bms_command command;
    uint32_t alerts;
    uint8_t wake;
};

struct spy {
    struct target target; /* first: a target is cast back */
    struct target *core;
    struct call *call; /* [LOG_MAX] */
    int calls, boots;
    int64_t boot_us;
};

static bool spy_boot(struct target *t, const struct target_boot *boot)
{
    struct spy *s = (struct spy *)t;

    s->boots++;
    s->boot_us = (int64_t)boot->now_us;
    return s->core->ops->boot(s->core, boot);
}

static bool spy_step(struct target *t, const struct bms_sample *sample, uint64_t now_us, bool ahead,
                     struct bms_command *command, uint64_t *due_us)
{
    struct spy *s = (struct spy *)t;
    const bool answered = s->core->ops->step(s->core, sample, now_us, ahead, command, due_us);

    ck_assert_int_lt(s->calls, LOG_MAX);
    s->call[s->calls++] = (struct call){ (int64_t)now_us, *command, sample->alerts, sample->wake };
    return answered;
}

static bool spy_set_parameter(struct target *t, struct target_parameter p, uint64_t now_us)
{
    struct target *core = ((struct spy *)t)->core;

    return core->ops->set_parameter(core, p, now_us);
}

static void spy_close(struct target *t)
{
    struct spy *s = (struct spy *)t;

    s->core->ops->close(s->core);
    free(s->call);
}

static const struct target_ops spy_ops = {
    .name = "spy", .boot = spy_boot, .step = spy_step, .set_parameter = spy_set_parameter, .close = spy_close
};

struct bed {
    struct bench bench;
    struct rig_built built;
    struct rig *rig;
    struct stimulus stimulus;
    struct spy spy;
    /* Changes of the discharge and charge channels, scenario time. */
    int64_t edge_ns[64];
    int edges;
    bool conducts[2];
};

#define TEXT(initial, parameters)                                                                                      \
    initial parameters "'steps': [ { 'at': '0 s' } ], 'expect': [ { 'always': 'discharge.allowed is true' } ] }"

static void bed_open(struct bed *bed, const char *text)
{
    memset(bed, 0, sizeof *bed);
    bench_open(&bed->bench, text);
    bed->rig = bench_rig(&bed->bench, &bed->built);
    stimulus_begin(&bed->stimulus, bed->rig, 25.0);
    bed->spy = (struct spy){ .target = { .ops = &spy_ops }, .core = bed->rig->board[0].target };
    bed->spy.call = calloc(LOG_MAX, sizeof *bed->spy.call);
    ck_assert_ptr_nonnull(bed->spy.call);
    bed->rig->board[0].target = &bed->spy.target;
    bed->conducts[0] = bed->conducts[1] = true;
}

static void bed_close(struct bed *bed)
{
    rig_built_free(&bed->built);
    bench_close(&bed->bench);
}

static int64_t watch(void *self, int64_t from_ns, int64_t to_ns)
{
    struct bed *bed = self;
    const struct plant *p = &bed->rig->plant;
    const bool now[2] = { plant_read(p, PLANT_CHARGE_CONDUCTS, 0, 0, to_ns) != 0.0,
                          plant_read(p, PLANT_DISCHARGE_CONDUCTS, 0, 0, to_ns) != 0.0 };

    (void)from_ns;
    if (memcmp(now, bed->conducts, sizeof now) != 0) {
        ck_assert_int_lt(bed->edges, 64);
        bed->edge_ns[bed->edges++] = rig_time_ns(bed->rig) + to_ns;
        memcpy(bed->conducts, now, sizeof now);
    }
    return -1;
}

static void bed_run(struct bed *bed, double to_s)
{
    struct rig_observer observer = { .self = bed, .look = watch };
    const int64_t end_ns = bed->rig->zero_ns + (int64_t)llround(to_s * 1e9);

    while (bed->rig->now_ns < end_ns) {
        const int64_t next = stimulus_next(&bed->stimulus);

        (void)rig_run(bed->rig, next < end_ns ? next : end_ns, &observer);
        ck_assert_msg(bed->rig->error == NULL, "%s", bed->rig->error);
        stimulus_take(&bed->stimulus);
    }
}

static void set_load(struct bed *bed, double current_A)
{
    const struct action a = { .kind = ACT_LOAD,
                              .on = current_A > 0.0,
                              .law = LOAD_CURRENT,
                              .current = { .given = true, .from = current_A, .to = current_A } };

    ck_assert(stimulus_apply(&bed->stimulus, &a));
}

static void set_short(struct bed *bed, bool on, double ohm)
{
    const struct action a = { .kind = ACT_SHORT, .on = on, .place = SHORT_AT_TERMINALS, .resistance = { .to = ohm } };

    ck_assert(stimulus_apply(&bed->stimulus, &a));
}

static void set_fault(struct bed *bed, enum fault_kind kind, double hold_s)
{
    const struct action a = { .kind = ACT_FAULT, .fault = kind, .value = NAN, .rate = NAN, .hold_s = hold_s };

    ck_assert(stimulus_apply(&bed->stimulus, &a));
}

/* First call after t whose command has, or has not, the discharge gate on. */
static const struct call *gate_call(const struct spy *s, int64_t after_us, bool on)
{
    for (int i = 0; i < s->calls; i++) {
        if (s->call[i].t_us > after_us && (s->call[i].command.discharge_fet != 0) == on) {
            return &s->call[i];
        }
    }
    ck_abort_msg("the gate was never told");
}

/* ---- commands -----------------------------------------------------------------------------------------------------
 */

START_TEST(a_command_acts_a_millisecond_after_its_step_and_the_gate_with_its_driver)
{
    struct bed bed;

    bed_open(&bed, TEXT("", ""));
    set_load(&bed, 150.0);
    bed_run(&bed, 5.0); /* cut after a second */
    set_load(&bed, 0.0);
    bed_run(&bed, 70.0); /* and allowed again after a minute */
    const struct call *off = gate_call(&bed.spy, 0, false);
    const struct call *on = gate_call(&bed.spy, off->t_us, true);
    const int64_t zero_us = bed.rig->zero_ns / 1000;

    ck_assert_int_eq(off->t_us % 10000, 0);
    ck_assert_int_eq(on->t_us % 10000, 0);
    ck_assert_int_eq(bed.edges, 2);
    ck_assert_int_eq(bed.edge_ns[0], (off->t_us - zero_us) * 1000 + MS + GATE_OFF_ns);
    ck_assert_int_eq(bed.edge_ns[1], (on->t_us - zero_us) * 1000 + MS + GATE_ON_ns);
    bed_close(&bed);
}
END_TEST

START_TEST(a_target_is_called_on_its_grid_and_no_more_often_than_it_has_to_be)
{
    struct bed bed;

    bed_open(&bed, TEXT("", ""));
    bed_run(&bed, 600.0);
    for (int i = 0; i < bed.spy.calls; i++) {
        ck_assert_int_eq(bed.spy.call[i].t_us % 10000, 0);
        ck_assert(i == 0 || bed.spy.call[i].t_us > bed.spy.call[i - 1].t_us);
    }
    ck_assert_int_gt(bed.spy.calls, 0);
    ck_assert_int_lt(bed.spy.calls, 60000 / 10); /* of 60 000 ticks at rest */
    bed_close(&bed);
}
END_TEST

/* ---- alerts and supply --------------------------------------------------------------------------------------------
 */

START_TEST(an_alert_calls_the_target_at_its_instant_when_the_gate_is_already_going)
{
    struct bed bed;
    const struct call *alerted = NULL;

    bed_open(&bed, TEXT("", ""));
    bed_run(&bed, 1.0033337);
    set_short(&bed, true, 0.02);
    bed_run(&bed, 1.5);
    for (int i = bed.spy.calls - 1; i >= 0; i--) {
        alerted = (bed.spy.call[i].alerts & BMS_ALERT_SCD) != 0 ? &bed.spy.call[i] : alerted;
    }
    ck_assert_ptr_nonnull(alerted);
    const int64_t alert_ns = alerted->t_us * 1000 - bed.rig->zero_ns;

    ck_assert_int_ne(alerted->t_us % 10000, 0);
    ck_assert_int_gt(alert_ns, 1003333700);
    ck_assert_int_lt(alert_ns, 1003333700 + 300000);
    ck_assert_int_ge(bed.edges, 1);
    ck_assert_int_ge(bed.edge_ns[0] - GATE_OFF_ns, alert_ns); /* the call's microsecond is rounded down */
    ck_assert_int_lt(bed.edge_ns[0] - GATE_OFF_ns, alert_ns + 1000);
    ck_assert_uint_eq(alerted->command.discharge_allowed, 0);
    bed_close(&bed);
}
END_TEST

START_TEST(a_brown_out_stops_the_target_and_its_end_restarts_it)
{
    struct bed bed;
    int during = 0;

    bed_open(&bed, TEXT("", ""));
    bed_run(&bed, 1.0);
    set_fault(&bed, FAULT_BROWN_OUT, 2.0);
    bed_run(&bed, 3.5);
    ck_assert_int_eq(bed.spy.boots, 1);
    ck_assert_int_eq(bed.spy.boot_us * 1000 - bed.rig->zero_ns, 3000000000);
    for (int i = 0; i < bed.spy.calls; i++) {
        const int64_t t_us = bed.spy.call[i].t_us - bed.rig->zero_ns / 1000;

        during += t_us > 1000000 && t_us < 3000000;
        ck_assert(t_us < 3000000 || bed.spy.call[i].wake == BMS_WAKE_BROWN_OUT);
    }
    ck_assert_int_eq(during, 0);
    ck_assert_int_ge(bed.edges, 1);
    ck_assert_int_le(bed.edge_ns[0], 1000000000 + GATE_OFF_ns); /* gates fall with the supply */
    bed_run(&bed, 100.0);
    ck_assert(bed.conducts[0] && bed.conducts[1]); /* and come back when the core has seen to it */
    bed_close(&bed);
}
END_TEST

// NOLINTBEGIN(readability-non-const-parameter): the type is that of every target
static bool no_step(struct target *t, const struct bms_sample *sample, uint64_t now_us, bool ahead,
                    struct bms_command *command, uint64_t *due_us)
{
    (void)t;
    (void)sample;
    (void)now_us;
    (void)ahead;
    (void)command;
    (void)due_us;
    return false;
}
// NOLINTEND(readability-non-const-parameter)

START_TEST(a_target_that_no_longer_answers_is_the_rigs_error)
{
    static const struct target_ops pulled = { .step = no_step, .close = spy_close };
    struct rig_observer nobody = { 0 };
    struct bed bed;

    bed_open(&bed, TEXT("", ""));
    bed_run(&bed, 1.0);
    bed.spy.target.ops = &pulled;
    ck_assert(!rig_run(bed.rig, bed.rig->now_ns + 60000 * MS, &nobody));
    ck_assert_str_eq(bed.rig->error, "the target no longer answers");
    ck_assert_int_lt(bed.rig->now_ns - bed.rig->zero_ns, 61000 * MS); /* it stops there and then */
    bed_close(&bed);
}
END_TEST

/* ---- skipping -----------------------------------------------------------------------------------------------------
 */

static void busy_hours(struct bed *bed)
{
    set_load(bed, 40.0);
    bed_run(bed, 120.0);
    set_load(bed, 150.0);
    bed_run(bed, 130.0);
    set_load(bed, 0.0);
    bed_run(bed, 200.0);
    set_short(bed, true, 0.03);
    bed_run(bed, 200.01);
    set_short(bed, false, 0.03);
    bed_run(bed, 300.0);
    set_fault(bed, FAULT_FRONT_END_FROZEN, 5.0);
    bed_run(bed, 320.0);
}

/* The next change of command after *at, or NULL. Figures that are counted at each call come last in a command. */
static const struct call *next_change(const struct spy *s, int *at, size_t size)
{
    for (int i = *at + 1; i < s->calls; i++) {
        if (*at < 0 || memcmp(&s->call[i].command, &s->call[*at].command, size) != 0) {
            *at = i;
            return &s->call[i];
        }
    }
    return NULL;
}

/* Between changes of codes, bits and its own deadlines a target has nothing to say: calling it all the same gives the
 * same commands at the same instants. */
START_TEST(calling_a_target_at_every_tick_changes_no_command)
{
    static struct bed skipping, calling;
    const size_t size = sizeof(struct bms_command);
    int a = -1, b = -1, changes = 0;

    bed_open(&skipping, TEXT("'initial': { 'soc': '70 %' }, ", ""));
    busy_hours(&skipping);
    bed_open(&calling, TEXT("'initial': { 'soc': '70 %' }, ", ""));
    calling.rig->pace.every_tick = true;
    busy_hours(&calling);
    ck_assert_int_gt(calling.spy.calls / 2, skipping.spy.calls);
    for (;;) {
        const struct call *one = next_change(&skipping.spy, &a, size), *other = next_change(&calling.spy, &b, size);

        if (one == NULL || other == NULL) {
            ck_assert(one == other);
            break;
        }
        ck_assert_msg(changes == 0 || one->t_us == other->t_us, "change %d: %lld us, not %lld us", changes,
                      (long long)other->t_us, (long long)one->t_us);
        for (size_t k = 0; k < size; k++) {
            ck_assert_msg(((const char *)&one->command)[k] == ((const char *)&other->command)[k],
                          "change %d at %lld us: byte %zu of the command", changes, (long long)one->t_us, k);
        }
        changes++;
    }
    ck_assert_int_gt(changes, 10);
    ck_assert_int_eq(skipping.edges, calling.edges);
    ck_assert_mem_eq(skipping.edge_ns, calling.edge_ns, sizeof skipping.edge_ns);
    bed_close(&skipping);
    bed_close(&calling);
}
END_TEST

/* ---- dense output -------------------------------------------------------------------------------------------------
 */

struct compare {
    const struct rig *rig;
    double worst_V, worst_soc, worst_K;
    int64_t segments;
};

static int64_t compare(void *self, int64_t from_ns, int64_t to_ns)
{
    static const enum plant_signal voltages[] = { PLANT_STACK_VOLTAGE_V, PLANT_TERMINAL_VOLTAGE_V,
                                                  PLANT_BUS_VOLTAGE_V };
    struct compare *c = self;
    const struct plant *p = &c->rig->plant;

    for (int64_t t = from_ns; t <= to_ns; t += (to_ns - from_ns) / 3 + 1) {
        for (int k = 0; k < 16; k += 5) {
            c->worst_V = fmax(c->worst_V, fabs(dense_read(c->rig, PLANT_CELL_VOLTAGE_V, 0, k, t) -
                                               plant_read(p, PLANT_CELL_VOLTAGE_V, 0, k, t)));
            c->worst_soc = fmax(c->worst_soc, fabs(dense_read(c->rig, PLANT_CELL_SOC, 0, k, t) -
                                                   plant_read(p, PLANT_CELL_SOC, 0, k, t)));
            c->worst_K = fmax(c->worst_K, fabs(dense_read(c->rig, PLANT_CELL_CORE_degC, 0, k, t) -
                                               plant_read(p, PLANT_CELL_CORE_degC, 0, k, t)));
        }
        for (int k = 0; k < 3; k++) {
            c->worst_V =
                fmax(c->worst_V,
                     fabs(dense_read(c->rig, voltages[k], 0, 0, t) - plant_read(p, voltages[k], 0, 0, t)) / 10.0);
        }
        c->worst_soc = fmax(c->worst_soc,
                            fabs(dense_read(c->rig, PLANT_PACK_SOC, 0, 0, t) - plant_read(p, PLANT_PACK_SOC, 0, 0, t)));
    }
    return -1;
}

/* Discharged into the knee and charged into the other, where tables bend most. */
START_TEST(the_blocks_of_the_dense_output_are_the_plant_within_its_tolerance)
{
    static const double soc[] = { 0.06, 0.5, 0.97 };
    struct compare c = { 0 };
    char text[256];
    struct bed bed;

    (void)snprintf(text, sizeof text,
                   "'initial': { 'soc': '%g %%', 'cells': { '4': { 'soc': '%g %%' } } }, " TEXT("", ""),
                   soc[_i] * 100.0, soc[_i] * 100.0 - 1.0);
    bed_open(&bed, text);
    struct rig_observer observer = { .self = &c, .look = compare };

    c.rig = bed.rig;
    set_load(&bed, 60.0);
    (void)rig_run(bed.rig, bed.rig->now_ns + 120000 * MS, &observer);
    set_load(&bed, 0.0);
    const struct action charge = { .kind = ACT_CHARGER,
                                   .on = true,
                                   .current = { .given = true, .from = 30.0, .to = 30.0 },
                                   .voltage = { .given = true, .from = 57.6, .to = 57.6 } };

    ck_assert(stimulus_apply(&bed.stimulus, &charge));
    (void)rig_run(bed.rig, bed.rig->now_ns + 240000 * MS, &observer);
    ck_assert_double_lt(c.worst_V, 5e-6);
    ck_assert_double_lt(c.worst_soc, 1e-9);
    ck_assert_double_lt(c.worst_K, 3e-5);
    bed_close(&bed);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("rig");
    TCase *t = tcase_create("rig");
    TCase *l = tcase_create("long");

    tcase_set_timeout(t, 300);
    tcase_add_test(t, a_command_acts_a_millisecond_after_its_step_and_the_gate_with_its_driver);
    tcase_add_test(t, a_target_is_called_on_its_grid_and_no_more_often_than_it_has_to_be);
    tcase_add_test(t, an_alert_calls_the_target_at_its_instant_when_the_gate_is_already_going);
    tcase_add_test(t, a_brown_out_stops_the_target_and_its_end_restarts_it);
    tcase_add_test(t, a_target_that_no_longer_answers_is_the_rigs_error);
    tcase_add_test(t, calling_a_target_at_every_tick_changes_no_command);
    tcase_set_tags(l, "long"); /* too much for valgrind: scripts/ci/valgrind leaves it out */
    tcase_set_timeout(l, 300);
    tcase_add_loop_test(l, the_blocks_of_the_dense_output_are_the_plant_within_its_tolerance, 0, 3);
    suite_add_tcase(s, t);
    suite_add_tcase(s, l);
    return check_run(s);
}
