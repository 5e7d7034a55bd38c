/* The matrix as one page: no network, readable without JavaScript, filtered with it. */
#include "sim/matrix.h"

#include <string.h>

#define TEXT_SIZE 200

static const char *const checks[] = { [REQ_BENCH] = "bench", [REQ_WIRE] = "wire", [REQ_INSPECTION] = "inspection" };

/* By enum matrix_state: the class of the style sheet. */
static const char *const classes[MATRIX_STATES] = {
    [MATRIX_INSPECTION] = "eye",    [MATRIX_UNCITED] = "none", [MATRIX_ELSEWHERE] = "none",
    [MATRIX_NOT_RUN] = "open",      [MATRIX_SKIPPED] = "open", [MATRIX_FAILED] = "bad",
    [MATRIX_INCONCLUSIVE] = "open", [MATRIX_CITED] = "good",   [MATRIX_PASSED] = "good",
};

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Requirement "
    "matrix</title>\n<style>\n"
    ":root { color-scheme: light dark; --line: #8884; --soft: #8881; --good: #1a7f37; --bad: #cf222e; --open: #9a6700; "
    "}\n"
    "@media (prefers-color-scheme: dark) { :root { --good: #4ac26b; --bad: #ff7b72; --open: #e3b341; } }\n"
    "body { font: 14px/1.45 system-ui, sans-serif; margin: 1.5rem auto; max-width: 90rem; padding: 0 1rem; }\n"
    "h1 { font-size: 1.4rem; margin: 0 0 .3rem; } p { margin: .3rem 0 1rem; }\n"
    "table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top; padding: .35rem "
    ".6rem; "
    "border-bottom: 1px solid var(--line); }\n"
    "#systems { width: auto; margin-bottom: 1.2rem; } #systems td:nth-child(n+2) { text-align: right; }\n"
    "#rows thead th { position: sticky; top: 2.9rem; background: Canvas; } .id { white-space: nowrap; font-weight: "
    "600; }\n"
    "small, .soft { opacity: .75; } small { display: block; } .tag { border: 1px solid var(--line); border-radius: "
    ".6rem; "
    "padding: 0 .4rem; font-size: .8em; white-space: nowrap; }\n"
    ".tag.assumed, .tag.contradiction { border-color: var(--open); color: var(--open); }\n"
    ".good { color: var(--good); } .bad, .none { color: var(--bad); } .open { color: var(--open); }\n"
    ".state { font-weight: 600; white-space: nowrap; } ul { margin: 0; padding-left: 1rem; } td.numbers { min-width: "
    "14rem; }\n"
    "form { position: sticky; top: 0; background: Canvas; padding: .6rem 0; display: flex; gap: .6rem; flex-wrap: "
    "wrap; z-index: 1; }\n"
    "input, select { font: inherit; padding: .15rem .3rem; } input { width: 16rem; } meter { width: 7rem; }\n"
    "tr.hidden { display: none; } td.cites { min-width: 16rem; overflow-wrap: anywhere; }\n"
    "@media print { form { display: none; } #rows thead th { position: static; } }\n"
    "</style>\n";

static const char script[] =
    "<script>\n"
    "const form = document.querySelector('form'), rows = [...document.querySelectorAll('#rows tbody tr')];\n"
    "const names = ['system', 'group', 'check', 'state', 'basis'];\n"
    "for (const name of names) {\n"
    "  const select = form.elements[name];\n"
    "  for (const value of [...new Set(rows.flatMap(r => r.dataset[name].split('|')))].filter(Boolean).sort())\n"
    "    select.add(new Option(value, value));\n"
    "}\n"
    "function filter() {\n"
    "  const words = form.elements.words.value.toLowerCase().split(/\\s+/).filter(Boolean);\n"
    "  let shown = 0;\n"
    "  for (const r of rows) {\n"
    "    const fits = names.every(n => !form.elements[n].value || "
    "r.dataset[n].split('|').includes(form.elements[n].value)) &&\n"
    "      words.every(w => r.textContent.toLowerCase().includes(w));\n"
    "    r.classList.toggle('hidden', !fits);\n"
    "    shown += fits;\n"
    "  }\n"
    "  document.getElementById('shown').textContent = shown + ' of ' + rows.length + ' rows';\n"
    "}\n"
    "form.hidden = false;\n"
    "form.addEventListener('input', filter);\n"
    "form.addEventListener('submit', e => e.preventDefault());\n"
    "filter();\n"
    "</script>\n";

static void html(const char *text, FILE *out)
{
    for (const char *p = text != NULL ? text : ""; *p != '\0'; p++) {
        switch (*p) {
        case '&':
            (void)fputs("&amp;", out);
            break;
        case '<':
            (void)fputs("&lt;", out);
            break;
        case '>':
            (void)fputs("&gt;", out);
            break;
        case '"':
            (void)fputs("&quot;", out);
            break;
        default:
            (void)fputc(*p, out);
            break;
        }
    }
}

