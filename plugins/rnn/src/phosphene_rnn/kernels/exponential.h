/* e^x in whole vectors, for float: one polynomial for e^r - 1 on |r| <= ln(2)/2, relative error 1.5e-8 (fitted with equal
 * ripples), so that results near zero keep their relative precision; no branch. */
#ifndef EXPONENTIAL_H
#define EXPONENTIAL_H
#include "tile.h"

#ifdef IS_FLOAT
#if defined(__AVX2__)
#include <immintrin.h>
#endif

#if defined(__AVX512F__)
#define LEAST(a, b) (vector)_mm512_min_ps((__m512)(a), (__m512)(b))
#define MOST(a, b) (vector)_mm512_max_ps((__m512)(a), (__m512)(b))
#elif defined(__AVX2__)
#define LEAST(a, b) (vector)_mm256_min_ps((__m256)(a), (__m256)(b))
#define MOST(a, b) (vector)_mm256_max_ps((__m256)(a), (__m256)(b))
#else
#define LEAST(a, b) chosen((lanes)((b) > (a)), a, b)
#define MOST(a, b) chosen((lanes)((b) < (a)), a, b)
static inline vector chosen(lanes where, vector yes, vector no)
{
    return (vector)(((lanes)yes & where) | ((lanes)no & ~where));
}
#endif

static inline vector all(float x) { return (vector){0} + x; }

/* x no smaller than `low` and no larger than `high`; NaN stays. */
static inline vector between(float low, float high, vector x) { x = LEAST(all(high), x); return MOST(all(low), x); }

static inline vector reciprocal(vector x)
{
#if defined(__AVX512F__)
    vector guess = (vector)_mm512_rcp14_ps((__m512)x);
    return guess + guess * (1 - x * guess);     /* Newton's step doubles the 14 bits */
#elif defined(__AVX2__)
    vector guess = (vector)_mm256_rcp_ps((__m256)x);
    guess = guess + guess * (1 - x * guess);
    return guess + guess * (1 - x * guess);
#else
    return 1 / x;
#endif
}

/* power = 2^n and rest = e^r - 1, where x = n ln 2 + r. For |x| <= 87. */
static inline void split_exponential(vector x, vector *power, vector *rest)
{
    const vector shift = all(12582912.0f);                          /* 1.5 * 2^23: adding it rounds to whole numbers */
    vector shifted = x * 1.44269504088896341f + shift, n = shifted - shift;
    vector r = x - n * 0.693145751953125f - n * 1.42860682030941723e-6f;
    vector p = 1.3882267521694303e-3f * r + 8.367854170501232e-3f;
    p = p * r + 4.166724532842636e-2f;
    p = p * r + 0.16666533052921295f;
    p = p * r + 0.4999999701976776f;
    *rest = p * (r * r) + r;
    *power = (vector)(((lanes)shifted << 23) + (lanes)all(1));      /* what `shift` left above n is pushed out */
}

/* e^x. */
static inline vector exponential_of(vector x)
{
    vector power, rest;
    split_exponential(between(-87, 87, x), &power, &rest);
    return power * rest + power;
}

/* e^x for the sum of many, as 2^n 2^f, |f| <= 1/2: a polynomial with equal ripples, relative error 1.4e-7. For x < 87; below -87 it stays
 * e^-87. */
static inline vector share_of(vector x)
{
    const vector shift = all(12582912.0f), two = all(1.44269504088896341f);     /* 1.5 * 2^23: adding it rounds to whole numbers */
    x = MOST(x, all(-87));
    vector shifted = x * two + shift, f = x * two - (shifted - shift);
    vector p = 1.331027206e-3f * f + 9.672376503e-3f;
    p = p * f + 5.550583566e-2f;
    p = p * f + 0.2402218329f;
    p = p * f + 0.6931470659f;
    p = p * f + 1.000000058f;
    return (vector)((lanes)p + ((lanes)shifted << 23));                         /* what `shift` left above n is pushed out */
}
#endif
#endif
