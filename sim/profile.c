#include "sim/profile.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIZE_LIMIT ((size_t)1 << 30)
#define FIRST_BLOCK ((size_t)65536)
#define NUMBER_SIZE 64
#define COLUMNS_MAX 4
#define HEADER "time_s,current_A,ambient_degC"
#define HEADER_MEASURED HEADER ",voltage_V"

static const struct {
    const char *name;
    double min, max;
} columns[COLUMNS_MAX] = {
    { "time_s", -1e12, 1e12 },
    { "current_A", -1e6, 1e6 },
    { "ambient_degC", -100.0, 200.0 },
    { "voltage_V", -1e5, 1e5 },
};

struct reader {
    const char *path, *text;
    size_t size, at;   /* at: the next line */
    size_t begin, end; /* the present line, without its end */
    struct diag *d;
};

static void complain(const struct reader *r, size_t offset, const char *hint, const char *why)
{
    diag_at(r->d, DIAG_ERROR, r->path, r->text, r->size, offset, NULL, hint, "%s", why);
}

/* The next line that is neither empty nor a comment. */
static bool next_line(struct reader *r)
{
    while (r->at < r->size) {
        const char *newline = memchr(r->text + r->at, '\n', r->size - r->at);

        r->begin = r->at;
        r->end = newline != NULL ? (size_t)(newline - r->text) : r->size;
        r->at = newline != NULL ? r->end + 1 : r->size;
        if (r->end > r->begin && r->text[r->end - 1] == '\r') {
            r->end--;
        }
        if (r->end > r->begin && r->text[r->begin] != '#') {
            return true;
        }
    }
    return false;
}

static bool line_is(const struct reader *r, const char *text)
{
    return r->end - r->begin == strlen(text) && memcmp(r->text + r->begin, text, strlen(text)) == 0;
}

/* Plain decimal numbers: strtod would take nan, inf and hexadecimal as well. */
static bool read_number(const struct reader *r, size_t from, size_t to, int column, double *out)
{
    char copy[NUMBER_SIZE], *rest = NULL, why[160];

    while (from < to && (r->text[from] == ' ' || r->text[from] == '\t')) {
        from++;
    }
    while (to > from && (r->text[to - 1] == ' ' || r->text[to - 1] == '\t')) {
        to--;
    }
    const size_t size = to - from;
    const bool missing = from == to;

    if (missing || size >= sizeof copy) {
        (void)snprintf(why, sizeof why, "%s is %s", columns[column].name, missing ? "missing" : "no number");
        complain(r, from, NULL, why);
        return false;
    }
    memcpy(copy, r->text + from, size);
    copy[size] = '\0';
    *out = strtod(copy, &rest);
    if (*rest != '\0' || strspn(copy, "0123456789+-.eE") != size || !isfinite(*out)) {
        (void)snprintf(why, sizeof why, "%s is no plain finite number", columns[column].name);
        complain(r, from, NULL, why);
        return false;
    }
    if (*out < columns[column].min || *out > columns[column].max) {
        (void)snprintf(why, sizeof why, "%s must lie from %g to %g", columns[column].name, columns[column].min,
                       columns[column].max);
        complain(r, from, NULL, why);
        return false;
    }
    return true;
}

static bool read_row(const struct reader *r, int count, struct profile_row *row)
{
    double value[COLUMNS_MAX] = { 0.0, 0.0, 0.0, NAN };
    size_t from = r->begin;
    bool sound = true;

    for (int n = 0; n < count; n++) {
        const char *comma = memchr(r->text + from, ',', r->end - from);
        const size_t to = comma != NULL ? (size_t)(comma - r->text) : r->end;

        if ((comma != NULL) != (n < count - 1)) {
            complain(r, comma != NULL ? to : r->end, NULL,
                     comma != NULL ? "more columns than the header has" : "fewer columns than the header has");
            return false;
        }
        sound &= read_number(r, from, to, n, &value[n]);
        from = to + 1;
    }
    *row = (struct profile_row){
        .time_s = value[0], .current_A = value[1], .ambient_degC = value[2], .voltage_V = value[3]
    };
    return sound;
}

static bool read_rows(struct reader *r, struct profile *p)
{
    size_t capacity = 0;
    bool sound = true;

    while (next_line(r)) {
        if (p->count == capacity) {
            capacity = capacity == 0 ? 1024 : 2 * capacity;
            struct profile_row *const more = realloc(p->row, capacity * sizeof *more);

            if (more == NULL) {
                diag_plain(r->d, DIAG_ERROR, r->path, NULL, "out of memory");
                return false;
            }
            p->row = more;
        }
        struct profile_row *const row = &p->row[p->count];

        if (!read_row(r, p->has_voltage ? 4 : 3, row)) {
            sound = false;
            if (r->d->count >= DIAG_MAX) {
                return false;
            }
        } else if (p->count > 0 && row->time_s <= row[-1].time_s) {
            complain(r, r->begin, NULL, "time_s must rise from row to row");
            return false;
        } else {
            p->count++;
        }
    }
    if (sound && p->count < 2) {
        diag_plain(r->d, DIAG_ERROR, r->path, NULL, "a profile needs at least two rows");
        sound = false;
    }
    return sound;
}

static bool parse(struct reader *r, struct profile *p)
{
    if (!next_line(r)) {
        diag_plain(r->d, DIAG_ERROR, r->path, "the first line is " HEADER, "the profile is empty");
        return false;
    }
    p->has_voltage = line_is(r, HEADER_MEASURED);
    if (!p->has_voltage && !line_is(r, HEADER)) {
        complain(r, r->begin, HEADER " or " HEADER_MEASURED, "this is not the header of a profile");
        return false;
    }
    return read_rows(r, p);
}

/* The whole of a stream; NULL and errno on failure. */
static char *slurp(FILE *in, size_t *size)
{
    size_t capacity = FIRST_BLOCK;
    char *text = malloc(capacity);

    *size = 0;
    while (text != NULL) {
        *size += fread(text + *size, 1, capacity - *size, in);
        if (*size < capacity) {
            break;
        }
        capacity *= 2;
        char *const more = capacity <= SIZE_LIMIT ? realloc(text, capacity) : NULL;

        if (more == NULL) {
            free(text);
            errno = EFBIG;
            return NULL;
        }
        text = more;
    }
    if (text != NULL && ferror(in)) {
        const int reason = errno;

        free(text);
        errno = reason;
        return NULL;
    }
    return text;
}

bool profile_load(struct profile *p, const char *path, struct diag *d)
{
    const bool from_stdin = strcmp(path, "-") == 0;
    FILE *const in = from_stdin ? stdin : fopen(path, "rb");
    struct reader r = { .path = path, .d = d };
    char *const text = in != NULL ? slurp(in, &r.size) : NULL;
    const int reason = errno;
    bool sound = false;

    *p = (struct profile){ .row = NULL };
    if (text == NULL) {
        diag_plain(d, DIAG_ERROR, path, NULL, "cannot be read: %s", strerror(reason));
    } else {
        r.text = text;
        sound = parse(&r, p);
    }
    if (in != NULL && !from_stdin) {
        (void)fclose(in);
    }
    free(text);
    if (!sound) {
        profile_free(p);
    }
    return sound;
}

void profile_free(struct profile *p)
{
    free(p->row);
    *p = (struct profile){ .row = NULL };
}
