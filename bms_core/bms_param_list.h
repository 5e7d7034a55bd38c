/* The parameters of the core, in wire order. Rows are only ever appended: a row's place is its id, and an id is never
 * used again (a retired row stays, with range 0..0), from the first release of the link on; until then a fault may
 * still be added at the end of its list.
 *
 * What a set must say, so that nothing is left out by mistake: every fault (`<fault>.enable` 0 alone will do for one
 * that the product lacks) and every general row. Options and option faults may be left out: their default is "not
 * there". Rows named action.* and access.enter are not kept: writing one does something (control.h).
 *
 * Units in names: mV, mA, ddegC (0.1 degC), ms, s, us, ppm, mAh, count. Levels are codes as the front end gives them.
 */
#ifndef BMS_CORE_BMS_PARAM_LIST_H
#define BMS_CORE_BMS_PARAM_LIST_H

/* clang-format off */

/* X(fault, name, unit in names, display unit, codes per display unit, sense, lowest level, highest level, group) */
#define BMS_FAULT_PARAMS(X)                                                              \
    X(CELL_OV,   "cell_ov",        "mV",    "V",    1000, ABOVE,  1200,   4500, VOLTAGE)     \
    X(PACK_OV,   "pack_ov",        "mV",    "V",    1000, ABOVE,  4000,  72000, VOLTAGE)     \
    X(CELL_UV,   "cell_uv",        "mV",    "V",    1000, BELOW,  1000,   4350, VOLTAGE)     \
    X(PACK_UV,   "pack_uv",        "mV",    "V",    1000, BELOW,  4000,  72000, VOLTAGE)     \
    X(CHG_OC,    "chg_oc",         "mA",    "A",    1000, ABOVE,     0, 500000, CURRENT)     \
    X(DSG_OC,    "dsg_oc",         "mA",    "A",    1000, ABOVE,     0, 500000, CURRENT)     \
    X(SHORT,     "short_circuit",  "count", "",        1, ABOVE,     0,      1, CURRENT)     \
    X(CHG_OT,    "chg_ot",         "ddegC", "degC",   10, ABOVE,     0,   1000, TEMPERATURE) \
    X(CHG_UT,    "chg_ut",         "ddegC", "degC",   10, BELOW,  -390,    400, TEMPERATURE) \
    X(DSG_OT,    "dsg_ot",         "ddegC", "degC",   10, ABOVE,     0,   1000, TEMPERATURE) \
    X(DSG_UT,    "dsg_ut",         "ddegC", "degC",   10, BELOW,  -390,    400, TEMPERATURE) \
    X(MOS_OT,    "mos_ot",         "ddegC", "degC",   10, ABOVE,     0,   1190, TEMPERATURE) \
    X(AMB_OT,    "amb_ot",         "ddegC", "degC",   10, ABOVE,     0,   1000, TEMPERATURE) \
    X(AMB_UT,    "amb_ut",         "ddegC", "degC",   10, BELOW,  -390,    400, TEMPERATURE) \
    X(SENSOR,    "sensor",         "count", "",        1, ABOVE,     0,      9, SUPERVISION) \
    X(STALE,     "stale",          "count", "",        1, ABOVE,     0,      3, SUPERVISION) \
    X(CELL_DIFF, "cell_diff",      "mV",    "V",    1000, ABOVE,     0,   4000, SUPERVISION) \
    X(STACK,     "stack_mismatch", "mV",    "V",    1000, ABOVE,     0,  20000, SUPERVISION) \
    X(FET,       "fet_stuck",      "mA",    "A",    1000, ABOVE,     0,  50000, SUPERVISION) \
    X(OC_LOCK,   "oc_lock",        "count", "",        1, ABOVE,     0,      1, CURRENT)     \
    X(AFE_RESET, "afe_reset",      "count", "",        1, ABOVE,     0,      1, SUPERVISION) \
    X(STORAGE,   "storage",        "count", "",        1, ABOVE,     0,    100, SUPERVISION) \
    X(WIRE,      "sense_wire",     "count", "",        1, ABOVE,     0,     32, SUPERVISION)

/* Faults that a set may leave out whole: they are disabled then. */
#define BMS_OPTION_FAULT_PARAMS(X)                                                       \
    X(WIRE_OHM,  "resistive_wire",   "count", "",      1, ABOVE,     0,      1, SUPERVISION) \
    X(PASSWORD,  "default_password", "count", "",      1, ABOVE,     0,      1, SUPERVISION) \
    X(CLOCK,     "clock_lost",       "count", "",      1, ABOVE,     0,      1, SUPERVISION)

