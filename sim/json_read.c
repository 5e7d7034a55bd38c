#include "sim/json_doc.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define ALLOWED_MAX 100 /* characters of a list of allowed words; longer ones are no help */
#define KEYS_MAX 64     /* rows of a table of keys */

static const char *type_name(const cJSON *node)
{
    return cJSON_IsString(node)   ? "a string"
           : cJSON_IsNumber(node) ? "a number"
           : cJSON_IsBool(node)   ? "true or false"
           : cJSON_IsObject(node) ? "an object"
           : cJSON_IsArray(node)  ? "an array"
                                  : "null";
}

static bool wrong_type(const struct json_doc *doc, const cJSON *node, struct diag *d, const char *wanted)
{
    json_error(doc, node, d, NULL, "expected %s, got %s", wanted, type_name(node));
    return false;
}

const cJSON *json_member(const cJSON *object, const char *name)
{
    return cJSON_IsObject(object) ? cJSON_GetObjectItemCaseSensitive(object, name) : NULL;
}

static void print_quantity(double value, enum dim dim, char *out, size_t size)
{
    quantity_print((struct quantity){ .value = value, .dim = dim }, out, size);
}

/* NaN is never in a range. */
static bool in_range(const struct json_doc *doc, const cJSON *node, enum dim dim, double min, double max, double value,
                     struct diag *d)
{
    char got[64], low[64], high[64], thousandth[64], hint[100];
    const bool slip = dim != DIM_NONE && (dim != DIM_TIME || value < 60); /* nobody writes days for milliseconds */
    const bool milli = slip && value / 1000 >= min && value / 1000 <= max;

    if (value >= min && value <= max) {
        return true;
    }
    print_quantity(value, dim, got, sizeof got);
    print_quantity(min, dim, low, sizeof low);
    print_quantity(max, dim, high, sizeof high);
    const char *written = cJSON_IsString(node) ? node->valuestring : got;

    print_quantity(value / 1000, dim, thousandth, sizeof thousandth);
    (void)snprintf(hint, sizeof hint, "was %s meant?", thousandth);
    if (isinf(max)) {
        json_error(doc, node, d, NULL, "%s is out of range: at least %s", written, low);
    } else if (isinf(min)) {
        json_error(doc, node, d, milli ? hint : NULL, "%s is out of range: at most %s", written, high);
    } else {
        json_error(doc, node, d, milli ? hint : NULL, "%s is out of range: %s to %s", written, low, high);
    }
    return false;
}

bool json_number(const struct json_doc *doc, const cJSON *node, double min, double max, double *out, struct diag *d)
{
    if (node == NULL) {
        return true;
    }
    if (!cJSON_IsNumber(node)) {
        return wrong_type(doc, node, d, "a number");
    }
    if (!in_range(doc, node, DIM_NONE, min, max, node->valuedouble, d)) {
        return false;
    }
    *out = node->valuedouble;
    return true;
}

bool json_integer(const struct json_doc *doc, const cJSON *node, int64_t min, int64_t max, int64_t *out, struct diag *d)
{
    const double exact = 9007199254740992.0; /* 2^53: beyond it a double skips integers */

    if (node == NULL) {
        return true;
    }
    if (!cJSON_IsNumber(node)) {
        return wrong_type(doc, node, d, "a whole number");
    }
    const double value = node->valuedouble;

    if (value != floor(value) || fabs(value) > exact) {
        json_error(doc, node, d, NULL, "expected a whole number%s", fabs(value) > exact ? " below 2^53" : "");
        return false;
    }
    if ((int64_t)value < min || (int64_t)value > max) {
        json_error(doc, node, d, NULL, "%.0f is out of range: %" PRId64 " to %" PRId64, value, min, max);
        return false;
    }
    *out = (int64_t)value;
    return true;
}

bool json_bool(const struct json_doc *doc, const cJSON *node, bool *out, struct diag *d)
{
    if (node == NULL) {
        return true;
    }
    if (!cJSON_IsBool(node)) {
        return wrong_type(doc, node, d, "true or false");
    }
    *out = cJSON_IsTrue(node) != 0;
    return true;
}

bool json_string(const struct json_doc *doc, const cJSON *node, const char **out, struct diag *d)
{
    if (node == NULL) {
        return true;
    }
    if (!cJSON_IsString(node)) {
        return wrong_type(doc, node, d, "a string");
    }
    *out = node->valuestring;
    return true;
}

