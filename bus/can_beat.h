/* The heartbeat of a bench that keeps to the wall clock (link/link_can.h), sent by the kernel (CAN_BCM) at its own
 * pace, whatever the bench is busy with. It ends at once when the bench's process ends, and two seconds after the bench
 * stands still: then can_beat_keep() is not called any more. */
#ifndef BUS_CAN_BEAT_H
#define BUS_CAN_BEAT_H

struct can_beat;

/* NULL: error (BUS_ERROR_SIZE bytes) says why. Silent until can_beat_keep() is called. */
struct can_beat *can_beat_open(const char *interface, unsigned node, char *error);

/* The bench is alive: to be called at least once a second; more often costs nothing. */
void can_beat_keep(struct can_beat *beat);

/* Tells that the bench is done, and frees it. */
void can_beat_close(struct can_beat *beat);

#endif
