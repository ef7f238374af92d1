/* Patches on their way into the products of minimal filtering, in panels of COLUMNS tiles. */
#ifndef MINIMAL_PATCHES_H
#define MINIMAL_PATCHES_H
#include "minimal_tiles.h"
#include "minimal_strips.h"
#include "patches.h"
#include "transpose.h"

/* Where a tile is a whole image (deep layers): sixteen images' planes are read from end to end and turned, so that images
 * a power of two apart do not push each other out of the cache tap by tap. */
#if defined(__AVX512F__)
static inline int planes_are_tiles(const winograd *w)
{
    return sizeof(REAL) == 4 && w->tiles.grid_height == 1 && w->tiles.grid_width == 1 && w->tiles.height <= INPUTS
           && w->tiles.width <= INPUTS && w->taps[0].y <= 0 && w->taps[0].x <= 0
           && w->tiles.height - w->taps[0].y <= INPUTS && w->tiles.width - w->taps[0].x <= INPUTS;
}

static inline void pack_planes(const winograd *w, const panel *p, ptrdiff_t first, ptrdiff_t channels, REAL *to, ptrdiff_t next)
{
    const product *job = &w->tiles;
    ptrdiff_t plane = job->height * job->width, image = job->channels * plane;
    REAL patch[INPUTS * INPUTS * LANES] __attribute__((aligned(64))) = {0};
    for (int v = 0; v < 2; v++) {
        ptrdiff_t n = p->runs[0].n + v * LANES, images = at_most(LANES, job->images - n);
        for (ptrdiff_t c = 0; c < channels && images > 0; c++) {
            const float *from = (const float *)job->image + n * image + (first + c) * plane;
            REAL half[SIDE * INPUTS * LANES] __attribute__((aligned(64)));
            for (ptrdiff_t q = 0; q < plane; q += 16) {
                float rows[256] __attribute__((aligned(64))), turned[256] __attribute__((aligned(64)));
                ptrdiff_t pixels = at_most(16, plane - q);
                __mmask16 reads = (__mmask16)((1u << pixels) - 1);
                for (ptrdiff_t l = 0; l < 16; l++)
                    _mm512_store_ps(rows + 16 * l, _mm512_maskz_loadu_ps(l < images ? reads : 0, from + l * image + q));
                transpose_16(rows, 16, turned, 16);
                for (ptrdiff_t k = 0, y = q / job->width, x = q % job->width; k < pixels; k++) {
                    store(patch + ((y - w->taps[0].y) * INPUTS + x - w->taps[0].x) * LANES, load((REAL *)turned + 16 * k));
                    if (++x == job->width) x = 0, y++;
                }
            }
            for (int j = 0; j < INPUTS; j++) carry_patch(patch + j * LANES, INPUTS * LANES, half + j * LANES, INPUTS * LANES);
            for (int i = 0; i < SIDE; i++)
                carry_patch(half + INPUTS * i * LANES, LANES, to + c * next + SIDE * i * w->patch_step + v * LANES, w->patch_step);
        }
    }
}
#endif

/* A panel's patches for some channels: to[basis: patch_step apart][channel: next apart][COLUMNS]. */
static inline void pack_panel(const winograd *w, const panel *p, ptrdiff_t first, ptrdiff_t channels, REAL *to, ptrdiff_t next)
{
    ptrdiff_t plane = w->tiles.height * w->tiles.width;
#if defined(__AVX512F__)
    if (planes_are_tiles(w)) {
        pack_planes(w, p, first, channels, to, next);
        return;
    }
#endif
#if defined(__AVX512F__)
    if (sizeof(REAL) == 4 && w->tiles.grid_width % IN_STRIP == 0) {
        pack_strips(w, p, first, channels, to, next);
        return;
    }
#endif
    for (ptrdiff_t c = 0; c < channels; c++, to += next) {
        REAL patch[INPUTS * INPUTS * COLUMNS] __attribute__((aligned(64)));
        for (int t = 0; t < INPUTS * INPUTS; t++)
            pack_row(&w->tiles, p, p->fills + t * p->run_count, (first + c) * plane, patch + t * COLUMNS);
        for (int v = 0; v < COLUMNS; v += LANES) {
            REAL half[SIDE * INPUTS * LANES] __attribute__((aligned(64)));
            for (int j = 0; j < INPUTS; j++)
                carry_patch(patch + j * COLUMNS + v, INPUTS * COLUMNS, half + j * LANES, INPUTS * LANES);
            for (int i = 0; i < SIDE; i++)
                carry_patch(half + INPUTS * i * LANES, LANES, to + SIDE * i * w->patch_step + v, w->patch_step);
        }
    }
}
#endif