/* The fields of each fault, in the order of their ids: F(field, name, level or delay or bits, highest value, rule).
 * A level's name and range are the fault's; the rule is what it is compared with (bms_param.c). */
#define BMS_FAULT_FIELDS(F)                                                                                           \
    F(ENABLE,        "enable",        BITS,  3)       /* BMS_ENABLE_* */                                              \
    F(ALARM,         "alarm",         LEVEL, 0)       /* alarm at or beyond */                                        \
    F(ALARM_RELEASE, "alarm_release", LEVEL, 0)       /* alarm ends at or inside */                                   \
    F(ALARM_DELAY,   "alarm_delay",   DELAY, 86400000)                                                               \
    F(TRIP,          "trip",          LEVEL, 0)       /* trips at or beyond */                                        \
    F(TRIP_DELAY,    "trip_delay",    DELAY, 86400000)                                                               \
    F(RELEASE,       "release",       LEVEL, 0)       /* releases at or inside */                                     \
    F(RELEASE_DELAY, "release_delay", DELAY, 86400000)                                                               \
    F(NEEDS,         "needs",         BITS,  63)      /* BMS_NEEDS_* */                                               \
    F(BLOCKS,        "blocks",        BITS,  7)       /* BMS_BLOCKS_* */                                              \
    F(COUNTS,        "counts",        BITS,  1)       /* 1: a trip is an event for the lock */

