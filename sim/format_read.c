#include "sim/format_read.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define KEYS_MAX 32
#define TEXT_SIZE 480

bool format_open(struct format_reader *r, const cJSON *node, enum format_object kind, struct format_node *out)
{
    const struct format_info *info = format_info(kind);
    struct json_key keys[KEYS_MAX] = { { .name = NULL } };
    size_t count = 0;

    *out = (struct format_node){ .r = r, .object = node, .kind = kind };
    for (; count < info->count && count < KEYS_MAX; count++) {
        keys[count].name = info->key[count].name;
        keys[count].meaning = info->key[count].meaning;
        keys[count].required = info->key[count].required;
    }
    if (!json_check_keys(r->doc, node, keys, count, r->d)) {
        r->ok = false;
    }
    if (!cJSON_IsObject(node)) {
        out->object = NULL;
        return false;
    }
    return true;
}

const cJSON *format_member(const struct format_node *n, const char *name)
{
    (void)format_key(n->kind, name);
    return json_member(n->object, name);
}

/* Keeps count of failures: a reader of json_doc.h says true for an absent key too. */
static bool done(struct format_reader *r, const cJSON *node, bool sound)
{
    if (!sound) {
        r->ok = false;
    }
    return sound && node != NULL;
}

bool format_text(const struct format_node *n, const char *name, const char **out)
{
    const cJSON *node = format_member(n, name);
    const char *text = NULL;

    if (!done(n->r, node, json_string(n->r->doc, node, &text, n->r->d))) {
        return false;
    }
    if (text[0] == '\0') {
        format_error(n->r, node, NULL, "is empty");
        return false;
    }
    *out = text;
    return true;
}

bool format_word(const struct format_node *n, const char *name, int *out)
{
    const struct format_key *key = format_key(n->kind, name);
    const cJSON *node = json_member(n->object, name);

    return done(n->r, node, json_word(n->r->doc, node, key->words, out, n->r->d));
}

bool format_integer(const struct format_node *n, const char *name, int64_t *out)
{
    const struct format_key *key = format_key(n->kind, name);
    const cJSON *node = json_member(n->object, name);

    return done(n->r, node, json_integer(n->r->doc, node, (int64_t)key->min, (int64_t)key->max, out, n->r->d));
}

bool format_quantity_at(struct format_reader *r, const cJSON *node, const struct format_key *key, double *out)
{
    const bool ranged = key->min != key->max;

    return done(
        r, node,
        json_quantity(r->doc, node, key->dim, ranged ? key->min : -HUGE_VAL, ranged ? key->max : HUGE_VAL, out, r->d));
}

bool format_quantity(const struct format_node *n, const char *name, double *out)
{
    return format_quantity_at(n->r, json_member(n->object, name), format_key(n->kind, name), out);
}

bool format_any_quantity(const struct format_node *n, const char *name, struct quantity *out)
{
    const cJSON *node = format_member(n, name);

    return done(n->r, node, json_any_quantity(n->r->doc, node, out, n->r->d));
}

bool format_is_word(const struct format_node *n, const char *name, int *word)
{
    const struct format_key *key = format_key(n->kind, name);
    const cJSON *node = json_member(n->object, name);

    for (int i = 0; key->words != NULL && key->words[i] != NULL && cJSON_IsString(node); i++) {
        if (strcmp(node->valuestring, key->words[i]) == 0) {
            if (word != NULL) {
                *word = i;
            }
            return true;
        }
    }
    return false;
}

void format_error(struct format_reader *r, const cJSON *node, const char *hint, const char *format, ...)
{
    char text[TEXT_SIZE];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    json_error(r->doc, node, r->d, hint, "%s", text);
    r->ok = false;
}

void format_error_key(struct format_reader *r, const cJSON *node, const char *hint, const char *format, ...)
{
    char text[TEXT_SIZE];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    json_error_key(r->doc, node, r->d, hint, "%s", text);
    r->ok = false;
}

void format_error_in(struct format_reader *r, const cJSON *node, size_t at, const char *hint, const char *format, ...)
{
    char text[TEXT_SIZE];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (format_is_substituted(r->doc, node)) {
        json_error(r->doc, node, r->d, hint, "in \"%s\": %s", node->valuestring, text);
    } else {
        json_error_in(r->doc, node, at, r->d, hint, "%s", text);
    }
    r->ok = false;
}

bool format_is_substituted(const struct json_doc *doc, const cJSON *node)
{
    const size_t offset = json_where(doc, node);

    if (offset == SIZE_MAX || doc->text[offset] != '"') {
        return false;
    }
    for (size_t i = offset + 1; doc->text[i] != '"' && doc->text[i] != '\0'; i++) {
        if (doc->text[i] == '\\' && doc->text[i + 1] != '\0') {
            i++;
        } else if (doc->text[i] == '$' && doc->text[i + 1] == '{') {
            return true;
        }
    }
    return false;
}

char *format_copy(struct format_reader *r, const char *text)
{
    char *copy = strdup(text);

    if (copy == NULL) {
        diag_plain(r->d, DIAG_ERROR, r->doc->file, NULL, "out of memory");
        r->ok = false;
    }
    return copy;
}

void *format_array(struct format_reader *r, size_t count, size_t size)
{
    void *array = calloc(count > 0 ? count : 1, size);

    if (array == NULL) {
        diag_plain(r->d, DIAG_ERROR, r->doc->file, NULL, "out of memory");
        r->ok = false;
    }
    return array;
}
