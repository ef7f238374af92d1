/* Weights on their way into the products of minimal filtering, in slivers of ROWS filters. */
#ifndef MINIMAL_SLIVERS_H
#define MINIMAL_SLIVERS_H
#include "minimal_tiles.h"
#include "transpose.h"

/* The nine weights of ROWS filters, `row` apart, tap by tap. */
static inline void gather_taps(const REAL *from, ptrdiff_t row, ptrdiff_t rows, REAL (*taps)[MOST_ROWS])
{
#if defined(__AVX512F__)
    if (sizeof(REAL) == 4) {
        float square[16 * 16] __attribute__((aligned(64)));
        memset(square + 12 * 16, 0, 4 * 16 * sizeof(float));
        for (int i = 0; i < ROWS; i++)
            _mm512_store_ps(square + 16 * i, _mm512_maskz_loadu_ps(i < rows ? 0x1ff : 0, (const float *)from + i * row));
        transpose_16(square, 16, (float *)taps, MOST_ROWS);
        return;
    }
#endif
    for (ptrdiff_t i = 0; i < ROWS; i++)
        for (int t = 0; t < 9; t++) taps[t][i] = i < rows ? from[i * row + t] : 0;
}

/* Weights of one sliver for some channels: to[basis: weight_step apart][channel][ROWS]. */
static inline void pack_sliver(const winograd *w, ptrdiff_t sliver, ptrdiff_t first, ptrdiff_t channels, REAL *to)
{
    const product *job = w->job;
    ptrdiff_t rows = at_most(ROWS, job->rows - sliver * ROWS);
    REAL taps[16][MOST_ROWS] __attribute__((aligned(64))) = {{0}};
    for (ptrdiff_t c = 0; c < channels; c++, to += ROWS) {
        gather_taps(job->weights + sliver * ROWS * job->w_row + (first + c) * job->w_channel, job->w_row, rows, taps);
        for (int v = 0; v < ROWS; v += LANES) {
            REAL half[3 * SIDE * LANES] __attribute__((aligned(64)));
            REAL ordered[9 * LANES] __attribute__((aligned(64)));
            for (int t = 0; t < 9; t++) store(ordered + t * LANES, load(taps[w->weight[t]] + v));
            for (int j = 0; j < 3; j++) carry_weights(ordered + j * LANES, 3 * LANES, half + j * LANES, 3 * LANES, LANES);
            for (int i = 0; i < SIDE; i++)
                carry_weights(half + 3 * i * LANES, LANES, to + SIDE * i * w->weight_step + v, w->weight_step, ROWS - v);
        }
    }
}
#endif
