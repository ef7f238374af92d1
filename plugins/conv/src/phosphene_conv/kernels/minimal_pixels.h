/* What comes out of the products of minimal filtering: panels of tiles, back to pixels. */
#ifndef MINIMAL_PIXELS_H
#define MINIMAL_PIXELS_H
#include "minimal_tiles.h"
#include "transpose.h"

/* OUTPUTS vectors, the columns of LANES tiles' row, as LANES times OUTPUTS neighbours. */
static inline void interleave(const vector *columns, REAL *restrict to)
{
#if defined(__AVX512F__)
    if (sizeof(REAL) == 4 && OUTPUTS == 4) {
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
    if (sizeof(REAL) == 4 && OUTPUTS == 8) {
        const __m512i first = _mm512_setr_epi32(0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21, 25, 29);
        const __m512i second = _mm512_add_epi32(first, _mm512_set1_epi32(2));
        float left[4 * 16] __attribute__((aligned(64))), right[4 * 16] __attribute__((aligned(64)));
        transpose_blocks((const __m512 *)columns, left);            /* of four tiles each: columns 0 ... 3; 4 ... 7 */
        transpose_blocks((const __m512 *)columns + 4 % OUTPUTS, right);
        for (int q = 0; q < 4; q++) {
            __m512 a = _mm512_load_ps(left + 16 * q), b = _mm512_load_ps(right + 16 * q);
            _mm512_storeu_ps((float *)to + 32 * q, _mm512_permutex2var_ps(a, first, b));
            _mm512_storeu_ps((float *)to + 32 * q + 16, _mm512_permutex2var_ps(a, second, b));
        }
        return;
    }
#endif
    for (int l = 0; l < LANES; l++)
        for (int j = 0; j < OUTPUTS; j++) to[l * OUTPUTS + j] = columns[j][l];
}

/* One sliver's sums (basis, ROWS, COLUMNS) back to pixels, scaled, shifted, rectified, and out. */
static inline void finish_tiles(const winograd *w, const panel *p, ptrdiff_t first_row, const REAL *sums)
{
    const product *job = w->job;
    ptrdiff_t rows = at_most(ROWS, job->rows - first_row);
    for (ptrdiff_t i = 0; i < rows; i++, sums += COLUMNS) {
        ptrdiff_t row = first_row + i;
        REAL pixels[OUTPUTS][OUTPUTS * COLUMNS + LANES] __attribute__((aligned(64)));  /* read in whole vectors */
        for (int v = 0; v < 2; v++) {
            REAL half[OUTPUTS * SIDE * LANES] __attribute__((aligned(64)));
            for (int j = 0; j < SIDE; j++)
                carry_back(sums + j * TILE + v * LANES, SIDE * TILE, half + j * LANES, SIDE * LANES);
            for (int y = 0; y < OUTPUTS; y++) {
                REAL columns[OUTPUTS * LANES] __attribute__((aligned(64)));
                vector out[OUTPUTS];
                carry_back(half + y * SIDE * LANES, LANES, columns, LANES);
                for (int x = 0; x < OUTPUTS; x++) {
                    out[x] = load(columns + x * LANES);
                    if (job->scale) out[x] *= job->scale[row];
                    if (job->shift) out[x] += job->shift[row];
                    if (job->relu) out[x] = rectified(out[x]);
                }
                interleave(out, pixels[y] + v * OUTPUTS * LANES);
            }
        }
        for (int r = 0; r < p->run_count; r++) {
            const run *part = p->runs + r;
            ptrdiff_t y = part->i * OUTPUTS, x = part->j * OUTPUTS;
            ptrdiff_t height = at_most(OUTPUTS, job->grid_height - y);
            ptrdiff_t width = at_most(part->count * OUTPUTS, job->grid_width - x);
            REAL *to = job->out + part->n * job->out_image + row * job->out_row + y * job->out_y + x;
            for (ptrdiff_t k = 0; k < height; k++, to += job->out_y)
                for (ptrdiff_t l = 0; l < width; l += LANES)
                    store_some(to + l, load(pixels[k] + part->lane * OUTPUTS + l), width - l);
        }
    }
}
#endif
