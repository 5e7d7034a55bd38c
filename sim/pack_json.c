#include "sim/pack_json.h"

#include "sim/cell_json.h"
#include "sim/json_doc.h"
#include "sim/pack_facts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCHEMA "packbench-pack-1"
#define PATH_SIZE 4096

/* What the file says in other words than struct pack_params. */
struct pack_keys {
    const char *schema, *id, *title, *cell;
    int64_t cells;
    const cJSON *path, *fet, *breaker, *charger, *inverter, *bms, *ntc, *thermal;
};

struct breaker_keys {
    double magnetic, dc_factor;
};

struct ntc_keys {
    int64_t count;
    const cJSON *spots;
};

struct number { /* one number of a section, and the object whose field it fills */
    const char *name;
    size_t offset;
    double min, max;
};

struct section {
    const struct number *number;
    size_t count;
    size_t needed; /* the others may be left out: their fields keep what pack_json_load() gives every pack */
};

/* clang-format off */
#define IN(field) offsetof(struct pack_params, field)
#define SECTION(table) { table, sizeof (table) / sizeof (table)[0], sizeof (table) / sizeof (table)[0] }
#define PART_OF(table, needed) { table, sizeof (table) / sizeof (table)[0], needed }

static const struct number path_table[] = {
    { "link_Ohm",     IN(link_Ohm),     0,     0.1 },
    { "shunt_Ohm",    IN(shunt_Ohm),    0,     0.1 },
    { "breaker_Ohm",  IN(breaker_Ohm),  0,     0.1 },
    { "inside_H",     IN(path_H),       1e-9,  1e-3 },
    { "cable_Ohm",    IN(cable_Ohm),    1e-6,  1 },
    { "cable_H",      IN(cable_H),      1e-9,  1e-3 },
    { "lead_Ohm",     IN(lead_Ohm),     0,     1 },
    { "lead_H",       IN(lead_H),       0,     1e-3 },
    { "terminal_F",   IN(terminal_F),   1e-10, 1e-2 },
    { "snubber_Ohm",  IN(snubber_Ohm),  1e-3,  1e3 },
    { "terminal_Ohm", IN(terminal_Ohm), 10,    1e9 },
};

static const struct number fet_table[] = {
    { "charge_Ohm",    IN(fet.rds_Ohm[FET_CHARGE]),    1e-6, 1 },
    { "discharge_Ohm", IN(fet.rds_Ohm[FET_DISCHARGE]), 1e-6, 1 },
    { "rds_per_K",     IN(fet.rds_per_K),              0,    0.007 },
    { "diode_V",       IN(fet.diode_V),                0,    2 },
    { "diode_log_V",   IN(fet.diode_log_V),            0,    1 },
    { "diode_log_A",   IN(fet.diode_log_A),            1e-3, 1e3 },
    { "diode_Ohm",     IN(fet.diode_Ohm),              0,    1 },
    { "diode_V_per_K", IN(fet.diode_V_per_K),          -0.01, 0 },
    { "leak_A",        IN(fet.leak_A),                 0,    1 },
    { "avalanche_V",   IN(fet.avalanche_V),            10,   1000 },
    { "precharge_Ohm", IN(fet.precharge_Ohm),          0.1,  1e5 },
    { "limiter_Ohm",   IN(fet.limiter_Ohm),            0.1,  1e3 },
};

static const struct number breaker_table[] = {
    { "rated_A", IN(breaker.rated_A), 1,    10000 },
    { "tau_s",   IN(breaker.tau_s),   1,    1e5 },
    { "trip",    IN(breaker.trip),    1,    2 },
    { "latch_s", IN(breaker.latch_s), 1e-6, 1 },
};

static const struct number charger_table[] = {
    { "capacitor_F",  IN(charger.capacitor_F),  1e-6, 1 },
    { "esr_Ohm",      IN(charger.esr_Ohm),      1e-4, 10 },
    { "bandwidth_Hz", IN(charger.bandwidth_Hz), 1,    1e4 },
};

static const struct number inverter_table[] = {
    { "capacitance_F", IN(inverter.capacitance_F), 1e-6, 10 },
    { "esr_Ohm",       IN(inverter.esr_Ohm),       1e-4, 10 },
    { "bleed_Ohm",     IN(inverter.bleed_Ohm),     1,    1e9 },
    { "precharge_Ohm", IN(inverter.precharge_Ohm), 0,    1e5 },
};

