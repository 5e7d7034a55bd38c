/* The world that tests load scenarios in: tests/data/root, seen from the root of the checkout. */
#ifndef TESTS_SUPPORT_TEST_WORLD_H
#define TESTS_SUPPORT_TEST_WORLD_H

#include "sim/root.h"

#include <stdbool.h>
#include <stddef.h>

#define TEST_ROOT "tests/data/root"
#define TEST_SCENARIOS "tests/data/scenarios/"

/* Fails the test if the tables of tests/data/root cannot be loaded. */
void test_world_open(struct root *root);

/* The whole file, malloc'd; the test fails if it cannot be read. */
char *test_read_file(const char *path);

/* A copy of text in which the first `from` is `to`; the test fails if there is none. */
char *test_replace(const char *text, const char *from, const char *to);

/* All messages of d as they are printed, malloc'd. */
char *test_messages(const struct diag *d);

#endif
