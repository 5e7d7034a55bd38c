/* What users and tools may do: switches, access levels with passwords, actions, calibration, clock and counters of use.
 *
 * All of it is reached by bms_set_param(). A write needs the access level of its row. Levels open from below: one
 * without a code is open with the one below it, so a set without codes has everything open. A right password opens its
 * level until the session's time is over or the firmware restarts; access.enter 0 closes it. A code that is set closes
 * at once what no password has opened. After access.tries wrong ones none is taken for access.lockout_s; their count
 * lies in the memory, so a restart gives no further try, and one during the lockout begins it anew. */
#ifndef BMS_CORE_CONTROL_H
#define BMS_CORE_CONTROL_H

#include "bms_core/bms_param.h"

#include <stdbool.h>
#include <stdint.h>

#define CONTROL_STEP_s 5                    /* a clock that moves by more than this between two looks was stepped */
#define CONTROL_STEADY_us UINT64_C(2000000) /* calibration: how long the reading must have been steady */

/* What a chemistry's preset writes: levels of cells. Rows, in the order of struct bms_preset.value. */
#define BMS_PRESET_ROWS(R)                                                                                             \
    R(CELL_OV_ALARM)                                                                                                   \
    R(CELL_OV_ALARM_RELEASE)                                                                                           \
    R(CELL_OV_TRIP)                                                                                                    \
    R(CELL_OV_RELEASE)                                                                                                 \
    R(CELL_UV_ALARM)                                                                                                   \
    R(CELL_UV_ALARM_RELEASE)                                                                                           \
    R(CELL_UV_TRIP) R(CELL_UV_RELEASE) R(POWER_OFF) R(SOC_FULL) R(LIMIT_FULL_FROM) R(LIMIT_FULL_TO)                    \
        R(LIMIT_EMPTY_FROM) R(LIMIT_EMPTY_TO) R(SOC_REST_LOW) R(SOC_REST_HIGH) R(BALANCE_START) R(OCV_1) R(OCV_2)      \
            R(OCV_3) R(OCV_4) R(OCV_5) R(OCV_6) R(OCV_7) R(OCV_8)

#define BMS_PRESET_PLACE(row) BMS_PRESET_##row,
enum bms_preset_row { BMS_PRESET_ROWS(BMS_PRESET_PLACE) BMS_PRESET_ROW_COUNT };

enum bms_chemistry { BMS_CHEMISTRY_LFP = 1, BMS_CHEMISTRY_LIION, BMS_CHEMISTRY_LTO, BMS_CHEMISTRIES };

struct bms_preset {
    int32_t charge_mV, discharge_mV; /* per cell: what the inverter is told, limit.charge_mV and limit.discharge_mV */
    int32_t value[BMS_PRESET_ROW_COUNT];
};

extern const struct bms_preset bms_presets[BMS_CHEMISTRIES]; /* params/presets.c; entry 0 is none */

struct control {
    uint8_t entered;          /* levels that a password has opened: 0 none, else enum bms_access + 1 */
    uint8_t wrong;            /* passwords in a row; counted while access.tries limits them */
    uint64_t locked_until_us; /* UINT64_MAX: not */
    uint64_t session_end_us;  /* UINT64_MAX: until restart */
    bool updating;
    uint64_t update_end_us;
    uint64_t steady_us; /* the current has been steady since ... */
    int32_t steady_mA;  /* ... within 2 % or 0.5 A of this code */
    uint32_t clock_s;   /* wall time at clock_us; 0: never known */
    uint64_t clock_us;
    uint32_t runtime_s, charges;
    uint64_t counted_us; /* runtime is counted up to here */
    bool discharged;     /* charge has been taken since the last charge began */
    uint64_t due_us;
};

#endif
