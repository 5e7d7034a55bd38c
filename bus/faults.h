/* Faults of a wire, put between a channel and what is below it: for tests and scenarios. Frames pass through; some are
 * lost, come twice, late or with wrong bits. Reproducible from the seed. */
#ifndef BUS_FAULTS_H
#define BUS_FAULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BUS_FAULTS_FRAME 1024 /* the longest frame that can be late */

enum bus_fault { BUS_FAULT_BITS, BUS_FAULT_LOST, BUS_FAULT_DOUBLED, BUS_FAULT_LATE, BUS_FAULT_BABBLE, BUS_FAULT_KINDS };

struct bus_faults {
    double share[BUS_FAULT_KINDS]; /* of bits (BITS) or frames; 0: none */
    bool stuck;                    /* nothing passes */
    int64_t silent_until_us;       /* likewise, until then (CLOCK_MONOTONIC) */
    bool checked; /* what is below finds wrong bits itself and drops such frames (CAN) */
    uint64_t random;
    uint32_t injected; /* frames that were lost, doubled, late or spoilt */
    struct {
        uint8_t frame[BUS_FAULTS_FRAME];
        size_t size; /* 0: none is late */
    } late[2];
};

typedef void bus_sink(void *self, const uint8_t *bytes, size_t size);

/* A frame goes one way (0 out, 1 in): calls sink for each that arrives, in its order. */
void bus_faults_pass(struct bus_faults *f, int way, const uint8_t *frame, size_t size, bus_sink *sink, void *self);

#endif
