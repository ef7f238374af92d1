/* What goes into the 36 products and what comes out: weights, patches, pixels. */
#ifndef WINOGRAD_PARTS_H
#define WINOGRAD_PARTS_H
#include "patches.h"
#include "transpose.h"
#include "winograd_basis.h"

enum { SUMS = BASIS * TILE };
enum { MOST_ROWS = (ROWS + LANES - 1) / LANES * LANES };        /* whole vectors */

typedef struct {
    const product *job;
    product tiles;                      /* the grid of tiles, with the 36 places of a patch as taps */
    tap taps[BASIS];
    ptrdiff_t weight[9];                /* where w's tap (i, j) stands */
    REAL *weights;                      /* [sliver][block of channels][basis: weight_step][channel][ROWS], or NULL */
    ptrdiff_t weight_step, patch_step;  /* between elements of the basis, in packed weights and patches */
    ptrdiff_t slivers, panels, block, blocks, group, row_parts, sliver_share, panel_parts, panel_share;
    int failed;
} winograd;
/* The nine weights of ROWS filters, `row` apart, tap by tap. */
static inline void gather_taps(const REAL *from, ptrdiff_t row, ptrdiff_t rows, REAL (*taps)[MOST_ROWS])
{
#if defined(__AVX512F__)
    if (sizeof(REAL) == 4) {
        float square[16 * 16] __attribute__((aligned(64)));
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
            vector g[9], half[3 * SIDE], full[BASIS];
            for (int t = 0; t < 9; t++) g[t] = load(taps[w->weight[t]] + v);
            for (int j = 0; j < 3; j++) carry_weights(g + j, 3, half + j, 3);
            for (int i = 0; i < SIDE; i++) carry_weights(half + 3 * i, 1, full + SIDE * i, 1);
            for (int b = 0; b < BASIS; b++) store_some(to + b * w->weight_step + v, full[b], ROWS - v);
        }
    }
}

/* A panel's patches for some channels: to[basis: patch_step apart][channel][COLUMNS]. */
static inline void pack_panel(const winograd *w, const panel *p, ptrdiff_t first, ptrdiff_t channels, fill *fills, REAL *to)
{
    ptrdiff_t plane = w->tiles.height * w->tiles.width;
    for (int t = 0; t < BASIS; t++) plan_tap(&w->tiles, p, w->taps + t, fills + t * COLUMNS);
    for (ptrdiff_t c = 0; c < channels; c++, to += COLUMNS) {
        REAL patch[BASIS * COLUMNS] __attribute__((aligned(64)));
        for (int t = 0; t < BASIS; t++)
            pack_row(&w->tiles, p, fills + t * COLUMNS, (first + c) * plane, patch + t * COLUMNS);
        for (int v = 0; v < 2; v++) {
            vector d[BASIS], half[BASIS];
            for (int t = 0; t < BASIS; t++) d[t] = load(patch + t * COLUMNS + v * LANES);
            for (int j = 0; j < SIDE; j++) carry_patch(d + j, SIDE, half + j, SIDE);
            for (int i = 0; i < SIDE; i++) carry_patch(half + SIDE * i, 1, d + SIDE * i, 1);
            for (int b = 0; b < BASIS; b++) store(to + b * w->patch_step + v * LANES, d[b]);
        }
    }
}

/* Four vectors, the columns of LANES tiles' row, as LANES times four neighbours. */
static inline void interleave(const vector *columns, REAL *restrict to)
{
#if defined(__AVX512F__)
    if (sizeof(REAL) == 4) {
        __m512 a = (__m512)columns[0], b = (__m512)columns[1], c = (__m512)columns[2], d = (__m512)columns[3];
        __m512d ab = (__m512d)_mm512_unpacklo_ps(a, b), cd = (__m512d)_mm512_unpacklo_ps(c, d);
        __m512d AB = (__m512d)_mm512_unpackhi_ps(a, b), CD = (__m512d)_mm512_unpackhi_ps(c, d);
        __m512 t0 = (__m512)_mm512_unpacklo_pd(ab, cd), t1 = (__m512)_mm512_unpackhi_pd(ab, cd);
        __m512 t2 = (__m512)_mm512_unpacklo_pd(AB, CD), t3 = (__m512)_mm512_unpackhi_pd(AB, CD);
        __m512 p = _mm512_shuffle_f32x4(t0, t1, 0x44), q = _mm512_shuffle_f32x4(t2, t3, 0x44);
        __m512 r = _mm512_shuffle_f32x4(t0, t1, 0xee), s = _mm512_shuffle_f32x4(t2, t3, 0xee);
        _mm512_storeu_ps((float *)to, _mm512_shuffle_f32x4(p, q, 0x88));
        _mm512_storeu_ps((float *)to + 16, _mm512_shuffle_f32x4(p, q, 0xdd));
        _mm512_storeu_ps((float *)to + 32, _mm512_shuffle_f32x4(r, s, 0x88));
        _mm512_storeu_ps((float *)to + 48, _mm512_shuffle_f32x4(r, s, 0xdd));
        return;
    }
#endif
    for (int l = 0; l < LANES; l++)
        for (int j = 0; j < STEP; j++) to[l * STEP + j] = columns[j][l];
}

/* One sliver's sums (basis, ROWS, COLUMNS) back to pixels, scaled, shifted, rectified, and out. */
static inline void finish_tiles(const winograd *w, const panel *p, ptrdiff_t first_row, const REAL *sums)
{
    const product *job = w->job;
    ptrdiff_t rows = at_most(ROWS, job->rows - first_row);
    for (ptrdiff_t i = 0; i < rows; i++, sums += COLUMNS) {
        ptrdiff_t row = first_row + i;
        REAL pixels[STEP][STEP * COLUMNS] __attribute__((aligned(64)));
        for (int v = 0; v < 2; v++) {
            vector m[BASIS], half[STEP * SIDE], out[STEP];
            for (int b = 0; b < BASIS; b++) m[b] = load(sums + b * TILE + v * LANES);
            for (int j = 0; j < SIDE; j++) carry_back(m + j, SIDE, half + j, SIDE);
            for (int y = 0; y < STEP; y++) {
                carry_back(half + y * SIDE, 1, out, 1);
                for (int x = 0; x < STEP; x++) {
                    if (job->scale) out[x] *= job->scale[row];
                    if (job->shift) out[x] += job->shift[row];
                    if (job->relu) out[x] = rectified(out[x]);
                }
                interleave(out, pixels[y] + v * STEP * LANES);
            }
        }
        for (int r = 0; r < p->run_count; r++) {
            const run *part = p->runs + r;
            ptrdiff_t y = part->i * STEP, x = part->j * STEP;
            ptrdiff_t height = at_most(STEP, job->grid_height - y), width = at_most(part->count * STEP, job->grid_width - x);
            REAL *to = job->out + part->n * job->out_image + row * job->out_row + y * job->out_y + x;
            for (ptrdiff_t k = 0; k < height; k++, to += job->out_y) {
                const REAL *from = pixels[k] + part->lane * STEP;
                if (width == LANES) store(to, load(from));
                else memcpy(to, from, width * sizeof(REAL));
            }
        }
    }
}

#endif
