#include "sim/diag.h"
#include "tests/support/check_run.h"

#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* What diag_print writes; to be freed. */
static char *printed(const struct diag *d)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    ck_assert(out != NULL);
    diag_print(d, out);
    ck_assert(fclose(out) == 0);
    return text;
}

static void expect_print(struct diag *d, const char *wanted)
{
    char *text = printed(d);

    ck_assert_str_eq(text, wanted);
    free(text);
    diag_free(d);
}

START_TEST(a_message_shows_place_path_line_caret_and_hint)
{
    const char *text = "{\n  \"at\": 3.7\n}\n";
    struct diag d;

    diag_init(&d);
    diag_at(&d, DIAG_ERROR, "a.json", text, strlen(text), 10, "steps[1].at", "write \"3.7 s\"", "expected a %s",
            "time");
    ck_assert_uint_eq(d.errors, 1);
    expect_print(&d, "a.json:2:9: steps[1].at: error: expected a time\n"
                     "    \"at\": 3.7\n"
                     "          ^\n"
                     "  hint: write \"3.7 s\"\n");
}
END_TEST

START_TEST(a_message_without_a_place_is_one_line)
{
    struct diag d;

    diag_init(&d);
    diag_plain(&d, DIAG_WARNING, "a.json", NULL, "odd");
    diag_plain(&d, DIAG_ERROR, NULL, "try again", "bad");
    diag_at(&d, DIAG_ERROR, "b.json", "x", 1, SIZE_MAX, "p", NULL, "nowhere");
    ck_assert_uint_eq(d.errors, 2);
    ck_assert_uint_eq(d.count, 3);
    expect_print(&d, "a.json: warning: odd\nerror: bad\n  hint: try again\nb.json: p: error: nowhere\n");
}
END_TEST

/* clang-format off */
static const struct {
    const char *text;
    size_t offset;
    const char *source;
    unsigned line, col;
} shown[] = {
    { "\t\tx y",                     4, "\t\tx y\n\t\t  ^",        1, 5 },  /* tabs stay, so that the caret is below y */
    { "a\x01 b",                     3, "a\\x01 b\n      ^",       1, 4 },
    { "\xC3\xA9\xC3\xA9 b",          5, "\xC3\xA9\xC3\xA9 b\n   ^", 1, 4 },  /* a character is one column */
    { "\xC2\x85 b",                  3, "\\xC2\\x85 b\n         ^", 1, 3 },  /* a C1 control is not shown */
    { "\xFF\xFE b",                  3, "\\xFF\\xFE b\n         ^", 1, 4 },
    { "\x1B[31m",                    1, "\\x1B[31m\n    ^",        1, 2 },
    { "one\r\ntwo\r\n",              5, "two\n^",                  2, 1 },
    { "one\n",                       4, "\n^",                     2, 1 },
    { "",                            0, "\n^",                     1, 1 },
    { "one\n\n\nfour", 8, "four\n  ^",               4, 3 },
};
/* clang-format on */

START_TEST(the_source_line_is_shown_with_the_caret_below_its_place)
{
    struct diag d;

    diag_init(&d);
    diag_at(&d, DIAG_ERROR, "f", shown[_i].text, strlen(shown[_i].text), shown[_i].offset, NULL, NULL, "x");
    ck_assert_str_eq(d.message[0].source, shown[_i].source);
    ck_assert_uint_eq(d.message[0].line, shown[_i].line);
    ck_assert_uint_eq(d.message[0].col, shown[_i].col);
    diag_free(&d);
}
END_TEST

START_TEST(a_long_line_is_cut_around_the_caret_wherever_it_stands)
{
    char text[1001];
    struct diag d;

    for (size_t i = 0; i < 1000; i++) {
        text[i] = (char)('a' + i % 26);
    }
    text[1000] = '\0';
    for (size_t at = 0; at <= 1000; at++) {
        diag_init(&d);
        diag_at(&d, DIAG_ERROR, "f", text, 1000, at, NULL, NULL, "x");
        const char *caret = strchr(d.message[0].source, '\n') + 1;
        const size_t column = strlen(caret) - 1;

        ck_assert_uint_lt(strlen(d.message[0].source), 220);
        ck_assert_uint_eq(d.message[0].col, at + 1);
        if (at < 1000) {
            ck_assert_int_eq(d.message[0].source[column], text[at]);
        }
        diag_free(&d);
    }
}
END_TEST

START_TEST(a_cut_never_splits_a_character)
{
    char text[1200];
    struct diag d;

    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = "\xE2\x84\xA6"[i % 3];
    }
    for (size_t at = 0; at < sizeof text; at += 3) {
        diag_init(&d);
        diag_at(&d, DIAG_ERROR, "f", text, sizeof text, at, NULL, NULL, "x");
        ck_assert(strstr(d.message[0].source, "\\x") == NULL);
        diag_free(&d);
    }
}
END_TEST

START_TEST(twenty_messages_are_kept_and_the_rest_counted)
{
    struct diag d;

    diag_init(&d);
    for (int i = 0; i < 25; i++) {
        diag_plain(&d, DIAG_ERROR, NULL, NULL, "message %d", i);
    }
    ck_assert_uint_eq(d.count, DIAG_MAX);
    ck_assert_uint_eq(d.errors, 25);
    char *text = printed(&d);

    ck_assert(strstr(text, "message 19\nand 5 more\n") != NULL);
    free(text);
    diag_free(&d);
}
END_TEST