/* P(identifier, name, display unit, codes per display unit, min, max, access, group) */
#define BMS_GENERAL_PARAMS(P)                                                                                  \
    P(PACK_CELLS,         "pack.cells",               "",     1,        1,        16, FACTORY, PACK)           \
    P(PACK_NOMINAL,       "pack.nominal_mAh",         "Ah",   1000,  1000,   1000000, FACTORY, PACK)           \
    P(TEMP_ROLE_1,        "temp.role_1",              "",     1,        0,         3, FACTORY, TEMPERATURE)    \
    P(TEMP_ROLE_2,        "temp.role_2",              "",     1,        0,         3, FACTORY, TEMPERATURE)    \
    P(TEMP_ROLE_3,        "temp.role_3",              "",     1,        0,         3, FACTORY, TEMPERATURE)    \
    P(TEMP_ROLE_4,        "temp.role_4",              "",     1,        0,         3, FACTORY, TEMPERATURE)    \
    P(TEMP_ROLE_5,        "temp.role_5",              "",     1,        0,         3, FACTORY, TEMPERATURE)    \
    P(TEMP_ROLE_6,        "temp.role_6",              "",     1,        0,         3, FACTORY, TEMPERATURE)    \
    P(TEMP_ROLE_7,        "temp.role_7",              "",     1,        0,         3, FACTORY, TEMPERATURE)    \
    P(TEMP_ROLE_8,        "temp.role_8",              "",     1,        0,         3, FACTORY, TEMPERATURE)    \
    P(CURRENT_GAIN,       "current.gain_ppm",         "%",    10000, 900000, 1100000, FACTORY, CURRENT)        \
    P(CURRENT_OFFSET,     "current.offset_mA",        "A",    1000,  -5000,     5000, FACTORY, CURRENT)        \
    P(CURRENT_MODE,       "current.mode_mA",          "A",    1000,    100,     5000, SERVICE, CURRENT)        \
    P(CURRENT_CHARGING,   "current.charging_mA",      "A",    1000,    100,     5000, SERVICE, CURRENT)        \
    P(SCD_THRESHOLD,      "scd.threshold_mA",         "A",    1000,  50000,  1000000, SERVICE, CURRENT)        \
    P(SCD_DELAY,          "scd.delay_us",             "s",    1000000,   5,     1500, SERVICE, CURRENT)        \
    P(OCD_THRESHOLD,      "ocd.threshold_mA",         "A",    1000,      0,  1000000, SERVICE, CURRENT)        \
    P(OCD_DELAY,          "ocd.delay_us",             "s",    1000000,   0,  1000000, SERVICE, CURRENT)        \
    P(OCC_THRESHOLD,      "occ.threshold_mA",         "A",    1000,      0,  1000000, SERVICE, CURRENT)        \
    P(OCC_DELAY,          "occ.delay_us",             "s",    1000000,   0,  1000000, SERVICE, CURRENT)        \
    P(LOCK_COUNT,         "lock.count",               "",     1,         0,      100, SERVICE, CURRENT)        \
    P(LOCK_WINDOW,        "lock.window_s",            "s",    1,         1,    86400, SERVICE, CURRENT)        \
    P(DIODE_ON,           "diode.on_mA",              "A",    1000,    500,     3000, SERVICE, CURRENT)        \
    P(DIODE_HYSTERESIS,   "diode.hysteresis_mA",      "A",    1000,    100,     1000, SERVICE, CURRENT)        \
    P(AGE_CELL,           "age.cell_ms",              "s",    1000,    500,     1000, FACTORY, SUPERVISION)    \
    P(AGE_CURRENT,        "age.current_ms",           "s",    1000,    500,     1000, FACTORY, SUPERVISION)    \
    P(AGE_TEMP,           "age.temp_ms",              "s",    1000,   1500,    30000, FACTORY, SUPERVISION)    \
    P(WIRE_LOW,           "wire.low_mV",              "V",    1000,      0,     2000, FACTORY, SUPERVISION)    \
    P(WIRE_HIGH,          "wire.high_mV",             "V",    1000,   4000,     6000, FACTORY, SUPERVISION)    \
    P(WIRE_PAIR,          "wire.pair_mV",             "V",    1000,    100,     2000, FACTORY, SUPERVISION)    \
    P(BALANCE_WHEN,       "balance.when",             "",     1,         0,        7, SERVICE, BALANCE)        \
    P(BALANCE_START,      "balance.start_mV",         "V",    1000,   1200,     4500, SERVICE, BALANCE)        \
    P(BALANCE_PACK,       "balance.start_pack_mV",    "V",    1000,      0,    72000, SERVICE, BALANCE)        \
    P(BALANCE_DIFF,       "balance.diff_start_mV",    "V",    1000,      1,      200, SERVICE, BALANCE)        \
    P(BALANCE_STOP,       "balance.diff_stop_mV",     "V",    1000,      0,      200, SERVICE, BALANCE)        \
    P(BALANCE_COLD,       "balance.cold_ddegC",       "degC", 10,     -200,      300, SERVICE, BALANCE)        \
    P(BALANCE_HOT,        "balance.hot_ddegC",        "degC", 10,      300,      700, SERVICE, BALANCE)        \
    P(BALANCE_CELLS,      "balance.cells",            "",     1,         1,       16, FACTORY, BALANCE)        \
    P(BALANCE_NOISE,      "balance.noise_mV",         "V",    1000,      0,     1000, FACTORY, BALANCE)        \
    P(SOC_BOOT,           "soc.boot_ppm",             "%",    10000,     0,  1000000, FACTORY, SOC)            \
    P(SOC_EFFICIENCY,     "soc.efficiency_ppm",       "%",    10000, 900000, 1000000, FACTORY, SOC)            \
    P(SOC_REST_CURRENT,   "soc.rest_mA",              "A",    1000,     10,     2000, SERVICE, SOC)            \
    P(SOC_REST_TIME,      "soc.rest_s",               "s",    1,        60,    86400, SERVICE, SOC)            \
    P(SOC_REST_LOW,       "soc.rest_low_mV",          "V",    1000,   1200,     4500, SERVICE, SOC)            \
    P(SOC_REST_HIGH,      "soc.rest_high_mV",         "V",    1000,   1200,     4500, SERVICE, SOC)            \
    P(SOC_FULL,           "soc.full_mV",              "V",    1000,   1200,     4500, SERVICE, SOC)            \
    P(SOC_FULL_CURRENT,   "soc.full_mA",              "A",    1000,    100,    50000, SERVICE, SOC)            \
    P(SOC_FULL_TIME,      "soc.full_s",               "s",    1,         1,     3600, SERVICE, SOC)            \
    P(SOC_FULL_CLEAR,     "soc.full_clear_ppm",       "%",    10000, 500000, 1000000, SERVICE, SOC)            \
    P(SOC_EMPTY_CURRENT,  "soc.empty_mA",             "A",    1000,      0,   500000, SERVICE, SOC)            \
    P(SOC_EMPTY_COLD,     "soc.empty_cold_ddegC",     "degC", 10,     -400,      400, SERVICE, SOC)            \
    P(SOC_OV_RELEASE,     "soc.ov_release_ppm",       "%",    10000,     0,  1000000, SERVICE, SOC)            \
    P(ZERO_BOOT,          "zero.boot_mA",             "A",    1000,      0,     2000, FACTORY, SOC)            \
    P(ZERO_TRACK,         "zero.track_mA",            "A",    1000,      0,     1000, FACTORY, SOC)            \
    P(ZERO_TIME,          "zero.time_s",              "s",    1,         1,    86400, FACTORY, SOC)            \
    P(OCV_1,              "ocv.1_mV",                 "V",    1000,   1000,     4500, FACTORY, SOC)            \
    P(OCV_2,              "ocv.2_mV",                 "V",    1000,   1000,     4500, FACTORY, SOC)            \
    P(OCV_3,              "ocv.3_mV",                 "V",    1000,   1000,     4500, FACTORY, SOC)            \
    P(OCV_4,              "ocv.4_mV",                 "V",    1000,   1000,     4500, FACTORY, SOC)            \
    P(OCV_5,              "ocv.5_mV",                 "V",    1000,   1000,     4500, FACTORY, SOC)            \
    P(OCV_6,              "ocv.6_mV",                 "V",    1000,   1000,     4500, FACTORY, SOC)            \
    P(OCV_7,              "ocv.7_mV",                 "V",    1000,   1000,     4500, FACTORY, SOC)            \
    P(OCV_8,              "ocv.8_mV",                 "V",    1000,   1000,     4500, FACTORY, SOC)            \
    P(OCV_SOC_1,          "ocv.1_ppm",                "%",    10000,     0,  1000000, FACTORY, SOC)            \
    P(OCV_SOC_2,          "ocv.2_ppm",                "%",    10000,     0,  1000000, FACTORY, SOC)            \
    P(OCV_SOC_3,          "ocv.3_ppm",                "%",    10000,     0,  1000000, FACTORY, SOC)            \
    P(OCV_SOC_4,          "ocv.4_ppm",                "%",    10000,     0,  1000000, FACTORY, SOC)            \
    P(OCV_SOC_5,          "ocv.5_ppm",                "%",    10000,     0,  1000000, FACTORY, SOC)            \
    P(OCV_SOC_6,          "ocv.6_ppm",                "%",    10000,     0,  1000000, FACTORY, SOC)            \
    P(OCV_SOC_7,          "ocv.7_ppm",                "%",    10000,     0,  1000000, FACTORY, SOC)            \
    P(OCV_SOC_8,          "ocv.8_ppm",                "%",    10000,     0,  1000000, FACTORY, SOC)            \
    P(LIMIT_CHARGE,       "limit.charge_mA",          "A",    1000,      0,   500000, USER,    LIMITS)         \
    P(LIMIT_DISCHARGE,    "limit.discharge_mA",       "A",    1000,      0,   500000, USER,    LIMITS)         \
    P(LIMIT_CHARGE_V,     "limit.charge_mV",          "V",    1000,   4000,    72000, USER,    LIMITS)         \
    P(LIMIT_DISCHARGE_V,  "limit.discharge_mV",       "V",    1000,   4000,    72000, USER,    LIMITS)         \
    P(LIMIT_FULL_FROM,    "limit.full_from_mV",       "V",    1000,   1200,     4500, SERVICE, LIMITS)         \
    P(LIMIT_FULL_TO,      "limit.full_to_mV",         "V",    1000,   1200,     4500, SERVICE, LIMITS)         \
    P(LIMIT_EMPTY_FROM,   "limit.empty_from_mV",      "V",    1000,   1000,     4350, SERVICE, LIMITS)         \
    P(LIMIT_EMPTY_TO,     "limit.empty_to_mV",        "V",    1000,   1000,     4350, SERVICE, LIMITS)         \
    P(LIMIT_CHG_COLD_0,   "limit.charge_cold_0_ddegC",      "degC", 10, -400, 1000, SERVICE, LIMITS)           \
    P(LIMIT_CHG_COLD_1,   "limit.charge_cold_full_ddegC",   "degC", 10, -400, 1000, SERVICE, LIMITS)           \
    P(LIMIT_CHG_HOT_1,    "limit.charge_hot_full_ddegC",    "degC", 10, -400, 1000, SERVICE, LIMITS)           \
    P(LIMIT_CHG_HOT_0,    "limit.charge_hot_0_ddegC",       "degC", 10, -400, 1000, SERVICE, LIMITS)           \
    P(LIMIT_DSG_COLD_0,   "limit.discharge_cold_0_ddegC",   "degC", 10, -400, 1000, SERVICE, LIMITS)           \
    P(LIMIT_DSG_COLD_1,   "limit.discharge_cold_full_ddegC","degC", 10, -400, 1000, SERVICE, LIMITS)           \
    P(LIMIT_DSG_HOT_1,    "limit.discharge_hot_full_ddegC", "degC", 10, -400, 1000, SERVICE, LIMITS)           \
    P(LIMIT_DSG_HOT_0,    "limit.discharge_hot_0_ddegC",    "degC", 10, -400, 1000, SERVICE, LIMITS)

