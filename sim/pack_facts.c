#include "sim/pack_facts.h"

#include "sim/pack_json.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_SIZE 1024
#define SUFFIX ".json"

static bool ends_with(const char *text, const char *suffix)
{
    const size_t size = strlen(text), end = strlen(suffix);

    return size > end && strcmp(text + size - end, suffix) == 0;
}

static bool is_plain(const char *id)
{
    return id[0] != '\0' && id[0] != '.' && strchr(id, '/') == NULL;
}

bool pack_facts_is_file(const char *id)
{
    return ends_with(id, SUFFIX);
}

bool pack_facts_path(const char *folder, const char *sub, const char *id, char *out, size_t size)
{
    const bool file = pack_facts_is_file(id);
    const int length = file ? snprintf(out, size, "%s", id)
                            : snprintf(out, size, "%s/%s%s%s" SUFFIX, folder, sub, sub[0] != '\0' ? "/" : "", id);

    return (file || is_plain(id)) && length > 0 && (size_t)length < size;
}

bool pack_facts_exists(const char *folder, const char *sub, const char *id)
{
    char path[PATH_SIZE];
    FILE *file = pack_facts_path(folder, sub, id, path, sizeof path) ? fopen(path, "rb") : NULL;

    if (file != NULL) {
        (void)fclose(file);
    }
    return file != NULL;
}

static int is_json(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && ends_with(entry->d_name, SUFFIX) ? 1 : 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

void pack_facts_ids(const char *folder, const char *sub, char *out, size_t size)
{
    struct dirent **entry = NULL;
    char path[PATH_SIZE];
    size_t used;
    int count;

    (void)snprintf(path, sizeof path, "%s/%s", folder, sub);
    count = scandir(path, &entry, is_json, by_name);
    used = (size_t)snprintf(out, size, count > 0 ? "available: " : "there are none in %s", path);
    for (int i = 0; i < count; i++) {
        const int length = (int)(strlen(entry[i]->d_name) - strlen(SUFFIX));

        if (used < size) {
            used += (size_t)snprintf(out + used, size - used, "%s%.*s", i > 0 ? ", " : "", length, entry[i]->d_name);
        }
        free(entry[i]);
    }
    free(entry);
}

bool pack_facts_find(const char *model_folder, const char *id, struct pack_facts *out, struct diag *d)
{
    struct parts {
        struct pack_params pack;
        struct cell_params cell;
    } *parts = calloc(1, sizeof *parts); /* large tables */
    bool ok = false;

    if (parts == NULL) {
        diag_plain(d, DIAG_ERROR, model_folder, NULL, "out of memory");
        return false;
    }
    ok = pack_json_load(&parts->pack, &parts->cell, model_folder, id, d);
    if (ok) {
        *out = (struct pack_facts){ parts->pack.cells, parts->pack.ntc_count, parts->cell.nominal_Ah };
    }
    free(parts);
    return ok;
}
