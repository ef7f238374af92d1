/* Strassen's product (1969) of two row tiles by two panels: seven products of half the depth in the place of eight. Sums of the
 * operands' halves are made beforehand: those of weights once, when they are packed, for all products that they will be in; those of
 * a tile for all panels that it meets. The tile's registers are added to one or two of the four results, in L1. All in one slice
 * of the depth, so that nothing larger than a tile is ever added. */
#include "strassen.h"
#include "registers.h"
#include <string.h>

enum { AHEAD = 1024 / sizeof(REAL) };        /* numbers asked for that far ahead have come from L3 when it is their turn */

#define NUMBER REAL
#define OPERANDS vector
#define SUM REAL
#define SUMS vector
#define BUILT
#include "seven_products.h"
#include "forty_nine.h"

static inline __attribute__((always_inline)) void add_products(
    const int rows, ptrdiff_t depth, const REAL *restrict a, const REAL *restrict b, vector s[TILE][2])
{
    more_in_registers(rows, depth, a, b, s);
}

void combine_tiles(const REAL *one, const REAL *two, ptrdiff_t half, REAL *restrict to)
{
    ptrdiff_t n = half * TILE;
    for (ptrdiff_t at = 0; at < n; at += LANES) {
        ptrdiff_t i = at_most(at, n - LANES);               /* the last vector begins so that it ends where the half does */
        for (int p = 0; p < COMBINED; p++) __builtin_prefetch(to + p * n + i + AHEAD, 1);
        __builtin_prefetch(one + i + AHEAD), __builtin_prefetch(one + n + i + AHEAD);
        __builtin_prefetch(two + i + AHEAD), __builtin_prefetch(two + n + i + AHEAD);
        vector a11 = load(one + i), a12 = load(one + n + i), a21 = load(two + i), a22 = load(two + n + i);
        store(to + i, a11 + a22);
        store(to + n + i, a21 + a22);
        store(to + 2 * n + i, a11 + a12);
        store(to + 3 * n + i, a21 - a11);
        store(to + 4 * n + i, a12 - a22);
    }
}

void combine_panels(const REAL *one, const REAL *two, ptrdiff_t half, REAL *restrict to)
{
    ptrdiff_t n = half * PANEL;
    for (ptrdiff_t i = 0; i < n; i += LANES, to += LANES) {
        __builtin_prefetch(one + i + AHEAD), __builtin_prefetch(one + n + i + AHEAD);
        __builtin_prefetch(two + i + AHEAD), __builtin_prefetch(two + n + i + AHEAD);
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
    seven_products_of(height, ADD, half, half * TILE, half * PANEL, one, two, tiles, first, second, panels, c11, c12, c21, c22, PANEL);
}

void combine_four_tiles(const REAL *four, ptrdiff_t depth, REAL *to) { take_four_apart(1, four, depth / 4 * TILE, to); }
void combine_four_panels(const REAL *four, ptrdiff_t depth, REAL *to) { take_four_apart(0, four, depth / 4 * PANEL, to); }

void multiply_sixteen(int height, ptrdiff_t depth, const REAL *tiles, const REAL *panels, REAL *out, ptrdiff_t tile, ptrdiff_t panel)
{
    forty_nine_products(height, depth / 4, depth / 4 * TILE, depth / 4 * PANEL, tiles, panels, out, tile, panel, PANEL);
}
