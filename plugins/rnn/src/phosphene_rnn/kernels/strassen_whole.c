/* Strassen's product (1969) of two tiles by two panels of whole numbers, as strassen.c has it for floats: seven products of half the
 * depth in the place of eight. Here it costs no precision. */
#include "whole_registers.h"

#ifdef IS_FLOAT

#define NUMBER int16_t
#define SUM sums
#define BUILT BY_VNNI
#include "seven_products.h"

static inline __attribute__((always_inline)) BY_VNNI void tile_into(
    const int rows, const int how, ptrdiff_t pairs, const int16_t *restrict a, const int16_t *restrict b, sums *restrict c, sums *restrict d)
{
    sums s[TILE][2];
    whole_in_registers(rows, pairs, a, b, s);
#pragma GCC unroll 14
    for (int i = 0; i < rows; i++)
#pragma GCC unroll 2
        for (int j = 0; j < 2; j++) {
            c[2 * i + j] += s[i][j];
            if (how == ADD_BOTH) d[2 * i + j] += s[i][j];
            if (how == ADD_AND_TAKE) d[2 * i + j] -= s[i][j];
        }
}

static inline whole_numbers at(const int16_t *p) { return *(const whole_numbers *)p; }
static inline void put(int16_t *p, whole_numbers x) { *(whole_numbers *)p = x; }

/* n: numbers of half a tile or panel, whole vectors. */
static inline void combine(const int16_t *one, const int16_t *two, ptrdiff_t n, int16_t *restrict to, int of_tiles)
{
    for (ptrdiff_t i = 0; i < n; i += 2 * LANES, to += 2 * LANES) {
        whole_numbers x = at(one + i), y = at(one + n + i), z = at(two + i), w = at(two + n + i);
        put(to, x + w);
        put(to + n, of_tiles ? z + w : z - w);
        put(to + 2 * n, of_tiles ? x + y : y - x);
        put(to + 3 * n, of_tiles ? z - x : x + z);
        put(to + 4 * n, of_tiles ? y - w : y + w);
    }
}

void combine_whole_tiles(const int16_t *one, const int16_t *two, ptrdiff_t pairs, int16_t *to) { combine(one, two, pairs * TILE, to, 1); }
void combine_whole_panels(const int16_t *one, const int16_t *two, ptrdiff_t pairs, int16_t *to) { combine(one, two, pairs * PANEL, to, 0); }

BY_VNNI void multiply_whole_four(
    int height, ptrdiff_t pairs, const int16_t *one, const int16_t *two, const int16_t *tiles, const int16_t *first, const int16_t *second,
    const int16_t *panels, int32_t *upper, int32_t *lower, ptrdiff_t apart)
{
    sums c[4][2 * TILE] __attribute__((aligned(64))) = {{{0}}}, *c11 = c[0], *c12 = c[1], *c21 = c[2], *c22 = c[3];
    seven_products(height, pairs / 2, pairs * TILE, pairs * PANEL, one, two, tiles, first, second, panels, c11, c12, c21, c22);
    for (int i = 0; i < height; i++)
        for (int j = 0; j < 2; j++) {
            *(sums *)(upper + i * apart + j * LANES) = c11[2 * i + j];
            *(sums *)(upper + i * apart + PANEL + j * LANES) = c12[2 * i + j];
            *(sums *)(lower + i * apart + j * LANES) = c21[2 * i + j];
            *(sums *)(lower + i * apart + PANEL + j * LANES) = c22[2 * i + j];
        }
}
#endif
