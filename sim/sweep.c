#include "sim/sweep.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_SIZE 400 /* of a case */
#define CASE_NAME "case"

struct binding {
    const char *name;
    const cJSON *value;
    size_t number; /* of the value in its list, from 1 */
    bool only;     /* value of its list: it tells no case from another */
    bool used;
};

struct bindings {
    struct binding item[SWEEP_NAMES_MAX];
    size_t count;
    const char *case_name; /* given by the author, or NULL */
};

/* A text that grows; failed once memory is out. */
struct text {
    char *bytes;
    size_t size;
    bool failed;
};

static void text_add(struct text *t, const char *bytes, size_t size)
{
    char *grown = t->failed ? NULL : realloc(t->bytes, t->size + size + 1);

    if (grown == NULL) {
        t->failed = true;
        return;
    }
    memcpy(grown + t->size, bytes, size);
    t->bytes = grown;
    t->size += size;
    grown[t->size] = '\0';
}

static bool is_name(const char *name)
{
    const size_t size = strlen(name);
    bool good = size > 0 && isalpha((unsigned char)name[0]) != 0;

    for (size_t i = 0; i < size && good; i++) {
        good = isalnum((unsigned char)name[i]) != 0 || strchr("_ -", name[i]) != NULL;
    }
    return good;
}

static bool check_names(const struct json_doc *doc, const cJSON *object, struct diag *d)
{
    const cJSON *member = NULL;
    size_t count = 0;
    bool ok = true;

    cJSON_ArrayForEach(member, object)
    {
        if (!is_name(member->string)) {
            json_error_key(doc, member, d, NULL, "a name is letters, digits, _ and -, and begins with a letter");
            ok = false;
        }
        count++;
    }
    if (count == 0 || count > SWEEP_NAMES_MAX) {
        json_error(doc, object, d, NULL, "expected 1 to %d names, got %zu", SWEEP_NAMES_MAX, count);
        ok = false;
    }
    return ok;
}

static bool open_grid(struct sweep *s, struct diag *d)
{
    const cJSON *list = NULL;
    bool ok = json_object(s->doc, s->grid, d) && check_names(s->doc, s->grid, d);

    s->count = 1;
    cJSON_ArrayForEach(list, s->grid)
    {
        if (!json_array(s->doc, list, 1, SWEEP_CASES_MAX, d)) {
            return false;
        }
        s->count *= (size_t)cJSON_GetArraySize(list);
        if (s->count > SWEEP_CASES_MAX) {
            json_error(s->doc, s->grid, d, "write the combinations that matter as \"cases\"", "more than %d cases",
                       SWEEP_CASES_MAX);
            return false;
        }
    }
    return ok;
}

static bool open_list(struct sweep *s, struct diag *d)
{
    const cJSON *entry = NULL;
    bool ok = true;

    if (!json_array(s->doc, s->list, 1, SWEEP_CASES_MAX, d)) {
        return false;
    }
    cJSON_ArrayForEach(entry, s->list)
    {
        ok = json_object(s->doc, entry, d) && check_names(s->doc, entry, d) && ok;
        if (json_member(entry, CASE_NAME) != NULL && !cJSON_IsString(json_member(entry, CASE_NAME))) {
            json_error(s->doc, json_member(entry, CASE_NAME), d, NULL, "the name of a case is a string");
            ok = false;
        }
    }
    s->count = (size_t)cJSON_GetArraySize(s->list);
    return ok;
}

bool sweep_open(struct sweep *sweep, const struct json_doc *doc, struct diag *d)
{
    *sweep = (struct sweep){
        .doc = doc, .grid = json_member(doc->root, "sweep"), .list = json_member(doc->root, "cases"), .count = 1
    };
    if (sweep->grid != NULL && sweep->list != NULL) {
        json_error_key(doc, sweep->list, d, NULL, "give \"sweep\" or \"cases\", not both");
        return false;
    }
    if (sweep->grid != NULL) {
        return open_grid(sweep, d);
    }
    return sweep->list == NULL || open_list(sweep, d);
}

