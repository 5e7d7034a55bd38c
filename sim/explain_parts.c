#include "sim/explain.h"

#include "bms_core/bms_io.h"
#include "sim/format.h"
#include "sim/params_lookup.h"

#include <math.h>
#include <string.h>

#define BUFFER EXPLAIN_QUANTITY_SIZE

/* before and a time, if there is one. */
static void say_time(const char *before, double seconds, FILE *out)
{
    if (!isnan(seconds)) {
        char text[BUFFER];

        (void)fprintf(out, "%s%s", before, explain_quantity(seconds, DIM_TIME, text));
    }
}

static void say_ramp(const struct ramp *r, enum dim dim, FILE *out)
{
    char from[BUFFER], to[BUFFER], over[BUFFER];

    if (r->over_s <= 0) {
        (void)fputs(explain_quantity(r->to, dim, to), out);
        return;
    }
    (void)fprintf(out, "from %s to %s over %s",
                  isnan(r->from) ? "its present value" : explain_quantity(r->from, dim, from),
                  explain_quantity(r->to, dim, to), explain_quantity(r->over_s, DIM_TIME, over));
}

static void say_charger(const struct action *a, FILE *out)
{
    (void)fputs(a->on ? "charger on" : "charger off", out);
    if (a->current.given) {
        (void)fputs(", current ", out);
        say_ramp(&a->current, DIM_CURRENT, out);
    }
    if (a->voltage.given) {
        (void)fputs(", voltage ", out);
        say_ramp(&a->voltage, DIM_VOLTAGE, out);
    }
}

static void say_load(const struct action *a, FILE *out)
{
    const struct ramp *r = a->law == LOAD_POWER ? &a->power : a->law == LOAD_RESISTANCE ? &a->resistance : &a->current;
    const enum dim dim = a->law == LOAD_POWER ? DIM_POWER : a->law == LOAD_RESISTANCE ? DIM_RESISTANCE : DIM_CURRENT;

    (void)fputs(a->on ? "load " : "load off", out);
    if (a->on) {
        say_ramp(r, dim, out);
    }
}

static void say_inverter(const struct action *a, FILE *out)
{
    static const char *const names[] = { "capacitance", "esr", "pre-charge", "bleed" };
    const double values[] = { a->capacitance_F, a->esr_Ohm, a->precharge_Ohm, a->bleed_Ohm };
    char text[BUFFER];

    (void)fputs(a->on ? "inverter on the bus" : "inverter off the bus", out);
    for (size_t i = 0; a->on && i < 4; i++) {
        if (!isnan(values[i])) {
            (void)fprintf(out, ", %s %s", names[i],
                          i == 2 && values[i] == 0
                              ? "none"
                              : explain_quantity(values[i], i == 0 ? DIM_CAPACITANCE : DIM_RESISTANCE, text));
        }
    }
}

static void say_fault(const struct action *a, FILE *out)
{
#define COUNTS(identifier, name, index, unit, meaning) index,
#define UNIT(identifier, name, index, unit, meaning) unit,
    static const char *const counts[] = { PLANT_FAULTS(COUNTS) };
    static const char *const units[] = { PLANT_FAULTS(UNIT) };
    const char *what = counts[a->fault];

    (void)fprintf(out, "fault: %s", format_fault_words[a->fault]);
    if (what[0] != '\0') {
        (void)fprintf(out, ", %s %d", what, strcmp(what, "wire") == 0 ? a->index : a->index + 1);
    }
    if (!isnan(a->value)) {
        (void)fprintf(out, ", %.9g %s", strcmp(units[a->fault], "%") == 0 ? a->value * 100 : a->value, units[a->fault]);
    }
    if (!isnan(a->rate)) {
        (void)fprintf(out, ", growing by %.9g %s/s", a->rate, units[a->fault]);
    }
    say_time(", for ", a->hold_s, out);
}

static void say_key(const struct action *a, FILE *out)
{
    for (unsigned bit = 0; format_key_words[bit] != NULL; bit++) {
        if ((a->keys >> bit & 1U) != 0) {
            (void)fprintf(out, "key %s %s", format_key_words[bit], a->on ? "held" : "released");
        }
    }
    say_time(" for ", a->hold_s, out);
}

