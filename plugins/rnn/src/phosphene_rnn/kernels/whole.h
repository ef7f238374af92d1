/* Rows of whole numbers of 16 bits, and their products, which are exact: an instruction multiplies twice as many of them as of
 * floats. */
#ifndef WHOLE_H
#define WHOLE_H
#include "tile.h"
#include <stdint.h>

#ifdef IS_FLOAT
#define can_multiply_whole FOR_THIS_SET(can_multiply_whole)
#define multiply_whole FOR_THIS_SET(multiply_whole)
#define round_row FOR_THIS_SET(round_row)

/* No product of two rows, nor a part of its sum, leaves 32 bits: by Cauchy and Schwarz, for neither is longer than this. */
#define LONGEST 46200.0f
#define LARGEST 32766.0f
/* Rows longer or shorter than this (but for 0) are not rounded: floats could not hold products of their scales. */
#define TOO_LONG 1e12f
#define TOO_SHORT 1e-12f

/* Numbers of a row are multiplied in pairs. */
static inline ptrdiff_t pairs_of(ptrdiff_t depth) { return (depth + 1) / 2; }

/* Whether this processor is quicker with whole numbers. */
int can_multiply_whole(void);

/* out (rows, PANEL of them, so far apart) = a tile's first `rows` rows ([pairs][TILE][2]) times a panel ([pairs][PANEL][2]). */
void multiply_whole(int rows, ptrdiff_t pairs, const int16_t *a, const int16_t *b, int32_t *out, ptrdiff_t apart);

/* A row is `scale` times whole numbers (2 pairs_of(depth) of them), and what is lost, of length `lost`, itself of length `norm`;
 * lengths are to float's rounding. -1 if it cannot be so. */
typedef struct {
    float scale, norm, lost;
} rounded;
int round_row(const float *from, ptrdiff_t depth, int16_t *to, rounded *r);

/* What a row of such a length and such a largest number is to be divided by; 0 if it cannot be rounded. */
static inline float scale_of(float norm, float largest, float root_of_depth)
{
    if (!(largest == 0 ? norm == 0 : norm >= TOO_SHORT && norm <= TOO_LONG)) return 0;
    float by_norm = norm / (LONGEST - root_of_depth / 2), by_number = largest / LARGEST;
    return norm == 0 ? 1 : by_norm > by_number ? by_norm : by_number;
}
#endif
#endif
