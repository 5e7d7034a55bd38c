#include "sim/matrix.h"

#include "sim/matrix_read.h"

#include <stdlib.h>
#include <string.h>

bool matrix_open(struct matrix *m, const struct req_book *book)
{
    size_t count = 0;

    *m = (struct matrix){ .book = book };
    for (size_t t = 0; t < book->count; t++) {
        count += book->table[t].count;
    }
    m->row = calloc(count + 1, sizeof *m->row);
    if (m->row == NULL) {
        return false;
    }
    for (size_t t = 0; t < book->count; t++) {
        for (size_t i = 0; i < book->table[t].count; i++) {
            m->row[m->row_count++] = (struct matrix_row){ .row = &book->table[t].row[i], .table = &book->table[t] };
        }
    }
    return true;
}

void matrix_close(struct matrix *m)
{
    for (size_t i = 0; i < m->row_count; i++) {
        for (size_t k = 0; k < m->row[i].test_count; k++) {
            free(m->row[i].test[k]);
        }
        free(m->row[i].test);
        free(m->row[i].cite);
    }
    for (size_t i = 0; i < m->file_count; i++) {
        free(m->file[i].path);
        free(m->file[i].name);
        free(m->file[i].title);
    }
    for (size_t i = 0; i < m->stray_count; i++) {
        free(m->stray[i].id);
    }
    free(m->row);
    free(m->file);
    free(m->stray);
    *m = (struct matrix){ 0 };
}

struct matrix_row *matrix_find(const struct matrix *m, const char *id)
{
    for (size_t i = 0; i < m->row_count; i++) {
        if (strcmp(m->row[i].row->id, id) == 0) {
            return &m->row[i];
        }
    }
    return NULL;
}

/* ---- scenarios: who cites what ---- */

static struct matrix_cite *cite_of(struct matrix_row *row, size_t file)
{
    struct matrix_cite *grown;

    /* A file is read in one go: its citation is the last, if it is there. */
    if (row->cite_count > 0 && row->cite[row->cite_count - 1].file == file) {
        return &row->cite[row->cite_count - 1];
    }
    grown = realloc(row->cite, (row->cite_count + 1) * sizeof *grown);
    if (grown == NULL) {
        return NULL;
    }
    row->cite = grown;
    grown[row->cite_count] = (struct matrix_cite){ .file = file };
    return &grown[row->cite_count++];
}

static bool add_stray(struct matrix *m, size_t file, const char *id, unsigned line)
{
    struct matrix_stray *grown;

    for (size_t i = 0; i < m->stray_count; i++) {
        if (m->stray[i].file == file && strcmp(m->stray[i].id, id) == 0) {
            return true;
        }
    }
    grown = realloc(m->stray, (m->stray_count + 1) * sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    m->stray = grown;
    grown[m->stray_count] =
        (struct matrix_stray){ .id = strdup(id), .nearest = req_nearest(m->book, id), .file = file, .line = line };
    return grown[m->stray_count++].id != NULL;
}

bool matrix_cite_add(struct matrix *m, size_t file, const struct matrix_case *c, const char *id, unsigned line)
{
    struct matrix_row *row = matrix_find(m, id);
    struct matrix_cite *cite;

    if (row == NULL) {
        return add_stray(m, file, id, line);
    }
    cite = cite_of(row, file);
    if (cite == NULL) {
        return false;
    }
    cite->line = cite->line == 0 ? line : cite->line;
    cite->own = cite->own || req_table_is_of(row->table, c->pack, c->bms);
    return true;
}

/* ---- states and counts ---- */

static enum matrix_state judged_state(const struct matrix_row *row)
{
    size_t sum[VERDICT_ERROR + 1] = { 0 };

    for (size_t i = 0; i < row->cite_count; i++) {
        for (size_t v = 0; row->cite[i].own && v <= VERDICT_ERROR; v++) {
            sum[v] += row->cite[i].verdict[v];
        }
    }
    if (sum[VERDICT_FAIL] + sum[VERDICT_ERROR] > 0) {
        return MATRIX_FAILED;
    }
    if (sum[VERDICT_INCONCLUSIVE] > 0) {
        return MATRIX_INCONCLUSIVE;
    }
    if (sum[VERDICT_PASS] > 0) {
        return MATRIX_PASSED;
    }
    return sum[VERDICT_SKIP] > 0 ? MATRIX_SKIPPED : MATRIX_NOT_RUN;
}

enum matrix_state matrix_state(const struct matrix *m, const struct matrix_row *row)
{
    bool own = false;

    if (row->row->check == REQ_INSPECTION) {
        return MATRIX_INSPECTION;
    }
    for (size_t i = 0; i < row->cite_count; i++) {
        own = own || row->cite[i].own;
    }
    if (!own) {
        return row->test_count > 0 ? MATRIX_CITED : row->cite_count > 0 ? MATRIX_ELSEWHERE : MATRIX_UNCITED;
    }
    return m->judged ? judged_state(row) : MATRIX_CITED;
}

const char *matrix_state_name(enum matrix_state state)
{
    static const char *const names[MATRIX_STATES] = {
        [MATRIX_INSPECTION] = "by inspection",
        [MATRIX_UNCITED] = "not cited",
        [MATRIX_ELSEWHERE] = "cited on another system only",
        [MATRIX_NOT_RUN] = "not run",
        [MATRIX_SKIPPED] = "skipped",
        [MATRIX_FAILED] = "failed",
        [MATRIX_INCONCLUSIVE] = "inconclusive",
        [MATRIX_CITED] = "cited",
        [MATRIX_PASSED] = "passed",
    };

    return names[state];
}

bool matrix_is_covered(enum matrix_state state)
{
    return state == MATRIX_CITED || state == MATRIX_PASSED;
}

struct matrix_count matrix_count(const struct matrix *m, const struct req_table *table, const char *group,
                                 enum req_check check)
{
    struct matrix_count count = { 0 };

    for (size_t i = 0; i < m->row_count; i++) {
        const struct matrix_row *r = &m->row[i];
        const char *own = r->row->group != NULL ? r->row->group : "";

        if ((table != NULL && r->table != table) || (group != NULL && strcmp(own, group) != 0) ||
            r->row->check != check) {
            continue;
        }
        const enum matrix_state state = matrix_state(m, r);

        count.rows++;
        count.state[state]++;
        count.covered += matrix_is_covered(state);
    }
    return count;
}

double matrix_percent(const struct matrix_count *count)
{
    return count->rows == 0 ? 100.0 : 100.0 * (double)count->covered / (double)count->rows;
}
