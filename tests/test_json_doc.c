#include "sim/json_doc.h"
#include "tests/support/check_run.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct json_doc doc;
static struct diag d;

static void setup(void)
{
    memset(&doc, 0, sizeof doc);
    diag_init(&d);
}

static void teardown(void)
{
    json_doc_free(&doc);
    diag_free(&d);
}

static bool parse(const char *text)
{
    return json_doc_parse(&doc, "f.json", text, strlen(text), &d);
}

static const cJSON *member(const char *name)
{
    return json_member(doc.root, name);
}

/* Some message that says this, or NULL. */
static const struct diag_message *said(const char *part)
{
    for (size_t i = 0; i < d.count; i++) {
        if (strstr(d.message[i].text, part) != NULL || (d.message[i].hint && strstr(d.message[i].hint, part))) {
            return &d.message[i];
        }
    }
    return NULL;
}

/* clang-format off */
static const char *const good[] = {
    "{}", "[]", "0", "-0", "-1.5e+3", "\"\"", "null", " true ", "\t[ 1 , 2 ]\r\n", "{\"a\":{\"b\":[[],{},\"x\"]}}",
    "\"\\u00b5\\n\\\"\\\\\\/\\b\\f\\r\\t\"", "\"\\ud83d\\ude00\"", "\"\xF0\x9F\x98\x80 \xE2\x84\xA6\"", "1e308", "5e-324",
    "[0.0e99, 0]", "\"// no comment\"", "{\"a\":1,\"A\":2}", "{\"\":1}", "[{\"a\":1},{\"a\":2}]", "{\"a\":{\"a\":1}}", "\"\x7F\"",
    "123456789012345678901234567890123456789012345678901234567890123",
};

static const struct {
    const char *text, *says;
    unsigned line, col;
} bad[] = {
    { "",                        "empty",                        1, 1 },
    { " \n ",                    "empty",                        2, 2 },
    { "{\n  \"a\": 1,\n}",       "comma after the last",         2, 9 },
    { "[1,]",                    "comma after the last",         1, 3 },
    { "[1 2]",                   "comma is missing",             1, 3 },
    { "{\"a\":1\n\"b\":2}",      "comma is missing",             1, 7 },
    { "[,1]",                    "one comma too many",           1, 2 },
    { "[1,,2]",                  "one comma too many",           1, 4 },
    { "{,}",                     "one comma too many",           1, 2 },
    { "{\"a\" 1}",               "colon is missing",             1, 6 },
    { "{\"a\"=1}",               "write \":\"",                  1, 5 },
    { "{a:1}",                   "write \"a\"",                  1, 2 },
    { "{'a':1}",                 "write \"a\"",                  1, 2 },
    { "{\"a\":'b'}",             "double quotes",                1, 6 },
    { "{1:2}",                   "double quotes",                1, 2 },
    { "{[]:2}",                  "expected a key",               1, 2 },
    { "[1] x",                   "after the end",                1, 5 },
    { "{}}",                     "after the end",                1, 3 },
    { "[1}",                     "cannot close",                 1, 3 },
    { "]",                       "expected a value",             1, 1 },
    { "{\"a\":1",                "\"{\" of line 1 is not closed", 1, 7 },
    { "[1,\n[2",                 "\"[\" of line 2 is not closed", 2, 3 },
    { "[",                       "not closed",                   1, 2 },
    { "[1,",                     "not closed",                   1, 4 },
    { "{\"a\"",                  "not closed",                   1, 5 },
    { "{\"a\":",                 "not closed",                   1, 6 },
    { "\"abc",                   "closing quote",                1, 1 },
    { "[\"abc\n\"]",             "closing quote",                1, 2 },
    { "\"a\\",                   "no such escape",               1, 3 },
    { "\"a\\q\"",                "no such escape",               1, 3 },
    { "\"a\\u12g4\"",            "four hexadecimal",             1, 3 },
    { "\"\\u00",                 "four hexadecimal",             1, 2 },
    { "\"\\u0000\"",             "\\u0000",                      1, 2 },
    { "\"\\ud83d\"",             "surrogate",                    1, 2 },
    { "\"\\ude00\"",             "surrogate",                    1, 2 },
    { "\"\\ud83d\\u0041\"",      "surrogate",                    1, 2 },
    { "\"a\tb\"",                "write \\t",                    1, 3 },
    { "\"a\x01\"",               "control character",            1, 3 },
    { "[01]",                    "begin with 0",                 1, 2 },
    { "[-01]",                   "begin with 0",                 1, 2 },
    { "[+1]",                    "plus sign",                    1, 2 },
    { "[.5]",                    "before the decimal",           1, 2 },
    { "[5.]",                    "after the decimal",            1, 2 },
    { "[1e]",                    "exponent",                     1, 2 },
    { "[1e+]",                   "exponent",                     1, 2 },
    { "[-]",                     "no digits",                    1, 2 },
    { "[0x1F]",                  "hexadecimal",                  1, 2 },
    { "[1.2.3]",                 "not a number",                 1, 2 },
    { "[1_000]",                 "not a number",                 1, 2 },
    { "[1e400]",                 "too large",                    1, 2 },
    { "[-1e400]",                "too large",                    1, 2 },
    { "[1e-400]",                "too small",                    1, 2 },
    { "1234567890123456789012345678901234567890123456789012345678901234", "63 characters", 1, 1 },
    { "[NaN]",                   "NaN",                          1, 2 },
    { "[-Infinity]",             "not finite",                    1, 2 },
    { "[Infinity]",              "Infinity",                     1, 2 },
    { "[True]",                  "write true",                   1, 2 },
    { "[nulll]",                 "nulll",                        1, 2 },
    { "[None]",                  "write null",                   1, 2 },
    { "[3.7 V]",                 "\"3.7 V\"",                    1, 2 },
    { "[90 %]",                  "\"90 %\"",                     1, 2 },
    { "[5\xC2\xB5s]",            "\"5 \xC2\xB5s\"",              1, 2 },
    { "[1] // x",                "comments",                     1, 5 },
    { "/* x */ 1",               "comments",                     1, 1 },
    { "# x\n1",                  "comments",                     1, 1 },
    { "/* x",                    "comments",                     1, 1 },
    { "[\"\xE9\"]",              "0xE9",                         1, 3 },
    { "[\"\xC0\x80\"]",          "0xC0",                         1, 3 },
    { "[\"\xED\xA0\x80\"]",      "0xED",                         1, 3 },
    { "[\"\xF4\x90\x80\x80\"]",  "0xF4",                         1, 3 },
    { "[\"\xE0\x80\x80\"]",      "0xE0",                         1, 3 },
    { "[\"\xE2\x84\"]",          "0xE2",                         1, 3 },
    { "{\"a\":1,\"b\":2,\"a\":3}", "stands twice",               1, 14 },
    { "{\"a\":1,\"\\u0061\":3}", "stands twice",                 1, 8 },
};
/* clang-format on */