static void element(const char *open, const char *text, const char *close, FILE *out)
{
    (void)fputs(open, out);
    html(text, out);
    (void)fputs(close, out);
}

/* ---- systems ---- */

static void system_line(const struct matrix *m, const struct req_table *table, const char *name, FILE *out)
{
    const struct matrix_count bench = matrix_count(m, table, NULL, REQ_BENCH);
    const struct matrix_count wire = matrix_count(m, table, NULL, REQ_WIRE);
    const struct matrix_count eye = matrix_count(m, table, NULL, REQ_INSPECTION);
    const size_t *s = bench.state;

    element("<tr><th>", name, "</th>", out);
    (void)fprintf(out, "<td>%zu</td><td class=\"good\">%zu</td><td class=\"%s\">%zu</td><td class=\"open\">%zu</td>",
                  bench.rows, bench.covered, s[MATRIX_FAILED] > 0 ? "bad" : "soft", s[MATRIX_FAILED],
                  s[MATRIX_NOT_RUN] + s[MATRIX_SKIPPED] + s[MATRIX_INCONCLUSIVE]);
    (void)fprintf(out,
                  "<td>%zu</td><td><meter max=\"100\" value=\"%.1f\"></meter> %.1f %%</td><td>%zu of %zu</td>"
                  "<td>%zu</td></tr>\n",
                  s[MATRIX_UNCITED] + s[MATRIX_ELSEWHERE], matrix_percent(&bench), matrix_percent(&bench), wire.covered,
                  wire.rows, eye.rows);
}

static void systems(const struct matrix *m, FILE *out)
{
    (void)fprintf(
        out,
        "<table id=\"systems\">\n<tr><th>system</th><th>bench rows</th><th>%s</th><th>failed</th><th>open</th>"
        "<th>not cited</th><th>covered</th><th>wire rows tested</th><th>by inspection</th></tr>\n",
        m->judged ? "passed" : "cited");
    for (size_t t = 0; t < m->book->count; t++) {
        system_line(m, &m->book->table[t], m->book->table[t].system, out);
    }
    system_line(m, NULL, "all", out);
    (void)fputs("</table>\n", out);
}

static void strays(const struct matrix *m, FILE *out)
{
    if (m->stray_count == 0) {
        return;
    }
    (void)fputs("<p class=\"bad\">Cited, but in no table:</p><ul>\n", out);
    for (size_t i = 0; i < m->stray_count; i++) {
        element("<li>", m->stray[i].id, " in ", out);
        html(m->file[m->stray[i].file].path, out);
        (void)fprintf(out, ", line %u</li>\n", m->stray[i].line);
    }
    (void)fputs("</ul>\n", out);
}

/* ---- rows ---- */

static void number(const char *what, const char *text, const struct req_note *note, FILE *out)
{
    element("<div><span class=\"soft\">", what, "</span> ", out);
    html(text, out);
    (void)fprintf(out, " <span class=\"tag %s\">%s</span>", basis_name(note->basis), basis_name(note->basis));
    if (note->source != NULL || note->reading != NULL) {
        element("<small>", note->source, note->source != NULL && note->reading != NULL ? ": " : "", out);
        html(note->reading, out);
        (void)fputs("</small>", out);
    }
    (void)fputs("</div>", out);
}

static void level(const char *what, const struct req_level *l, FILE *out)
{
    if (l->present) {
        char text[TEXT_SIZE];

        matrix_level_text(l, text, sizeof text);
        number(what, text, &l->note, out);
    }
}

static void delay(const char *what, const struct req_delay *d, FILE *out)
{
    if (d->present) {
        char text[TEXT_SIZE];

        matrix_delay_text(d, text, sizeof text);
        number(what, text, &d->note, out);
    }
}

static void numbers(const struct req_row *row, FILE *out)
{
    (void)fputs("<td class=\"numbers\">", out);
    level("limit", &row->limit, out);
    delay("delay", &row->delay, out);
    if (row->release.present) {
        element("<div><span class=\"soft\">released by</span> ", req_rule_name(row->release.rule), "</div>", out);
        level("release", &row->release.limit, out);
        delay("after", &row->release.delay, out);
    }
    for (size_t i = 0; i < row->value_count; i++) {
        level(row->value[i].name, &row->value[i].row.limit, out);
    }
    (void)fputs("</td>", out);
}

