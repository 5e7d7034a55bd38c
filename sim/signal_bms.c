/* What the BMS says, as signals: its newest command. */
#include "sim/rig.h"
#include "sim/signal_read.h"

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

READER(read_bms_write)
{
    UNUSED_TRUTH;
    return rig->board[pack].writes == 0 ? 0 : rig->board[pack].write_result + 1;
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
