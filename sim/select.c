#include "sim/select.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FOLDERS_MAX 1000 /* links may make a ring */

static bool append(struct selection *s, const char *path, struct diag *d)
{
    char **grown, *copy;

    for (size_t i = 0; i < s->count; i++) {
        if (strcmp(s->path[i], path) == 0) {
            return true;
        }
    }
    grown = realloc(s->path, (s->count + 1) * sizeof *grown);
    copy = grown != NULL ? strdup(path) : NULL;
    if (grown != NULL) {
        s->path = grown;
    }
    if (copy == NULL) {
        diag_plain(d, DIAG_ERROR, path, NULL, "out of memory");
        return false;
    }
    s->path[s->count++] = copy;
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
        ok = append(S_ISDIR(st.st_mode) ? pending : s, path, d);
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
    const char *a = *(char *const *)left, *b = *(char *const *)right;

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
    bool ok = append(&pending, top, d);

    for (size_t i = 0; i < pending.count && ok; i++) {
        if (i == FOLDERS_MAX) {
            diag_plain(d, DIAG_ERROR, top, "does a link lead back into it?", "more than %d folders", FOLDERS_MAX);
            ok = false;
        } else {
            ok = read_folder(s, &pending, pending.path[i], d);
        }
    }
    select_free(&pending);
    if (s->count > before) {
        qsort(s->path + before, s->count - before, sizeof *s->path, by_path);
    }
    return ok;
}

bool select_paths(struct selection *s, char *const operand[], size_t count, struct diag *d)
{
    bool ok = true;

    *s = (struct selection){ 0 };
    for (size_t i = 0; i < count; i++) {
        const bool is_stdin = strcmp(operand[i], "-") == 0;
        struct stat st;

        if (is_stdin) {
            ok = append(s, operand[i], d) && ok;
        } else if (stat(operand[i], &st) != 0) {
            diag_plain(d, DIAG_ERROR, operand[i], NULL, "%s", strerror(errno));
            ok = false;
        } else {
            ok = (S_ISDIR(st.st_mode) ? walk(s, operand[i], d) : append(s, operand[i], d)) && ok;
        }
    }
    return ok;
}

void select_free(struct selection *s)
{
    for (size_t i = 0; i < s->count; i++) {
        free(s->path[i]);
    }
    free(s->path);
    *s = (struct selection){ 0 };
}

bool select_has_tag(const struct scenario *s, const char *tag)
{
    bool found = tag == NULL;

    for (size_t i = 0; i < s->tag_count && !found; i++) {
        found = strcmp(s->tag[i], tag) == 0;
    }
    return found;
}