static void cite(const struct matrix *m, const struct matrix_cite *c, FILE *out)
{
    static const char *const colour[] = { [VERDICT_PASS] = "good",
                                          [VERDICT_SKIP] = "open",
                                          [VERDICT_INCONCLUSIVE] = "open",
                                          [VERDICT_FAIL] = "bad",
                                          [VERDICT_ERROR] = "bad" };

    element("<li title=\"", m->file[c->file].title, "\">", out);
    html(m->file[c->file].name, out);
    if (!c->own) {
        (void)fputs(" <span class=\"open\">on another system</span>", out);
    }
    for (int v = VERDICT_ERROR; v >= VERDICT_PASS; v--) {
        if (c->verdict[v] > 0) {
            (void)fprintf(out, " <span class=\"%s\">%zu %s</span>", colour[v], c->verdict[v],
                          verdict_name((enum verdict)v));
        }
    }
    (void)fputs("</li>", out);
}

static void cites(const struct matrix *m, const struct matrix_row *r, FILE *out)
{
    (void)fputs("<td class=\"cites\">", out);
    if (r->row->why_not != NULL) {
        html(r->row->why_not, out);
    }
    if (r->cite_count + r->test_count > 0) {
        (void)fputs("<ul>", out);
        for (size_t i = 0; i < r->cite_count; i++) {
            cite(m, &r->cite[i], out);
        }
        for (size_t i = 0; i < r->test_count; i++) {
            element("<li>", r->test[i], "</li>", out);
        }
        (void)fputs("</ul>", out);
    }
    (void)fputs("</td>", out);
}

/* The bases that the row's numbers rest on, as "printed|assumed|". */
static void bases(const struct req_row *row, FILE *out)
{
    const struct req_note *const notes[] = { row->limit.present ? &row->limit.note : NULL,
                                             row->delay.present ? &row->delay.note : NULL,
                                             row->release.limit.present ? &row->release.limit.note : NULL,
                                             row->release.delay.present ? &row->release.delay.note : NULL };

    for (size_t i = 0; i < sizeof notes / sizeof notes[0]; i++) {
        (void)fprintf(out, "%s|", notes[i] != NULL ? basis_name(notes[i]->basis) : "");
    }
    for (size_t i = 0; i < row->value_count; i++) {
        (void)fprintf(out, "%s|", basis_name(row->value[i].row.limit.note.basis));
    }
    html(row->status, out);
}

static void row_line(const struct matrix *m, const struct matrix_row *r, FILE *out)
{
    const struct req_row *row = r->row;
    const enum matrix_state state = matrix_state(m, r);

    element("<tr data-system=\"", r->table->system, "\"", out);
    element(" data-group=\"", row->group, "\"", out);
    (void)fprintf(out, " data-check=\"%s\" data-state=\"%s\" data-basis=\"", checks[row->check],
                  matrix_state_name(state));
    bases(row, out);
    element("\"><td class=\"id\">", row->id, "<small>", out);
    html(row->clause, out);
    element("</small></td><td>", row->text != NULL ? row->text : row->quantity, "<small>", out);
    html(row->group, out);
    (void)fprintf(out, ", %s ", checks[row->check]);
    if (row->status != NULL) {
        (void)fprintf(out, "<span class=\"tag %s\">%s</span>", row->status, row->status);
    }
    (void)fputs("</small>", out);
    if (row->note != NULL) {
        element("<small>", row->note, "</small>", out);
    }
    (void)fputs("</td>", out);
    numbers(row, out);
    cites(m, r, out);
    (void)fprintf(out, "<td class=\"state %s\">%s</td></tr>\n", classes[state], matrix_state_name(state));
}

void matrix_html(const struct matrix *m, FILE *out)
{
    static const char *const filters[] = { "system", "group", "check", "state", "basis" };

    (void)fputs(head, out);
    (void)fprintf(out, "<h1>Requirement matrix</h1>\n<p>%zu requirements of %zu tables, %zu scenarios%s.</p>\n",
                  m->row_count, m->book->count, m->file_count,
                  m->judged ? "" : "; no results were given, so \"cited\" is the best there is");
    systems(m, out);
    strays(m, out);
    (void)fputs("<form hidden><input name=\"words\" type=\"search\" placeholder=\"words\" aria-label=\"words\">", out);
    for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++) {
        (void)fprintf(out, "<select name=\"%s\" aria-label=\"%s\"><option value=\"\">any %s</option></select>",
                      filters[i], filters[i], filters[i]);
    }
    (void)fputs("<span id=\"shown\"></span></form>\n<table "
                "id=\"rows\"><thead><tr><th>id</th><th>requirement</th><th>numbers</th>"
                "<th>cited by, or why not</th><th>state</th></tr></thead><tbody>\n",
                out);
    for (size_t i = 0; i < m->row_count; i++) {
        row_line(m, &m->row[i], out);
    }
    (void)fputs("</tbody></table>\n", out);
    (void)fputs(script, out);
    (void)fputs("</html>\n", out);
}
