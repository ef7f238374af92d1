/* exp for numbers of at most 0 (or NaN): in float a polynomial that the compiler turns into vector code (Cody and
 * Waite's reduction, error below 2 ulp, 0 where the result would be subnormal), in double the library's own. */
#ifndef EXPONENTIAL_H
#define EXPONENTIAL_H
#include <math.h>
#include <stdint.h>
#include <string.h>

#ifdef REAL_IS_float
static inline float exponential(float x)
{
    float whole = x * 1.44269504f < -126 ? -126 : x * 1.44269504f;          /* x / log 2, where 2^whole is normal */
    int32_t k = (int32_t)(whole - 0.5f);                                    /* the nearest whole number */
    float n = (float)k, r = (x - n * 0.693359375f) + n * 2.12194440e-4f;    /* x - n log 2 in two parts */
    float p = 1.98412698e-4f;                                               /* Taylor's terms to r^7, Horner's way */
    p = p * r + 1.38888889e-3f;
    p = p * r + 8.33333333e-3f;
    p = p * r + 4.16666667e-2f;
    p = p * r + 1.66666667e-1f;
    p = p * r + 0.5f;
    p = p * r + 1;
    p = p * r + 1;
    int32_t bits = (k + 127) << 23;                                         /* 2^k */
    float power;
    memcpy(&power, &bits, sizeof power);
    return x < -87.33f ? 0 : p * power;
}
#else
static inline double exponential(double x) { return exp(x); }
#endif
#endif
