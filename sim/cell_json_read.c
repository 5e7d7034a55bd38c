#include "sim/cell_json_inner.h"

#include <math.h>
#include <string.h>

#define VOLT_MAX 10.0
#define DEGC_MIN (-100.0)
#define DEGC_MAX 200.0

bool cell_read_source(struct cell_reading *r, const cJSON *node)
{
    static const char *const tags[] = { "measured: ", "derived: ", "datasheet: ", "assumed: " };
    const char *text = NULL;

    if (node == NULL || !json_string(r->doc, node, &text, r->d)) {
        return false;
    }
    for (size_t n = 0; n < COUNT_OF(tags); n++) {
        const size_t length = strlen(tags[n]);

        if (strncmp(text, tags[n], length) == 0 && text[length] != '\0') {
            return true;
        }
    }
    json_error(r->doc, node, r->d, NULL,
               "a source is \"measured: ...\", \"derived: ...\", \"datasheet: ...\" or \"assumed: ...\"");
    return false;
}

bool cell_read_points(struct cell_reading *r, const cJSON *node, double min, double max, int most,
                      struct cell_points *out)
{
    const cJSON *item = NULL;
    bool sound = true;

    out->count = 0;
    if (node == NULL || !json_array(r->doc, node, 1, (size_t)most, r->d)) {
        return false;
    }
    cJSON_ArrayForEach(item, node)
    {
        sound &= json_number(r->doc, item, min, max, &out->value[out->count], r->d);
        out->count++;
    }
    return sound;
}

/* The first value that is not above (or, with equal allowed, is under) the one before it is at fault. */
static bool check_rising(struct cell_reading *r, const cJSON *node, const struct cell_points *p, bool equal_allowed)
{
    for (int n = 1; n < p->count; n++) {
        if (p->value[n] < p->value[n - 1] || (!equal_allowed && p->value[n] == p->value[n - 1])) {
            json_error(r->doc, cJSON_GetArrayItem(node, n), r->d, NULL, "must %s: %g comes after %g",
                       equal_allowed ? "not fall" : "rise", p->value[n], p->value[n - 1]);
            return false;
        }
    }
    return true;
}

static bool check_count(struct cell_reading *r, const cJSON *node, const struct cell_points *p, int wanted)
{
    if (p->count != wanted) {
        json_error(r->doc, node, r->d, NULL, "has %d values where %d are wanted", p->count, wanted);
        return false;
    }
    return true;
}

bool cell_read_curve(struct cell_reading *r, const cJSON *degC, const cJSON *values, double min, double max,
                     struct cell_curve *out)
{
    struct cell_points at, value;

    if (!cell_read_points(r, degC, DEGC_MIN, DEGC_MAX, CELL_KNOTS_MAX, &at) || !check_rising(r, degC, &at, false) ||
        !cell_read_points(r, values, min, max, CELL_KNOTS_MAX, &value) || !check_count(r, values, &value, at.count)) {
        return false;
    }
    out->count = at.count;
    memcpy(out->at_degC, at.value, sizeof at.value[0] * (size_t)at.count);
    memcpy(out->value, value.value, sizeof value.value[0] * (size_t)at.count);
    return true;
}

bool cell_read_factor(struct cell_reading *r, const cJSON *degC, const cJSON *values, struct cell_factor *out)
{
    struct cell_curve curve;

    if (!cell_read_curve(r, degC, values, 1e-3, 1e3, &curve)) {
        return false;
    }
    if (curve.count == 1 && curve.value[0] != 1.0) {
        json_error(r->doc, values, r->d, NULL, "a single factor must be 1: the resistances hold at that temperature");
        return false;
    }
    out->count = curve.count;
    for (int n = 0; n < curve.count; n++) {
        out->per_K[n] = 1.0 / (curve.at_degC[n] + CELL_ZERO_degC);
        out->ln[n] = log(curve.value[n]);
    }
    return true;
}

static bool read_soc(struct cell_reading *r, const cJSON *node, int count, struct cell_points *out)
{
    if (node != NULL) {
        return cell_read_points(r, node, 0.0, 1.0, CELL_POINTS_MAX, out) && check_rising(r, node, out, false) &&
               check_count(r, node, out, count);
    }
    out->count = count;
    for (int n = 0; n < count; n++) {
        out->value[n] = count > 1 ? (double)n / (double)(count - 1) : 0.0;
    }
    return true;
}

