/* Private to cell_json*.c: reading numbers, tables and sources of a cell's blocks. */
#ifndef SIM_CELL_JSON_INNER_H
#define SIM_CELL_JSON_INNER_H

#include "sim/cell_json.h"
#include "sim/json_doc.h"

#include <stddef.h>

#define CELL_POINTS_MAX CELL_GRID_MAX
#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

struct cell_reading {
    const struct json_doc *doc;
    struct diag *d;
    struct cell_file file;
};

struct cell_points {
    int count;
    double value[CELL_POINTS_MAX];
};

/* "measured: ...", "derived: ...", "datasheet: ..." or "assumed: ...". */
bool cell_read_source(struct cell_reading *r, const cJSON *node);
bool cell_read_points(struct cell_reading *r, const cJSON *node, double min, double max, int most,
                      struct cell_points *out);
/* Two lists of equal length, the first rising: temperatures and what holds there. */
bool cell_read_curve(struct cell_reading *r, const cJSON *degC, const cJSON *values, double min, double max,
                     struct cell_curve *out);
/* The same as an Arrhenius curve. */
bool cell_read_factor(struct cell_reading *r, const cJSON *degC, const cJSON *values, struct cell_factor *out);
/* A table over the state of charge (soc NULL: evenly from 0 to 1), times scale, onto the grid. */
bool cell_read_table(struct cell_reading *r, const cJSON *soc, const cJSON *values, double min, double max,
                     double scale, enum cell_table table);
/* The open circuit voltage with its ends and an optional correction added. */
bool cell_read_ocv(struct cell_reading *r, const cJSON *block);

#endif
