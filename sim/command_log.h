/* Every change of every BMS's command, as text: what is compared between targets. One line for each instant at which a
 * command changed: time since power-on in us, pack, and the fields that changed. */
#ifndef SIM_COMMAND_LOG_H
#define SIM_COMMAND_LOG_H

#include "bms_core/bms_io.h"

#include <stdint.h>
#include <stdio.h>

/* "12010000,1,charge_fet=1 soc_ppm=500000": pack from 1. */
void command_log_write(FILE *f, int64_t t_ns, int pack, const struct bms_command *before,
                       const struct bms_command *after);

#endif
