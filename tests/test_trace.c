/* The trace of a run, read back as a spreadsheet would read it. */
#include "sim/trace.h"
#include "tests/support/bench_bed.h"
#include "tests/support/check_run.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_MAX 200000
#define LINE_SIZE 16384

/* A load from 1.5 s on, an overcurrent that is cut a second later, an hour of rest. */
#define STEPS                                                                                                          \
    "'steps': [ { 'at': '1.5 s', 'load': { 'current': '20 A' } }, "                                                    \
    "{ 'at': '10.0004 s', 'load': { 'current': '150 A' } }, "                                                          \
    "{ 'at': '20 s', 'load': 'off' }, { 'at': '10 min' } ], "
#define EXPECT "'expect': [ { 'always': 'cell.voltage.max below 4 V' } ] }"
#define EXPECT_MORE                                                                                                    \
    "'expect': [ { 'always': 'cell.voltage.max below 3.3 V' }, { 'never': 'discharge.current above 10 A' }, "          \
    "{ 'when': 'discharge.current rises above 100 A', 'then': 'discharge.allowed is false', 'within': '1 ms' }, "      \
    "{ 'trip': 'discharge.allowed becomes false', 'on': 'discharge.current', 'rising': '130 A', 'tolerance': '1 A', "  \
    "'delay': '1 s' }, { 'never': 'bms.locked' } ] }"

struct table {
    char *header;
    double *time_s; /* [rows] */
    int rows, columns;
};

static int commas(const char *line)
{
    int count = 0;

    for (; *line != '\0'; line++) {
        count += *line == ',';
    }
    return count;
}

static char *trace_path(const char *folder)
{
    char *path = malloc(4096);

    ck_assert_ptr_nonnull(path);
    (void)snprintf(path, 4096, "%s/trace.csv", folder);
    return path;
}

static void run_traced(const char *text, const char *path, double every_s, struct case_result *result)
{
    struct bench b;

    bench_open(&b, text);
    b.options.trace_path = path;
    b.options.trace_every_s = every_s;
    bench_run(&b);
    *result = b.result;
    b.result.row = NULL;
    bench_close(&b);
}

/* Columns of text end in _text; no text of the display has a comma in it. */
static bool is_text_column(const char *header, int column)
{
    for (int k = 0; k < column; k++) {
        header += strcspn(header, ",") + 1;
    }
    const size_t size = strcspn(header, ",\n");

    return size > 5 && strncmp(header + size - 5, "_text", 5) == 0;
}

/* Reads a trace; every row must have a number in each column but those of text. */
static struct table read_table(const char *path)
{
    struct table t = { .time_s = malloc(ROWS_MAX * sizeof *t.time_s), .header = malloc(LINE_SIZE) };
    char *line = malloc(LINE_SIZE);
    FILE *in = fopen(path, "r");

    ck_assert(in != NULL && line != NULL && t.time_s != NULL && t.header != NULL);
    ck_assert_ptr_nonnull(fgets(t.header, LINE_SIZE, in));
    t.columns = commas(t.header) + 1;
    while (fgets(line, LINE_SIZE, in) != NULL) {
        char *at = line;

        ck_assert_int_lt(t.rows, ROWS_MAX);
        ck_assert_int_eq(commas(line) + 1, t.columns);
        for (int k = 0; k < t.columns; k++) {
            char *end;

            if (is_text_column(t.header, k)) {
                at += strcspn(at, ",\n") + 1;
                continue;
            }
            const double value = strtod(at, &end);

            ck_assert_msg(end > at && isfinite(value), "row %d, column %d: %.40s", t.rows, k, at);
            ck_assert_msg(*end == (k + 1 < t.columns ? ',' : '\n'), "row %d, column %d: %.40s", t.rows, k, at);
            if (k == 0) {
                t.time_s[t.rows++] = value;
            }
            at = end + 1;
        }
    }
    (void)fclose(in);
    free(line);
    return t;
}

static void free_table(struct table *t)
{
    free(t->time_s);
    free(t->header);
}

static int rows_between(const struct table *t, double from_s, double to_s)
{
    int count = 0;

    for (int i = 0; i < t->rows; i++) {
        count += t->time_s[i] > from_s && t->time_s[i] <= to_s;
    }
    return count;
}

static char *read_bytes(const char *path, size_t *size)
{
    FILE *in = fopen(path, "rb");
    char *bytes;

    ck_assert_ptr_nonnull(in);
    ck_assert_int_eq(fseek(in, 0, SEEK_END), 0);
    *size = (size_t)ftell(in);
    rewind(in);
    bytes = malloc(*size + 1);
    ck_assert_ptr_nonnull(bytes);
    ck_assert_uint_eq(fread(bytes, 1, *size, in), *size);
    (void)fclose(in);
    return bytes;
}

