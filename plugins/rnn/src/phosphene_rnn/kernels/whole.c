/* Whole numbers (see whole.h): the register tile, and rounding. */
#include "heights.h"
#include "whole_registers.h"

#ifdef IS_FLOAT
#include "exponential.h"
#include <math.h>

typedef int16_t narrow __attribute__((vector_size(VECTOR_BYTES / 2), aligned(2), may_alias));

#if defined(__AVX512F__)
int can_multiply_whole(void) { return __builtin_cpu_supports("avx512vnni"); }
#elif defined(__SSE2__)
int can_multiply_whole(void) { return 1; }
#else
int can_multiply_whole(void) { return 0; }
#endif

static inline __attribute__((always_inline)) BY_VNNI void tile_of(
    const int rows, ptrdiff_t pairs, const int16_t *restrict a, const int16_t *restrict b, int32_t *restrict out, ptrdiff_t apart)
{
    sums s[TILE][2];
    whole_in_registers(rows, pairs, a, b, s);
#pragma GCC unroll 14
    for (int i = 0; i < rows; i++, out += apart) {
        *(sums *)out = s[i][0];
        *(sums *)(out + LANES) = s[i][1];
    }
}

BY_VNNI void multiply_whole(int rows, ptrdiff_t pairs, const int16_t *a, const int16_t *b, int32_t *out, ptrdiff_t apart)
{
#define CASE(n, apart) case n: tile_of(n, pairs, a, b, out, apart); break;
    switch (rows) {
        EVERY_HEIGHT(CASE, apart)
    }
#undef CASE
}

int round_row(const float *from, ptrdiff_t depth, const float *mean, int16_t *to, rounded *r)
{
    const vector shift = (vector){0} + 12582912.0f;         /* 1.5 * 2^23: adding it rounds to whole numbers */
    ptrdiff_t whole = depth / LANES * LANES, k;
    vector squares = {0}, most = {0}, least = {0}, lost = {0}, missed = {0}, last = {0};
    memcpy(&last, from + whole, (depth - whole) * sizeof(float));
    for (k = 0; k <= whole; k += LANES) {
        vector x = k < whole ? load(from + k) : last;
        squares += x * x, most = MOST(most, x), least = LEAST(least, x);
    }
    float sum = 0, largest = 0;
    for (int l = 0; l < LANES; l++) {
        sum += squares[l];
        largest = most[l] > largest ? most[l] : largest;
        largest = -least[l] > largest ? -least[l] : largest;
    }
    r->norm = sqrtf(sum), r->lost = r->missed = 0, r->scale = scale_of(depth, r->norm, largest);
    if (!(r->scale > 0)) return -1;
    float by = 1 / r->scale;
    for (k = 0; k <= whole; k += LANES) {
        vector x = k < whole ? load(from + k) : last, shifted = x * by + shift, rest = x - (shifted - shift) * r->scale;
        narrow numbers = __builtin_convertvector((lanes)shifted - (lanes)shift, narrow);
        lost += rest * rest, missed += rest * load(mean + k);
        if (k < whole) *(narrow *)(to + k) = numbers;
        else memcpy(to + k, &numbers, (2 * pairs_of(depth) - whole) * sizeof(int16_t));
    }
    for (int l = 0; l < LANES; l++) r->lost += lost[l], r->missed += missed[l];
    r->lost = sqrtf(r->lost);
    return 0;
}
#endif
