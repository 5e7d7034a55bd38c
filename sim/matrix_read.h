/* What the readers of the matrix share (matrix_read.c, matrix.c). */
#ifndef SIM_MATRIX_READ_H
#define SIM_MATRIX_READ_H

#include "sim/matrix.h"

struct matrix_case { /* what a case runs on; borrowed, either may be NULL */
    const char *pack, *bms;
};

/* Notes that the file cites the id there. False: out of memory. */
bool matrix_cite_add(struct matrix *m, size_t file, const struct matrix_case *c, const char *id, unsigned line);

#endif