/* Options: patterns (0..7) are those of blink.h; masks of faults have bit n for fault n of enum bms_fault (bms_io.h).
 * P(identifier, name, display unit, codes per display unit, min, max, default, access, group) */
#define BMS_OPTION_PARAMS(P)                                                                                    \
    P(RELEASE_WAIT,       "release.wait_s",           "s",    1,        60,    604800, 86400, SERVICE, VOLTAGE)            \
    P(SUM_OF_CELLS,       "pack.sum_of_cells",        "",     1,         0,         1,     0, FACTORY, PACK) \
    BMS_PANEL_PARAMS(P)                                                                                               \
    BMS_POWER_PARAMS(P)                                                                                               \
    BMS_CONTROL_PARAMS(P)                                                                                             \
    BMS_EXTRA_PARAMS(P)                                                                                               \
    BMS_RANGE_PARAMS(P)

/* LEDs, buzzer, dry contacts and display (panel.h, display.h). */
#define BMS_PANEL_PARAMS(P) \
    P(LED_FITTED,           "led.fitted",                 "",      1,      0, 2047, 0, FACTORY, PANEL)             \
    P(LED_ON,               "led.on",                     "",      1,      0, 1, 1, USER, PANEL)                   \
    P(LED_TEST,             "led.test_ms",                "s",     1000,   0, 10000, 0, FACTORY, PANEL)            \
    P(LED_RUN_IDLE,         "led.run.idle",               "",      1,      0, 7, 0, FACTORY, PANEL)                \
    P(LED_RUN_IDLE_ALARM,   "led.run.idle_alarm",         "",      1,      0, 7, 0, FACTORY, PANEL)                \
    P(LED_RUN_CHARGE,       "led.run.charge",             "",      1,      0, 7, 0, FACTORY, PANEL)                \
    P(LED_RUN_CHARGE_ALARM, "led.run.charge_alarm",       "",      1,      0, 7, 0, FACTORY, PANEL)                \
    P(LED_RUN_DISCHARGE,    "led.run.discharge",          "",      1,      0, 7, 0, FACTORY, PANEL)                \
    P(LED_RUN_DISCHARGE_ALARM,"led.run.discharge_alarm",  "",      1,      0, 7, 0, FACTORY, PANEL)                \
    P(LED_RUN_OVERCHARGED,  "led.run.overcharged",        "",      1,      0, 7, 0, FACTORY, PANEL)                \
    P(LED_RUN_OVERDISCHARGED,"led.run.overdischarged",    "",      1,      0, 7, 0, FACTORY, PANEL)                \
    P(LED_RUN_STOPPED,      "led.run.stopped",            "",      1,      0, 7, 0, FACTORY, PANEL)                \
    P(LED_RUN_FAULT,        "led.run.fault",              "",      1,      0, 7, 0, FACTORY, PANEL)                \
    P(LED_ALM_IDLE,         "led.alm.idle",               "",      1,      0, 7, 0, FACTORY, PANEL)                \
    P(LED_ALM_IDLE_ALARM,   "led.alm.idle_alarm",         "",      1,      0, 7, 0, FACTORY, PANEL)                \
    P(LED_ALM_CHARGE,       "led.alm.charge",             "",      1,      0, 7, 0, FACTORY, PANEL)                \
    P(LED_ALM_CHARGE_ALARM, "led.alm.charge_alarm",       "",      1,      0, 7, 0, FACTORY, PANEL)                \
    P(LED_ALM_DISCHARGE,    "led.alm.discharge",          "",      1,      0, 7, 0, FACTORY, PANEL)                \
    P(LED_ALM_DISCHARGE_ALARM,"led.alm.discharge_alarm",  "",      1,      0, 7, 0, FACTORY, PANEL)                \
    P(LED_ALM_OVERCHARGED,  "led.alm.overcharged",        "",      1,      0, 7, 0, FACTORY, PANEL)                \
    P(LED_ALM_OVERDISCHARGED,"led.alm.overdischarged",    "",      1,      0, 7, 0, FACTORY, PANEL)                \
    P(LED_ALM_STOPPED,      "led.alm.stopped",            "",      1,      0, 7, 0, FACTORY, PANEL)                \
    P(LED_ALM_FAULT,        "led.alm.fault",              "",      1,      0, 7, 0, FACTORY, PANEL)                \
    P(LED_ALARMS,           "led.alarms",                 "",      1,      0, 2147483647, 0, SERVICE, PANEL)       \
    P(LED_SOC_STEP,         "led.soc.step_ppm",           "%",     10000,  10000, 500000, 250000, FACTORY, PANEL)  \
    P(LED_SOC_BACK,         "led.soc.hysteresis_ppm",     "%",     10000,  0, 100000, 0, FACTORY, PANEL)           \
    P(LED_SOC_CHARGE,       "led.soc.charge",             "",      1,      0, 7, 1, FACTORY, PANEL)                \
    P(LED_SOC_FAULT,        "led.soc.fault",              "",      1,      0, 1, 0, FACTORY, PANEL)                \
    P(LED_LINK,             "led.link",                   "",      1,      0, 7, 0, FACTORY, PANEL)                \
    P(LED_PAIRED,           "led.bluetooth.connected",    "",      1,      0, 7, 0, FACTORY, PANEL)                \
    P(LED_UNPAIRED,         "led.bluetooth.away",         "",      1,      0, 7, 0, FACTORY, PANEL)                \
    P(BUZZER_ON,            "buzzer.on",                  "",      1,      0, 1, 0, USER, PANEL)                   \
    P(BUZZER_FAULT,         "buzzer.fault",               "",      1,      0, 7, 0, FACTORY, PANEL)                \
    P(BUZZER_TRIP,          "buzzer.trip",                "",      1,      0, 7, 0, FACTORY, PANEL)                \
    P(BUZZER_ALARM,         "buzzer.alarm",               "",      1,      0, 7, 0, FACTORY, PANEL)                \
    P(BUZZER_TRIPS,         "buzzer.trips",               "",      1,      0, 2147483647, 0, SERVICE, PANEL)       \
    P(BUZZER_ALARMS,        "buzzer.alarms",              "",      1,      0, 2147483647, 0, SERVICE, PANEL)       \
    P(BUZZER_SOC,           "buzzer.soc_ppm",             "%",     10000,  0, 1000000, 0, SERVICE, PANEL)          \
    P(CONTACT_1_TRIPS,      "contact.1_trips",            "",      1,      0, 2147483647, 0, SERVICE, PANEL)       \
    P(CONTACT_1_ALARMS,     "contact.1_alarms",           "",      1,      0, 2147483647, 0, SERVICE, PANEL)       \
    P(CONTACT_1_SOC,        "contact.1_soc_ppm",          "%",     10000,  0, 1000000, 0, SERVICE, PANEL)          \
    P(CONTACT_1_REST,       "contact.1_rest",             "",      1,      0, 1, 0, FACTORY, PANEL)                \
    P(CONTACT_2_TRIPS,      "contact.2_trips",            "",      1,      0, 2147483647, 0, SERVICE, PANEL)       \
    P(CONTACT_2_ALARMS,     "contact.2_alarms",           "",      1,      0, 2147483647, 0, SERVICE, PANEL)       \
    P(CONTACT_2_SOC,        "contact.2_soc_ppm",          "%",     10000,  0, 1000000, 0, SERVICE, PANEL)          \
    P(CONTACT_2_REST,       "contact.2_rest",             "",      1,      0, 1, 0, FACTORY, PANEL)                \
    P(CONTACT_SOC_BACK,     "contact.soc_hysteresis_ppm", "%",     10000,  0, 100000, 20000, SERVICE, PANEL)       \
    P(DISPLAY_FITTED,       "display.fitted",             "",      1,      0, 1, 0, FACTORY, PANEL)                \
    P(DISPLAY_SLEEP,        "display.sleep_s",            "s",     1,      1, 3600, 60, SERVICE, PANEL)              \
    P(THEFT_LOCK,           "lock.theft",                 "",      1,      0, 1, 0, FACTORY, PANEL)

