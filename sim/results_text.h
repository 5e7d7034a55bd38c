/* Verdicts as text: JSON lines, JUnit's XML, and words. */
#ifndef SIM_RESULTS_TEXT_H
#define SIM_RESULTS_TEXT_H

#include "sim/case.h"

#include <stdio.h>

void results_jsonl(const struct scenario *s, const struct case_result *result, FILE *out);
void results_junit(const struct scenario *s, const struct case_result *result, FILE *out);
/* What was expected, measured and allowed, indented. */
void results_explain(const struct expectation *e, const struct verdict_row *row, FILE *out);

#endif
