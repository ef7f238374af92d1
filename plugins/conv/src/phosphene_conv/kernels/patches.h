/* Patches straight from the image: for each (channel, tap) a row with the values under a panel's grid points, zero
 * outside the image. */
#ifndef PATCHES_H
#define PATCHES_H
#include "panel.h"

#if defined(__AVX512F__)
/* A run is one masked load, whose mask leaves zeros outside the image, and one permute. */
static inline __m512i read_run(__mmask16 reads, const REAL *from)
{
    return sizeof(REAL) == 4 ? _mm512_maskz_loadu_epi32(reads, from) : _mm512_maskz_loadu_epi64((__mmask8)reads, from);
}

static inline __m512i put_among(__m512i lanes, __m512i order, __m512i values)
{
    return sizeof(REAL) == 4 ? _mm512_permutex2var_epi32(lanes, order, values)
                             : _mm512_permutex2var_epi64(lanes, order, values);
}

/* One row: one tap's fills, `offset` (a channel's) from the planned places. */
static inline void pack_row(const product *job, const panel *p, const fill *fills, ptrdiff_t offset, REAL *restrict out)
{
    (void)job;
    for (int half = 0, k = 0; half < 2; half++) {
        __m512i v = _mm512_setzero_si512();
        for (int last = half ? p->run_count : p->first_right; k < last; k++)
            v = put_among(v, p->runs[k].order, read_run(fills[k].reads, fills[k].from + offset));
        _mm512_storeu_si512(out + half * LANES, v);
    }
}

/* The rows of one tap for some channels, where each vector has `runs` runs; a constant, so that the plan stays in
 * registers. `straight`: the runs are whole vectors, in order as they are. */
static inline __attribute__((always_inline)) void pack_even(
    int runs, int straight, const panel *p, const fill *fills, ptrdiff_t offset, ptrdiff_t plane, ptrdiff_t channels,
    REAL *restrict out, ptrdiff_t next)
{
    const REAL *from[8];
    __mmask16 reads[8];
    __m512i order[8];
#pragma GCC unroll 8
    for (int k = 0; k < 2 * runs; k++) from[k] = fills[k].from + offset, reads[k] = fills[k].reads, order[k] = p->runs[k].order;
    for (ptrdiff_t c = 0; c < channels; c++, out += next)
#pragma GCC unroll 2
        for (int half = 0; half < 2; half++) {
            __m512i v = _mm512_setzero_si512();
#pragma GCC unroll 4
            for (int k = half * runs; k < (half + 1) * runs; k++) {
                __m512i values = read_run(reads[k], from[k] + c * plane);
                v = straight ? values : put_among(v, order[k], values);
            }
            _mm512_storeu_si512(out + half * LANES, v);
        }
}

static inline void pack_tap(const product *job, const panel *p, const fill *fills, ptrdiff_t offset, ptrdiff_t channels,
                            REAL *restrict out, ptrdiff_t next)
{
    ptrdiff_t plane = job->height * job->width;
    int even = p->points == COLUMNS && p->run_count == 2 * p->first_right ? p->first_right : 0;
    if (even == 1 && job->step_x == 1) pack_even(1, 1, p, fills, offset, plane, channels, out, next);
    else if (even == 2) pack_even(2, 0, p, fills, offset, plane, channels, out, next);
    else if (even == 4) pack_even(4, 0, p, fills, offset, plane, channels, out, next);
    else
        for (ptrdiff_t c = 0; c < channels; c++) pack_row(job, p, fills, offset + c * plane, out + c * next);
}
#else
static inline void pack_row(const product *job, const panel *p, const fill *fills, ptrdiff_t offset, REAL *restrict out)
{
    ptrdiff_t step = job->step_x;
    memset(out, 0, COLUMNS * sizeof(REAL));
    for (int r = 0; r < p->run_count; r++) {
        const REAL *from = fills[r].from + offset;
        REAL *lane = out + p->runs[r].lane + fills[r].skip;
        if (step == 1)
            for (int l = 0; l < fills[r].count; l++) lane[l] = from[l];
        else
            for (int l = 0; l < fills[r].count; l++) lane[l] = from[l * step];
    }
}

static inline void pack_tap(const product *job, const panel *p, const fill *fills, ptrdiff_t offset, ptrdiff_t channels,
                            REAL *restrict out, ptrdiff_t next)
{
    ptrdiff_t plane = job->height * job->width;
    for (ptrdiff_t c = 0; c < channels; c++) pack_row(job, p, fills, offset + c * plane, out + c * next);
}
#endif

/* Rows of `to`, one per (channel, tap) for `channels` channels from `first_channel` on, `row` elements apart. A few
 * channels at a time go through all taps, so that what one tap reads is in L1 for the next even where channels are
 * whole pages apart and fall into the same sets. */
static inline void pack_patches(const product *job, const panel *p, ptrdiff_t first_channel, ptrdiff_t channels,
                                REAL *restrict to, ptrdiff_t row)
{
    enum { TOGETHER = 8 };
    ptrdiff_t plane = job->height * job->width;
    for (ptrdiff_t c = 0; c < channels; c += TOGETHER)
        for (ptrdiff_t t = 0; t < job->tap_count; t++)
            pack_tap(job, p, p->fills + t * p->run_count, (first_channel + c) * plane, at_most(TOGETHER, channels - c),
                     to + (c * job->tap_count + t) * row, job->tap_count * row);
}
#endif