bool json_object(const struct json_doc *doc, const cJSON *node, struct diag *d)
{
    return node == NULL || cJSON_IsObject(node) || wrong_type(doc, node, d, "an object");
}

bool json_array(const struct json_doc *doc, const cJSON *node, size_t min_count, size_t max_count, struct diag *d)
{
    if (node == NULL) {
        return true;
    }
    if (!cJSON_IsArray(node)) {
        return wrong_type(doc, node, d, "an array");
    }
    const size_t count = (size_t)cJSON_GetArraySize(node);

    if (count < min_count) {
        json_error(doc, node, d, NULL, "expected at least %zu element%s, got %zu", min_count, min_count == 1 ? "" : "s",
                   count);
        return false;
    }
    if (count > max_count) {
        json_error(doc, node, d, NULL, "expected at most %zu element%s, got %zu", max_count, max_count == 1 ? "" : "s",
                   count);
        return false;
    }
    return true;
}

/* "did you mean ..." or "allowed: ...": the better of the two, or NULL. */
static const char *suggest(const char *word, const char *const words[], size_t count, char *out, size_t size)
{
    const char *nearest = diag_nearest(word, words, count);
    size_t used = 0;

    if (nearest != NULL) {
        (void)snprintf(out, size, "did you mean \"%s\"?", nearest);
        return out;
    }
    for (size_t i = 0; i < count && used < ALLOWED_MAX && used < size; i++) {
        used += (size_t)snprintf(out + used, size - used, "%s%s", i == 0 ? "allowed: " : ", ", words[i]);
    }
    return used > 0 && used < ALLOWED_MAX && used < size ? out : NULL;
}

bool json_word(const struct json_doc *doc, const cJSON *node, const char *const words[], int *out, struct diag *d)
{
    char hint[160];
    size_t count = 0;

    if (node == NULL) {
        return true;
    }
    if (!cJSON_IsString(node)) {
        return wrong_type(doc, node, d, "a string");
    }
    for (; words[count] != NULL; count++) {
        if (strcmp(words[count], node->valuestring) == 0) {
            *out = (int)count;
            return true;
        }
    }
    json_error(doc, node, d, suggest(node->valuestring, words, count, hint, sizeof hint), "unknown word \"%s\"",
               node->valuestring);
    return false;
}

bool json_any_quantity(const struct json_doc *doc, const cJSON *node, struct quantity *out, struct diag *d)
{
    char error[160];
    size_t at = 0;

    if (node == NULL) {
        return true;
    }
    if (cJSON_IsNumber(node)) {
        *out = (struct quantity){ .value = node->valuedouble, .dim = DIM_NONE };
        return true;
    }
    if (!cJSON_IsString(node)) {
        return wrong_type(doc, node, d, "a quantity such as \"3.70 V\"");
    }
    if (!quantity_parse(node->valuestring, strlen(node->valuestring), out, error, sizeof error, &at)) {
        json_error_in(doc, node, at, d, NULL, "%s", error);
        return false;
    }
    return true;
}

static const char *article(const char *noun)
{
    return strchr("aeiou", noun[0]) != NULL ? "an" : "a";
}

static bool wrong_dimension(const struct json_doc *doc, const cJSON *node, enum dim wanted, const struct quantity *got,
                            struct diag *d)
{
    const char *noun = dim_noun(wanted);
    char hint[120] = "", number[64];

    print_quantity(got->value, DIM_NONE, number, sizeof number);
    if (wanted == DIM_NONE || wanted == DIM_COUNT) {
        if (got->dim == DIM_NONE) {
            (void)snprintf(hint, sizeof hint, "write %s without quotes", number);
        }
        json_error(doc, node, d, hint[0] != '\0' ? hint : NULL, "expected a bare number, got a %s",
                   got->dim == DIM_NONE ? "string" : dim_noun(got->dim));
        return false;
    }
    if (got->dim == DIM_NONE) {
        (void)snprintf(hint, sizeof hint, "write \"%s %s\"", number, dim_unit(wanted));
        json_error(doc, node, d, hint, "expected %s %s with its unit, got %s", article(noun), noun, number);
        return false;
    }
    if (got->dim == DIM_C_RATE && wanted == DIM_CURRENT) {
        json_error(doc, node, d, "write it in A", "a C rate is not known here: no pack gives the capacity");
        return false;
    }
    if ((got->dim == DIM_TEMPERATURE && wanted == DIM_TEMP_DIFF) ||
        (got->dim == DIM_TEMP_DIFF && wanted == DIM_TEMPERATURE)) {
        (void)snprintf(hint, sizeof hint, "write %s", wanted == DIM_TEMPERATURE ? "degC" : "K");
    }
    json_error(doc, node, d, hint[0] != '\0' ? hint : NULL, "expected %s %s, got \"%s\", %s %s", article(noun), noun,
               node->valuestring, article(dim_noun(got->dim)), dim_noun(got->dim));
    return false;
}

