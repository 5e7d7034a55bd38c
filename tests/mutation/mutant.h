/* The defects that scripts/mutate writes into the core, chosen at run time: one build holds them all.
 *
 * PACKBENCH_MUTANT=N makes mutant N true. A second build, with MUTANT_COVER, is always the sound core, and notes which
 * mutants were reached, or whose value would have differed, and when first: only these can change a run, and not
 * before. */
#ifndef TESTS_MUTATION_MUTANT_H
#define TESTS_MUTATION_MUTANT_H

extern unsigned mutant_chosen; /* 0: none */

/* Takes a function that changes the entries of a table, calls it now, and again when a mutant is chosen. */
void mutant_table(void (*change)(void));
/* Chooses a mutant in this process. */
void mutant_apply(unsigned n);

#ifdef MUTANT_COVER

extern unsigned mutant_now;    /* counts what is asked of the core, from 1 */
extern unsigned mutant_seen[]; /* by number: mutant_now when it was first seen, 0: never */

static inline int mutant_note(unsigned n)
{
    if (mutant_seen[n] == 0) {
        mutant_seen[n] = mutant_now;
    }
    return 0;
}

#define MUTANT(n) mutant_note(n)
#define MUTANT_DIFFERS(n, differs) ((differs) ? mutant_note(n) : 0)

#else

#define MUTANT(n) (mutant_chosen == (n))
#define MUTANT_DIFFERS(n, differs) (mutant_chosen == (n))

#endif
#endif
