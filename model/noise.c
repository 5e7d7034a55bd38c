#include "model/noise.h"

#include <math.h>

#define TWO_PI 6.283185307179586476925

/* The finaliser of SplitMix64 (Steele, Lea, Flood 2014): each input bit flips each output bit half of the time. */
static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

uint64_t noise_hash(const struct noise_key *k)
{
    const uint64_t golden = UINT64_C(0x9e3779b97f4a7c15);
    const uint64_t who = ((uint64_t)k->pack << 32) | k->channel;

    /* One full mix after each word: keys that differ in one bit of one word share nothing. */
    return mix(mix(mix(k->seed + golden) ^ (who + golden)) ^ (k->index + golden));
}

static double open_unit(uint64_t bits)
{
    return ((double)(bits >> 12) + 0.5) * 0x1p-52;
}

double noise_uniform(const struct noise_key *k)
{
    return open_unit(noise_hash(k));
}

double noise_gauss(const struct noise_key *k)
{
    const uint64_t first = noise_hash(k);
    const uint64_t second = mix(first + UINT64_C(0x9e3779b97f4a7c15));

    return sqrt(-2.0 * log(open_unit(first))) * cos(TWO_PI * open_unit(second));
}
