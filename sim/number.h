/* Numbers as text, for files with millions of them. */
#ifndef SIM_NUMBER_H
#define SIM_NUMBER_H

#include <stddef.h>

#define NUMBER_SIZE 24 /* bytes that the longest takes, with its end */

/* The bytes that printf("%.7g") makes of a value, in a tenth of the time. Returns their count; out ends with a 0. */
size_t number_print(char out[NUMBER_SIZE], double value);

#endif
