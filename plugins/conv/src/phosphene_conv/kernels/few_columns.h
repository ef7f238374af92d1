/* The register tiles of backward for data from few output points (see few_data.c): weights, where they lie, times dy. */
#ifndef FEW_COLUMNS_H
#define FEW_COLUMNS_H
#include "few.h"
#include "tile.h"

enum { POINTS = ROWS == 12 ? 8 : 4, STRIP = 3 * LANES, BLOCK_ROWS = 3 * STRIP, MOST_POINTS = 128, AHEAD = 10,
       FEWEST = 4, WIDE = 6 * LANES };

typedef struct {
    const convolution *c;
    REAL *dy;                           /* [group of POINTS][filter][POINTS], zero beyond the last point */
    ptrdiff_t points, groups, taps, block, row;
    ptrdiff_t *first, *place;           /* pixel q of an image gathers place[first[q] ... first[q + 1] - 1] */
    int failed;
} columns;

/* Weights of STRIP columns where they lie, of some filters, with one group of points; `first` is the first of all. */
static inline __attribute__((always_inline)) void meet_strip(const columns *k, const REAL *w, ptrdiff_t filters, ptrdiff_t left,
                                                             const REAL *dy, REAL *column, int first, int ask)
{
    ptrdiff_t w_row = k->c->channels * k->taps;
    vector s[POINTS][3] = {{{0}}};
    if (!first)
        for (int i = 0; i < POINTS; i++)
            for (int v = 0; v < 3; v++) s[i][v] = load(column + i * k->row + v * LANES);
    for (ptrdiff_t f = 0; f < filters; f++, w += w_row, dy += POINTS)
#pragma GCC unroll 3
        for (int v = 0; v < 3; v++) {
            vector weights = load_some(w + v * LANES, left - v * LANES);
            if (ask) __builtin_prefetch(w + AHEAD * w_row + v * LANES);
#pragma GCC unroll 8
            for (int i = 0; i < POINTS; i++) s[i][v] += dy[i] * weights;
        }
    for (int i = 0; i < POINTS; i++)
        for (int v = 0; v < 3; v++) store(column + i * k->row + v * LANES, s[i][v]);
}

/* For no more than FEWEST points: wider tiles, which read each weight once, where it lies. `left`: numbers there are. */
static inline __attribute__((always_inline)) void fewest_points(const columns *k, const REAL *w, ptrdiff_t left, REAL *column)
{
    ptrdiff_t w_row = k->c->channels * k->taps;
    const REAL *dy = k->dy;
    vector s[FEWEST][6] = {{{0}}};
    for (ptrdiff_t f = 0; f < k->c->filters; f++, w += w_row, dy += POINTS)
#pragma GCC unroll 6
        for (int v = 0; v < 6; v++) {
            vector weights = load_some(w + v * LANES, left - v * LANES);
            __builtin_prefetch(w + AHEAD * w_row + v * LANES);
#pragma GCC unroll 4
            for (int i = 0; i < FEWEST; i++) s[i][v] += dy[i] * weights;
        }
    for (int i = 0; i < FEWEST; i++)
        for (int v = 0; v < 6; v++) store(column + i * k->row + v * LANES, s[i][v]);
}
#endif
