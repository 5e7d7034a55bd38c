/* The boundary of the device under test: what the front end tells the firmware (struct bms_sample) and what the
 * firmware tells the silicon (struct bms_command).
 *
 * This header holds data and no code; it is the only header of bms_core that the bench and the link may include.
 * Every field is an integer whose unit ends its name. Charging current is positive. The two X-macro tables are the
 * one description of the boundary: they declare the structs here, and a wire codec is made from the same tables.
 *
 * Table columns:  S(type, name, unit, meaning)  or, for arrays,  A(type, name, count, unit, meaning). */
#ifndef BMS_CORE_BMS_IO_H
#define BMS_CORE_BMS_IO_H

#include <stdint.h>

#define BMS_CELLS_MAX 16
#define BMS_TEMPS_MAX 8
#define BMS_LINES_MAX 4  /* display lines */
#define BMS_LINE_SIZE 20 /* characters of one line, blank padded, no terminator */
#define BMS_SOC_LEDS_MAX 6
#define BMS_CONTACTS_MAX 2
#define BMS_PAGE_SIZE 256     /* bytes of one non-volatile page */
#define BMS_STORAGE_PAGES 264 /* pages that the core uses: 256 of records, 8 of counters (bms_core/record.h) */

/* What an NTC channel reads at its rails: 0.1 degC. No validity bit: silicon has none. */
#define BMS_TEMP_OPEN_ddegC (-400)
#define BMS_TEMP_SHORT_ddegC 1200

enum bms_alert { /* bits of sample.alerts: latched by the front end until command.alert_clear takes them back */
                 BMS_ALERT_SCD =
                     1U << 0, /* short circuit in discharge: the front end has already opened the discharge gate */
                 BMS_ALERT_OCD = 1U << 1,   /* hardware overcurrent in discharge: likewise */
                 BMS_ALERT_OCC = 1U << 2,   /* hardware overcurrent in charge: the charge gate is open */
                 BMS_ALERT_RESET = 1U << 3, /* the front end lost its settings (supply dip); both gates are open */
};

enum bms_detect {                               /* bits of sample.detect, made by the front end */
                  BMS_DETECT_CHARGER = 1U << 0, /* terminal above pack by > 1 V, or charging current > 1 A, for 1 s */
                  BMS_DETECT_LOAD =
                      1U << 1, /* terminal pulled below 3 V against 1 mA while the discharge gate is open */
};

enum bms_key { /* bits of sample.keys: 1 while held down */
               BMS_KEY_POWER = 1U << 0,
               BMS_KEY_RESET = 1U << 1,
               BMS_KEY_MENU = 1U << 2,
               BMS_KEY_ENTER = 1U << 3,
               BMS_KEY_DOWN = 1U << 4,
               BMS_KEY_ESC = 1U << 5,
};

enum bms_led { /* bits of command.leds: 1 while lit */
               BMS_LED_RUN = 1U << 0,
               BMS_LED_ALM = 1U << 1,
               BMS_LED_SOC = 1U << 2, /* the lowest; BMS_SOC_LEDS_MAX bits from here */
               BMS_LED_ON_OFF = 1U << 8,
               BMS_LED_LINK = 1U << 9,
               BMS_LED_BLUETOOTH = 1U << 10,
};

enum bms_wake { /* sample.wake: why the firmware runs since boot */
                BMS_WAKE_POWER_ON,
                BMS_WAKE_KEY,
                BMS_WAKE_CHARGER,
                BMS_WAKE_BROWN_OUT,
                BMS_WAKE_WATCHDOG,
                BMS_WAKE_RESET, /* the firmware asked for it: BMS_POWER_RESTART */
                BMS_WAKE_BUS, /* voltage came to the terminals of a resting pack: another pack of the bus was started */
                BMS_WAKE_LOAD, /* a load was put on the terminals of a resting pack */
};

