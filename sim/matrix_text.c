/* The matrix for people. */
#include "sim/matrix.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define GROUPS_MAX 64

/* ---- numbers of a row ---- */

static void print(double value, enum dim dim, char *out, size_t size)
{
    quantity_print((struct quantity){ value, dim }, out, size);
}

void matrix_level_text(const struct req_level *level, char *out, size_t size)
{
    const enum dim dim = level->nominal.dim, by = dim == DIM_TEMPERATURE ? DIM_TEMP_DIFF : dim;
    char value[64], minus[64], plus[64];

    print(level->nominal.value, dim, value, sizeof value);
    print(level->tol_minus, by, minus, sizeof minus);
    print(level->tol_plus, by, plus, sizeof plus);
    if (level->is_max || level->is_min) {
        (void)snprintf(out, size, "at %s %s", level->is_max ? "most" : "least", value);
    } else if (level->tol_minus == 0 && level->tol_plus == 0) {
        (void)snprintf(out, size, "%s", value);
    } else if (level->tol_minus == level->tol_plus) {
        (void)snprintf(out, size, "%s +-%s", value, plus);
    } else {
        (void)snprintf(out, size, "%s -%s +%s", value, minus, plus);
    }
}

void matrix_delay_text(const struct req_delay *delay, char *out, size_t size)
{
    char nominal[64], shortest[64], longest[64] = "any";

    print(delay->nom_s, DIM_TIME, nominal, sizeof nominal);
    print(delay->min_s, DIM_TIME, shortest, sizeof shortest);
    if (isfinite(delay->max_s)) {
        print(delay->max_s, DIM_TIME, longest, sizeof longest);
    }
    if (delay->nom_s == delay->max_s) {
        (void)snprintf(out, size, "%s to %s", shortest, longest);
    } else {
        (void)snprintf(out, size, "%s (%s to %s)", nominal, shortest, longest);
    }
}

/* ---- summary ---- */

/* Of the column of systems. */
static int name_width(const struct matrix *m)
{
    size_t width = sizeof "system" - 1;

    for (size_t t = 0; t < m->book->count; t++) {
        const size_t size = strlen(m->book->table[t].system);

        width = size > width ? size : width;
    }
    return (int)width;
}

static void print_count(const char *name, const struct matrix *m, const struct req_table *table, FILE *out)
{
    const struct matrix_count bench = matrix_count(m, table, NULL, REQ_BENCH);
    const struct matrix_count wire = matrix_count(m, table, NULL, REQ_WIRE);
    const struct matrix_count inspection = matrix_count(m, table, NULL, REQ_INSPECTION);
    const size_t *s = bench.state;
    const size_t open = s[MATRIX_NOT_RUN] + s[MATRIX_SKIPPED] + s[MATRIX_INCONCLUSIVE];

    (void)fprintf(out, "%-*s %6zu %8zu %7zu %7zu %10zu %8.1f%% %7zu/%-4zu %8zu\n", name_width(m), name, bench.rows,
                  bench.covered, s[MATRIX_FAILED], open, s[MATRIX_UNCITED] + s[MATRIX_ELSEWHERE],
                  matrix_percent(&bench), wire.covered, wire.rows, inspection.rows);
}

static void print_systems(const struct matrix *m, FILE *out)
{
    (void)fprintf(out, "%-*s %6s %8s %7s %7s %10s %9s %12s %8s\n", name_width(m), "system", "bench",
                  m->judged ? "passed" : "cited", "failed", "open", "not cited", "covered", "wire tested", "by eye");
    for (size_t t = 0; t < m->book->count; t++) {
        print_count(m->book->table[t].system, m, &m->book->table[t], out);
    }
    print_count("all", m, NULL, out);
}

static int compare(const void *a, const void *b)
{
    const char *const *x = a, *const *y = b;

    return strcmp(*x, *y);
}

/* The groups of bench rows, sorted. */
static size_t groups_of(const struct matrix *m, const char *group[GROUPS_MAX])
{
    size_t count = 0;

    for (size_t i = 0; i < m->row_count; i++) {
        const char *own = m->row[i].row->group != NULL ? m->row[i].row->group : "";
        bool known = m->row[i].row->check != REQ_BENCH || count == GROUPS_MAX;

        for (size_t k = 0; k < count && !known; k++) {
            known = strcmp(group[k], own) == 0;
        }
        if (!known) {
            group[count++] = own;
        }
    }
    qsort(group, count, sizeof *group, compare);
    return count;
}

static void print_groups(const struct matrix *m, FILE *out)
{
    const char *group[GROUPS_MAX] = { NULL };
    const size_t count = groups_of(m, group);

    (void)fprintf(out, "\n%-*s", name_width(m), "bench rows");
    for (size_t i = 0; i < count; i++) {
        (void)fprintf(out, " %10.10s", group[i][0] != '\0' ? group[i] : "(none)");
    }
    (void)fputc('\n', out);
    for (size_t t = 0; t < m->book->count; t++) {
        (void)fprintf(out, "%-*s", name_width(m), m->book->table[t].system);
        for (size_t i = 0; i < count; i++) {
            const struct matrix_count n = matrix_count(m, &m->book->table[t], group[i], REQ_BENCH);
            char cell[32];

            (void)snprintf(cell, sizeof cell, "%zu/%zu", n.covered, n.rows);
            (void)fprintf(out, " %10s", n.rows > 0 ? cell : "-");
        }
        (void)fputc('\n', out);
    }
}

static void print_open(const struct matrix *m, FILE *out)
{
    static const char *const checks[] = { [REQ_BENCH] = "bench", [REQ_WIRE] = "wire" };

    for (int check = REQ_BENCH; check <= REQ_WIRE; check++) {
        const struct matrix_count n = matrix_count(m, NULL, NULL, (enum req_check)check);

        if (n.covered == n.rows) {
            continue;
        }
        (void)fprintf(out, "\n%s rows that are not covered:\n", checks[check]);
        for (size_t i = 0; i < m->row_count; i++) {
            const struct matrix_row *r = &m->row[i];
            const enum matrix_state state = matrix_state(m, r);

            if ((int)r->row->check == check && !matrix_is_covered(state)) {
                (void)fprintf(out, "  %-20s %-14s %s\n", r->row->id, matrix_state_name(state), r->row->quantity);
            }
        }
    }
}

static void print_strays(const struct matrix *m, FILE *out)
{
    if (m->stray_count > 0) {
        (void)fputs("\ncited, but in no table:\n", out);
    }
    for (size_t i = 0; i < m->stray_count; i++) {
        const struct matrix_stray *s = &m->stray[i];

        (void)fprintf(out, "  %s:%u: %s%s%s%s\n", m->file[s->file].path, s->line, s->id,
                      s->nearest != NULL ? " (did you mean " : "", s->nearest != NULL ? s->nearest : "",
                      s->nearest != NULL ? "?)" : "");
    }
    if (m->outdated > 0) {
        (void)fprintf(out,
                      "\n%zu verdicts of the results are on rows that their scenario does not cite: another state of "
                      "the scenarios?\n",
                      m->outdated);
    }
}

void matrix_print(const struct matrix *m, bool brief, FILE *out)
{
    (void)fprintf(out, "%zu requirements of %zu tables, %zu scenarios\n\n", m->row_count, m->book->count,
                  m->file_count);
    print_systems(m, out);
    if (!brief) {
        print_groups(m, out);
        print_open(m, out);
    }
    print_strays(m, out);
}
