#include "sim/requirement.h"

#include "tests/support/check_run.h"
#include "tests/support/test_world.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct root root;

static void setup(void)
{
    test_world_open(&root);
}

static void teardown(void)
{
    root_close(&root);
}

START_TEST(a_delay_without_tolerance_runs_from_minus_1_to_plus_10_percent)
{
    const struct req_row *row = req_find(&root.book, "T-OV");

    ck_assert(row->delay.present);
    ck_assert_double_eq_tol(row->delay.min_s, 0.99, 1e-12);
    ck_assert_double_eq_tol(row->delay.nom_s, 1.0, 1e-12);
    ck_assert_double_eq_tol(row->delay.max_s, 1.10, 1e-12);
    ck_assert(!row->delay.no_latency);
}
END_TEST

START_TEST(a_delay_with_min_and_max_keeps_them)
{
    const struct req_row *row = req_find(&root.book, "T-OV"), *shorted = req_find(&root.book, "T-SC");

    ck_assert_double_eq(row->release.delay.min_s, 1);
    ck_assert_double_eq(row->release.delay.max_s, 4);
    ck_assert_double_eq(shorted->delay.min_s, 0);
    ck_assert_double_eq_tol(shorted->delay.max_s, 300e-6, 1e-15);
    ck_assert(shorted->delay.no_latency);
}
END_TEST

START_TEST(tolerances_are_absolute_in_the_unit_of_the_value)
{
    const struct req_row *row = req_find(&root.book, "T-OV");

    ck_assert_double_eq_tol(row->limit.tol_minus, 0.02, 1e-12);
    ck_assert_double_eq_tol(row->limit.tol_plus, 0.02, 1e-12);
    ck_assert_double_eq_tol(row->release.limit.tol_minus, 0.01, 1e-12);
    ck_assert_double_eq_tol(row->release.limit.tol_plus, 0.03, 1e-12);
    ck_assert_double_eq_tol(req_find(&root.book, "T-OC")->limit.tol_plus, 2.6, 1e-12);
    ck_assert_double_eq_tol(req_find(&root.book, "T-HOT")->limit.tol_minus, 2, 1e-12);
}
END_TEST

START_TEST(bounds_bases_and_notes_are_kept)
{
    const struct req_row *row = req_find(&root.book, "T-OV");

    ck_assert(req_find(&root.book, "T-HARM")->limit.is_max && !req_find(&root.book, "T-HARM")->limit.is_min);
    ck_assert(req_find(&root.book, "T-MIN")->limit.is_min);
    ck_assert(!row->limit.is_max && !row->limit.is_min);
    ck_assert_int_eq(row->limit.note.basis, BASIS_SIBLING);
    ck_assert_str_eq(row->limit.note.source, "another sheet");
    ck_assert_str_eq(row->limit.note.reading, "each cell trips by itself");
    ck_assert_int_eq(row->delay.note.basis, BASIS_ASSUMED);
    ck_assert_int_eq(req_find(&root.book, "T-RETRY")->release.rule, RELEASE_BY_TIME);
    ck_assert_int_eq(req_find(&root.book, "T-BOX")->check, REQ_INSPECTION);
    ck_assert_str_eq(req_find(&root.book, "T-BOX")->why_not, "a box has no electrical behaviour");
}
END_TEST

START_TEST(a_named_value_is_a_row_of_its_own_and_a_time_is_its_delay)
{
    const struct req_row *row = req_find(&root.book, "T-FLASH"), *on = req_value_find(row, "on");
    const struct req_row *level = req_value_find(row, "level"), *pause = req_value_find(row, "pause");

    ck_assert_str_eq(row->note, "seen on the panel");
    ck_assert(!row->limit.present && !row->delay.present);
    ck_assert_str_eq(on->id, "T-FLASH");
    ck_assert_double_eq_tol(on->limit.nominal.value, 0.25, 1e-12);
    ck_assert_double_eq_tol(on->delay.min_s, 0.23, 1e-12);
    ck_assert_double_eq_tol(on->delay.max_s, 0.27, 1e-12);
    ck_assert(on->delay.no_latency);
    ck_assert_int_eq(on->delay.note.basis, BASIS_PRINTED);
    ck_assert(level->limit.present && !level->delay.present);
    ck_assert_double_eq_tol(pause->delay.min_s, 4, 1e-12);
    ck_assert(isinf(pause->delay.max_s));
    ck_assert_ptr_null(req_value_find(row, "off"));
}
END_TEST

START_TEST(an_unknown_id_has_no_row_but_a_nearest)
{
    ck_assert_ptr_null(req_find(&root.book, "T-OW"));
    ck_assert_str_eq(req_nearest(&root.book, "T-HARMM"), "T-HARM");
    ck_assert_ptr_null(req_nearest(&root.book, "something quite different"));
    ck_assert_str_eq(basis_name(BASIS_OURS), "ours");
}
END_TEST

