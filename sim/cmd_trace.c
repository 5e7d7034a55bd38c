/* packbench trace: which requirement is shown by which scenario. */
#include "sim/cmd_scenarios.h"
#include "sim/matrix.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --min: a percentage; NAN when it was not given. False: says what is wrong. */
static bool read_min(const struct cmd_args *args, double *out)
{
    const char *text = cmd_option(args, "min");
    char *end = NULL;

    *out = NAN;
    if (text == NULL) {
        return true;
    }
    *out = strtod(text, &end);
    if (end == text || (strcmp(end, "") != 0 && strcmp(end, "%") != 0) || !(*out >= 0 && *out <= 100)) {
        (void)fprintf(stderr, "packbench trace: --min takes a percentage from 0 to 100, not %s\n", text);
        return false;
    }
    return true;
}

static bool write_html(const struct matrix *m, const char *path)
{
    FILE *out = strcmp(path, "-") == 0 ? stdout : fopen(path, "w");
    bool good;

    if (out == NULL) {
        (void)fprintf(stderr, "packbench trace: %s: %s\n", path, strerror(errno));
        return false;
    }
    matrix_html(m, out);
    good = ferror(out) == 0;
    good = (out == stdout || fclose(out) == 0) && good;
    if (!good) {
        (void)fprintf(stderr, "packbench trace: %s: the page is not complete: is the disk full?\n", path);
    }
    return good;
}

/* Is the system's coverage, or (table NULL) that of all, high enough? Compared in rows: 99.96 % is not 100 %. */
static bool reaches(const struct matrix *m, const struct req_table *table, double min)
{
    const struct matrix_count count = matrix_count(m, table, NULL, REQ_BENCH);

    if (isnan(min) || 100.0 * (double)count.covered >= min * (double)count.rows) {
        return true;
    }
    (void)fprintf(stderr, "packbench trace: %s: %zu of %zu bench rows are covered, less than %g %%\n",
                  table != NULL ? table->system : "all systems", count.covered, count.rows, min);
    return false;
}

static int report(const struct matrix *m, const struct cmd_args *args, double min)
{
    const char *page = cmd_option(args, "html");
    bool enough = reaches(m, NULL, min);

    if (cmd_option(args, "csv") != NULL) {
        matrix_csv(m, stdout);
    } else if (page == NULL || strcmp(page, "-") != 0) {
        matrix_print(m, cmd_option(args, "brief") != NULL, stdout);
    }
    if (page != NULL && !write_html(m, page)) {
        return CMD_INCONCLUSIVE;
    }
    for (size_t t = 0; t < m->book->count; t++) {
        enough = reaches(m, &m->book->table[t], min) && enough;
    }
    return !enough || m->stray_count > 0 ? CMD_FAILED : CMD_OK;
}

static int trace(const struct cmd_scenarios *c, const struct cmd_args *args, double min)
{
    const char *results = cmd_option(args, "results");
    struct matrix m;
    struct diag d;
    int code = CMD_USAGE;

    diag_init(&d);
    if (!matrix_open(&m, &c->root.book)) {
        diag_plain(&d, DIAG_ERROR, NULL, NULL, "out of memory");
    } else if (matrix_read_scenarios(&m, &c->files, &d) && matrix_read_tests(&m, c->root.tests, &d) &&
               (results == NULL || matrix_read_results(&m, results, &d))) {
        code = report(&m, args, min);
    }
    diag_print(&d, stderr);
    diag_free(&d);
    matrix_close(&m);
    return code;
}

int cmd_trace(int argc, char **argv)
{
    struct cmd_args args;
    struct cmd_scenarios c;
    double min;
    int code = CMD_USAGE;

    if (!cmd_parse(&args, argc, argv)) {
        return CMD_USAGE;
    }
    if (read_min(&args, &min) && cmd_scenarios_open(&c, &args, true)) {
        code = trace(&c, &args, min);
        cmd_scenarios_close(&c);
    }
    cmd_args_free(&args);
    return code;
}
