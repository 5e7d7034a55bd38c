/* Checks a text as strict JSON before cJSON builds the tree, and records where its values stand. For json_doc.c;
 * json_scan.c holds the structure, json_lex.c the words. */
#ifndef SIM_JSON_SCAN_H
#define SIM_JSON_SCAN_H

#include "sim/json_doc.h"

struct level { /* an array or object that is open */
    uint32_t place, count;
    size_t comma; /* SIZE_MAX: none since the last value */
    char close;
};

struct scan {
    struct json_doc *doc;
    struct diag *d;
    size_t at, value_end; /* value_end: after the value before */
    struct level level[JSON_DEPTH_MAX];
    size_t depth, capacity; /* of level and of doc->place */
    size_t line_end;        /* lines are counted up to here */
    uint32_t line;
    bool failed;
};

/* Fills doc->place (but for its keys) in the order of the text. Reports what is wrong and goes on where it can. */
bool json_scan(struct json_doc *doc, struct diag *d);

/* Offset of the first byte that is no UTF-8, or size. */
size_t utf8_check(const char *text, size_t size);

/* Bytes of the escape at p (which points at its backslash) in the text, and in the decoded string. Sound text only. */
size_t json_escape_size(const char *p, size_t *decoded);

/* Adds an error; returns false so that a caller that cannot go on can return it. */
bool scan_complain(struct scan *s, size_t at, const char *hint, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The NUL behind the text stands for its end: no other NUL is in it. */
char scan_peek(const struct scan *s);
bool scan_at(const struct scan *s, const char *word);
bool scan_is_word(char c);
void scan_word(struct scan *s);

/* Blanks, and comments, which are complained about. */
void scan_space(struct scan *s);

/* Each begins at its first character and ends behind its last. false: no going on. */
bool scan_string(struct scan *s);
void scan_number(struct scan *s);
/* A value that is no JSON, but what people write. */
bool scan_wrong_value(struct scan *s);

#endif
