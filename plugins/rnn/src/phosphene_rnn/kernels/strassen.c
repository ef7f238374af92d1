/* Strassen's product (1969) of two row tiles by two panels: seven products of half the depth in the place of eight. Sums of the
 * operands are made in L2, those of a panel for all tiles that meet it, those of a tile for all panels; the tile's registers are
 * added to one or two of the four results. All in one slice of the depth, so that sums have the same order everywhere. */
#include "strassen.h"
#include <string.h>

enum { ADD, ADD_BOTH, ADD_AND_TAKE };

/* The tile's product with the panel added to c; ADD_BOTH: to d too; ADD_AND_TAKE: taken from d. */
static inline __attribute__((always_inline)) void tile_into(
    const int how, ptrdiff_t depth, const REAL *restrict a, const REAL *restrict b, REAL *restrict c, REAL *restrict d,
    const REAL *soon)
{
    vector s[TILE][2];
#pragma GCC unroll 14
    for (int i = 0; i < TILE; i++) s[i][0] = s[i][1] = (vector){0};
    for (ptrdiff_t k = 0; k < depth; k++, a += TILE, b += PANEL, soon += LINE) {
        vector left = load(b), right = load(b + LANES);
        __builtin_prefetch(b + 16 * PANEL);
        __builtin_prefetch(b + 16 * PANEL + LANES);
        __builtin_prefetch(soon, 0, 2);
#pragma GCC unroll 14
        for (int i = 0; i < TILE; i++) {
            s[i][0] += a[i] * left;
            s[i][1] += a[i] * right;
        }
    }
#pragma GCC unroll 14
    for (int i = 0; i < TILE; i++)
#pragma GCC unroll 2
        for (int j = 0; j < 2; j++) {
            REAL *to = c + i * PANEL + j * LANES, *other = d + i * PANEL + j * LANES;
            store(to, load(to) + s[i][j]);
            if (how == ADD_BOTH) store(other, load(other) + s[i][j]);
            if (how == ADD_AND_TAKE) store(other, load(other) - s[i][j]);
        }
}

#define INTO(name, how) static __attribute__((noinline)) void name( \
    ptrdiff_t depth, const REAL *a, const REAL *b, REAL *c, REAL *d, const REAL *soon) { tile_into(how, depth, a, b, c, d, soon); }
INTO(add, ADD)
INTO(add_both, ADD_BOTH)
INTO(add_and_take, ADD_AND_TAKE)

void combine_tiles(const REAL *one, const REAL *two, ptrdiff_t half, REAL *restrict to)
{
    ptrdiff_t n = half * TILE, m = n + APART;
    for (ptrdiff_t i = 0; i < n; i += LANES, to += LANES) {
        vector a11 = load(one + i), a12 = load(one + n + i), a21 = load(two + i), a22 = load(two + n + i);
        store(to, a11 + a22);
        store(to + m, a21 + a22);
        store(to + 2 * m, a11 + a12);
        store(to + 3 * m, a21 - a11);
        store(to + 4 * m, a12 - a22);
    }
}

void combine_panels(const REAL *one, const REAL *two, ptrdiff_t half, REAL *restrict to)
{
    ptrdiff_t n = half * PANEL, m = n + APART;
    for (ptrdiff_t i = 0; i < n; i += LANES, to += LANES) {
        vector b11 = load(one + i), b21 = load(one + n + i), b12 = load(two + i), b22 = load(two + n + i);
        store(to, b11 + b22);
        store(to + m, b12 - b22);
        store(to + 2 * m, b21 - b11);
        store(to + 3 * m, b11 + b12);
        store(to + 4 * m, b21 + b22);
    }
}

void multiply_four(ptrdiff_t half, const REAL *one, const REAL *two, const REAL *tiles, const REAL *first, const REAL *second,
                   const REAL *panels, REAL *c11, REAL *c12, REAL *c21, REAL *c22, const REAL *soon)
{
    ptrdiff_t a = half * TILE, b = half * PANEL, s = a + APART, t = b + APART, ahead = half * LINE;
    add_both(half, tiles, panels, c11, c22, soon);                    /* (A11 + A22)(B11 + B22) */
    add_and_take(half, tiles + s, first, c21, c22, soon + ahead);             /* (A21 + A22) B11 */
    add_both(half, one, panels + t, c12, c22, soon + 2 * ahead);                  /* A11 (B12 - B22) */
    add_both(half, two + a, panels + 2 * t, c11, c21, soon + 3 * ahead);          /* A22 (B21 - B11) */
    add_and_take(half, tiles + 2 * s, second + b, c12, c11, c12);    /* (A11 + A12) B22 */
    add(half, tiles + 3 * s, panels + 3 * t, c22, c22, c22);         /* (A21 - A11)(B11 + B12) */
    add(half, tiles + 4 * s, panels + 4 * t, c11, c11, c11);         /* (A12 - A22)(B21 + B22) */
}
