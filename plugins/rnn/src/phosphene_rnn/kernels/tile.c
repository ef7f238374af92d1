/* The register tile (see tile.h) and the packing that turns rows into columns for it. */
#include "heights.h"
#include "registers.h"
#include <string.h>

static inline __attribute__((always_inline)) void tile_of(
    const int rows, ptrdiff_t depth, const REAL *restrict a, const REAL *restrict b, REAL *restrict sums, int add)
{
    vector s[TILE][2];
    tile_in_registers(rows, depth, a, b, s);
#pragma GCC unroll 14
    for (int i = 0; i < rows; i++, sums += PANEL) {
        if (add) s[i][0] += load(sums), s[i][1] += load(sums + LANES);
        store(sums, s[i][0]);
        store(sums + LANES, s[i][1]);
    }
}

void multiply_tile(int rows, ptrdiff_t depth, const REAL *a, const REAL *b, REAL *sums, int add)
{
#define CASE(n, add) case n: tile_of(n, depth, a, b, sums, add); break;
    switch (rows) {
        EVERY_HEIGHT(CASE, add)
    }
#undef CASE
}

/* For blocks of s lanes that change places across the diagonal: which lanes of two rows' vectors, one after the other, make
 * the first row and which the second. */
#define FIRST(s, l) (l) & (s) ? LANES + (l) - (s) : (l)
#define SECOND(s, l) (l) & (s) ? LANES + (l) : (l) + (s)
#define FOUR(which, s, l) which(s, l), which(s, l + 1), which(s, l + 2), which(s, l + 3)
#define ALL(which, s) {FOUR(which, s, 0), FOUR(which, s, 4), FOUR(which, s, 8), FOUR(which, s, 12)}
static const lane_number chosen[4][2][16] = {
    {ALL(FIRST, 1), ALL(SECOND, 1)}, {ALL(FIRST, 2), ALL(SECOND, 2)},
    {ALL(FIRST, 4), ALL(SECOND, 4)}, {ALL(FIRST, 8), ALL(SECOND, 8)}};

/* A square of LANES x LANES turned in registers. */
static inline __attribute__((always_inline)) void turn(vector *v)
{
#pragma GCC unroll 4
    for (int round = 0; 1 << round < LANES; round++) {
        lanes first, second;
        memcpy(&first, chosen[round][0], sizeof first);
        memcpy(&second, chosen[round][1], sizeof second);
#pragma GCC unroll 16
        for (int i = 0; i < LANES; i++)
            if (!(i & 1 << round)) {
                vector a = v[i], b = v[i + (1 << round)];
                v[i] = __builtin_shuffle(a, b, first);
                v[i + (1 << round)] = __builtin_shuffle(a, b, second);
            }
    }
}

/* Columns k ... of up to LANES rows, turned, to to[... * width]. Where a row of the result is shorter than a vector, the whole
 * vector is stored all the same: the next one covers what is too much, and the last is cut. */
static inline __attribute__((always_inline)) void pack_square(
    const REAL *const *from, ptrdiff_t count, ptrdiff_t k, REAL *restrict to, const int width, const int columns)
{
    vector v[LANES];
    if (count >= columns) {
#pragma GCC unroll 16
        for (int i = 0; i < LANES; i++) v[i] = i < columns ? load(from[i] + k) : (vector){0};
    } else
        for (int i = 0; i < LANES; i++) v[i] = i < count ? load(from[i] + k) : (vector){0};
    turn(v);
#pragma GCC unroll 16
    for (int i = 0; i < LANES; i++)
        if (columns == LANES || (columns == width && i < LANES - 1)) store(to + i * width, v[i]);
        else memcpy(to + i * width, v + i, columns * sizeof(REAL));
}

static inline __attribute__((always_inline)) void pack_across(
    const REAL *const *from, ptrdiff_t count, ptrdiff_t depth, REAL *restrict to, const int width)
{
    ptrdiff_t k = 0;
    for (; k + LANES <= depth; k += LANES, to += LANES * width)
#pragma GCC unroll 4
        for (int first = 0; first < width; first += LANES)
            pack_square(from + first, count - first, k, to + first, width, width - first < LANES ? width - first : LANES);
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

void turn_panel(const REAL *panel, ptrdiff_t depth, ptrdiff_t count, REAL *to, ptrdiff_t apart)
{
    ptrdiff_t k = 0;
    for (; k + LANES <= depth; k += LANES)
        for (ptrdiff_t first = 0; first < count; first += LANES) {
            vector v[LANES];
#pragma GCC unroll 16
            for (int i = 0; i < LANES; i++) v[i] = load(panel + (k + i) * PANEL + first);
            turn(v);
            for (int i = 0; i < LANES && first + i < count; i++) store(to + (first + i) * apart + k, v[i]);
        }
    for (; k < depth; k++)
        for (ptrdiff_t i = 0; i < count; i++) to[i * apart + k] = panel[k * PANEL + i];
}