static void say_ntc(const struct action *a, FILE *out)
{
    (void)fprintf(out, "sensor %d %s", a->index + 1, a->on ? "held at " : "let go");
    if (a->on) {
        say_ramp(&a->temperature, DIM_TEMPERATURE, out);
    }
}

static void say_parameter(const struct action *a, FILE *out)
{
    const struct params_row row = params_row_of(a->parameter);
    char text[BUFFER];

    (void)fprintf(out, "parameter %s = %s", row.name,
                  explain_quantity(a->parameter_value / row.codes_per_unit, row.dim, text));
}

static void say_short(const struct action *a, FILE *out)
{
    char text[BUFFER];

    if (!a->on) {
        (void)fputs("short circuit removed", out);
        return;
    }
    (void)fprintf(out, "short circuit of %s at the %s", explain_quantity(a->resistance.to, DIM_RESISTANCE, text),
                  format_place_words[a->place]);
}

static void say_clock(const struct action *a, FILE *out)
{
    if (a->on) {
        (void)fprintf(out, "clock moved by %g s", a->value);
    } else {
        (void)fputs("clock lost", out);
    }
}

static void say_pack(const struct action *a, FILE *out)
{
    if (a->pack < 0) {
        (void)fputs(" (every pack)", out);
    } else {
        (void)fprintf(out, " (pack %d)", a->pack + 1);
    }
}

void explain_action(const struct scenario *s, const struct action *a, FILE *out)
{
    const bool of_pack =
        a->kind != ACT_CHARGER && a->kind != ACT_LOAD && a->kind != ACT_INVERTER && a->kind != ACT_AMBIENT;

    switch (a->kind) {
    case ACT_CHARGER:
        say_charger(a, out);
        break;
    case ACT_LOAD:
        say_load(a, out);
        break;
    case ACT_SHORT:
        say_short(a, out);
        break;
    case ACT_INVERTER:
        say_inverter(a, out);
        break;
    case ACT_AMBIENT:
        (void)fputs("chamber ", out);
        say_ramp(&a->temperature, DIM_TEMPERATURE, out);
        break;
    case ACT_BREAKER:
        (void)fputs(a->on ? "breaker closed" : "breaker opened", out);
        break;
    case ACT_FAULT:
        say_fault(a, out);
        break;
    case ACT_CLEAR:
        (void)fprintf(out, "mended: %s", a->fault == FAULT_COUNT ? "all faults" : format_fault_words[a->fault]);
        break;
    case ACT_NTC:
        say_ntc(a, out);
        break;
    case ACT_KEY:
        say_key(a, out);
        break;
    case ACT_LINK:
        (void)fprintf(out, "%s %s", a->keys == BMS_LINK_PACKS ? "link to another pack" : "Bluetooth",
                      a->on ? "up" : "down");
        break;
    case ACT_DIP:
        (void)fprintf(out, "address switch %g", a->value);
        break;
    case ACT_PARAMETER:
        say_parameter(a, out);
        break;
    case ACT_ATTEMPT:
        (void)fputs("tried: ", out);
        say_parameter(a, out);
        break;
    case ACT_CLOCK:
        say_clock(a, out);
        break;
    }
    if (of_pack && s->pack_count > 1) {
        say_pack(a, out);
    }
}

/* "charge.allowed becomes false" -> "charge.allowed must become false". A condition: "must be: ...". */
static void say_must(const char *text, FILE *out)
{
    static const char *const verbs[][2] = {
        { " becomes ", " must become " },
        { " rises above ", " must rise above " },
        { " falls below ", " must fall below " },
        { " changes", " must change" },
    };

    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        const char *found = strstr(text, verbs[i][0]);

        if (found != NULL) {
            (void)fprintf(out, "%.*s%s%s", (int)(found - text), text, verbs[i][1], found + strlen(verbs[i][0]));
            return;
        }
    }
    (void)fprintf(out, "it must be that %s", text);
}

/* The unit once when there are two numbers: "3.68 V..3.72 V". */
static void say_band(const struct expectation *e, FILE *out)
{
    char low[BUFFER], high[BUFFER];

    (void)explain_quantity(e->low, e->dim, low);
    (void)explain_quantity(e->high, e->dim, high);
    if (isinf(e->low) && !isinf(e->high)) {
        (void)fprintf(out, "at most %s", high);
    } else if (isinf(e->high)) {
        (void)fprintf(out, "at least %s", low);
    } else if (e->low == e->high) {
        (void)fputs(low, out);
    } else {
        (void)fprintf(out, "%s..%s", low, high);
    }
}

