/* What every product of a tile begins with: its rows by a panel, in registers. Who includes it says what becomes of them. */
#ifndef REGISTERS_H
#define REGISTERS_H
#include "tile.h"

/* `later`: what will be wanted after this, as much as there is of b; it is asked for meanwhile. */
static inline __attribute__((always_inline)) void tile_in_registers(
    const int rows, ptrdiff_t depth, const REAL *restrict a, const REAL *restrict b, const REAL *later, vector s[TILE][2])
{
#pragma GCC unroll 14
    for (int i = 0; i < rows; i++) s[i][0] = s[i][1] = (vector){0};
    for (ptrdiff_t k = 0; k < depth; k++, a += TILE, b += PANEL, later += PANEL) {
        vector left = load(b), right = load(b + LANES);
        __builtin_prefetch(later);
        __builtin_prefetch(later + LANES);
#pragma GCC unroll 14
        for (int i = 0; i < rows; i++) {
            s[i][0] += a[i] * left;
            s[i][1] += a[i] * right;
        }
    }
}
#endif
