/* The spread of cells: drawn from the scenario's seed, around what the cell's file says. */
#include "sim/explain.h"
#include "tests/support/bench_bed.h"
#include "tests/support/check_run.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REST "'steps': [ { 'at': '1 s' } ], 'expect': [ { 'always': 'pack.voltage above 1 V' } ] }"
#define CELLS 16
#define PACKS 16

struct drawn { /* one cell against one without spread: relative, the charge absolute */
    double capacity, resistance, leak, soc;
};

/* What the first case's cells are at the end of the pre-roll, against a cell of the file at 50 %. */
static void draw(const char *text, struct drawn out[PACKS][CELLS])
{
    struct rig_built built;
    struct bench b;

    bench_open(&b, text);
    const struct rig *rig = bench_rig(&b, &built);

    for (int pack = 0; pack < rig->packs; pack++) {
        const struct string *s = &rig->plant.pack[pack].string;

        for (int k = 0; k < CELLS; k++) {
            out[pack][k] =
                (struct drawn){ log(s->capacity_factor[k]), log(s->resistance_factor[k]),
                                log(s->leak_S[k] * s->params->leak_Ohm), s->charge_C[k] / s->capacity_C[k] - 0.5 };
        }
    }
    rig_built_free(&built);
    bench_close(&b);
}

static void text_of(char *out, size_t size, const char *initial, int seed, int packs)
{
    int used = snprintf(out, size, BENCH_HEAD "'seed': %d, 'initial': { %s }, 'packs': [ {}", seed, initial);

    for (int k = 1; k < packs; k++) {
        used += snprintf(out + used, size - (size_t)used, ", {}");
    }
    (void)snprintf(out + used, size - (size_t)used, " ], %s",
                   packs > 1
                       ? "'steps': [ { 'at': '1 s' } ], 'expect': [ { 'always': 'pack[1].pack.voltage above 1 V' } ] }"
                       : REST);
}

static void drawn_of(const char *initial, int seed, int packs, struct drawn out[PACKS][CELLS])
{
    char text[1000];

    text_of(text, sizeof text, initial, seed, packs);
    draw(text + sizeof BENCH_HEAD - 1, out);
}

/* Mean and standard deviation of 256 cells lie within four of their own sigmas of 0 and of the file's. */
START_TEST(many_cells_have_the_sigmas_of_their_file)
{
    static struct drawn d[PACKS][CELLS];
    static const double sigma[] = { 0.003, 0.02, 0.3, 0.005 };
    const double n = PACKS * CELLS;

    drawn_of("'spread': '100 %'", 1, PACKS, d);
    for (int property = 0; property < 4; property++) {
        double sum = 0, squares = 0;

        for (int pack = 0; pack < PACKS; pack++) {
            for (int k = 0; k < CELLS; k++) {
                const struct drawn *c = &d[pack][k];
                const double x = property == 0   ? c->capacity
                                 : property == 1 ? c->resistance
                                 : property == 2 ? c->leak
                                                 : c->soc;

                sum += x;
                squares += x * x;
            }
        }
        ck_assert_double_le(fabs(sum / n), 4 * sigma[property] / sqrt(n));
        ck_assert_double_le(fabs(sqrt(squares / n) / sigma[property] - 1), 4 / sqrt(2 * n));
    }
}
END_TEST

START_TEST(the_seed_and_the_pack_decide_and_the_spread_scales)
{
    static struct drawn one[PACKS][CELLS], again[PACKS][CELLS], other[PACKS][CELLS], twice[PACKS][CELLS];

    drawn_of("'spread': '100 %'", 7, 2, one);
    drawn_of("'spread': '100 %'", 7, 1, again); /* the second pack takes no draw from the first */
    drawn_of("'spread': '100 %'", 8, 1, other);
    drawn_of("'spread': '200 %'", 7, 1, twice);
    for (int k = 0; k < CELLS; k++) {
        ck_assert(one[0][k].capacity == again[0][k].capacity && one[0][k].resistance == again[0][k].resistance);
        ck_assert(one[0][k].capacity != one[1][k].capacity && one[0][k].leak != one[1][k].leak);
        ck_assert(one[0][k].capacity != other[0][k].capacity && one[0][k].resistance != other[0][k].resistance);
        ck_assert_double_eq_tol(twice[0][k].capacity, 2 * one[0][k].capacity, 1e-12);
        ck_assert_double_eq_tol(twice[0][k].soc, 2 * one[0][k].soc, 1e-5); /* the pre-roll has leaked from both */
    }
}
END_TEST

START_TEST(without_it_all_cells_are_alike)
{
    static struct drawn d[PACKS][CELLS];

    drawn_of("", 1, 1, d);
    for (int k = 0; k < CELLS; k++) {
        ck_assert(d[0][k].capacity == 0 && d[0][k].resistance == 0);
        ck_assert_double_eq_tol(d[0][k].leak, 0, 1e-12);
        ck_assert_double_eq_tol(d[0][k].soc, 0, 1e-6);
    }
}
END_TEST

START_TEST(what_a_cell_says_itself_is_not_drawn)
{
    static struct drawn d[PACKS][CELLS], free_cells[PACKS][CELLS];

    drawn_of("'spread': '100 %'", 1, 1, free_cells);
    drawn_of("'spread': '100 %', 'cells': { '3': { 'soc': '50 %' }, '4': { 'capacity': '90 %' }, '5': { 'resistance': "
             "'150 %' } }",
             1, 1, d);
    ck_assert_double_eq_tol(d[0][2].soc, 0, 1e-6);
    ck_assert(d[0][2].capacity == free_cells[0][2].capacity);
    ck_assert_double_eq_tol(d[0][3].capacity, log(0.9), 1e-12);
    ck_assert_double_eq_tol(d[0][4].resistance, log(1.5), 1e-12);
    ck_assert(d[0][4].capacity == free_cells[0][4].capacity && d[0][5].resistance == free_cells[0][5].resistance);
}
END_TEST

START_TEST(the_explanation_says_so)
{
    struct bench b;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    ck_assert_ptr_nonnull(out);
    bench_open(&b, "'seed': 4, 'initial': { 'soc': '80 %', 'spread': '150 %' }, " REST);
    explain_scenario(&b.list.item[0], out);
    (void)fclose(out);
    ck_assert_ptr_nonnull(strstr(text, "seed 4;"));
    ck_assert_ptr_nonnull(strstr(text, "charged 80 %, 25 degC, cells drawn from the seed at a spread of 150 %\n"));
    free(text);
    bench_close(&b);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("spread");
    TCase *t = tcase_create("spread");

    tcase_add_test(t, many_cells_have_the_sigmas_of_their_file);
    tcase_add_test(t, the_seed_and_the_pack_decide_and_the_spread_scales);
    tcase_add_test(t, without_it_all_cells_are_alike);
    tcase_add_test(t, what_a_cell_says_itself_is_not_drawn);
    tcase_add_test(t, the_explanation_says_so);
    suite_add_tcase(s, t);
    return check_run(s);
}
