#include "sim/quantity_unit.h"

#include "sim/diag.h"

#include <math.h>
#include <string.h>
#include <strings.h>

/* clang-format off */
static const struct unit unit_table[] = {
    { "uV",        DIM_VOLTAGE,      -6,     1,    1, 0 },
    { "mV",        DIM_VOLTAGE,      -3,     1,    1, 1e-3 },
    { "V",         DIM_VOLTAGE,       0,     1,    1, 1 },
    { "kV",        DIM_VOLTAGE,       3,     1,    1, 1e3 },
    { "uA",        DIM_CURRENT,      -6,     1,    1, 0 },
    { "mA",        DIM_CURRENT,      -3,     1,    1, 1e-3 },
    { "A",         DIM_CURRENT,       0,     1,    1, 1 },
    { "kA",        DIM_CURRENT,       3,     1,    1, 1e3 },
    { "C",         DIM_C_RATE,        0,     1,    1, 0 },
    { "uOhm",      DIM_RESISTANCE,   -6,     1,    1, 0 },
    { "mOhm",      DIM_RESISTANCE,   -3,     1,    1, 1e-3 },
    { "Ohm",       DIM_RESISTANCE,    0,     1,    1, 1 },
    { "kOhm",      DIM_RESISTANCE,    3,     1,    1, 1e3 },
    { "MOhm",      DIM_RESISTANCE,    6,     1,    1, 1e6 },
    { "mW",        DIM_POWER,        -3,     1,    1, 0 },
    { "W",         DIM_POWER,         0,     1,    1, 1 },
    { "kW",        DIM_POWER,         3,     1,    1, 1e3 },
    { "mJ",        DIM_ENERGY,       -3,     1,    1, 0 },
    { "J",         DIM_ENERGY,        0,     1,    1, 1 },
    { "kJ",        DIM_ENERGY,        3,     1,    1, 1e3 },
    { "Wh",        DIM_ENERGY,        0,  3600,    1, 3600 },
    { "kWh",       DIM_ENERGY,        3,  3600,    1, 3.6e6 },
    { "mAh",       DIM_CHARGE,       -3,     1,    1, 0 },
    { "Ah",        DIM_CHARGE,        0,     1,    1, 1 },
    { "As",        DIM_CHARGE,        0,     1, 3600, NAN },
    { "uF",        DIM_CAPACITANCE,  -6,     1,    1, 0 },
    { "mF",        DIM_CAPACITANCE,  -3,     1,    1, 1e-3 },
    { "F",         DIM_CAPACITANCE,   0,     1,    1, 1 },
    { "nH",        DIM_INDUCTANCE,   -9,     1,    1, 0 },
    { "uH",        DIM_INDUCTANCE,   -6,     1,    1, 1e-6 },
    { "mH",        DIM_INDUCTANCE,   -3,     1,    1, 1e-3 },
    { "H",         DIM_INDUCTANCE,    0,     1,    1, 1 },
    { "ns",        DIM_TIME,         -9,     1,    1, 0 },
    { "us",        DIM_TIME,         -6,     1,    1, 1e-6 },
    { "ms",        DIM_TIME,         -3,     1,    1, 1e-3 },
    { "s",         DIM_TIME,          0,     1,    1, 1 },
    { "min",       DIM_TIME,          0,    60,    1, 60 },
    { "h",         DIM_TIME,          0,  3600,    1, 3600 },
    { "d",         DIM_TIME,          0, 86400,    1, 86400 },
    { "degC",      DIM_TEMPERATURE,   0,     1,    1, 0 },
    { "mK",        DIM_TEMP_DIFF,    -3,     1,    1, 0 },
    { "K",         DIM_TEMP_DIFF,     0,     1,    1, 0.01 },
    { "ppm",       DIM_RATIO,        -6,     1,    1, 0 },
    { "%",         DIM_RATIO,        -2,     1,    1, 1e-4 },
    { "mV.s",      DIM_VOLT_SECONDS, -3,     1,    1, 0 },
    { "V.s",       DIM_VOLT_SECONDS,  0,     1,    1, 1 },
    { "K/s",       DIM_TEMP_RATE,     0,     1,    1, 0 },
    { "K/min",     DIM_TEMP_RATE,     0,     1,   60, NAN },
    { "K/h",       DIM_TEMP_RATE,     0,     1, 3600, NAN },
    { "degC/min",  DIM_TEMP_RATE,     0,     1,   60, NAN },
    { "mA/s",      DIM_CURRENT_RATE, -3,     1,    1, 0 },
    { "A/s",       DIM_CURRENT_RATE,  0,     1,    1, 1 },
    { "A/min",     DIM_CURRENT_RATE,  0,     1,   60, NAN },
    { "uV/s",      DIM_VOLTAGE_RATE, -6,     1,    1, 0 },
    { "mV/s",      DIM_VOLTAGE_RATE, -3,     1,    1, 1e-3 },
    { "V/s",       DIM_VOLTAGE_RATE,  0,     1,    1, 1 },
    { "mV/min",    DIM_VOLTAGE_RATE, -3,     1,   60, NAN },
    { "V/min",     DIM_VOLTAGE_RATE,  0,     1,   60, NAN },
};

