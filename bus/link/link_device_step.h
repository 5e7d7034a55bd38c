/* The steps of link_device.c: what is due when, and how far ahead nothing changes. For it only. */
#ifndef BUS_LINK_LINK_DEVICE_STEP_H
#define BUS_LINK_LINK_DEVICE_STEP_H

#include "bus/link/link_device.h"

/* Does the BMS's own steps at the ticks before now_us (inclusive: or at it). */
void link_device_catch_up(struct link_device *d, uint64_t now_us, bool inclusive);

/* The body of a STEP: reads it from in, writes that of the answer to o. */
void link_device_step(struct link_device *d, struct link_in *in, struct link_out *o);

#endif
