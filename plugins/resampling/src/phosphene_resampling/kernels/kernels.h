/* What the kernel is asked to do. */
#ifndef KERNELS_H
#define KERNELS_H
#include "for_this_set.h"
#include <stddef.h>
#include <stdint.h>

enum { WEIGHT_BITS = 22 };      /* a weight of 1 is 1 << 22 */

/* How one axis comes to `count` pixels: number i is the sum of `length[i]` pixels from `first[i]` on, times the weights in row i
 * of `weights` (count, taps). `first` and `first + length` never fall from one number to the next. */
typedef struct {
    const int32_t *first, *length, *weights;
    ptrdiff_t count, taps;
} axis;

static inline ptrdiff_t end_of(const axis *a) { return a->first[a->count - 1] + a->length[a->count - 1]; }

/* Both begin with rows of RGB, `width` pixels each, and return -1 where there is no memory.
 *
 * resample: only what the axes ask for is read; `planes` are (3, down->count, across->count).
 * reduce: `rows` x `columns` of the picture; boxes of `down` x `across` pixels, fewer at the end, become the pixels of `to`, which
 * has room for a byte more. */
typedef struct {
    int (*resample)(const uint8_t *picture, ptrdiff_t width, const axis *across, const axis *down, int down_first,
                    uint8_t *planes);
    int (*reduce)(const uint8_t *picture, ptrdiff_t width, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t down, ptrdiff_t across,
                  uint8_t *to);
} kernel_set;

/* The kernels for instruction set "v4", "v3", "base", or NULL for the best that this processor can run; the number type counts
 * for nothing here. NULL when there is none of that name. */
const kernel_set *kernels_for(char real, const char *instruction_set);
const char *best_instruction_set(void);
#endif
