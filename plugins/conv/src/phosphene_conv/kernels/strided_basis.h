/* The changes of basis for 3 taps at stride 2, in one dimension: y[i] = w0 x[2i] + w1 x[2i + 1] + w2 x[2i + 2]. The even
 * pixels meet two taps at stride 1, F(4, 2) with 5 products at the points 0, 1, -1, 2 and infinity; the odd ones meet
 * one, 4 products more: 81 on a square of 4 x 4 outputs, where the definition has 144. */
#ifndef STRIDED_BASIS_H
#define STRIDED_BASIS_H
#include "tile.h"
#include "two_taps.h"

enum { INPUTS = 9, STEP = 8, SIDE = 9, BASIS = SIDE * SIDE, OUTPUTS = 4 };

static inline __attribute__((always_inline)) void carry_patch(const REAL *from, ptrdiff_t step, REAL *to, ptrdiff_t to_step)
{
    carry_samples(from, 2 * step, to, to_step);
    for (int i = 0; i < 4; i++) store(to + (5 + i) * to_step, load(from + (2 * i + 1) * step));
}

static inline __attribute__((always_inline)) void carry_weights(const REAL *from, ptrdiff_t step, REAL *to, ptrdiff_t to_step,
                                                                ptrdiff_t count)
{
    carry_taps(load(from), load(from + 2 * step), to, to_step, count);
    for (int i = 0; i < 4; i++) store_some(to + (5 + i) * to_step, load(from + step), count);
}

static inline __attribute__((always_inline)) void carry_back(const REAL *from, ptrdiff_t step, REAL *to, ptrdiff_t to_step)
{
    vector even[4];
    sums_of(from, step, even);
    for (int i = 0; i < 4; i++) store(to + i * to_step, even[i] + load(from + (5 + i) * step));
}

static inline __attribute__((always_inline)) void spread(const REAL *from, ptrdiff_t step, REAL *to, ptrdiff_t to_step)
{
    vector y0 = load(from), y1 = load(from + step), y2 = load(from + 2 * step), y3 = load(from + 3 * step);
    store(to, y0);
    store(to + to_step, y0 + y2 + (y1 + y3));
    store(to + 2 * to_step, y0 + y2 - (y1 + y3));
    store(to + 3 * to_step, y0 + 4 * y2 + (2 * y1 + 8 * y3));
    store(to + 4 * to_step, y3);
    store(to + 5 * to_step, y0);
    store(to + 6 * to_step, y1);
    store(to + 7 * to_step, y2);
    store(to + 8 * to_step, y3);
}

static inline __attribute__((always_inline)) void gather_weights(const REAL *from, ptrdiff_t step, REAL *to, ptrdiff_t to_step)
{
    const REAL sixth = (REAL)1 / 6;
    vector m[SIDE];
    for (int i = 0; i < SIDE; i++) m[i] = load(from + i * step);
    store(to, (REAL)0.5 * (m[0] - m[1]) - sixth * (m[2] - m[3]));
    store(to + to_step, m[5] + m[6] + (m[7] + m[8]));
    store(to + 2 * to_step, m[4] - (REAL)0.5 * m[1] + sixth * (m[2] + 2 * m[3]));
}
#endif
