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

static inline ptrdiff_t at_most(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }
static inline ptrdiff_t parts_of(ptrdiff_t a, ptrdiff_t size) { return (a + size - 1) / size; }

static inline vector load(const REAL *p) { return *(const vector *)p; }
static inline void store(REAL *p, vector v) { *(vector *)p = v; }

/* The first `count` lanes, or all where there are not so many. */
static inline void store_some(REAL *p, vector v, ptrdiff_t count)
{
#if defined(__AVX512F__)
    if (count < LANES) {
        if (sizeof(REAL) == 4) _mm512_mask_storeu_epi32(p, (__mmask16)((1u << count) - 1), (__m512i)v);
        else _mm512_mask_storeu_epi64(p, (__mmask8)((1u << count) - 1), (__m512i)v);
        return;
    }
#endif
    if (count >= LANES) store(p, v);
    else memcpy(p, &v, count * sizeof(REAL));
}

/* The first `count` numbers, zeros after them; all of a vector where there are so many. */
static inline vector load_some(const REAL *p, ptrdiff_t count)
{
    vector v = {0};
    if (count >= LANES) return load(p);
#if defined(__AVX512F__)
    unsigned lanes = count > 0 ? (1u << count) - 1 : 0;
    if (sizeof(REAL) == 4) return (vector)_mm512_maskz_loadu_epi32((__mmask16)lanes, p);
    return (vector)_mm512_maskz_loadu_epi64((__mmask8)lanes, p);
#endif
    if (count > 0) memcpy(&v, p, count * sizeof(REAL));
    return v;
}

/* Zero where v is below zero; NaN stays. */
static inline vector rectified(vector v)
{
    __typeof__(v < v) below = v < 0;
    return (vector)((__typeof__(below))v & ~below);
}

static inline REAL sum_of(vector v)
{
#if defined(__AVX512F__)
    return sizeof(REAL) == 4 ? (REAL)_mm512_reduce_add_ps((__m512)v) : (REAL)_mm512_reduce_add_pd((__m512d)v);
#else
    REAL sum = 0;
    for (int l = 0; l < LANES; l++) sum += v[l];
    return sum;
#endif
}

/* sums[i][j] = or += over k < depth: a[i * a_row + k * a_depth] * b[k * b_depth + j], for `rows` rows and `vectors`
 * vectors of columns; rows of sums are sums_row apart. Both counts must be constants for the tile to stay in registers. */
static inline __attribute__((always_inline)) void tile_of(
    int rows, int vectors, ptrdiff_t depth, const REAL *restrict a, ptrdiff_t a_row, ptrdiff_t a_depth,
    const REAL *restrict b, ptrdiff_t b_depth, REAL *restrict sums, ptrdiff_t sums_row, int add)
{
    vector s[ROWS][3];
#pragma GCC unroll 12
    for (int i = 0; i < rows; i++)
#pragma GCC unroll 3
        for (int j = 0; j < vectors; j++) s[i][j] = (vector){0};
    for (ptrdiff_t k = 0; k < depth; k++) {
        vector columns[3];
#pragma GCC unroll 3
        for (int j = 0; j < vectors; j++) columns[j] = load(b + j * LANES);
#pragma GCC unroll 12
        for (int i = 0; i < rows; i++) {
            REAL factor = a[i * a_row];
#pragma GCC unroll 3
            for (int j = 0; j < vectors; j++) s[i][j] += factor * columns[j];
        }
        a += a_depth;
        b += b_depth;
    }
#pragma GCC unroll 12
    for (int i = 0; i < rows; i++)
#pragma GCC unroll 3
        for (int j = 0; j < vectors; j++) {
            REAL *to = sums + i * sums_row + j * LANES;
            if (add) s[i][j] += load(to);
            store(to, s[i][j]);
        }
}

/* The tile of ROWS x COLUMNS, its sums dense, for factors packed in slivers (a[k * ROWS + i]) or lying in rows
 * (a[i * a_row + k]). A last sliver of few rows, or a last panel of few columns, takes a smaller tile. */
#define SMALLER_TILES(rows, columns, a_row, a_depth) \
    if (columns > LANES) { \
        if (rows > 2 * ROWS / 3) tile_of(ROWS, 2, depth, a, a_row, a_depth, b, COLUMNS, sums, COLUMNS, add); \
        else if (rows > ROWS / 3) tile_of(2 * ROWS / 3, 2, depth, a, a_row, a_depth, b, COLUMNS, sums, COLUMNS, add); \
        else tile_of(ROWS / 3, 2, depth, a, a_row, a_depth, b, COLUMNS, sums, COLUMNS, add); \
    } else if (rows > ROWS / 2) tile_of(ROWS, 1, depth, a, a_row, a_depth, b, COLUMNS, sums, COLUMNS, add); \
    else tile_of(ROWS / 2, 1, depth, a, a_row, a_depth, b, COLUMNS, sums, COLUMNS, add);

static __attribute__((noinline, unused)) void tile_packed(
    ptrdiff_t rows, int columns, ptrdiff_t depth, const REAL *a, const REAL *b, REAL *sums, int add)
{
    SMALLER_TILES(rows, columns, 1, ROWS)
}

static __attribute__((noinline, unused)) void tile_in_rows(
    ptrdiff_t rows, int columns, ptrdiff_t depth, const REAL *a, ptrdiff_t a_row, const REAL *b, REAL *sums, int add)
{
    SMALLER_TILES(rows, columns, a_row, 1)
}
#endif
