/* A circuit breaker: thermal element, magnetic release, contacts that wait to be closed by hand.
 *
 * Thermal: tau dx/dt = (I/In)^2 - x, trips at x = trip^2. With tau 380 s and trip 1.30: 114 s at 2.55 In, 619 s at
 * 1.45 In, never at 1.13 In, as IEC 60898 asks (conventional time 2 h above 63 A).
 * Magnetic: IEC 60898 class C trips between 5 and 10 In on AC; on DC the peak counts, a factor 1.4. The release lets go
 * when |I| has stayed above the level for latch_s (assumed 5 ms): a burst that FETs clear in 300 us does not trip it.
 */
#ifndef MODEL_BREAKER_H
#define MODEL_BREAKER_H

#include <stdbool.h>

struct breaker_params {
    double rated_A;     /* In */
    double tau_s, trip; /* trip in multiples of In */
    double magnetic_A;  /* multiple x 1.4 x In */
    double latch_s;
};

struct breaker {
    bool closed;
    double heat;    /* x */
    double above_s; /* since |I| rose above the magnetic level */
};

/* Cold and closed. */
void breaker_init(struct breaker *b);
/* By hand. The thermal element keeps its heat. */
void breaker_set(struct breaker *b, bool closed);

/* The first instant of (0, h_s] at which it trips while the current goes linearly from i0 to i1, or INFINITY. */
double breaker_trip(const struct breaker *b, const struct breaker_params *p, double i0_A, double i1_A, double h_s);
/* Moves it by h_s; trips it if breaker_trip() says so. Returns true if it tripped. */
bool breaker_advance(struct breaker *b, const struct breaker_params *p, double i0_A, double i1_A, double h_s);

#endif
