/* Speed of the plant through its public step, one figure a line: name, value, unit. Case A is the basic circuit, case
 * B has every feature of its own on, the last is the shipped 100 Ah cell with all physics. Wall time is the point here.
 */
#include "tests/plant_cases.h"

#include <stdio.h>
#include <time.h>

#define STEP_s 1e-3

static double now_s(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void print_figures(const char *name, double wall_s, int steps)
{
    (void)printf("%s %.3f ns/cell-step\n", name, 1e9 * wall_s / ((double)steps * CASE_CELLS));
    (void)printf("%s_hour %.4f s/h\n", name, wall_s / ((double)steps * STEP_s) * 3600.0);
}

static void bench_a(void)
{
    const struct cell_params p = case_a_cell();
    const int steps = 3420000;
    struct string s;
    double sum = 0.0;

    case_string(&s, &p, 0.98);
    const double begin = now_s();

    for (int n = 0; n < steps; n++) {
        string_prepare(&s);
        string_commit(&s, STEP_s, -100.0, 0.0, NULL);
    }
    const double wall = now_s() - begin;

    string_prepare(&s);
    sum = string_voltage(&s, 0.0, -100.0, -100.0, NULL);
    print_figures("plant_basic_1ms", wall, steps);
    (void)fprintf(stderr, "case A at 3420 s: %.8f V\n", sum);
}

static void bench_b(void)
{
    const struct cell_params p = case_b_cell();
    const struct thermal_params q = case_b_thermal(&p);
    const int steps = 3600000;
    struct string s;
    struct thermal t;
    struct thermal_heat heat = { 0 };

    case_string(&s, &p, 0.80);
    thermal_init(&t, &q, 25.0);
    const double begin = now_s();

    for (int n = 0; n < steps; n++) {
        double slope;
        const double amps = case_b_current((double)n * STEP_s, &slope);

        string_prepare(&s);
        string_commit(&s, STEP_s, amps, slope, heat.cell_W);
        thermal_commit(&t, STEP_s, &heat);
        string_set_temperatures(&s, t.now.core_degC, t.inflow_W, p.core_J_K);
    }
    const double wall = now_s() - begin;

    string_prepare(&s);
    print_figures("plant_full_1ms", wall, steps);
    (void)fprintf(stderr, "case B at 3600 s: %.8f V, cell 1 %.6f degC\n", string_voltage(&s, 0.0, 0.0, 0.0, NULL),
                  s.core_degC[0]);
}

int main(void)
{
    bench_a();
    bench_b();
    return 0;
}
