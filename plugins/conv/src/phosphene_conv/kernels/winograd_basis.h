/* The changes of basis of F(4 x 4, 3 x 3), in one dimension; used once along y and once along x. The points are
 * 0, 1, -1, 2, -2 and infinity. Elements are `step` apart. An axis of a patch has INPUTS numbers, STEP from tile to
 * tile; SIDE products of it give OUTPUTS. */
#ifndef WINOGRAD_BASIS_H
#define WINOGRAD_BASIS_H
#include "tile.h"

enum { INPUTS = 6, STEP = 4, SIDE = 6, BASIS = SIDE * SIDE, OUTPUTS = 4 };

static inline __attribute__((always_inline)) void carry_patch(const REAL *from, ptrdiff_t step, REAL *to, ptrdiff_t to_step)
{
    vector d[SIDE];
    for (int i = 0; i < SIDE; i++) d[i] = load(from + i * step);
    vector even = d[4] - 4 * d[2], odd = d[3] - 4 * d[1], far = d[4] - d[2], twice = 2 * (d[3] - d[1]);
    store(to, 4 * d[0] - 5 * d[2] + d[4]);
    store(to + to_step, even + odd);
    store(to + 2 * to_step, even - odd);
    store(to + 3 * to_step, far + twice);
    store(to + 4 * to_step, far - twice);
    store(to + 5 * to_step, 4 * d[1] - 5 * d[3] + d[5]);
}

/* Stores no more than `count` numbers of each vector. */
static inline __attribute__((always_inline)) void carry_weights(const REAL *from, ptrdiff_t step, REAL *to, ptrdiff_t to_step,
                                                                ptrdiff_t count)
{
    const REAL sixth = (REAL)1 / 6, part = (REAL)1 / 24;
    vector g0 = load(from), g1 = load(from + step), g2 = load(from + 2 * step);
    vector even = g0 + g2, wide = g0 + 4 * g2, twice = 2 * g1;
    store_some(to, (REAL)0.25 * g0, count);
    store_some(to + to_step, -sixth * (even + g1), count);
    store_some(to + 2 * to_step, -sixth * (even - g1), count);
    store_some(to + 3 * to_step, part * (wide + twice), count);
    store_some(to + 4 * to_step, part * (wide - twice), count);
    store_some(to + 5 * to_step, g2, count);
}

static inline __attribute__((always_inline)) void carry_back(const REAL *from, ptrdiff_t step, REAL *to, ptrdiff_t to_step)
{
    vector m[SIDE];
    for (int i = 0; i < SIDE; i++) m[i] = load(from + i * step);
    vector near = m[1] + m[2], near_odd = m[1] - m[2], far = m[3] + m[4], far_odd = m[3] - m[4];
    store(to, m[0] + near + far);
    store(to + to_step, near_odd + 2 * far_odd);
    store(to + 2 * to_step, near + 4 * far);
    store(to + 3 * to_step, near_odd + 8 * far_odd + m[5]);
}

/* The two ways round, for the gradient of the weights: carry_back turned round, then carry_weights. */
static inline __attribute__((always_inline)) void spread(const REAL *from, ptrdiff_t step, REAL *to, ptrdiff_t to_step)
{
    vector y0 = load(from), y1 = load(from + step), y2 = load(from + 2 * step), y3 = load(from + 3 * step);
    vector even = y0 + y2, odd = y1 + y3, wide = y0 + 4 * y2, wide_odd = 2 * y1 + 8 * y3;
    store(to, y0);
    store(to + to_step, even + odd);
    store(to + 2 * to_step, even - odd);
    store(to + 3 * to_step, wide + wide_odd);
    store(to + 4 * to_step, wide - wide_odd);
    store(to + 5 * to_step, y3);
}

static inline __attribute__((always_inline)) void gather_weights(const REAL *from, ptrdiff_t step, REAL *to, ptrdiff_t to_step)
{
    const REAL sixth = (REAL)1 / 6, part = (REAL)1 / 24;
    vector m[SIDE];
    for (int i = 0; i < SIDE; i++) m[i] = load(from + i * step);
    vector near = sixth * (m[1] + m[2]), far = part * (m[3] + m[4]);
    store(to, (REAL)0.25 * m[0] - near + far);
    store(to + to_step, 2 * part * (m[3] - m[4]) - sixth * (m[1] - m[2]));
    store(to + 2 * to_step, 4 * far - near + m[5]);
}
#endif
