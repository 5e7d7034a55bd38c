/* Messages about bad input: file:line:col: path: text, the source line, a caret, a hint. At most DIAG_MAX are kept. */
#ifndef SIM_DIAG_H
#define SIM_DIAG_H

#include <stddef.h>
#include <stdio.h>

#define DIAG_MAX 20

enum diag_severity { DIAG_ERROR, DIAG_WARNING };

struct diag_message {
    enum diag_severity severity;
    unsigned line, col; /* from 1; 0: not in a text */
    char *file, *path, *text, *hint, *source; /* owned; path, hint and source may be NULL */
};

struct diag {
    struct diag_message message[DIAG_MAX];
    size_t count;           /* kept */
    size_t errors, dropped; /* errors counts all, kept or dropped */
};

void diag_init(struct diag *d);
void diag_free(struct diag *d);

/* text is the document that offset points into (SIZE_MAX: nowhere in it); file, path and hint may be NULL.
 * Copies everything. */
void diag_at(struct diag *d, enum diag_severity severity, const char *file, const char *text, size_t size,
             size_t offset, const char *path, const char *hint, const char *format, ...)
    __attribute__((format(printf, 9, 10)));

/* Without a place in a text. */
void diag_plain(struct diag *d, enum diag_severity severity, const char *file, const char *hint, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

void diag_print(const struct diag *d, FILE *out);

/* The nearest of count words to a misspelt one (NULL if none is near): for "did you mean". */
const char *diag_nearest(const char *word, const char *const words[], size_t count);

#endif
