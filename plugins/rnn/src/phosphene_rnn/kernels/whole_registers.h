/* What every product of a tile of whole numbers begins with: its rows by a panel, in registers. A pair of a row meets a pair of each
 * column in one instruction, AVX-512's VNNI; without it a multiplication and an addition do the same, and the numbers are the same. */
#ifndef WHOLE_REGISTERS_H
#define WHOLE_REGISTERS_H
#include "whole.h"
#include <string.h>
#if defined(__SSE2__)
#include <immintrin.h>
#endif

typedef int16_t whole_numbers __attribute__((vector_size(VECTOR_BYTES), aligned(2), may_alias));
typedef uint32_t sums __attribute__((vector_size(VECTOR_BYTES), aligned(4), may_alias));       /* modulo 2^32 */

#if defined(__AVX512F__)
#define BY_VNNI __attribute__((target("avx512vnni")))
#define ADD_PAIRS(s, a, b) (sums)_mm512_dpwssd_epi32((__m512i)(s), (__m512i)(a), (__m512i)(b))
#elif defined(__AVX2__)
#define BY_VNNI
#define ADD_PAIRS(s, a, b) ((s) + (sums)_mm256_madd_epi16((__m256i)(a), (__m256i)(b)))
#elif defined(__SSE2__)
#define BY_VNNI
#define ADD_PAIRS(s, a, b) ((s) + (sums)_mm_madd_epi16((__m128i)(a), (__m128i)(b)))
#else
#define BY_VNNI
#define ADD_PAIRS(s, a, b) (s)
#endif

enum { SOON = 16 };        /* steps after which a panel's numbers have come from L2 */

/* The tile's product with the panel, added to what is there. */
static inline __attribute__((always_inline)) BY_VNNI void more_whole_in_registers(
    const int rows, ptrdiff_t pairs, const int16_t *restrict a, const int16_t *restrict b, sums s[TILE][2])
{
    for (ptrdiff_t k = 0; k < pairs; k++, a += 2 * TILE, b += 2 * PANEL) {
        whole_numbers left = *(const whole_numbers *)b, right = *(const whole_numbers *)(b + PANEL);
        __builtin_prefetch(b + SOON * 2 * PANEL);
        __builtin_prefetch(b + SOON * 2 * PANEL + PANEL);
#pragma GCC unroll 14
        for (int i = 0; i < rows; i++) {
            uint32_t pair;
            memcpy(&pair, a + 2 * i, sizeof pair);
            sums all = (sums){0} + pair;
            s[i][0] = ADD_PAIRS(s[i][0], all, left);
            s[i][1] = ADD_PAIRS(s[i][1], all, right);
        }
    }
}

static inline __attribute__((always_inline)) BY_VNNI void whole_in_registers(
    const int rows, ptrdiff_t pairs, const int16_t *restrict a, const int16_t *restrict b, sums s[TILE][2])
{
#pragma GCC unroll 14
    for (int i = 0; i < rows; i++) s[i][0] = s[i][1] = (sums){0};
    more_whole_in_registers(rows, pairs, a, b, s);
}
#endif
