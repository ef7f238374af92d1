/* Patches on their way into the products of minimal filtering, in panels of COLUMNS tiles. */
#ifndef MINIMAL_PATCHES_H
#define MINIMAL_PATCHES_H
#include "minimal_tiles.h"
#include "patches.h"
#include "transpose.h"

/* Where tiles of the plain kind stand four by four in rows of the image: the change of basis along y runs over whole
 * rows of pixels, 4 * tiles + 2 of them, and only then are the columns sorted out. */
#if defined(__AVX512F__) && !defined(STRIDED)
enum { QUADS = COLUMNS / 4, ROW_ROOM = 8 * COLUMNS + LANES };

/* rows[i]: row i of the basis along y, over the pixels that `count` neighbouring tiles see. */
static inline void carry_rows(const winograd *w, const run *r, ptrdiff_t count, ptrdiff_t channel, REAL *rows)
{
    const product *job = &w->tiles;
    ptrdiff_t y = r->i * STEP + w->taps[0].y, x = r->j * STEP + w->taps[0].x;
    const REAL *from = job->image + ((r->n * job->channels + channel) * job->height + y) * job->width + x;
    for (ptrdiff_t at = 0; at < STEP * count + 2; at += LANES) {
        __mmask16 reads = inside(x + at, job->width);
        REAL d[SIDE * LANES] __attribute__((aligned(64)));
        for (int i = 0; i < SIDE; i++)
            store(d + i * LANES, (vector)_mm512_maskz_loadu_ps((size_t)(y + i) < (size_t)job->height ? reads : 0,
                                                               (const float *)from + i * job->width + at));
        carry_patch(d, LANES, rows + at, ROW_ROOM);
    }
}

/* Columns 0 ... 3 of sixteen tiles, from four pieces of four tiles each. */
static inline void sort_columns(const float *const *from, int skip, REAL *columns)
{
    const __m512i first = _mm512_setr_epi32(0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21, 25, 29);
    const __m512i second = _mm512_add_epi32(first, _mm512_set1_epi32(2));
    __m512 a = _mm512_loadu_ps(from[0] + skip), b = _mm512_loadu_ps(from[1] + skip);
    __m512 c = _mm512_loadu_ps(from[2] + skip), d = _mm512_loadu_ps(from[3] + skip);
    __m512 left = _mm512_permutex2var_ps(a, second, b), right = _mm512_permutex2var_ps(c, second, d);
    store(columns + 2 * LANES, (vector)_mm512_shuffle_f32x4(left, right, 0x44));
    store(columns + 3 * LANES, (vector)_mm512_shuffle_f32x4(left, right, 0xee));
    if (skip) return;
    left = _mm512_permutex2var_ps(a, first, b), right = _mm512_permutex2var_ps(c, first, d);
    store(columns, (vector)_mm512_shuffle_f32x4(left, right, 0x44));
    store(columns + 1 * LANES, (vector)_mm512_shuffle_f32x4(left, right, 0xee));
}

static inline void pack_quads(const winograd *w, const panel *p, ptrdiff_t first, ptrdiff_t channels, REAL *to, ptrdiff_t next)
{
    REAL rows[SIDE * ROW_ROOM] __attribute__((aligned(64)));
    for (ptrdiff_t c = 0; c < channels; c++, to += next) {
        const float *quads[QUADS];
        REAL *room = rows;
        for (int q = 0; q < p->run_count;) {           /* runs of four, some in one row of tiles */
            int last = q + 1;
            while (last < p->run_count && p->runs[last].j > p->runs[q].j) last++;
            carry_rows(w, p->runs + q, 4 * (last - q), first + c, room);
            for (int k = q; k < last; k++) quads[k] = (const float *)room + 16 * (k - q);
            room += 16 * (last - q) + LANES;
            q = last;
        }
        for (int q = p->run_count; q < QUADS; q++) quads[q] = quads[0];
        for (int v = 0; v < 2; v++)
            for (int i = 0; i < SIDE; i++) {
                const float *from[4];
                REAL d[SIDE * LANES] __attribute__((aligned(64)));
                for (int q = 0; q < 4; q++) from[q] = quads[4 * v + q] + i * ROW_ROOM;
                sort_columns(from, 2, d + 2 * LANES);
                sort_columns(from, 0, d);
                carry_patch(d, LANES, to + SIDE * i * w->patch_step + v * LANES, w->patch_step);
            }
    }
}
#endif

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
#if defined(__AVX512F__) && !defined(STRIDED)
    if (sizeof(REAL) == 4 && w->tiles.grid_width % 4 == 0) {
        pack_quads(w, p, first, channels, to, next);
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
