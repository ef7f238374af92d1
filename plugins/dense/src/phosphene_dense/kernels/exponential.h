/* exp for numbers of at most 0 (or NaN): in float a polynomial that the compiler turns into vector code (Cody and
 * Waite's reduction, error below 2 ulp; 0 below -87.7), in double the library's own. */
#ifndef EXPONENTIAL_H
#define EXPONENTIAL_H
#include <math.h>
#include <stdint.h>

#ifdef REAL_IS_float
static inline float exponential(float x)
{
    const float shift = 12582912.0f;                                /* 1.5 * 2^23: adding it rounds to whole numbers */
    x = x < -88 ? -88 : x;                                          /* so written, a NaN stays one */
    float shifted = x * 1.44269504f + shift, n = shifted - shift;   /* n = x / log 2, as the nearest whole number */
    float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;          /* x - n log 2, log 2 in two parts */
    float p = 1.3882267521694303e-3f * r + 8.367854170501232e-3f;   /* e^r - 1 - r by r^2, fitted with equal ripples */
    p = p * r + 4.166724532842636e-2f;
    p = p * r + 0.16666533052921295f;
    p = p * r + 0.4999999701976776f;
    p = (p * (r * r) + r) + 1;
    union { float number; uint32_t bits; } power = {shifted};
    power.bits = (power.bits << 23) + 0x3f800000u;                  /* 2^n (what `shift` left above n is pushed out); 0 for n = -127 */
    return p * power.number;
}
#else
static inline double exponential(double x) { return exp(x); }
#endif
#endif
