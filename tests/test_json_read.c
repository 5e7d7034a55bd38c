#include "sim/json_doc.h"
#include "tests/support/check_run.h"

#include <check.h>
#include <string.h>

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

static const char *const words[] = { "idle", "charge", NULL };

struct target {
    double v, x;
    int64_t n;
    bool on;
    const char *text;
    int word;
    const cJSON *object, *array, *any;
};

/* clang-format off */
static const struct json_key keys[] = {
    { .name = "v", .kind = JSON_QUANTITY, .dim = DIM_VOLTAGE, .min = 0, .max = 5, .offset = offsetof(struct target, v) },
    { .name = "x", .kind = JSON_NUMBER, .min = -1, .max = 1, .offset = offsetof(struct target, x) },
    { .name = "n", .kind = JSON_INTEGER, .min = 1, .max = 16, .offset = offsetof(struct target, n) },
    { .name = "on", .kind = JSON_BOOL, .offset = offsetof(struct target, on) },
    { .name = "text", .kind = JSON_STRING, .required = true, .meaning = "what it is", .offset = offsetof(struct target, text) },
    { .name = "word", .kind = JSON_WORD, .words = words, .offset = offsetof(struct target, word) },
    { .name = "object", .kind = JSON_OBJECT, .offset = offsetof(struct target, object) },
    { .name = "array", .kind = JSON_ARRAY, .min = 1, .max = 2, .offset = offsetof(struct target, array) },
    { .name = "any", .kind = JSON_ANY, .offset = offsetof(struct target, any) },
};

static const struct {
    const char *text, *says, *path;
} unread[] = {
    { "{\"text\":\"\",\"v\":3.7}",           "write \"3.7 V\"",             "v" },
    { "{\"text\":\"\",\"v\":\"3.7\"}",       "write \"3.7 V\"",             "v" },
    { "{\"text\":\"\",\"v\":\"3.7 A\"}",     "expected a voltage, got \"3.7 A\", a current", "v" },
    { "{\"text\":\"\",\"v\":\"3650 V\"}",    "0 V to 5 V",                  "v" },
    { "{\"text\":\"\",\"v\":\"3650 V\"}",    "was 3.65 V meant?",           "v" },
    { "{\"text\":\"\",\"v\":\"3.7 mv\"}",    "\"mV\"",                      "v" },
    { "{\"text\":\"\",\"v\":\"nan V\"}",     "finite",                      "v" },
    { "{\"text\":\"\",\"v\":[]}",            "got an array",                "v" },
    { "{\"text\":\"\",\"x\":1.01}",          "-1 to 1",                     "x" },
    { "{\"text\":\"\",\"x\":\"1\"}",         "expected a number, got a string", "x" },
    { "{\"text\":\"\",\"n\":1.5}",           "whole number",                "n" },
    { "{\"text\":\"\",\"n\":0}",             "1 to 16",                     "n" },
    { "{\"text\":\"\",\"n\":1e300}",         "whole number",                "n" },
    { "{\"text\":\"\",\"n\":true}",          "got true or false",           "n" },
    { "{\"text\":\"\",\"on\":1}",            "expected true or false",      "on" },
    { "{\"text\":null}",                     "expected a string, got null", "text" },
    { "{}",                                  "\"text\" is missing",         NULL },
    { "{}",                                  "what it is",                  NULL },
    { "{\"text\":\"\",\"word\":\"charg\"}",  "\"charge\"",                  "word" },
    { "{\"text\":\"\",\"word\":\"xyzzy\"}",  "allowed: idle, charge",       "word" },
    { "{\"text\":\"\",\"word\":1}",          "expected a string",           "word" },
    { "{\"text\":\"\",\"object\":[]}",       "expected an object",          "object" },
    { "{\"text\":\"\",\"array\":{}}",        "expected an array",           "array" },
    { "{\"text\":\"\",\"array\":[]}",        "at least 1 element",          "array" },
    { "{\"text\":\"\",\"array\":[1,2,3]}",   "at most 2 elements",          "array" },
    { "{\"text\":\"\",\"wrod\":1}",          "did you mean \"word\"",       "wrod" },
    { "{\"text\":\"\",\"zzzzz\":1}",         "allowed: v, x, n",            "zzzzz" },
    { "{\"Text\":\"\"}",                     "did you mean \"text\"",       "Text" },
    { "[]",                                  "expected an object, got an array", NULL },
};
/* clang-format on */

#define KEY_COUNT (sizeof keys / sizeof keys[0])

START_TEST(a_table_of_keys_reads_an_object_into_a_struct)
{
    struct target t = { .x = 0.25 };

    ck_assert(parse("{\"v\":\"3650 mV\",\"n\":16,\"on\":true,\"text\":\"abc\",\"word\":\"charge\",\"object\":{},"
                    "\"array\":[1,2],\"any\":null}"));
    ck_assert(json_read(&doc, doc.root, keys, KEY_COUNT, &t, &d));
    ck_assert(t.v == 3.65 && t.n == 16 && t.on && t.word == 1);
    ck_assert(t.x == 0.25); /* absent: its default stays */
    ck_assert_str_eq(t.text, "abc");
    ck_assert(t.object == member("object") && t.array == member("array") && t.any == member("any"));
    ck_assert_uint_eq(d.count, 0);
}
END_TEST

