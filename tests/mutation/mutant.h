/* The defects that scripts/mutate writes into the core, chosen at run time: one build holds them all.
 *
 * PACKBENCH_MUTANT=N makes mutant N true. PACKBENCH_MUTANT_COVER=FILE runs the sound core and appends, at exit, the
 * numbers of the mutants that were reached, or whose value would ever have differed: only these can change the run. */
#ifndef TESTS_MUTATION_MUTANT_H
#define TESTS_MUTATION_MUTANT_H

extern unsigned mutant_chosen; /* 0: none */
extern int mutant_covering;
extern unsigned char mutant_seen[];

/* Takes a function that changes the entries of a table, calls it now, and again when a mutant is chosen. */
void mutant_table(void (*change)(void));
/* Chooses a mutant in this process. */
void mutant_apply(unsigned n);

static inline int mutant_note(unsigned n)
{
    mutant_seen[n] = 1;
    return 0;
}

#define MUTANT(n) ((mutant_covering ? mutant_note(n) : 0), mutant_chosen == (n))
#define MUTANT_DIFFERS(n, differs) ((mutant_covering && (differs) ? mutant_note(n) : 0), mutant_chosen == (n))

#endif
