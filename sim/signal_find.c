#include "bms_core/bms_io.h"
#include "sim/diag.h"
#include "sim/signal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_SIZE 80 /* bytes of a name with its end */
#define SIGNALS_MAX 256

#define FAULT_WORD(identifier, name) name,

static const char *const fault_word[] = { BMS_FAULTS(FAULT_WORD) };

struct name {             /* "pack[2].cell[7].voltage" taken apart */
    char rest[NAME_SIZE]; /* without the pack, an index left out: "cell[].voltage" */
    bool has_pack, has_index;
    int pack, index; /* from 1 as written, or SIGNAL_ALL */
};

struct finder {
    const struct signal_limits *limits;
    char *error;
    size_t error_size;
};

__attribute__((format(printf, 2, 3))) static bool fail(const struct finder *f, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)vsnprintf(f->error, f->error_size, format, args);
    va_end(args);
    return false;
}

/* "7]" or "*]" at *p. */
static bool take_index(const struct finder *f, const char **p, int *out)
{
    const char *at = *p;

    if (at[0] == '*') {
        *out = SIGNAL_ALL;
        at++;
    } else {
        const size_t digits = strspn(at, "0123456789");

        if (digits == 0 || digits > 4) {
            return fail(f, "expected an index such as [1] or [*]");
        }
        *out = (int)strtol(at, NULL, 10);
        if (*out == 0) {
            return fail(f, "indices begin at 1");
        }
        at += digits;
    }
    if (at[0] != ']') {
        return fail(f, "expected \"]\" after an index");
    }
    *p = at + 1;
    return true;
}

static bool take_apart(const struct finder *f, const char *text, struct name *out)
{
    size_t used = 0;

    *out = (struct name){ .pack = 1, .index = 1 };
    if (strncmp(text, "pack[", 5) == 0) {
        text += 5;
        if (!take_index(f, &text, &out->pack)) {
            return false;
        }
        if (text[0] != '.' || text[1] == '\0') {
            return fail(f, "expected \".\" and the signal's name after pack[...]");
        }
        text++;
        out->has_pack = true;
    }
    while (*text != '\0') {
        const char c = *text++;

        out->rest[used++] = c;
        if (c == '[') {
            if (out->has_index) {
                return fail(f, "one index too many");
            }
            out->has_index = true;
            if (!take_index(f, &text, &out->index)) {
                return false;
            }
            out->rest[used++] = ']';
        }
    }
    out->rest[used] = '\0';
    return true;
}

static bool find_fault(const struct finder *f, const char *word, int *index)
{
    const size_t count = sizeof fault_word / sizeof fault_word[0];

    for (size_t i = 0; i < count; i++) {
        if (strcmp(fault_word[i], word) == 0) {
            *index = (int)i + 1;
            return true;
        }
    }
    const char *nearest = diag_nearest(word, fault_word, count);

    return nearest != NULL ? fail(f, "no fault is named \"%s\": did you mean \"%s\"?", word, nearest)
                           : fail(f, "no fault is named \"%s\"", word);
}

/* Is this name the table's without its [], as in "cell.voltage"? */
static bool lacks_index(const char *name, const char *row)
{
    const char *bracket = strstr(row, "[]");
    const size_t before = bracket != NULL ? (size_t)(bracket - row) : 0;

    return bracket != NULL && strncmp(name, row, before) == 0 && strcmp(name + before, bracket + 2) == 0;
}

static bool unknown(const struct finder *f, const char *rest)
{
    const char *names[SIGNALS_MAX];
    size_t count = 0;

    for (; count < signal_count && count < SIGNALS_MAX; count++) {
        const char *row = signal_table[count].name;
        const char *bracket = strstr(row, "[]");

        names[count] = row;
        if (lacks_index(rest, row)) {
            return fail(f, "\"%s\" needs an index: %.*s[1]%s", rest, (int)(bracket - row), row, bracket + 2);
        }
    }
    const char *nearest = diag_nearest(rest, names, count);

    return nearest != NULL ? fail(f, "unknown signal \"%s\": did you mean \"%s\"?", rest, nearest)
                           : fail(f, "unknown signal \"%s\" (see: packbench help signals)", rest);
}

