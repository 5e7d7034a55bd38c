#include "tests/support/afe_bed.h"

void afe_bed_init(struct afe_bed *bed)
{
    *bed = (struct afe_bed){ .cell_V = 3.3, .stack_V = 52.8, .terminal_V = 52.8, .temp_degC = 25.0 };
    afe_config_default(&bed->config, 16, 6);
    bed->config.ideal = true;
    bed->config.filter_ns = 2 * US;
    afe_init(&bed->afe, &bed->config, 0);
}

static double value_of(const struct afe_bed *bed, enum afe_kind kind)
{
    switch (kind) {
    case AFE_CELL:
        return bed->cell_V;
    case AFE_STACK:
        return bed->stack_V;
    case AFE_CURRENT:
        return bed->current_A;
    case AFE_TEMP:
        return bed->temp_degC;
    case AFE_TERMINAL:
        break;
    }
    return bed->terminal_V;
}

void afe_bed_run(const struct afe_bed *bed, struct afe *a, int64_t until_ns)
{
    struct afe_slot slot;

    while (afe_pop_conversion(a, until_ns, &slot)) {
        afe_convert(a, &slot, value_of(bed, slot.kind));
    }
}
