/* Strassen's product (1969) of two tiles by two panels of whole numbers, as strassen.c has it for floats: seven products of half the
 * depth in the place of eight. Here it costs no precision. */
#include "whole_registers.h"

#ifdef IS_FLOAT

#define NUMBER int16_t
#define OPERANDS whole_numbers
#define SUM int32_t
#define SUMS sums
#define BUILT BY_VNNI
#include "seven_products.h"
#include "forty_nine.h"

static inline __attribute__((always_inline)) BY_VNNI void add_products(
    const int rows, ptrdiff_t pairs, const int16_t *restrict a, const int16_t *restrict b, sums s[TILE][2])
{
    more_whole_in_registers(rows, pairs, a, b, s);
}

static inline whole_numbers at(const int16_t *p) { return *(const whole_numbers *)p; }
static inline void keep(int16_t *p, whole_numbers x) { *(whole_numbers *)p = x; }

/* n: numbers of half a tile or panel, whole vectors. */
static inline void combine(const int16_t *one, const int16_t *two, ptrdiff_t n, int16_t *restrict to, int of_tiles)
{
    for (ptrdiff_t i = 0; i < n; i += 2 * LANES, to += 2 * LANES) {
        whole_numbers x = at(one + i), y = at(one + n + i), z = at(two + i), w = at(two + n + i);
        keep(to, x + w);
        keep(to + n, of_tiles ? z + w : z - w);
        keep(to + 2 * n, of_tiles ? x + y : y - x);
        keep(to + 3 * n, of_tiles ? z - x : x + z);
        keep(to + 4 * n, of_tiles ? y - w : y + w);
    }
}

void combine_whole_tiles(const int16_t *one, const int16_t *two, ptrdiff_t pairs, int16_t *to) { combine(one, two, pairs * TILE, to, 1); }
void combine_whole_panels(const int16_t *one, const int16_t *two, ptrdiff_t pairs, int16_t *to) { combine(one, two, pairs * PANEL, to, 0); }

void combine_four_whole_tiles(const int16_t *four, ptrdiff_t pairs, int16_t *to) { take_four_apart(1, four, pairs / 2 * TILE, to); }
void combine_four_whole_panels(const int16_t *four, ptrdiff_t pairs, int16_t *to) { take_four_apart(0, four, pairs / 2 * PANEL, to); }

BY_VNNI void multiply_whole_sixteen(
    int height, ptrdiff_t pairs, const int16_t *tiles, const int16_t *panels, int32_t *out, ptrdiff_t tile, ptrdiff_t apart)
{
    forty_nine_products(height, pairs / 4, pairs / 2 * TILE, pairs / 2 * PANEL, tiles, panels, out, tile, PANEL, apart);
}

BY_VNNI void multiply_whole_four(
    int height, ptrdiff_t pairs, const int16_t *one, const int16_t *two, const int16_t *tiles, const int16_t *first, const int16_t *second,
    const int16_t *panels, int32_t *upper, int32_t *lower, ptrdiff_t apart)
{
    seven_products_of(height, SET, pairs / 2, pairs * TILE, pairs * PANEL, one, two, tiles, first, second, panels, upper, upper + PANEL, lower,
                      lower + PANEL, apart);
}
#endif
