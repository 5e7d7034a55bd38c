/* Runs a suite of Check: what main() of a test returns. CK_VERBOSITY sets what it prints. */
#ifndef TESTS_SUPPORT_CHECK_RUN_H
#define TESTS_SUPPORT_CHECK_RUN_H

#include <check.h>

/* EXIT_SUCCESS if all tests pass, else EXIT_FAILURE. Frees the suite. */
int check_run(Suite *suite);

#endif
