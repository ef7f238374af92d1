/* Strassen's product (1969) of two row tiles by two panels: seven products of half the depth in the place of eight. Sums of the
 * operands' halves are made beforehand: those of weights once, when they are packed, for all products that they will be in; those of
 * a tile for all panels that it meets. The tile's registers are added to one or two of the four results, in L1. All in one slice
 * of the depth, so that nothing larger than a tile is ever added. */
#include "strassen.h"
#include "registers.h"
#include <string.h>

enum { ADD, ADD_BOTH, ADD_AND_TAKE };
enum { AHEAD = 1024 / sizeof(REAL) };        /* numbers asked for that far ahead have come from L3 when it is their turn */

/* The tile's product with the panel added to c; ADD_BOTH: to d too; ADD_AND_TAKE: taken from d. */
static inline __attribute__((always_inline)) void tile_into(
    const int rows, const int how, ptrdiff_t depth, const REAL *restrict a, const REAL *restrict b, REAL *restrict c, REAL *restrict d)
{
    vector s[TILE][2];
    tile_in_registers(rows, depth, a, b, s);
#pragma GCC unroll 14
    for (int i = 0; i < rows; i++)
#pragma GCC unroll 2
        for (int j = 0; j < 2; j++) {
            REAL *to = c + i * PANEL + j * LANES, *other = d + i * PANEL + j * LANES;
            store(to, load(to) + s[i][j]);
            if (how == ADD_BOTH) store(other, load(other) + s[i][j]);
            if (how == ADD_AND_TAKE) store(other, load(other) - s[i][j]);
        }
}

/* Each number of rows from half a tile on is compiled on its own. */
#define CASE(n, how) case n: tile_into(n, how, depth, a, b, c, d); break;
#if TILE == 14
#define CASES(how) CASE(8, how) CASE(9, how) CASE(10, how) CASE(11, how) CASE(12, how) CASE(13, how) CASE(14, how)
#elif TILE == 12
#define CASES(how) CASE(7, how) CASE(8, how) CASE(9, how) CASE(10, how) CASE(11, how) CASE(12, how)
#else
#define CASES(how) CASE(4, how) CASE(5, how) CASE(6, how)
#endif
#define INTO(name, how) \
    static __attribute__((noinline)) void name(int rows, ptrdiff_t depth, const REAL *a, const REAL *b, REAL *c, REAL *d) \
    { \
        switch (rows) { CASES(how) } \
    }
INTO(add, ADD)
INTO(add_both, ADD_BOTH)
INTO(add_and_take, ADD_AND_TAKE)

void combine_tiles(const REAL *one, const REAL *two, ptrdiff_t half, REAL *restrict to)
{
    ptrdiff_t n = half * TILE;
    for (ptrdiff_t i = 0; i < n; i += LANES, to += LANES) {
        for (int p = 0; p < COMBINED; p++) __builtin_prefetch(to + p * n + AHEAD, 1);
        __builtin_prefetch(one + i + AHEAD), __builtin_prefetch(one + n + i + AHEAD);
        __builtin_prefetch(two + i + AHEAD), __builtin_prefetch(two + n + i + AHEAD);
        vector a11 = load(one + i), a12 = load(one + n + i), a21 = load(two + i), a22 = load(two + n + i);
        store(to, a11 + a22);
        store(to + n, a21 + a22);
        store(to + 2 * n, a11 + a12);
        store(to + 3 * n, a21 - a11);
        store(to + 4 * n, a12 - a22);
    }
}

void combine_panels(const REAL *one, const REAL *two, ptrdiff_t half, REAL *restrict to)
{
    ptrdiff_t n = half * PANEL;
    for (ptrdiff_t i = 0; i < n; i += LANES, to += LANES) {
        vector b11 = load(one + i), b21 = load(one + n + i), b12 = load(two + i), b22 = load(two + n + i);
        store(to, b11 + b22);
        store(to + n, b12 - b22);
        store(to + 2 * n, b21 - b11);
        store(to + 3 * n, b11 + b12);
        store(to + 4 * n, b21 + b22);
    }
}

void multiply_four(int height, ptrdiff_t half, const REAL *one, const REAL *two, const REAL *tiles, const REAL *first,
                   const REAL *second, const REAL *panels, REAL *c11, REAL *c12, REAL *c21, REAL *c22)
{
    ptrdiff_t a = half * TILE, b = half * PANEL;
    add_both(height, half, tiles, panels, c11, c22);                    /* (A11 + A22)(B11 + B22) */
    add_and_take(height, half, tiles + a, first, c21, c22);             /* (A21 + A22) B11 */
    add_both(height, half, one, panels + b, c12, c22);                  /* A11 (B12 - B22) */
    add_both(height, half, two + a, panels + 2 * b, c11, c21);          /* A22 (B21 - B11) */
    add_and_take(height, half, tiles + 2 * a, second + b, c12, c11);    /* (A11 + A12) B22 */
    add(height, half, tiles + 3 * a, panels + 3 * b, c22, c22);         /* (A21 - A11)(B11 + B12) */
    add(height, half, tiles + 4 * a, panels + 4 * b, c11, c11);         /* (A12 - A22)(B21 + B22) */
}
