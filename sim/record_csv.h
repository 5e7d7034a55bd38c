/* What the BMSs of a case have recorded, as records.csv: the bench's view (the memory, which it owns) beside the
 * target's own (what it has made, lost, and not yet given to the memory). */
#ifndef SIM_RECORD_CSV_H
#define SIM_RECORD_CSV_H

#include "sim/rig.h"

#include <stdbool.h>

/* A row for each record: pack, where (memory, waiting), sequence and the fields of bms_core/README.md, oldest first.
 * Then for each pack whose BMS runs and can tell: made and dropped, with the number in the place of the sequence. A
 * memory that lacks nothing ends, with those that wait, at sequence made. False: could not be written. */
bool record_csv_write(const char *path, struct rig *rig);

#endif
