/* Squares of COLUMNS x COLUMNS numbers, turned: rows become columns. */
#ifndef TRANSPOSE_H
#define TRANSPOSE_H
#include "tile.h"

#if defined(__AVX512F__)
/* 16 x 16 floats, a vector each row, in four rounds of shuffles, each doubling the length of the pieces that are in order. */
static inline __attribute__((always_inline)) void turn_16(__m512i *a)
{
    __m512i b[16];
#pragma GCC unroll 8
    for (int i = 0; i < 16; i += 2) {
        b[i] = _mm512_unpacklo_epi32(a[i], a[i + 1]);
        b[i + 1] = _mm512_unpackhi_epi32(a[i], a[i + 1]);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 16; i += 4) {
        a[i] = _mm512_unpacklo_epi64(b[i], b[i + 2]);
        a[i + 1] = _mm512_unpackhi_epi64(b[i], b[i + 2]);
        a[i + 2] = _mm512_unpacklo_epi64(b[i + 1], b[i + 3]);
        a[i + 3] = _mm512_unpackhi_epi64(b[i + 1], b[i + 3]);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
        b[i] = _mm512_shuffle_i32x4(a[i], a[i + 4], 0x88);
        b[i + 4] = _mm512_shuffle_i32x4(a[i], a[i + 4], 0xdd);
        b[i + 8] = _mm512_shuffle_i32x4(a[i + 8], a[i + 12], 0x88);
        b[i + 12] = _mm512_shuffle_i32x4(a[i + 8], a[i + 12], 0xdd);
    }
#pragma GCC unroll 8
    for (int i = 0; i < 8; i++) {
        a[i] = _mm512_shuffle_i32x4(b[i], b[i + 8], 0x88);
        a[i + 8] = _mm512_shuffle_i32x4(b[i], b[i + 8], 0xdd);
    }
}

static inline void transpose_16(const float *restrict from, ptrdiff_t from_row, float *restrict to, ptrdiff_t to_row)
{
    __m512i a[16];
#pragma GCC unroll 16
    for (int i = 0; i < 16; i++) a[i] = _mm512_loadu_si512(from + i * from_row);
    turn_16(a);
#pragma GCC unroll 16
    for (int i = 0; i < 16; i++) _mm512_storeu_si512(to + i * to_row, a[i]);
}

/* The same where `from` has only some rows and columns, at most 16: the others are neither read nor written, zeros stand
 * for rows that are not there. */
static __attribute__((noinline, unused)) void transpose_some(const float *restrict from, ptrdiff_t from_row, ptrdiff_t rows, ptrdiff_t columns,
                                  float *restrict to, ptrdiff_t to_row)
{
    __m512i a[16];
    __mmask16 reads = (__mmask16)((1u << columns) - 1);
#pragma GCC unroll 16
    for (int i = 0; i < 16; i++) a[i] = _mm512_maskz_loadu_epi32(i < rows ? reads : 0, from + i * from_row);
    turn_16(a);
#pragma GCC unroll 16
    for (int i = 0; i < 16; i++)
        if (i < columns) _mm512_storeu_si512(to + i * to_row, a[i]);
}

/* Four vectors, as 4 x 4 blocks of four numbers: the blocks' rows become columns. */
static inline __attribute__((always_inline)) void transpose_blocks(const __m512 *from, float *restrict to)
{
    __m512 a = _mm512_shuffle_f32x4(from[0], from[1], 0x44), b = _mm512_shuffle_f32x4(from[0], from[1], 0xee);
    __m512 c = _mm512_shuffle_f32x4(from[2], from[3], 0x44), d = _mm512_shuffle_f32x4(from[2], from[3], 0xee);
    _mm512_storeu_ps(to, _mm512_shuffle_f32x4(a, c, 0x88));
    _mm512_storeu_ps(to + 16, _mm512_shuffle_f32x4(a, c, 0xdd));
    _mm512_storeu_ps(to + 32, _mm512_shuffle_f32x4(b, d, 0x88));
    _mm512_storeu_ps(to + 48, _mm512_shuffle_f32x4(b, d, 0xdd));
}
#endif

/* The first `columns` columns of `from`, dense, become rows of `to`, `to_row` apart; a few rows more may be written. */
static inline void transpose_square(const REAL *restrict from, int columns, REAL *restrict to, ptrdiff_t to_row)
{
#if defined(__AVX512F__)
    if (sizeof(REAL) == 4) {
        for (int j = 0; j < columns; j += 16)
            for (int i = 0; i < COLUMNS; i += 16)
                transpose_16((const float *)from + i * COLUMNS + j, COLUMNS, (float *)to + j * to_row + i, to_row);
        return;
    }
#endif
    for (int i = 0; i < COLUMNS; i++)
        for (int j = 0; j < columns; j++) to[j * to_row + i] = from[i * COLUMNS + j];
}
#endif
