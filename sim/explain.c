#include "sim/explain.h"

#include "sim/format.h"
#include "sim/params_lookup.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_S 1e9
#define BUFFER EXPLAIN_QUANTITY_SIZE

const char *explain_quantity(double value, enum dim dim, char out[EXPLAIN_QUANTITY_SIZE])
{
    char digits[40];

    /* Delays are compared with each other: 0.99 s, not 990 ms, beside 1.1 s. */
    if (dim == DIM_TIME && value >= 0.1 && value < 1) {
        (void)snprintf(out, EXPLAIN_QUANTITY_SIZE, "%.9g s", value);
        return out;
    }
    (void)snprintf(digits, sizeof digits, "%.9g", value);
    quantity_print((struct quantity){ strtod(digits, NULL), dim }, out, EXPLAIN_QUANTITY_SIZE);
    return out;
}

/* Writes ", " between entries. */
static void separate(FILE *out, bool *first)
{
    (void)fputs(*first ? "" : ", ", out);
    *first = false;
}

static void say_number(FILE *out, bool *first, const char *before, double value, enum dim dim)
{
    if (!isnan(value)) {
        char text[BUFFER];

        separate(out, first);
        (void)fprintf(out, "%s%s", before, explain_quantity(value, dim, text));
    }
}

static void say_cells(const struct initial *i, FILE *out, bool *first)
{
    for (int k = 0; k < SCENARIO_CELLS_MAX; k++) {
        const struct {
            const char *before;
            double value;
            enum dim dim;
        } said[] = {
            { "charged ", i->cell[k].soc, DIM_RATIO },
            { "resting at ", i->cell[k].rest_voltage_V, DIM_VOLTAGE },
            { "at ", i->cell[k].temperature_degC, DIM_TEMPERATURE },
            { "with a capacity of ", i->cell[k].capacity_factor, DIM_RATIO },
            { "with a resistance of ", i->cell[k].resistance_factor, DIM_RATIO },
            { "with a leak of ", i->cell[k].leak_Ohm, DIM_RESISTANCE },
        };
        char text[BUFFER];
        bool named = false;

        for (size_t j = 0; j < sizeof said / sizeof said[0]; j++) {
            if (isnan(said[j].value)) {
                continue;
            }
            if (!named) {
                separate(out, first);
                (void)fprintf(out, "cell %d", k + 1);
                named = true;
            }
            (void)fprintf(out, " %s%s", said[j].before, explain_quantity(said[j].value, said[j].dim, text));
        }
    }
}

static void say_initial(const struct initial *i, FILE *out)
{
    bool first = true;

    say_number(out, &first, "charged ", i->soc, DIM_RATIO);
    say_number(out, &first, "cells resting at ", i->rest_voltage_V, DIM_VOLTAGE);
    say_number(out, &first, "", i->temperature_degC, DIM_TEMPERATURE);
    say_number(out, &first, "the BMS believes ", i->bms_soc, DIM_RATIO);
    say_number(out, &first, "cells drawn from the seed at a spread of ", i->spread, DIM_RATIO);
    say_cells(i, out, &first);
    (void)fputs(first ? "as the others\n" : "\n", out);
}

static void say_start(const struct scenario *s, FILE *out)
{
    static const char *const histories[] = { "no history", "after a charge", "after a discharge" };
    struct initial all = s->initial;

    if (isnan(all.soc) && isnan(all.rest_voltage_V)) {
        all.soc = 0.5;
    }
    if (isnan(all.temperature_degC)) {
        all.temperature_degC = 25;
    }
    (void)fprintf(out, "  start: %s, ", histories[all.history]);
    say_initial(&all, out);
    for (int i = 0; i < s->pack_count && s->pack_count > 1; i++) {
        (void)fprintf(out, "    pack %d: ", i + 1);
        say_initial(&s->pack[i], out);
    }
}

static void say_parameters(const struct scenario *s, FILE *out)
{
    for (size_t i = 0; i < s->parameter_count; i++) {
        const struct params_row row = params_row_of(s->parameter[i].id);
        char text[BUFFER];

        (void)fprintf(out, "  parameter %s = %s\n", row.name,
                      explain_quantity(s->parameter[i].value / row.codes_per_unit, row.dim, text));
    }
}

