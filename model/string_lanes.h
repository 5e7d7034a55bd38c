/* Private to string*.c: four cells side by side in one vector value.
 *
 * GCC and clang vector extensions, so that the vector code does not depend on what an optimiser recognises. On x86-64
 * gcc makes a second copy of the functions for AVX2, chosen at start; neither contracts to fused operations and sums
 * run in cell order, so both give the same bits. Elsewhere the compiler splits the vectors. */
#ifndef MODEL_STRING_LANES_H
#define MODEL_STRING_LANES_H

#include "model/string.h"

#include <string.h>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define VECTOR_CLONES __attribute__((target_clones("default", "avx2")))
#else
#define VECTOR_CLONES
#endif
#define INLINED static inline __attribute__((always_inline))

/* Every function that takes a vector is inlined, so no calling convention is at stake (and the Makefile turns off the
 * compiler's remark on it). One that is not must take its vectors by address. */

typedef double lanes __attribute__((vector_size(STRING_LANES * sizeof(double)), aligned(16)));
typedef long long lane_mask __attribute__((vector_size(STRING_LANES * sizeof(long long)), aligned(16)));

INLINED lanes load(const double *from)
{
    lanes v;

    memcpy(&v, from, sizeof v);
    return v;
}

INLINED void store(double *to, lanes v)
{
    memcpy(to, &v, sizeof v);
}

INLINED lanes all(double value)
{
    return (lanes){ value, value, value, value };
}

INLINED lanes pick(lane_mask mask, lanes yes, lanes no)
{
    return (lanes)((mask & (lane_mask)yes) | (~mask & (lane_mask)no));
}

INLINED bool any(lane_mask mask)
{
    return (mask[0] | mask[1] | mask[2] | mask[3]) != 0;
}

INLINED lanes magnitude(lanes v)
{
    return (lanes)((lane_mask)v & ~(lane_mask)all(-0.0));
}

/* +1 or -1. */
INLINED lanes sign_of(lanes v)
{
    return (lanes)((lane_mask)all(1.0) | ((lane_mask)v & (lane_mask)all(-0.0)));
}

#endif
