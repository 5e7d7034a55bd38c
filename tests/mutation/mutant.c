#include "tests/mutation/mutant.h"

#include <stdlib.h>

#ifndef MUTANTS
#error "MUTANTS: how many there are (scripts/mutate says so)"
#endif

unsigned mutant_chosen;
#ifdef MUTANT_COVER
unsigned mutant_now = 1;
unsigned mutant_seen[MUTANTS + 1];
#endif

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

    mutant_chosen = number != NULL ? (unsigned)strtoul(number, NULL, 10) : 0;
}