START_TEST(sound_json_is_read_as_cjson_reads_it)
{
    ck_assert_msg(parse(good[_i]), "%s", good[_i]);
    cJSON *other = cJSON_Parse(good[_i]);

    ck_assert(cJSON_Compare(doc.root, other, true) != 0);
    ck_assert_uint_eq(d.count, 0);
    cJSON_Delete(other);
}
END_TEST

START_TEST(unsound_json_is_refused_at_its_place_with_a_reason)
{
    ck_assert_msg(!parse(bad[_i].text), "%s", bad[_i].text);
    const struct diag_message *m = said(bad[_i].says);

    ck_assert_msg(m != NULL, "%s: %s", bad[_i].text, d.message[0].text);
    ck_assert_uint_eq(m->line, bad[_i].line);
    ck_assert_uint_eq(m->col, bad[_i].col);
    ck_assert_ptr_nonnull(m->source);
    ck_assert(doc.root == NULL && doc.text == NULL);
}
END_TEST

START_TEST(every_truncation_of_a_file_is_refused)
{
    const char *text = "{ \"a\": [1, -2.5e3, true, null, \"x\\u00b5\\n\"], \"b\": { \"c\": \"d\" } }";

    for (size_t size = 0; size < strlen(text); size++) {
        ck_assert_msg(!json_doc_parse(&doc, "f", text, size, &d), "%zu bytes", size);
        ck_assert_uint_ge(d.count, 1);
        diag_free(&d);
    }
    ck_assert(json_doc_parse(&doc, "f", text, strlen(text), &d));
}
END_TEST

START_TEST(several_mistakes_are_told_in_one_pass)
{
    ck_assert(!parse("{ // x\n \"a\": 01, 'b': True,\n \"c\": 3.7 V\n \"d\": [1,], }"));
    ck_assert_uint_eq(d.count, 8);
    ck_assert_ptr_nonnull(said("last element"));
}
END_TEST