static void bind_grid(const struct sweep *s, size_t i, struct bindings *b)
{
    const cJSON *list = NULL;
    size_t stride = s->count;

    cJSON_ArrayForEach(list, s->grid)
    {
        const size_t size = (size_t)cJSON_GetArraySize(list);
        size_t number;

        stride /= size;
        number = i / stride % size;
        b->item[b->count++] =
            (struct binding){ list->string, cJSON_GetArrayItem(list, (int)number), number + 1, size == 1, false };
    }
}

static void bind_list(const struct sweep *s, size_t i, struct bindings *b)
{
    const cJSON *member = NULL;

    cJSON_ArrayForEach(member, cJSON_GetArrayItem(s->list, (int)i))
    {
        if (strcmp(member->string, CASE_NAME) == 0) {
            b->case_name = member->valuestring;
        } else {
            b->item[b->count++] = (struct binding){ member->string, member, i + 1, false, false };
        }
    }
}

static struct binding *find_binding(struct bindings *b, const char *name, size_t size)
{
    for (size_t i = 0; i < b->count; i++) {
        if (strlen(b->item[i].name) == size && strncmp(b->item[i].name, name, size) == 0) {
            b->item[i].used = true;
            return &b->item[i];
        }
    }
    return NULL;
}

static void add_value(struct text *t, const struct binding *b)
{
    char number[40];

    if (cJSON_IsString(b->value)) {
        text_add(t, b->value->valuestring, strlen(b->value->valuestring));
        return;
    }
    if (cJSON_IsNumber(b->value)) {
        (void)snprintf(number, sizeof number, "%.15g", b->value->valuedouble);
    } else {
        (void)snprintf(number, sizeof number, "#%zu", b->number);
    }
    text_add(t, number, strlen(number));
}

static void unknown_name(const struct json_doc *doc, const cJSON *node, const struct bindings *b, const char *name,
                         size_t size, struct diag *d)
{
    const char *names[SWEEP_NAMES_MAX];
    char word[80], hint[120];
    const char *nearest;

    (void)snprintf(word, sizeof word, "%.*s", (int)size, name);
    for (size_t i = 0; i < b->count; i++) {
        names[i] = b->item[i].name;
    }
    nearest = diag_nearest(word, names, b->count);
    (void)snprintf(hint, sizeof hint, nearest != NULL ? "did you mean ${%s}?" : "give its values in \"sweep\"%s",
                   nearest != NULL ? nearest : "");
    json_error(doc, node, d, hint, "no value for ${%s}", word);
}

/* The text with every ${name} replaced, malloc'd by cJSON's allocator; NULL when something was wrong. */
static char *substitute(const struct json_doc *doc, const cJSON *node, const char *source, struct bindings *b,
                        struct diag *d)
{
    struct text t = { 0 };
    const char *p = source;
    char *out = NULL;
    bool ok = true;

    for (const char *open = strstr(p, "${"); open != NULL; open = strstr(p, "${")) {
        const char *close = strchr(open, '}');
        const size_t size = close != NULL ? (size_t)(close - open - 2) : strlen(open + 2);
        const struct binding *found = close != NULL ? find_binding(b, open + 2, size) : NULL;

        text_add(&t, p, (size_t)(open - p));
        if (close == NULL) {
            json_error(doc, node, d, NULL, "${ without }");
            ok = false;
            p = open + 2;
            continue;
        }
        p = close + 1;
        if (found == NULL) {
            unknown_name(doc, node, b, open + 2, size, d);
            ok = false;
        } else if (!cJSON_IsString(found->value) && !cJSON_IsNumber(found->value)) {
            json_error(doc, node, d, "an object can only stand alone: \"${name}\"", "the value of %s is not a text",
                       found->name);
            ok = false;
        } else {
            add_value(&t, found);
        }
    }
    text_add(&t, p, strlen(p));
    if (ok && !t.failed) {
        out = cJSON_malloc(t.size + 1);
    }
    if (out != NULL) {
        memcpy(out, t.bytes, t.size + 1);
    } else if (ok) {
        diag_plain(d, DIAG_ERROR, doc->file, NULL, "out of memory");
    }
    free(t.bytes);
    return out;
}

