/* What every product of a tile begins with: its rows by a panel, in registers. Who includes it says what becomes of them. */
#ifndef REGISTERS_H
#define REGISTERS_H
#include "tile.h"

/* Multiplications of a row after which a panel's numbers have come from L2, or from L3 where rows are so few that it takes no time
 * to be done with what is in L2. */
enum { MULTIPLIED_AHEAD = 224 };

/* The tile's product with the panel, added to what is there. */
static inline __attribute__((always_inline)) void more_in_registers(
    const int rows, ptrdiff_t depth, const REAL *restrict a, const REAL *restrict b, vector s[TILE][2])
{
    const ptrdiff_t ahead = MULTIPLIED_AHEAD / rows * PANEL;
    for (ptrdiff_t k = 0; k < depth; k++, a += TILE, b += PANEL) {
        vector left = load(b), right = load(b + LANES);
        __builtin_prefetch(b + ahead);
        __builtin_prefetch(b + ahead + LANES);
#pragma GCC unroll 14
        for (int i = 0; i < rows; i++) {
            s[i][0] += a[i] * left;
            s[i][1] += a[i] * right;
        }
    }
}

static inline __attribute__((always_inline)) void tile_in_registers(
    const int rows, ptrdiff_t depth, const REAL *restrict a, const REAL *restrict b, vector s[TILE][2])
{
#pragma GCC unroll 14
    for (int i = 0; i < rows; i++) s[i][0] = s[i][1] = (vector){0};
    more_in_registers(rows, depth, a, b, s);
}
#endif
