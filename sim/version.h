/* The version of the bench. */
#ifndef SIM_VERSION_H
#define SIM_VERSION_H

#define PACKBENCH_VERSION "0.1.0"

#endif