START_TEST(ranges_include_their_ends)
{
    struct target t = { 0 };

    for (int end = 0; end < 2; end++) {
        ck_assert(parse(end == 0 ? "{\"text\":\"\",\"v\":\"0 V\",\"x\":-1,\"n\":1,\"array\":[1]}"
                                 : "{\"text\":\"\",\"v\":\"5 V\",\"x\":1,\"n\":16,\"array\":[1,2]}"));
        ck_assert(json_read(&doc, doc.root, keys, KEY_COUNT, &t, &d));
        ck_assert(t.v == (end == 0 ? 0 : 5) && t.x == (end == 0 ? -1 : 1) && t.n == (end == 0 ? 1 : 16));
        json_doc_free(&doc);
    }
}
END_TEST

START_TEST(what_does_not_fit_the_table_is_told_with_its_path)
{
    struct target t = { .v = 1, .x = 1, .n = 3, .word = 7 };

    ck_assert(parse(unread[_i].text));
    ck_assert(!json_read(&doc, doc.root, keys, KEY_COUNT, &t, &d));
    const struct diag_message *m = said(unread[_i].says);

    ck_assert_msg(m != NULL, "%s: %s (%s)", unread[_i].text, d.message[0].text, d.message[0].hint);
    ck_assert(t.v == 1 && t.x == 1 && t.n == 3 && t.word == 7);
    if (unread[_i].path != NULL) {
        ck_assert_str_eq(m->path, unread[_i].path);
    }
}
END_TEST

START_TEST(twenty_five_wrong_keys_give_twenty_messages_in_one_pass)
{
    char text[600] = "{\"text\":\"\"";

    for (int i = 0; i < 25; i++) {
        (void)snprintf(text + strlen(text), sizeof text - strlen(text), ",\"key%d\":1", i);
    }
    (void)snprintf(text + strlen(text), sizeof text - strlen(text), "}");
    ck_assert(parse(text));
    ck_assert(!json_check_keys(&doc, doc.root, keys, KEY_COUNT, &d));
    ck_assert_uint_eq(d.count, DIAG_MAX);
    ck_assert_uint_eq(d.errors, 25);
}
END_TEST

START_TEST(an_error_in_a_quantity_points_into_its_string)
{
    double value = 0;

    ck_assert(parse("{\"v\": \"\\u0020 3.7 mv\"}"));
    ck_assert(!json_quantity(&doc, member("v"), DIM_VOLTAGE, 0, 5, &value, &d));
    ck_assert_uint_eq(d.message[0].col, 19);
}
END_TEST

START_TEST(a_c_rate_is_a_current_once_the_capacity_is_known)
{
    double value = 0;

    ck_assert(parse("{\"i\": \"0.2 C\"}"));
    ck_assert(!json_quantity(&doc, member("i"), DIM_CURRENT, 0, 500, &value, &d));
    ck_assert_ptr_nonnull(said("capacity"));
    doc.nominal_Ah = 100;
    ck_assert(json_quantity(&doc, member("i"), DIM_CURRENT, 0, 500, &value, &d));
    ck_assert(value == 20);
    ck_assert(!json_quantity(&doc, member("i"), DIM_CURRENT, 0, 10, &value, &d));
    ck_assert(!json_quantity(&doc, member("i"), DIM_VOLTAGE, 0, 10, &value, &d));
}
END_TEST

START_TEST(a_count_is_a_bare_number)
{
    double value = 0;

    ck_assert(parse("{\"a\": 3, \"b\": \"3\", \"c\": \"3 V\"}"));
    ck_assert(json_quantity(&doc, member("a"), DIM_COUNT, 0, 5, &value, &d) && value == 3);
    ck_assert(!json_quantity(&doc, member("b"), DIM_COUNT, 0, 5, &value, &d));
    ck_assert_ptr_nonnull(said("write 3 without quotes"));
    ck_assert(!json_quantity(&doc, member("c"), DIM_NONE, 0, 5, &value, &d));
    ck_assert_ptr_nonnull(said("got a voltage"));
}
END_TEST

START_TEST(any_dimension_can_be_read)
{
    struct quantity q = { 0 };

    ck_assert(parse("{\"a\": 3, \"b\": \"3 V\", \"c\": true}"));
    ck_assert(json_any_quantity(&doc, member("a"), &q, &d) && q.value == 3 && q.dim == DIM_NONE);
    ck_assert(json_any_quantity(&doc, member("b"), &q, &d) && q.value == 3 && q.dim == DIM_VOLTAGE);
    ck_assert(!json_any_quantity(&doc, member("c"), &q, &d));
    ck_assert(json_any_quantity(&doc, NULL, &q, &d));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("json_read");
    TCase *t = tcase_create("json_read");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_table_of_keys_reads_an_object_into_a_struct);
    tcase_add_test(t, ranges_include_their_ends);
    tcase_add_loop_test(t, what_does_not_fit_the_table_is_told_with_its_path, 0,
                        (int)(sizeof unread / sizeof unread[0]));
    tcase_add_test(t, twenty_five_wrong_keys_give_twenty_messages_in_one_pass);
    tcase_add_test(t, an_error_in_a_quantity_points_into_its_string);
    tcase_add_test(t, a_c_rate_is_a_current_once_the_capacity_is_known);
    tcase_add_test(t, a_count_is_a_bare_number);
    tcase_add_test(t, any_dimension_can_be_read);
    suite_add_tcase(suite, t);
    return check_run(suite);
}
