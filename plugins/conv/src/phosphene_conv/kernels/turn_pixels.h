/* Neighbouring pixels of some filters, turned: filters side by side for each pixel. */
#ifndef TURN_PIXELS_H
#define TURN_PIXELS_H
#include "transpose.h"

/* `pixels` neighbouring numbers of LANES filters, `plane` apart, of which `filters` exist: to[pixel: row apart][LANES],
 * zero where there is no filter. */
static inline void turn_pixels(const REAL *from, ptrdiff_t plane, ptrdiff_t filters, ptrdiff_t pixels, REAL *to, ptrdiff_t row)
{
    ptrdiff_t p = 0;
#if defined(__AVX512F__)
    if (sizeof(REAL) == 4 && filters >= LANES)
        for (; p + 16 <= pixels; p += 16) transpose_16((const float *)from + p, plane, (float *)to + p * row, row);
#endif
    for (; p < pixels; p++)
        for (int l = 0; l < LANES; l++) to[p * row + l] = l < filters ? from[l * plane + p] : 0;
}

/* The same for COLUMNS filters from `first` on, of `all`: to[pixel][COLUMNS]. */
static inline void turn_columns(const REAL *image, ptrdiff_t plane, ptrdiff_t first, ptrdiff_t all, ptrdiff_t pixels, REAL *to)
{
    for (ptrdiff_t f = first; f < first + COLUMNS; f += LANES)
        turn_pixels(image + at_most(f, all - 1) * plane, plane, all - f, pixels, to + f - first, COLUMNS);
}
#endif
