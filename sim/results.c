#include "sim/results.h"

#include "sim/cmd.h"
#include "sim/results_text.h"
#include "sim/version.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

void results_name(const struct scenario *s, char *out, size_t size)
{
    const char *end = strrchr(s->file, '/'), *begin = s->file;
    const char *name = end != NULL ? end + 1 : s->file;

    for (const char *p = s->file; end != NULL && p < end; p++) {
        begin = *p == '/' ? p + 1 : begin;
    }
    const char *dot = strrchr(name, '.');
    const size_t length = dot != NULL ? (size_t)(dot - begin) : strlen(begin);

    (void)snprintf(out, size, "%.*s", (int)length, begin);
}

void results_file_name(const struct scenario *s, char *out, size_t size)
{
    char name[256];

    results_name(s, name, sizeof name);
    (void)snprintf(out, size, "%s%s%s", name, s->case_name[0] != '\0' ? "." : "", s->case_name);
    for (char *p = out; *p != '\0'; p++) {
        const bool plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9');

        if (*p == '/') {
            *p = '.';
        } else if (!plain && strchr("._=-+", *p) == NULL) {
            *p = '_';
        }
    }
}

/* ---- files ----------------------------------------------------------------------------------------------------------
 */

static bool make_folder(const char *path, struct diag *d)
{
    char *copy = strdup(path);
    bool made = copy != NULL;

    for (char *p = copy; made && *p != '\0'; p++) {
        if (p[0] == '/' && p != copy) {
            *p = '\0';
            made = mkdir(copy, 0777) == 0 || errno == EEXIST;
            *p = '/';
        }
    }
    made = made && (mkdir(path, 0777) == 0 || errno == EEXIST);
    if (!made) {
        diag_plain(d, DIAG_ERROR, path, "give another folder with --out", "the results folder cannot be made: %s",
                   strerror(errno));
    }
    free(copy);
    return made;
}

static FILE *create(const char *folder, const char *name, struct diag *d)
{
    char path[4096];
    FILE *f;

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    f = fopen(path, "w");
    if (f == NULL) {
        diag_plain(d, DIAG_ERROR, path, "give another folder with --out", "cannot be written: %s", strerror(errno));
    }
    return f;
}

/* The folder, the one of the cases in it, and the two files. */
static bool create_all(struct results *r, const char *folder, struct diag *d)
{
    char cases[4096];

    (void)snprintf(cases, sizeof cases, "%s/cases", folder);
    if (!make_folder(cases, d)) {
        return false;
    }
    r->jsonl = create(folder, "results.jsonl", d);
    r->junit = create(folder, "junit.xml", d);
    return r->jsonl != NULL && r->junit != NULL;
}

bool results_open(struct results *r, const char *folder, struct diag *d)
{
    const char *no_colour = getenv("NO_COLOR");

    *r = (struct results){ .colour = no_colour == NULL || no_colour[0] == '\0' };
    if (folder == NULL) {
        return true;
    }
    r->folder = strdup(folder);
    if (r->folder != NULL && create_all(r, folder, d)) {
        (void)fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"packbench\">\n", r->junit);
        return true;
    }
    if (r->jsonl != NULL) {
        (void)fclose(r->jsonl);
    }
    if (r->junit != NULL) {
        (void)fclose(r->junit);
    }
    free(r->folder);
    *r = (struct results){ 0 };
    return false;
}

void results_add(struct results *r, const struct scenario *s, const struct case_result *result)
{
    r->cases++;
    r->by_case[result->verdict]++;
    r->simulated_s += result->simulated_s;
    for (size_t i = 0; i < result->count; i++) {
        const bool assumed = s->expect[i].row != NULL && s->expect[i].basis == BASIS_ASSUMED;

        r->verdicts++;
        r->by_verdict[result->row[i].verdict]++;
        r->assumed += assumed;
        r->assumed_failed += assumed && result->row[i].verdict == VERDICT_FAIL;
    }
    if (r->folder == NULL) {
        return;
    }
    results_jsonl(s, result, r->jsonl);
    results_junit(s, result, r->junit);
    r->failed |= fflush(r->jsonl) != 0 || ferror(r->jsonl) != 0 || fflush(r->junit) != 0 || ferror(r->junit) != 0;
}

