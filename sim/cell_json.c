#include "sim/cell_json.h"

#include "sim/cell_json_inner.h"

#include <math.h>
#include <string.h>

#define CELL_SCHEMA "packbench-cell-1"
#define ENERGY_MAX 200e3 /* J/mol */

/* clang-format off */
#define ANY(type, field, key, needed) { key, NULL, JSON_ANY, needed, DIM_NONE, 0, 0, NULL, offsetof(struct type, field) }
#define NUMBER(type, field, key, low, high) { key, NULL, JSON_NUMBER, true, DIM_NONE, low, high, NULL, offsetof(struct type, field) }
#define TEXT(type, field, key) { key, NULL, JSON_STRING, true, DIM_NONE, 0, 0, NULL, offsetof(struct type, field) }
/* clang-format on */

/* The root, and a variant, which has a title and any of the blocks. */
struct blocks {
    const cJSON *capacity, *ocv, *hysteresis, *entropy, *resistance, *lag, *self_discharge, *limits, *thermal, *spread;
    const cJSON *initial, *variants, *sources;
    // cppcheck-suppress unusedStructMember ; written by the table below, for people only
    const char *schema, *id, *title;
    bool isothermal;
    double nominal_Ah;
};

#define BLOCKS(needed)                                                                                                 \
    ANY(blocks, capacity, "capacity", needed), ANY(blocks, ocv, "ocv", needed),                                        \
        ANY(blocks, hysteresis, "hysteresis", needed), ANY(blocks, entropy, "entropy", needed),                        \
        ANY(blocks, resistance, "resistance", needed), ANY(blocks, lag, "lag", needed),                                \
        ANY(blocks, self_discharge, "self_discharge", needed), ANY(blocks, limits, "limits", needed),                  \
        ANY(blocks, thermal, "thermal", needed), ANY(blocks, spread, "spread", needed)

static const struct json_key root_keys[] = {
    TEXT(blocks, schema, "schema"),
    TEXT(blocks, id, "id"),
    TEXT(blocks, title, "title"),
    NUMBER(blocks, nominal_Ah, "nominal_Ah", 1e-3, 1e5),
    { "isothermal", NULL, JSON_BOOL, false, DIM_NONE, 0, 0, NULL, offsetof(struct blocks, isothermal) },
    ANY(blocks, initial, "initial", false),
    ANY(blocks, variants, "variants", false),
    ANY(blocks, sources, "sources", true),
    BLOCKS(true),
};

static const struct json_key variant_keys[] = { TEXT(blocks, title, "title"), BLOCKS(false) };

struct capacity_keys {
    const cJSON *degC, *factor, *source;
    double capacity_Ah;
};

static bool read_capacity(struct cell_reading *r, const cJSON *block)
{
    static const struct json_key keys[] = {
        NUMBER(capacity_keys, capacity_Ah, "capacity_Ah", 1e-3, 1e5),
        ANY(capacity_keys, degC, "temperature_degC", true),
        ANY(capacity_keys, factor, "factor", true),
        ANY(capacity_keys, source, "source", true),
    };
    struct capacity_keys k = { 0 };

    if (!json_read(r->doc, block, keys, COUNT_OF(keys), &k, r->d)) {
        return false;
    }
    r->file.params.capacity_Ah = k.capacity_Ah;
    return cell_read_source(r, k.source) &&
           cell_read_curve(r, k.degC, k.factor, 0.01, 10.0, &r->file.params.capacity_factor);
}

struct table_keys {
    const cJSON *soc, *value, *source;
    double rate, instant_V;
};

static bool read_hysteresis(struct cell_reading *r, const cJSON *block)
{
    static const struct json_key keys[] = {
        ANY(table_keys, soc, "soc", false),         ANY(table_keys, value, "half_gap_V", true),
        NUMBER(table_keys, rate, "rate", 0.0, 1e4), NUMBER(table_keys, instant_V, "instant_V", 0.0, 1.0),
        ANY(table_keys, source, "source", true),
    };
    struct table_keys k = { 0 };

    if (!json_read(r->doc, block, keys, COUNT_OF(keys), &k, r->d)) {
        return false;
    }
    r->file.params.hysteresis_rate = k.rate;
    r->file.params.hysteresis_instant_V = k.instant_V;
    return cell_read_source(r, k.source) && cell_read_table(r, k.soc, k.value, 0.0, 1.0, 1.0, CELL_HYST);
}