static bool fill(struct cell_reading *r, const cJSON *node, const struct cell_points *soc,
                 const struct cell_points *value, enum cell_table table, const double ends[2])
{
    if (!cell_table_fill(&r->file.params.grid, table, soc->count, soc->value, value->value, ends)) {
        json_error(r->doc, node, r->d, NULL, "every state of charge must be a multiple of ocv.step, %g",
                   r->file.params.grid.step);
        return false;
    }
    return true;
}

bool cell_read_table(struct cell_reading *r, const cJSON *soc, const cJSON *values, double min, double max,
                     double scale, enum cell_table table)
{
    struct cell_points at, value;

    if (!cell_read_points(r, values, min, max, CELL_POINTS_MAX, &value) || !read_soc(r, soc, value.count, &at)) {
        return false;
    }
    for (int n = 0; n < value.count; n++) {
        value.value[n] *= scale;
    }
    return fill(r, soc != NULL ? soc : values, &at, &value, table, NULL);
}

struct ocv_keys {
    double step, reference_degC, low_V, high_V;
    const cJSON *voltage, *soc, *correction, *source;
};

/* Adds a correction, which keeps its end values outside its knots, to the table. */
static bool correct(struct cell_reading *r, const struct ocv_keys *k, struct cell_points *volts)
{
    struct cell_grid *grid = &r->file.params.grid;

    if (!cell_read_table(r, k->soc, k->correction, -1.0, 1.0, 1.0, CELL_OCV)) {
        return false;
    }
    for (int n = 0; n < volts->count; n++) {
        volts->value[n] += cell_table_at(&r->file.params, CELL_OCV, (double)n * grid->step);
    }
    return true;
}

bool cell_read_ocv(struct cell_reading *r, const cJSON *block)
{
    static const struct json_key keys[] = {
        { "step", NULL, JSON_NUMBER, true, DIM_NONE, 0.001, 0.02, NULL, offsetof(struct ocv_keys, step) },
        { "reference_degC", NULL, JSON_NUMBER, true, DIM_NONE, DEGC_MIN, DEGC_MAX, NULL,
          offsetof(struct ocv_keys, reference_degC) },
        { "voltage_V", NULL, JSON_ANY, true, DIM_NONE, 0, 0, NULL, offsetof(struct ocv_keys, voltage) },
        { "low_V", NULL, JSON_NUMBER, true, DIM_NONE, -VOLT_MAX, VOLT_MAX, NULL, offsetof(struct ocv_keys, low_V) },
        { "high_V", NULL, JSON_NUMBER, true, DIM_NONE, 0, VOLT_MAX, NULL, offsetof(struct ocv_keys, high_V) },
        { "correction_soc", NULL, JSON_ANY, false, DIM_NONE, 0, 0, NULL, offsetof(struct ocv_keys, soc) },
        { "correction_V", NULL, JSON_ANY, false, DIM_NONE, 0, 0, NULL, offsetof(struct ocv_keys, correction) },
        { "source", NULL, JSON_ANY, true, DIM_NONE, 0, 0, NULL, offsetof(struct ocv_keys, source) },
    };
    struct ocv_keys k = { .voltage = NULL };
    struct cell_points soc = { 0 }, volts = { 0 };

    if (!json_read(r->doc, block, keys, COUNT_OF(keys), &k, r->d) || !cell_read_source(r, k.source) ||
        !cell_read_points(r, k.voltage, 0.0, VOLT_MAX, CELL_POINTS_MAX, &volts)) {
        return false;
    }
    if (!cell_grid_init(&r->file.params.grid, k.step)) {
        json_error(r->doc, json_member(block, "step"), r->d, NULL, "must divide 0.02 and be at least 0.005");
        return false;
    }
    if (!check_count(r, k.voltage, &volts, (int)lround(1.0 / k.step) + 1) || !read_soc(r, NULL, volts.count, &soc) ||
        !check_rising(r, k.voltage, &volts, true) || (k.correction != NULL && !correct(r, &k, &volts))) {
        return false;
    }
    r->file.params.reference_degC = k.reference_degC;
    const double ends[2] = { k.low_V, k.high_V };

    if (ends[0] > volts.value[0] || ends[1] < volts.value[volts.count - 1]) {
        json_error(r->doc, block, r->d, NULL, "low_V must lie below the table and high_V above it");
        return false;
    }
    return fill(r, k.voltage, &soc, &volts, CELL_OCV, ends);
}