static const struct number bms_table[] = {
    { "bleed_Ohm",   IN(bleed_Ohm),   0.1, 1e6 },
    { "quiescent_A", IN(quiescent_A), 0,   10 },
    /* these may be left out: bms_default */
    { "short_grid_s", IN(short_grid_s), 1e-6, 1e-3 },
    { "standby_A", IN(standby_A), 0, 10 },
    { "sleep_A", IN(sleep_A), 0, 10 },
    { "off_A", IN(off_A), 0, 10 },
    { "balancing_A", IN(balancing_A), 0, 10 },
    { "balancer_efficiency", IN(balancer_efficiency), 0.1, 1 },
    { "supply_V", IN(supply_V), 1, 100 },
    { "wake_charger_V", IN(wake_charger_V), 0, 50 },
    { "wake_bus_V", IN(wake_bus_V), 0, 100 },
    { "wake_load", IN(wake_load), 0, 1 },
    { "key_latching", IN(key_latching), 0, 1 },
    { "heater_W", IN(heater_W), 0, 1e4 },
};

static const struct number ntc_table[] = {
    { "tau_s", IN(ntc_tau_s), 1e-3, 1e4 },
};

static const struct number thermal_table[] = {
    { "cell_box_W_K",       IN(thermal.cell_box_W_K),       0,   1e3 },
    { "end_box_W_K",        IN(thermal.end_box_W_K),        0,   1e3 },
    { "box_J_K",            IN(thermal.box_J_K),            0,   1e7 },
    { "box_ambient_W_K",    IN(thermal.box_ambient_W_K),    0,   1e4 },
    { "board_J_K",          IN(thermal.board_J_K),          0,   1e5 },
    { "board_box_W_K",      IN(thermal.board_box_W_K),      0,   1e4 },
    { "junction_J_K",       IN(thermal.junction_J_K),       0,   1e4 },
    { "junction_board_K_W", IN(thermal.junction_board_K_W), 0,   100 },
};

static const struct section path_section = SECTION(path_table);
static const struct section fet_section = SECTION(fet_table);
static const struct section breaker_section = SECTION(breaker_table);
static const struct section charger_section = SECTION(charger_table);
static const struct section inverter_section = SECTION(inverter_table);
static const struct section bms_section = PART_OF(bms_table, 2);
static const struct section ntc_section = SECTION(ntc_table);
static const struct section thermal_section = SECTION(thermal_table);

#define KEY(name_, kind_, field) { .name = (name_), .kind = (kind_), .required = true, .offset = offsetof(struct pack_keys, field) }
static const struct json_key top_table[] = {
    KEY("schema", JSON_STRING, schema),   KEY("id", JSON_STRING, id),
    KEY("title", JSON_STRING, title),     KEY("cell", JSON_STRING, cell),
    { .name = "Ns", .kind = JSON_INTEGER, .required = true, .min = 1, .max = STRING_CELLS_MAX,
      .offset = offsetof(struct pack_keys, cells) },
    KEY("path", JSON_OBJECT, path),       KEY("fet", JSON_OBJECT, fet),
    KEY("breaker", JSON_OBJECT, breaker), KEY("charger", JSON_OBJECT, charger),
    KEY("inverter", JSON_OBJECT, inverter), KEY("bms", JSON_OBJECT, bms),
    KEY("ntc", JSON_OBJECT, ntc),         KEY("thermal", JSON_OBJECT, thermal),
};
/* clang-format on */

/* Of a board that does not say: the grid of a TI BQ76952, consumption at rest as BALI48 prints it, and in the other
 * modes what it draws while running (NAN). */
static const struct pack_params bms_default = {
    .short_grid_s = 15e-6,
    .standby_A = NAN,
    .sleep_A = 150e-6,
    .off_A = 150e-6,
    .balancing_A = NAN,
    .balancer_efficiency = 0.9,
    .supply_V = 8.0,
    .wake_charger_V = 1.0,
};

#define EXTRA_MAX 3
#define NUMBERS_MAX 24

