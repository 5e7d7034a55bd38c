/* The plant's truth, and what the front end measured of it, as signals. */
#include "sim/rig.h"
#include "sim/signal_read.h"

#include <math.h>

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
