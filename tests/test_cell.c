/* A cell's tables and factors, and the loader of its file. */
#include "model/cell.h"
#include "sim/cell_json.h"
#include "tests/plant_cases.h"
#include "tests/support/check_run.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

START_TEST(tables_are_linear_between_knots_and_beyond_the_ends)
{
    const struct cell_params p = case_a_cell();

    ck_assert_double_eq_tol(cell_table_at(&p, CELL_OCV, 0.5), 3.308, 1e-12);
    ck_assert_double_eq_tol(cell_table_at(&p, CELL_OCV, 0.525), 3.310, 1e-12);
    ck_assert_double_eq_tol(cell_table_at(&p, CELL_OCV, 1.0), 3.56, 1e-12);
    ck_assert_double_eq_tol(cell_table_at(&p, CELL_OCV, 1.08), 4.5, 1e-12);
    ck_assert_double_eq_tol(cell_table_at(&p, CELL_OCV, 1.16), 5.44, 1e-12);
    ck_assert_double_eq_tol(cell_table_at(&p, CELL_OCV, -0.10), 0.0, 1e-12);
    ck_assert_double_eq_tol(cell_table_at(&p, CELL_OCV, -0.20), -2.6, 1e-12);
}
END_TEST

START_TEST(tables_without_ends_keep_their_end_values)
{
    const struct cell_params p = case_b_cell();

    ck_assert_double_eq_tol(cell_table_at(&p, CELL_HYST, -0.3), 0.03, 1e-15);
    ck_assert_double_eq_tol(cell_table_at(&p, CELL_HYST, 1.3), 0.015, 1e-15);
    ck_assert_double_eq_tol(cell_table_at(&p, CELL_ENTROPY, 1.3), 0.00011807, 1e-15);
}
END_TEST

START_TEST(knots_off_the_grid_are_refused)
{
    static const double soc[] = { 0.0, 0.255, 1.0 }, falling[] = { 0.0, 0.5, 0.4 }, value[] = { 1.0, 2.0, 3.0 };
    struct cell_grid grid;

    ck_assert(cell_grid_init(&grid, 0.01));
    ck_assert_int_eq(grid.count, 119);
    ck_assert(!cell_table_fill(&grid, CELL_OCV, 3, soc, value, NULL));
    ck_assert(!cell_table_fill(&grid, CELL_OCV, 3, falling, value, NULL));
    ck_assert(cell_grid_init(&grid, 0.005));
    ck_assert_int_eq(grid.count, 237);
    ck_assert(cell_table_fill(&grid, CELL_OCV, 3, soc, value, NULL));
    ck_assert(!cell_grid_init(&grid, 0.001));
    ck_assert(!cell_grid_init(&grid, 0.007));
    ck_assert(!cell_grid_init(&grid, 0.0));
}
END_TEST

START_TEST(an_arrhenius_factor_follows_its_energy)
{
    const struct cell_factor f = cell_arrhenius(-20000.0);
    double slope;

    ck_assert_double_eq_tol(cell_factor_at(&f, 25.0, NULL), 1.0, 1e-12);
    ck_assert_double_eq_tol(cell_factor_at(&f, -10.0, NULL), exp(20000.0 / 8.314462618 * (1.0 / 263.15 - 1.0 / 298.15)),
                            1e-12);
    ck_assert_double_eq_tol(cell_factor_at(&f, 45.0, &slope),
                            exp(20000.0 / 8.314462618 * (1.0 / 318.15 - 1.0 / 298.15)), 1e-12);
    const double up = cell_factor_at(&f, 45.001, NULL), down = cell_factor_at(&f, 44.999, NULL);

    ck_assert_double_eq_tol(slope, (up - down) / 0.002 / cell_factor_at(&f, 45.0, NULL), 1e-7);
}
END_TEST

START_TEST(curves_keep_their_ends_and_stairs_begin_at_their_temperature)
{
    const struct cell_curve c = { .count = 3, .at_degC = { -25.0, 25.0, 45.0 }, .value = { 0.5, 1.0, 1.0 } };

    ck_assert_double_eq(cell_curve_at(&c, -40.0), 0.5);
    ck_assert_double_eq_tol(cell_curve_at(&c, 0.0), 0.75, 1e-15);
    ck_assert_double_eq(cell_curve_at(&c, 80.0), 1.0);
    ck_assert_double_eq(cell_stair_at(&c, 24.999), 0.5);
    ck_assert_double_eq(cell_stair_at(&c, 25.0), 1.0);
}
END_TEST

