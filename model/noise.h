/* Counter-based noise: a number is a hash of who asks (seed, pack, channel) and which (index), not of what was drawn
 * before. So it depends neither on stepping, nor on order, nor on the number of workers. Pure functions. */
#ifndef MODEL_NOISE_H
#define MODEL_NOISE_H

#include <stdint.h>

struct noise_key {
    uint64_t seed;
    uint32_t pack, channel;
    uint64_t index;
};

uint64_t noise_hash(const struct noise_key *k);
/* In the open interval (0, 1), on a grid of 2^-53. */
double noise_uniform(const struct noise_key *k);
/* Mean 0, standard deviation 1, |x| < 8.7 (Box and Muller 1958). */
double noise_gauss(const struct noise_key *k);

#endif
