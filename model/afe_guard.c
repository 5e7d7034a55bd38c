/* Comparators, their latches, and gate drivers: what acts without the firmware. */
#include "model/afe_inner.h"

#include <math.h>

/* The alerts that hold each gate open. */
static const uint32_t holds[AFE_GATES] = {
    [AFE_CHARGE_GATE] = AFE_ALERT_OCC | AFE_ALERT_RESET,
    [AFE_DISCHARGE_GATE] = AFE_ALERT_SCD | AFE_ALERT_OCD | AFE_ALERT_RESET,
    [AFE_PRECHARGE_GATE] = AFE_ALERT_SCD | AFE_ALERT_OCD | AFE_ALERT_RESET,
};

static void drive(struct afe *a, int64_t now_ns)
{
    for (int g = 0; g < AFE_GATES; g++) {
        struct afe_driver *driver = &a->gate[g];
        const bool wanted = driver->commanded && (a->reg.alerts & holds[g]) == 0;
        const int64_t edge_ns = now_ns + (wanted ? a->config->gate_on_ns : a->config->gate_off_ns);

        if (wanted == driver->output) {
            driver->edge_ns = AFE_NEVER;
        } else if (edge_ns < driver->edge_ns) { /* an edge under way is not put off by a second order */
            driver->edge_ns = edge_ns;
        }
    }
}

void afe_set_gate(struct afe *a, enum afe_gate which, bool on, int64_t now_ns)
{
    if (!a->powered) {
        return;
    }
    a->gate[which].commanded = on;
    drive(a, now_ns);
}

void afe_clear_alerts(struct afe *a, uint32_t mask, int64_t now_ns)
{
    a->reg.alerts &= ~mask;
    drive(a, now_ns);
}

static enum afe_gate first_edge(const struct afe *a)
{
    enum afe_gate first = AFE_CHARGE_GATE;

    for (int g = 1; g < AFE_GATES; g++) {
        if (a->gate[g].edge_ns < a->gate[first].edge_ns) {
            first = (enum afe_gate)g;
        }
    }
    return first;
}

int64_t afe_next_edge(const struct afe *a)
{
    return a->gate[first_edge(a)].edge_ns;
}

bool afe_take_edge(struct afe *a, int64_t now_ns, enum afe_gate *which, bool *on)
{
    const enum afe_gate first = first_edge(a);
    struct afe_driver *driver = &a->gate[first];

    if (driver->edge_ns == AFE_NEVER || driver->edge_ns > now_ns) {
        return false;
    }
    driver->output = !driver->output;
    driver->edge_ns = AFE_NEVER;
    *which = first;
    *on = driver->output;
    return true;
}

void afe_set_balance(struct afe *a, uint32_t cells)
{
    a->balance = a->powered ? cells : 0;
}

void afe_configure(struct afe *a, const struct afe_settings *settings)
{
    if (!a->powered) {
        return;
    }
    for (int n = 0; n < AFE_COMPARATORS; n++) {
        if (a->settings.threshold_mA[n] != settings->threshold_mA[n] ||
            a->settings.delay_us[n] != settings->delay_us[n]) {
            a->run_since_ns[n] = AFE_NEVER;
        }
    }
    a->settings = *settings;
    a->calm_low_A = -HUGE_VAL;
    a->calm_high_A = HUGE_VAL;
    for (int n = 0; n < AFE_COMPARATORS; n++) {
        const double threshold_A = 1e-3 * (double)settings->threshold_mA[n];

        if (settings->threshold_mA[n] == 0) {
            continue;
        }
        if (n == AFE_OCC) {
            a->calm_high_A = threshold_A;
        } else if (-threshold_A > a->calm_low_A) {
            a->calm_low_A = -threshold_A;
        }
    }
}

/* True if no comparator can begin or go on with a run: the usual case, and a cheap one. */
static bool calm(const struct afe *a, double i0_A, double i1_A)
{
    return i0_A >= a->calm_low_A && i1_A >= a->calm_low_A && i0_A <= a->calm_high_A && i1_A <= a->calm_high_A;
}