START_TEST(the_charge_for_a_rest_voltage_is_found)
{
    const struct cell_params p = case_b_cell();

    for (int percent = -8; percent < 108; percent++) {
        const double z = percent / 100.0;
        const double volts = cell_rest_voltage(&p, z, 10.0, 0.0);

        ck_assert_double_eq_tol(cell_soc_at_rest(&p, volts, 10.0, 0.0), z, 1e-9);
    }
    ck_assert_double_eq_tol(cell_rest_voltage(&p, 0.5, 10.0, -1.0), 3.308 - 15.0 * 0.00011027 - 0.0155, 1e-12);
    ck_assert_double_eq_tol(cell_soc_at_rest(&p, 9.0, 25.0, 0.0), 1.08, 1e-9);
}
END_TEST

static struct cell_file load_good(const char *path, const char *variant)
{
    struct cell_file file;
    struct diag d;

    diag_init(&d);
    if (!cell_json_load_variant(&file, path, variant, &d)) {
        diag_print(&d, stderr);
        ck_abort_msg("%s", path);
    }
    diag_free(&d);
    return file;
}

START_TEST(the_100_Ah_cell_reads_as_written)
{
    const struct cell_file f = load_good("model/cells/lfp100.json", NULL);
    const struct cell_params *p = &f.params;

    ck_assert_double_eq(p->capacity_Ah, 102.0);
    ck_assert_double_eq_tol(cell_table_at(p, CELL_OCV, 0.5), 3.30806, 1e-12);
    ck_assert_double_eq_tol(cell_table_at(p, CELL_OCV, 1.08), 4.5, 1e-12);
    ck_assert_double_eq_tol(cell_table_at(p, CELL_HYST, 0.5), 0.0145, 1e-12);
    ck_assert_double_eq_tol(cell_table_at(p, CELL_R_DISCHARGE, 0.0), 0.45e-3 * 1.2897, 1e-12);
    ck_assert_double_eq_tol(cell_table_at(p, (enum cell_table)(CELL_R_CHARGE + 2), 1.0), 0.60e-3 * 2.6, 1e-12);
    ck_assert_double_eq_tol(cell_factor_at(&p->r_factor[0], -25.0, NULL), 13.645, 1e-9);
    ck_assert_double_eq_tol(cell_factor_at(&p->r_factor[2], 60.0, NULL), 0.219, 1e-9);
    ck_assert_double_eq(cell_stair_at(&p->charge_limit, -0.1), 0.0);
    ck_assert_double_eq(cell_stair_at(&p->charge_limit, 0.0), 0.1);
    ck_assert_double_eq(cell_stair_at(&p->charge_limit, 61.0), 0.0);
    ck_assert_double_eq_tol(p->core_J_K + p->surface_J_K, 2059.2, 1e-9);
    ck_assert_double_eq(p->leak_Ohm, 2410.7);
    ck_assert_double_eq_tol(cell_factor_at(&p->leak_factor, 35.0, NULL),
                            exp(50000.0 / 8.314462618 * (1.0 / 298.15 - 1.0 / 308.15)), 1e-12);
    ck_assert(!f.isothermal);
    ck_assert_double_eq(f.soc, 0.5);
}
END_TEST

START_TEST(every_shipped_cell_and_variant_loads)
{
    static const char *const names[][2] = {
        { "lfp100", "sony_ocv" },    { "lfp100", "third_branch" }, { "lfp100", "slow_lag" },
        { "lfp280", NULL },          { "lfp280", "sony_ocv" },     { "lfp280", "third_branch" },
        { "lfp280", "slow_lag" },    { "a123_26650", NULL },       { "a123_26650", "n25" },
        { "a123_26650", "n15" },     { "a123_26650", "n05" },      { "a123_26650", "p05" },
        { "a123_26650", "p15" },     { "a123_26650", "p25" },      { "a123_26650", "p35" },
        { "a123_26650", "p45" },     { "a123_26650", "n25_3rc" },  { "a123_26650", "n15_3rc" },
        { "a123_26650", "n05_3rc" }, { "a123_26650", "p05_3rc" },  { "a123_26650", "p15_3rc" },
        { "a123_26650", "p25_3rc" }, { "a123_26650", "p35_3rc" },  { "a123_26650", "p45_3rc" },
    };
    char path[100];

    (void)snprintf(path, sizeof path, "model/cells/%s.json", names[_i][0]);
    const struct cell_file f = load_good(path, names[_i][1]);

    ck_assert_double_gt(cell_table_at(&f.params, CELL_OCV, 0.5), 3.2);
    if (names[_i][1] != NULL && (strstr(names[_i][1], "3rc") != NULL || strcmp(names[_i][1], "third_branch") == 0)) {
        ck_assert_int_eq(f.params.rc_count, 3);
    } else {
        ck_assert_int_eq(f.params.rc_count, 2);
    }
}
END_TEST

