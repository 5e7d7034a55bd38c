/* Readers of signals: one function for each row of signal_rows.inc. The value at an offset into the planned segment, in
 * the dimension's unit; pack and index from 0. Spread over signal_plant.c, signal_bms.c, signal_panel.c and
 * signal_board.c. */
#ifndef SIM_SIGNAL_READ_H
#define SIM_SIGNAL_READ_H

#include <stdint.h>

struct rig;

#define READER(name) double name(const struct rig *rig, int pack, int index, int64_t offset_ns)
#define UNUSED_INDEX (void)index
#define UNUSED_TRUTH (void)index, (void)offset_ns

/* Codes in a unit. Division rounds correctly, so that 3700 mV is the very number that "3.70 V" is. */
#define MICRO 1e6
#define MILLI 1e3
#define DECI 10.0

/* A reader for one field of the newest command, scaled. */
#define VIEW(function, field, scale)                                                                                   \
    READER(function)                                                                                                   \
    {                                                                                                                  \
        UNUSED_TRUTH;                                                                                                  \
        return (double)rig->board[pack].view.field / (scale);                                                          \
    }

#define ROW(n, d, i, p, c, w, lo, hi, reader, m) READER(reader);
#define TEXT_ROW(n, i, reader, reader_of_text, m)                                                                      \
    READER(reader);                                                                                                    \
    const char *reader_of_text(const struct rig *rig, int pack, int index);
#include "sim/signal_rows.inc" /* IWYU pragma: keep */
#undef ROW
#undef TEXT_ROW

#endif
