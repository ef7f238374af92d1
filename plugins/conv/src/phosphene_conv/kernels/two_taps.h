/* F(4, 2): four outputs of two taps, y[i] = g0 d[i] + g1 d[i + 1], by five products at the points 0, 1, -1, 2, infinity. */
#ifndef TWO_TAPS_H
#define TWO_TAPS_H
#include "tile.h"

/* The five samples d, `step` apart. */
static inline __attribute__((always_inline)) void carry_samples(const REAL *from, ptrdiff_t step, REAL *to, ptrdiff_t to_step)
{
    vector d[5];
    for (int i = 0; i < 5; i++) d[i] = load(from + i * step);
    vector near = d[3] - d[2], twice = 2 * d[1];
    store(to, 2 * (d[0] - d[2]) + (d[3] - d[1]));
    store(to + to_step, near - twice);
    store(to + 2 * to_step, near + twice - 2 * d[2]);
    store(to + 3 * to_step, d[3] - d[1]);
    store(to + 4 * to_step, twice - d[2] - 2 * d[3] + d[4]);
}

/* The two taps; no more than `count` numbers of each vector are stored. */
static inline __attribute__((always_inline)) void carry_taps(vector g0, vector g1, REAL *to, ptrdiff_t to_step, ptrdiff_t count)
{
    const REAL sixth = (REAL)1 / 6;
    store_some(to, (REAL)0.5 * g0, count);
    store_some(to + to_step, (REAL)-0.5 * (g0 + g1), count);
    store_some(to + 2 * to_step, -sixth * (g0 - g1), count);
    store_some(to + 3 * to_step, sixth * (g0 + 2 * g1), count);
    store_some(to + 4 * to_step, g1, count);
}

/* The four outputs, from the five products. */
static inline __attribute__((always_inline)) void sums_of(const REAL *from, ptrdiff_t step, vector *y)
{
    vector m[5];
    for (int i = 0; i < 5; i++) m[i] = load(from + i * step);
    vector near = m[1] + m[2], odd = m[1] - m[2];
    y[0] = m[0] + near + m[3];
    y[1] = odd + 2 * m[3];
    y[2] = near + 4 * m[3];
    y[3] = odd + 8 * m[3] + m[4];
}
#endif