/* A source says first what kind of truth its number is. */
static bool check_source(const struct json_doc *doc, const cJSON *sources, const char *name, struct diag *d)
{
    static const char *const basis[] = { "measured: ", "derived: ", "datasheet: ", "assumed: " };
    const cJSON *node = json_member(sources, name);
    const char *text = NULL;

    if (node == NULL) {
        json_error(doc, sources, d, NULL, "%s has no source", name);
        return false;
    }
    if (!json_string(doc, node, &text, d)) {
        return false;
    }
    for (size_t i = 0; i < sizeof basis / sizeof basis[0]; i++) {
        if (strncmp(text, basis[i], strlen(basis[i])) == 0) {
            return true;
        }
    }
    json_error(doc, node, d, "write \"measured: ...\", \"derived: ...\", \"datasheet: ...\" or \"assumed: ...\"",
               "the source of %s does not say what it is", name);
    return false;
}

/* Reads a section's numbers into *out; extra keys go through their own table into extra_out. */
static bool read_section(const struct json_doc *doc, const cJSON *object, const struct section *s,
                         const struct json_key extra[], size_t extra_count, void *extra_out, struct pack_params *out,
                         struct diag *d)
{
    struct json_key keys[NUMBERS_MAX] = { { .name = "sources", .kind = JSON_OBJECT, .required = true } };
    const cJSON *sources = json_member(object, "sources");
    size_t count = 1;
    bool sound;

    for (size_t i = 0; i < s->count; i++) {
        keys[count++] = (struct json_key){ .name = s->number[i].name, .kind = JSON_NUMBER, .required = i < s->needed };
    }
    for (size_t i = 0; i < extra_count; i++) {
        keys[count++] = extra[i];
    }
    sound = json_check_keys(doc, object, keys, count, d);
    for (size_t i = 0; i < s->count; i++) {
        const struct number *n = &s->number[i];
        const cJSON *node = json_member(object, n->name);
        void *field = (char *)out + n->offset;

        if (node != NULL || i < s->needed) {
            sound &= json_number(doc, node, n->min, n->max, field, d);
        }
    }
    for (size_t i = 1; i < count && json_object(doc, sources, d); i++) {
        if (keys[i].required || json_member(object, keys[i].name) != NULL) {
            sound &= check_source(doc, sources, keys[i].name, d);
        }
    }
    for (size_t i = 0; i < extra_count; i++) {
        const cJSON *node = json_member(object, extra[i].name);
        void *field = (char *)extra_out + extra[i].offset;

        if (extra[i].kind == JSON_NUMBER) {
            sound &= json_number(doc, node, extra[i].min, extra[i].max, field, d);
        } else if (extra[i].kind == JSON_INTEGER) {
            sound &= json_integer(doc, node, (int64_t)extra[i].min, (int64_t)extra[i].max, field, d);
        } else {
            *(const cJSON **)field = node;
        }
    }
    return sound;
}

static bool read_plain(const struct json_doc *doc, const cJSON *object, const struct section *s,
                       struct pack_params *out, struct diag *d)
{
    return read_section(doc, object, s, NULL, 0, NULL, out, d);
}

static bool read_breaker(const struct json_doc *doc, const cJSON *object, struct pack_params *out, struct diag *d)
{
    static const struct json_key extra[] = {
        { "magnetic", NULL, JSON_NUMBER, true, DIM_NONE, 1, 50, NULL, offsetof(struct breaker_keys, magnetic) },
        { "dc_factor", NULL, JSON_NUMBER, true, DIM_NONE, 1, 3, NULL, offsetof(struct breaker_keys, dc_factor) },
    };
    struct breaker_keys keys = { 0 };

    if (!read_section(doc, object, &breaker_section, extra, sizeof extra / sizeof extra[0], &keys, out, d)) {
        return false;
    }
    out->breaker.magnetic_A = keys.magnetic * keys.dc_factor * out->breaker.rated_A;
    return true;
}

/* "cell 3" (from 1), "board" or "box". */
static bool read_spot(const struct json_doc *doc, const cJSON *node, int cells, struct pack_ntc *out, struct diag *d)
{
    const char *text = NULL;
    char *end = NULL;

    if (!json_string(doc, node, &text, d)) {
        return false;
    }
    if (strcmp(text, "board") == 0 || strcmp(text, "box") == 0) {
        *out = (struct pack_ntc){ strcmp(text, "box") == 0 ? PACK_SPOT_BOX : PACK_SPOT_BOARD, 0 };
        return true;
    }
    if (strncmp(text, "cell ", 5) == 0) {
        const long cell = strtol(text + 5, &end, 10);

        if (end != text + 5 && *end == '\0' && cell >= 1 && cell <= cells) {
            *out = (struct pack_ntc){ PACK_SPOT_CELL, (int)cell - 1 };
            return true;
        }
    }
    json_error(doc, node, d, "write \"cell N\", \"board\" or \"box\"", "\"%s\" is no place for a sensor", text);
    return false;
}

