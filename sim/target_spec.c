#include "sim/target_spec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reader {
    struct target_spec *spec;
    char *error;
    size_t size;
};

/* A form of --target: reads what stands behind the colon. */
struct form {
    const char *word, *shape;
    enum target_kind kind;
    bool (*read)(struct reader *r, char *text);
};

static bool wrong(const struct reader *r, const char *what, const char *text)
{
    (void)snprintf(r->error, r->size, "%s: %.200s", what, text);
    return false;
}

/* A whole number from low to high. */
static bool number(const char *text, unsigned low, unsigned high, unsigned *out)
{
    char *end;
    const unsigned long n = strtoul(text, &end, 10);

    if (text[0] < '0' || text[0] > '9' || *end != '\0' || n < low || n > high) {
        return false;
    }
    *out = (unsigned)n;
    return true;
}

static struct target_place *add_place(struct reader *r)
{
    if (r->spec->places == TARGET_PLACES_MAX) {
        (void)snprintf(r->error, r->size, "more than %d places", TARGET_PLACES_MAX);
        return NULL;
    }
    return &r->spec->place[r->spec->places++];
}

/* Cuts text at a comma; NULL: it was the last piece. */
static char *cut(char *text)
{
    char *comma = strchr(text, ',');

    if (comma == NULL) {
        return NULL;
    }
    *comma = '\0';
    return comma + 1;
}

// NOLINTBEGIN(readability-non-const-parameter): one type for all forms
static bool read_core(struct reader *r, char *text)
{
    return text[0] == '\0' || wrong(r, "core takes nothing behind it", text);
}

static bool read_exec(struct reader *r, char *text)
{
    r->spec->command = text;
    return text[0] != '\0' || wrong(r, "the program to start is missing", "exec:PROGRAM");
}
// NOLINTEND(readability-non-const-parameter)

static bool read_serial(struct reader *r, char *text)
{
    for (char *next; text != NULL; text = next) {
        struct target_place *place = add_place(r);

        next = cut(text);
        char *at = strrchr(text, '@');

        if (place == NULL) {
            return false;
        }
        *place = (struct target_place){ .name = text, .baud = TARGET_BAUD };
        if (at != NULL) {
            *at = '\0';
            if (!number(at + 1, 300, 4000000, &place->baud)) {
                return wrong(r, "not a baud rate from 300 to 4000000", at + 1);
            }
        }
        if (text[0] != '/') {
            return wrong(r, "a serial port is named by its path, such as /dev/ttyUSB0", text);
        }
    }
    return true;
}

static bool read_tcp(struct reader *r, char *text)
{
    for (char *next; text != NULL; text = next) {
        struct target_place *place = add_place(r);
        unsigned port;

        next = cut(text);
        char *colon = strrchr(text, ':');

        if (place == NULL) {
            return false;
        }
        if (colon == NULL || colon == text || !number(colon + 1, 1, 65535, &port)) {
            return wrong(r, "not HOST:PORT", text);
        }
        *colon = '\0';
        *place = (struct target_place){ .name = text, .service = colon + 1 };
    }
    return true;
}

static bool read_can(struct reader *r, char *text)
{
    for (char *next; text != NULL; text = next) {
        struct target_place *place = add_place(r);

        next = cut(text);
        char *colon = strchr(text, ':');

        if (place == NULL) {
            return false;
        }
        *place = (struct target_place){ .name = text };
        if (colon != NULL) {
            *colon = '\0';
            if (!number(colon + 1, 0, TARGET_NODES - 1, &place->node)) {
                return wrong(r, "not a node from 0 to 63", colon + 1);
            }
        }
        if (text[0] == '\0') {
            return wrong(r, "the CAN interface is missing", "can:can0");
        }
    }
    return true;
}

static const struct form forms[] = {
    { "core", "core", TARGET_CORE, read_core },
    { "exec", "exec:PROGRAM", TARGET_EXEC, read_exec },
    { "serial", "serial:DEVICE[@BAUD]", TARGET_SERIAL, read_serial },
    { "tcp", "tcp:HOST:PORT", TARGET_TCP, read_tcp },
    { "can", "can:INTERFACE[:NODE]", TARGET_CAN, read_can },
};

bool target_spec_parse(struct target_spec *spec, const char *text, char *error, size_t size)
{
    struct reader r = { .spec = spec, .error = error, .size = size };
    const size_t word = strcspn(text, ":");

    memset(spec, 0, sizeof *spec);
    if (strlen(text) >= sizeof spec->text) {
        (void)snprintf(error, size, "longer than %zu characters", sizeof spec->text - 1);
        return false;
    }
    memcpy(spec->text, text, strlen(text) + 1);
    memcpy(spec->original, text, strlen(text) + 1);
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (strlen(forms[i].word) == word && strncmp(text, forms[i].word, word) == 0) {
            spec->kind = forms[i].kind;
            return forms[i].read(&r, spec->text + word + (text[word] == ':' ? 1 : 0));
        }
    }
    int n = snprintf(error, size, "no such target: %.100s. There are:", text);

    for (size_t i = 0; i < sizeof forms / sizeof forms[0] && n > 0 && (size_t)n < size; i++) {
        n += snprintf(error + n, size - (size_t)n, "%s %s", i > 0 ? "," : "", forms[i].shape);
    }
    return false;
}
