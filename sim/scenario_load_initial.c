#include "sim/scenario_load.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct initial no_initial(void)
{
    struct initial out = { .soc = NAN, .rest_voltage_V = NAN, .temperature_degC = NAN, .bms_soc = NAN, .spread = NAN };

    for (size_t i = 0; i < SCENARIO_CELLS_MAX; i++) {
        out.cell[i].soc = out.cell[i].rest_voltage_V = out.cell[i].temperature_degC = NAN;
        out.cell[i].capacity_factor = out.cell[i].resistance_factor = out.cell[i].leak_Ohm = NAN;
    }
    return out;
}

int load_entry_number(struct load *l, const cJSON *entry, const char *what, int count)
{
    char *end = NULL;
    const long number = strtol(entry->string, &end, 10);

    if (entry->string[0] < '1' || entry->string[0] > '9' || *end != '\0' || number > count) {
        format_error_key(&l->r, entry, NULL, "there is no %s \"%s\": 1 to %d", what, entry->string, count);
        return -1;
    }
    return (int)number - 1;
}

static void one_of_two(struct load *l, const struct format_node *n)
{
    if (format_member(n, "soc") != NULL && format_member(n, "rest voltage") != NULL) {
        format_error_key(&l->r, format_member(n, "rest voltage"), NULL, "give \"soc\" or \"rest voltage\", not both");
    }
}

static void read_cell(struct load *l, const cJSON *node, struct initial *out, int k)
{
    struct format_node n;

    if (!format_open(&l->r, node, FORMAT_CELL, &n)) {
        return;
    }
    (void)format_quantity(&n, "soc", &out->cell[k].soc);
    (void)format_quantity(&n, "rest voltage", &out->cell[k].rest_voltage_V);
    (void)format_quantity(&n, "temperature", &out->cell[k].temperature_degC);
    (void)format_quantity(&n, "capacity", &out->cell[k].capacity_factor);
    (void)format_quantity(&n, "resistance", &out->cell[k].resistance_factor);
    (void)format_quantity(&n, "leak", &out->cell[k].leak_Ohm);
    one_of_two(l, &n);
}

/* history stays as it is when it is not given: a pack inherits the scenario's. */
static void read_initial(struct load *l, const cJSON *node, struct initial *out)
{
    const cJSON *cells, *cell = NULL;
    struct format_node n;
    int history;

    if (node == NULL || !format_open(&l->r, node, FORMAT_INITIAL, &n)) {
        return;
    }
    (void)format_quantity(&n, "soc", &out->soc);
    (void)format_quantity(&n, "rest voltage", &out->rest_voltage_V);
    (void)format_quantity(&n, "temperature", &out->temperature_degC);
    (void)format_quantity(&n, "bms soc", &out->bms_soc);
    (void)format_quantity(&n, "spread", &out->spread);
    if (format_word(&n, "history", &history)) {
        out->history = (enum history)history;
    }
    one_of_two(l, &n);
    cells = format_member(&n, "cells");
    if (cells == NULL || !json_object(l->r.doc, cells, l->r.d)) {
        l->r.ok = l->r.ok && cells == NULL;
        return;
    }
    cJSON_ArrayForEach(cell, cells)
    {
        const int k = load_entry_number(l, cell, "cell", l->limits.cells);

        if (k >= 0) {
            read_cell(l, cell, out, k);
        }
    }
}

void load_initial(struct load *l, const struct format_node *top)
{
    const cJSON *packs = format_member(top, "packs"), *pack = NULL;
    int i = 0;

    l->s->initial = no_initial();
    read_initial(l, format_member(top, "initial"), &l->s->initial);
    for (int k = 0; k < SCENARIO_PACKS_MAX; k++) {
        l->s->pack[k] = no_initial();
        l->s->pack[k].history = l->s->initial.history;
    }
    cJSON_ArrayForEach(pack, packs)
    {
        if (i < l->s->pack_count) {
            read_initial(l, pack, &l->s->pack[i++]);
        }
    }
}

/* A quantity in codes; the codes must be whole, or the BMS would be told another value than was written. */
static bool to_codes(struct load *l, const cJSON *node, const struct params_row *row, double value, int32_t *out)
{
    const double codes = value * row->codes_per_unit;

    if (fabs(codes - nearbyint(codes)) > 1e-6 * fmax(1.0, fabs(codes))) {
        format_error(&l->r, node, NULL, "%s holds whole steps only: %.9g is between two", row->name, codes);
        return false;
    }
    if (codes < row->min - 0.5 || codes > row->max + 0.5) {
        char low[64], high[64];

        quantity_print((struct quantity){ row->min / row->codes_per_unit, row->dim }, low, sizeof low);
        quantity_print((struct quantity){ row->max / row->codes_per_unit, row->dim }, high, sizeof high);
        format_error(&l->r, node, NULL, "out of the range of %s: %s to %s", row->name, low, high);
        return false;
    }
    *out = (int32_t)nearbyint(codes);
    return true;
}

