#include "sim/cell_json.h"
#include "sim/cmd.h"
#include "sim/pack_json.h"
#include "sim/quantity.h"
#include "sim/root.h"
#include "sim/simulate.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#define PATH_SIZE 4096
#define DEFAULT_STEP_s 1.0
#define DEFAULT_SOC 0.5

/* What is simulated: one cell, or a pack's cells in series. */
struct subject {
    struct cell_file cell;
    struct pack_params pack;
    bool is_pack;
};

struct settings {
    double step_s, soc, hysteresis; /* soc, hysteresis: NAN when the file decides */
};

static bool read_value(const char *option, const char *text, enum dim dim, double min, double max, double *out,
                       struct diag *d)
{
    struct quantity q;
    char error[200];
    size_t at = 0;

    if (text == NULL) {
        return true;
    }
    if (!quantity_parse(text, strlen(text), &q, error, sizeof error, &at)) {
        diag_plain(d, DIAG_ERROR, option, NULL, "%s", error);
        return false;
    }
    if (q.dim != dim || !(q.value >= min && q.value <= max)) {
        char low[64], high[64];

        quantity_print((struct quantity){ min, dim }, low, sizeof low);
        quantity_print((struct quantity){ max, dim }, high, sizeof high);
        diag_plain(d, DIAG_ERROR, option, NULL, "wants a %s from %s to %s, not %s", dim_noun(dim), low, high, text);
        return false;
    }
    *out = q.value;
    return true;
}

static bool read_settings(const struct cmd_args *args, struct settings *s, struct diag *d)
{
    *s = (struct settings){ .step_s = DEFAULT_STEP_s, .soc = NAN, .hysteresis = NAN };
    bool sound = read_value("--step", cmd_option(args, "step"), DIM_TIME, 1e-6, 86400.0, &s->step_s, d);

    sound &= read_value("--soc", cmd_option(args, "soc"), DIM_RATIO, CELL_GRID_FIRST, CELL_GRID_LAST, &s->soc, d);
    sound &= read_value("--hysteresis", cmd_option(args, "hysteresis"), DIM_NONE, -1.0, 1.0, &s->hysteresis, d);
    if (cmd_option(args, "profile") == NULL || cmd_option(args, "out") == NULL) {
        diag_plain(d, DIAG_ERROR, NULL, NULL, "simulate needs --profile and --out");
        sound = false;
    }
    return sound;
}