enum bms_link {                               /* bits of sample.links: who answers */
                BMS_LINK_PACKS = 1U << 0,     /* another pack, on the bus between packs */
                BMS_LINK_BLUETOOTH = 1U << 1, /* a device is connected to the radio module */
};

enum bms_storage_op { BMS_STORAGE_NONE, BMS_STORAGE_ERASE, BMS_STORAGE_PROGRAM };
enum bms_storage_status { BMS_STORAGE_IDLE, BMS_STORAGE_BUSY, BMS_STORAGE_DONE, BMS_STORAGE_FAILED };

/* Standby is called at a slower tick; sleep and off are not called until the front end wakes the firmware (key edge,
 * charger, bus voltage, load). RAM is kept in sleep and lost in off. Restart: RAM is lost and the firmware boots at
 * once. */
enum bms_power { BMS_POWER_RUN, BMS_POWER_STANDBY, BMS_POWER_SLEEP, BMS_POWER_OFF, BMS_POWER_RESTART };

/* How a write of a parameter went. */
enum bms_param_error {
    BMS_PARAM_OK,
    BMS_PARAM_UNKNOWN, /* no such id */
    BMS_PARAM_RANGE,   /* outside min..max */
    BMS_PARAM_CROSS,   /* contradicts another parameter */
    BMS_PARAM_ACCESS,  /* the level that the row needs is not open, or the password is wrong */
    BMS_PARAM_LOCKED,  /* too many wrong passwords: for a while none is taken */
    BMS_PARAM_STATE,   /* an action that the present state forbids, or a calibration that cannot be true */
};

enum bms_mode { BMS_MODE_IDLE, BMS_MODE_CHARGE, BMS_MODE_DISCHARGE, BMS_MODE_FAULT };

/* clang-format off */
#define BMS_SAMPLE_FIELDS(S, A)                                                                                        \
    S(uint64_t, cell_scan_us,            "us",     "instant of the newest cell conversion; stops when the front end does") \
    S(uint64_t, current_scan_us,         "us",     "instant of the newest current conversion")                         \
    S(uint64_t, temp_scan_us,            "us",     "instant of the newest temperature conversion")                     \
    A(int16_t,  cell_mV, BMS_CELLS_MAX,  "mV",     "cell codes, cell 1 (lowest) first; unused entries are 0")          \
    S(int32_t,  stack_mV,                "mV",     "whole stack by its own divider, not the sum of the cells")         \
    S(int32_t,  terminal_mV,             "mV",     "pack terminals, outside the FETs")                                 \
    S(int32_t,  current_mA,              "mA",     "shunt, charging positive")                                         \
    A(int16_t,  temp_ddegC, BMS_TEMPS_MAX, "0.1 degC", "NTC channels in the order of the parameter set's roles")       \
    S(uint32_t, balance_seen,            "bits",   "bit k: balance switch of cell k+1 was closed during its conversion") \
    S(uint32_t, alerts,                  "bits",   "enum bms_alert")                                                   \
    S(uint32_t, detect,                  "bits",   "enum bms_detect")                                                  \
    S(uint32_t, keys,                    "bits",   "enum bms_key")                                                     \
    S(uint8_t,  dip,                     "",       "address switch, 0..15")                                            \
    S(uint8_t,  wake,                    "",       "enum bms_wake")                                                    \
    S(uint8_t,  storage_status,          "",       "enum bms_storage_status of request storage_seq")                   \
    S(uint8_t,  cell_count,              "",       "cells that the front end is wired for, 1..BMS_CELLS_MAX")          \
    S(uint32_t, storage_seq,             "",       "the storage request that storage_status speaks of")               \
    S(uint32_t, links,                   "bits",   "enum bms_link")                                                       \
    S(uint32_t, wakes,                   "",       "wake-ups since the supply came: when it moves, wake is the cause of one more") \
    S(uint32_t, clock_s,                 "s",      "real-time clock, seconds since 1970; 0: it has lost the time")

