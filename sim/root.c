#include "sim/root.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUBFOLDER_OF_A_ROOT "model/packs" /* what tells a root from any other folder */

static char *join(const char *folder, const char *name)
{
    const bool here = strcmp(folder, ".") == 0;
    const size_t size = strlen(folder) + strlen(name) + 2;
    char *path = malloc(size);

    if (path != NULL) {
        (void)snprintf(path, size, "%s%s%s", here ? "" : folder, here ? "" : "/", name);
    }
    return path;
}

static bool is_root(const char *folder)
{
    struct stat st;
    char *path = join(folder, SUBFOLDER_OF_A_ROOT);
    const bool found = path != NULL && stat(path, &st) == 0 && S_ISDIR(st.st_mode);

    free(path);
    return found;
}

/* The folder above the executable's: build/packbench lies in a checkout. "" if it cannot be told. */
static void above_executable(char *out, size_t size)
{
    char path[PATH_MAX];
    const ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);

    out[0] = '\0';
    if (length <= 0) {
        return;
    }
    path[length] = '\0';
    for (int up = 0; up < 2; up++) {
        char *slash = strrchr(path, '/');

        if (slash == NULL || slash == path) {
            return;
        }
        *slash = '\0';
    }
    (void)snprintf(out, size, "%s", path);
}

static bool find_folder(const char *option, char *out, size_t size, struct diag *d)
{
    const char *named = option != NULL ? option : getenv("PACKBENCH_ROOT");
    char above[PATH_MAX];

    if (named != NULL && named[0] != '\0') {
        if (!is_root(named)) {
            diag_plain(d, DIAG_ERROR, NULL, NULL, "%s %s: no folder %s in it",
                       option != NULL ? "--root" : "PACKBENCH_ROOT", named, SUBFOLDER_OF_A_ROOT);
            return false;
        }
        (void)snprintf(out, size, "%s", named);
        return true;
    }
    above_executable(above, sizeof above);
    if (!is_root(".") && (above[0] == '\0' || !is_root(above))) {
        diag_plain(d, DIAG_ERROR, NULL, "name the checkout with --root DIR or PACKBENCH_ROOT", "no folder %s here%s%s",
                   SUBFOLDER_OF_A_ROOT, above[0] != '\0' ? " or in " : "", above);
        return false;
    }
    (void)snprintf(out, size, "%s", is_root(".") ? "." : above);
    return true;
}

bool root_open(struct root *root, const char *option, struct diag *d)
{
    char folder[PATH_MAX];
    bool ok;

    *root = (struct root){ 0 };
    if (!find_folder(option, folder, sizeof folder, d)) {
        return false;
    }
    root->model = join(folder, "model");
    root->params = join(folder, "bms_core/params");
    root->requirements = join(folder, "scenarios/requirements");
    root->scenarios = join(folder, "scenarios");
    root->tests = join(folder, "tests");
    ok = root->model != NULL && root->params != NULL && root->requirements != NULL && root->scenarios != NULL &&
         root->tests != NULL;
    if (!ok) {
        diag_plain(d, DIAG_ERROR, NULL, NULL, "out of memory");
    } else {
        ok = req_load(&root->book, root->requirements, d);
    }
    if (!ok) {
        root_close(root);
    }
    return ok;
}

bool root_add_rows(struct root *root, const char *folder, struct diag *d)
{
    return folder == NULL || req_add(&root->book, folder, d);
}

void root_close(struct root *root)
{
    free(root->model);
    free(root->params);
    free(root->requirements);
    free(root->scenarios);
    free(root->tests);
    req_free(&root->book);
    *root = (struct root){ 0 };
}

struct scenario_world root_world(const struct root *root)
{
    return (struct scenario_world){ .book = &root->book, .model_folder = root->model, .params_folder = root->params };
}
