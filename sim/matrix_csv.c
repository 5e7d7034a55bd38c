/* The matrix for programs. */
#include "sim/matrix.h"

#include <string.h>

#define TEXT_SIZE 200

static void csv_text(const char *text, FILE *out)
{
    (void)fputc('"', out);
    for (const char *p = text != NULL ? text : ""; *p != '\0'; p++) {
        if (*p == '"') {
            (void)fputc('"', out);
        }
        (void)fputc(*p, out);
    }
    (void)fputc('"', out);
}

static void csv_level(const struct req_level *level, FILE *out)
{
    char text[TEXT_SIZE] = "";

    if (level->present) {
        matrix_level_text(level, text, sizeof text);
    }
    csv_text(text, out);
    (void)fprintf(out, ",%s,", level->present ? basis_name(level->note.basis) : "");
}

static void csv_delay(const struct req_delay *delay, FILE *out)
{
    char text[TEXT_SIZE] = "";

    if (delay->present) {
        matrix_delay_text(delay, text, sizeof text);
    }
    csv_text(text, out);
    (void)fprintf(out, ",%s,", delay->present ? basis_name(delay->note.basis) : "");
}

/* "low 0 degC; high 45 degC" */
static void csv_values(const struct req_row *row, FILE *out)
{
    (void)fputc('"', out);
    for (size_t i = 0; i < row->value_count; i++) {
        char text[TEXT_SIZE];

        matrix_level_text(&row->value[i].row.limit, text, sizeof text);
        (void)fprintf(out, "%s%s %s", i > 0 ? "; " : "", row->value[i].name, text);
    }
    (void)fputs("\",", out);
}

/* The columns that all lines of a row share. */
static void csv_row(const struct matrix *m, const struct matrix_row *r, FILE *out)
{
    static const char *const checks[] = { [REQ_BENCH] = "bench", [REQ_WIRE] = "wire", [REQ_INSPECTION] = "inspection" };
    const char *const texts[] = { r->table->system,      r->row->id,     r->row->clause,   r->row->group,
                                  checks[r->row->check], r->row->status, r->row->quantity, r->row->text };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        csv_text(texts[i], out);
        (void)fputc(',', out);
    }
    csv_level(&r->row->limit, out);
    csv_delay(&r->row->delay, out);
    csv_level(&r->row->release.limit, out);
    csv_values(r->row, out);
    csv_text(r->row->note, out);
    (void)fputc(',', out);
    csv_text(r->row->why_not, out);
    (void)fprintf(out, ",%s,", matrix_state_name(matrix_state(m, r)));
}

void matrix_csv(const struct matrix *m, FILE *out)
{
    (void)fputs("system,id,clause,group,check,status,quantity,text,limit,limit_basis,delay,delay_basis,release,"
                "release_basis,values,note,why_not,state,cited_by,own_system,pass,skip,inconclusive,fail,error\n",
                out);
    for (size_t i = 0; i < m->row_count; i++) {
        const struct matrix_row *r = &m->row[i];

        for (size_t k = 0; k < r->cite_count; k++) {
            const struct matrix_cite *c = &r->cite[k];

            csv_row(m, r, out);
            csv_text(m->file[c->file].name, out);
            (void)fprintf(out, ",%s,%zu,%zu,%zu,%zu,%zu\n", c->own ? "yes" : "no", c->verdict[VERDICT_PASS],
                          c->verdict[VERDICT_SKIP], c->verdict[VERDICT_INCONCLUSIVE], c->verdict[VERDICT_FAIL],
                          c->verdict[VERDICT_ERROR]);
        }
        for (size_t k = 0; k < r->test_count; k++) {
            csv_row(m, r, out);
            csv_text(r->test[k], out);
            (void)fputs(",yes,,,,,\n", out);
        }
        if (r->cite_count + r->test_count == 0) {
            csv_row(m, r, out);
            (void)fputs(",,,,,,\n", out);
        }
    }
}
