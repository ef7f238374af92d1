/* exp for numbers of at most 0 (or NaN): in float a polynomial that the compiler turns into vector code (Cody and
 * Waite's reduction, error below 2 ulp; 0 below -87.7), in double the library's own. */
#ifndef EXPONENTIAL_H
#define EXPONENTIAL_H
#include <math.h>
#include <stdint.h>

#ifdef REAL_IS_float
static inline float exponential(float x)
{
    x = x < -88 ? -88 : x;                                          /* so written, a NaN stays one */
    float scaled = x * 1.44269504f;
    int32_t k = (int32_t)((scaled > -127 ? scaled : -127) - 0.5f);  /* x / log 2, as the nearest whole number */
    float n = (float)k, r = (x - n * 0.693359375f) + n * 2.12194440e-4f; /* x - n log 2, log 2 in two parts */
    float p = 1.98412698e-4f;                                       /* Taylor's terms up to r^7, Horner's way */
    p = p * r + 1.38888889e-3f;
    p = p * r + 8.33333333e-3f;
    p = p * r + 4.16666667e-2f;
    p = p * r + 1.66666667e-1f;
    p = p * r + 0.5f;
    p = p * r + 1;
    p = p * r + 1;
    union { int32_t bits; float number; } power = {(int32_t)((uint32_t)(k + 127) << 23)};  /* 2^k; 0 for k = -127 */
    return p * power.number;
}
#else
static inline double exponential(double x) { return exp(x); }
#endif
#endif
