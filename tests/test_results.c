/* What a run leaves behind, read back with the tools that will read it: a JSON parser and an XML parser. */
#include "sim/cmd.h"
#include "sim/results.h"
#include "tests/support/bench_bed.h"
#include "tests/support/check_run.h"

#include <check.h>
#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_SIZE 65536

/* Three cases: one passes, one fails, and of one the trigger never comes. */
#define CASES                                                                                                          \
    "'cases': [ { 'load': '20 A', 'case': 'quiet' }, { 'load': '150 A', 'case': 'loud' }, "                            \
    "{ 'load': '0.5 A', 'case': 'off' } ], "                                                                           \
    "'steps': [ { 'at': '1 s', 'load': { 'current': '${load}' }, 'label': 'on' }, { 'after': '2 s' } ], "              \
    "'expect': [ { 'when': 'discharge.current rises above 1 A', 'then': 'afe.current below -1 A', "                    \
    "'within': '50 ms' }, { 'requirement': 'X-HARM-01', 'never': 'harm.overvoltage above req' }, "                     \
    "{ 'always': 'discharge.allowed is true' }, { 'always': 'pack.soc above 40 %' } ] }"

struct left { /* what a run left behind */
    char *folder;
    char jsonl[TEXT_SIZE], junit[TEXT_SIZE], run[TEXT_SIZE];
    int code;
};

static void read_text(const char *folder, const char *name, char *out)
{
    char path[4096];
    FILE *in;

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    in = fopen(path, "rb");
    ck_assert_msg(in != NULL, "there is no %s", name);
    out[fread(out, 1, TEXT_SIZE - 1, in)] = '\0';
    (void)fclose(in);
}

/* Runs all cases of b and writes their results under a new folder. */
static void leave(struct bench *b, struct left *left)
{
    struct results results;
    struct diag d;

    left->folder = bench_folder();
    diag_init(&d);
    ck_assert(results_open(&results, left->folder, &d));
    for (size_t i = 0; i < b->list.count; i++) {
        struct case_result result;

        case_run(&b->list.item[i], &b->options, &result);
        results_add(&results, &b->list.item[i], &result);
        case_result_free(&result);
    }
    left->code = results_exit_code(&results, false);
    ck_assert(results_close(&results, 1.5, 2, false));
    diag_free(&d);
    read_text(left->folder, "results.jsonl", left->jsonl);
    read_text(left->folder, "junit.xml", left->junit);
    read_text(left->folder, "run.json", left->run);
}

static void forget(struct left *left)
{
    bench_remove(left->folder);
}

/* The lines of results.jsonl; returns how many. */
static int parse_lines(char *jsonl, cJSON *out[], int most)
{
    int count = 0;

    for (char *line = strtok(jsonl, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        ck_assert_int_lt(count, most);
        out[count] = cJSON_ParseWithOpts(line, NULL, 1);
        ck_assert_msg(out[count] != NULL, "not JSON: %s", line);
        count++;
    }
    return count;
}

static const char *text_of(const cJSON *object, const char *key)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));

    ck_assert_msg(text != NULL, "%s is no string", key);
    return text;
}

static double number_of(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

    ck_assert_msg(cJSON_IsNumber(item), "%s is no number", key);
    return item->valuedouble;
}

