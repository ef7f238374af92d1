/* The logistic function and the hyperbolic tangent, in place.
 *
 * float: both from one exponential (exponential.h); whole vectors, no branch, no division where the processor has an estimate
 * of the reciprocal. Errors: a few ulp. double: the C library's, number by number. */
#include "kernels.h"
#include "exponential.h"
#include <string.h>

#define sigmoid FOR_THIS_SET(sigmoid)
#define hyperbolic_tangent FOR_THIS_SET(hyperbolic_tangent)

#ifdef IS_FLOAT
static inline vector sigmoid_of(vector x)
{
    vector power, rest;
    split_exponential(between(-87, 87, -x), &power, &rest);
    return reciprocal(power * rest + (power + 1));
}

static inline vector tanh_of(vector x)
{
    lanes sign = (lanes)x & (lanes)(-(vector){0});
    vector power, rest;
    split_exponential(between(0, 20, 2 * (vector)((lanes)x ^ sign)), &power, &rest);
    vector less = power * rest + (power - 1);                       /* e^2|x| - 1 */
    return (vector)((lanes)(less * reciprocal(less + 2)) | sign);
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
