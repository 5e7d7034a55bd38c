/* A small table of signals and a rig that is an array of readings, for tests of expressions without a bench. Include it
 * in one file of a program only: it defines signal_table. */
#ifndef TESTS_SUPPORT_STUB_SIGNALS_H
#define TESTS_SUPPORT_STUB_SIGNALS_H

#include "bms_core/bms_io.h"
#include "sim/signal.h"

#define STUB_PACKS 2
#define STUB_CELLS 4
#define STUB_TEMPS 3

struct rig { /* the readings of every pack; the bus has those of pack 0 */
    struct {
        double cell_V[STUB_CELLS], temp_degC[STUB_TEMPS];
        double current_A, soc, mode, allowed, cycles;
        unsigned protections;
        char line[BMS_LINES_MAX][BMS_LINE_SIZE + 1]; /* a display; the last character is not shown */
    } pack[STUB_PACKS];
    double bus_V, bus_V_per_s; /* the bus voltage moves within the segment */
};

#define STUB_READER(name, value)                                                                                       \
    static double name(const struct rig *rig, int pack, int index, int64_t offset_ns)                                  \
    {                                                                                                                  \
        (void)pack;                                                                                                    \
        (void)index;                                                                                                   \
        (void)offset_ns;                                                                                               \
        return value;                                                                                                  \
    }

STUB_READER(stub_cell, rig->pack[pack].cell_V[index])
STUB_READER(stub_cell_max, rig->pack[pack].cell_V[0])
STUB_READER(stub_temp, rig->pack[pack].temp_degC[index])
STUB_READER(stub_current, rig->pack[pack].current_A)
STUB_READER(stub_soc, rig->pack[pack].soc)
STUB_READER(stub_mode, rig->pack[pack].mode)
STUB_READER(stub_allowed, rig->pack[pack].allowed)
STUB_READER(stub_cycles, rig->pack[pack].cycles)
STUB_READER(stub_protection, (double)(rig->pack[pack].protections >> (unsigned)index & 1U))
STUB_READER(stub_line_number, (double)rig->pack[pack].line[index][0])
STUB_READER(stub_bus, rig->bus_V + rig->bus_V_per_s * (double)offset_ns * 1e-9)

static const char *stub_line(const struct rig *rig, int pack, int index)
{
    return rig->pack[pack].line[index];
}

static const char *const stub_mode_words[] = { "idle", "charge", "discharge", "fault", NULL };

/* clang-format off */
const struct signal_info signal_table[] = {
    { .name = "cell[].voltage",     .dim = DIM_VOLTAGE,     .index = SIGNAL_CELL_INDEX, .of_pack = true, .continuous = true,
      .plausible_min = -1, .plausible_max = 6, .read = stub_cell },
    { .name = "cell.voltage.max",   .dim = DIM_VOLTAGE,     .of_pack = true, .continuous = true,
      .plausible_min = -1, .plausible_max = 6, .read = stub_cell_max },
    { .name = "ntc[].temperature",  .dim = DIM_TEMPERATURE, .index = SIGNAL_TEMP_INDEX, .of_pack = true, .continuous = true,
      .plausible_min = -60, .plausible_max = 500, .read = stub_temp },
    { .name = "pack.current",       .dim = DIM_CURRENT,     .of_pack = true, .continuous = true, .read = stub_current },
    { .name = "bms.soc",            .dim = DIM_RATIO,       .of_pack = true, .plausible_min = 0, .plausible_max = 1, .read = stub_soc },
    { .name = "bms.mode",           .dim = DIM_COUNT,       .of_pack = true, .words = stub_mode_words, .read = stub_mode },
    { .name = "bms.cycles",         .dim = DIM_COUNT,       .of_pack = true, .read = stub_cycles },
    { .name = "charge.allowed",     .dim = DIM_BOOL,        .of_pack = true, .read = stub_allowed },
    { .name = "bms.protection.",    .dim = DIM_BOOL,        .index = SIGNAL_FAULT_NAME, .of_pack = true, .read = stub_protection },
    { .name = "bms.display.line[]", .dim = DIM_TEXT,        .index = SIGNAL_LINE_INDEX, .of_pack = true, .read = stub_line_number, .text = stub_line },
    { .name = "bus.voltage",        .dim = DIM_VOLTAGE,     .continuous = true, .plausible_min = -200, .plausible_max = 400, .read = stub_bus },
};
/* clang-format on */

const size_t signal_count = sizeof signal_table / sizeof signal_table[0];

#endif