/* The profile is read before the result is written: over itself, it would be lost. */
static bool overwrites(const char *profile, const char *out)
{
    struct stat a, b;

    return stat(profile, &a) == 0 && stat(out, &b) == 0 && S_ISREG(a.st_mode) && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

static bool is_file(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && !S_ISDIR(st.st_mode);
}

/* "a/packs/x.json" -> "a" and "x"; false if it does not lie in a folder of that name. */
static bool split_path(const char *path, const char *sub, char folder[PATH_SIZE], char id[PATH_SIZE])
{
    char tail[PATH_SIZE];
    const char *const slash = strrchr(path, '/');
    const char *const name = slash != NULL ? slash + 1 : path;
    const size_t length = strlen(name);

    if (strlen(path) >= PATH_SIZE || length <= 5 || strcmp(name + length - 5, ".json") != 0) {
        return false;
    }
    (void)snprintf(id, PATH_SIZE, "%.*s", (int)(length - 5), name);
    (void)snprintf(folder, PATH_SIZE, "./%.*s", (int)(name - path), path);
    (void)snprintf(tail, sizeof tail, "/%s/", sub);
    const size_t size = strlen(folder), cut = strlen(tail);

    if (path[0] == '/') {
        memmove(folder, folder + 2, size - 1);
    }
    const size_t rest = strlen(folder);

    if (rest < cut || strcmp(folder + rest - cut, tail) != 0) {
        return false;
    }
    folder[rest - cut] = '\0';
    return true;
}

/* A name is looked for in the data folder, cells first; anything with a slash or .json is a path. */
static bool find_subject(const char *name, const char *root_option, char path[PATH_SIZE], struct diag *d)
{
    static const char *const folders[] = { "cells", "packs" };
    struct root root;
    bool found = false;

    if (strchr(name, '/') != NULL || strstr(name, ".json") != NULL) {
        (void)snprintf(path, PATH_SIZE, "%s", name);
        return true;
    }
    if (!root_open(&root, root_option, d)) {
        return false;
    }
    for (int n = 0; n < 2 && !found; n++) {
        (void)snprintf(path, PATH_SIZE, "%s/%s/%s.json", root.model, folders[n], name);
        found = is_file(path);
    }
    if (!found) {
        diag_plain(d, DIAG_ERROR, root.model, NULL, "no cell and no pack is called \"%s\"", name);
    }
    root_close(&root);
    return found;
}

/* "lfp100", "lfp100:sony_ocv", a path to a cell or a pack. */
static bool load_subject(struct subject *s, const char *operand, const char *root_option, struct diag *d)
{
    char name[PATH_SIZE], path[PATH_SIZE], folder[PATH_SIZE], id[PATH_SIZE];
    char *variant;

    if (strlen(operand) >= sizeof name) {
        diag_plain(d, DIAG_ERROR, NULL, NULL, "the name of the cell or pack is too long");
        return false;
    }
    memcpy(name, operand, strlen(operand) + 1);
    variant = strrchr(name, ':');
    if (variant != NULL && !is_file(name)) {
        *variant++ = '\0';
    } else {
        variant = NULL;
    }
    if (!find_subject(name, root_option, path, d)) {
        return false;
    }
    s->is_pack = split_path(path, "packs", folder, id);
    if (!s->is_pack) {
        return cell_json_load_variant(&s->cell, path, variant, d);
    }
    if (variant != NULL) {
        diag_plain(d, DIAG_ERROR, path, NULL, "a pack has no variants");
        return false;
    }
    s->cell = (struct cell_file){ .soc = DEFAULT_SOC };
    return pack_json_load(&s->pack, &s->cell.params, folder, id, d);
}

static void start(struct simulation *sim, const struct subject *s, const struct profile *profile,
                  const struct settings *set)
{
    const struct cell_params *const cell = &s->cell.params;
    const struct thermal_params alone = { .cells = 1,
                                          .core_J_K = cell->core_J_K,
                                          .surface_J_K = cell->surface_J_K,
                                          .core_surface_W_K = cell->core_surface_W_K,
                                          .end_box_W_K = s->cell.alone_W_K };
    const double soc = isnan(set->soc) ? s->cell.soc : set->soc;
    const double hysteresis = isnan(set->hysteresis) ? s->cell.hysteresis : set->hysteresis;

    if (s->is_pack) {
        simulation_init(sim, cell, s->pack.cells, s->pack.link_Ohm, &s->pack.thermal, profile, soc, hysteresis,
                        set->step_s);
    } else {
        simulation_init(sim, cell, 1, 0.0, s->cell.isothermal ? NULL : &alone, profile, soc, hysteresis, set->step_s);
    }
}

static int write_result(struct simulation *sim, const struct profile *profile, const char *path, struct diag *d)
{
    const bool to_stdout = strcmp(path, "-") == 0;
    FILE *const out = to_stdout ? stdout : fopen(path, "wb");
    struct simulation_fit fit;

    if (out == NULL) {
        diag_plain(d, DIAG_ERROR, path, NULL, "cannot be written: %s", strerror(errno));
        return CMD_USAGE;
    }
    bool sound = simulation_run(sim, profile, out, &fit);

    if (!to_stdout) {
        sound &= fclose(out) == 0;
    }
    if (!sound) {
        diag_plain(d, DIAG_ERROR, path, NULL, "the result is not complete: %s", strerror(errno));
        return CMD_INCONCLUSIVE;
    }
    if (profile->has_voltage && fit.rows > 0) {
        (void)fprintf(stderr, "against voltage_V: rmse %.2f mV, largest %.1f mV, %zu rows with 5 %% < soc < 95 %%\n",
                      1e3 * fit.rmse_V, 1e3 * fit.largest_V, fit.rows);
    }
    return CMD_OK;
}

static int simulate(const struct cmd_args *args, struct diag *d)
{
    static struct subject subject; /* large; a command runs once in a process */
    struct simulation sim;
    struct settings settings;
    struct profile profile;
    int code = CMD_USAGE;

    if (!read_settings(args, &settings, d) || !load_subject(&subject, args->operand[0], cmd_option(args, "root"), d) ||
        !profile_load(&profile, cmd_option(args, "profile"), d)) {
        return CMD_USAGE;
    }
    if (overwrites(cmd_option(args, "profile"), cmd_option(args, "out"))) {
        diag_plain(d, DIAG_ERROR, "--out", NULL, "%s is the profile: it would be overwritten", cmd_option(args, "out"));
        profile_free(&profile);
        return CMD_USAGE;
    }
    start(&sim, &subject, &profile, &settings);
    code = write_result(&sim, &profile, cmd_option(args, "out"), d);
    profile_free(&profile);
    return code;
}

int cmd_simulate(int argc, char **argv)
{
    struct cmd_args args;
    struct diag d;

    if (!cmd_parse(&args, argc, argv)) {
        return CMD_USAGE;
    }
    diag_init(&d);
    const int code = simulate(&args, &d);

    diag_print(&d, stderr);
    diag_free(&d);
    cmd_args_free(&args);
    return code;
}
