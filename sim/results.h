/* What a run leaves behind: results.jsonl (one object per verdict), junit.xml, run.json and the lines for people.
 *
 * results.jsonl and junit.xml hold no wall time, host, date, path or number of workers: the same binary writes the same
 * bytes. Those go to run.json. */
#ifndef SIM_RESULTS_H
#define SIM_RESULTS_H

#include "sim/case.h"
#include "sim/run_target.h"

#include <stdio.h>

struct results {
    FILE *jsonl, *junit; /* NULL: not wanted */
    char *folder;        /* owned; NULL: nothing is written */
    size_t cases, by_case[VERDICT_ERROR + 1], by_verdict[VERDICT_ERROR + 1];
    size_t verdicts, assumed, assumed_failed;
    double simulated_s;
    const struct run_target *target; /* borrowed; NULL: the core in this process */
    bool failed; /* a byte could not be written */
    bool colour, verbose;
};

/* "jk48v100pro/cell_over_voltage": the folder and name of the file. */
void results_name(const struct scenario *s, char *out, size_t size);
/* The same with the case, as a file name: "jk48v100pro.cell_over_voltage.resistance=5_mOhm". */
void results_file_name(const struct scenario *s, char *out, size_t size);

/* Creates the folder, its files and cases/ in it, so that what cannot be written is known before the run. folder NULL:
 * none. False: says why in d, and leaves nothing to close. */
bool results_open(struct results *r, const char *folder, struct diag *d);
/* Writes one case, whole, to disk. */
void results_add(struct results *r, const struct scenario *s, const struct case_result *result);
/* The lines for people about one case, and about the whole. */
void results_print(const struct results *r, const struct scenario *s, const struct case_result *result, FILE *out);
void results_summary(const struct results *r, double wall_s, FILE *out);
/* Ends the files. False if anything could not be written. */
bool results_close(struct results *r, double wall_s, int jobs, bool interrupted);

int results_exit_code(const struct results *r, bool interrupted);

#endif