/* What one row of a table is wrong with. */
static const struct {
    const char *row, *says;
} bad_rows[] = {
    { "{ \"quantity\": \"q\", \"check\": \"bench\" }", "key \"id\" is missing" },
    { "{ \"id\": \"A\", \"quantity\": \"q\", \"check\": \"inspection\" }", "\"why not\"" },
    { "{ \"id\": \"A\", \"quantity\": \"q\", \"check\": \"bensh\" }", "did you mean \"bench\"" },
    { "{ \"id\": \"A\", \"quantity\": \"q\", \"check\": \"bench\", \"limt\": {} }", "did you mean \"limit\"" },
    { "{ \"id\": \"A\", \"quantity\": \"q\", \"check\": \"bench\", \"limit\": { \"value\": \"3 V\" } }",
      "key \"basis\" is missing" },
    { "{ \"id\": \"A\", \"quantity\": \"q\", \"check\": \"bench\", \"limit\": { \"value\": \"3 V\", \"tolerance\": \"1 "
      "A\", \"basis\": \"ours\" } }",
      "expected a voltage" },
    { "{ \"id\": \"A\", \"quantity\": \"q\", \"check\": \"bench\", \"limit\": { \"value\": \"3 V\", \"tolerance\": "
      "\"-1 V\", \"basis\": \"ours\" } }",
      "not negative" },
    { "{ \"id\": \"A\", \"quantity\": \"q\", \"check\": \"bench\", \"limit\": { \"value\": \"3 degC\", \"tolerance\": "
      "\"1 degC\", \"basis\": \"ours\" } }",
      "temperature difference" },
    { "{ \"id\": \"A\", \"quantity\": \"q\", \"check\": \"bench\", \"limit\": { \"value\": \"3 V\", \"tolerance\": \"1 "
      "V\", \"tolerance plus\": \"1 V\", "
      "\"basis\": \"ours\" } }",
      "tolerance minus and tolerance plus" },
    { "{ \"id\": \"A\", \"quantity\": \"q\", \"check\": \"bench\", \"delay\": { \"min\": \"1 s\", \"basis\": \"ours\" "
      "} }",
      "min and max" },
    { "{ \"id\": \"A\", \"quantity\": \"q\", \"check\": \"bench\", \"delay\": { \"min\": \"3 s\", \"max\": \"1 s\", "
      "\"basis\": \"ours\" } }",
      "not in order" },
    { "{ \"id\": \"A\", \"quantity\": \"q\", \"check\": \"bench\", \"limit\": { \"value\": \"3 V\", \"basis\": "
      "\"ours\" }, \"release\": { \"rule\": "
      "\"value\", \"limit\": { \"value\": \"3 A\", \"basis\": \"ours\" } } }",
      "the row's limit is a voltage" },
    { "{ \"id\": \"A\", \"quantity\": \"q\", \"check\": \"bench\", \"values\": \"3 V\" }", "named numbers" },
    { "{ \"id\": \"A\", \"quantity\": \"q\", \"check\": \"bench\", \"values\": { \"low\": { \"value\": \"3 V\" } } "
      "}",
      "key \"basis\" is missing" },
    { "{ \"id\": \"A\", \"quantity\": \"q\", \"check\": \"bench\" }, { \"id\": \"A\", \"quantity\": \"r\", \"check\": "
      "\"bench\" }",
      "A is the id of another row" },
};

START_TEST(a_bad_row_is_refused_with_its_reason)
{
    char folder[] = "/tmp/packbench-test-XXXXXX", path[64];
    struct req_book book;
    struct diag d;
    char *said;
    FILE *out;

    ck_assert_ptr_nonnull(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/t.json", folder);
    out = fopen(path, "w");
    ck_assert_ptr_nonnull(out);
    (void)fprintf(out, "{ \"system\": \"s\", \"rows\": [ %s ] }\n", bad_rows[_i].row);
    (void)fclose(out);
    diag_init(&d);
    const bool loaded = req_load(&book, folder, &d);

    said = test_messages(&d);
    (void)unlink(path);
    (void)rmdir(folder);
    ck_assert(!loaded);
    ck_assert_msg(strstr(said, bad_rows[_i].says) != NULL, "\"%s\" is not in:\n%s", bad_rows[_i].says, said);
    ck_assert_uint_eq(book.count, 0);
    free(said);
    diag_free(&d);
}
END_TEST

START_TEST(a_folder_that_is_missing_is_an_error)
{
    struct req_book book;
    struct diag d;

    diag_init(&d);
    ck_assert(!req_load(&book, "tests/data/no such folder", &d));
    ck_assert_uint_eq(d.errors, 1);
    diag_free(&d);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("requirement");
    TCase *good = tcase_create("good"), *bad = tcase_create("bad");

    tcase_add_checked_fixture(good, setup, teardown);
    tcase_add_test(good, a_delay_without_tolerance_runs_from_minus_1_to_plus_10_percent);
    tcase_add_test(good, a_delay_with_min_and_max_keeps_them);
    tcase_add_test(good, tolerances_are_absolute_in_the_unit_of_the_value);
    tcase_add_test(good, bounds_bases_and_notes_are_kept);
    tcase_add_test(good, a_named_value_is_a_row_of_its_own_and_a_time_is_its_delay);
    tcase_add_test(good, an_unknown_id_has_no_row_but_a_nearest);
    tcase_add_loop_test(bad, a_bad_row_is_refused_with_its_reason, 0, (int)(sizeof bad_rows / sizeof bad_rows[0]));
    tcase_add_test(bad, a_folder_that_is_missing_is_an_error);
    suite_add_tcase(s, good);
    suite_add_tcase(s, bad);
    return check_run(s);
}