START_TEST(each_column_carries_its_unit)
{
    static const char *const units[] = { "s", "V", "A", "degC", "bool", "bits", "%", "1", "Ah", "text" };
    char *folder = bench_folder(), *path = trace_path(folder);
    struct case_result r;

    run_traced(STEPS EXPECT, path, 1.0, &r);
    struct table t = read_table(path);

    ck_assert_int_gt(t.columns, 40);
    t.header[strcspn(t.header, "\n")] = '\0';
    for (const char *name = strtok(t.header, ","); name != NULL; name = strtok(NULL, ",")) {
        const char *unit = strrchr(name, '_');
        bool known = false;

        ck_assert_msg(unit != NULL, "%s has no unit", name);
        for (size_t k = 0; k < sizeof units / sizeof units[0]; k++) {
            known |= strcmp(unit + 1, units[k]) == 0;
        }
        ck_assert_msg(known, "%s ends with no unit", name);
    }
    free_table(&t);
    case_result_free(&r);
    free(path);
    bench_remove(folder);
}
END_TEST

START_TEST(rows_rise_strictly_from_zero_to_the_end_a_second_apart_at_most)
{
    char *folder = bench_folder(), *path = trace_path(folder);
    struct case_result r;

    run_traced(STEPS EXPECT, path, 1.0, &r);
    struct table t = read_table(path);

    ck_assert(t.time_s[0] == 0.0);
    ck_assert_double_eq_tol(t.time_s[t.rows - 1], 601.0, 1e-9);
    for (int i = 1; i < t.rows; i++) {
        ck_assert_msg(t.time_s[i] > t.time_s[i - 1], "row %d: %.9f after %.9f", i, t.time_s[i], t.time_s[i - 1]);
        ck_assert_msg(t.time_s[i] <= t.time_s[i - 1] + 1.0 + 1e-9, "nothing from %.9f to %.9f", t.time_s[i - 1],
                      t.time_s[i]);
    }
    free_table(&t);
    case_result_free(&r);
    free(path);
    bench_remove(folder);
}
END_TEST

START_TEST(an_event_is_followed_by_dense_rows_then_by_ticks_then_by_steady_ones)
{
    const double event_s = 10.0004;
    char *folder = bench_folder(), *path = trace_path(folder);
    struct case_result r;

    run_traced(STEPS EXPECT, path, 1.0, &r);
    struct table t = read_table(path);

    ck_assert_int_eq(rows_between(&t, event_s - 1e-9, event_s + 1e-9), 1);
    ck_assert_int_ge(rows_between(&t, event_s, event_s + 200.5e-6), 200); /* 1 us apart */
    ck_assert_int_ge(rows_between(&t, event_s, event_s + 0.01), 1000);
    ck_assert_int_le(rows_between(&t, event_s, event_s + 0.01), 2100);
    ck_assert_int_ge(rows_between(&t, event_s + 0.01, event_s + 0.95), 93);
    ck_assert_int_le(rows_between(&t, event_s + 0.01, event_s + 0.95), 98);
    ck_assert_int_eq(rows_between(&t, 400.0, 500.0), 100);
    free_table(&t);
    case_result_free(&r);
    free(path);
    bench_remove(folder);
}
END_TEST

START_TEST(the_trace_is_the_same_whatever_is_expected)
{
    char *folder = bench_folder(), *path = trace_path(folder);
    struct case_result r;
    size_t size, size_more;

    run_traced(STEPS EXPECT, path, 0.1, &r);
    char *bytes = read_bytes(path, &size);

    case_result_free(&r);
    run_traced(STEPS EXPECT_MORE, path, 0.1, &r);
    char *more = read_bytes(path, &size_more);

    ck_assert_uint_eq(size, size_more);
    ck_assert_int_eq(memcmp(bytes, more, size), 0);
    free(bytes);
    free(more);
    case_result_free(&r);
    free(path);
    bench_remove(folder);
}
END_TEST

START_TEST(a_run_with_and_without_a_trace_gives_the_same_verdicts)
{
    char *folder = bench_folder(), *path = trace_path(folder);
    struct case_result traced, bare;

    run_traced(STEPS EXPECT_MORE, path, 0.01, &traced);
    run_traced(STEPS EXPECT_MORE, NULL, 1.0, &bare);
    ck_assert_uint_eq(traced.count, bare.count);
    for (size_t i = 0; i < bare.count; i++) {
        ck_assert_int_eq(traced.row[i].verdict, bare.row[i].verdict);
        ck_assert_mem_eq(&traced.row[i].measured, &bare.row[i].measured, sizeof(double));
        ck_assert_mem_eq(&traced.row[i].t_response_s, &bare.row[i].t_response_s, sizeof(double));
    }
    ck_assert_int_eq(traced.steps, bare.steps);
    case_result_free(&traced);
    case_result_free(&bare);
    free(path);
    bench_remove(folder);
}
END_TEST

