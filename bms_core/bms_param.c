#include "bms_core/bms_param.h"

/* clang-format off */
#define FAULT_PLACE(fault, ...) _Static_assert(BMS_PARAM_##fault##_ENABLE == BMS_FAULT_##fault * BMS_FIELD_COUNT, \
                                               "faults and their parameters stand in the same order");
BMS_FAULT_PARAMS(FAULT_PLACE)
BMS_OPTION_FAULT_PARAMS(FAULT_PLACE)
_Static_assert(BMS_PARAM_PACK_CELLS == BMS_FAULT_COUNT * BMS_FIELD_COUNT, "every fault has parameters");

/* The release of an ABOVE fault lies below its trip, its alarm not above it; BELOW is the mirror image. */
#define INSIDE_ABOVE BMS_CROSS_LESS
#define INSIDE_BELOW BMS_CROSS_MORE
#define BEFORE_ABOVE BMS_CROSS_AT_MOST
#define BEFORE_BELOW BMS_CROSS_AT_LEAST

#define OPTIONAL(fault) (BMS_FAULT_##fault >= BMS_FAULT_WIRE_OHM) /* the first of the option faults */

#define LEVEL_ROW(fault, field, text, unit, scale, low, high, group, cross, other)                                  \
    [BMS_PARAM_##fault##_##field] = { text, unit, scale, low, high, BMS_PARAM_##fault##_##field, other, cross,      \
                                      BMS_ACCESS_SERVICE, BMS_GROUP_##group, low, OPTIONAL(fault) },
#define DELAY_ROW(fault, field, text, group)                                                                        \
    [BMS_PARAM_##fault##_##field] = { text, "s", 1000, 0, 86400000, BMS_PARAM_##fault##_##field, 0, BMS_CROSS_NONE, \
                                      BMS_ACCESS_SERVICE, BMS_GROUP_##group, 0, OPTIONAL(fault) },
#define BITS_ROW(fault, field, text, group, high)                                                                   \
    [BMS_PARAM_##fault##_##field] = { text, "", 1, 0, high, BMS_PARAM_##fault##_##field, 0, BMS_CROSS_NONE,         \
                                      BMS_ACCESS_FACTORY, BMS_GROUP_##group, 0, OPTIONAL(fault) },

#define FAULT_ROWS(fault, name, suffix, unit, scale, sense, low, high, group)                                       \
    BITS_ROW(fault, ENABLE, name ".enable", group, 3)                                                               \
    LEVEL_ROW(fault, ALARM, name ".alarm_" suffix, unit, scale, low, high, group,                                   \
              BEFORE_##sense, BMS_PARAM_##fault##_TRIP)                                                             \
    LEVEL_ROW(fault, ALARM_RELEASE, name ".alarm_release_" suffix, unit, scale, low, high, group,                   \
              INSIDE_##sense, BMS_PARAM_##fault##_ALARM)                                                            \
    DELAY_ROW(fault, ALARM_DELAY, name ".alarm_delay_ms", group)                                                    \
    LEVEL_ROW(fault, TRIP, name ".trip_" suffix, unit, scale, low, high, group, BMS_CROSS_NONE, 0)                  \
    DELAY_ROW(fault, TRIP_DELAY, name ".trip_delay_ms", group)                                                      \
    LEVEL_ROW(fault, RELEASE, name ".release_" suffix, unit, scale, low, high, group,                               \
              INSIDE_##sense, BMS_PARAM_##fault##_TRIP)                                                             \
    DELAY_ROW(fault, RELEASE_DELAY, name ".release_delay_ms", group)                                                \
    BITS_ROW(fault, NEEDS, name ".needs", group, 63)                                                                \
    BITS_ROW(fault, BLOCKS, name ".blocks", group, 7)                                                               \
    BITS_ROW(fault, COUNTS, name ".counts", group, 1)

#define GENERAL_ROW(identifier, name, unit, scale, low, high, access, group)                                        \
    [BMS_PARAM_##identifier] = { name, unit, scale, low, high, BMS_PARAM_##identifier, 0, BMS_CROSS_NONE,           \
                                 BMS_ACCESS_##access, BMS_GROUP_##group, low, 0 },
#define OPTION_ROW(identifier, name, unit, scale, low, high, fallback, access, group)                               \
    [BMS_PARAM_##identifier] = { name, unit, scale, low, high, BMS_PARAM_##identifier, 0, BMS_CROSS_NONE,           \
                                 BMS_ACCESS_##access, BMS_GROUP_##group, fallback, 1 },

const struct bms_param_info bms_param_table[BMS_PARAM_COUNT] = {
    BMS_FAULT_PARAMS(FAULT_ROWS)
    BMS_OPTION_FAULT_PARAMS(FAULT_ROWS)
    BMS_GENERAL_PARAMS(GENERAL_ROW)
    BMS_OPTION_PARAMS(OPTION_ROW)
};

/* Rules between rows of different faults, and of general rows. */
static const struct {
    uint16_t row;
    uint8_t cross;
    uint16_t other;
} rules[] = {
    { BMS_PARAM_CELL_UV_RELEASE, BMS_CROSS_LESS, BMS_PARAM_CELL_OV_RELEASE },
    { BMS_PARAM_PACK_UV_RELEASE, BMS_CROSS_LESS, BMS_PARAM_PACK_OV_RELEASE },
    { BMS_PARAM_CELL_UV_ALARM, BMS_CROSS_LESS, BMS_PARAM_CELL_OV_ALARM },
    { BMS_PARAM_PACK_UV_ALARM, BMS_CROSS_LESS, BMS_PARAM_PACK_OV_ALARM },
    { BMS_PARAM_CHG_UT_RELEASE, BMS_CROSS_LESS, BMS_PARAM_CHG_OT_RELEASE },
    { BMS_PARAM_DSG_UT_RELEASE, BMS_CROSS_LESS, BMS_PARAM_DSG_OT_RELEASE },
    { BMS_PARAM_AMB_UT_RELEASE, BMS_CROSS_LESS, BMS_PARAM_AMB_OT_RELEASE },
    { BMS_PARAM_DSG_OC_TRIP, BMS_CROSS_LESS, BMS_PARAM_SCD_THRESHOLD },
    { BMS_PARAM_DIODE_HYSTERESIS, BMS_CROSS_LESS, BMS_PARAM_DIODE_ON },
    { BMS_PARAM_WIRE_LOW, BMS_CROSS_LESS, BMS_PARAM_CELL_UV_TRIP },
    { BMS_PARAM_WIRE_HIGH, BMS_CROSS_MORE, BMS_PARAM_CELL_OV_TRIP },
    { BMS_PARAM_BALANCE_STOP, BMS_CROSS_LESS, BMS_PARAM_BALANCE_DIFF },
    { BMS_PARAM_BALANCE_COLD, BMS_CROSS_LESS, BMS_PARAM_BALANCE_HOT },
    { BMS_PARAM_SOC_REST_LOW, BMS_CROSS_LESS, BMS_PARAM_SOC_REST_HIGH },
    { BMS_PARAM_OCV_1, BMS_CROSS_LESS, BMS_PARAM_OCV_2 },
    { BMS_PARAM_OCV_2, BMS_CROSS_LESS, BMS_PARAM_OCV_3 },
    { BMS_PARAM_OCV_3, BMS_CROSS_LESS, BMS_PARAM_OCV_4 },
    { BMS_PARAM_OCV_4, BMS_CROSS_LESS, BMS_PARAM_OCV_5 },
    { BMS_PARAM_OCV_5, BMS_CROSS_LESS, BMS_PARAM_OCV_6 },
    { BMS_PARAM_OCV_6, BMS_CROSS_LESS, BMS_PARAM_OCV_7 },
    { BMS_PARAM_OCV_7, BMS_CROSS_LESS, BMS_PARAM_OCV_8 },
    { BMS_PARAM_OCV_SOC_1, BMS_CROSS_LESS, BMS_PARAM_OCV_SOC_2 },
    { BMS_PARAM_OCV_SOC_2, BMS_CROSS_LESS, BMS_PARAM_OCV_SOC_3 },
    { BMS_PARAM_OCV_SOC_3, BMS_CROSS_LESS, BMS_PARAM_OCV_SOC_4 },
    { BMS_PARAM_OCV_SOC_4, BMS_CROSS_LESS, BMS_PARAM_OCV_SOC_5 },
    { BMS_PARAM_OCV_SOC_5, BMS_CROSS_LESS, BMS_PARAM_OCV_SOC_6 },
    { BMS_PARAM_OCV_SOC_6, BMS_CROSS_LESS, BMS_PARAM_OCV_SOC_7 },
    { BMS_PARAM_OCV_SOC_7, BMS_CROSS_LESS, BMS_PARAM_OCV_SOC_8 },
    { BMS_PARAM_LIMIT_DISCHARGE_V, BMS_CROSS_LESS, BMS_PARAM_LIMIT_CHARGE_V },
    { BMS_PARAM_LIMIT_CHARGE_V, BMS_CROSS_LESS, BMS_PARAM_PACK_OV_TRIP },
    { BMS_PARAM_LIMIT_FULL_FROM, BMS_CROSS_LESS, BMS_PARAM_LIMIT_FULL_TO },
    { BMS_PARAM_LIMIT_EMPTY_TO, BMS_CROSS_LESS, BMS_PARAM_LIMIT_EMPTY_FROM },
    { BMS_PARAM_LIMIT_CHG_COLD_0, BMS_CROSS_LESS, BMS_PARAM_LIMIT_CHG_COLD_1 },
    { BMS_PARAM_LIMIT_CHG_COLD_1, BMS_CROSS_LESS, BMS_PARAM_LIMIT_CHG_HOT_1 },
    { BMS_PARAM_LIMIT_CHG_HOT_1, BMS_CROSS_LESS, BMS_PARAM_LIMIT_CHG_HOT_0 },
    { BMS_PARAM_LIMIT_DSG_COLD_0, BMS_CROSS_LESS, BMS_PARAM_LIMIT_DSG_COLD_1 },
    { BMS_PARAM_LIMIT_DSG_COLD_1, BMS_CROSS_LESS, BMS_PARAM_LIMIT_DSG_HOT_1 },
    { BMS_PARAM_LIMIT_DSG_HOT_1, BMS_CROSS_LESS, BMS_PARAM_LIMIT_DSG_HOT_0 },
    { BMS_PARAM_LIMITER_END, BMS_CROSS_AT_MOST, BMS_PARAM_LIMITER_CURRENT },
    { BMS_PARAM_HEATER_ON, BMS_CROSS_LESS, BMS_PARAM_HEATER_OFF },
    { BMS_PARAM_CELLS_MIN, BMS_CROSS_AT_MOST, BMS_PARAM_PACK_CELLS },
    { BMS_PARAM_CELLS_MAX, BMS_CROSS_AT_LEAST, BMS_PARAM_PACK_CELLS },
    { BMS_PARAM_POWER_OFF, BMS_CROSS_LESS, BMS_PARAM_CELL_UV_TRIP },
};
/* clang-format on */

/* Pack levels outside these per cell, the range from titanate to high-voltage NMC, belong to another number of cells.
 */
#define CELL_LOW_mV 1200
#define CELL_HIGH_mV 4350

static int is_named(const char *text, const char *name, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '\0' || text[i] != name[i]) {
            return 0;
        }
    }
    return text[size] == '\0';
}

int bms_param_find(const char *name, size_t size)
{
    for (int id = 0; id < BMS_PARAM_COUNT; id++) {
        if (is_named(bms_param_table[id].name, name, size)) {
            return id;
        }
    }
    return -1;
}

void bms_params_init(struct bms_params *params)
{
    for (int id = 0; id < BMS_PARAM_COUNT; id++) {
        params->value[id] = bms_param_table[id].fallback;
    }
}

enum bms_param_error bms_param_fits(uint16_t id, int32_t value)
{
    if (id >= BMS_PARAM_COUNT) {
        return BMS_PARAM_UNKNOWN;
    }
    return value < bms_param_table[id].min || value > bms_param_table[id].max ? BMS_PARAM_RANGE : BMS_PARAM_OK;
}

enum bms_param_error bms_param_set(struct bms_params *params, uint16_t id, int32_t value)
{
    const enum bms_param_error error = bms_param_fits(id, value);

    if (error == BMS_PARAM_OK) {
        params->value[id] = value;
    }
    return error;
}

static int holds(enum bms_cross cross, int32_t a, int32_t b)
{
    switch (cross) {
    case BMS_CROSS_LESS:
        return a < b;
    case BMS_CROSS_AT_MOST:
        return a <= b;
    case BMS_CROSS_MORE:
        return a > b;
    case BMS_CROSS_AT_LEAST:
        return a >= b;
    case BMS_CROSS_NONE:
        break;
    }
    return 1;
}

/* Levels of a fault or an alarm that is not there need not stand in order: nobody who sets a trip would look for them.
 */
static int is_idle(const struct bms_params *p, uint16_t id)
{
    const int fault = bms_param_fault_of(id), field = id % BMS_FIELD_COUNT;

    if (fault < 0) {
        return 0;
    }
    const int32_t enable = bms_param_fault(p, (unsigned)fault, BMS_FIELD_ENABLE);
    const int of_alarm = field == BMS_FIELD_ALARM || field == BMS_FIELD_ALARM_RELEASE;

    return enable == 0 || (of_alarm && (enable & BMS_ENABLE_ALARM) == 0);
}

static int obeys(const struct bms_params *p, uint16_t id, uint8_t cross, uint16_t other)
{
    return is_idle(p, id) || is_idle(p, other) || holds((enum bms_cross)cross, p->value[id], p->value[other]);
}

static int fits_cells(const struct bms_params *p, unsigned cells, uint16_t id)
{
    const int32_t level_mV = p->value[id];

    return is_idle(p, id) || (level_mV >= (int32_t)cells * CELL_LOW_mV && level_mV <= (int32_t)cells * CELL_HIGH_mV);
}

/* What the product itself lets a user set; the high row follows the low one. */
static int first_outside(const struct bms_params *p)
{
    static const struct {
        uint16_t row, low;
    } narrow[] = {
        { BMS_PARAM_CELL_OV_TRIP, BMS_PARAM_RANGE_CELL_LOW },
        { BMS_PARAM_CELL_OV_RELEASE, BMS_PARAM_RANGE_CELL_LOW },
        { BMS_PARAM_CELL_UV_TRIP, BMS_PARAM_RANGE_CELL_LOW },
        { BMS_PARAM_CELL_UV_RELEASE, BMS_PARAM_RANGE_CELL_LOW },
        { BMS_PARAM_CHG_OC_TRIP, BMS_PARAM_RANGE_OC_LOW },
        { BMS_PARAM_DSG_OC_TRIP, BMS_PARAM_RANGE_OC_LOW },
        { BMS_PARAM_CHG_OC_RELEASE_DELAY, BMS_PARAM_RANGE_OC_TIME_LOW },
        { BMS_PARAM_DSG_OC_RELEASE_DELAY, BMS_PARAM_RANGE_OC_TIME_LOW },
    };

    for (size_t i = 0; i < sizeof narrow / sizeof narrow[0]; i++) {
        const int32_t value = p->value[narrow[i].row], high = p->value[narrow[i].low + 1];

        if (high != 0 && !is_idle(p, narrow[i].row) && (value < p->value[narrow[i].low] || value > high)) {
            return narrow[i].row;
        }
    }
    return -1;
}

/* The first row that is wrong, or -1. */
static int first_wrong(const struct bms_params *p, unsigned cells, enum bms_param_error *error)
{
    static const uint16_t pack_levels[] = { BMS_PARAM_PACK_OV_TRIP,   BMS_PARAM_PACK_OV_RELEASE,
                                            BMS_PARAM_PACK_UV_TRIP,   BMS_PARAM_PACK_UV_RELEASE,
                                            BMS_PARAM_LIMIT_CHARGE_V, BMS_PARAM_LIMIT_DISCHARGE_V };

    *error = BMS_PARAM_RANGE;
    for (int id = 0; id < BMS_PARAM_COUNT; id++) {
        if (p->value[id] < bms_param_table[id].min || p->value[id] > bms_param_table[id].max) {
            return id;
        }
    }
    const int outside = first_outside(p);

    if (outside >= 0) {
        return outside;
    }
    *error = BMS_PARAM_CROSS;
    for (int id = 0; id < BMS_PARAM_COUNT; id++) {
        const struct bms_param_info *info = &bms_param_table[id];

        if (!obeys(p, (uint16_t)id, info->cross, info->other)) {
            return id;
        }
    }
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if (!obeys(p, rules[i].row, rules[i].cross, rules[i].other)) {
            return rules[i].row;
        }
    }
    if (cells != 0 && cells != (unsigned)p->value[BMS_PARAM_PACK_CELLS]) {
        return BMS_PARAM_PACK_CELLS;
    }
    for (size_t i = 0; i < sizeof pack_levels / sizeof pack_levels[0]; i++) {
        if (!fits_cells(p, (unsigned)p->value[BMS_PARAM_PACK_CELLS], pack_levels[i])) {
            return pack_levels[i];
        }
    }
    return -1;
}

enum bms_param_error bms_params_check(const struct bms_params *params, unsigned cell_count, uint16_t *which)
{
    enum bms_param_error error = BMS_PARAM_OK;
    const int wrong = first_wrong(params, cell_count, &error);

    if (wrong < 0) {
        return BMS_PARAM_OK;
    }
    if (which != NULL) {
        *which = (uint16_t)wrong;
    }
    return error;
}
