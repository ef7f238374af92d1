/* A picture a whole number of times smaller: each of its pixels is the mean of a box.
 *
 * Rows are added up first, whole rows at a time; then neighbours, a pixel's three colours in one vector. The division is a
 * multiplication whose result's highest byte is the mean: the constant is found once for all boxes of a size.
 */
#include <string.h>
#include "kernels.h"
#include "room.h"

typedef uint32_t colours __attribute__((vector_size(16), aligned(4), may_alias));     /* and what comes next */
typedef uint8_t sixteen __attribute__((vector_size(16)));

static inline ptrdiff_t at_most(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }

static void add_rows(uint32_t *restrict sums, const uint8_t *restrict from, ptrdiff_t step, ptrdiff_t rows, ptrdiff_t width)
{
    for (ptrdiff_t i = 0; i < width; i++) sums[i] = from[i];
    for (ptrdiff_t r = 1; r < rows; r++)
        for (ptrdiff_t i = 0; i < width; i++) sums[i] += from[r * step + i];
}

/* The highest byte of each of three colours. */
static inline void store_highest(uint8_t *to, colours c)
{
#if defined(__AVX2__)
    sixteen bytes = __builtin_shuffle((sixteen)c, (sixteen){3, 7, 11, 15});
    memcpy(to, &bytes, 4);                      /* the fourth is covered by the next pixel */
#else
    for (int i = 0; i < 3; i++) to[i] = (uint8_t)(c[i] >> 24);
#endif
}

int FOR_THIS_SET(reduce)(const uint8_t *picture, ptrdiff_t width, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t down,
                         ptrdiff_t across, uint8_t *to)
{
    uint32_t *sums = room(3 * columns + 1, sizeof *sums);
    if (!sums) return -1;
    sums[3 * columns] = 0;
    for (ptrdiff_t y = 0; y < rows; y += down, picture += 3 * width * down) {
        const ptrdiff_t high = at_most(down, rows - y);
        add_rows(sums, picture, 3 * width, high, 3 * columns);
        const uint32_t *from = sums;
        for (ptrdiff_t x = 0; x < columns;) {   /* once for all whole boxes, once for a narrower one at the end */
            const ptrdiff_t wide = at_most(across, columns - x), end = x + (columns - x) / wide * wide;
            const uint32_t count = (uint32_t)(wide * high), share = (uint32_t)((float)(1ull << 32) / (float)(count << 8));
            for (; x < end; x += wide, to += 3) {
                colours total = (colours){0} + count / 2;
                for (ptrdiff_t t = 0; t < wide; t++, from += 3) total += *(const colours *)from;
                store_highest(to, total * share);
            }
        }
    }
    leave(sums);
    return 0;
}
