#include "sim/params_lookup.h"

#include "bms_core/bms_param.h"
#include "sim/params_json.h"

#include <stdlib.h>
#include <string.h>

struct params_set {
    struct bms_params params;
};

/* Unit at the end of a name; codes per unit of the dimension. */
static const struct {
    const char *suffix;
    enum dim dim;
    double codes_per_unit;
} units[] = {
    { "_mV", DIM_VOLTAGE, 1e3 }, { "_mA", DIM_CURRENT, 1e3 }, { "_ddegC", DIM_TEMPERATURE, 10 },
    { "_ms", DIM_TIME, 1e3 },    { "_us", DIM_TIME, 1e6 },    { "_s", DIM_TIME, 1 },
    { "_ppm", DIM_RATIO, 1e6 },  { "_mAh", DIM_CHARGE, 1e3 }, { "_mOhm", DIM_RESISTANCE, 1e3 },
};

static bool ends_with(const char *name, const char *suffix)
{
    const size_t size = strlen(name), end = strlen(suffix);

    return size > end && strcmp(name + size - end, suffix) == 0;
}

struct params_row params_row_of(uint16_t id)
{
    const struct bms_param_info *info = &bms_param_table[id];
    struct params_row row = { info->name, info->id, DIM_COUNT, 1, info->min, info->max };

    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (ends_with(info->name, units[i].suffix)) {
            row.dim = units[i].dim;
            row.codes_per_unit = units[i].codes_per_unit;
            break;
        }
    }
    return row;
}

bool params_lookup(const char *name, struct params_row *out)
{
    const int id = bms_param_find(name, strlen(name));

    if (id < 0) {
        return false;
    }
    *out = params_row_of((uint16_t)id);
    return true;
}

const char *params_nearest(const char *name)
{
    const char *names[BMS_PARAM_COUNT];

    for (size_t i = 0; i < BMS_PARAM_COUNT; i++) {
        names[i] = bms_param_table[i].name;
    }
    return diag_nearest(name, names, BMS_PARAM_COUNT);
}

/* Is it the rule of the row itself that is broken, not one of those that bms_params_check adds? */
static bool breaks_its_rule(const struct bms_param_info *info, const struct bms_params *params)
{
    const int32_t value = params->value[info->id], other = params->value[info->other];

    return (info->cross == BMS_CROSS_LESS && value >= other) || (info->cross == BMS_CROSS_AT_MOST && value > other) ||
           (info->cross == BMS_CROSS_MORE && value <= other) || (info->cross == BMS_CROSS_AT_LEAST && value < other);
}

struct params_set *params_set_load(const char *path, struct diag *d)
{
    struct params_set *set = calloc(1, sizeof *set);

    if (set == NULL) {
        diag_plain(d, DIAG_ERROR, path, NULL, "out of memory");
    } else if (!params_json_load(&set->params, path, d)) {
        free(set);
        set = NULL;
    }
    return set;
}

void params_set_free(struct params_set *set)
{
    free(set);
}

bool params_hold(const struct params_set *set, const uint16_t id[], const int32_t value[], size_t count, unsigned cells,
                 uint16_t *which, uint16_t *other)
{
    struct bms_params params = set->params;

    for (size_t i = 0; i < count; i++) {
        (void)bms_param_set(&params, id[i], value[i]);
    }
    if (bms_params_check(&params, cells, which) == BMS_PARAM_OK) {
        return true;
    }
    *other = breaks_its_rule(&bms_param_table[*which], &params) ? bms_param_table[*which].other : *which;
    return false;
}
