#include "sim/format.h"

#include "bms_core/bms_io.h"
#include "sim/scenario.h"

#include <stdlib.h>
#include <string.h>

#define FAULT_WORD(identifier, name, index, unit, meaning) name,

const char *const format_history_words[] = { "none", "charged", "discharged", NULL };
const char *const format_place_words[] = { "terminals", "bus", "load", NULL };
const char *const format_fault_words[] = { PLANT_FAULTS(FAULT_WORD) NULL };
const char *const format_basis_words[] = { "printed", "ours", "derived", "sibling", "assumed", NULL };
const char *const format_check_words[] = { "bench", "wire", "inspection", NULL };
const char *const format_rule_words[] = { "value", "time", "charger", "charge current", "key", NULL };
const char *const format_key_words[] = { "power", "reset", "menu", "enter", "down", "esc", NULL };
const char *const format_measure_words[] = { "level", "delay", NULL };
const char *const format_front_end_words[] = { "real", "ideal", "noisy", NULL };

static const char *const boot_words[] = { "warm", "cold", NULL };
static const char *const off_words[] = { "off", NULL };
static const char *const none_words[] = { "none", NULL };
static const char *const all_words[] = { "all", NULL };
static const char *const req_words[] = { "req", NULL };
static const char *const link_words[] = { "down", "up", NULL };
static const char *const contacts_words[] = { "normally open", "normally closed", NULL };
static const char *const breaker_words[] = { "open", "closed", NULL };
static const char *const held_words[] = { "held", "released", NULL };
static const char *const lost_words[] = { "lost", NULL };
static const char *const bound_words[] = { "max", "min", NULL };

#define YEAR_s (366.0 * 86400.0)
#define SOC 0.0, 1.1 /* up to the end of the open-circuit table, beyond full */
#define CELL_V 0.0, 5.0
#define AIR_degC (-60.0), 150.0
#define AMPS 0.0, 2000.0
#define VOLTS 0.0, 1000.0
#define TIMES 0.0, YEAR_s
#define BAND (FORMAT_VERB(VERB_TRIP) | FORMAT_VERB(VERB_RELEASE))
#define THEN FORMAT_VERB(VERB_THEN)
#define STAYS FORMAT_VERB(VERB_STAYS)
#define SPAN (FORMAT_VERB(VERB_ALWAYS) | FORMAT_VERB(VERB_NEVER))
#define REPORT FORMAT_VERB(VERB_REPORT)

