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
