/* The changes of basis of F(4 x 4, 3 x 3), in one dimension; used once along y and once along x. The points are
 * 0, 1, -1, 2, -2 and infinity. Elements are `step` vectors apart. */
#ifndef WINOGRAD_BASIS_H
#define WINOGRAD_BASIS_H
#include "tile.h"

enum { SIDE = 6, BASIS = SIDE * SIDE, STEP = 4 };       /* of a patch; of its basis; from tile to tile */

static inline __attribute__((always_inline)) void carry_patch(const vector *d, int step, vector *o, int o_step)
{
    vector even = d[4 * step] - 4 * d[2 * step], odd = d[3 * step] - 4 * d[step];
    vector far = d[4 * step] - d[2 * step], twice = 2 * (d[3 * step] - d[step]);
    o[0] = 4 * d[0] - 5 * d[2 * step] + d[4 * step];
    o[o_step] = even + odd;
    o[2 * o_step] = even - odd;
    o[3 * o_step] = far + twice;
    o[4 * o_step] = far - twice;
    o[5 * o_step] = 4 * d[step] - 5 * d[3 * step] + d[5 * step];
}

static inline __attribute__((always_inline)) void carry_weights(const vector *g, int step, vector *o, int o_step)
{
    const REAL sixth = (REAL)1 / 6, part = (REAL)1 / 24;
    vector even = g[0] + g[2 * step], wide = g[0] + 4 * g[2 * step], twice = 2 * g[step];
    o[0] = (REAL)0.25 * g[0];
    o[o_step] = -sixth * (even + g[step]);
    o[2 * o_step] = -sixth * (even - g[step]);
    o[3 * o_step] = part * (wide + twice);
    o[4 * o_step] = part * (wide - twice);
    o[5 * o_step] = g[2 * step];
}

static inline __attribute__((always_inline)) void carry_back(const vector *m, int step, vector *o, int o_step)
{
    vector near = m[step] + m[2 * step], near_odd = m[step] - m[2 * step];
    vector far = m[3 * step] + m[4 * step], far_odd = m[3 * step] - m[4 * step];
    o[0] = m[0] + near + far;
    o[o_step] = near_odd + 2 * far_odd;
    o[2 * o_step] = near + 4 * far;
    o[3 * o_step] = near_odd + 8 * far_odd + m[5 * step];
}

#endif