#define BMS_COMMAND_FIELDS(S, A)                                                                                       \
    S(uint8_t,  charge_fet,              "bool",   "gate of the charge FET")                                           \
    S(uint8_t,  discharge_fet,           "bool",   "gate of the discharge FET")                                        \
    S(uint8_t,  precharge,               "bool",   "pre-charge path around the discharge FET")                         \
    S(uint8_t,  power,                   "",       "enum bms_power")                                                   \
    S(uint32_t, limiter_mA,              "mA",     "charge current limiter in the path at this current; 0: out of the path") \
    S(uint32_t, balance,                 "bits",   "bit k: balance switch of cell k+1")                                \
    S(uint8_t,  balance_from,            "",       "active balancer: the cell that gives, from 1; 0: none")            \
    S(uint8_t,  balance_to,              "",       "and the cell that takes")                                          \
    S(uint8_t,  heater,                  "bool",   "heating output")                                                   \
    S(uint8_t,  restore,                 "bool",   "with power restart: the port goes back to the parameters as delivered") \
    S(uint32_t, balance_mA,              "mA",     "what the active balancer moves")                                   \
    S(uint32_t, clock_set_s,             "s",      "new time for the clock, set when this changes; 0: none")           \
    S(uint32_t, scd_threshold_mA,        "mA",     "short-circuit comparator; 0: off")                                 \
    S(uint32_t, scd_delay_us,            "us",     "its delay, rounded up to the silicon's grid")                      \
    S(uint32_t, ocd_threshold_mA,        "mA",     "hardware overcurrent comparator, discharge; 0: off")               \
    S(uint32_t, ocd_delay_us,            "us",     "its delay")                                                        \
    S(uint32_t, occ_threshold_mA,        "mA",     "hardware overcurrent comparator, charge; 0: off")                  \
    S(uint32_t, occ_delay_us,            "us",     "its delay")                                                        \
    S(uint32_t, alert_clear,             "bits",   "enum bms_alert: latches to take back")                             \
    S(uint32_t, leds,                    "bits",   "enum bms_led: lit now")                                            \
    S(uint8_t,  buzzer,                  "bool",   "sounds now")                                                       \
    S(uint8_t,  dry_contacts,            "bits",   "bit 0 relay of contact 1-2, bit 1 of contact 3-4: energised now")   \
    S(uint8_t,  storage_op,              "",       "enum bms_storage_op")                                              \
    S(uint8_t,  mode,                    "",       "enum bms_mode")                                                    \
    S(uint32_t, storage_seq,             "",       "rises by one with each request; the same number is the same request") \
    S(uint16_t, storage_page,            "",       "page of the request")                                              \
    S(uint16_t, storage_size,            "byte",   "bytes to program from the start of storage_data")                  \
    S(uint16_t, storage_offset,          "byte",   "where in the page they go")                                        \
    A(uint8_t,  storage_data, 64,        "",       "what to program")                                                  \
    A(char,     display, BMS_LINES_MAX * BMS_LINE_SIZE, "", "display lines, blank padded")                             \
    S(uint8_t,  charge_allowed,          "bool",   "the core's permission after all faults; the gate may differ (ideal diode)") \
    S(uint8_t,  discharge_allowed,       "bool",   "likewise")                                                         \
    S(uint8_t,  locked,                  "bool",   "an overcurrent or short-circuit lock waits for its release")       \
    S(uint8_t,  full,                    "bool",   "the full anchor holds")                                            \
    S(uint32_t, protections,             "bits",   "bit n: fault n of enum bms_fault is tripped")       \
    S(uint32_t, alarms,                  "bits",   "bit n: alarm n of enum bms_fault is raised")                       \
    S(uint32_t, wires_high,              "bits",   "bit k: a sense wire of cell k+1 is too resistive to balance")      \
    S(uint8_t,  address,                 "",       "of this pack, 0..15")                                              \
    S(uint8_t,  master,                  "bool",   "this pack speaks for the others")                                  \
    S(uint8_t,  updating,                "bool",   "a firmware update is under way: both gates are open")              \
    S(uint8_t,  access,                  "",       "levels open for writes: 0 none, else enum bms_access + 1")         \
    S(uint32_t, soc_ppm,                 "ppm",    "state of charge, 0..1000000")                                      \
    S(uint32_t, soh_ppm,                 "ppm",    "learnt capacity over nominal")                                     \
    S(uint32_t, remaining_mAh,           "mAh",    "charge left")                                                      \
    S(uint32_t, capacity_mAh,            "mAh",    "learnt full capacity")                                             \
    S(uint32_t, cycles,                  "",       "full equivalent cycles, completed")                                \
    S(uint32_t, charges,                 "",       "charges begun: charging current after discharge")                  \
    S(uint32_t, discharged_Ah,           "Ah",     "taken out since the memory was new")                               \
    S(uint32_t, runtime_min,             "min",    "minutes that the firmware has run since the memory was new")       \
    S(uint32_t, records,                 "",       "records made since the memory was new")                            \
    S(uint32_t, record_clock_s,          "s",      "wall time of the newest record; 0: unknown")                       \
    A(uint16_t, trips, 8,                "",       "trips by class, enum bms_tally of record.h; they survive a reset") \
    S(uint32_t, charge_limit_mA,         "mA",     "CCL for the inverter")                                             \
    S(uint32_t, discharge_limit_mA,      "mA",     "DCL for the inverter")                                             \
    S(int32_t,  charge_limit_mV,         "mV",     "CVL for the inverter")                                             \
    S(int32_t,  discharge_limit_mV,      "mV",     "DVL for the inverter")
