/* Where tiles stand side by side in rows of the image, IN_STRIP to a vector of pixels: the change of basis along y runs over
 * whole rows of pixels, and only then are the columns sorted out. */
#ifndef MINIMAL_STRIPS_H
#define MINIMAL_STRIPS_H
#include "minimal_tiles.h"
#include "transpose.h"

#if defined(__AVX512F__)
/* A row of strips needs a vector more than theirs, for the last tile's far columns. */
enum { STRIPS = 16 / IN_STRIP, ROW_ROOM = 2 * STRIPS * 16 };

/* rows[i]: row i of the basis along y, over the pixels that the tiles of `count` neighbouring strips see. */
static inline void carry_rows(const winograd *w, const run *r, ptrdiff_t count, ptrdiff_t channel, REAL *rows)
{
    const product *job = &w->tiles;
    ptrdiff_t y = r->i * STEP + w->taps[0].y, x = r->j * STEP + w->taps[0].x;
    const REAL *from = job->image + ((r->n * job->channels + channel) * job->height + y) * job->width + x;
    for (ptrdiff_t at = 0; at < 16 * count + INPUTS - STEP; at += 16) {
        __mmask16 reads = inside(x + at, job->width);
        REAL d[INPUTS * LANES] __attribute__((aligned(64)));
        for (int i = 0; i < INPUTS; i++)
            store(d + i * LANES, (vector)_mm512_maskz_loadu_ps((size_t)(y + i) < (size_t)job->height ? reads : 0,
                                                               (const float *)from + i * job->width + at));
        carry_patch(d, LANES, rows + at, ROW_ROOM);
    }
}

/* Columns 0 ... STEP - 1 of sixteen tiles, from their strips; of these read `skip` pixels on, only the latter half. */
static inline void sort_columns(const float *const *strips, int skip, float *columns)
{
    const __m512i four = _mm512_setr_epi32(0, 8, 16, 24, 1, 9, 17, 25, 2, 10, 18, 26, 3, 11, 19, 27);
    const __m512i two = _mm512_setr_epi32(0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21, 25, 29);
    for (int last = STEP / 2; last >= 0 && (last || !skip); last -= STEP / 2) {
        __m512i order = _mm512_add_epi32(STEP == 8 ? four : two, _mm512_set1_epi32(last));
        __m512 pairs[STRIPS / 2];
        for (int q = 0; q < STRIPS / 2; q++)
            pairs[q] = _mm512_permutex2var_ps(_mm512_loadu_ps(strips[2 * q] + skip), order, _mm512_loadu_ps(strips[2 * q + 1] + skip));
        if (STEP == 8) transpose_blocks(pairs, columns + last * 16);
        else {
            _mm512_store_ps(columns + last * 16, _mm512_shuffle_f32x4(pairs[0], pairs[1], 0x44));
            _mm512_store_ps(columns + last * 16 + 16, _mm512_shuffle_f32x4(pairs[0], pairs[1], 0xee));
        }
    }
}

/* See pack_panel: a vector of tiles at a time. */
static inline void pack_strips(const winograd *w, const panel *p, ptrdiff_t first, ptrdiff_t channels, REAL *to, ptrdiff_t next)
{
    REAL rows[SIDE * ROW_ROOM] __attribute__((aligned(64)));
    for (ptrdiff_t c = 0; c < channels; c++, to += next)
        for (int v = 0; v < 2; v++) {
            int begin = v ? p->first_right : 0, end = v ? p->run_count : p->first_right, k = 0;
            const float *strips[STRIPS];
            REAL *room = rows;
            for (int q = begin, last; q < end; q = last) {          /* runs of a strip; some in one row of tiles */
                for (last = q + 1; last < end && p->runs[last].j > p->runs[q].j; last++) continue;
                carry_rows(w, p->runs + q, last - q, first + c, room);
                for (int i = q; i < last; i++, room += 16) strips[k++] = (const float *)room;
                room += 16;
            }
            for (; k < STRIPS; k++) strips[k] = (const float *)rows;
            for (int i = 0; i < SIDE; i++) {
                const float *from[STRIPS];
                float d[INPUTS * 16] __attribute__((aligned(64)));
                for (int q = 0; q < STRIPS; q++) from[q] = strips[q] + i * ROW_ROOM;
                sort_columns(from, INPUTS - STEP, d + (INPUTS - STEP) * 16);
                sort_columns(from, 0, d);
                carry_patch((const REAL *)d, LANES, to + SIDE * i * w->patch_step + v * LANES, w->patch_step);
            }
        }
}
#endif
#endif
