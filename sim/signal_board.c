/* The BMS's board, as signals: power, clock, and the records in its memory. */
#include "sim/record_view.h"
#include "sim/rig.h"
#include "sim/signal_read.h"

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

READER(read_clock)
{
    UNUSED_INDEX;
    return board_clock_s(&rig->board[pack], rig->now_ns + offset_ns);
}

READER(read_board_current)
{
    UNUSED_TRUTH;
    return rig->board[pack].consumption_A;
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
RECORD(read_starts, RECORD_STARTS)
