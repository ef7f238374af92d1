/* The rules: each number is read and written once, with its gradient and its memory. The loops are vector code. */
#include "kernels.h"
#include <tgmath.h>                             /* sqrt of the number's own type */

/* What every rule begins with: p is changed in place, g is only read. */
#define NUMBERS \
    REAL *restrict p = t->parameter; \
    const REAL *restrict g = t->gradient; \
    const REAL decay = (REAL)t->decay

void FOR_THIS_SET(sgd)(const tensor *t, ptrdiff_t first, ptrdiff_t last, const double *constants)
{
    NUMBERS;
    const REAL rate = (REAL)constants[0];
    for (ptrdiff_t i = first; i < last; i++) p[i] -= rate * (g[i] + decay * p[i]);
}

void FOR_THIS_SET(momentum)(const tensor *t, ptrdiff_t first, ptrdiff_t last, const double *constants)
{
    NUMBERS;
    REAL *restrict v = t->memory[0];
    const REAL rate = (REAL)constants[0], keep = (REAL)constants[1];
    const REAL ahead = constants[2] != 0 ? keep : 1, now = constants[2] != 0;   /* Nesterov: d + keep v; else v */
    for (ptrdiff_t i = first; i < last; i++) {
        REAL d = g[i] + decay * p[i], velocity = keep * v[i] + d;
        v[i] = velocity;
        p[i] -= rate * (now * d + ahead * velocity);
    }
}

void FOR_THIS_SET(rmsprop)(const tensor *t, ptrdiff_t first, ptrdiff_t last, const double *constants)
{
    NUMBERS;
    REAL *restrict v = t->memory[0];
    const REAL rate = (REAL)constants[0], keep = (REAL)constants[1], fresh = (REAL)(1 - constants[1]);
    const REAL eps = (REAL)constants[2];
    for (ptrdiff_t i = first; i < last; i++) {
        REAL d = g[i] + decay * p[i], square = keep * v[i] + fresh * d * d;
        v[i] = square;
        p[i] -= rate * d / (sqrt(square) + eps);
    }
}

void FOR_THIS_SET(adam)(const tensor *t, ptrdiff_t first, ptrdiff_t last, const double *constants)
{
    NUMBERS;
    REAL *restrict m = t->memory[0], *restrict v = t->memory[1];
    const REAL keep1 = (REAL)constants[1], fresh1 = (REAL)(1 - constants[1]);
    const REAL keep2 = (REAL)constants[2], fresh2 = (REAL)(1 - constants[2]), eps = (REAL)constants[3];
    const REAL step = (REAL)(constants[0] * constants[4]), correction2 = (REAL)constants[5];
    const int decoupled = constants[6] != 0;
    const REAL joins = decoupled ? 0 : decay, stays = decoupled ? (REAL)(1 - constants[0] * t->decay) : 1;
    for (ptrdiff_t i = first; i < last; i++) {
        REAL d = g[i] + joins * p[i];
        REAL mean = keep1 * m[i] + fresh1 * d, square = keep2 * v[i] + fresh2 * d * d;
        m[i] = mean;
        v[i] = square;
        p[i] = stays * p[i] - step * mean / (sqrt(correction2 * square) + eps);
    }
}
