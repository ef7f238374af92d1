/* The register tile (see tile.h) and the packing that turns rows into columns for it. */
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

/* A square of LANES x LANES turned in registers: blocks of 1, 2, 4, ... change places across the diagonal. */
static inline __attribute__((always_inline)) void turn(vector *v)
{
#pragma GCC unroll 4
    for (int s = 1; s < LANES; s *= 2) {
        lanes low, high;
#pragma GCC unroll 16
        for (int l = 0; l < LANES; l++) {
            low[l] = l & s ? LANES + l - s : l;
            high[l] = l & s ? LANES + l : l + s;
        }
#pragma GCC unroll 16
        for (int i = 0; i < LANES; i++)
            if (!(i & s)) {
                vector a = v[i], b = v[i + s];
                v[i] = __builtin_shuffle(a, b, low);
                v[i + s] = __builtin_shuffle(a, b, high);
            }
    }
}

static inline __attribute__((always_inline)) void pack_across(
    const REAL *const *from, ptrdiff_t count, ptrdiff_t depth, REAL *restrict to, const int width)
{
    ptrdiff_t k = 0;
    for (; k + LANES <= depth; k += LANES, to += LANES * width)
#pragma GCC unroll 4
        for (int first = 0; first < width; first += LANES) {
            vector v[LANES];
            const int columns = width - first < LANES ? width - first : LANES;
#pragma GCC unroll 16
            for (int i = 0; i < LANES; i++) v[i] = first + i < count ? load(from[first + i] + k) : (vector){0};
            turn(v);
#pragma GCC unroll 16
            for (int i = 0; i < LANES; i++) memcpy(to + i * width + first, v + i, columns * sizeof(REAL));
        }
    for (; k < depth; k++, to += width)
        for (int i = 0; i < width; i++) to[i] = i < count ? from[i][k] : 0;
}

void pack_tile(const REAL *const *from, ptrdiff_t count, ptrdiff_t depth, REAL *to)
{
    pack_across(from, count, depth, to, TILE);
}

void pack_panel(const REAL *const *from, ptrdiff_t count, ptrdiff_t depth, REAL *to)
{
    pack_across(from, count, depth, to, PANEL);
}