/* clang-format on */

#define BMS_DECLARE_SCALAR(type, name, unit, meaning) type name;
#define BMS_DECLARE_ARRAY(type, name, count, unit, meaning) type name[count];

struct bms_sample {
    BMS_SAMPLE_FIELDS(BMS_DECLARE_SCALAR, BMS_DECLARE_ARRAY)
};

struct bms_command {
    BMS_COMMAND_FIELDS(BMS_DECLARE_SCALAR, BMS_DECLARE_ARRAY)
};

/* The faults of enum bms_fault: bit numbers of command.protections and command.alarms, the same for every system.
 * Columns: X(identifier, name in scenarios and parameter ids). A parameter set leaves out what its system has not. */
/* clang-format off */
#define BMS_FAULTS(X)                  \
    X(CELL_OV,     "cell_ov")          \
    X(PACK_OV,     "pack_ov")          \
    X(CELL_UV,     "cell_uv")          \
    X(PACK_UV,     "pack_uv")          \
    X(CHG_OC,      "chg_oc")           \
    X(DSG_OC,      "dsg_oc")           \
    X(SHORT,       "short_circuit")    \
    X(CHG_OT,      "chg_ot")           \
    X(CHG_UT,      "chg_ut")           \
    X(DSG_OT,      "dsg_ot")           \
    X(DSG_UT,      "dsg_ut")           \
    X(MOS_OT,      "mos_ot")           \
    X(AMB_OT,      "amb_ot")           \
    X(AMB_UT,      "amb_ut")           \
    X(SENSOR,      "sensor")           \
    X(STALE,       "stale")            \
    X(CELL_DIFF,   "cell_diff")        \
    X(STACK,       "stack_mismatch")   \
    X(FET,         "fet_stuck")        \
    X(OC_LOCK,     "oc_lock")          \
    X(AFE_RESET,   "afe_reset")        \
    X(STORAGE,     "storage")          \
    X(WIRE,        "sense_wire")       \
    X(WIRE_OHM,    "resistive_wire")   \
    X(PASSWORD,    "default_password") \
    X(CLOCK,       "clock_lost")
/* clang-format on */

#define BMS_FAULT_ENUM(identifier, name) BMS_FAULT_##identifier,
enum bms_fault { BMS_FAULTS(BMS_FAULT_ENUM) BMS_FAULT_COUNT };

#endif