static char *read_text(const char *path)
{
    FILE *const in = fopen(path, "rb");
    char *const text = calloc(1, 200000);

    ck_assert(in != NULL && text != NULL);
    ck_assert_uint_gt(fread(text, 1, 199999, in), 0);
    (void)fclose(in);
    return text;
}

/* The shipped cell with one piece of its text exchanged; the message must hold a word and the line of the fault. */
START_TEST(a_damaged_file_is_refused_with_its_place)
{
    static const struct {
        const char *from, *to, *says;
    } damage[] = {
        { "\"rate\": 50", "\"rat\": 50", "rat" },
        { "\"rate\": 50,", "", "rate" },
        { "\"rate\": 50", "\"rate\": \"50\"", "number" },
        { "\"rate\": 50", "\"rate\": -50", "0" },
        { "\"rate\": 50", "\"rate\": NaN", ":" },
        { "2.16063, 2.63677", "2.63677, 2.16063", "fall" },
        { "2.16063, 2.63677", "2.63677", "101" },
        { "[0, 0.1, 0.2, 0.3, 0.4, 0.5", "[0, 0.1, 0.2, 0.3, 0.4, 0.3", "rise" },
        { "[0, 0.1, 0.2, 0.3, 0.4, 0.5", "[0, 0.1, 0.2, 0.3, 0.4, 0.505", "multiple" },
        { "[1.2897, 1.2897,", "[1.2897, ", "values" },
        { "[-25, -15, -5,", "[-25, -5, -15,", "rise" },
        { "\"step\": 0.01", "\"step\": 0.013", "divide" },
        { "\"source\": \"derived: mean", "\"source\": \"mean", "measured" },
        { "\"under_V\": 2.5", "\"under_V\": 3.9", "rise" },
        { "packbench-cell-1", "packbench-cell-9", "packbench-cell-1" },
        { "\"high_V\": 4.5", "\"high_V\": 3.4", "above" },
    };
    char path[] = "/tmp/packbench_cell_XXXXXX", shown[4000] = "";
    char *const text = read_text("model/cells/lfp100.json");
    char *const at = strstr(text, damage[_i].from);
    const int fd = mkstemp(path);
    struct cell_file file;
    struct diag d;

    ck_assert(at != NULL && fd >= 0);
    FILE *const out = fdopen(fd, "wb");

    (void)fprintf(out, "%.*s%s%s", (int)(at - text), text, damage[_i].to, at + strlen(damage[_i].from));
    ck_assert_int_eq(fclose(out), 0);
    diag_init(&d);
    ck_assert(!cell_json_load_variant(&file, path, NULL, &d));
    ck_assert_uint_gt(d.errors, 0);
    FILE *const memory = fmemopen(shown, sizeof shown, "w");

    diag_print(&d, memory);
    (void)fclose(memory);
    ck_assert_msg(strstr(shown, damage[_i].says) != NULL, "\"%s\" is not in: %s", damage[_i].says, shown);
    ck_assert_uint_gt(d.message[0].line, 0);
    diag_free(&d);
    (void)unlink(path);
    free(text);
}
END_TEST

START_TEST(an_unknown_variant_names_a_near_one)
{
    struct cell_file file;
    struct diag d;

    diag_init(&d);
    ck_assert(!cell_json_load_variant(&file, "model/cells/lfp100.json", "sony_ovc", &d));
    ck_assert_ptr_nonnull(d.message[0].hint);
    ck_assert_str_eq(d.message[0].hint, "sony_ocv");
    diag_free(&d);
}
END_TEST

static Suite *suite(void)
{
    Suite *const s = suite_create("cell");
    TCase *const algebra = tcase_create("algebra"), *const loader = tcase_create("loader");

    tcase_add_test(algebra, tables_are_linear_between_knots_and_beyond_the_ends);
    tcase_add_test(algebra, tables_without_ends_keep_their_end_values);
    tcase_add_test(algebra, knots_off_the_grid_are_refused);
    tcase_add_test(algebra, an_arrhenius_factor_follows_its_energy);
    tcase_add_test(algebra, curves_keep_their_ends_and_stairs_begin_at_their_temperature);
    tcase_add_test(algebra, the_charge_for_a_rest_voltage_is_found);
    suite_add_tcase(s, algebra);
    tcase_add_test(loader, the_100_Ah_cell_reads_as_written);
    tcase_add_loop_test(loader, every_shipped_cell_and_variant_loads, 0, 24);
    tcase_add_loop_test(loader, a_damaged_file_is_refused_with_its_place, 0, 16);
    tcase_add_test(loader, an_unknown_variant_names_a_near_one);
    suite_add_tcase(s, loader);
    return s;
}

int main(void)
{
    return check_run(suite());
}
