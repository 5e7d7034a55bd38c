/* Enumerations of the plant that stimuli name. Tables, so that the scenario format and its messages come from here. */
#ifndef MODEL_PARTS_H
#define MODEL_PARTS_H

enum short_place { SHORT_AT_TERMINALS, SHORT_AT_BUS, SHORT_AT_LOAD };

/* X(identifier, name in scenarios, what index counts, unit of value in scenarios ("" none; a ratio is 1 for 100 %), meaning) */
/* clang-format off */
#define PLANT_FAULTS(X)                                                                                                 \
    X(SENSE_OPEN,       "sense wire open",       "wire",    "",       "wire 0 is the pack's negative, wire k the top of cell k") \
    X(SENSE_RESISTIVE,  "sense wire resistive",  "wire",    "Ohm",    "a loose sense wire")                             \
    X(SENSE_SWAPPED,    "sense wires swapped",   "wire",    "",       "wire k and wire k + 1 exchanged")                \
    X(CELL_STUCK,       "cell reading stuck",    "cell",    "V",      "the front end reads this whatever the cell does") \
    X(CELL_OFFSET,      "cell reading offset",   "cell",    "V",      "added to the reading")                           \
    X(STACK_STUCK,      "pack reading stuck",    "",        "V",      "the divider across the whole stack reads this")  \
    X(STACK_OFFSET,     "pack reading offset",   "",        "V",      "added to that reading; may drift at a rate")     \
    X(CURRENT_OFFSET,   "current offset",        "",        "A",      "added to the shunt reading; may drift at a rate") \
    X(CURRENT_GAIN,     "current gain",          "",        "%",      "relative error of the shunt reading")            \
    X(NTC_OPEN,         "ntc open",              "channel", "",       "reads -40 degC")                                 \
    X(NTC_SHORTED,      "ntc shorted",           "channel", "",       "reads +120 degC")                                \
    X(NTC_STUCK,        "ntc stuck",             "channel", "degC",   "reads this whatever the temperature does")       \
    X(NTC_OFFSET,       "ntc offset",            "channel", "K",      "added to the reading; may drift at a rate")      \
    X(FRONT_END_FROZEN, "front end frozen",      "",        "",       "no conversion is made any more; registers keep their values") \
    X(FRONT_END_RESET,  "front end reset",       "",        "",       "settings fall back to none, gates open, reset alert") \
    X(BROWN_OUT,        "brown-out",             "",        "",       "supply under 8 V: front end and firmware restart when it ends") \
    X(CHARGE_WELDED,    "charge fet welded",     "",        "",       "conducts whatever the gate says")                \
    X(DISCHARGE_WELDED, "discharge fet welded",  "",        "",       "likewise")                                       \
    X(CHARGE_DEAD,      "charge fet dead",       "",        "",       "never conducts, its body diode does")            \
    X(DISCHARGE_DEAD,   "discharge fet dead",    "",        "",       "likewise")                                       \
    X(INTERNAL_SHORT,   "internal short",        "cell",    "Ohm",    "across the cell, inside it")                     \
    X(LINK_LOOSE,       "link loose",            "link",    "Ohm",    "added resistance of the busbar after cell k")    \
    X(COOLING_LOST,     "cooling lost",          "",        "",       "box to ambient conductance falls to a tenth")    \
    X(COMPARATOR_DEAD,  "comparator dead",       "",        "",       "short-circuit comparator never fires")           \
    X(BALANCE_STUCK,    "balance switch stuck",  "cell",    "",       "stays closed")                                   \
    X(STORAGE_FAILS,    "storage fails",         "",        "",       "program and erase requests fail")                \
    X(TARGET_RESET,     "target reset",          "",        "",       "the firmware starts anew (watchdog); the front end goes on") \
    X(WIRE_BITS,        "wire bit errors",       "",        "%",      "of the bits between bench and firmware arrive wrong") \
    X(WIRE_LOST,        "wire frames lost",      "",        "%",      "of the frames, both ways")                       \
    X(WIRE_DOUBLED,     "wire frames doubled",   "",        "%",      "of the frames come twice")                       \
    X(WIRE_LATE,        "wire frames late",      "",        "%",      "of the frames come after the next one")          \
    X(WIRE_BABBLE,      "wire babble",           "",        "%",      "of the frames have noise before them")           \
    X(WIRE_STUCK,       "wire stuck",            "",        "",       "nothing passes any more: the rig is not fit to judge") \
    X(WIRE_SILENT,      "wire silent",           "",        "s",      "nothing passes for this time of the wall clock")
/* clang-format on */

#define PLANT_FAULT_ENUM(identifier, name, index, unit, meaning) FAULT_##identifier,
enum fault_kind { PLANT_FAULTS(PLANT_FAULT_ENUM) FAULT_COUNT };

#endif