START_TEST(an_error_takes_the_place_of_a_warning)
{
    struct diag d;

    diag_init(&d);
    for (int i = 0; i < 22; i++) {
        diag_plain(&d, i == 3 || i == 7 ? DIAG_WARNING : DIAG_ERROR, NULL, NULL, "message %d", i);
    }
    ck_assert_uint_eq(d.count, DIAG_MAX);
    ck_assert_uint_eq(d.errors, 20);
    ck_assert_uint_eq(d.dropped, 2);
    for (size_t i = 0; i < d.count; i++) {
        ck_assert_int_eq(d.message[i].severity, DIAG_ERROR);
    }
    ck_assert_str_eq(d.message[3].text, "message 4");
    ck_assert_str_eq(d.message[19].text, "message 21");
    diag_plain(&d, DIAG_WARNING, NULL, NULL, "too late");
    ck_assert_uint_eq(d.errors, 20);
    ck_assert_uint_eq(d.dropped, 3);
    diag_free(&d);
}
END_TEST

START_TEST(the_same_message_at_the_same_place_is_told_once)
{
    struct diag d;

    diag_init(&d);
    for (int i = 0; i < 3; i++) {
        diag_at(&d, DIAG_ERROR, "f", "abc", 3, 1, "p", "h", "x");
    }
    diag_at(&d, DIAG_ERROR, "f", "abc", 3, 2, "p", "h", "x");
    ck_assert_uint_eq(d.count, 2);
    ck_assert_uint_eq(d.errors, 2);
    diag_free(&d);
}
END_TEST

START_TEST(quoted_text_cannot_steer_the_terminal_or_fill_it)
{
    struct diag d;
    char *long_text = malloc(100001);

    ck_assert(long_text != NULL);
    memset(long_text, 'x', 100000);
    long_text[100000] = '\0';
    diag_init(&d);
    diag_at(&d, DIAG_ERROR, "f\x1B", "abc", 3, 1, "p\n", "h\x7F", "key \"%s\"", "\x1B[31m\n\xFF");
    ck_assert_str_eq(d.message[0].text, "key \"\\x1B[31m\\x0A\\xFF\"");
    ck_assert_str_eq(d.message[0].file, "f\\x1B");
    ck_assert_str_eq(d.message[0].path, "p\\x0A");
    ck_assert_str_eq(d.message[0].hint, "h\\x7F");
    diag_plain(&d, DIAG_ERROR, NULL, NULL, "%s", long_text);
    ck_assert_uint_lt(strlen(d.message[1].text), 500);
    diag_free(&d);
    free(long_text);
}
END_TEST

/* clang-format off */
static const char *const words[] = { "mV", "V", "ms", "charger", "temperature", "cell.voltage.max", "cell.voltage.min" };

static const struct {
    const char *word, *nearest;
} near[] = {
    { "mv", "mV" }, { "v", "V" },           { "chargr", "charger" },             { "hcarger", "charger" },
    { "temprature", "temperature" },        { "cell.voltge.max", "cell.voltage.max" },
    { "cell.voltage.mim", "cell.voltage.min" }, { "MV", "mV" },                  { "Charger", "charger" },
    { "x", NULL },  { "banana", NULL },     { "", NULL },                        { "voltage", NULL },
};
/* clang-format on */

START_TEST(the_nearest_word_is_found_and_a_far_one_is_not_offered)
{
    const char *found = diag_nearest(near[_i].word, words, sizeof words / sizeof words[0]);

    if (near[_i].nearest == NULL) {
        ck_assert_msg(found == NULL, "%s: %s", near[_i].word, found);
    } else {
        ck_assert_ptr_nonnull(found);
        ck_assert_str_eq(found, near[_i].nearest);
    }
}
END_TEST

START_TEST(a_very_long_word_is_near_to_nothing)
{
    char word[5000];

    memset(word, 'm', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    ck_assert_ptr_null(diag_nearest(word, words, sizeof words / sizeof words[0]));
    ck_assert_ptr_null(diag_nearest("mV", (const char *const[]){ word }, 1));
    ck_assert_ptr_null(diag_nearest("mV", words, 0));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("diag");
    TCase *t = tcase_create("diag");

    tcase_add_test(t, a_message_shows_place_path_line_caret_and_hint);
    tcase_add_test(t, a_message_without_a_place_is_one_line);
    tcase_add_loop_test(t, the_source_line_is_shown_with_the_caret_below_its_place, 0,
                        (int)(sizeof shown / sizeof shown[0]));
    tcase_add_test(t, a_long_line_is_cut_around_the_caret_wherever_it_stands);
    tcase_add_test(t, a_cut_never_splits_a_character);
    tcase_add_test(t, twenty_messages_are_kept_and_the_rest_counted);
    tcase_add_test(t, an_error_takes_the_place_of_a_warning);
    tcase_add_test(t, the_same_message_at_the_same_place_is_told_once);
    tcase_add_test(t, quoted_text_cannot_steer_the_terminal_or_fill_it);
    tcase_add_loop_test(t, the_nearest_word_is_found_and_a_far_one_is_not_offered, 0,
                        (int)(sizeof near / sizeof near[0]));
    tcase_add_test(t, a_very_long_word_is_near_to_nothing);
    suite_add_tcase(suite, t);
    return check_run(suite);
}