START_TEST(binary_and_other_encodings_are_refused)
{
    ck_assert(!json_doc_parse(&doc, "f", "{\"a\":\0}", 7, &d));
    ck_assert_ptr_nonnull(said("NUL byte"));
    ck_assert(!json_doc_parse(&doc, "f", "\xFF\xFE{\0}\0", 6, &d));
    ck_assert_ptr_nonnull(said("UTF-16"));
    ck_assert(!json_doc_parse(&doc, "f",
                              "\x7F"
                              "ELF\2\1\1\0\0",
                              9, &d));
}
END_TEST

START_TEST(a_byte_order_mark_is_ignored)
{
    ck_assert(parse("\xEF\xBB\xBF{\"a\": 1}"));
    ck_assert_uint_eq(json_where(&doc, member("a")), 6);
}
END_TEST

START_TEST(depth_is_limited_to_64)
{
    char text[2 * 65 + 1];

    for (int depth = 64; depth <= 65; depth++) {
        memset(text, '[', (size_t)depth);
        memset(text + depth, ']', (size_t)depth);
        ck_assert(json_doc_parse(&doc, "f", text, 2 * (size_t)depth, &d) == (depth == 64));
        json_doc_free(&doc);
    }
    ck_assert_uint_eq(d.message[0].col, 65);
}
END_TEST

START_TEST(size_is_limited_to_4_MiB)
{
    char *text = malloc(JSON_SIZE_MAX + 2);

    ck_assert(text != NULL);
    memset(text, ' ', JSON_SIZE_MAX + 2);
    text[0] = '1';
    ck_assert(json_doc_parse(&doc, "f", text, JSON_SIZE_MAX, &d));
    json_doc_free(&doc);
    ck_assert(!json_doc_parse(&doc, "f", text, JSON_SIZE_MAX + 1, &d));
    ck_assert_ptr_nonnull(said("larger than 4 MiB"));
    free(text);
}
END_TEST

#define LARGE (JSON_SIZE_MAX / 8) /* a hundred thousand elements or errors, without keeping valgrind for minutes */

/* A text of one piece repeated up to LARGE. */
static char *fill(const char *head, const char *piece, const char *tail)
{
    const size_t n = strlen(piece), room = LARGE - strlen(head) - strlen(tail);
    char *text = malloc(LARGE + 1), *p = text;

    ck_assert(text != NULL);
    p = stpcpy(p, head);
    for (size_t i = 0; i + n <= room; i += n) {
        p = stpcpy(p, piece);
    }
    (void)stpcpy(p, tail);
    return text;
}

/* Quadratic work would run into the time limit of Check. */
START_TEST(a_large_file_takes_linear_time)
{
    static const char *const shape[][3] = {
        { "[0", ",[]", "]" },    { "{\"a\":0", ",\"a\":1", "}" }, { "[0", ",\n01", "]" },
        { "[0", "/**/,0", "]" }, { "[\"", "\\u00b5", "\"]" },     { "[0", " 0", "]" },
    };
    char *text = fill(shape[_i][0], shape[_i][1], shape[_i][2]);

    (void)parse(text);
    if (doc.root != NULL) {
        const cJSON *node = NULL;
        size_t last = 0;

        cJSON_ArrayForEach(node, doc.root)
        {
            ck_assert(json_where(&doc, node) > last || last == 0);
            last = json_where(&doc, node);
        }
    }
    free(text);
}
END_TEST

START_TEST(every_node_knows_its_place_and_path)
{
    const char *text = "{\n \"a\" : [ 10, {\"b\":\"x\"} ],\n \"\\u0063\": null }";
    char path[40];

    ck_assert(parse(text));
    const cJSON *a = member("a"), *second = a->child->next, *b = second->child, *c = member("c");
    const struct {
        const cJSON *node;
        const char *path, *at, *key;
        unsigned line;
    } want[] = {
        { doc.root, "", "{\n", "{\n", 1 },    { a, "a", "[ 10", "\"a\"", 2 },
        { a->child, "a[0]", "10", "10", 2 },  { second, "a[1]", "{\"b", "{\"b", 2 },
        { b, "a[1].b", "\"x\"", "\"b\"", 2 }, { c, "c", "null", "\"\\u0063", 3 },
    };

    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        json_path(&doc, want[i].node, path, sizeof path);
        ck_assert_str_eq(path, want[i].path);
        ck_assert_uint_eq(json_where(&doc, want[i].node), (size_t)(strstr(text, want[i].at) - text));
        ck_assert_uint_eq(json_where_key(&doc, want[i].node), (size_t)(strstr(text, want[i].key) - text));
        ck_assert_uint_eq(json_line(&doc, want[i].node), want[i].line);
    }
    ck_assert(json_where(&doc, NULL) == SIZE_MAX && json_line(&doc, NULL) == 0);
    json_path(&doc, b, path, 4);
    ck_assert_str_eq(path, "a[1");
}
END_TEST