START_TEST(a_trace_stops_at_its_size_limit_and_says_how_much_is_missing)
{
    char *folder = bench_folder(), *path = trace_path(folder);
    struct case_result r;
    size_t size;

    run_traced("'steps': [ { 'at': '100 s' } ], " EXPECT, path, 0.001, &r);
    free(read_bytes(path, &size));
    struct table t = read_table(path); /* whole rows only */

    ck_assert_uint_le(size, TRACE_SIZE_MAX + LINE_SIZE);
    ck_assert_uint_ge(size, TRACE_SIZE_MAX - LINE_SIZE);
    ck_assert_int_gt(r.trace_dropped, 0);
    ck_assert_int_eq(t.rows - 1 + r.trace_dropped, rows_between(&t, 0.0, 1e9) + r.trace_dropped);
    ck_assert_int_ge(t.rows + r.trace_dropped, 101001);
    ck_assert_int_eq(r.verdict, VERDICT_PASS);
    free_table(&t);
    case_result_free(&r);
    free(path);
    bench_remove(folder);
}
END_TEST

START_TEST(a_full_disk_is_an_error_and_never_silence)
{
    struct case_result r;

    run_traced(STEPS EXPECT, "/dev/full", 1.0, &r);
    ck_assert_int_eq(r.verdict, VERDICT_ERROR);
    ck_assert_msg(strstr(r.why, "disk full") != NULL, "%s", r.why);
    ck_assert_int_eq(r.row[0].verdict, VERDICT_ERROR);
    case_result_free(&r);
}
END_TEST

START_TEST(a_short_trace_on_a_full_disk_is_an_error_too)
{
    struct case_result r;

    run_traced("'steps': [ { 'at': '1 ms' } ], 'end': '1 ms', " EXPECT, "/dev/full", 1.0, &r);
    ck_assert_int_eq(r.verdict, VERDICT_ERROR);
    case_result_free(&r);
}
END_TEST

START_TEST(a_trace_that_cannot_be_created_is_an_error)
{
    struct case_result r;

    run_traced(STEPS EXPECT, "/nonexistent/trace.csv", 1.0, &r);
    ck_assert_int_eq(r.verdict, VERDICT_ERROR);
    ck_assert_msg(strstr(r.why, "cannot be created") != NULL, "%s", r.why);
    case_result_free(&r);
}
END_TEST

START_TEST(several_packs_stand_side_by_side)
{
    char *folder = bench_folder(), *path = trace_path(folder);
    struct case_result r;

    run_traced("'packs': [ {}, { 'soc': '60 %' } ], 'steps': [ { 'at': '2 s' } ], "
               "'expect': [ { 'always': 'pack[1].discharge.allowed is true' } ] }",
               path, 1.0, &r);
    struct table t = read_table(path);

    ck_assert_ptr_nonnull(strstr(t.header, ",pack[1].pack.current_A,"));
    ck_assert_ptr_nonnull(strstr(t.header, ",pack[2].cell[16].voltage_V,"));
    free_table(&t);
    case_result_free(&r);
    free(path);
    bench_remove(folder);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("trace");
    TCase *t = tcase_create("trace");
    TCase *l = tcase_create("long");

    tcase_set_timeout(t, 300);
    tcase_add_test(t, each_column_carries_its_unit);
    tcase_add_test(t, a_full_disk_is_an_error_and_never_silence);
    tcase_add_test(t, a_short_trace_on_a_full_disk_is_an_error_too);
    tcase_add_test(t, a_trace_that_cannot_be_created_is_an_error);
    tcase_add_test(t, several_packs_stand_side_by_side);
    tcase_set_tags(l, "long"); /* too much for valgrind: scripts/ci/valgrind leaves it out */
    tcase_set_timeout(l, 300);
    tcase_add_test(l, a_run_with_and_without_a_trace_gives_the_same_verdicts);
    tcase_add_test(l, the_trace_is_the_same_whatever_is_expected);
    tcase_add_test(l, an_event_is_followed_by_dense_rows_then_by_ticks_then_by_steady_ones);
    tcase_add_test(l, rows_rise_strictly_from_zero_to_the_end_a_second_apart_at_most);
    tcase_add_test(l, a_trace_stops_at_its_size_limit_and_says_how_much_is_missing);
    suite_add_tcase(s, t);
    suite_add_tcase(s, l);
    return check_run(s);
}