/* Columns: name, kind, dimension, range, required, sub-object, words, verbs, default, meaning. */
/* clang-format off */
#define ROW(name, kind, dim, range, required, sub, words, verbs, absent, meaning) \
    { name, FORMAT_##kind, DIM_##dim, range, required, FORMAT_##sub, words, verbs, absent, meaning }
#define RANGE(low, high) low, high
#define ANY 0, 0
#define KEY(name, kind, absent, meaning) { name, FORMAT_##kind, DIM_NONE, 0, 0, false, FORMAT_NO_OBJECT, NULL, 0, absent, meaning }
#define MUST(name, kind, meaning) { name, FORMAT_##kind, DIM_NONE, 0, 0, true, FORMAT_NO_OBJECT, NULL, 0, NULL, meaning }
#define NUMBER(name, dim, range, absent, meaning) { name, FORMAT_QUANTITY, DIM_##dim, range, false, FORMAT_NO_OBJECT, NULL, 0, absent, meaning }
#define RAMPED(name, dim, range, absent, meaning) { name, FORMAT_RAMPED, DIM_##dim, range, false, FORMAT_RAMP, NULL, 0, absent, meaning }
#define WORDS(name, words, absent, meaning) { name, FORMAT_WORD, DIM_NONE, 0, 0, false, FORMAT_NO_OBJECT, words, 0, absent, meaning }
#define SUB(name, kind, sub, words, absent, meaning) { name, FORMAT_##kind, DIM_NONE, 0, 0, false, FORMAT_##sub, words, 0, absent, meaning }
#define VERBED(name, kind, dim, range, words, verbs, absent, meaning) { name, FORMAT_##kind, DIM_##dim, range, false, FORMAT_NO_OBJECT, words, verbs, absent, meaning }

static const struct format_key scenario_keys[] = {
    MUST("title", TEXT, "one sentence that can be false"),
    MUST("pack", TEXT, "a file of model/packs, or \"mine.json\" beside the scenario"),
    MUST("bms", TEXT, "a parameter set of bms_core/params, or \"mine.json\" beside the scenario"),
    KEY("about", TEXT, NULL, "why this scenario exists (field failure, clause)"),
    KEY("tags", TEXTS, NULL, "words for --tag"),
    ROW("seed", INTEGER, NONE, RANGE(0, 9007199254740992.0), false, NO_OBJECT, NULL, 0, "1", "of the noise and of the spread of cells"),
    WORDS("boot", boot_words, "warm", "warm: t = 0 comes after a pre-roll of 10 s without current; cold: t = 0 is power-on"),
    NUMBER("phase", TIME, RANGE(0, 1), "0 s", "the front end's scan grid against the firmware's tick"),
    WORDS("front_end", format_front_end_words, "real", "real: ADC steps; ideal: codes exact to 1 mV, 1 mA, 0.1 degC; noisy: ADC steps and noise"),
    WORDS("contacts", contacts_words, "normally open", "how the relays of the dry contacts are wired: without current they are open, or closed"),
    SUB("initial", SUB, INITIAL, NULL, "50 %, 25 degC, no history", "state of every pack at the start"),
    SUB("packs", SUBS, INITIAL, NULL, "one pack", "one object per pack on the bus: what it changes of `initial`"),
    KEY("parameters", MAP, NULL, "BMS parameters by name, before the start: { \"cell_ov.trip_mV\": \"3.65 V\" }"),
    KEY("sweep", GRID, NULL, "{ name: [ value, ... ] }: one case for each combination; ${name} in a string stands for the value"),
    KEY("cases", COMBINATIONS, NULL, "[ { name: value, ... } ]: the combinations written out; \"case\" names one"),
    { "steps", FORMAT_SUBS, DIM_NONE, 0, 0, true, FORMAT_STEP, NULL, 0, NULL, "what is done" },
    NUMBER("end", TIME, TIMES, "1 s after the last step", "time at which the run ends"),
    { "expect", FORMAT_SUBS, DIM_NONE, 0, 0, true, FORMAT_EXPECT, NULL, 0, NULL, "what must hold; at least one" },
};

static const struct format_key initial_keys[] = {
    NUMBER("soc", RATIO, SOC, "50 %", "state of charge"),
    NUMBER("rest voltage", VOLTAGE, CELL_V, NULL, "of a cell, instead of soc: solved for the charge"),
    NUMBER("temperature", TEMPERATURE, AIR_degC, "25 degC", "of everything, and of the chamber until a step sets it"),
    WORDS("history", format_history_words, "none", "how the cells came here: charged, discharged, or in between"),
    NUMBER("bms soc", RATIO, RANGE(0, 1), "the truth", "what the BMS believes"),
    NUMBER("spread", RATIO, RANGE(0, 10), "0 %", "cells differ in capacity, resistance, leak and charge, drawn from the seed: 100 % as the cell's file says"),
    SUB("cells", MAP, CELL, NULL, NULL, "single cells by number: { \"7\": { ... } }"),
};

static const struct format_key cell_keys[] = {
    NUMBER("soc", RATIO, SOC, "the pack's", "state of charge"),
    NUMBER("rest voltage", VOLTAGE, CELL_V, NULL, "instead of soc: solved for the charge"),
    NUMBER("temperature", TEMPERATURE, AIR_degC, "the pack's", "at the start"),
    NUMBER("capacity", RATIO, RANGE(0.01, 2), "100 %", "of a new cell's"),
    NUMBER("resistance", RATIO, RANGE(0.01, 100), "100 %", "of a new cell's"),
    NUMBER("leak", RESISTANCE, RANGE(0.001, 1e9), "none", "a resistor across the cell, for good"),
};

static const struct format_key step_keys[] = {
    NUMBER("at", TIME, TIMES, NULL, "waits until this time from t = 0"),
    NUMBER("after", TIME, TIMES, NULL, "waits this long from the end of the previous step"),
    KEY("until", CONDITION, NULL, "waits until the condition holds"),
    NUMBER("timeout", TIME, TIMES, "1 h", "of `until`: when it passes first the run stops there"),
    KEY("label", NEW_LABEL, NULL, "names the moment at which the wait ended"),
    { "pack", FORMAT_INTEGER, DIM_NONE, 1, SCENARIO_PACKS_MAX, false, FORMAT_NO_OBJECT, all_words, 0, "1 if there is one pack", "which pack the acts on a pack mean" },
    SUB("charger", SUB, CHARGER, off_words, NULL, "on the bus"),
    SUB("load", SUB, LOAD, off_words, NULL, "on the bus"),
    SUB("short", SUB, SHORT, off_words, NULL, "a short circuit"),
    SUB("inverter", SUB, INVERTER, off_words, NULL, "a DC link put on the bus"),
    RAMPED("ambient", TEMPERATURE, AIR_degC, NULL, "of the chamber"),
    WORDS("breaker", breaker_words, NULL, "of the pack"),
    { "ntc", FORMAT_MAP, DIM_TEMPERATURE, AIR_degC, false, FORMAT_RAMP, off_words, 0, NULL, "holds single sensor spots: { \"3\": \"-10 degC\", \"4\": \"off\" }" },
    SUB("fault", ONE_OR_SUBS, FAULT, NULL, NULL, "something breaks"),
    KEY("clear", TEXT, NULL, "\"all\", or the kind of the faults that are mended"),
    SUB("key", SUB, KEYS, NULL, NULL, "keys of the BMS"),
    { "dip", FORMAT_INTEGER, DIM_NONE, 0, 15, false, FORMAT_NO_OBJECT, NULL, 0, NULL, "address switch" },
    WORDS("link", link_words, NULL, "another pack answers on the bus between packs; down at the start"),
    WORDS("bluetooth", link_words, NULL, "a device is connected to the BMS's radio; down at the start"),
    { "clock", FORMAT_QUANTITY, DIM_TIME, -YEAR_s, YEAR_s, false, FORMAT_NO_OBJECT, lost_words, 0, NULL, "the BMS's clock is moved by this much, or lost" },
    KEY("parameter", MAP, NULL, "BMS parameters by name, written while running; a refusal is an error of the bench"),
    KEY("attempt", MAP, NULL, "the same, but a refusal is none: bms.write says how the newest write went"),
};

static const struct format_key charger_keys[] = {
    RAMPED("current", CURRENT, AMPS, "as before", "limit of the charger's current"),
    RAMPED("voltage", VOLTAGE, VOLTS, "as before", "limit of its voltage"),
};

static const struct format_key load_keys[] = {
    RAMPED("current", CURRENT, AMPS, NULL, "a constant current"),
    RAMPED("power", POWER, RANGE(0, 1e6), NULL, "a constant power"),
    RAMPED("resistance", RESISTANCE, RANGE(1e-4, 1e9), NULL, "a resistor"),
};

static const struct format_key short_keys[] = {
    { "resistance", FORMAT_QUANTITY, DIM_RESISTANCE, 1e-6, 1e3, true, FORMAT_NO_OBJECT, NULL, 0, NULL, "of the short itself" },
    WORDS("place", format_place_words, "terminals", "where it is"),
};

static const struct format_key inverter_keys[] = {
    NUMBER("capacitance", CAPACITANCE, RANGE(1e-9, 10), "10 mF", "of the link"),
    NUMBER("esr", RESISTANCE, RANGE(0, 100), "10 mOhm", "of the link capacitors"),
    { "precharge", FORMAT_QUANTITY, DIM_RESISTANCE, 0.1, 1e5, false, FORMAT_NO_OBJECT, none_words, 0, "none", "resistor in the way of the inrush" },
    NUMBER("bleed", RESISTANCE, RANGE(1, 1e9), "10 kOhm", "across the link"),
};

static const struct format_key ramp_keys[] = {
    KEY("from", ANY_QUANTITY, "the present value", "where it begins"),
    MUST("to", ANY_QUANTITY, "where it ends"),
    { "over", FORMAT_QUANTITY, DIM_TIME, 1e-6, YEAR_s, true, FORMAT_NO_OBJECT, NULL, 0, NULL, "how long it takes" },
};

static const struct format_key fault_keys[] = {
    { "kind", FORMAT_WORD, DIM_NONE, 0, 0, true, FORMAT_NO_OBJECT, format_fault_words, 0, NULL, "packbench help faults" },
    { "index", FORMAT_INTEGER, DIM_NONE, 0, SCENARIO_CELLS_MAX, false, FORMAT_NO_OBJECT, NULL, 0, NULL, "which cell, wire, link or channel" },
    KEY("value", ANY_QUANTITY, NULL, "how large"),
    KEY("rate", ANY_QUANTITY, "0", "how fast the value grows"),
    { "for", FORMAT_QUANTITY, DIM_TIME, 1e-6, YEAR_s, false, FORMAT_NO_OBJECT, NULL, 0, "for good", "how long it lasts" },
};

#define PRESSED "held, released, or held for this time"
#define HELD(name, meaning) { name, FORMAT_QUANTITY, DIM_TIME, 1e-6, 3600, false, FORMAT_NO_OBJECT, held_words, 0, NULL, meaning }
static const struct format_key keys_keys[] = {
    HELD("power", PRESSED), HELD("reset", PRESSED), HELD("menu", PRESSED),
    HELD("enter", PRESSED), HELD("down", PRESSED),  HELD("esc", PRESSED),
};

static const struct format_key expect_keys[] = {
    KEY("requirement", TEXT, NULL, "id of the row that this judges"),
    KEY("which", TEXT, "its limit and delay", "which of the row's `values` is judged: `req` then stands for it"),
    KEY("about", TEXT, NULL, "why this is expected"),
    VERBED("trip", EVENT, NONE, ANY, NULL, BAND, NULL, "this event must come when `on` has left the row's band, and not before it entered it"),
    VERBED("release", EVENT, NONE, ANY, NULL, BAND, NULL, "likewise, with the row's release limit and delay"),
    VERBED("then", RESPONSE, NONE, ANY, NULL, THEN, NULL, "this event or condition must follow the trigger"),
    VERBED("stays", CONDITION, NONE, ANY, NULL, STAYS, NULL, "this must hold after the trigger, or from the start"),
    VERBED("always", CONDITION, NONE, ANY, NULL, SPAN, NULL, "this must hold all the time"),
    VERBED("never", CONDITION, NONE, ANY, NULL, SPAN, NULL, "this must hold at no time"),
    VERBED("report", VALUE, NONE, ANY, NULL, REPORT, NULL, "measured and shown, not judged"),
    VERBED("on", VALUE, NONE, ANY, NULL, BAND, NULL, "the signal that the band is of"),
    VERBED("rising", ANY_QUANTITY, NONE, ANY, req_words, BAND, NULL, "the limit, reached from below"),
    VERBED("falling", ANY_QUANTITY, NONE, ANY, req_words, BAND, NULL, "the limit, reached from above"),
    VERBED("tolerance", ANY_QUANTITY, NONE, ANY, NULL, BAND, "the row's, or 0", "half of the band"),
    VERBED("delay", QUANTITY, TIME, TIMES, NULL, BAND, "the row's", "nominal: from -1 % to +10 %"),
    VERBED("measure", WORD, NONE, ANY, format_measure_words, BAND, "level", "level: for slow ramps; delay: for steps"),
    VERBED("after", LABEL, NONE, ANY, NULL, THEN | STAYS, NULL, "the trigger: a label"),
    VERBED("when", EVENT, NONE, ANY, NULL, THEN | STAYS, NULL, "the trigger: an event; each occurrence is judged"),
    VERBED("within", QUANTITY, TIME, TIMES, req_words, THEN, NULL, "at the latest this long after the trigger"),
    VERBED("not before", QUANTITY, TIME, TIMES, req_words, THEN, NULL, "at the earliest this long after the trigger"),
    VERBED("hold", QUANTITY, TIME, TIMES, NULL, THEN, "not judged", "how long the condition must then hold"),
    VERBED("for", QUANTITY, TIME, TIMES, NULL, STAYS, "to the end", "how long it must hold"),
    VERBED("from", MOMENT, NONE, ANY, NULL, SPAN | THEN, "t = 0", "where the window begins; of then: triggers before it do not count"),
    VERBED("until", MOMENT, NONE, ANY, NULL, SPAN | STAYS | THEN, "the end", "where the window ends; of then: triggers after it do not count"),
    VERBED("at", LABEL, NONE, ANY, NULL, REPORT, NULL, "when the value is taken"),
    VERBED("times", INTEGER, NONE, RANGE(1, 1000), NULL, BAND | THEN | STAYS, "at least once", "how often the trigger must come"),
};

static const struct format_key table_keys[] = {
    MUST("system", TEXT, "whose requirements these are"),
    KEY("source", TEXT, NULL, "the document"),
    KEY("about", TEXT, NULL, "for readers"),
    KEY("of", TEXTS, "the system", "packs and parameter sets, by how their names begin, on which a scenario shows these rows; \"all\": any"),
    { "rows", FORMAT_SUBS, DIM_NONE, 0, 0, true, FORMAT_ROW, NULL, 0, NULL, "one object per requirement" },
};

static const struct format_key row_keys[] = {
    MUST("id", TEXT, "unique in all tables"),
    KEY("clause", TEXT, NULL, "where the document says it"),
    MUST("quantity", TEXT, "what is required, in a few words"),
    KEY("group", TEXT, NULL, "protection, balancing, soc, limits ..."),
    { "check", FORMAT_WORD, DIM_NONE, 0, 0, true, FORMAT_NO_OBJECT, format_check_words, 0, NULL, "how it is shown to hold" },
    KEY("why not", TEXT, NULL, "of an inspection row: why the bench cannot show it"),
    KEY("status", TEXT, NULL, "what the row as a whole rests on: a basis, or contradiction"),
    KEY("text", TEXT, NULL, "one sentence"),
    KEY("note", TEXT, NULL, "for readers"),
    SUB("limit", SUB, LIMIT, NULL, NULL, "the number"),
    SUB("delay", SUB, DELAY, NULL, NULL, "from the limit to the response"),
    SUB("release", SUB, RELEASE, NULL, NULL, "how it ends"),
    SUB("values", MAP, LIMIT, NULL, NULL, "further numbers by name: { \"low\": { limit }, \"high\": { limit } }; an expectation says which"),
};

#define BASIS_KEYS \
    { "basis", FORMAT_WORD, DIM_NONE, 0, 0, true, FORMAT_NO_OBJECT, format_basis_words, 0, NULL, "what the number rests on" }, \
    KEY("source", TEXT, NULL, "clause, sheet or row that it comes from"), \
    KEY("reading", TEXT, NULL, "why, where the documents are silent or contradict themselves")

static const struct format_key limit_keys[] = {
    MUST("value", ANY_QUANTITY, "the limit"),
    KEY("tolerance", ANY_QUANTITY, "0", "on both sides; % is of the value"),
    KEY("tolerance minus", ANY_QUANTITY, "0", "below"),
    KEY("tolerance plus", ANY_QUANTITY, "0", "above"),
    WORDS("bound", bound_words, "both sides count", "max, min: only one side counts"),
    BASIS_KEYS,
};

static const struct format_key delay_keys[] = {
    NUMBER("nominal", TIME, TIMES, NULL, "window from -1 % to +10 % unless min and max are given"),
    NUMBER("min", TIME, TIMES, NULL, "shortest"),
    NUMBER("max", TIME, TIMES, NULL, "longest"),
    WORDS("latency", none_words, "scan, tick, command and FET are added to the longest", "none: the longest stands as it is"),
    BASIS_KEYS,
};

static const struct format_key release_keys[] = {
    { "rule", FORMAT_WORD, DIM_NONE, 0, 0, true, FORMAT_NO_OBJECT, format_rule_words, 0, NULL, "what ends the protection" },
    SUB("limit", SUB, LIMIT, NULL, NULL, "level of the release"),
    SUB("delay", SUB, DELAY, NULL, NULL, "from that level to the release"),
};

#define INFO(title, keys, meaning) { title, meaning, (keys), sizeof(keys) / sizeof((keys)[0]) }
static const struct format_info objects[FORMAT_OBJECT_COUNT] = {
    [FORMAT_SCENARIO] = INFO("scenario", scenario_keys, "a file of scenarios/<system>"),
    [FORMAT_INITIAL]  = INFO("initial", initial_keys, "state of a pack at the start; also an entry of packs"),
    [FORMAT_CELL]     = INFO("cell", cell_keys, "an entry of cells"),
    [FORMAT_STEP]     = INFO("step", step_keys, "waits by exactly one of at, after, until; then acts"),
    [FORMAT_CHARGER]  = INFO("charger", charger_keys, "both keys when it is switched on"),
    [FORMAT_LOAD]     = INFO("load", load_keys, "exactly one key"),
    [FORMAT_SHORT]    = INFO("short", short_keys, "a short circuit"),
    [FORMAT_INVERTER] = INFO("inverter", inverter_keys, "a DC link"),
    [FORMAT_RAMP]     = INFO("ramp", ramp_keys, "may stand where a step takes a current, voltage, power, resistance or temperature"),
    [FORMAT_FAULT]    = INFO("fault", fault_keys, "something that breaks"),
    [FORMAT_KEYS]     = INFO("key", keys_keys, "keys of the BMS"),
    [FORMAT_EXPECT]   = INFO("expectation", expect_keys, "exactly one verb: trip, release, then, stays, always, never, report"),
    [FORMAT_TABLE]    = INFO("requirement table", table_keys, "a file of scenarios/requirements"),
    [FORMAT_ROW]      = INFO("requirement row", row_keys, "one requirement"),
    [FORMAT_LIMIT]    = INFO("limit", limit_keys, "a number with its tolerance and basis"),
    [FORMAT_DELAY]    = INFO("delay", delay_keys, "nominal, or min and max"),
    [FORMAT_RELEASE]  = INFO("release", release_keys, "how a protection ends"),
};
/* clang-format on */

const struct format_info *format_info(enum format_object object)
{
    return &objects[object];
}

const struct format_key *format_key(enum format_object object, const char *name)
{
    const struct format_info *info = format_info(object);

    for (size_t i = 0; i < info->count; i++) {
        if (strcmp(info->key[i].name, name) == 0) {
            return &info->key[i];
        }
    }
    abort(); /* a caller's bug: a key that is not in the table */
}
