/* Any bytes as a JSON document. What our scanner accepts cJSON accepts too and prints as a text that reads the same;
 * all nodes have places in rising order that hold what the node is. */
#include "sim/json_doc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int sound)
{
    if (!sound) {
        abort();
    }
}

static const char *const words[] = { "idle", "charge", NULL };

struct target {
    double v, x, a;
    int64_t n;
    bool on;
    const char *text;
    int word;
    const cJSON *node;
};

static const struct json_key keys[] = {
    { .name = "v", .kind = JSON_QUANTITY, .dim = DIM_VOLTAGE, .max = 5, .offset = offsetof(struct target, v) },
    { .name = "a", .kind = JSON_QUANTITY, .dim = DIM_CURRENT, .offset = offsetof(struct target, a) },
    { .name = "x", .kind = JSON_NUMBER, .min = -1, .max = 1, .offset = offsetof(struct target, x) },
    { .name = "n", .kind = JSON_INTEGER, .offset = offsetof(struct target, n) },
    { .name = "on", .kind = JSON_BOOL, .offset = offsetof(struct target, on) },
    { .name = "text", .kind = JSON_STRING, .required = true, .offset = offsetof(struct target, text) },
    { .name = "word", .kind = JSON_WORD, .words = words, .offset = offsetof(struct target, word) },
    { .name = "list", .kind = JSON_ARRAY, .max = 3, .offset = offsetof(struct target, node) },
};

static void check_place(const struct json_doc *doc, const cJSON *node)
{
    const size_t where = json_where(doc, node), key = json_where_key(doc, node);
    char path[64];

    check(where < doc->size && key <= where);
    const char c = doc->text[where];

    check(cJSON_IsObject(node)   ? c == '{'
          : cJSON_IsArray(node)  ? c == '['
          : cJSON_IsString(node) ? c == '"'
          : cJSON_IsBool(node)   ? c == 't' || c == 'f'
          : cJSON_IsNull(node)   ? c == 'n'
                                 : c == '-' || (c >= '0' && c <= '9'));
    check(node->string == NULL || doc->text[key] == '"');
    json_path(doc, node, path, sizeof path);
    check(strlen(path) < sizeof path && json_line(doc, node) >= 1);
    if (cJSON_IsString(node)) {
        const size_t end = strlen(node->valuestring);

        check(json_where_in(doc, node, 0) == where + 1);
        check(doc->text[json_where_in(doc, node, end)] == '"');
        check(json_where_in(doc, node, end / 2) <= json_where_in(doc, node, end));
    }
}

/* Every node, in the order of the text. */
static void walk(const struct json_doc *doc)
{
    const cJSON *above[JSON_DEPTH_MAX];
    size_t depth = 0, count = 0;

    for (const cJSON *node = doc->root; node != NULL; count++) {
        check_place(doc, node);
        check((size_t)node->valueint == count);
        if (node->child != NULL) {
            above[depth++] = node;
            node = node->child;
            continue;
        }
        while (node->next == NULL && depth > 0) {
            node = above[--depth];
        }
        node = node->next;
    }
    check(count == doc->place_count);
}

static void check_messages(const struct diag *d, bool sound)
{
    FILE *out = fopen("/dev/null", "w");

    check(sound || d->errors > 0);
    check(d->count <= DIAG_MAX);
    if (out != NULL) {
        diag_print(d, out);
        (void)fclose(out);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct json_doc doc, again;
    struct diag d;
    struct target target = { 0 };

    diag_init(&d);
    const bool sound = json_doc_parse(&doc, "fuzz", (const char *)data, size, &d);

    check_messages(&d, sound);
    if (sound) {
        check(d.errors == 0);
        walk(&doc);
        char *text = cJSON_Print(doc.root);

        check(text != NULL && json_doc_parse(&again, "again", text, strlen(text), &d));
        check(cJSON_Compare(doc.root, again.root, true));
        check(again.place_count == doc.place_count);
        json_doc_free(&again);
        free(text);
        (void)json_read(&doc, doc.root, keys, sizeof keys / sizeof keys[0], &target, &d);
        check_messages(&d, true);
        json_doc_free(&doc);
    }
    diag_free(&d);
    return 0;
}