/* How far the current is beyond a comparator's threshold in its direction. */
static double excess_A(const struct afe *a, int n, double current_A)
{
    const double threshold_A = 1e-3 * (double)a->settings.threshold_mA[n];

    return (n == AFE_OCC ? current_A : -current_A) - threshold_A;
}

/* To the nearest ns, so that parts of a segment find the same instant as the whole. */
static int64_t crossing_ns(int64_t t0_ns, int64_t t1_ns, double e0_A, double e1_A)
{
    return t0_ns + llround((double)(t1_ns - t0_ns) * (e0_A / (e0_A - e1_A)));
}

static int64_t lateness_ns(const struct afe *a, int n)
{
    const int64_t grid_ns = a->config->grid_ns[n];
    const int64_t delay_ns = (int64_t)a->settings.delay_us[n] * 1000;
    const int64_t total_ns = a->config->filter_ns + (delay_ns + grid_ns - 1) / grid_ns * grid_ns;

    return total_ns > 0 ? total_ns : 1;
}

/* Follows one comparator through a segment: since_ns becomes its state at the end; returns when it fires or never.
 * The excess is linear, so a segment holds at most one run, from begin to end; a run fires if it lasts long enough. */
static int64_t follow(const struct afe *a, int n, int64_t t0_ns, int64_t t1_ns, const double current_A[2],
                      int64_t *since_ns)
{
    const bool held = (a->reg.alerts >> n & 1U) != 0 || (n == AFE_SCD && a->scd_dead);

    if (a->settings.threshold_mA[n] == 0 || held) {
        *since_ns = AFE_NEVER;
        return AFE_NEVER;
    }
    const double e0_A = excess_A(a, n, current_A[0]);
    const double e1_A = excess_A(a, n, current_A[1]);

    if (!(e0_A > 0.0) && !(e1_A > 0.0)) {
        *since_ns = AFE_NEVER;
        return AFE_NEVER;
    }
    int64_t begin_ns = *since_ns == AFE_NEVER ? t0_ns : *since_ns;

    if (!(e0_A > 0.0)) {
        begin_ns = crossing_ns(t0_ns, t1_ns, e0_A, e1_A);
    }
    const int64_t end_ns = e1_A > 0.0 ? t1_ns : crossing_ns(t0_ns, t1_ns, e0_A, e1_A);
    const int64_t fire_ns = begin_ns + lateness_ns(a, n);

    if (fire_ns <= end_ns) {
        *since_ns = AFE_NEVER;
        return fire_ns;
    }
    *since_ns = e1_A > 0.0 ? begin_ns : AFE_NEVER;
    return AFE_NEVER;
}

int64_t afe_watch(const struct afe *a, int64_t t0_ns, int64_t t1_ns, double i0_A, double i1_A)
{
    const double current_A[2] = { i0_A, i1_A };
    int64_t first_ns = AFE_NEVER;

    if (calm(a, i0_A, i1_A)) {
        return AFE_NEVER;
    }
    for (int n = 0; n < AFE_COMPARATORS; n++) {
        int64_t since_ns = a->run_since_ns[n];
        const int64_t fire_ns = follow(a, n, t0_ns, t1_ns, current_A, &since_ns);

        first_ns = fire_ns < first_ns ? fire_ns : first_ns;
    }
    return first_ns;
}

uint32_t afe_pass(struct afe *a, int64_t t0_ns, int64_t t1_ns, double i0_A, double i1_A)
{
    const double current_A[2] = { i0_A, i1_A };
    uint32_t fired = 0;

    if (calm(a, i0_A, i1_A)) {
        for (int n = 0; n < AFE_COMPARATORS; n++) {
            a->run_since_ns[n] = AFE_NEVER;
        }
        return 0;
    }
    for (int n = 0; n < AFE_COMPARATORS; n++) {
        const int64_t fire_ns = follow(a, n, t0_ns, t1_ns, current_A, &a->run_since_ns[n]);

        if (fire_ns != AFE_NEVER) {
            fired |= UINT32_C(1) << n;
            a->reg.alerts |= UINT32_C(1) << n;
            drive(a, fire_ns);
        }
    }
    return fired;
}
