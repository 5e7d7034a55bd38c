/* The table of signals, and how each is read from a rig. */
#include "sim/signal.h"

#include "sim/record_view.h"
#include "sim/rig.h"

#include <math.h>

#define READER(name) static double name(const struct rig *rig, int pack, int index, int64_t offset_ns)
/* Codes in a unit. Division rounds correctly, so that 3700 mV is the very number that "3.70 V" is. */
#define MICRO 1e6
#define MILLI 1e3
#define DECI 10.0

#define UNUSED_INDEX (void)index
#define UNUSED_TRUTH (void)index, (void)offset_ns

/* ---- the plant's truth --------------------------------------------------------------------------------------------
 */

/* A reader for one plant signal as it is. */
#define TRUTH(function, signal)                                                                                        \
    READER(function)                                                                                                   \
    {                                                                                                                  \
        return dense_read(rig, PLANT_##signal, pack, index, offset_ns);                                                \
    }

TRUTH(read_cell_voltage, CELL_VOLTAGE_V)
TRUTH(read_cell_soc, CELL_SOC)
TRUTH(read_cell_core, CELL_CORE_degC)
TRUTH(read_cell_surface, CELL_SURFACE_degC)
TRUTH(read_cell_bleed, BLEED_CURRENT_A)
TRUTH(read_ntc_body, NTC_degC)
TRUTH(read_pack_current, PACK_CURRENT_A)
TRUTH(read_stack_voltage, STACK_VOLTAGE_V)
TRUTH(read_terminal_voltage, TERMINAL_VOLTAGE_V)
TRUTH(read_pack_soc, PACK_SOC)
TRUTH(read_fet_junction, FET_JUNCTION_degC)
TRUTH(read_fet_board, FET_BOARD_degC)
TRUTH(read_box_temperature, BOX_degC)
TRUTH(read_avalanche, AVALANCHE_J)
TRUTH(read_junction_peak, JUNCTION_PEAK_degC)
TRUTH(read_fet_charge, CHARGE_CONDUCTS)
TRUTH(read_fet_discharge, DISCHARGE_CONDUCTS)
TRUTH(read_breaker_closed, BREAKER_CLOSED)
TRUTH(read_current_peak, CURRENT_PEAK_A)
TRUTH(read_terminal_peak, TERMINAL_PEAK_V)
TRUTH(read_charge_through, CHARGE_THROUGH_Ah)
TRUTH(read_energy_through, ENERGY_THROUGH_J)
TRUTH(read_bus_voltage, BUS_VOLTAGE_V)
TRUTH(read_charger_current, CHARGER_CURRENT_A)
TRUTH(read_load_current, LOAD_CURRENT_A)
TRUTH(read_link_voltage, LINK_VOLTAGE_V)
TRUTH(read_short_current, SHORT_CURRENT_A)
TRUTH(read_ambient, AMBIENT_degC)

static double over_cells(const struct rig *rig, enum plant_signal signal, int pack, int64_t offset_ns, bool max)
{
    const double *at_once = dense_cells(rig, signal, pack, offset_ns);
    double best = 0.0;

    for (int k = 0; k < rig->board[pack].afe_config.cells; k++) {
        const double value = at_once != NULL ? at_once[k] : dense_read(rig, signal, pack, k, offset_ns);

        best = k == 0 || (value > best) == max ? value : best;
    }
    return best;
}

/* A reader for the largest or smallest of all cells. */
#define OVER_CELLS(function, signal, max)                                                                              \
    READER(function)                                                                                                   \
    {                                                                                                                  \
        UNUSED_INDEX;                                                                                                  \
        return over_cells(rig, PLANT_##signal, pack, offset_ns, max);                                                  \
    }

OVER_CELLS(read_cell_voltage_max, CELL_VOLTAGE_V, true)
OVER_CELLS(read_cell_voltage_min, CELL_VOLTAGE_V, false)
OVER_CELLS(read_cell_soc_max, CELL_SOC, true)
OVER_CELLS(read_cell_soc_min, CELL_SOC, false)
OVER_CELLS(read_cell_core_max, CELL_CORE_degC, true)
OVER_CELLS(read_cell_core_min, CELL_CORE_degC, false)
OVER_CELLS(read_harm_overvoltage, HARM_OVERVOLTAGE_Vs, true)
OVER_CELLS(read_harm_undervoltage, HARM_UNDERVOLTAGE_Vs, true)
OVER_CELLS(read_harm_plating, HARM_PLATING_Ah, true)

READER(read_cell_voltage_spread)
{
    return read_cell_voltage_max(rig, pack, index, offset_ns) - read_cell_voltage_min(rig, pack, index, offset_ns);
}

READER(read_charge_current)
{
    return fmax(0.0, read_pack_current(rig, pack, index, offset_ns));
}

READER(read_discharge_current)
{
    return fmax(0.0, -read_pack_current(rig, pack, index, offset_ns));
}

/* ---- what the front end measured ----------------------------------------------------------------------------------
 */

READER(read_afe_cell)
{
    (void)offset_ns;
    return rig->board[pack].afe.reg.cell_mV[index] / MILLI;
}

static double over_codes(const struct rig *rig, int pack, bool max)
{
    const struct board *b = &rig->board[pack];
    int16_t best = b->afe.reg.cell_mV[0];

    for (int k = 1; k < b->afe_config.cells; k++) {
        const int16_t code = b->afe.reg.cell_mV[k];

        if ((code > best) == max) {
            best = code;
        }
    }
    return best / MILLI;
}

READER(read_afe_cell_max)
{
    UNUSED_TRUTH;
    return over_codes(rig, pack, true);
}

READER(read_afe_cell_min)
{
    UNUSED_TRUTH;
    return over_codes(rig, pack, false);
}

READER(read_afe_stack)
{
    UNUSED_TRUTH;
    return rig->board[pack].afe.reg.stack_mV / MILLI;
}

READER(read_afe_terminal)
{
    UNUSED_TRUTH;
    return rig->board[pack].afe.reg.terminal_mV / MILLI;
}

READER(read_afe_current)
{
    UNUSED_TRUTH;
    return rig->board[pack].afe.reg.current_mA / MILLI;
}

READER(read_afe_ntc)
{
    (void)offset_ns;
    return rig->board[pack].afe.reg.temp_ddegC[index] / DECI;
}

/* A reader for one bit of a front-end register. */
#define AFE_BIT(function, word, bit)                                                                                   \
    READER(function)                                                                                                   \
    {                                                                                                                  \
        UNUSED_TRUTH;                                                                                                  \
        return (rig->board[pack].afe.reg.word & (uint32_t)(bit)) != 0;                                                 \
    }

AFE_BIT(read_afe_alert_scd, alerts, AFE_ALERT_SCD)
AFE_BIT(read_afe_alert_ocd, alerts, AFE_ALERT_OCD)
AFE_BIT(read_afe_alert_occ, alerts, AFE_ALERT_OCC)
AFE_BIT(read_afe_alert_reset, alerts, AFE_ALERT_RESET)
AFE_BIT(read_afe_charger, detect, AFE_DETECT_CHARGER)
AFE_BIT(read_afe_load, detect, AFE_DETECT_LOAD)

/* ---- what the BMS says --------------------------------------------------------------------------------------------
 */

/* A reader for one field of the newest command, scaled. */
#define VIEW(function, field, scale)                                                                                   \
    READER(function)                                                                                                   \
    {                                                                                                                  \
        UNUSED_TRUTH;                                                                                                  \
        return (double)rig->board[pack].view.field / (scale);                                                          \
    }

VIEW(read_charge_allowed, charge_allowed, 1.0)
VIEW(read_discharge_allowed, discharge_allowed, 1.0)
VIEW(read_bms_charge_fet, charge_fet, 1.0)
VIEW(read_bms_discharge_fet, discharge_fet, 1.0)
VIEW(read_bms_soc, soc_ppm, MICRO)
VIEW(read_bms_soh, soh_ppm, MICRO)
VIEW(read_bms_remaining, remaining_mAh, MILLI)
VIEW(read_bms_capacity, capacity_mAh, MILLI)
VIEW(read_bms_cycles, cycles, 1.0)
VIEW(read_bms_records, records, 1.0)
VIEW(read_bms_locked, locked, 1.0)
VIEW(read_bms_full, full, 1.0)
VIEW(read_bms_mode, mode, 1.0)
VIEW(read_bms_charge_limit, charge_limit_mA, MILLI)
VIEW(read_bms_discharge_limit, discharge_limit_mA, MILLI)
VIEW(read_bms_charge_voltage, charge_limit_mV, MILLI)
VIEW(read_bms_discharge_voltage, discharge_limit_mV, MILLI)

VIEW(read_bms_address, address, 1.0)
VIEW(read_bms_master, master, 1.0)
VIEW(read_bms_updating, updating, 1.0)
VIEW(read_bms_access, access, 1.0)
VIEW(read_bms_heater, heater, 1.0)
VIEW(read_bms_limiter, limiter_mA, MILLI)
VIEW(read_bms_balance_from, balance_from, 1.0)
VIEW(read_bms_balance_to, balance_to, 1.0)
VIEW(read_bms_balance_current, balance_mA, MILLI)
VIEW(read_bms_charges, charges, 1.0)
VIEW(read_bms_discharged, discharged_Ah, 1.0)
VIEW(read_bms_runtime, runtime_min, 1.0 / 60.0)
VIEW(read_bms_record_clock, record_clock_s, 1.0)

/* Classes of trips: enum bms_tally of bms_core/record.h. */
#define TRIPS(function, class)                                                                                         \
    READER(function)                                                                                                   \
    {                                                                                                                  \
        UNUSED_TRUTH;                                                                                                  \
        return rig->board[pack].view.trips[class];                                                                     \
    }

TRIPS(read_trips_short, 0)
TRIPS(read_trips_temperature, 1)
TRIPS(read_trips_current, 2)
TRIPS(read_trips_under, 3)
TRIPS(read_trips_over, 4)
TRIPS(read_trips_fault, 5)
TRIPS(read_trips_lock, 6)

READER(read_bms_wire_high)
{
    (void)offset_ns;
    return rig->board[pack].view.wires_high >> index & 1U;
}

READER(read_bms_power)
{
    UNUSED_TRUTH;
    return board_power(&rig->board[pack]);
}

READER(read_bms_wake)
{
    UNUSED_TRUTH;
    return rig->board[pack].wake;
}

READER(read_bms_wakes)
{
    UNUSED_TRUTH;
    return rig->board[pack].wakes;
}

READER(read_bms_write)
{
    UNUSED_TRUTH;
    return rig->board[pack].writes == 0 ? 0 : rig->board[pack].write_result + 1;
}

READER(read_clock)
{
    UNUSED_INDEX;
    return board_clock_s(&rig->board[pack], rig->now_ns + offset_ns);
}

/* Blocks of the memory's ring that hold a record: bms_core/README.md, Records. */
READER(read_stored_records)
{
    const uint8_t *const image = rig->board[pack].storage.image;
    double count = 0.0;

    UNUSED_TRUTH;
    for (size_t at = 0; at < (size_t)256 * BMS_PAGE_SIZE; at += 64) {
        count += image[at] == 'R' ? 1.0 : 0.0;
    }
    return count;
}

/* A reader for one field of the newest record in the memory. */
#define RECORD(function, field)                                                                                        \
    READER(function)                                                                                                   \
    {                                                                                                                  \
        (void)offset_ns;                                                                                               \
        return record_view(rig->board[pack].storage.image, field, index > 0 ? index : 0);                              \
    }

RECORD(read_record_cause, RECORD_CAUSE)
RECORD(read_record_fault, RECORD_FAULT)
RECORD(read_record_min_cell, RECORD_MIN_CELL)
RECORD(read_record_max_cell, RECORD_MAX_CELL)
RECORD(read_record_min_v, RECORD_MIN_V)
RECORD(read_record_max_v, RECORD_MAX_V)
RECORD(read_record_state, RECORD_STATE)
RECORD(read_record_stack_v, RECORD_STACK_V)
RECORD(read_record_current_a, RECORD_CURRENT_A)
RECORD(read_record_temp_degc, RECORD_TEMP_degC)
RECORD(read_record_soc, RECORD_SOC)
RECORD(read_record_protections, RECORD_PROTECTIONS)
RECORD(read_record_alarms, RECORD_ALARMS)

READER(read_board_current)
{
    UNUSED_TRUTH;
    return rig->board[pack].consumption_A;
}

READER(read_bms_protection)
{
    (void)offset_ns;
    return rig->board[pack].view.protections >> index & 1U;
}

READER(read_bms_alarm)
{
    (void)offset_ns;
    return rig->board[pack].view.alarms >> index & 1U;
}

READER(read_bms_protected)
{
    UNUSED_TRUTH;
    return rig->board[pack].view.protections != 0;
}

READER(read_bms_alarmed)
{
    UNUSED_TRUTH;
    return rig->board[pack].view.alarms != 0;
}

READER(read_bms_balancing)
{
    (void)offset_ns;
    return rig->board[pack].view.balance >> index & 1U;
}

READER(read_bms_balance_count)
{
    UNUSED_TRUTH;
    return __builtin_popcount(rig->board[pack].view.balance);
}

/* A reader for one LED. */
#define LED(function, led)                                                                                             \
    READER(function)                                                                                                   \
    {                                                                                                                  \
        UNUSED_TRUTH;                                                                                                  \
        return (rig->board[pack].view.leds & (uint32_t)(led)) != 0;                                                    \
    }

LED(read_led_run, BMS_LED_RUN)
LED(read_led_alm, BMS_LED_ALM)
LED(read_led_on_off, BMS_LED_ON_OFF)
LED(read_led_link, BMS_LED_LINK)
LED(read_led_bluetooth, BMS_LED_BLUETOOTH)
VIEW(read_buzzer, buzzer, 1.0)

READER(read_led_soc)
{
    (void)offset_ns;
    return (rig->board[pack].view.leds & (uint32_t)BMS_LED_SOC << index) != 0;
}

READER(read_led_soc_count)
{
    double count = 0;

    UNUSED_INDEX;
    for (int k = 0; k < BMS_SOC_LEDS_MAX; k++) {
        count += read_led_soc(rig, pack, k, offset_ns);
    }
    return count;
}

READER(read_led_count)
{
    UNUSED_TRUTH;
    return __builtin_popcount(rig->board[pack].view.leds);
}

READER(read_relay)
{
    (void)offset_ns;
    return rig->board[pack].view.dry_contacts >> index & 1U;
}

/* Between its pins: a relay without current is at rest, whatever else happened to the BMS. */
READER(read_contact)
{
    return (read_relay(rig, pack, index, offset_ns) != 0) != rig->board[pack].contacts_rest_closed;
}

static const char *line_text(const struct rig *rig, int pack, int index)
{
    return rig->board[pack].view.display + (size_t)index * BMS_LINE_SIZE;
}

/* FNV-1a: one number for one text, to see it change. */
READER(read_line)
{
    const char *line = line_text(rig, pack, index);
    uint32_t hash = 2166136261U;

    (void)offset_ns;
    for (int i = 0; i < BMS_LINE_SIZE; i++) {
        hash = (hash ^ (unsigned char)line[i]) * 16777619U;
    }
    return hash;
}

/* ---- the table ----------------------------------------------------------------------------------------------------
 */

static const char *const mode_words[] = { "idle", "charge", "discharge", "fault", NULL };
static const char *const power_words[] = { "run", "standby", "sleep", "off", "restart", NULL };
static const char *const wake_words[] = { "power_on", "key", "charger", "brown_out", "watchdog",
                                          "reset",    "bus", "load",    NULL };
static const char *const write_words[] = { "none",   "ok",     "unknown", "range", "contradiction",
                                           "access", "locked", "state",   NULL };
static const char *const access_words[] = { "none", "user", "service", "factory", NULL };

#define ALONE SIGNAL_NO_INDEX
#define CELL SIGNAL_CELL_INDEX
#define TEMP SIGNAL_TEMP_INDEX
#define LAMP SIGNAL_LED_INDEX
#define CONTACT SIGNAL_CONTACT_INDEX
#define LINE SIGNAL_LINE_INDEX
#define FAULT SIGNAL_FAULT_NAME
#define ROW(n, d, i, p, c, w, lo, hi, r, m)                                                                            \
    {                                                                                                                  \
        .name = (n), .dim = DIM_##d, .index = (i), .of_pack = (p), .continuous = (c), .words = (w),                    \
        .plausible_min = (lo), .plausible_max = (hi), .meaning = (m), .read = (r)                                      \
    }
#define TRUE_OF(n, d, i, lo, hi, r, m) ROW(n, d, i, true, true, NULL, lo, hi, r, m)  /* truth of a pack */
#define BUS_OF(n, d, lo, hi, r, m) ROW(n, d, ALONE, false, true, NULL, lo, hi, r, m) /* truth of the bus */
#define STEP_OF(n, d, i, lo, hi, r, m) ROW(n, d, i, true, false, NULL, lo, hi, r, m) /* changes between pieces only */
#define TEXT_OF(n, i, r, t, m)                                                                                         \
    {                                                                                                                  \
        .name = (n), .dim = DIM_TEXT, .index = (i), .of_pack = true, .meaning = (m), .read = (r), .text = (t)          \
    }
#define BIT_OF(n, i, r, m) ROW(n, BOOL, i, true, false, NULL, 0, 1, r, m)

/* clang-format off */
const struct signal_info signal_table[] = {
    TRUE_OF("cell[].voltage",         VOLTAGE,     CELL,  -5, 10,      read_cell_voltage,        "terminal voltage of a cell"),
    TRUE_OF("cell.voltage.max",       VOLTAGE,     ALONE, -5, 10,      read_cell_voltage_max,    "highest cell voltage"),
    TRUE_OF("cell.voltage.min",       VOLTAGE,     ALONE, -5, 10,      read_cell_voltage_min,    "lowest cell voltage"),
    TRUE_OF("cell.voltage.spread",    VOLTAGE,     ALONE, 0, 10,       read_cell_voltage_spread, "highest minus lowest cell voltage"),
    TRUE_OF("cell[].soc",             RATIO,       CELL,  -1, 2,       read_cell_soc,            "charge of a cell over its capacity"),
    TRUE_OF("cell.soc.max",           RATIO,       ALONE, -1, 2,       read_cell_soc_max,        "highest state of charge of the cells"),
    TRUE_OF("cell.soc.min",           RATIO,       ALONE, -1, 2,       read_cell_soc_min,        "lowest state of charge of the cells"),
    TRUE_OF("cell[].temperature",     TEMPERATURE, CELL,  -60, 500,    read_cell_core,           "core temperature of a cell"),
    TRUE_OF("cell[].surface",         TEMPERATURE, CELL,  -60, 500,    read_cell_surface,        "surface temperature of a cell"),
    TRUE_OF("cell.temperature.max",   TEMPERATURE, ALONE, -60, 500,    read_cell_core_max,       "hottest core"),
    TRUE_OF("cell.temperature.min",   TEMPERATURE, ALONE, -60, 500,    read_cell_core_min,       "coldest core"),
    TRUE_OF("cell[].bleed",           CURRENT,     CELL,  -10, 10,     read_cell_bleed,          "what balancing takes from a cell; negative: gives it"),
    TRUE_OF("ntc[].temperature",      TEMPERATURE, TEMP,  -60, 500,    read_ntc_body,            "body of a temperature sensor"),
    TRUE_OF("pack.voltage",           VOLTAGE,     ALONE, -5, 200,     read_stack_voltage,       "the whole stack, inside the FETs"),
    TRUE_OF("pack.current",           CURRENT,     ALONE, -20000, 20000, read_pack_current,      "charging positive"),
    TRUE_OF("charge.current",         CURRENT,     ALONE, 0, 20000,    read_charge_current,      "pack current while charging, else 0"),
    TRUE_OF("discharge.current",      CURRENT,     ALONE, 0, 20000,    read_discharge_current,   "pack current while discharging, else 0"),
    TRUE_OF("pack.soc",               RATIO,       ALONE, -1, 2,       read_pack_soc,            "state of charge of the string: its charge over its capacity"),
    TRUE_OF("terminal.voltage",       VOLTAGE,     ALONE, -200, 400,   read_terminal_voltage,    "pack terminals, outside the FETs"),
    TRUE_OF("fet.junction",           TEMPERATURE, ALONE, -60, 2000,   read_fet_junction,        "hotter FET bank"),
    TRUE_OF("fet.temperature",        TEMPERATURE, ALONE, -60, 500,    read_fet_board,           "board under the FETs"),
    TRUE_OF("box.temperature",        TEMPERATURE, ALONE, -60, 500,    read_box_temperature,     "air and walls of the box"),
    TRUE_OF("fet.charge",             BOOL,        ALONE, 0, 1,        read_fet_charge,          "the channel of the charge FET conducts"),
    TRUE_OF("fet.discharge",          BOOL,        ALONE, 0, 1,        read_fet_discharge,       "the channel of the discharge FET conducts"),
    TRUE_OF("breaker.closed",         BOOL,        ALONE, 0, 1,        read_breaker_closed,      "the breaker of the pack"),
    TRUE_OF("harm.overvoltage",       VOLT_SECONDS, ALONE, 0, 1e9,     read_harm_overvoltage,    "volt-seconds above 3.65 V, worst cell"),
    TRUE_OF("harm.undervoltage",      VOLT_SECONDS, ALONE, 0, 1e9,     read_harm_undervoltage,   "volt-seconds under the cut-off, worst cell"),
    TRUE_OF("harm.plating",           CHARGE,      ALONE, 0, 1e6,      read_harm_plating,        "charge taken beyond the cell's temperature limits, worst cell"),
    TRUE_OF("harm.avalanche",         ENERGY,      ALONE, 0, 1e9,      read_avalanche,           "energy that FETs took in avalanche"),
    TRUE_OF("harm.junction",          TEMPERATURE, ALONE, -60, 2000,   read_junction_peak,       "hottest a FET junction has been"),
    TRUE_OF("peak.current",           CURRENT,     ALONE, 0, 20000,    read_current_peak,        "largest pack current so far, either way"),
    TRUE_OF("peak.terminal",          VOLTAGE,     ALONE, -200, 400,   read_terminal_peak,       "highest terminal voltage so far"),
    TRUE_OF("through.charge",         CHARGE,      ALONE, -1e9, 1e9,   read_charge_through,      "charge into the pack since the start"),
    TRUE_OF("through.energy",         ENERGY,      ALONE, -1e15, 1e15, read_energy_through,      "energy into the pack since the start"),
    BUS_OF("bus.voltage",             VOLTAGE,     -200, 400,          read_bus_voltage,         "where packs, charger and load meet"),
    BUS_OF("charger.current",         CURRENT,     0, 20000,           read_charger_current,     "what the charger gives"),
    BUS_OF("load.current",            CURRENT,     0, 20000,           read_load_current,        "what the load takes"),
    BUS_OF("link.voltage",            VOLTAGE,     -200, 400,          read_link_voltage,        "DC link of the inverter"),
    BUS_OF("short.current",           CURRENT,     -20000, 20000,      read_short_current,       "through the short circuit"),
    BUS_OF("ambient.temperature",     TEMPERATURE, -60, 500,           read_ambient,             "chamber"),

    STEP_OF("afe.cell[].voltage",     VOLTAGE,     CELL,  -5, 10,      read_afe_cell,            "newest code of a cell"),
    STEP_OF("afe.cell.voltage.max",   VOLTAGE,     ALONE, -5, 10,      read_afe_cell_max,        "highest cell code"),
    STEP_OF("afe.cell.voltage.min",   VOLTAGE,     ALONE, -5, 10,      read_afe_cell_min,        "lowest cell code"),
    STEP_OF("afe.pack.voltage",       VOLTAGE,     ALONE, -5, 200,     read_afe_stack,           "stack by its divider"),
    STEP_OF("afe.terminal.voltage",   VOLTAGE,     ALONE, -200, 400,   read_afe_terminal,        "terminal by its divider"),
    STEP_OF("afe.current",            CURRENT,     ALONE, -2000, 2000, read_afe_current,         "shunt, charging positive"),
    STEP_OF("afe.ntc[].temperature",  TEMPERATURE, TEMP,  -60, 500,    read_afe_ntc,             "newest code of a temperature channel"),
    BIT_OF("afe.alert.short",         ALONE, read_afe_alert_scd,   "latched short-circuit alert"),
    BIT_OF("afe.alert.discharge",     ALONE, read_afe_alert_ocd,   "latched hardware overcurrent alert, discharge"),
    BIT_OF("afe.alert.charge",        ALONE, read_afe_alert_occ,   "latched hardware overcurrent alert, charge"),
    BIT_OF("afe.alert.reset",         ALONE, read_afe_alert_reset, "the front end lost its settings"),
    BIT_OF("afe.charger",             ALONE, read_afe_charger,     "a charger is detected"),
    BIT_OF("afe.load",                ALONE, read_afe_load,        "a load is detected"),

    BIT_OF("charge.allowed",          ALONE, read_charge_allowed,    "the BMS permits charging"),
    BIT_OF("discharge.allowed",       ALONE, read_discharge_allowed, "the BMS permits discharging"),
    BIT_OF("bms.fet.charge",          ALONE, read_bms_charge_fet,    "gate that the BMS commands"),
    BIT_OF("bms.fet.discharge",       ALONE, read_bms_discharge_fet, "gate that the BMS commands"),
    BIT_OF("bms.protection.",         FAULT, read_bms_protection,    "a protection has tripped: bms.protection.cell_ov ..."),
    BIT_OF("bms.alarm.",              FAULT, read_bms_alarm,         "an alarm is raised: bms.alarm.cell_ov ..."),
    BIT_OF("bms.protected",           ALONE, read_bms_protected,     "any protection has tripped"),
    BIT_OF("bms.alarmed",             ALONE, read_bms_alarmed,       "any alarm is raised"),
    BIT_OF("bms.locked",              ALONE, read_bms_locked,        "a lock waits for its release"),
    BIT_OF("bms.full",                ALONE, read_bms_full,          "the BMS takes the pack for full"),
    BIT_OF("bms.balancing[]",         CELL,  read_bms_balancing,     "the BMS bleeds this cell"),
    BIT_OF("bms.led.run",             ALONE, read_led_run,           "RUN is lit now"),
    BIT_OF("bms.led.alm",             ALONE, read_led_alm,           "ALM is lit now"),
    BIT_OF("bms.led.on",              ALONE, read_led_on_off,        "ON/OFF is lit now"),
    BIT_OF("bms.led.link",            ALONE, read_led_link,          "Link is lit now"),
    BIT_OF("bms.led.bluetooth",       ALONE, read_led_bluetooth,     "the Bluetooth LED is lit now"),
    BIT_OF("bms.led.soc[]",           LAMP,  read_led_soc,           "a SOC LED is lit now; 1 is the lowest"),
    BIT_OF("bms.buzzer",              ALONE, read_buzzer,            "the buzzer sounds now"),
    BIT_OF("bms.contact[]",           CONTACT, read_relay,           "relay of a dry contact is energised; 1: pins 1 and 2, 2: pins 3 and 4"),
    BIT_OF("contact[]",               CONTACT, read_contact,         "a dry contact is closed between its pins"),
    TEXT_OF("bms.display.line[]",     LINE,  read_line, line_text,   "a line of the display, 20 characters; 1 is the top"),
    STEP_OF("bms.led.count",          COUNT,       ALONE, 0, 11,       read_led_count,           "LEDs that are lit now, of all kinds"),
    STEP_OF("bms.led.soc.count",      COUNT,       ALONE, 0, 6,        read_led_soc_count,       "SOC LEDs that are lit now"),
    ROW("bms.mode", COUNT, ALONE, true, false, mode_words, 0, 3, read_bms_mode, "idle, charge, discharge, fault"),
    ROW("bms.power", COUNT, ALONE, true, false, power_words, 0, 4, read_bms_power, "run, standby, sleep, off, restart; off without supply too"),
    ROW("bms.wake", COUNT, ALONE, true, false, wake_words, 0, 7, read_bms_wake, "why it runs: power_on, key, charger, brown_out, watchdog, reset, bus, load"),
    ROW("bms.write", COUNT, ALONE, true, false, write_words, 0, 7, read_bms_write, "the newest parameter write: none, ok, unknown, range, contradiction, access, locked, state"),
    ROW("bms.access", COUNT, ALONE, true, false, access_words, 0, 3, read_bms_access, "level that is open for writes: none, user, service, factory"),
    STEP_OF("bms.wakes",              COUNT,       ALONE, 0, 1e9,      read_bms_wakes,           "wake-ups and restarts since the supply came"),
    STEP_OF("bms.address",            COUNT,       ALONE, 0, 15,       read_bms_address,         "address of the pack"),
    BIT_OF("bms.master",              ALONE, read_bms_master,        "it speaks for the others"),
    BIT_OF("bms.updating",            ALONE, read_bms_updating,      "a firmware update is under way"),
    BIT_OF("bms.heater",              ALONE, read_bms_heater,        "heating output"),
    BIT_OF("bms.wire.high[]",         CELL,  read_bms_wire_high,     "a sense wire of this cell is too resistive to balance"),
    STEP_OF("bms.limiter",            CURRENT,     ALONE, 0, 2000,     read_bms_limiter,         "charge limiter in the path at this current; 0: none"),
    STEP_OF("bms.balance.from",       COUNT,       ALONE, 0, 16,       read_bms_balance_from,    "cell that the active balancer takes from; 0: none"),
    STEP_OF("bms.balance.to",         COUNT,       ALONE, 0, 16,       read_bms_balance_to,      "cell that it gives to; 0: none"),
    STEP_OF("bms.balance.current",    CURRENT,     ALONE, 0, 100,      read_bms_balance_current, "what it moves"),
    STEP_OF("bms.charges",            COUNT,       ALONE, 0, 1e9,      read_bms_charges,         "charges begun after a discharge"),
    STEP_OF("bms.discharged",         CHARGE,      ALONE, 0, 1e9,      read_bms_discharged,      "discharged since the memory was new, whole Ah"),
    STEP_OF("bms.runtime",            TIME,        ALONE, 0, 1e12,     read_bms_runtime,         "run time since the memory was new, whole minutes"),
    STEP_OF("bms.record.clock",       TIME,        ALONE, 0, 5e9,      read_bms_record_clock,    "wall time of the newest record, since 1970"),
    STEP_OF("bms.trips.short",        COUNT,       ALONE, 0, 1e9,      read_trips_short,         "short circuits counted"),
    STEP_OF("bms.trips.temperature",  COUNT,       ALONE, 0, 1e9,      read_trips_temperature,   "temperature protections counted, over and under"),
    STEP_OF("bms.trips.current",      COUNT,       ALONE, 0, 1e9,      read_trips_current,       "over-currents counted"),
    STEP_OF("bms.trips.under",        COUNT,       ALONE, 0, 1e9,      read_trips_under,         "under-voltage protections counted"),
    STEP_OF("bms.trips.over",         COUNT,       ALONE, 0, 1e9,      read_trips_over,          "over-voltage protections counted"),
    STEP_OF("bms.trips.fault",        COUNT,       ALONE, 0, 1e9,      read_trips_fault,         "failures counted"),
    STEP_OF("bms.trips.lock",         COUNT,       ALONE, 0, 1e9,      read_trips_lock,          "locks counted"),
    STEP_OF("storage.records",        COUNT,       ALONE, 0, 1e4,      read_stored_records,      "records that are in the memory now"),
    STEP_OF("storage.record.cause",           COUNT,       ALONE, 0, 255, read_record_cause, "why the newest record was made"),
    STEP_OF("storage.record.fault",           COUNT,       ALONE, 0, 255, read_record_fault, "fault of the newest record, in the order below, from 0"),
    STEP_OF("storage.record.cell.min",        COUNT,       ALONE, 0, 32, read_record_min_cell, "lowest cell in the newest record"),
    STEP_OF("storage.record.cell.max",        COUNT,       ALONE, 0, 32, read_record_max_cell, "highest cell in the newest record"),
    STEP_OF("storage.record.voltage.min",     VOLTAGE,     ALONE, -40, 40, read_record_min_v, "its voltage"),
    STEP_OF("storage.record.voltage.max",     VOLTAGE,     ALONE, -40, 40, read_record_max_v, "voltage of the highest"),
    STEP_OF("storage.record.state",           COUNT,       ALONE, 0, 255, read_record_state, "gates and permissions in it: 1 charge gate, 2 discharge gate, 4 and 8 permissions"),
    STEP_OF("storage.record.pack.voltage",    VOLTAGE,     ALONE, -9000, 9000, read_record_stack_v, "stack in it"),
    STEP_OF("storage.record.current",         CURRENT,     ALONE, -9000, 9000, read_record_current_a, "current in it"),
    STEP_OF("storage.record.ntc[]",           TEMPERATURE, TEMP, -4000, 4000, read_record_temp_degc, "temperature channel in it"),
    STEP_OF("storage.record.soc",             RATIO,       ALONE, 0, 5000, read_record_soc, "state of charge in it"),
    STEP_OF("storage.record.protections",     COUNT,       ALONE, 0, 5e9, read_record_protections, "faults tripped in it, a bit each"),
    STEP_OF("storage.record.alarms",          COUNT,       ALONE, 0, 5e9, read_record_alarms, "alarms in it, a bit each"),
    STEP_OF("board.current",          CURRENT,     ALONE, 0, 100,      read_board_current,       "what the BMS board draws from the stack"),
    ROW("board.clock",                TIME,        ALONE, true, true, NULL, 0, 5e9, read_clock,  "its real-time clock, since 1970; 0: lost"),
    STEP_OF("bms.balance.count",      COUNT,       ALONE, 0, 16,       read_bms_balance_count,   "cells that the BMS bleeds"),
    STEP_OF("bms.soc",                RATIO,       ALONE, 0, 1,        read_bms_soc,             "state of charge as the BMS says"),
    STEP_OF("bms.soh",                RATIO,       ALONE, 0, 2,        read_bms_soh,             "learnt capacity over nominal"),
    STEP_OF("bms.remaining",          CHARGE,      ALONE, 0, 1e6,      read_bms_remaining,       "charge left as the BMS says"),
    STEP_OF("bms.capacity",           CHARGE,      ALONE, 0, 1e6,      read_bms_capacity,        "learnt full capacity"),
    STEP_OF("bms.cycles",             COUNT,       ALONE, 0, 1e9,      read_bms_cycles,          "full equivalent cycles"),
    STEP_OF("bms.records",            COUNT,       ALONE, 0, 1e9,      read_bms_records,         "records made since the memory was new"),
    STEP_OF("bms.charge.limit",       CURRENT,     ALONE, 0, 2000,     read_bms_charge_limit,    "CCL told to the inverter"),
    STEP_OF("bms.discharge.limit",    CURRENT,     ALONE, 0, 2000,     read_bms_discharge_limit, "DCL told to the inverter"),
    STEP_OF("bms.charge.voltage",     VOLTAGE,     ALONE, 0, 200,      read_bms_charge_voltage,  "CVL told to the inverter"),
    STEP_OF("bms.discharge.voltage",  VOLTAGE,     ALONE, 0, 200,      read_bms_discharge_voltage, "DVL told to the inverter"),
};
/* clang-format on */

const size_t signal_count = sizeof signal_table / sizeof signal_table[0];