START_TEST(each_verdict_is_a_line_with_the_promised_fields)
{
    static const char *const fields[] = { "scenario",    "case",        "requirement",  "basis", "verb",       "what",
                                          "verdict",     "measured",    "low",          "high",  "unit",       "margin",
                                          "uncertainty", "t_trigger_s", "t_response_s", "why",   "occurrences" };
    static struct left left;
    cJSON *line[16];
    struct bench b;

    bench_open(&b, CASES);
    leave(&b, &left);
    ck_assert_int_eq(parse_lines(left.jsonl, line, 16), 12);
    for (int i = 0; i < 12; i++) {
        const cJSON *at = line[i]->child;

        for (size_t k = 0; k < sizeof fields / sizeof fields[0]; k++, at = at->next) {
            ck_assert_msg(at != NULL && strcmp(at->string, fields[k]) == 0, "line %d: field %zu is not %s", i, k,
                          fields[k]);
        }
        ck_assert_ptr_null(at);
        ck_assert_str_eq(text_of(line[i], "scenario"), "bench/a_test");
    }
    ck_assert_str_eq(text_of(line[0], "case"), "quiet");
    ck_assert_str_eq(text_of(line[0], "verdict"), "pass");
    ck_assert_str_eq(text_of(line[0], "unit"), "s");
    ck_assert_double_eq_tol(number_of(line[0], "t_trigger_s"), 1.0, 1e-3);
    ck_assert_double_eq_tol(number_of(line[0], "measured"),
                            number_of(line[0], "t_response_s") - number_of(line[0], "t_trigger_s"), 1e-8);
    ck_assert_str_eq(text_of(line[1], "requirement"), "X-HARM-01");
    ck_assert_str_eq(text_of(line[1], "basis"), "assumed");
    ck_assert_str_eq(text_of(line[3], "unit"), "%");
    ck_assert_double_eq_tol(number_of(line[3], "low"), 40.0, 1e-9);
    ck_assert_double_eq_tol(number_of(line[3], "measured"), 50.0, 0.5);
    ck_assert_double_eq_tol(number_of(line[3], "margin"), number_of(line[3], "measured") - 40.0, 1e-7);
    ck_assert_str_eq(text_of(line[6], "verdict"), "fail");
    ck_assert_str_eq(text_of(line[6], "case"), "loud");
    ck_assert_double_eq_tol(number_of(line[6], "t_response_s"), 2.0, 0.02);
    ck_assert_str_eq(text_of(line[8], "verdict"), "inconclusive");
    ck_assert(cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(line[8], "measured")));
    ck_assert_str_ne(text_of(line[8], "why"), "");
    for (int i = 0; i < 12; i++) {
        cJSON_Delete(line[i]);
    }
    forget(&left);
    bench_close(&b);
}
END_TEST

/* Python's XML parser, which no one here wrote. */
#define PYTHON                                                                                                         \
    "import sys, xml.etree.ElementTree as E\n"                                                                         \
    "r = E.parse(sys.argv[1]).getroot()\n"                                                                             \
    "c = lambda s, n: len(s.findall('testcase/' + n))\n"                                                               \
    "for s in r.findall('testsuite'):\n"                                                                               \
    "    assert int(s.get('tests')) == len(s.findall('testcase'))\n"                                                   \
    "    assert int(s.get('failures')) == c(s, 'failure')\n"                                                           \
    "    assert int(s.get('errors')) == c(s, 'error')\n"                                                               \
    "    assert int(s.get('skipped')) == c(s, 'skipped')\n"                                                            \
    "    assert float(s.get('time')) > 0\n"                                                                            \
    "    print(s.get('name'), s.get('tests'), s.get('failures'), s.get('errors'), sep='|')\n"

static bool parse_junit(const char *folder, char *out)
{
    char command[8192];
    FILE *pipe;
    size_t used;

    if (system("command -v python3 >/dev/null") != 0) { // NOLINT(cert-env33-c): a tool of the test
        (void)fputs("test_results: no python3 here: junit.xml is not parsed\n", stderr);
        return false;
    }
    (void)snprintf(command, sizeof command, "python3 -c \"%s\" %s/junit.xml 2>&1", PYTHON, folder);
    pipe = popen(command, "r"); // NOLINT(cert-env33-c)
    ck_assert_ptr_nonnull(pipe);
    used = fread(out, 1, TEXT_SIZE - 1, pipe);
    out[used] = '\0';
    ck_assert_msg(pclose(pipe) == 0, "%s", out);
    return true;
}

START_TEST(junit_counts_what_is_in_it)
{
    static struct left left;
    static char out[TEXT_SIZE];
    struct bench b;

    bench_open(&b, CASES);
    leave(&b, &left);
    if (parse_junit(left.folder, out)) {
        ck_assert_str_eq(out, "bench/a_test [quiet]|4|0|0\nbench/a_test [loud]|4|1|0\nbench/a_test [off]|4|0|1\n");
    }
    ck_assert_ptr_null(strstr(left.junit, "nan"));
    ck_assert_ptr_null(strstr(left.junit, "inf\""));
    ck_assert_int_eq(left.code, CMD_FAILED);
    forget(&left);
    bench_close(&b);
}
END_TEST