static void say_step(const struct scenario *s, const struct step *step, size_t number, FILE *out)
{
    char text[BUFFER];

    (void)fprintf(out, "  %2zu. ", number);
    if (step->timing == STEP_UNTIL) {
        (void)fprintf(out, "wait until %s, at most %s", step->until_text,
                      explain_quantity((double)step->timeout_ns / NS_PER_S, DIM_TIME, text));
    } else {
        const char *time = explain_quantity((double)step->time_ns / NS_PER_S, DIM_TIME, text);

        (void)fprintf(out, step->timing == STEP_AT ? "at %s" : "%s later", time);
    }
    if (step->label != NULL) {
        (void)fprintf(out, " (this is \"%s\")", step->label);
    }
    for (size_t i = 0; i < step->action_count; i++) {
        (void)fputs(i == 0 ? ": " : "; ", out);
        explain_action(s, &step->action[i], out);
    }
    (void)fputc('\n', out);
}

/* Which numbers of its row an expectation uses. */
static const struct req_note *limit_note(const struct expectation *e)
{
    const bool release = e->verb == VERB_RELEASE && e->row->release.limit.present;
    const bool used = e->verb == VERB_TRIP || e->verb == VERB_RELEASE || e->what.uses_req || e->trigger.event.uses_req;

    if (!used || (!e->row->limit.present && !e->row->release.limit.present)) {
        return NULL;
    }
    return release || !e->row->limit.present ? &e->row->release.limit.note : &e->row->limit.note;
}

static const struct req_note *delay_note(const struct expectation *e)
{
    const bool release = e->verb == VERB_RELEASE && e->row->release.delay.present;

    if (!e->row_delay || (!e->row->delay.present && !e->row->release.delay.present)) {
        return NULL;
    }
    return release || !e->row->delay.present ? &e->row->release.delay.note : &e->row->delay.note;
}

static void say_reading(const char *what, const struct req_note *note, FILE *out)
{
    if (note != NULL && note->reading != NULL) {
        (void)fprintf(out, "      %s: %s%s%s\n", what, note->source != NULL ? note->source : "",
                      note->source != NULL ? ": " : "", note->reading);
    }
}

/* "[JKP-OVP-02 2.2 charge; limit sibling, delay assumed]", and why where the documents leave room. */
static void say_row(const struct expectation *e, FILE *out)
{
    const struct req_row *row = e->row;

    if (row == NULL) {
        return;
    }
    const struct req_note *limit = e->basis_used ? limit_note(e) : NULL;
    const struct req_note *delay = e->basis_used ? delay_note(e) : NULL;

    (void)fprintf(out, "      [%s%s%s; ", row->id, row->clause != NULL ? " " : "",
                  row->clause != NULL ? row->clause : "");
    if (limit != NULL) {
        (void)fprintf(out, "limit %s%s", basis_name(limit->basis), delay != NULL ? ", " : "");
    }
    if (delay != NULL) {
        (void)fprintf(out, "delay %s", basis_name(delay->basis));
    }
    (void)fprintf(out, "%s]\n", limit == NULL && delay == NULL ? basis_name(e->basis) : "");
    say_reading("limit", limit, out);
    say_reading("delay", delay, out);
}

void explain_scenario(const struct scenario *s, FILE *out)
{
    char text[BUFFER];

    (void)fprintf(out, "%s%s%s%s\n%s\n", s->file, s->case_name[0] != '\0' ? " [" : "", s->case_name,
                  s->case_name[0] != '\0' ? "]" : "", s->title);
    (void)fprintf(out, "  pack %s%s, BMS %s, %s front end, seed %" PRIu64 "; t = 0 is %s\n", s->pack_id,
                  s->pack_count > 1 ? " (several on one bus)" : "", s->bms_id,
                  s->ideal_front_end ? "ideal"
                  : s->noise         ? "noisy"
                                     : "real",
                  s->seed, s->cold_boot ? "power-on" : "after 10 s of rest");
    say_start(s, out);
    say_parameters(s, out);
    (void)fputs("done:\n", out);
    for (size_t i = 0; i < s->step_count; i++) {
        say_step(s, &s->step[i], i + 1, out);
    }
    (void)fprintf(out, "  ends %s%s\n", s->end_ns < 0 ? "1 s after the last step" : "at ",
                  s->end_ns < 0 ? "" : explain_quantity((double)s->end_ns / NS_PER_S, DIM_TIME, text));
    (void)fputs("expected:\n", out);
    for (size_t i = 0; i < s->expect_count; i++) {
        (void)fprintf(out, "  %2zu. ", i + 1);
        explain_expectation(&s->expect[i], out);
        (void)fputc('\n', out);
        say_row(&s->expect[i], out);
    }
}