/* Makes node a copy of value, under its own key. */
static bool become(cJSON *node, const cJSON *value)
{
    cJSON *copy = cJSON_Duplicate(value, 1);

    if (copy == NULL) {
        return false;
    }
    cJSON_free(node->valuestring);
    node->valuestring = copy->valuestring;
    node->type = copy->type;
    node->valueint = copy->valueint; /* its place: messages point into the sweep */
    node->valuedouble = copy->valuedouble;
    node->child = copy->child;
    copy->valuestring = NULL;
    copy->child = NULL;
    cJSON_Delete(copy);
    return true;
}

static bool substitute_node(const struct json_doc *doc, cJSON *node, struct bindings *b, struct diag *d)
{
    bool ok = true;

    if (node->string != NULL && strstr(node->string, "${") != NULL) {
        char *key = substitute(doc, node, node->string, b, d);

        ok = key != NULL;
        if (ok) {
            cJSON_free(node->string);
            node->string = key;
        }
    }
    if (cJSON_IsString(node) && strstr(node->valuestring, "${") != NULL) {
        const char *text = node->valuestring;
        const size_t size = strlen(text);
        const bool whole = strncmp(text, "${", 2) == 0 && strchr(text, '}') == text + size - 1;
        const struct binding *found = whole ? find_binding(b, text + 2, size - 3) : NULL;
        char *replaced;

        if (found != NULL) {
            return become(node, found->value) && ok;
        }
        replaced = substitute(doc, node, text, b, d);
        if (replaced == NULL) {
            return false;
        }
        cJSON_free(node->valuestring);
        node->valuestring = replaced;
    }
    return ok;
}

/* Every node of the tree, root first. Values that came in by a substitution are not looked into again. */
static bool substitute_tree(const struct json_doc *doc, cJSON *root, struct bindings *b, struct diag *d)
{
    cJSON *above[JSON_DEPTH_MAX];
    cJSON *node = root;
    size_t depth = 0;
    bool ok = true;

    while (node != NULL) {
        const cJSON *child = node->child;

        ok = substitute_node(doc, node, b, d) && ok;
        if (child != NULL && node->child == child && depth < JSON_DEPTH_MAX) {
            above[depth++] = node;
            node = node->child;
            continue;
        }
        while (depth > 0 && node->next == NULL) {
            node = above[--depth];
        }
        node = depth > 0 ? node->next : NULL;
    }
    return ok;
}

static char *case_name(const struct bindings *b)
{
    struct text t = { 0 };

    text_add(&t, "", 0);
    if (b->case_name != NULL) {
        text_add(&t, b->case_name, strlen(b->case_name));
    }
    for (size_t i = 0; i < b->count && b->case_name == NULL && t.size < NAME_SIZE; i++) {
        if (b->item[i].only) {
            continue;
        }
        text_add(&t, ", ", t.size == 0 ? 0 : 2);
        text_add(&t, b->item[i].name, strlen(b->item[i].name));
        text_add(&t, "=", 1);
        add_value(&t, &b->item[i]);
    }
    return t.bytes;
}

static bool all_used(const struct sweep *s, const struct bindings *b, struct diag *d)
{
    bool ok = true;

    for (size_t i = 0; i < b->count; i++) {
        if (!b->item[i].used) {
            json_error(s->doc, b->item[i].value, d, "write ${name} where it belongs, or remove it",
                       "\"%s\" is used nowhere", b->item[i].name);
            ok = false;
        }
    }
    return ok;
}

cJSON *sweep_case(const struct sweep *sweep, size_t i, char **name, struct diag *d)
{
    cJSON *tree = cJSON_Duplicate(sweep->doc->root, 1);
    struct bindings b = { .count = 0 };
    bool ok;

    if (sweep->grid != NULL) {
        bind_grid(sweep, i, &b);
    } else if (sweep->list != NULL) {
        bind_list(sweep, i, &b);
    }
    *name = case_name(&b);
    if (tree == NULL || *name == NULL) {
        diag_plain(d, DIAG_ERROR, sweep->doc->file, NULL, "out of memory");
        ok = false;
    } else {
        cJSON_DeleteItemFromObjectCaseSensitive(tree, "sweep");
        cJSON_DeleteItemFromObjectCaseSensitive(tree, "cases");
        ok = substitute_tree(sweep->doc, tree, &b, d);
        ok = all_used(sweep, &b, d) && ok;
    }
    if (!ok) {
        cJSON_Delete(tree);
        free(*name);
        *name = NULL;
        return NULL;
    }
    return tree;
}
