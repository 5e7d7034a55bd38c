#include "tests/support/bench_bed.h"

#include "sim/signal.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *quoted(const char *text)
{
    const size_t size = strlen(BENCH_HEAD) + strlen(text) + 1;
    char *json = malloc(size);

    ck_assert_ptr_nonnull(json);
    (void)snprintf(json, size, "%s%s", BENCH_HEAD, text);
    for (char *p = json; *p != '\0'; p++) {
        if (*p == '\'') {
            *p = '"';
        }
    }
    return json;
}

void bench_open(struct bench *b, const char *text)
{
    struct diag d;
    char *json = quoted(text);

    *b = (struct bench){ 0 };
    diag_init(&d);
    if (!root_open(&b->root, NULL, &d)) {
        diag_print(&d, stderr);
        ck_abort_msg("the shipped tables are unsound");
    }
    b->world = root_world(&b->root);
    if (!scenario_parse(&b->list, "bench/a_test.json", json, strlen(json), &b->world, &d)) {
        diag_print(&d, stderr);
        ck_abort_msg("the scenario of this test is unsound");
    }
    b->options = (struct case_options){ .world = &b->world, .trace_every_s = 1.0, .stop = &b->stop };
    diag_free(&d);
    free(json);
}

void bench_close(struct bench *b)
{
    case_result_free(&b->result);
    scenario_list_free(&b->list);
    root_close(&b->root);
}

void bench_run(struct bench *b)
{
    case_result_free(&b->result);
    case_run(&b->list.item[0], &b->options, &b->result);
}

struct case_result bench_result(const char *text)
{
    struct bench b;
    struct case_result result;

    bench_open(&b, text);
    bench_run(&b);
    result = b.result;
    b.result.row = NULL;
    bench_close(&b);
    return result;
}

struct rig *bench_rig(struct bench *b, struct rig_built *built)
{
    struct diag d;

    diag_init(&d);
    if (!rig_build(built, &b->list.item[0], &b->world, &d)) {
        diag_print(&d, stderr);
        ck_abort_msg("the rig of this test cannot be built");
    }
    diag_free(&d);
    built->rig->zero_ns = RIG_PRE_ROLL_ns;
    bench_run_rig(built->rig, 0.0);
    return built->rig;
}

void bench_run_rig(struct rig *rig, double to_s)
{
    struct rig_observer nobody = { 0 };

    (void)rig_run(rig, rig->zero_ns + (int64_t)(to_s * 1e9 + 0.5), &nobody);
    ck_assert_msg(rig->error == NULL, "%s", rig->error != NULL ? rig->error : "");
}

double bench_signal(struct rig *rig, const char *name)
{
    const struct signal_limits limits = { rig->packs, rig->board[0].afe_config.cells, rig->board[0].afe_config.temps };
    struct signal_ref ref;
    char error[128];

    ck_assert_msg(signal_find(name, strlen(name), &limits, &ref, error, sizeof error), "%s", error);
    rig->planned_ns = plant_plan(&rig->plant, 1);
    return signal_table[ref.id].read(rig, ref.pack, ref.index, 0);
}

char *bench_folder(void)
{
    const char *under = getenv("TMPDIR");
    char *path = malloc(4096);

    ck_assert_ptr_nonnull(path);
    (void)snprintf(path, 4096, "%s/packbench-test-XXXXXX", under != NULL ? under : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(path));
    return path;
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the folders of a run, three */
static void remove_tree(const char *path)
{
    DIR *folder = opendir(path);

    for (struct dirent *e = folder != NULL ? readdir(folder) : NULL; e != NULL; e = readdir(folder)) {
        char inner[4096];

        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0) {
            (void)snprintf(inner, sizeof inner, "%s/%s", path, e->d_name);
            remove_tree(inner);
        }
    }
    if (folder != NULL) {
        (void)closedir(folder);
    }
    ck_assert_int_eq(remove(path), 0);
}

void bench_remove(char *folder)
{
    remove_tree(folder);
    free(folder);
}