START_TEST(nothing_of_this_machine_is_in_the_results_but_in_run_json)
{
    static struct left left;
    char jobs[] = "\"jobs\"", date[] = "\"date\"";
    struct bench b;

    bench_open(&b, CASES);
    leave(&b, &left);
    for (int i = 0; i < 2; i++) {
        const char *text = i == 0 ? left.jsonl : left.junit;

        ck_assert_ptr_null(strstr(text, left.folder));
        ck_assert_ptr_null(strstr(text, b.root.model));
        ck_assert_ptr_null(strstr(text, "timestamp"));
        ck_assert_ptr_null(strstr(text, "hostname"));
        ck_assert_ptr_null(strstr(text, "wall"));
        ck_assert_ptr_null(strstr(text, "jobs"));
        ck_assert_ptr_null(strstr(text, "date"));
    }
    cJSON *run = cJSON_Parse(left.run);

    ck_assert_ptr_nonnull(run);
    ck_assert_ptr_nonnull(strstr(left.run, jobs));
    ck_assert_ptr_nonnull(strstr(left.run, date));
    ck_assert_double_eq_tol(number_of(run, "cases"), 3.0, 0.0 + 1e-12);
    ck_assert_double_eq_tol(number_of(run, "wall_s"), 1.5, 1e-12);
    cJSON_Delete(run);
    forget(&left);
    bench_close(&b);
}
END_TEST

/* A file name may be any bytes, a case name any text. */
START_TEST(odd_names_are_escaped)
{
    static struct left left;
    static char out[TEXT_SIZE];
    static char name[] = "odd/<a> & \"b\" \\ \xC3\xA9 \xFF \xED\xA0\x80 \x01.json";
    cJSON *line[4];
    struct bench b;

    bench_open(&b, "'cases': [ { 'load': '20 A', 'case': '<&> \\\\ \\u0007 \\u00b5 ]]>' } ], 'steps': [ "
                   "{ 'at': '1 s', 'load': { 'current': '${load}' } } ], "
                   "'expect': [ { 'never': 'discharge.current above 1 A' } ] }");
    free(b.list.item[0].file);
    b.list.item[0].file = strdup(name);
    leave(&b, &left);
    ck_assert_int_eq(parse_lines(left.jsonl, line, 4), 1);
    ck_assert_str_eq(text_of(line[0], "scenario"), "odd/<a> & \"b\" \\ \xC3\xA9 ? ??? \x01");
    ck_assert_str_eq(text_of(line[0], "case"), "<&> \\ \x07 \xC2\xB5 ]]>");
    if (parse_junit(left.folder, out)) {
        ck_assert_str_eq(out, "odd/<a> & \"b\" \\ \xC3\xA9 ? ???   [<&> \\   \xC2\xB5 ]]>]|1|1|0\n");
    }
    cJSON_Delete(line[0]);
    forget(&left);
    bench_close(&b);
}
END_TEST

START_TEST(a_case_folder_has_a_plain_name)
{
    char name[256];
    struct scenario s = { .file = (char[]){ "/some where/jk48/over \"v\".json" },
                          .case_name = (char[]){ "r=5 mOhm, a/b=\xC2\xB5" } };

    results_file_name(&s, name, sizeof name);
    ck_assert_str_eq(name, "jk48.over__v_.r=5_mOhm__a.b=__");
}
END_TEST

/* clang-format off */
static const struct {
    size_t by_case[VERDICT_ERROR + 1]; /* pass, skip, inconclusive, fail, error */
    bool failed, interrupted;
    int code;
} exits[] = {
    { { 3, 0, 0, 0, 0 }, false, false, CMD_OK },
    { { 3, 2, 0, 0, 0 }, false, false, CMD_OK },
    { { 0, 2, 0, 0, 0 }, false, false, CMD_SKIPPED },
    { { 0, 0, 0, 0, 0 }, false, false, CMD_NOTHING },
    { { 3, 0, 1, 0, 0 }, false, false, CMD_INCONCLUSIVE },
    { { 3, 0, 0, 0, 1 }, false, false, CMD_INCONCLUSIVE },
    { { 3, 0, 1, 1, 1 }, false, false, CMD_FAILED },
    { { 3, 0, 0, 0, 0 }, false, true, CMD_INCONCLUSIVE },
    { { 0, 2, 0, 0, 0 }, false, true, CMD_INCONCLUSIVE },
    { { 3, 0, 0, 1, 0 }, false, true, CMD_FAILED },
    { { 3, 0, 0, 0, 0 }, true, false, CMD_INCONCLUSIVE },
    { { 3, 0, 0, 1, 0 }, true, false, CMD_FAILED },
};
/* clang-format on */