static bool read_entropy(struct cell_reading *r, const cJSON *block)
{
    static const struct json_key keys[] = {
        ANY(table_keys, soc, "soc", false),
        ANY(table_keys, value, "per_K_V", true),
        ANY(table_keys, source, "source", true),
    };
    struct table_keys k = { 0 };

    return json_read(r->doc, block, keys, COUNT_OF(keys), &k, r->d) && cell_read_source(r, k.source) &&
           cell_read_table(r, k.soc, k.value, -0.01, 0.01, 1.0, CELL_ENTROPY);
}

struct ohm_keys {
    const cJSON *soc, *discharge, *charge, *degC, *factor, *source;
    double ohm, tau_s;
};

/* One resistance; r_index 0 is in series, the others have a time constant. */
static bool read_ohm(struct cell_reading *r, const cJSON *block, int r_index)
{
    static const struct json_key keys[] = {
        NUMBER(ohm_keys, tau_s, "tau_s", 1e-3, 1e6), /* of branches only */
        NUMBER(ohm_keys, ohm, "resistance_Ohm", 0.0, 1e3),
        ANY(ohm_keys, soc, "soc", true),
        ANY(ohm_keys, discharge, "discharge", true),
        ANY(ohm_keys, charge, "charge", false),
        ANY(ohm_keys, degC, "temperature_degC", true),
        ANY(ohm_keys, factor, "factor", true),
        ANY(ohm_keys, source, "source", true),
    };
    const size_t skip = r_index == 0 ? 1 : 0;
    struct cell_params *p = &r->file.params;
    struct ohm_keys k = { 0 };

    if (!json_read(r->doc, block, keys + skip, COUNT_OF(keys) - skip, &k, r->d) || !cell_read_source(r, k.source)) {
        return false;
    }
    if (r_index > 0) {
        p->tau_s[r_index - 1] = k.tau_s;
    }
    const cJSON *const charge = k.charge != NULL ? k.charge : k.discharge;

    return cell_read_table(r, k.soc, k.discharge, 0.0, 1e3, k.ohm, (enum cell_table)(CELL_R_DISCHARGE + r_index)) &&
           cell_read_table(r, k.soc, charge, 0.0, 1e3, k.ohm, (enum cell_table)(CELL_R_CHARGE + r_index)) &&
           cell_read_factor(r, k.degC, k.factor, &p->r_factor[r_index]);
}

struct resistance_keys {
    const cJSON *series, *branches;
    int memory;
};

static bool read_resistance(struct cell_reading *r, const cJSON *block)
{
    static const char *const memories[] = { "voltage", "current", NULL };
    static const struct json_key keys[] = {
        ANY(resistance_keys, series, "series", true),
        ANY(resistance_keys, branches, "branches", true),
        { "branches_keep", NULL, JSON_WORD, true, DIM_NONE, 0, 0, memories, offsetof(struct resistance_keys, memory) },
    };
    struct resistance_keys k = { 0 };
    const cJSON *branch = NULL;

    if (!json_read(r->doc, block, keys, COUNT_OF(keys), &k, r->d) ||
        !json_array(r->doc, k.branches, 0, CELL_RC_MAX, r->d)) {
        return false;
    }
    bool sound = read_ohm(r, k.series, 0);

    r->file.params.branch = k.memory == 0 ? CELL_BRANCH_VOLTAGE : CELL_BRANCH_CURRENT;
    r->file.params.rc_count = 0;
    cJSON_ArrayForEach(branch, k.branches)
    {
        r->file.params.rc_count++;
        sound &= read_ohm(r, branch, r->file.params.rc_count);
    }
    return sound;
}

struct leak_keys {
    const cJSON *source;
    double time_s, leak_Ohm, energy, efficiency;
};

static bool read_lag(struct cell_reading *r, const cJSON *block)
{
    static const struct json_key keys[] = {
        NUMBER(leak_keys, time_s, "time_s", 0.0, 1e5),
        NUMBER(leak_keys, energy, "activation_J_mol", 0.0, ENERGY_MAX),
        ANY(leak_keys, source, "source", true),
    };
    struct leak_keys k = { 0 };

    if (!json_read(r->doc, block, keys, COUNT_OF(keys), &k, r->d)) {
        return false;
    }
    r->file.params.lag_s = k.time_s;
    r->file.params.lag_factor = cell_arrhenius(-k.energy);
    return cell_read_source(r, k.source);
}

