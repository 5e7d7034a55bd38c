/* Speed of the whole bench, through the public calls that scenarios use. One figure a line: name value unit. */
#include "sim/case.h"
#include "sim/rig_build.h"
#include "sim/root.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define REPEATS 5

static double now_s(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Plant, front end, core at its 10 ms tick, 20 expectations and the default trace. */
static double bench_core(const struct scenario *s, const struct scenario_world *world)
{
    static const volatile sig_atomic_t never;
    const struct case_options options = { .world = world, .trace_path = "/dev/null", .trace_every_s = 1.0, .stop = &never };
    double best = 0.0;

    for (int i = 0; i < REPEATS; i++) {
        struct case_result result;

        case_run(s, &options, &result);
        if (result.verdict != VERDICT_PASS) {
            (void)fprintf(stderr, "bench_rig: the bench scenario did not pass: %s\n", result.why);
        }
        const double speed = result.simulated_s / result.wall_s;

        best = speed > best ? speed : best;
        case_result_free(&result);
    }
    return best;
}

/* The plant alone, with the segments that it chooses itself, cut by nothing. */
static double bench_plant(const struct scenario *s, const struct scenario_world *world)
{
    const int64_t end_ns = INT64_C(3600000000000);
    struct rig_built built;
    struct diag d;
    double wall_s;

    diag_init(&d);
    if (!rig_build(&built, s, world, &d)) {
        diag_print(&d, stderr);
        diag_free(&d);
        return 0.0;
    }
    struct plant *p = &built.rig->plant;

    plant_set_gate(p, 0, PLANT_CHARGE_GATE, true);
    plant_set_gate(p, 0, PLANT_DISCHARGE_GATE, true);
    plant_set_load(p, PLANT_LOAD_CURRENT, 40.0);
    wall_s = now_s();
    for (int64_t t = 0; t < end_ns;) {
        const int64_t length_ns = plant_plan(p, end_ns - t);

        plant_commit(p, length_ns);
        t += length_ns;
    }
    wall_s = now_s() - wall_s;
    rig_built_free(&built);
    diag_free(&d);
    return (double)end_ns * 1e-9 / wall_s;
}

int main(void)
{
    struct scenario_list list = { 0 };
    struct root root;
    struct diag d;
    int code = 1;

    diag_init(&d);
    if (root_open(&root, NULL, &d)) {
        const struct scenario_world world = root_world(&root);

        if (scenario_load(&list, "tests/data/bench/an_hour.json", &world, &d)) {
            (void)printf("plant_full_auto %.0f s/s\n", bench_plant(&list.item[0], &world));
            (void)printf("bench_core_10ms %.0f s/s\n", bench_core(&list.item[0], &world));
            code = 0;
        }
        scenario_list_free(&list);
        root_close(&root);
    }
    diag_print(&d, stderr);
    diag_free(&d);
    return code;
}