START_TEST(the_heaviest_outcome_gives_the_exit_code)
{
    struct results r = { .failed = exits[_i].failed };

    memcpy(r.by_case, exits[_i].by_case, sizeof r.by_case);
    for (size_t v = 0; v <= VERDICT_ERROR; v++) {
        r.cases += r.by_case[v];
    }
    ck_assert_int_eq(results_exit_code(&r, exits[_i].interrupted), exits[_i].code);
}
END_TEST

START_TEST(a_folder_that_cannot_be_made_is_said_before_the_run)
{
    static const char *const folders[] = { "/dev/null/results", "/proc/nothing/here" };
    struct results r;
    struct diag d;

    diag_init(&d);
    ck_assert(!results_open(&r, folders[_i], &d));
    ck_assert_int_eq((int)d.count, 1);
    ck_assert_ptr_nonnull(strstr(d.message[0].text, "cannot be made"));
    ck_assert_ptr_null(r.folder);
    diag_free(&d);
}
END_TEST

START_TEST(results_that_do_not_reach_the_disk_are_noticed)
{
    struct results r;
    struct diag d;
    struct bench b;

    bench_open(&b, CASES);
    diag_init(&d);
    char *folder = bench_folder();

    ck_assert(results_open(&r, folder, &d));
    (void)fclose(r.jsonl);
    r.jsonl = fopen("/dev/full", "w");
    bench_run(&b);
    results_add(&r, &b.list.item[0], &b.result);
    ck_assert(r.failed);
    ck_assert_int_eq(results_exit_code(&r, false), CMD_INCONCLUSIVE);
    ck_assert(!results_close(&r, 0.0, 1, false));
    diag_free(&d);
    bench_remove(folder);
    bench_close(&b);
}
END_TEST

START_TEST(a_report_for_people_names_line_limit_and_margin)
{
    struct results r = { .colour = false };
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    struct bench b;

    bench_open(&b, CASES);
    case_run(&b.list.item[1], &b.options, &b.result);
    results_print(&r, &b.list.item[1], &b.result, out);
    (void)fclose(out);
    ck_assert_ptr_nonnull(strstr(text, "FAIL  bench/a_test [loud]"));
    ck_assert_ptr_nonnull(strstr(text, "always discharge.allowed is true"));
    ck_assert_ptr_nonnull(strstr(text, "it did not hold"));
    ck_assert_ptr_null(strstr(text, "pack.soc")); /* what passed is not in the way */
    ck_assert_ptr_null(strstr(text, "\033["));
    free(text);
    bench_close(&b);
}
END_TEST

static TCase *files(void)
{
    TCase *t = tcase_create("files");

    tcase_set_timeout(t, 120);
    tcase_add_test(t, each_verdict_is_a_line_with_the_promised_fields);
    tcase_add_test(t, junit_counts_what_is_in_it);
    tcase_add_test(t, nothing_of_this_machine_is_in_the_results_but_in_run_json);
    tcase_add_test(t, odd_names_are_escaped);
    tcase_add_test(t, a_case_folder_has_a_plain_name);
    tcase_add_loop_test(t, a_folder_that_cannot_be_made_is_said_before_the_run, 0, 2);
    tcase_add_test(t, results_that_do_not_reach_the_disk_are_noticed);
    return t;
}

int main(void)
{
    Suite *s = suite_create("results");
    TCase *t = tcase_create("words");

    tcase_add_loop_test(t, the_heaviest_outcome_gives_the_exit_code, 0, (int)(sizeof exits / sizeof exits[0]));
    tcase_add_test(t, a_report_for_people_names_line_limit_and_margin);
    suite_add_tcase(s, files());
    suite_add_tcase(s, t);
    return check_run(s);
}