static bool read_self_discharge(struct cell_reading *r, const cJSON *block)
{
    static const struct json_key keys[] = {
        NUMBER(leak_keys, leak_Ohm, "leak_Ohm", 1e-3, 1e12),
        NUMBER(leak_keys, energy, "activation_J_mol", 0.0, ENERGY_MAX),
        NUMBER(leak_keys, efficiency, "coulombic_efficiency", 0.5, 1.0),
        ANY(leak_keys, source, "source", true),
    };
    struct leak_keys k = { 0 };

    if (!json_read(r->doc, block, keys, COUNT_OF(keys), &k, r->d)) {
        return false;
    }
    r->file.params.leak_Ohm = k.leak_Ohm;
    r->file.params.leak_factor = cell_arrhenius(k.energy);
    r->file.params.coulombic_efficiency = k.efficiency;
    return cell_read_source(r, k.source);
}

struct limit_keys {
    const cJSON *degC, *rate, *source;
    double over_V, under_V, under_cold_V;
};

static bool read_limits(struct cell_reading *r, const cJSON *block)
{
    static const struct json_key keys[] = {
        NUMBER(limit_keys, over_V, "over_V", 0.0, 10.0),
        NUMBER(limit_keys, under_V, "under_V", 0.0, 10.0),
        NUMBER(limit_keys, under_cold_V, "under_cold_V", 0.0, 10.0),
        ANY(limit_keys, degC, "charge_from_degC", true),
        ANY(limit_keys, rate, "charge_C", true),
        ANY(limit_keys, source, "source", true),
    };
    struct limit_keys k = { 0 };

    if (!json_read(r->doc, block, keys, COUNT_OF(keys), &k, r->d)) {
        return false;
    }
    if (k.under_V >= k.over_V || k.under_cold_V > k.under_V) {
        json_error(r->doc, block, r->d, NULL, "under_cold_V, under_V and over_V must rise");
        return false;
    }
    r->file.params.over_V = k.over_V;
    r->file.params.under_V = k.under_V;
    r->file.params.under_cold_V = k.under_cold_V;
    return cell_read_source(r, k.source) &&
           cell_read_curve(r, k.degC, k.rate, 0.0, 100.0, &r->file.params.charge_limit);
}

struct heat_keys {
    const cJSON *source;
    double core_J_K, surface_J_K, core_surface_W_K, neighbour_W_K, alone_W_K;
};

static bool read_thermal(struct cell_reading *r, const cJSON *block)
{
    static const struct json_key keys[] = {
        NUMBER(heat_keys, core_J_K, "core_J_K", 1e-3, 1e7),
        NUMBER(heat_keys, surface_J_K, "surface_J_K", 0.0, 1e7),
        NUMBER(heat_keys, core_surface_W_K, "core_surface_W_K", 0.0, 1e4),
        NUMBER(heat_keys, neighbour_W_K, "neighbour_W_K", 0.0, 1e4),
        NUMBER(heat_keys, alone_W_K, "alone_W_K", 0.0, 1e4),
        ANY(heat_keys, source, "source", true),
    };
    struct heat_keys k = { 0 };

    if (!json_read(r->doc, block, keys, COUNT_OF(keys), &k, r->d)) {
        return false;
    }
    r->file.params.core_J_K = k.core_J_K;
    r->file.params.surface_J_K = k.surface_J_K;
    r->file.params.core_surface_W_K = k.core_surface_W_K;
    r->file.params.neighbour_W_K = k.neighbour_W_K;
    r->file.alone_W_K = k.alone_W_K;
    return cell_read_source(r, k.source);
}

struct rest_keys {
    const cJSON *source;
    double soc, hysteresis, capacity, resistance, leak;
};

static bool read_spread(struct cell_reading *r, const cJSON *block)
{
    static const struct json_key keys[] = {
        NUMBER(rest_keys, capacity, "capacity", 0.0, 1.0),
        NUMBER(rest_keys, resistance, "resistance", 0.0, 1.0),
        NUMBER(rest_keys, leak, "leak", 0.0, 1.0),
        NUMBER(rest_keys, soc, "soc", 0.0, 1.0),
        ANY(rest_keys, source, "source", true),
    };
    struct rest_keys k = { 0 };

    if (!json_read(r->doc, block, keys, COUNT_OF(keys), &k, r->d)) {
        return false;
    }
    r->file.params.spread = (struct cell_spread){ k.capacity, k.resistance, k.leak, k.soc };
    return cell_read_source(r, k.source);
}

