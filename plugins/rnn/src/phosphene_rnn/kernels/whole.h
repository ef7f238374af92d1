/* Rows of whole numbers of 16 bits, and their products, which are exact: an instruction multiplies twice as many of them as of
 * floats. */
#ifndef WHOLE_H
#define WHOLE_H
#include "strassen.h"
#include <math.h>
#include <stdint.h>

#ifdef IS_FLOAT
#define can_multiply_whole FOR_THIS_SET(can_multiply_whole)
#define multiply_whole FOR_THIS_SET(multiply_whole)
#define round_row FOR_THIS_SET(round_row)

/* No product of two rows leaves 32 bits: by Cauchy and Schwarz, for neither is longer than this. Nor does a sum of two numbers leave
 * 16, or of four, where so many are added. */
#define LONGEST 46200.0f
#define LARGEST (32767 / 2)
#define LARGEST_OF_FOUR (32767 / 4)
/* Rows longer or shorter than this (but for 0) are not rounded: floats could not hold products of their scales. */
#define TOO_LONG 1e12f
#define TOO_SHORT 1e-12f

/* Numbers of a row are multiplied in pairs. */
static inline ptrdiff_t pairs_of(ptrdiff_t depth) { return (depth + 1) / 2; }

/* Whether this processor is quicker with whole numbers. */
int can_multiply_whole(void);

/* out (rows, PANEL of them, so far apart) = a tile's first `rows` rows ([pairs][TILE][2]) times a panel ([pairs][PANEL][2]). */
void multiply_whole(int rows, ptrdiff_t pairs, const int16_t *a, const int16_t *b, int32_t *out, ptrdiff_t apart);

/* Two tiles by two panels with seven products for eight (Strassen 1969), of so many pairs. All is modulo 2^32, and so it is exact, however
 * large the sums are on the way. `tiles`, `panels`: what is combined of them, once. Results: two panels of rows so far apart. */
#define multiply_whole_four FOR_THIS_SET(multiply_whole_four)
#define combine_whole_tiles FOR_THIS_SET(combine_whole_tiles)
#define combine_whole_panels FOR_THIS_SET(combine_whole_panels)
void multiply_whole_four(int height, ptrdiff_t pairs, const int16_t *one, const int16_t *two, const int16_t *tiles, const int16_t *first,
                         const int16_t *second, const int16_t *panels, int32_t *upper, int32_t *lower, ptrdiff_t apart);
void combine_whole_tiles(const int16_t *one, const int16_t *two, ptrdiff_t pairs, int16_t *to);
void combine_whole_panels(const int16_t *one, const int16_t *two, ptrdiff_t pairs, int16_t *to);

/* Four tiles by four panels with forty-nine products for sixty-four (forty_nine.h): of these, side by side, what is combined; and the
 * results, tiles so far apart, panels side by side, and rows so far apart. */
#define combine_four_whole_tiles FOR_THIS_SET(combine_four_whole_tiles)
#define combine_four_whole_panels FOR_THIS_SET(combine_four_whole_panels)
#define multiply_whole_sixteen FOR_THIS_SET(multiply_whole_sixteen)
void combine_four_whole_tiles(const int16_t *four, ptrdiff_t pairs, int16_t *to);
void combine_four_whole_panels(const int16_t *four, ptrdiff_t pairs, int16_t *to);
void multiply_whole_sixteen(
    int height, ptrdiff_t pairs, const int16_t *tiles, const int16_t *panels, int32_t *out, ptrdiff_t tile, ptrdiff_t apart);

/* For so many pairs that pays. */
static inline int can_quarter_whole(ptrdiff_t pairs) { return pairs >= 256 && pairs % 64 == 0; }
static inline ptrdiff_t quartered_whole(ptrdiff_t pairs, ptrdiff_t size) { return 49 * (pairs / 4) * 2 * size; }

/* For so many pairs seven products pay, and halves of tiles are whole vectors. */
static inline int can_halve_whole(ptrdiff_t pairs) { return pairs >= 128 && pairs % 16 == 0; }

/* What two panels, or two tiles (`size` PANEL, or TILE), have combined. */
static inline ptrdiff_t combined_whole(ptrdiff_t pairs, ptrdiff_t size) { return COMBINED * pairs * size; }

/* A row is `scale` times whole numbers (2 pairs_of(depth) of them), and a rest of length `lost`; its own length is `norm`, both to
 * float's rounding. `missed`: the rest times `mean`, which is zero up to a whole vector past its end. -1 if it cannot be so. */
typedef struct {
    float scale, norm, lost, missed;
} rounded;
int round_row(const float *from, ptrdiff_t depth, const float *mean, int16_t *to, rounded *r);

/* What a row of such a depth, a length and a largest number is to be divided by; 0 if it cannot be rounded. */
static inline float scale_of(ptrdiff_t depth, float norm, float largest)
{
    if (!(largest == 0 ? norm == 0 : norm >= TOO_SHORT && norm <= TOO_LONG)) return 0;
    float by_norm = norm / (LONGEST - sqrtf((float)depth) / 2);
    float by_number = largest / (float)(can_quarter_whole(pairs_of(depth)) ? LARGEST_OF_FOUR : LARGEST);
    return norm == 0 ? 1 : by_norm > by_number ? by_norm : by_number;
}
#endif
#endif
