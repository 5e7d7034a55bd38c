/* Where a fault sits and how large it is: by the plant's table of faults. */
#include "sim/scenario_load.h"

#include <math.h>
#include <string.h>

#define FAULT_PLACE(identifier, name, index, unit, meaning) { index, unit },
static const struct {
    const char *counts, *unit; /* "" none */
} fault_info[] = { PLANT_FAULTS(FAULT_PLACE) };

/* What an index of a fault counts goes from low to high in the file; *base is what the first is called inside. */
static void index_range(const struct load *l, const char *counts, int *low, int *high, int *base)
{
    *base = strcmp(counts, "wire") == 0 ? 0 : 1; /* wire 0 is the pack's negative */
    *low = *base;
    *high = strcmp(counts, "channel") == 0 ? l->limits.temps
            : strcmp(counts, "link") == 0  ? l->limits.cells - 1
                                           : l->limits.cells;
}

static void read_fault_index(struct load *l, const struct format_node *n, struct action *act)
{
    const char *counts = fault_info[act->fault].counts;
    const cJSON *node = format_member(n, "index");
    int64_t index = 0;
    int low, high, base;

    if (counts[0] == '\0') {
        if (node != NULL) {
            format_error_key(&l->r, node, NULL, "\"%s\" has no index", format_fault_words[act->fault]);
        }
        return;
    }
    index_range(l, counts, &low, &high, &base);
    if (act->fault == FAULT_SENSE_SWAPPED) {
        high--;
    }
    if (node == NULL) {
        format_error(&l->r, n->object, NULL, "\"%s\" needs an index: the %s, %d to %d", format_fault_words[act->fault],
                     counts, low, high);
    } else if (!json_integer(l->r.doc, node, low, high, &index, l->r.d)) {
        l->r.ok = false;
    } else {
        act->index = (int)index - base;
    }
}

static enum dim dim_of_unit(const char *unit)
{
    for (int dim = DIM_VOLTAGE; dim < DIM_COUNT_OF; dim++) {
        if (strcmp(dim_unit((enum dim)dim), unit) == 0) {
            return (enum dim)dim;
        }
    }
    return DIM_NONE;
}

static enum dim rate_of(enum dim dim)
{
    return dim == DIM_VOLTAGE                               ? DIM_VOLTAGE_RATE
           : dim == DIM_CURRENT                             ? DIM_CURRENT_RATE
           : dim == DIM_TEMPERATURE || dim == DIM_TEMP_DIFF ? DIM_TEMP_RATE
                                                            : DIM_NONE;
}

static void read_fault_value(struct load *l, const struct format_node *n, struct action *act)
{
    const char *unit = fault_info[act->fault].unit, *kind = format_fault_words[act->fault];
    const enum dim dim = unit[0] != '\0' ? dim_of_unit(unit) : DIM_NONE;
    const cJSON *value = format_member(n, "value"), *rate = format_member(n, "rate");

    if (unit[0] == '\0' && value != NULL) {
        format_error_key(&l->r, value, NULL, "\"%s\" has no value", kind);
    } else if (unit[0] != '\0' && value == NULL && rate == NULL) {
        format_error(&l->r, n->object, NULL, "\"%s\" needs a value, a %s", kind, dim_noun(dim));
    } else if (!json_quantity(l->r.doc, value, dim, -1e9, 1e9, &act->value, l->r.d)) {
        l->r.ok = false;
    }
    if (rate != NULL && rate_of(dim) == DIM_NONE) {
        format_error_key(&l->r, rate, NULL, "\"%s\" does not grow", kind);
    } else if (!json_quantity(l->r.doc, rate, rate_of(dim), -1e9, 1e9, &act->rate, l->r.d)) {
        l->r.ok = false;
    }
}

void load_fault(struct load *l, const struct format_node *n, struct action *act)
{
    read_fault_index(l, n, act);
    read_fault_value(l, n, act);
}
