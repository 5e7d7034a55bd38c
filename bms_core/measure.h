/* What the codes of a sample say: calibrated current, extremes of cells and temperatures, and which readings cannot be
 * believed. Units as in bms_io.h; charging current positive. */
#ifndef BMS_CORE_MEASURE_H
#define BMS_CORE_MEASURE_H

#include "bms_core/bms_io.h"
#include "bms_core/bms_param.h"

#include <stdbool.h>
#include <stdint.h>

struct measure_range {
    int16_t min, max;
    uint8_t min_index, max_index; /* of the first that shows it, from 0 */
    bool known;                   /* false: no channel can be believed */
};

struct measure {
    int16_t cell_mV[BMS_CELLS_MAX]; /* believed: a bleeding cell and its neighbours keep their last clean reading */
    int32_t stack_mV, sum_mV;       /* by the stack's own divider; sum of the codes of the cells */
    int32_t current_mA;
    uint32_t bad_wires; /* bit k: the reading of cell k + 1 cannot be its voltage */
    int16_t temp_ddegC[BMS_TEMPS_MAX];
    uint32_t bad_temps; /* bit k: channel k stands at a rail */
    uint8_t cells;
    bool clean_once; /* cell_mV holds a reading of each cell */
    struct measure_range cell, cell_temp, mos_temp, ambient_temp;
};

void measure_cells(struct measure *m, const struct bms_params *p, const struct bms_sample *s);
void measure_current(struct measure *m, const struct bms_params *p, const struct bms_sample *s);
void measure_temps(struct measure *m, const struct bms_params *p, const struct bms_sample *s);

/* A voltage code with the set's gain. */
int32_t measure_calibrated_mV(const struct bms_params *p, int32_t code_mV);

/* Mean of the cells. To be asked after measure_cells(), and only while all of them are believed (bad_wires is 0). */
int32_t measure_mean_mV(const struct measure *m);

#endif