START_TEST(a_copy_of_a_node_keeps_its_place)
{
    ck_assert(parse("{\"a\": [1, {\"b\": 2.5}]}"));
    cJSON *copy = cJSON_Duplicate(doc.root, true);
    const cJSON *b = cJSON_GetArrayItem(json_member(copy, "a"), 1)->child;
    double value = 0;

    ck_assert_uint_eq(json_where(&doc, b), 16);
    ck_assert(json_number(&doc, b, 0, 10, &value, &d) && value == 2.5);
    cJSON_Delete(copy);
}
END_TEST

START_TEST(a_place_inside_a_string_counts_escapes)
{
    const char *text = "[\"a\\n\\u00b5\\ud83d\\ude00z\"]";

    ck_assert(parse(text));
    const cJSON *s = doc.root->child;

    ck_assert_uint_eq(json_where_in(&doc, s, 0), 2);
    ck_assert_uint_eq(json_where_in(&doc, s, 1), 3);
    ck_assert_uint_eq(json_where_in(&doc, s, 2), 5);
    ck_assert_uint_eq(json_where_in(&doc, s, 3), 5); /* inside a character: its start */
    ck_assert_uint_eq(json_where_in(&doc, s, 4), 11);
    ck_assert_uint_eq(json_where_in(&doc, s, 8), 23);
    ck_assert_uint_eq(json_where_in(&doc, s, 9), 24);
    ck_assert_uint_eq(json_where_in(&doc, s, 99), 24);
    ck_assert_uint_eq(json_where_in(&doc, doc.root, 3), 0);
}
END_TEST

START_TEST(a_missing_file_and_a_folder_are_told)
{
    ck_assert(!json_doc_load(&doc, "tests/no such file.json", &d));
    ck_assert_ptr_nonnull(said("cannot be opened: No such file"));
    ck_assert(!json_doc_load(&doc, "/", &d));
    ck_assert_ptr_nonnull(said("cannot be read: Is a directory"));
    ck_assert_uint_eq(d.errors, 2);
}
END_TEST

START_TEST(a_file_is_read_whole)
{
    char name[] = "/tmp/test_json_doc_XXXXXX";
    const int fd = mkstemp(name);
    FILE *out = fdopen(fd, "w");

    ck_assert(out != NULL);
    ck_assert(fputs("\xEF\xBB\xBF[", out) >= 0);
    for (int i = 0; i < 100000; i++) {
        ck_assert(fprintf(out, "%d,\n", i) > 0);
    }
    ck_assert(fputs("7]", out) >= 0 && fclose(out) == 0);
    ck_assert(json_doc_load(&doc, name, &d));
    ck_assert_int_eq(cJSON_GetArraySize(doc.root), 100001);
    ck_assert_str_eq(doc.file, name);
    ck_assert(unlink(name) == 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("json_doc");
    TCase *t = tcase_create("json_doc");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, sound_json_is_read_as_cjson_reads_it, 0, (int)(sizeof good / sizeof good[0]));
    tcase_add_loop_test(t, unsound_json_is_refused_at_its_place_with_a_reason, 0, (int)(sizeof bad / sizeof bad[0]));
    tcase_add_test(t, every_truncation_of_a_file_is_refused);
    tcase_add_test(t, several_mistakes_are_told_in_one_pass);
    tcase_add_test(t, binary_and_other_encodings_are_refused);
    tcase_add_test(t, a_byte_order_mark_is_ignored);
    tcase_add_test(t, depth_is_limited_to_64);
    tcase_add_test(t, size_is_limited_to_4_MiB);
    tcase_add_loop_test(t, a_large_file_takes_linear_time, 0, 6);
    tcase_add_test(t, every_node_knows_its_place_and_path);
    tcase_add_test(t, a_copy_of_a_node_keeps_its_place);
    tcase_add_test(t, a_place_inside_a_string_counts_escapes);
    tcase_add_test(t, a_missing_file_and_a_folder_are_told);
    tcase_add_test(t, a_file_is_read_whole);
    tcase_set_timeout(t, 30);
    suite_add_tcase(suite, t);
    return check_run(suite);
}
