/* The register tile of backward for data from shallow images: all channels times some vectors of neighbouring pixels. */
#ifndef SHALLOW_TILE_H
#define SHALLOW_TILE_H
#include "shallow_phases.h"

/* sums[row][vector] = or += weights times what the taps see; `rows` and `vectors` must be constants. */
static inline __attribute__((always_inline)) void direct_tile(
    int rows, int vectors, ptrdiff_t filters, ptrdiff_t taps, const ptrdiff_t *restrict offsets, const REAL *restrict weights,
    const REAL *restrict from, ptrdiff_t step, const ptrdiff_t *restrict places, REAL *restrict sums, int add)
{
    vector s[SHALLOW][MOST_VECTORS];
    const REAL *at[MOST_VECTORS];
#pragma GCC unroll 8
    for (int v = 0; v < vectors; v++) at[v] = from + places[v];
#pragma GCC unroll 4
    for (int i = 0; i < rows; i++)
#pragma GCC unroll 8
        for (int v = 0; v < vectors; v++) s[i][v] = add ? load(sums + (i * vectors + v) * LANES) : (vector){0};
    for (ptrdiff_t f = 0; f < filters; f++) {
        for (ptrdiff_t t = 0; t < taps; t++, weights += rows)
#pragma GCC unroll 8
            for (int v = 0; v < vectors; v++) {
                vector seen = load(at[v] + offsets[t]);
#if defined(__x86_64__)
                __asm__("" : "+v"(seen));       /* one load for all rows, which mostly runs across two lines, not one each */
#endif
#pragma GCC unroll 4
                for (int i = 0; i < rows; i++) s[i][v] += weights[i] * seen;
            }
#pragma GCC unroll 8
        for (int v = 0; v < vectors; v++) at[v] += step;
    }
#pragma GCC unroll 4
    for (int i = 0; i < rows; i++)
#pragma GCC unroll 8
        for (int v = 0; v < vectors; v++) store(sums + (i * vectors + v) * LANES, s[i][v]);
}

static void any_tile(const work *w, const phase *p, ptrdiff_t filter, ptrdiff_t filters, const REAL *buffer,
                     const ptrdiff_t *places, REAL *sums)
{
    const REAL *weights = p->weights + filter * p->taps * w->c->channels, *from = buffer + filter * w->step;
    int add = filter > 0;
    switch (w->c->channels) {
    case 1: direct_tile(1, MOST_VECTORS, filters, p->taps, p->offsets, weights, from, w->step, places, sums, add); break;
    case 2: direct_tile(2, MOST_VECTORS, filters, p->taps, p->offsets, weights, from, w->step, places, sums, add); break;
    case 3: direct_tile(3, MOST_VECTORS, filters, p->taps, p->offsets, weights, from, w->step, places, sums, add); break;
    default: direct_tile(4, 3 * MOST_VECTORS / 4, filters, p->taps, p->offsets, weights, from, w->step, places, sums, add);
    }
}
#endif
