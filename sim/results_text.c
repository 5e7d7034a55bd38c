#include "sim/results_text.h"

#include "sim/results.h"

#include <math.h>
#include <string.h>

static const char *const verb_names[] = {
    [VERB_TRIP] = "trip",     [VERB_RELEASE] = "release", [VERB_THEN] = "then",     [VERB_STAYS] = "stays",
    [VERB_ALWAYS] = "always", [VERB_NEVER] = "never",     [VERB_REPORT] = "report",
};

/* ---- values and names
 * ------------------------------------------------------------------------------------------------ */

static void in_unit(double value, enum dim dim, char *out, size_t size)
{
    if (isnan(value)) {
        (void)snprintf(out, size, "nothing");
    } else if (isinf(value)) {
        (void)snprintf(out, size, "any");
    } else {
        (void)snprintf(out, size, "%.6g%s%s", value * dim_scale(dim), dim == DIM_NONE || dim == DIM_BOOL ? "" : " ",
                       dim == DIM_NONE || dim == DIM_BOOL ? "" : dim_unit(dim));
    }
}

/* Bytes of the character at p, which is not the end; 0 if it is none (names of files may be any bytes) or one that XML
 * cannot hold. */
static int utf8_size(const unsigned char *p)
{
    const int size = p[0] < 0x80 ? 1 : p[0] < 0xC2 ? 0 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : p[0] < 0xF5 ? 4 : 0;

    for (int k = 1; k < size; k++) {
        if ((p[k] & 0xC0U) != 0x80U) {
            return 0;
        }
    }
    const bool overlong = (p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xF0 && p[1] < 0x90);
    const bool outside = (p[0] == 0xED && p[1] > 0x9F) || (p[0] == 0xF4 && p[1] > 0x8F);
    const bool none = p[0] == 0xEF && p[1] == 0xBF && p[2] > 0xBD;

    return overlong || outside || none ? 0 : size;
}

/* Writes text with each character that name() has another form for in that form. */
static void escaped(const char *text, const char *(*name)(char c, char room[8]), FILE *out)
{
    const char *p = text;

    while (*p != '\0') {
        const int size = utf8_size((const unsigned char *)p);
        char room[8];
        const char *form = size == 1 ? name(*p, room) : NULL;

        if (size == 0) {
            (void)fputc('?', out);
        } else if (form != NULL) {
            (void)fputs(form, out);
        } else {
            (void)fwrite(p, 1, (size_t)size, out);
        }
        p += size == 0 ? 1 : size;
    }
}

/* ---- JSON lines
 * ------------------------------------------------------------------------------------------------------ */

static const char *json_form(char c, char room[8])
{
    if (c == '"' || c == '\\') {
        (void)snprintf(room, 8, "\\%c", c);
        return room;
    }
    if (c < ' ') {
        (void)snprintf(room, 8, "\\u%04x", (unsigned)c);
        return room;
    }
    return NULL;
}

static void json_text(const char *key, const char *text, FILE *out)
{
    (void)fprintf(out, "\"%s\": \"", key);
    escaped(text, json_form, out);
    (void)fputs("\", ", out);
}

static void json_value(const char *key, double value, const char *format, FILE *out)
{
    (void)fprintf(out, "\"%s\": ", key);
    if (isfinite(value)) {
        (void)fprintf(out, format, value);
    } else {
        (void)fputs("null", out);
    }
    (void)fputs(", ", out);
}

void results_jsonl(const struct scenario *s, const struct case_result *result, FILE *out)
{
    char name[256];

    results_name(s, name, sizeof name);
    for (size_t i = 0; i < result->count; i++) {
        const struct expectation *e = &s->expect[i];
        const struct verdict_row *row = &result->row[i];
        const double scale = dim_scale(row->dim);

        (void)fputc('{', out);
        json_text("scenario", name, out);
        json_text("case", s->case_name, out);
        json_text("requirement", e->requirement != NULL ? e->requirement : "", out);
        json_text("basis", e->row != NULL ? basis_name(e->basis) : "", out);
        json_text("verb", verb_names[e->verb], out);
        json_text("what", e->what_text != NULL ? e->what_text : "", out);
        json_text("verdict", verdict_name(row->verdict), out);
        json_value("measured", row->measured * scale, "%.9g", out);
        json_value("low", row->low * scale, "%.9g", out);
        json_value("high", row->high * scale, "%.9g", out);
        json_text("unit", dim_unit(row->dim), out);
        json_value("margin", row->margin * scale, "%.9g", out);
        json_value("uncertainty", row->uncertainty * scale, "%.3g", out);
        json_value("t_trigger_s", row->t_trigger_s, "%.9f", out);
        json_value("t_response_s", row->t_response_s, "%.9f", out);
        json_text("why", row->why, out);
        (void)fprintf(out, "\"occurrences\": %d}\n", row->occurrences);
    }
}

/* ---- JUnit
 * ----------------------------------------------------------------------------------------------------------- */

/* NOLINTNEXTLINE(readability-non-const-parameter): the type is that of json_form */
static const char *xml_form(char c, char room[8])
{
    (void)room;
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    default:
        return c < ' ' ? " " : NULL;
    }
}

