#include "model/afe.h"

#include "model/afe_inner.h"

#include <assert.h>
#include <stddef.h>

static_assert(AFE_ALERT_SCD == 1 << AFE_SCD && AFE_ALERT_OCD == 1 << AFE_OCD && AFE_ALERT_OCC == 1 << AFE_OCC,
              "a comparator's number is the place of its alert");
static_assert(sizeof(struct afe_registers) ==
                  3 * sizeof(int64_t) + 6 * sizeof(int32_t) + (AFE_CELLS_MAX + AFE_TEMPS_MAX) * sizeof(int16_t),
              "registers are compared as bytes");

void afe_init(struct afe *a, const struct afe_config *config, int64_t now_ns)
{
    assert(afe_config_flaw(config) == NULL);
    *a = (struct afe){ .config = config, .powered = true };
    for (int n = 0; n < AFE_COMPARATORS; n++) {
        a->run_since_ns[n] = AFE_NEVER;
    }
    afe_configure(a, &(struct afe_settings){ .delay_us = { 0 } });
    for (int g = 0; g < AFE_GATES; g++) {
        a->gate[g].edge_ns = AFE_NEVER;
    }
    afe_start_scans(a, now_ns);
}

static void forget_settings(struct afe *a, int64_t now_ns)
{
    afe_configure(a, &(struct afe_settings){ .delay_us = { 0 } });
    afe_set_balance(a, 0);
    for (int g = 0; g < AFE_GATES; g++) {
        afe_set_gate(a, (enum afe_gate)g, false, now_ns);
    }
}

void afe_reset(struct afe *a, int64_t now_ns)
{
    forget_settings(a, now_ns);
    a->reg.alerts = AFE_ALERT_RESET;
}

void afe_rest(struct afe *a, bool on, int64_t now_ns)
{
    if (on == a->resting || !a->powered) {
        return;
    }
    if (on) {
        forget_settings(a, now_ns);
        a->resting = true;
        return;
    }
    const uint32_t alerts = a->reg.alerts;

    a->resting = false;
    afe_start_scans(a, now_ns);
    a->reg.alerts = alerts;
}

static void set_supply(struct afe *a, bool on, int64_t now_ns)
{
    if (on == a->powered) {
        return;
    }
    if (!on) {
        forget_settings(a, now_ns);
    }
    a->powered = on;
    a->resting = false;
    afe_start_scans(a, now_ns);
    a->reg.alerts = on ? AFE_ALERT_RESET : 0;
}

static void set_frozen(struct afe *a, bool on, int64_t now_ns)
{
    if (a->frozen && !on) {
        afe_resume_scans(a, now_ns);
    }
    a->frozen = on;
}

/* Where a fault with a value is kept, and how many there are; NULL: none of the front end's. */
static struct afe_fault *valued_fault(struct afe *a, enum fault_kind kind, int *count)
{
    *count = a->config->temps;
    switch (kind) {
    case FAULT_CELL_STUCK:
        *count = a->config->cells;
        return a->cell_stuck;
    case FAULT_CELL_OFFSET:
        *count = a->config->cells;
        return a->cell_offset;
    case FAULT_STACK_STUCK:
        *count = 1;
        return &a->stack_stuck;
    case FAULT_STACK_OFFSET:
        *count = 1;
        return &a->stack_offset;
    case FAULT_CURRENT_OFFSET:
        *count = 1;
        return &a->current_offset;
    case FAULT_CURRENT_GAIN:
        *count = 1;
        return &a->current_gain;
    case FAULT_NTC_OPEN:
        return a->ntc_open;
    case FAULT_NTC_SHORTED:
        return a->ntc_shorted;
    case FAULT_NTC_STUCK:
        return a->ntc_stuck;
    case FAULT_NTC_OFFSET:
        return a->ntc_offset;
    default:
        return NULL;
    }
}

static bool set_state(struct afe *a, enum fault_kind kind, bool on, int64_t now_ns)
{
    switch (kind) {
    case FAULT_FRONT_END_FROZEN:
        set_frozen(a, on, now_ns);
        return true;
    case FAULT_FRONT_END_RESET:
        if (on && a->powered) {
            afe_reset(a, now_ns);
        }
        return true;
    case FAULT_BROWN_OUT:
        set_supply(a, !on, now_ns);
        return true;
    case FAULT_COMPARATOR_DEAD:
        a->scd_dead = on;
        return true;
    default:
        return false;
    }
}

bool afe_set_fault(struct afe *a, enum fault_kind kind, int index, bool on, double value, double rate_per_s,
                   int64_t now_ns)
{
    int count = 0;
    struct afe_fault *const fault = valued_fault(a, kind, &count);

    if (fault == NULL) {
        return set_state(a, kind, on, now_ns);
    }
    if (index < 0 || index >= count) {
        return false;
    }
    fault[index] = (struct afe_fault){ .on = on, .value = value, .rate_per_s = rate_per_s, .since_ns = now_ns };
    return true;
}
