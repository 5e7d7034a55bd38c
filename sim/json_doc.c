#include "sim/json_doc.h"

#include "sim/json_scan.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_SIZE 160

/* Gives every node its row: the tree in preorder is the text from start to end. */
static bool number_nodes(struct json_doc *doc)
{
    cJSON *above[JSON_DEPTH_MAX];
    size_t depth = 0, row = 0;

    for (cJSON *node = doc->root; node != NULL && row < doc->place_count; row++) {
        node->valueint = (int)row;
        doc->place[row].key = node->string;
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
    return row == doc->place_count;
}

struct key_ref {
    const struct json_place *place;
};

/* By parent, then key, then order. */
static int compare_keys(const void *left, const void *right)
{
    const struct json_place *a = ((const struct key_ref *)left)->place;
    const struct json_place *b = ((const struct key_ref *)right)->place;

    if (a->parent != b->parent) {
        return a->parent < b->parent ? -1 : 1;
    }
    const int order = strcmp(a->key, b->key);

    return order != 0 ? order : a < b ? -1 : 1;
}

static bool report_repeated(const struct json_doc *doc, const struct key_ref sorted[], size_t count, struct diag *d)
{
    bool found = false;

    for (size_t i = 1; i < count; i++) {
        const struct json_place *first = sorted[i - 1].place, *again = sorted[i].place;

        if (first->parent == again->parent && strcmp(first->key, again->key) == 0) {
            diag_at(d, DIAG_ERROR, doc->file, doc->text, doc->size, again->key_offset, NULL,
                    "remove one of the two, or rename it", "key \"%s\" stands twice in the same object", again->key);
            found = true;
        }
    }
    return found;
}

static bool has_repeated_keys(const struct json_doc *doc, struct diag *d)
{
    struct key_ref *sorted = malloc(doc->place_count * sizeof *sorted);
    size_t count = 0;

    if (sorted == NULL) {
        diag_plain(d, DIAG_ERROR, doc->file, NULL, "out of memory");
        return true;
    }
    for (size_t i = 0; i < doc->place_count; i++) {
        if (doc->place[i].key != NULL) {
            sorted[count++].place = &doc->place[i];
        }
    }
    qsort(sorted, count, sizeof *sorted, compare_keys);
    const bool found = report_repeated(doc, sorted, count, d);

    free(sorted);
    return found;
}

/* Text that cannot be JSON at all, said without showing it. */
static bool is_text(const struct json_doc *doc, struct diag *d)
{
    const unsigned char *p = (const unsigned char *)doc->text;
    const size_t bad = utf8_check(doc->text, doc->size);

    if (doc->size >= 2 && ((p[0] == 0xFF && p[1] == 0xFE) || (p[0] == 0xFE && p[1] == 0xFF))) {
        diag_plain(d, DIAG_ERROR, doc->file, "save it as UTF-8", "the file is UTF-16");
        return false;
    }
    const char *nul = memchr(doc->text, '\0', doc->size);

    if (nul != NULL) {
        diag_at(d, DIAG_ERROR, doc->file, doc->text, doc->size, (size_t)(nul - doc->text), NULL,
                "is this a binary file?", "a NUL byte: not a JSON text");
        return false;
    }
    if (bad < doc->size) {
        diag_at(d, DIAG_ERROR, doc->file, doc->text, doc->size, bad, NULL, "save the file as UTF-8",
                "byte 0x%02X is not UTF-8", p[bad]);
        return false;
    }
    return true;
}

/* doc owns file and text already. */
static bool build(struct json_doc *doc, struct diag *d)
{
    if (!is_text(doc, d) || !json_scan(doc, d)) {
        return false;
    }
    doc->root = cJSON_ParseWithLength(doc->text, doc->size + 1);
    if (doc->root == NULL || !number_nodes(doc)) {
        diag_plain(d, DIAG_ERROR, doc->file, NULL, "out of memory, or a text that cJSON reads in another way");
        return false;
    }
    return !has_repeated_keys(doc, d);
}

static bool finish(struct json_doc *doc, struct diag *d)
{
    if (doc->file == NULL || doc->text == NULL) {
        diag_plain(d, DIAG_ERROR, doc->file, NULL, "out of memory");
    } else if (doc->size > JSON_SIZE_MAX) {
        diag_plain(d, DIAG_ERROR, doc->file, NULL, "larger than %zu MiB", JSON_SIZE_MAX >> 20U);
    } else if (build(doc, d)) {
        return true;
    }
    json_doc_free(doc);
    return false;
}

bool json_doc_parse(struct json_doc *doc, const char *name, const char *text, size_t size, struct diag *d)
{
    const size_t bom = size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;

    *doc = (struct json_doc){ .file = strdup(name), .size = size - bom };
    doc->text = size <= JSON_SIZE_MAX ? malloc(doc->size + 1) : calloc(1, 1);
    if (doc->text != NULL && size <= JSON_SIZE_MAX) {
        memcpy(doc->text, text + bom, doc->size);
        doc->text[doc->size] = '\0';
    }
    return finish(doc, d);
}

/* The whole stream, but no more than a byte beyond the limit. */
static char *read_all(FILE *in, size_t *size)
{
    size_t capacity = (size_t)1 << 14, used = 0, got = 0;
    char *text = malloc(capacity + 1);

    while (text != NULL && (got = fread(text + used, 1, capacity - used, in)) > 0) {
        used += got;
        if (used > JSON_SIZE_MAX) {
            break;
        }
        if (used == capacity) {
            char *grown = realloc(text, capacity * 2 + 1);

            if (grown == NULL) {
                free(text);
                return NULL;
            }
            text = grown;
            capacity *= 2;
        }
    }
    if (text != NULL) {
        text[used] = '\0';
    }
    *size = used;
    return text;
}

bool json_doc_load(struct json_doc *doc, const char *path, struct diag *d)
{
    const bool is_stdin = strcmp(path, "-") == 0;
    FILE *in = is_stdin ? stdin : fopen(path, "rb");

    *doc = (struct json_doc){ .file = strdup(is_stdin ? "<stdin>" : path) };
    if (in == NULL) {
        diag_plain(d, DIAG_ERROR, path, NULL, "cannot be opened: %s", strerror(errno));
        json_doc_free(doc);
        return false;
    }
    errno = 0;
    doc->text = read_all(in, &doc->size);
    const int error = ferror(in) != 0 ? errno : 0;

    if (!is_stdin) {
        (void)fclose(in);
    }
    if (error != 0) {
        diag_plain(d, DIAG_ERROR, doc->file, NULL, "cannot be read: %s", strerror(error));
        json_doc_free(doc);
        return false;
    }
    if (doc->text != NULL && doc->size >= 3 && memcmp(doc->text, "\xEF\xBB\xBF", 3) == 0) {
        doc->size -= 3;
        memmove(doc->text, doc->text + 3, doc->size + 1);
    }
    return finish(doc, d);
}

void json_doc_free(struct json_doc *doc)
{
    cJSON_Delete(doc->root);
    free(doc->place);
    free(doc->text);
    free(doc->file);
    memset(doc, 0, sizeof *doc);
}

/* cJSON keeps valueint only for callers of old; a node's row stands there, so that copies of a node keep it too. */
static const struct json_place *place_of(const struct json_doc *doc, const cJSON *node)
{
    return node != NULL && node->valueint >= 0 && (size_t)node->valueint < doc->place_count
               ? &doc->place[node->valueint]
               : NULL;
}

size_t json_where(const struct json_doc *doc, const cJSON *node)
{
    const struct json_place *place = place_of(doc, node);

    return place != NULL ? place->offset : SIZE_MAX;
}

size_t json_where_key(const struct json_doc *doc, const cJSON *node)
{
    const struct json_place *place = place_of(doc, node);

    return place == NULL ? SIZE_MAX : place->key_offset != SIZE_MAX ? place->key_offset : place->offset;
}

size_t json_where_in(const struct json_doc *doc, const cJSON *node, size_t at)
{
    size_t offset = json_where(doc, node);

    if (offset == SIZE_MAX || doc->text[offset] != '"') {
        return offset;
    }
    offset++;
    while (at > 0 && doc->text[offset] != '"') {
        size_t decoded = 1, size = 1;

        if (doc->text[offset] == '\\') {
            size = json_escape_size(doc->text + offset, &decoded);
        }
        if (decoded > at) {
            break;
        }
        at -= decoded;
        offset += size;
    }
    return offset;
}

unsigned json_line(const struct json_doc *doc, const cJSON *node)
{
    const struct json_place *place = place_of(doc, node);

    return place != NULL ? place->line : 0;
}

void json_path(const struct json_doc *doc, const cJSON *node, char *out, size_t size)
{
    const struct json_place *chain[JSON_DEPTH_MAX + 1] = { NULL };
    const struct json_place *place = place_of(doc, node);
    size_t depth = 0, used = 0;

    out[0] = '\0';
    while (place != NULL && place != doc->place && depth <= JSON_DEPTH_MAX) {
        chain[depth++] = place;
        place = &doc->place[place->parent];
    }
    while (depth-- > 0 && used < size) {
        place = chain[depth];
        const int length = place->key != NULL
                               ? snprintf(out + used, size - used, "%s%s", used > 0 ? "." : "", place->key)
                               : snprintf(out + used, size - used, "[%u]", place->index);

        used += length > 0 ? (size_t)length : 0;
    }
}

static void report(const struct json_doc *doc, const cJSON *node, size_t offset, struct diag *d, const char *hint,
                   const char *format, va_list args)
{
    char path[PATH_SIZE], text[512];

    json_path(doc, node, path, sizeof path);
    (void)vsnprintf(text, sizeof text, format, args);
    diag_at(d, DIAG_ERROR, doc->file, doc->text, doc->size, offset, path, hint, "%s", text);
}

void json_error(const struct json_doc *doc, const cJSON *node, struct diag *d, const char *hint, const char *format,
                ...)
{
    va_list args;

    va_start(args, format);
    report(doc, node, json_where(doc, node), d, hint, format, args);
    va_end(args);
}

void json_error_key(const struct json_doc *doc, const cJSON *node, struct diag *d, const char *hint, const char *format,
                    ...)
{
    va_list args;

    va_start(args, format);
    report(doc, node, json_where_key(doc, node), d, hint, format, args);
    va_end(args);
}

void json_error_in(const struct json_doc *doc, const cJSON *node, size_t at, struct diag *d, const char *hint,
                   const char *format, ...)
{
    va_list args;

    va_start(args, format);
    report(doc, node, json_where_in(doc, node, at), d, hint, format, args);
    va_end(args);
}