static bool write_run(const struct results *r, double wall_s, int jobs, bool interrupted)
{
    struct diag d;
    FILE *f;
    const time_t now = time(NULL);
    struct tm tm;
    char date[32] = "";

    diag_init(&d);
    f = create(r->folder, "run.json", &d);
    diag_free(&d);
    if (f == NULL) {
        return false;
    }
    if (gmtime_r(&now, &tm) != NULL) {
        (void)strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", &tm);
    }
    (void)fprintf(f, "{\n  \"date\": \"%s\",\n  \"version\": \"%s\",\n  ", date, PACKBENCH_VERSION);
    if (r->target != NULL) {
        run_target_json(r->target, f);
    } else {
        (void)fputs("\"target\": \"core\"", f);
    }
    (void)fprintf(
        f,
        ",\n  \"jobs\": %d,\n"
        "  \"wall_s\": %.3f,\n  \"simulated_s\": %.3f,\n  \"interrupted\": %s,\n  \"cases\": %zu,\n"
        "  \"verdicts\": { \"pass\": %zu, \"fail\": %zu, \"inconclusive\": %zu, \"error\": %zu, \"skip\": %zu },\n"
        "  \"assumed\": { \"verdicts\": %zu, \"fail\": %zu }\n}\n",
        jobs, wall_s, r->simulated_s, interrupted ? "true" : "false", r->cases, r->by_verdict[VERDICT_PASS],
        r->by_verdict[VERDICT_FAIL], r->by_verdict[VERDICT_INCONCLUSIVE], r->by_verdict[VERDICT_ERROR],
        r->by_verdict[VERDICT_SKIP], r->assumed, r->assumed_failed);
    const bool good = ferror(f) == 0;

    return fclose(f) == 0 && good;
}

bool results_close(struct results *r, double wall_s, int jobs, bool interrupted)
{
    bool good = !r->failed;

    if (r->folder != NULL) {
        (void)fputs("</testsuites>\n", r->junit);
        good = fclose(r->junit) == 0 && good;
        good = fclose(r->jsonl) == 0 && good;
        good = write_run(r, wall_s, jobs, interrupted) && good;
    }
    free(r->folder);
    r->folder = NULL;
    return good;
}

int results_exit_code(const struct results *r, bool interrupted)
{
    if (r->by_case[VERDICT_FAIL] > 0) {
        return CMD_FAILED;
    }
    if (interrupted || r->failed || r->by_case[VERDICT_INCONCLUSIVE] > 0 || r->by_case[VERDICT_ERROR] > 0) {
        return CMD_INCONCLUSIVE;
    }
    if (r->cases == 0) {
        return CMD_NOTHING;
    }
    return r->by_case[VERDICT_SKIP] == r->cases ? CMD_SKIPPED : CMD_OK;
}

/* ---- for people
 * ------------------------------------------------------------------------------------------------------ */

static const char *paint(const struct results *r, enum verdict v)
{
    static const char *const plain[] = { "pass", "skip", "????", "FAIL", "ERR " };
    static const char *const colour[] = { "\033[32mpass\033[0m", "\033[36mskip\033[0m", "\033[33m????\033[0m",
                                          "\033[31mFAIL\033[0m", "\033[35mERR \033[0m" };

    return r->colour ? colour[v] : plain[v];
}

void results_print(const struct results *r, const struct scenario *s, const struct case_result *result, FILE *out)
{
    char name[256];

    results_name(s, name, sizeof name);
    (void)fprintf(out, "%s  %s%s%s%s  (%zu verdicts, %.4g s simulated)\n", paint(r, result->verdict), name,
                  s->case_name[0] != '\0' ? " [" : "", s->case_name, s->case_name[0] != '\0' ? "]" : "", result->count,
                  result->simulated_s);
    if (result->why[0] != '\0') {
        (void)fprintf(out, "      the run ended early: %s\n", result->why);
    }
    for (size_t i = 0; i < result->count; i++) {
        if (r->verbose || result->row[i].verdict != VERDICT_PASS) {
            results_explain(&s->expect[i], &result->row[i], out);
        }
    }
    if (result->trace_dropped > 0) {
        (void)fprintf(out, "      the trace left out %lld rows over its size limit\n",
                      (long long)result->trace_dropped);
    }
}

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

void results_summary(const struct results *r, double wall_s, FILE *out)
{
    const bool long_run = r->simulated_s >= 36000.0;

    (void)fprintf(out, "%zu case%s, %zu verdict%s: %zu pass, %zu fail, %zu inconclusive, %zu error, %zu skip\n",
                  r->cases, plural(r->cases), r->verdicts, plural(r->verdicts), r->by_verdict[VERDICT_PASS],
                  r->by_verdict[VERDICT_FAIL], r->by_verdict[VERDICT_INCONCLUSIVE], r->by_verdict[VERDICT_ERROR],
                  r->by_verdict[VERDICT_SKIP]);
    (void)fprintf(out, "%zu verdict%s on an assumption (the manual gives no value), %zu of these fail%s\n", r->assumed,
                  r->assumed == 1 ? " rests" : "s rest", r->assumed_failed, r->assumed_failed == 1 ? "s" : "");
    (void)fprintf(out, "%.1f %s simulated in %.2f s, %.0f times real time\n",
                  long_run ? r->simulated_s / 3600.0 : r->simulated_s, long_run ? "h" : "s", wall_s,
                  wall_s > 0.0 ? r->simulated_s / wall_s : 0.0);
    if (r->target != NULL) {
        run_target_print(r->target, out);
    }
}
