#include "sim/select.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FOLDERS_MAX 1000 /* links may make a ring */

static bool append(struct selection *s, const char *path, unsigned number, struct diag *d)
{
    struct selected *grown;
    char *copy;

    for (size_t i = 0; i < s->count; i++) {
        if (s->item[i].number == number && strcmp(s->item[i].path, path) == 0) {
            return true;
        }
    }
    grown = realloc(s->item, (s->count + 1) * sizeof *grown);
    copy = grown != NULL ? strdup(path) : NULL;
    if (grown != NULL) {
        s->item = grown;
    }
    if (copy == NULL) {
        diag_plain(d, DIAG_ERROR, path, NULL, "out of memory");
        return false;
    }
    s->item[s->count++] = (struct selected){ copy, number };
    return true;
}

static bool is_wanted(const char *name, bool folder)
{
    const size_t size = strlen(name);

    if (name[0] == '.') {
        return false;
    }
    if (folder) {
        return strcmp(name, "requirements") != 0 && strcmp(name, "schema") != 0;
    }
    return size > 5 && strcmp(name + size - 5, ".json") == 0;
}

/* Files of a folder go to s, its folders to the pending ones. */
static bool visit(struct selection *s, struct selection *pending, const char *folder, const char *name, struct diag *d)
{
    const size_t length = strlen(folder), size = length + strlen(name) + 2;
    char *path = malloc(size);
    struct stat st;
    bool ok = true;

    if (path == NULL) {
        diag_plain(d, DIAG_ERROR, folder, NULL, "out of memory");
        return false;
    }
    (void)snprintf(path, size, "%s%s%s", folder, length > 0 && folder[length - 1] == '/' ? "" : "/", name);
    if (stat(path, &st) == 0 && is_wanted(name, S_ISDIR(st.st_mode))) {
        ok = append(S_ISDIR(st.st_mode) ? pending : s, path, 0, d);
    }
    free(path);
    return ok;
}

static bool read_folder(struct selection *s, struct selection *pending, const char *path, struct diag *d)
{
    struct dirent **entry = NULL;
    const int count = scandir(path, &entry, NULL, NULL);
    bool ok = true;

    if (count < 0) {
        diag_plain(d, DIAG_ERROR, path, NULL, "%s", strerror(errno));
        return false;
    }
    for (int i = 0; i < count; i++) {
        ok = visit(s, pending, path, entry[i]->d_name, d) && ok;
        free(entry[i]);
    }
    free(entry);
    return ok;
}

/* Folder by folder, byte by byte: the order of results must not depend on the machine or its locale. */
static int by_path(const void *left, const void *right)
{
    const char *a = ((const struct selected *)left)->path, *b = ((const struct selected *)right)->path;

    while (*a != '\0' && *a == *b) {
        a++;
        b++;
    }
    if (*a == '/' || *b == '/') {
        return *a == '/' ? (*b == '/' ? 0 : -1) : 1;
    }
    return (unsigned char)*a - (unsigned char)*b;
}

/* Everything below a folder, sorted. */
static bool walk(struct selection *s, const char *top, struct diag *d)
{
    const size_t before = s->count;
    struct selection pending = { 0 };
    bool ok = append(&pending, top, 0, d);

    for (size_t i = 0; i < pending.count && ok; i++) {
        if (i == FOLDERS_MAX) {
            diag_plain(d, DIAG_ERROR, top, "does a link lead back into it?", "more than %d folders", FOLDERS_MAX);
            ok = false;
        } else {
            ok = read_folder(s, &pending, pending.item[i].path, d);
        }
    }
    select_free(&pending);
    if (s->count > before) {
        qsort(s->item + before, s->count - before, sizeof *s->item, by_path);
    }
    return ok;
}

/* The number of a case, from 1; 0 if the text is none. */
static unsigned case_number(const char *text)
{
    char *end = NULL;
    const unsigned long number = *text >= '1' && *text <= '9' ? strtoul(text, &end, 10) : 0;

    return number > 0 && number <= UINT_MAX && *end == '\0' ? (unsigned)number : 0;
}

/* No path, so FILE:N or a mistake; why: what the system says of it as a path. */
static bool take_case(struct selection *s, const char *operand, const char *why, struct diag *d)
{
    const char *colon = strrchr(operand, ':');
    char *path = colon != NULL ? strdup(operand) : NULL;
    const unsigned number = colon != NULL ? case_number(colon + 1) : 0;
    const char *hint = NULL;
    struct stat st;
    bool ok = false;

    if (path != NULL) {
        path[colon - operand] = '\0';
    }
    const bool exists = path != NULL && stat(path, &st) == 0, folder = exists && S_ISDIR(st.st_mode);

    if (exists && !folder && number > 0) {
        ok = append(s, path, number, d);
    } else {
        hint = folder   ? "only a file has numbered cases: this is a folder"
               : exists ? "what follows the colon is the number of a case, from 1"
                        : NULL;
        diag_plain(d, DIAG_ERROR, operand, hint, "%s", why);
    }
    free(path);
    return ok;
}

/* What one operand stands for. */
static bool take(struct selection *s, const char *operand, struct diag *d)
{
    struct stat st;

    if (strcmp(operand, "-") == 0) {
        return append(s, operand, 0, d);
    }
    if (stat(operand, &st) == 0) {
        return S_ISDIR(st.st_mode) ? walk(s, operand, d) : append(s, operand, 0, d);
    }
    return take_case(s, operand, strerror(errno), d);
}

bool select_paths(struct selection *s, char *const operand[], size_t count, struct diag *d)
{
    bool ok = true;

    *s = (struct selection){ 0 };
    for (size_t i = 0; i < count; i++) {
        ok = take(s, operand[i], d) && ok;
    }
    return ok;
}

void select_free(struct selection *s)
{
    for (size_t i = 0; i < s->count; i++) {
        free(s->item[i].path);
    }
    free(s->item);
    *s = (struct selection){ 0 };
}

bool select_load(const struct selected *selected, struct scenario_list *list, const struct scenario_world *world,
                 struct diag *d)
{
    const size_t before = list->count;

    if (!scenario_load(list, selected->path, world, d)) {
        return false;
    }
    const size_t cases = list->count - before;

    if (selected->number > cases) {
        diag_plain(d, DIAG_ERROR, selected->path, NULL, "there is no case %u, it has %zu", selected->number, cases);
        scenario_list_keep(list, before, 0);
        return false;
    }
    if (selected->number > 0) {
        scenario_list_keep(list, before, selected->number);
    }
    return true;
}

bool select_has_tag(const struct scenario *s, const char *tag)
{
    bool found = tag == NULL;

    for (size_t i = 0; i < s->tag_count && !found; i++) {
        found = strcmp(s->tag[i], tag) == 0;
    }
    return found;
}
