/* The logistic function and the hyperbolic tangent, in place.
 *
 * float: both from one polynomial for e^r - 1 on |r| <= ln(2)/2, relative error 1.5e-8 (fitted with equal ripples), so that
 * results near zero keep their relative precision; whole vectors, no branch, no division where the processor has an
 * estimate of the reciprocal. Errors: a few ulp. double: the C library's, number by number. */
#include "kernels.h"
#include "tile.h"
#include <string.h>

#define sigmoid FOR_THIS_SET(sigmoid)
#define hyperbolic_tangent FOR_THIS_SET(hyperbolic_tangent)

#ifdef IS_FLOAT
#if defined(__AVX2__)
#include <immintrin.h>
#endif

typedef int whole __attribute__((vector_size(VECTOR_BYTES)));

static inline vector chosen(whole where, vector yes, vector no)
{
    return (vector)(((whole)yes & where) | ((whole)no & ~where));
}

static inline vector reciprocal(vector x)
{
#if defined(__AVX512F__)
    vector guess = (vector)_mm512_rcp14_ps((__m512)x);
    return guess * (2 - x * guess);         /* Newton's step doubles the 14 bits */
#elif defined(__AVX2__)
    vector guess = (vector)_mm256_rcp_ps((__m256)x);
    guess = guess * (2 - x * guess);
    return guess * (2 - x * guess);
#else
    return 1 / x;
#endif
}

/* power = 2^n and rest = e^r - 1, where x = n ln 2 + r. For |x| <= 87. */
static inline void split_exponential(vector x, vector *power, vector *rest)
{
    const vector shift = (vector){0} + 12582912.0f;                 /* 1.5 * 2^23: adding it rounds to whole numbers */
    vector shifted = x * 1.44269504088896341f + shift, n = shifted - shift;
    vector r = x - n * 0.693145751953125f - n * 1.42860682030941723e-6f;
    vector p = 1.3882267521694303e-3f * r + 8.367854170501232e-3f;
    p = p * r + 4.166724532842636e-2f;
    p = p * r + 0.16666533052921295f;
    p = p * r + 0.4999999701976776f;
    *rest = p * (r * r) + r;
    *power = (vector)(((whole)shifted - (whole)shift + 127) << 23);
}

static inline vector sigmoid_of(vector x)
{
    whole negative = x < 0;
    vector size = chosen(negative, x, -x), power, rest;             /* -|x|: e to it does not overflow */
    size = chosen(size < -87, (vector){0} - 87, size);
    split_exponential(size, &power, &rest);
    vector e = power * rest + power, y = reciprocal(1 + e);
    y = chosen(negative, e * y, y);
    return chosen(x == x, y, x);                                    /* NaN stays */
}

static inline vector tanh_of(vector x)
{
    whole sign = (whole)x & (whole)(-(vector){0});
    vector twice = 2 * (vector)((whole)x ^ sign), power, rest;
    twice = chosen(twice > 20, (vector){0} + 20, twice);
    split_exponential(twice, &power, &rest);
    vector less = power * rest + (power - 1);                       /* e^2|x| - 1 */
    vector y = (vector)((whole)(less * reciprocal(less + 2)) | sign);
    return chosen(x == x, y, x);
}

static inline __attribute__((always_inline)) void map(vector (*f)(vector), REAL *x, ptrdiff_t count)
{
    ptrdiff_t i = 0;
    for (; i + LANES <= count; i += LANES) store(x + i, f(load(x + i)));
    if (i < count) {
        REAL last[LANES] = {0};
        memcpy(last, x + i, (count - i) * sizeof(REAL));
        store(last, f(load(last)));
        memcpy(x + i, last, (count - i) * sizeof(REAL));
    }
}

void sigmoid(void *values, ptrdiff_t count) { map(sigmoid_of, values, count); }
void hyperbolic_tangent(void *values, ptrdiff_t count) { map(tanh_of, values, count); }

#else
#include <math.h>

void sigmoid(void *values, ptrdiff_t count)
{
    REAL *x = values;
    for (ptrdiff_t i = 0; i < count; i++) {
        REAL e = exp(-fabs(x[i]));
        x[i] = (x[i] < 0 ? e : 1) / (1 + e);
    }
}

void hyperbolic_tangent(void *values, ptrdiff_t count)
{
    REAL *x = values;
    for (ptrdiff_t i = 0; i < count; i++) x[i] = tanh(x[i]);
}
#endif