static bool read_ntcs(const struct json_doc *doc, const cJSON *object, struct pack_params *out, struct diag *d)
{
    static const struct json_key extra[] = {
        { "n", NULL, JSON_INTEGER, true, DIM_COUNT, 1, PACK_NTC_MAX, NULL, offsetof(struct ntc_keys, count) },
        { "spots", NULL, JSON_ARRAY, true, DIM_NONE, 0, 0, NULL, offsetof(struct ntc_keys, spots) },
    };
    struct ntc_keys keys = { 0 };
    bool sound = read_section(doc, object, &ntc_section, extra, sizeof extra / sizeof extra[0], &keys, out, d);

    if (!sound || !json_array(doc, keys.spots, (size_t)keys.count, (size_t)keys.count, d)) {
        return false;
    }
    const cJSON *node = keys.spots->child;

    out->ntc_count = (int)keys.count;
    for (int n = 0; n < out->ntc_count; n++, node = node->next) {
        sound &= read_spot(doc, node, out->cells, &out->ntc[n], d);
    }
    return sound;
}

/* "dir/mine.json" -> is "mine" its id? */
static bool is_id_of(const char *id, const char *name)
{
    const char *slash = strrchr(name, '/'), *stem = slash != NULL ? slash + 1 : name;
    const size_t size = strlen(stem) - (pack_facts_is_file(stem) ? strlen(".json") : 0);

    return strlen(id) == size && strncmp(id, stem, size) == 0;
}

static bool read_pack(const struct json_doc *doc, const char *id, struct pack_keys *keys, struct pack_params *out,
                      struct diag *d)
{
    bool sound = json_read(doc, doc->root, top_table, sizeof top_table / sizeof top_table[0], keys, d);

    if (!sound) {
        return false;
    }
    if (strcmp(keys->schema, SCHEMA) != 0) {
        json_error(doc, json_member(doc->root, "schema"), d, "the schema must be " SCHEMA, "not a pack of this bench");
        sound = false;
    }
    if (!is_id_of(keys->id, id)) {
        json_error(doc, json_member(doc->root, "id"), d, id, "the id is not the name of the file");
        sound = false;
    }
    if (keys->title[0] == '\0') {
        json_error(doc, json_member(doc->root, "title"), d, NULL, "the title is empty");
        sound = false;
    }
    out->cells = (int)keys->cells;
    sound &= read_plain(doc, keys->path, &path_section, out, d);
    sound &= read_plain(doc, keys->fet, &fet_section, out, d);
    sound &= read_breaker(doc, keys->breaker, out, d);
    sound &= read_plain(doc, keys->charger, &charger_section, out, d);
    sound &= read_plain(doc, keys->inverter, &inverter_section, out, d);
    sound &= read_plain(doc, keys->bms, &bms_section, out, d);
    out->standby_A = isnan(out->standby_A) ? out->quiescent_A : out->standby_A;
    out->balancing_A = isnan(out->balancing_A) ? out->quiescent_A : out->balancing_A;
    sound &= read_ntcs(doc, keys->ntc, out, d);
    sound &= read_plain(doc, keys->thermal, &thermal_section, out, d);
    return sound;
}

static bool path_of(const char *folder, const char *sub, const char *id, char *out, struct diag *d)
{
    if (!pack_facts_path(folder, sub, id, out, PATH_SIZE)) {
        diag_plain(d, DIAG_ERROR, folder, NULL, "\"%s\" is no name of a file in %s", id, sub);
        return false;
    }
    return true;
}

bool pack_json_load(struct pack_params *pack, struct cell_params *cell, const char *model_folder, const char *id,
                    struct diag *d)
{
    struct pack_keys keys = { .schema = NULL };
    struct pack_params read = bms_default;
    struct json_doc doc;
    char path[PATH_SIZE];
    bool sound;

    if (!path_of(model_folder, "packs", id, path, d) || !json_doc_load(&doc, path, d)) {
        return false;
    }
    sound = read_pack(&doc, id, &keys, &read, d);
    if (keys.cell != NULL) {
        sound &= path_of(model_folder, "cells", keys.cell, path, d) && cell_json_load(cell, path, d);
    }
    json_doc_free(&doc);
    if (sound) {
        pack_use_cell(&read, cell);
        *pack = read;
    }
    return sound;
}