bool json_quantity(const struct json_doc *doc, const cJSON *node, enum dim dim, double min, double max, double *out,
                   struct diag *d)
{
    struct quantity q = { .value = 0, .dim = dim };

    if (node == NULL) {
        return true;
    }
    if (!json_any_quantity(doc, node, &q, d)) {
        return false;
    }
    if (q.dim == DIM_C_RATE && dim == DIM_CURRENT && doc->nominal_Ah > 0) {
        q = (struct quantity){ .value = q.value * doc->nominal_Ah, .dim = DIM_CURRENT };
    }
    const bool bare = dim == DIM_NONE || dim == DIM_COUNT;

    if (bare ? !cJSON_IsNumber(node) : q.dim != dim) {
        return wrong_dimension(doc, node, dim, &q, d);
    }
    if (!in_range(doc, node, dim, min, max, q.value, d)) {
        return false;
    }
    *out = q.value;
    return true;
}

static bool is_in_table(const char *name, const struct json_key keys[], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(keys[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

bool json_check_keys(const struct json_doc *doc, const cJSON *object, const struct json_key keys[], size_t count,
                     struct diag *d)
{
    const char *names[KEYS_MAX];
    const cJSON *child = NULL;
    bool sound = true;

    if (!json_object(doc, object, d)) {
        return false;
    }
    for (size_t i = 0; i < count && i < KEYS_MAX; i++) {
        names[i] = keys[i].name;
    }
    cJSON_ArrayForEach(child, object)
    {
        if (!is_in_table(child->string, keys, count)) {
            char hint[160];

            json_error_key(doc, child, d,
                           suggest(child->string, names, count < KEYS_MAX ? count : KEYS_MAX, hint, sizeof hint),
                           "unknown key \"%s\"", child->string);
            sound = false;
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (keys[i].required && object != NULL && json_member(object, keys[i].name) == NULL) {
            json_error(doc, object, d, keys[i].meaning, "key \"%s\" is missing", keys[i].name);
            sound = false;
        }
    }
    return sound;
}

/* A bound of a table as an integer; infinite ones are the last there is. */
static int64_t whole(double bound)
{
    return bound >= 9e18 ? INT64_MAX : bound <= -9e18 ? INT64_MIN : (int64_t)bound;
}

/* Reads one key into a field; the field's type follows from the kind (json_doc.h). */
static bool read_key(const struct json_doc *doc, const cJSON *node, const struct json_key *key, void *field,
                     struct diag *d)
{
    const bool ranged = key->min != key->max;
    const double min = ranged ? key->min : -HUGE_VAL, max = ranged ? key->max : HUGE_VAL;

    switch (key->kind) {
    case JSON_ANY:
        break;
    case JSON_OBJECT:
        if (!json_object(doc, node, d)) {
            return false;
        }
        break;
    case JSON_ARRAY:
        if (!json_array(doc, node, ranged ? (size_t)whole(key->min) : 0, ranged ? (size_t)whole(key->max) : SIZE_MAX,
                        d)) {
            return false;
        }
        break;
    case JSON_NUMBER:
        return json_number(doc, node, min, max, field, d);
    case JSON_INTEGER:
        return json_integer(doc, node, whole(min), whole(max), field, d);
    case JSON_BOOL:
        return json_bool(doc, node, field, d);
    case JSON_STRING:
        return json_string(doc, node, field, d);
    case JSON_WORD:
        return json_word(doc, node, key->words, field, d);
    case JSON_QUANTITY:
        return json_quantity(doc, node, key->dim, min, max, field, d);
    }
    *(const cJSON **)field = node;
    return true;
}

bool json_read(const struct json_doc *doc, const cJSON *object, const struct json_key keys[], size_t count, void *out,
               struct diag *d)
{
    bool sound = json_check_keys(doc, object, keys, count, d);

    for (size_t i = 0; i < count && out != NULL; i++) {
        const cJSON *node = json_member(object, keys[i].name);

        if (node != NULL && !read_key(doc, node, &keys[i], (char *)out + keys[i].offset, d)) {
            sound = false;
        }
    }
    return sound;
}
