/* The register tile (see tile.h) and the packing that turns rows for it. */
#include "tile.h"
#include <string.h>

static inline __attribute__((always_inline)) void tile_of(
    const int rows, ptrdiff_t depth, const REAL *restrict a, const REAL *restrict b, REAL *restrict sums, int add)
{
    vector s[TILE][2];
#pragma GCC unroll 14
    for (int i = 0; i < rows; i++) s[i][0] = s[i][1] = (vector){0};
    for (ptrdiff_t k = 0; k < depth; k++, a += TILE, b += PANEL) {
        vector left = load(b), right = load(b + LANES);
#pragma GCC unroll 14
        for (int i = 0; i < rows; i++) {
            s[i][0] += a[i] * left;
            s[i][1] += a[i] * right;
        }
    }
#pragma GCC unroll 14
    for (int i = 0; i < rows; i++, sums += PANEL) {
        if (add) s[i][0] += load(sums), s[i][1] += load(sums + LANES);
        store(sums, s[i][0]);
        store(sums + LANES, s[i][1]);
    }
}

/* Each number of rows is compiled on its own: a last tile that is not full costs no more than its rows. */
void multiply_tile(int rows, ptrdiff_t depth, const REAL *a, const REAL *b, REAL *sums, int add)
{
#define CASE(n) case n: tile_of(n, depth, a, b, sums, add); break;
    switch (rows) {
        CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6)
#if TILE > 6
        CASE(7) CASE(8) CASE(9) CASE(10) CASE(11) CASE(12)
#endif
#if TILE > 12
        CASE(13) CASE(14)
#endif
    }
#undef CASE
}

void pack_across(const REAL *const *from, ptrdiff_t count, ptrdiff_t depth, REAL *restrict to, ptrdiff_t width)
{
    enum { LINE = 64 / sizeof(REAL) };  /* by cache lines, so that each is fetched once */
    for (ptrdiff_t k = 0; k < depth; k += LINE) {
        ptrdiff_t run = depth - k < LINE ? depth - k : LINE;
        for (ptrdiff_t i = 0; i < count; i++) {
            const REAL *row = from[i] + k;
            REAL *out = to + k * width + i;
            if (run == LINE)
                for (int j = 0; j < LINE; j++) out[j * width] = row[j];
            else
                for (ptrdiff_t j = 0; j < run; j++) out[j * width] = row[j];
        }
        for (ptrdiff_t j = 0; j < run && count < width; j++)
            memset(to + (k + j) * width + count, 0, (width - count) * sizeof(REAL));
    }
}