/* What people write instead, for suggestions. */
static const struct {
    const char *wrong, *right;
} habit_table[] = {
    { "sec", "s" },   { "secs", "s" },  { "second", "s" }, { "seconds", "s" }, { "m", "min" },     { "mins", "min" },
    { "minute", "min" }, { "minutes", "min" }, { "hr", "h" }, { "hrs", "h" },  { "hour", "h" },    { "hours", "h" },
    { "day", "d" },   { "days", "d" },  { "volt", "V" },   { "volts", "V" },   { "amp", "A" },     { "amps", "A" },
    { "deg", "degC" }, { "celsius", "degC" }, { "R", "Ohm" }, { "ohms", "Ohm" }, { "Ohms", "Ohm" },
    { "percent", "%" }, { "pct", "%" }, { "msec", "ms" },  { "usec", "us" },   { "Vs", "V.s" },    { "A.s", "As" },
};

/* Symbols that stand for letters of a unit, in UTF-8. */
static const struct {
    const char *symbol, *letters;
} symbol_table[] = {
    { "\xC2\xB5", "u" },       /* micro sign */
    { "\xCE\xBC", "u" },       /* Greek mu */
    { "\xCE\xA9", "Ohm" },     /* Greek capital omega */
    { "\xE2\x84\xA6", "Ohm" }, /* ohm sign */
    { "\xC2\xB0", "deg" },     /* degree sign */
};
/* clang-format on */

#define UNIT_COUNT (sizeof unit_table / sizeof unit_table[0])
#define HABIT_COUNT (sizeof habit_table / sizeof habit_table[0])
#define SYMBOL_COUNT (sizeof symbol_table / sizeof symbol_table[0])

const struct unit *unit_find(const char *name)
{
    for (size_t i = 0; i < UNIT_COUNT; i++) {
        if (strcmp(unit_table[i].name, name) == 0) {
            return &unit_table[i];
        }
    }
    return NULL;
}

const char *unit_nearest(const char *name)
{
    const char *names[UNIT_COUNT];

    for (size_t i = 0; i < HABIT_COUNT; i++) {
        if (strcasecmp(habit_table[i].wrong, name) == 0) {
            return habit_table[i].right;
        }
    }
    for (size_t i = 0; i < UNIT_COUNT; i++) {
        names[i] = unit_table[i].name;
    }
    return diag_nearest(name, names, UNIT_COUNT);
}

/* Minutes, hours and watt-hours only for whole numbers of them: 5400 s is 90 min, and 2000 s stays. */
static bool is_whole(const struct unit *unit, double value)
{
    const double scale = unit->factor * (unit->exp10 == 3 ? 1000 : 1);
    const double whole = value / scale;

    return fabs(whole) < 1e9 && whole == floor(whole) && whole * scale == value;
}

const struct unit *unit_for_print(enum dim dim, double value)
{
    const struct unit *best = NULL;

    for (size_t i = 0; i < UNIT_COUNT; i++) {
        const struct unit *unit = &unit_table[i];

        if (unit->dim != dim || isnan(unit->print_from)) {
            continue;
        }
        if (value == 0 || !isfinite(value)) {
            if (strcmp(unit->name, dim_unit(dim)) == 0) {
                return unit;
            }
        } else if (fabs(value) >= unit->print_from && (unit->factor == 1 || is_whole(unit, value))) {
            best = unit; /* rows of a dimension stand from small to large */
        }
    }
    return best;
}

const char *unit_symbol(const char *text, size_t size, size_t *symbol_size)
{
    for (size_t i = 0; i < SYMBOL_COUNT; i++) {
        *symbol_size = strlen(symbol_table[i].symbol);
        if (size >= *symbol_size && memcmp(text, symbol_table[i].symbol, *symbol_size) == 0) {
            return symbol_table[i].letters;
        }
    }
    return NULL;
}