static bool read_parameter(struct load *l, const cJSON *node, bool ranged, uint16_t *id, int32_t *value)
{
    struct params_row row;
    double number = 0;

    if (!params_lookup(node->string, &row)) {
        const char *nearest = params_nearest(node->string);
        char hint[120];

        (void)snprintf(hint, sizeof hint, "did you mean \"%s\"?", nearest != NULL ? nearest : "");
        format_error_key(&l->r, node, nearest != NULL ? hint : NULL, "no parameter \"%s\"", node->string);
        return false;
    }
    if (!json_quantity(l->r.doc, node, row.dim, -HUGE_VAL, HUGE_VAL, &number, l->r.d)) {
        l->r.ok = false;
        return false;
    }
    if (!ranged) {
        row.min = INT32_MIN;
        row.max = INT32_MAX;
    }
    *id = row.id;
    return to_codes(l, node, &row, number, value);
}

bool load_parameter(struct load *l, const cJSON *node, uint16_t *id, int32_t *value)
{
    return read_parameter(l, node, true, id, value);
}

bool load_attempt(struct load *l, const cJSON *node, uint16_t *id, int32_t *value)
{
    return read_parameter(l, node, false, id, value);
}

/* The set of the scenario's BMS, from the cache or its file; NULL and messages on failure. */
static const struct params_set *params_of(struct load *l)
{
    struct load_cache *c = l->cache;
    char path[1024];

    if (c->bms_id != NULL && strcmp(c->bms_id, l->s->bms_id) == 0) {
        return c->params;
    }
    free(c->bms_id);
    params_set_free(c->params);
    c->params = pack_facts_path(l->world->params_folder, "", l->s->bms_id, path, sizeof path)
                    ? params_set_load(path, l->r.d)
                    : NULL;
    c->bms_id = c->params != NULL ? format_copy(&l->r, l->s->bms_id) : NULL;
    return c->params;
}

static void contradiction(struct load *l, const cJSON *node, uint16_t which, uint16_t other)
{
    const char *name = params_row_of(which).name;

    if (strcmp(name, "pack.cells") == 0) {
        format_error(&l->r, node, NULL, "%s is no set for a pack of %d cells", l->s->bms_id, l->limits.cells);
        return;
    }
    format_error(&l->r, node, NULL, "%s contradicts %s, with the values of %s for the rest", name,
                 which != other ? params_row_of(other).name : "the others", l->s->bms_id);
}

/* The core's own cross rules: no release beyond its trip, no alarm beyond it ... */
static void check_parameters(struct load *l, const cJSON *map)
{
    const struct scenario *s = l->s;
    const struct params_set *set = params_of(l);
    uint16_t which = 0, other = 0, *id = format_array(&l->r, s->parameter_count, sizeof *id);
    int32_t *value = format_array(&l->r, s->parameter_count, sizeof *value);

    for (size_t i = 0; i < s->parameter_count && id != NULL && value != NULL; i++) {
        id[i] = s->parameter[i].id;
        value[i] = s->parameter[i].value;
    }
    l->r.ok = l->r.ok && set != NULL;
    if (l->r.ok && !params_hold(set, id, value, s->parameter_count, (unsigned)l->limits.cells, &which, &other)) {
        contradiction(l, map, which, other);
    }
    free(id);
    free(value);
}

void load_parameters(struct load *l, const struct format_node *top)
{
    const cJSON *map = format_member(top, "parameters"), *node = NULL;
    struct scenario *s = l->s;

    if (map == NULL && l->r.ok) {
        check_parameters(l, format_member(top, "bms"));
    }
    if (map == NULL || !json_object(l->r.doc, map, l->r.d)) {
        l->r.ok = l->r.ok && map == NULL;
        return;
    }
    s->parameter = format_array(&l->r, (size_t)cJSON_GetArraySize(map), sizeof *s->parameter);
    cJSON_ArrayForEach(node, map)
    {
        uint16_t id = 0;
        int32_t value = 0;

        if (s->parameter != NULL && load_parameter(l, node, &id, &value)) {
            s->parameter[s->parameter_count].id = id;
            s->parameter[s->parameter_count].value = value;
            s->parameter_count++;
        }
    }
    if (s->parameter_count > 0 && l->r.ok) {
        check_parameters(l, map);
    }
}
