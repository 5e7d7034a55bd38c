#include "sim/params_json.h"

#include "sim/json_doc.h"

#include <stdio.h>
#include <string.h>

#define SCHEMA "packbench-params-1"

static const char *const basis_words[] = { "printed", "derived", "sibling", "assumed", NULL };

struct set_keys {
    const char *schema;
    const char *words; /* cppcheck-suppress unusedStructMember */
    const cJSON *values;
};

struct value_keys {
    int64_t value;
    int basis;         /* cppcheck-suppress unusedStructMember */
    const char *words; /* cppcheck-suppress unusedStructMember */
};

/* What the loader checks but does not keep (id, title; basis, source, reading) shares a place. */

static const struct json_key set_table[] = {
    { .name = "schema", .kind = JSON_STRING, .required = true, .offset = offsetof(struct set_keys, schema) },
    { .name = "id", .kind = JSON_STRING, .required = true, .offset = offsetof(struct set_keys, words) },
    { .name = "title", .kind = JSON_STRING, .required = true, .offset = offsetof(struct set_keys, words) },
    { .name = "values", .kind = JSON_OBJECT, .required = true, .offset = offsetof(struct set_keys, values) },
};

static const struct json_key value_table[] = {
    { .name = "value",
      .kind = JSON_INTEGER,
      .required = true,
      .min = INT32_MIN,
      .max = INT32_MAX,
      .offset = offsetof(struct value_keys, value) },
    { .name = "basis",
      .kind = JSON_WORD,
      .required = true,
      .words = basis_words,
      .offset = offsetof(struct value_keys, basis) },
    { .name = "source", .kind = JSON_STRING, .required = true, .offset = offsetof(struct value_keys, words) },
    { .name = "reading", .kind = JSON_STRING, .offset = offsetof(struct value_keys, words) },
};

static void refuse(const struct json_doc *doc, const cJSON *node, struct diag *d, const struct bms_param_info *info)
{
    char hint[80] = "";

    (void)snprintf(hint, sizeof hint, "%d to %d", (int)info->min, (int)info->max);
    json_error(doc, node, d, hint, "%s is out of its range", info->name);
}

static bool read_value(const struct json_doc *doc, const cJSON *node, struct bms_params *params, bool seen[],
                       struct diag *d)
{
    const int id = bms_param_find(node->string, strlen(node->string));
    struct value_keys keys = { .value = 0 };

    if (id < 0) {
        const char *words[BMS_PARAM_COUNT];

        for (int i = 0; i < BMS_PARAM_COUNT; i++) {
            words[i] = bms_param_table[i].name;
        }
        json_error_key(doc, node, d, diag_nearest(node->string, words, BMS_PARAM_COUNT), "there is no parameter %s",
                       node->string);
        return false;
    }
    seen[id] = true;
    if (!json_read(doc, node, value_table, sizeof value_table / sizeof value_table[0], &keys, d)) {
        return false;
    }
    if (bms_param_set(params, (uint16_t)id, (int32_t)keys.value) != BMS_PARAM_OK) {
        refuse(doc, json_member(node, "value"), d, &bms_param_table[id]);
        return false;
    }
    return true;
}

/* Options, and all of a fault but the word that it is disabled. */
static bool may_be_left_out(uint16_t id, const struct bms_params *params, const bool seen[])
{
    const int fault = bms_param_fault_of(id);
    const int enable = fault * (int)BMS_FIELD_COUNT + (int)BMS_FIELD_ENABLE;

    return bms_param_table[id].optional != 0 || (fault >= 0 && seen[enable] && params->value[enable] == 0);
}

static bool read_values(const struct json_doc *doc, const cJSON *values, struct bms_params *params, struct diag *d)
{
    bool seen[BMS_PARAM_COUNT] = { false }, sound = true;
    uint16_t which = 0;

    for (const cJSON *node = values->child; node != NULL; node = node->next) {
        sound = read_value(doc, node, params, seen, d) && sound;
    }
    for (int i = 0; i < BMS_PARAM_COUNT; i++) {
        if (!seen[i] && !may_be_left_out((uint16_t)i, params, seen)) {
            json_error(doc, values, d, NULL, "%s is missing", bms_param_table[i].name);
            sound = false;
        }
    }
    if (sound && bms_params_check(params, 0, &which) != BMS_PARAM_OK) {
        const char *const name = bms_param_table[which].name;
        const char *const other = bms_param_table[bms_param_table[which].other].name;

        json_error_key(doc, json_member(values, name), d, NULL, "%s contradicts %s", name,
                       bms_param_table[which].cross == BMS_CROSS_NONE ? "another parameter" : other);
        return false;
    }
    return sound;
}

bool params_json_load(struct bms_params *out, const char *path, struct diag *d)
{
    struct json_doc doc;
    struct set_keys keys = { .values = NULL };
    struct bms_params params;
    bool sound = false;

    if (!json_doc_load(&doc, path, d)) {
        return false;
    }
    bms_params_init(&params);
    if (json_read(&doc, doc.root, set_table, sizeof set_table / sizeof set_table[0], &keys, d)) {
        sound = strcmp(keys.schema, SCHEMA) == 0;
        if (!sound) {
            json_error(&doc, json_member(doc.root, "schema"), d, "the schema must be " SCHEMA,
                       "a parameter set of another kind");
        }
        sound = read_values(&doc, keys.values, &params, d) && sound;
    }
    json_doc_free(&doc);
    if (sound) {
        *out = params;
    }
    return sound;
}
