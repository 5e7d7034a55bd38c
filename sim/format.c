#include "sim/format.h"

#include <string.h>

#define KEY_WIDTH 16
#define VALUE_WIDTH 34

static const char *const kind_names[] = {
    [FORMAT_TEXT] = "text",
    [FORMAT_TEXTS] = "list of words",
    [FORMAT_WORD] = "",
    [FORMAT_INTEGER] = "whole number",
    [FORMAT_QUANTITY] = "",
    [FORMAT_ANY_QUANTITY] = "quantity",
    [FORMAT_RAMPED] = "",
    [FORMAT_CONDITION] = "condition",
    [FORMAT_EVENT] = "event",
    [FORMAT_RESPONSE] = "event or condition",
    [FORMAT_VALUE] = "value",
    [FORMAT_NEW_LABEL] = "a new label",
    [FORMAT_LABEL] = "label",
    [FORMAT_MOMENT] = "label or time",
    [FORMAT_SUB] = "",
    [FORMAT_SUBS] = "list of ",
    [FORMAT_ONE_OR_SUBS] = "one or a list of ",
    [FORMAT_MAP] = "{ name: } with ",
    [FORMAT_GRID] = "{ name: [ value, ... ] }",
    [FORMAT_COMBINATIONS] = "[ { name: value } ]",
};

/* "off" / "on" */
static size_t describe_words(const struct format_key *key, char *out, size_t size)
{
    size_t used = 0;

    if (key->words == format_fault_words) {
        return (size_t)snprintf(out, size, "a kind of fault");
    }
    for (size_t i = 0; key->words != NULL && key->words[i] != NULL && used < size; i++) {
        used += (size_t)snprintf(out + used, size - used, "%s\"%s\"", i > 0 ? " / " : "", key->words[i]);
    }
    return used;
}

/* What stands there if it is none of the words: "current, or a ramp", "list of step", "0..15" ... */
static void describe_kind(const struct format_key *key, char *out, size_t size)
{
    const bool dimensioned = key->kind == FORMAT_QUANTITY || key->kind == FORMAT_RAMPED || key->kind == FORMAT_MAP;
    const char *sub = key->sub != FORMAT_NO_OBJECT && key->sub != FORMAT_RAMP ? format_info(key->sub)->title
                      : dimensioned && key->dim != DIM_NONE                   ? dim_noun(key->dim)
                      : dimensioned                                           ? "quantity"
                                                                              : "";

    if (key->kind == FORMAT_INTEGER && key->max < 1e6) {
        (void)snprintf(out, size, "%s %g..%g", kind_names[key->kind], key->min, key->max);
    } else {
        (void)snprintf(out, size, "%s%s%s", kind_names[key->kind], sub, key->sub == FORMAT_RAMP ? ", or a ramp" : "");
    }
}

static void describe(const struct format_key *key, char *out, size_t size)
{
    const size_t used = describe_words(key, out, size);
    char kind[80];

    if (key->kind == FORMAT_WORD || used >= size) {
        return;
    }
    describe_kind(key, kind, sizeof kind);
    (void)snprintf(out + used, size - used, "%s%s", used > 0 ? ", or " : "", kind);
}

/* " [0 V..5 V]" */
static void print_range(const struct format_key *key, FILE *out)
{
    const bool dimensioned = key->kind == FORMAT_QUANTITY || key->kind == FORMAT_RAMPED || key->kind == FORMAT_MAP;

    if (dimensioned && key->min != key->max) {
        char low[64], high[64];

        quantity_print((struct quantity){ key->min, key->dim }, low, sizeof low);
        quantity_print((struct quantity){ key->max, key->dim }, high, sizeof high);
        (void)fprintf(out, " [%s..%s]", low, high);
    }
}

static void print_verbs(const struct format_key *key, FILE *out)
{
    const struct format_info *info = format_info(FORMAT_EXPECT);
    static const char *const verbs[] = { "trip", "release", "then", "stays", "always", "never", "report" };
    const size_t count = sizeof verbs / sizeof verbs[0];
    bool first = true;

    for (size_t i = 0; i < info->count && key->verbs != 0; i++) {
        for (size_t v = 0; v < count && strcmp(key->name, verbs[v]) != 0; v++) {
            if (strcmp(info->key[i].name, verbs[v]) == 0 && (key->verbs & FORMAT_VERB(v)) != 0) {
                (void)fprintf(out, "%s%s", first ? " (with " : ", ", verbs[v]);
                first = false;
            }
        }
    }
    (void)fputs(first ? "" : ")", out);
}

static void print_key(const struct format_key *key, FILE *out)
{
    char value[120];

    describe(key, value, sizeof value);
    (void)fprintf(out, "  %-*s %-*s %s", KEY_WIDTH, key->name, VALUE_WIDTH, value, key->meaning);
    print_range(key, out);
    if (key->required) {
        (void)fputs(" (required)", out);
    } else if (key->absent != NULL) {
        (void)fprintf(out, " (default: %s)", key->absent);
    }
    print_verbs(key, out);
    (void)fputc('\n', out);
}

void format_print(FILE *out)
{
    (void)fputs("Scenario files, then requirement tables: every object and its keys.\n"
                "A quantity is a string with a unit: \"3.70 V\", \"300 us\", \"-5 degC\", \"0.2 C\". Counts are bare "
                "numbers.\n",
                out);
    for (int i = FORMAT_SCENARIO; i < FORMAT_OBJECT_COUNT; i++) {
        const struct format_info *info = format_info((enum format_object)i);

        (void)fprintf(out, "\n%s: %s\n", info->title, info->meaning);
        for (size_t k = 0; k < info->count; k++) {
            print_key(&info->key[k], out);
        }
    }
}
