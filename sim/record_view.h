/* The newest record and the newest counters in a BMS's memory, read byte by byte as the layout in bms_core/README.md
 * has it. The bench knows that layout by itself: it judges what firmware of any make has written. */
#ifndef SIM_RECORD_VIEW_H
#define SIM_RECORD_VIEW_H

#include <stdint.h>

enum record_field {
    RECORD_CAUSE,
    RECORD_FAULT,
    RECORD_MIN_CELL,
    RECORD_MAX_CELL,
    RECORD_MIN_V,
    RECORD_MAX_V,
    RECORD_STATE,
    RECORD_STACK_V,
    RECORD_CURRENT_A,
    RECORD_TEMP_degC, /* index: the channel, from 0 */
    RECORD_SOC,       /* 0..1 */
    RECORD_PROTECTIONS,
    RECORD_ALARMS,
    RECORD_STARTS, /* of the counters: how often the firmware has started */
};

/* The field of the newest record, or of the newest counters, of an image of STORAGE_SIZE bytes; 0 if there is none. */
double record_view(const uint8_t *image, enum record_field field, int index);

#endif