/* Modes and keys (power.h). Times of 0: not there. Of a key: presses shorter than wake wake nobody; released after at
 * least rest: rest_mode (2 sleep, 3 off), or already while held if rest_held is 1; released after at least arm:
 * restart; at reset it restarts even while held. */
#define BMS_POWER_PARAMS(P)                                                                                           \
    P(POWER_STANDBY,        "power.standby_s",         "s",  1,     0,   604800,     0, SERVICE, POWER)               \
    P(POWER_SLEEP,          "power.sleep_s",           "s",  1,     0,   604800,     0, SERVICE, POWER)               \
    P(POWER_VALID,          "power.valid_mA",          "A",  1000, 10,     5000,   500, SERVICE, POWER)               \
    P(POWER_UV_TIME,        "power.uv_s",              "s",  1,     0,   604800,     0, SERVICE, POWER)               \
    P(POWER_UV_MODE,        "power.uv_mode",           "",   1,     2,        3,     2, SERVICE, POWER)               \
    P(POWER_OFF,            "power.off_mV",            "V",  1000,  0,     4500,     0, SERVICE, POWER)               \
    P(POWER_OFF_BY,         "power.off_by_highest",    "",   1,     0,        1,     1, SERVICE, POWER)               \
    P(POWER_OFF_TIME,       "power.off_s",             "s",  1,     0,    86400,     2, SERVICE, POWER)               \
    P(POWER_OFF_LOW_TIME,   "power.off_lowest_s",      "s",  1,     0,   604800,     0, SERVICE, POWER)               \
    P(KEY_DEBOUNCE,         "key.debounce_ms",         "s",  1000,  0,     1000,    30, FACTORY, POWER)               \
    P(KEY_LATCHING,         "key.power_latching",      "",   1,     0,        1,     0, FACTORY, POWER)               \
    P(KEY_POWER_WAKE,       "key.power_wake_ms",       "s",  1000,  0,    60000,     0, FACTORY, POWER)               \
    P(KEY_POWER_REST,       "key.power_rest_ms",       "s",  1000,  0,    60000,     0, FACTORY, POWER)               \
    P(KEY_POWER_REST_MODE,  "key.power_rest_mode",     "",   1,     2,        3,     3, FACTORY, POWER)               \
    P(KEY_POWER_REST_HELD,  "key.power_rest_held",     "",   1,     0,        1,     0, FACTORY, POWER)               \
    P(KEY_POWER_ARM,        "key.power_arm_ms",        "s",  1000,  0,    60000,     0, FACTORY, POWER)               \
    P(KEY_POWER_RESET,      "key.power_reset_ms",      "s",  1000,  0,    60000,     0, FACTORY, POWER)               \
    P(KEY_RESET_WAKE,       "key.reset_wake_ms",       "s",  1000,  0,    60000,     0, FACTORY, POWER)               \
    P(KEY_RESET_REST,       "key.reset_rest_ms",       "s",  1000,  0,    60000,     0, FACTORY, POWER)               \
    P(KEY_RESET_REST_MODE,  "key.reset_rest_mode",     "",   1,     2,        3,     2, FACTORY, POWER)               \
    P(KEY_RESET_REST_HELD,  "key.reset_rest_held",     "",   1,     0,        1,     0, FACTORY, POWER)               \
    P(KEY_RESET_ARM,        "key.reset_arm_ms",        "s",  1000,  0,    60000,     0, FACTORY, POWER)               \
    P(KEY_RESET_RESET,      "key.reset_reset_ms",      "s",  1000,  0,    60000,     0, FACTORY, POWER)               \
    P(ADDRESS_MASTER,       "address.master",          "",   1,    -1,       15,    -1, FACTORY, POWER)

