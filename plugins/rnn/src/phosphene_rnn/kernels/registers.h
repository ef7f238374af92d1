/* What every product of a tile begins with: its rows by a panel, in registers. Who includes it says what becomes of them. */
#ifndef REGISTERS_H
#define REGISTERS_H
#include "tile.h"

enum { STEPS_AHEAD = 16 };        /* steps of the depth after which a panel's numbers have come from L2 */

/* The tile's product with the panel, added to what is there. */
static inline __attribute__((always_inline)) void more_in_registers(
    const int rows, ptrdiff_t depth, const REAL *restrict a, const REAL *restrict b, vector s[TILE][2])
{
    for (ptrdiff_t k = 0; k < depth; k++, a += TILE, b += PANEL) {
        vector left = load(b), right = load(b + LANES);
        __builtin_prefetch(b + STEPS_AHEAD * PANEL);
        __builtin_prefetch(b + STEPS_AHEAD * PANEL + LANES);
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