static bool read_initial(struct cell_reading *r, const cJSON *block)
{
    static const struct json_key keys[] = {
        NUMBER(rest_keys, soc, "soc", CELL_GRID_FIRST, CELL_GRID_LAST),
        NUMBER(rest_keys, hysteresis, "hysteresis", -1.0, 1.0),
    };
    struct rest_keys k = { .soc = 0.5 };
    const bool sound = block == NULL || json_read(r->doc, block, keys, COUNT_OF(keys), &k, r->d);

    r->file.soc = k.soc;
    r->file.hysteresis = k.hysteresis;
    return sound;
}

static const cJSON *either(const cJSON *variant, const cJSON *root)
{
    return variant != NULL ? variant : root;
}

/* All blocks are read, so that one pass reports the errors of all of them. The OCV comes first: it sets the grid. */
static bool read_blocks(struct cell_reading *r, const struct blocks *root, const struct blocks *v)
{
    bool sound = true;

    r->file.params.nominal_Ah = root->nominal_Ah;
    r->file.isothermal = root->isothermal;
    if (!cell_read_ocv(r, either(v->ocv, root->ocv))) {
        return false;
    }
    sound &= read_capacity(r, either(v->capacity, root->capacity));
    sound &= read_hysteresis(r, either(v->hysteresis, root->hysteresis));
    sound &= read_entropy(r, either(v->entropy, root->entropy));
    sound &= read_resistance(r, either(v->resistance, root->resistance));
    sound &= read_lag(r, either(v->lag, root->lag));
    sound &= read_self_discharge(r, either(v->self_discharge, root->self_discharge));
    sound &= read_limits(r, either(v->limits, root->limits));
    sound &= read_thermal(r, either(v->thermal, root->thermal));
    sound &= read_spread(r, either(v->spread, root->spread));
    sound &= read_initial(r, root->initial);
    return sound;
}

static bool find_variant(struct cell_reading *r, const struct blocks *root, const char *name, struct blocks *out)
{
    const char *names[64];
    size_t count = 0;
    const cJSON *item = NULL;

    if (name == NULL) {
        return true;
    }
    const cJSON *const variant = json_member(root->variants, name);

    if (variant != NULL) {
        return json_read(r->doc, variant, variant_keys, COUNT_OF(variant_keys), out, r->d);
    }
    cJSON_ArrayForEach(item, root->variants)
    {
        if (count < COUNT_OF(names)) {
            names[count++] = item->string;
        }
    }
    const char *const near = count > 0 ? diag_nearest(name, names, count) : NULL;

    json_error(r->doc, root->variants, r->d, near, "no variant \"%s\"", name);
    return false;
}

static bool read_root(struct cell_reading *r, const char *variant)
{
    struct blocks root = { 0 }, chosen = { 0 };

    if (!json_object(r->doc, r->doc->root, r->d) ||
        !json_read(r->doc, r->doc->root, root_keys, COUNT_OF(root_keys), &root, r->d)) {
        return false;
    }
    if (strcmp(root.schema, CELL_SCHEMA) != 0) {
        json_error(r->doc, json_member(r->doc->root, "schema"), r->d, NULL, "must be \"" CELL_SCHEMA "\"");
        return false;
    }
    return json_array(r->doc, root.sources, 1, 100, r->d) && find_variant(r, &root, variant, &chosen) &&
           read_blocks(r, &root, &chosen);
}

bool cell_json_load_variant(struct cell_file *out, const char *path, const char *variant, struct diag *d)
{
    struct json_doc doc;

    if (!json_doc_load(&doc, path, d)) {
        return false;
    }
    struct cell_reading r = { .doc = &doc, .d = d };
    const bool sound = read_root(&r, variant);

    json_doc_free(&doc);
    if (sound) {
        *out = r.file;
    }
    return sound;
}

bool cell_json_load(struct cell_params *out, const char *path, struct diag *d)
{
    struct cell_file file;

    if (!cell_json_load_variant(&file, path, NULL, d)) {
        return false;
    }
    *out = file.params;
    return true;
}