/* User switches, access levels and actions (control.h). A code of 0: that level is open with the one below it. */
#define BMS_CONTROL_PARAMS(P)                                                                                         \
    P(SWITCH_CHARGE,        "switch.charge",           "",   1,     0,        1,     1, USER,    CONTROL)             \
    P(SWITCH_DISCHARGE,     "switch.discharge",        "",   1,     0,        1,     1, USER,    CONTROL)             \
    P(SWITCH_BALANCE,       "switch.balance",          "",   1,     0,        1,     1, USER,    CONTROL)             \
    P(ACCESS_ENTER,         "access.enter",            "",   1,     0, 999999999,    0, USER,    CONTROL)             \
    P(ACCESS_USER,          "access.user_code",        "",   1,     0, 999999999,    0, USER,    CONTROL)             \
    P(ACCESS_SERVICE,       "access.service_code",     "",   1,     0, 999999999,    0, SERVICE, CONTROL)             \
    P(ACCESS_FACTORY,       "access.factory_code",     "",   1,     0, 999999999,    0, FACTORY, CONTROL)             \
    P(ACCESS_DEFAULT,       "access.default_code",     "",   1,     0, 999999999,    0, FACTORY, CONTROL)             \
    P(ACCESS_TRIES,         "access.tries",            "",   1,     0,      100,     0, FACTORY, CONTROL)             \
    P(ACCESS_LOCKOUT,       "access.lockout_s",        "s",  1,     1,    86400,    60, FACTORY, CONTROL)             \
    P(ACCESS_SESSION,       "access.session_s",        "s",  1,     0,    86400,     0, FACTORY, CONTROL)             \
    P(ACTION_RESET,         "action.factory_reset",    "",   1,     0,        1,     0, SERVICE, CONTROL)             \
    P(ACTION_PRESET,        "action.preset",           "",   1,     0,        3,     0, SERVICE, CONTROL)             \
    P(PRESET_ALLOWED,       "preset.allowed",          "",   1,     0,        7,     0, FACTORY, CONTROL)             \
    P(ACTION_UPDATE,        "action.update",           "",   1,     0,        1,     0, SERVICE, CONTROL)             \
    P(UPDATE_SLAVE,         "update.slaves_only",      "",   1,     0,        1,     0, FACTORY, CONTROL)             \
    P(UPDATE_TIMEOUT,       "update.timeout_s",        "s",  1,     0,     3600,     0, FACTORY, CONTROL)             \
    P(ACTION_CLOCK,         "action.clock_s",          "s",  1,     0, 2147483647,   0, USER,    CONTROL)             \
    P(ACTION_CAL_CURRENT,   "action.calibrate_current_mA", "A", 1000, -500000, 500000, 0, SERVICE, CONTROL)           \
    P(ACTION_CAL_ZERO,      "action.calibrate_zero",   "",   1,     0,        1,     0, SERVICE, CONTROL)             \
    P(ACTION_CAL_STACK,     "action.calibrate_pack_mV", "V", 1000,  0,    72000,     0, SERVICE, CONTROL)             \
    P(CALIBRATE_MIN,        "calibrate.min_mA",        "A",  1000, 100,  100000,  5000, FACTORY, CONTROL)             \
    P(VOLTAGE_GAIN,         "voltage.gain_ppm",        "%",  10000, 950000, 1050000, 1000000, FACTORY, CONTROL)

