/* The defects that scripts/mutate writes into the core, chosen at run time: one build holds them all.
 *
 * PACKBENCH_MUTANT=N makes mutant N true. PACKBENCH_MUTANT_COVER=FILE runs the sound core and appends, at exit, the
 * numbers of the mutants that were reached, or whose value would ever have differed: only these can change the run. */
#ifndef TESTS_MUTATION_MUTANT_H
#define TESTS_MUTATION_MUTANT_H

extern unsigned mutant_chosen; /* 0: none */
extern int mutant_covering;
extern unsigned char mutant_seen[];

static inline int mutant_note(unsigned n)
{
    mutant_seen[n] = 1;
    return 0;
}

#define MUTANT(n) ((mutant_covering ? mutant_note(n) : 0), mutant_chosen == (n))
#define MUTANT_DIFFERS(n, differs) ((mutant_covering && (differs) ? mutant_note(n) : 0), mutant_chosen == (n))

#endif