static bool check_pack(const struct finder *f, const struct name *name, const struct signal_info *row)
{
    if (name->has_pack && !row->of_pack) {
        return fail(f, "%s belongs to no pack: leave pack[...] out", name->rest);
    }
    if (!name->has_pack && row->of_pack && f->limits->packs > 1) {
        return fail(f, "which pack? write pack[1].%s, or pack[*].%s inside any(), all(), min(), max()", name->rest,
                    name->rest);
    }
    if (name->pack > f->limits->packs) {
        return fail(f, "pack[%d]: there %s %d pack%s", name->pack, f->limits->packs == 1 ? "is" : "are",
                    f->limits->packs, f->limits->packs == 1 ? "" : "s");
    }
    return true;
}

int signal_index_most(enum signal_index kind, const struct signal_limits *limits)
{
    switch (kind) {
    case SIGNAL_CELL_INDEX:
        return limits->cells;
    case SIGNAL_TEMP_INDEX:
        return limits->temps;
    case SIGNAL_LED_INDEX:
        return BMS_SOC_LEDS_MAX;
    case SIGNAL_CONTACT_INDEX:
        return BMS_CONTACTS_MAX;
    case SIGNAL_LINE_INDEX:
        return BMS_LINES_MAX;
    case SIGNAL_NO_INDEX:
    case SIGNAL_FAULT_NAME:
        break;
    }
    return INT16_MAX;
}

const char *signal_index_noun(enum signal_index kind)
{
    static const char *const noun[] = {
        [SIGNAL_NO_INDEX] = "",
        [SIGNAL_CELL_INDEX] = "cells",
        [SIGNAL_TEMP_INDEX] = "temperature sensors",
        [SIGNAL_LED_INDEX] = "SOC LEDs",
        [SIGNAL_CONTACT_INDEX] = "dry contacts",
        [SIGNAL_LINE_INDEX] = "display lines",
        [SIGNAL_FAULT_NAME] = "",
    };

    return noun[kind];
}

static bool check_index(const struct finder *f, const struct name *name, const struct signal_info *row)
{
    const int most = signal_index_most(row->index, f->limits);

    if (row->index != SIGNAL_FAULT_NAME && name->index > most) {
        return fail(f, "[%d]: the pack has %d %s", name->index, most, signal_index_noun(row->index));
    }
    return true;
}

/* The row of the table, and for faults the bit as index. */
static bool find_row(const struct finder *f, struct name *name, size_t *row)
{
    for (*row = 0; *row < signal_count; (*row)++) {
        const struct signal_info *info = &signal_table[*row];
        const size_t size = strlen(info->name);

        if (info->index == SIGNAL_FAULT_NAME && strncmp(name->rest, info->name, size) == 0) {
            return find_fault(f, name->rest + size, &name->index);
        }
        if (info->index != SIGNAL_FAULT_NAME && strcmp(name->rest, info->name) == 0) {
            return true;
        }
    }
    return unknown(f, name->rest);
}

bool signal_find(const char *name, size_t size, const struct signal_limits *limits, struct signal_ref *out, char *error,
                 size_t error_size)
{
    struct finder f = { .limits = limits, .error_size = error_size };
    struct name parts;
    char text[NAME_SIZE] = ""; /* wholly: comparisons read words of it */
    size_t row = 0;

    f.error = error;
    if (size >= sizeof text) {
        return fail(&f, "a name of %zu characters is no signal", size);
    }
    memcpy(text, name, size);
    text[size] = '\0';
    if (!take_apart(&f, text, &parts) || !find_row(&f, &parts, &row) || !check_pack(&f, &parts, &signal_table[row]) ||
        !check_index(&f, &parts, &signal_table[row])) {
        return false;
    }
    const bool indexed = signal_table[row].index != SIGNAL_NO_INDEX;

    *out = (struct signal_ref){
        .id = (uint16_t)row,
        .pack = (int16_t)(parts.pack == SIGNAL_ALL ? SIGNAL_ALL : parts.pack - 1),
        .index = (int16_t)(parts.index == SIGNAL_ALL ? SIGNAL_ALL
                           : indexed                 ? parts.index - 1
                                                     : 0),
    };
    return true;
}