static void say_trip(const struct expectation *e, FILE *out)
{
    const double first = e->rising ? e->low : e->high, last = e->rising ? e->high : e->low;
    char text[BUFFER];

    say_must(e->what_text, out);
    (void)fprintf(out, " when %s has %s through ", e->on_text, e->rising ? "risen" : "fallen");
    say_band(e, out);
    if (!isinf(first)) {
        say_time(", not earlier than ", e->delay_min_s, out);
        (void)fprintf(out, " after %s", explain_quantity(first, e->dim, text));
    }
    if (!isinf(last)) {
        say_time(isinf(first) ? ", not later than " : " and not later than ", e->delay_max_s, out);
        (void)fprintf(out, "%s after %s", e->no_latency ? "" : " + latency", explain_quantity(last, e->dim, text));
    }
    (void)fprintf(out, "; the %s is measured", e->measure == MEASURE_DELAY ? "delay" : "level");
}

static void say_trigger(const struct expectation *e, FILE *out)
{
    if (e->trigger.kind == POINT_LABEL) {
        (void)fprintf(out, "after \"%s\" ", e->trigger.text);
    } else if (e->trigger.kind == POINT_EVENT) {
        (void)fprintf(out, "each time %s, ", e->trigger.text);
    } else {
        (void)fputs("from the start ", out);
    }
}

static void say_then(const struct expectation *e, FILE *out)
{
    say_trigger(e, out);
    say_must(e->what_text, out);
    say_time(" within ", e->within_s, out);
    (void)fputs(e->within_is_req && !e->no_latency ? " + latency" : "", out);
    say_time(", not before ", e->not_before_s, out);
    say_time(", and hold for ", e->hold_s, out);
    if (e->from.text != NULL || e->until.text != NULL) {
        (void)fprintf(out, " (triggers from %s until %s)", e->from.text != NULL ? e->from.text : "the start",
                      e->until.text != NULL ? e->until.text : "the end");
    }
}

static void say_stays(const struct expectation *e, FILE *out)
{
    say_trigger(e, out);
    (void)fprintf(out, "it must stay so that %s", e->what_text);
    say_time(" for ", e->for_s, out);
    if (isnan(e->for_s)) {
        (void)fprintf(out, " until %s", e->until.text != NULL ? e->until.text : "the end");
    }
}

static void say_window(const struct expectation *e, FILE *out)
{
    (void)fprintf(out, "%s %s", e->verb == VERB_ALWAYS ? "always" : "never", e->what_text);
    if (e->from.text != NULL) {
        (void)fprintf(out, " from %s", e->from.text);
    }
    if (e->until.text != NULL) {
        (void)fprintf(out, " until %s", e->until.text);
    }
}

/* What the word req stood for. */
static void say_req(const struct expectation *e, FILE *out)
{
    const struct req_level *limit = &e->row->limit, *release = &e->row->release.limit;
    const struct req_level *level = (e->verb == VERB_RELEASE && release->present) || !limit->present ? release : limit;
    char text[BUFFER];

    (void)fprintf(out, " (req is %s)", explain_quantity(level->nominal.value, level->nominal.dim, text));
}

void explain_expectation(const struct expectation *e, FILE *out)
{
    switch (e->verb) {
    case VERB_TRIP:
    case VERB_RELEASE:
        say_trip(e, out);
        break;
    case VERB_THEN:
        say_then(e, out);
        break;
    case VERB_STAYS:
        say_stays(e, out);
        break;
    case VERB_ALWAYS:
    case VERB_NEVER:
        say_window(e, out);
        break;
    case VERB_REPORT:
        (void)fprintf(out, "%s is measured at \"%s\" and shown", e->what_text, e->trigger.text);
        break;
    }
    if (e->what.uses_req || e->trigger.event.uses_req) {
        say_req(e, out);
    }
    if (e->times > 0) {
        (void)fprintf(out, ", at least %d times", e->times);
    }
}
