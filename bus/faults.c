#include "bus/faults.h"

#include <string.h>
#include <time.h>

#define NOISE_MAX 40 /* bytes of babble at a time */

static uint32_t draw(struct bus_faults *f)
{
    f->random = f->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(f->random >> 32);
}

static bool happens(struct bus_faults *f, double share)
{
    const bool yes = share > 0.0 && (double)draw(f) < share * 4294967296.0;

    f->injected += yes;
    return yes;
}

static int64_t now_us(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Flips each bit with the share's probability. Returns true if one was. */
static bool spoil(struct bus_faults *f, uint8_t *frame, size_t size)
{
    const double share = f->share[BUS_FAULT_BITS];
    bool any = false;

    for (size_t bit = 0; share > 0.0 && bit < size * 8; bit++) {
        if ((double)draw(f) < share * 4294967296.0) {
            frame[bit / 8] ^= (uint8_t)(1U << (bit & 7U));
            any = true;
        }
    }
    f->injected += any;
    return any;
}

static void babble(struct bus_faults *f, bus_sink *sink, void *self)
{
    uint8_t noise[NOISE_MAX];
    const size_t size = 1 + draw(f) % NOISE_MAX;

    for (size_t i = 0; i < size; i++) {
        noise[i] = (uint8_t)draw(f);
    }
    sink(self, noise, size);
}

void bus_faults_pass(struct bus_faults *f, int way, const uint8_t *frame, size_t size, bus_sink *sink, void *self)
{
    uint8_t copy[BUS_FAULTS_FRAME], late[BUS_FAULTS_FRAME];
    const size_t late_size = f->late[way].size;

    if (size > sizeof copy) {
        sink(self, frame, size);
        return;
    }
    if (f->stuck || now_us() < f->silent_until_us) {
        f->injected++;
        return;
    }
    memcpy(copy, frame, size);
    memcpy(late, f->late[way].frame, late_size);
    f->late[way].size = 0;
    if (!f->checked && happens(f, f->share[BUS_FAULT_BABBLE])) {
        babble(f, sink, self);
    }
    const bool spoilt = spoil(f, copy, size);

    if (happens(f, f->share[BUS_FAULT_LATE])) { /* it comes behind the next one */
        memcpy(f->late[way].frame, copy, size);
        f->late[way].size = size;
    } else if (!happens(f, f->share[BUS_FAULT_LOST]) && !(spoilt && f->checked)) {
        sink(self, copy, size);
        if (happens(f, f->share[BUS_FAULT_DOUBLED])) {
            sink(self, copy, size);
        }
    }
    if (late_size > 0) {
        sink(self, late, late_size);
    }
}
