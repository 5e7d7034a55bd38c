#include "tests/mutation/mutant.h"

#include <stdio.h>
#include <stdlib.h>

#ifndef MUTANTS
#error "MUTANTS: how many there are (scripts/mutate says so)"
#endif

unsigned mutant_chosen;
int mutant_covering;
unsigned char mutant_seen[MUTANTS + 1];

static const char *cover_path;

#define TABLES_MAX 64
static void (*table[TABLES_MAX])(void);
static unsigned tables;

void mutant_table(void (*change)(void))
{
    if (tables == TABLES_MAX) {
        abort();
    }
    table[tables++] = change;
    change();
}

void mutant_apply(unsigned n)
{
    mutant_chosen = n;
    for (unsigned i = 0; i < tables; i++) {
        table[i]();
    }
}

/* Before the constructors that change tables. */
__attribute__((constructor(500))) static void choose(void)
{
    const char *const number = getenv("PACKBENCH_MUTANT");

    cover_path = getenv("PACKBENCH_MUTANT_COVER");
    mutant_chosen = number != NULL ? (unsigned)strtoul(number, NULL, 10) : 0;
    mutant_covering = cover_path != NULL;
}

__attribute__((destructor)) static void tell(void)
{
    FILE *f = cover_path != NULL ? fopen(cover_path, "w") : NULL;

    if (f == NULL) {
        return;
    }
    for (unsigned n = 1; n <= MUTANTS; n++) {
        if (mutant_seen[n] != 0) {
            (void)fprintf(f, "%u\n", n);
        }
    }
    if (fclose(f) != 0) {
        abort();
    }
}
