/* The larger and the smaller of two numbers, inline: fmax() and fmin() are calls because of NaN, which the plant has
 * none of. */
#ifndef MODEL_LARGER_H
#define MODEL_LARGER_H

static inline double larger(double a, double b)
{
    return a > b ? a : b;
}

static inline double smaller(double a, double b)
{
    return a < b ? a : b;
}

#endif
