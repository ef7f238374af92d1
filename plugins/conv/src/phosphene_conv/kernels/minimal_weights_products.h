/* Backward for weights by minimal filtering: the products of a chunk's patches with its dy, and what becomes of their sums. */
#ifndef MINIMAL_WEIGHTS_PRODUCTS_H
#define MINIMAL_WEIGHTS_PRODUCTS_H
#include "minimal_weights_carry.h"

enum { BLOCK_SLIVERS = 4, BLOCK_PANELS = 2, BLOCK = BLOCK_SLIVERS * BLOCK_PANELS * TILE };

typedef struct { ptrdiff_t panel, panels, sliver, slivers; } block;

/* A part of so many numbers, on their way into L2. */
static inline void ask_for(const REAL *from, ptrdiff_t part, ptrdiff_t parts, ptrdiff_t numbers)
{
    for (ptrdiff_t p = part * numbers / parts; p < (part + 1) * numbers / parts; p += 64 / (ptrdiff_t)sizeof(REAL))
        __builtin_prefetch(from + p, 0, 2);
}

/* One element of the basis: to[panel][sliver][TILE] = or += the block's products. Meanwhile asks for the element `next`. */
static void meet_element(const gradient *g, const block *k, int b, int next, REAL *to, int add)
{
    ptrdiff_t part = 0, parts = k->panels * k->slivers;
    for (ptrdiff_t p = k->panel; p < k->panel + k->panels; p++)
        for (ptrdiff_t s = k->sliver; s < k->sliver + k->slivers; s++, part++, to += TILE) {
            if (next < BASIS) {
                ask_for(g->patches + next * g->w.patch_step + k->sliver * ROWS * g->row, part, parts, k->slivers * ROWS * g->row);
                for (ptrdiff_t q = k->panel; q < k->panel + k->panels; q++)
                    ask_for(g->turned + (q * BASIS + next) * g->turned_step, part, parts, g->tiles * COLUMNS);
            }
            tile_in_rows(g->channels - s * ROWS, (int)at_most(COLUMNS, g->filters - p * COLUMNS), g->tiles,
                         g->patches + b * g->w.patch_step + s * ROWS * g->row, g->row,
                         g->turned + (p * BASIS + b) * g->turned_step, to, add);
        }
}

/* half[0 ... 2] (half_step apart) of one column of the basis, whose elements' sums are `step` apart. */
static inline void gather_column(const REAL *sums, ptrdiff_t step, REAL *half, ptrdiff_t half_step, ptrdiff_t numbers)
{
    for (ptrdiff_t at = 0; at < numbers; at += LANES) gather_weights(sums + at, step, half + at, half_step);
}

/* From half[3][SIDE] of one tile, `step` apart, the weights, to dw. */
static void put_weights(const gradient *g, ptrdiff_t channel, ptrdiff_t filter, const REAL *half, ptrdiff_t step)
{
    ptrdiff_t channels = at_most(ROWS, g->channels - channel), kernel = g->w.tiles.channels * 9;
    REAL taps[16 * LANES] __attribute__((aligned(64))) = {0};
    for (ptrdiff_t i = 0; i < channels; i++, half += COLUMNS)
        for (int v = 0; v < 2; v++) {
            ptrdiff_t f = filter + v * LANES, filters = at_most(LANES, g->filters - f);
            REAL *dw = g->dw + (g->filter + f) * kernel + (g->channel + channel + i) * 9;
            for (int y = 0; y < 3; y++) gather_weights(half + y * SIDE * step + v * LANES, step, taps + 3 * y * LANES, LANES);
#if defined(__AVX512F__)
            if (sizeof(REAL) == 4) {
                float turned[256] __attribute__((aligned(64)));
                transpose_16((const float *)taps, 16, turned, 16);
                for (ptrdiff_t l = 0; l < filters; l++)
                    _mm512_mask_storeu_ps((float *)dw + l * kernel, 0x1ff, _mm512_load_ps(turned + l * 16));
                continue;
            }
#endif
            for (ptrdiff_t l = 0; l < filters; l++)
                for (int t = 0; t < 9; t++) dw[l * kernel + t] = taps[t * LANES + l];
        }
}

/* Where there is one chunk: block by block of channels and filters, a column of the basis at a time, of whose sums only what
 * the weights need is kept, in L2. `room` is for 4 * SIDE * (BLOCK + LANES) numbers. */
static void meet_at_once(const gradient *g, REAL *room)
{
    for (ptrdiff_t panel = 0; panel < g->panels; panel += BLOCK_PANELS)
        for (ptrdiff_t sliver = 0; sliver < g->slivers; sliver += BLOCK_SLIVERS) {
            block k = {panel, at_most(BLOCK_PANELS, g->panels - panel),
                       sliver, at_most(BLOCK_SLIVERS, g->slivers - sliver)};
            ptrdiff_t size = k.panels * k.slivers * TILE, step = size + LANES;      /* not into the same sets of the cache */
            REAL *sums = room, *half = room + SIDE * step;
            for (int j = 0; j < SIDE; j++) {
                for (int i = 0; i < SIDE; i++) {
                    int next = i + 1 < SIDE ? (i + 1) * SIDE + j : j + 1 < SIDE ? j + 1 : BASIS;
                    meet_element(g, &k, i * SIDE + j, next, sums + i * step, 0);
                }
                gather_column(sums, step, half + j * step, SIDE * step, size);
            }
            for (ptrdiff_t p = 0; p < k.panels; p++)
                for (ptrdiff_t s = 0; s < k.slivers; s++)
                    put_weights(g, (k.sliver + s) * ROWS, (k.panel + p) * COLUMNS, half + (p * k.slivers + s) * TILE, step);
        }
}

/* Where there are more: each element of the basis meets all of the chunk once, and adds to its sums. */
static void add_chunk(const gradient *g, int add)
{
    block all = {0, g->panels, 0, g->slivers};
    for (int b = 0; b < BASIS; b++) meet_element(g, &all, b, BASIS, g->sums + b * g->sums_step, add);
}

static void finish_sums(const gradient *g, REAL *room)
{
    ptrdiff_t step = TILE + LANES;
    for (ptrdiff_t t = 0; t < g->panels * g->slivers; t++) {
        for (int j = 0; j < SIDE; j++)
            gather_column(g->sums + j * g->sums_step + t * TILE, SIDE * g->sums_step, room + j * step, SIDE * step, TILE);
        put_weights(g, t % g->slivers * ROWS, t / g->slivers * COLUMNS, room, step);
    }
}
#endif
