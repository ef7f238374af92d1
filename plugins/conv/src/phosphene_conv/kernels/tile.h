/* The register tile: rows x columns of a matrix product, held in vector registers while the depth runs by.
 *
 * One broadcast of each row's factor meets ROWS... vectors of the columns' factors; with 12 x 2 vectors of 64 bytes, 24 of
 * AVX-512's 32 registers are sums, two hold the columns and the broadcasts ride on the multiply-adds, so both
 * multiply-add ports work in every cycle. AVX2 has 16 registers: 6 x 2 vectors of 32 bytes.
 */
#ifndef TILE_H
#define TILE_H
#include <stddef.h>
#include <string.h>

#if defined(__AVX512F__)
#include <immintrin.h>
#define VECTOR_BYTES 64
#define ROWS 12
#elif defined(__AVX2__)
#define VECTOR_BYTES 32
#define ROWS 6
#else
#define VECTOR_BYTES 16
#define ROWS 6
#endif

enum { LANES = VECTOR_BYTES / sizeof(REAL), COLUMNS = 2 * LANES, TILE = ROWS * COLUMNS };

typedef REAL vector __attribute__((vector_size(VECTOR_BYTES), aligned(__alignof__(REAL)), may_alias));

static inline vector load(const REAL *p) { return *(const vector *)p; }
static inline void store(REAL *p, vector v) { *(vector *)p = v; }

/* Zero where v is below zero; NaN stays. */
static inline vector rectified(vector v)
{
    __typeof__(v < v) below = v < 0;
    return (vector)((__typeof__(below))v & ~below);
}

/* sums (ROWS x COLUMNS, dense) = or += rows' factors times columns' factors over `depth`.
 * Row i's factor at depth k is a[i * a_row + k * a_depth]; the columns' are b[k * COLUMNS ...]. */
static inline __attribute__((always_inline)) void tile_product(
    ptrdiff_t depth, const REAL *restrict a, ptrdiff_t a_row, ptrdiff_t a_depth, const REAL *restrict b,
    REAL *restrict sums, int add)
{
    vector s[ROWS][2];
#pragma GCC unroll 12
    for (int i = 0; i < ROWS; i++) s[i][0] = s[i][1] = (vector){0};
    for (ptrdiff_t k = 0; k < depth; k++) {
        vector left = load(b), right = load(b + LANES);
#pragma GCC unroll 12
        for (int i = 0; i < ROWS; i++) {
            REAL factor = a[i * a_row];
            s[i][0] += factor * left;
            s[i][1] += factor * right;
        }
        a += a_depth;
        b += COLUMNS;
    }
#pragma GCC unroll 12
    for (int i = 0; i < ROWS; i++) {
        REAL *row = sums + i * COLUMNS;
        if (add) s[i][0] += load(row), s[i][1] += load(row + LANES);
        store(row, s[i][0]);
        store(row + LANES, s[i][1]);
    }
}
#endif