/* What only some products have: limiter, active balancing, heater, and how counters count. */
#define BMS_EXTRA_PARAMS(P)                                                                                           \
    P(LIMITER_CURRENT,      "limiter.current_mA",      "A",  1000,  0,   100000,     0, SERVICE, CURRENT)             \
    P(LIMITER_END,          "limiter.end_mA",          "A",  1000,  0,   100000,     0, SERVICE, CURRENT)             \
    P(LIMITER_PROHIBITED,   "limiter.prohibited",      "",   1,     0,        1,     0, USER,    CURRENT)             \
    P(LIMITER_FIXED,        "limiter.fixed",           "",   1,     0,        1,     0, FACTORY, CURRENT)             \
    P(SCD_FIXED,            "scd.fixed",               "",   1,     0,        1,     0, FACTORY, CURRENT)             \
    P(BALANCE_ACTIVE,       "balance.active_mA",       "A",  1000,  0,    10000,     0, SERVICE, BALANCE)             \
    P(BALANCE_WIRE,         "balance.wire_mOhm",       "Ohm", 1000, 0,    10000,     0, SERVICE, BALANCE)             \
    P(HEATER_ENABLE,        "heater.enable",           "",   1,     0,        1,     0, SERVICE, TEMPERATURE)         \
    P(HEATER_ON,            "heater.on_ddegC",         "degC", 10, -390,    400,  -200, SERVICE, TEMPERATURE)         \
    P(HEATER_OFF,           "heater.off_ddegC",        "degC", 10, -390,    400,  -100, SERVICE, TEMPERATURE)         \
    P(CELLS_MIN,            "pack.cells_min",          "",   1,     1,       16,     1, FACTORY, PACK)                \
    P(CELLS_MAX,            "pack.cells_max",          "",   1,     1,       16,    16, FACTORY, PACK)                \
    P(SOC_LEARN_CYCLE,      "soc.learn_by_cycle",      "",   1,     0,        1,     0, FACTORY, SOC)                 \
    P(CYCLES_BY_CHARGES,    "cycles.by_charges",       "",   1,     0,        1,     0, FACTORY, SOC)

