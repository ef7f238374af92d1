/* Rows of numbers, turned: LANES rows side by side. */
#ifndef TURN_PIXELS_H
#define TURN_PIXELS_H
#include "transpose.h"

/* `pixels` neighbouring numbers of LANES planes (or rows), `plane` apart, of which `planes` exist: to[pixel: row apart][LANES],
 * zero where there is no plane. */
static inline void turn_pixels(const REAL *from, ptrdiff_t plane, ptrdiff_t planes, ptrdiff_t pixels, REAL *to, ptrdiff_t row)
{
    ptrdiff_t p = 0;
#if defined(__AVX512F__)
    if (sizeof(REAL) == 4) {
        if (planes >= LANES)
            for (; p + 16 <= pixels; p += 16) transpose_16((const float *)from + p, plane, (float *)to + p * row, row);
        for (; p < pixels; p += 16)
            transpose_some((const float *)from + p, plane, planes, at_most(16, pixels - p), (float *)to + p * row, row);
        return;
    }
#endif
    for (; p < pixels; p++)
        for (int l = 0; l < LANES; l++) to[p * row + l] = l < planes ? from[l * plane + p] : 0;
}

/* The same for COLUMNS planes from `first` on, of `all`: to[pixel][COLUMNS]. */
static inline void turn_columns(const REAL *image, ptrdiff_t plane, ptrdiff_t first, ptrdiff_t all, ptrdiff_t pixels, REAL *to)
{
    for (ptrdiff_t f = first; f < first + COLUMNS; f += LANES)
        turn_pixels(image + at_most(f, all - 1) * plane, plane, all - f, pixels, to + f - first, COLUMNS);
}
#endif