static void xml_text(const char *text, FILE *out)
{
    escaped(text, xml_form, out);
}

static void junit_outcome(const struct verdict_row *row, FILE *out)
{
    static const char *const elements[] = {
        [VERDICT_PASS] = NULL,      [VERDICT_SKIP] = "skipped", [VERDICT_INCONCLUSIVE] = "error",
        [VERDICT_FAIL] = "failure", [VERDICT_ERROR] = "error",
    };
    const char *element = elements[row->verdict];
    char measured[48], low[48], high[48];

    if (element == NULL) {
        (void)fputs("/>\n", out);
        return;
    }
    (void)fprintf(out, ">\n      <%s message=\"%s: ", element, verdict_name(row->verdict));
    xml_text(row->why, out);
    in_unit(row->measured, row->dim, measured, sizeof measured);
    in_unit(row->low, row->dim, low, sizeof low);
    in_unit(row->high, row->dim, high, sizeof high);
    (void)fprintf(out, "; measured %s, allowed %s to %s\"/>\n    </testcase>\n", measured, low, high);
}

void results_junit(const struct scenario *s, const struct case_result *result, FILE *out)
{
    char name[256];
    size_t count[VERDICT_ERROR + 1] = { 0 };

    results_name(s, name, sizeof name);
    for (size_t i = 0; i < result->count; i++) {
        count[result->row[i].verdict]++;
    }
    (void)fputs("  <testsuite name=\"", out);
    xml_text(name, out);
    if (s->case_name[0] != '\0') {
        (void)fputs(" [", out);
        xml_text(s->case_name, out);
        (void)fputc(']', out);
    }
    (void)fprintf(out, "\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" time=\"%.6f\">\n",
                  result->count, count[VERDICT_FAIL], count[VERDICT_ERROR] + count[VERDICT_INCONCLUSIVE],
                  count[VERDICT_SKIP], result->simulated_s);
    for (size_t i = 0; i < result->count; i++) {
        const struct expectation *e = &s->expect[i];

        (void)fputs("    <testcase classname=\"", out);
        xml_text(name, out);
        (void)fprintf(out, "\" name=\"%zu %s%s%s ", i + 1, e->requirement != NULL ? e->requirement : "",
                      e->requirement != NULL ? " " : "", verb_names[e->verb]);
        xml_text(e->what_text != NULL ? e->what_text : "", out);
        (void)fprintf(out, "\" time=\"%.6f\"",
                      isfinite(result->row[i].t_response_s) ? fmax(0.0, result->row[i].t_response_s) : 0.0);
        junit_outcome(&result->row[i], out);
    }
    (void)fputs("  </testsuite>\n", out);
}

/* ---- words
 * ----------------------------------------------------------------------------------------------------------- */

static void explain_numbers(const struct verdict_row *row, FILE *out)
{
    char measured[48], low[48], high[48], margin[48], uncertainty[48];

    in_unit(row->measured, row->dim, measured, sizeof measured);
    in_unit(row->low, row->dim, low, sizeof low);
    in_unit(row->high, row->dim, high, sizeof high);
    in_unit(row->margin, row->dim, margin, sizeof margin);
    in_unit(row->uncertainty, row->dim, uncertainty, sizeof uncertainty);
    (void)fprintf(out, "        measured %s", measured);
    if (isfinite(row->low) || isfinite(row->high)) {
        (void)fprintf(out, ", allowed %s to %s", low, high);
    }
    if (isfinite(row->margin)) {
        (void)fprintf(out, ", margin %s +- %s", margin, uncertainty);
    }
    (void)fputc('\n', out);
}

void results_explain(const struct expectation *e, const struct verdict_row *row, FILE *out)
{
    (void)fprintf(out, "      %s: line %u: %s%s%s %s%s%s%s\n", verdict_name(row->verdict), e->line,
                  e->requirement != NULL ? e->requirement : "", e->requirement != NULL ? " " : "", verb_names[e->verb],
                  e->what_text != NULL ? e->what_text : "", e->on_text != NULL ? " on " : "",
                  e->on_text != NULL ? e->on_text : "", "");
    if (row->why[0] != '\0') {
        (void)fprintf(out, "        %s\n", row->why);
    }
    if (!isnan(row->measured) || isfinite(row->low) || isfinite(row->high)) {
        explain_numbers(row, out);
    }
    if (!isnan(row->t_trigger_s)) {
        (void)fprintf(out, "        triggered at %.6f s", row->t_trigger_s);
        if (!isnan(row->t_response_s)) {
            (void)fprintf(out, ", response at %.6f s, %.9g s later", row->t_response_s,
                          row->t_response_s - row->t_trigger_s);
        }
        (void)fputc('\n', out);
    } else if (!isnan(row->t_response_s)) {
        (void)fprintf(out, "        at %.6f s\n", row->t_response_s);
    }
    if (e->row != NULL) {
        (void)fprintf(out, "        %s: %s (%s)%s\n", e->requirement, e->row->text != NULL ? e->row->text : "",
                      e->row->clause != NULL ? e->row->clause : "",
                      e->basis == BASIS_ASSUMED   ? "; rests on an assumption"
                      : e->basis == BASIS_SIBLING ? "; rests on a sibling's manual"
                                                  : "");
    }
}