/* What a product lets its user set, where that is narrower than what the core can do; a high end of 0: no range of its
 * own. Cell voltages: trip and release of cell_ov and cell_uv; overcurrents: trip and release time of chg_oc and dsg_oc. */
#define BMS_RANGE_PARAMS(P)                                                                                           \
    P(RANGE_CELL_LOW,       "range.cell_low_mV",          "V", 1000,  0,     4500,     0, FACTORY, VOLTAGE)           \
    P(RANGE_CELL_HIGH,      "range.cell_high_mV",         "V", 1000,  0,     4500,     0, FACTORY, VOLTAGE)           \
    P(RANGE_OC_LOW,         "range.overcurrent_low_mA",   "A", 1000,  0,   500000,     0, FACTORY, CURRENT)           \
    P(RANGE_OC_HIGH,        "range.overcurrent_high_mA",  "A", 1000,  0,   500000,     0, FACTORY, CURRENT)           \
    P(RANGE_OC_TIME_LOW,    "range.overcurrent_release_low_ms",  "s", 1000, 0, 86400000, 0, FACTORY, CURRENT)         \
    P(RANGE_OC_TIME_HIGH,   "range.overcurrent_release_high_ms", "s", 1000, 0, 86400000, 0, FACTORY, CURRENT)

/* clang-format on */

#endif
