/* Parameters: one table describes them all; a set of values is one array in the order of that table.
 *
 * An id is a row's place in the table, which is the order on the wire too; ids are never reused. Values are integer
 * codes in the unit that ends a name. A value out of range is refused, never clamped. */
#ifndef BMS_CORE_BMS_PARAM_H
#define BMS_CORE_BMS_PARAM_H

#include "bms_core/bms_io.h"
#include "bms_core/bms_param_list.h"

#include <stddef.h>
#include <stdint.h>

#define BMS_ENABLE_TRIP 1 /* bits of <fault>.enable */
#define BMS_ENABLE_ALARM 2

#define BMS_BLOCKS_CHARGE 1 /* bits of <fault>.blocks */
#define BMS_BLOCKS_DISCHARGE 2
#define BMS_BLOCKS_DIODE 4 /* and the blocked FET stays open even if its body diode conducts */

#define BMS_NEEDS_CHARGE 1  /* bits of <fault>.needs: for a release the value must be inside, and there must be ... */
#define BMS_NEEDS_CHARGER 2 /* ... charging current, a charger (or charging current), the reset key held; */
#define BMS_NEEDS_KEY 4
#define BMS_NEEDS_TIME 8     /* the release delay counts from the trip instead of from the value's return; */
#define BMS_NEEDS_OR_SOC 16  /* or else: value inside the trip level and SOC at most soc.ov_release_ppm; */
#define BMS_NEEDS_OR_WAIT 32 /* or else: value inside the trip level and release.wait_s passed since the trip */

enum bms_role { BMS_ROLE_NONE, BMS_ROLE_CELL, BMS_ROLE_MOS, BMS_ROLE_AMBIENT }; /* of temp.role_n */

enum bms_access { BMS_ACCESS_USER, BMS_ACCESS_SERVICE, BMS_ACCESS_FACTORY };

enum bms_group {
    BMS_GROUP_VOLTAGE,
    BMS_GROUP_CURRENT,
    BMS_GROUP_TEMPERATURE,
    BMS_GROUP_SUPERVISION,
    BMS_GROUP_BALANCE,
    BMS_GROUP_SOC,
    BMS_GROUP_LIMITS,
    BMS_GROUP_PACK,
    BMS_GROUP_PANEL,
    BMS_GROUP_POWER,
    BMS_GROUP_CONTROL,
};

/* What must hold between a value and that of row `other`. */
enum bms_cross { BMS_CROSS_NONE, BMS_CROSS_LESS, BMS_CROSS_AT_MOST, BMS_CROSS_MORE, BMS_CROSS_AT_LEAST };

/* clang-format off */
#define BMS_PARAM_FIELD_ENUM(field, name, kind, high) BMS_FIELD_##field,
enum bms_field { BMS_FAULT_FIELDS(BMS_PARAM_FIELD_ENUM) BMS_FIELD_COUNT };

#define BMS_PARAM_FAULT_ENUM(fault, ...)                                                                             \
    BMS_PARAM_##fault##_ENABLE, BMS_PARAM_##fault##_ALARM, BMS_PARAM_##fault##_ALARM_RELEASE,                        \
    BMS_PARAM_##fault##_ALARM_DELAY, BMS_PARAM_##fault##_TRIP, BMS_PARAM_##fault##_TRIP_DELAY,                       \
    BMS_PARAM_##fault##_RELEASE, BMS_PARAM_##fault##_RELEASE_DELAY, BMS_PARAM_##fault##_NEEDS,                       \
    BMS_PARAM_##fault##_BLOCKS, BMS_PARAM_##fault##_COUNTS,
#define BMS_PARAM_GENERAL_ENUM(identifier, ...) BMS_PARAM_##identifier,

enum bms_param {
    BMS_FAULT_PARAMS(BMS_PARAM_FAULT_ENUM)
    BMS_OPTION_FAULT_PARAMS(BMS_PARAM_FAULT_ENUM)
    BMS_GENERAL_PARAMS(BMS_PARAM_GENERAL_ENUM)
    BMS_OPTION_PARAMS(BMS_PARAM_GENERAL_ENUM)
    BMS_PARAM_COUNT,
};
/* clang-format on */

struct bms_params {
    int32_t value[BMS_PARAM_COUNT];
};

struct bms_param_info {
    const char *name; /* "cell_ov.trip_mV" */
    const char *unit; /* to show it in: "V", "A", "degC", "s", "%", "Ah" or "" */
    int32_t scale;    /* codes per unit: 3700 / 1000 = 3.7 V */
    int32_t min, max;
    uint16_t id;           /* its place in the table */
    uint16_t other;        /* the row that cross compares with; more rules stand in bms_params_check() */
    uint8_t cross;         /* enum bms_cross */
    uint8_t access, group; /* enum bms_access, enum bms_group */
    int32_t fallback;      /* of a row that a set may leave out */
    uint8_t optional;      /* 1: a set may leave it out (BMS_OPTION_PARAMS, BMS_OPTION_FAULT_PARAMS) */
};

extern const struct bms_param_info bms_param_table[BMS_PARAM_COUNT];

/* The id of a name of size bytes, or -1. */
int bms_param_find(const char *name, size_t size);

/* What a set begins with before its values are written: every fault disabled, options at their defaults, general rows
 * at their minimum. */
void bms_params_init(struct bms_params *params);

/* Is there such a row, and the value inside its range? */
enum bms_param_error bms_param_fits(uint16_t id, int32_t value);

/* Writes one value if it is in range. Cross rules are left to bms_params_check, so that sets may be written in any
 * order. */
enum bms_param_error bms_param_set(struct bms_params *params, uint16_t id, int32_t value);

/* Whole set: ranges, cross rules (of faults and alarms that are enabled), and pack levels that fit cell_count cells (0:
 * the set's own number). On failure *which is the id of the row that is wrong, if which is not NULL. */
enum bms_param_error bms_params_check(const struct bms_params *params, unsigned cell_count, uint16_t *which);

/* The fault whose row an id belongs to, or -1. */
static inline int bms_param_fault_of(uint16_t id)
{
    return id < BMS_FAULT_COUNT * BMS_FIELD_COUNT ? id / BMS_FIELD_COUNT : -1;
}

/* A field of a fault's row. */
static inline int32_t bms_param_fault(const struct bms_params *params, unsigned fault, enum bms_field field)
{
    return params->value[fault * BMS_FIELD_COUNT + (unsigned)field];
}

#endif
