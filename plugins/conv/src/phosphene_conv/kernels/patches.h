/* Patches straight from the image: COLUMNS grid points side by side, the image's values under them row by row.
 *
 * A panel's grid points are cut into runs: neighbours in one grid row that fall into one vector and whose image values
 * lie within one vector's reach. Packing a vector is then one masked load and one masked permute per run. */
#ifndef PATCHES_H
#define PATCHES_H
#include "product.h"
#include "tile.h"

typedef struct {
    int lane, count;                /* lanes of the panel that this run fills */
    ptrdiff_t n, i, j;              /* its first grid point */
#if defined(__AVX512F__)
    char order[64];                 /* for each lane of its vector, which of the values read it takes: its step from x */
    __mmask16 lanes, reads;         /* the lanes that it fills, and the values that it reads for them */
#endif
} run;

typedef struct {
    run runs[COLUMNS];
    int run_count, first_right;     /* runs[first_right ...] belong to the right vector */
    int points;                     /* grid points in the panel; fewer than COLUMNS in the last one */
    ptrdiff_t whole[2];             /* offset in out of a vector whose points are neighbours there, or -1 */
} panel;

#if defined(__AVX512F__)
static inline __m512i count_up(void)
{
    return sizeof(REAL) == 4 ? _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
                             : _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7);
}
#endif

static inline void set_lanes(run *r, ptrdiff_t step)
{
#if defined(__AVX512F__)
    int lane = r->lane % LANES, by = r->count > 1 ? (int)step : 1;
    __m512i order;
    if (sizeof(REAL) == 4)
        order = _mm512_mullo_epi32(_mm512_sub_epi32(count_up(), _mm512_set1_epi32(lane)), _mm512_set1_epi32(by));
    else
        order = _mm512_mullo_epi64(_mm512_sub_epi64(count_up(), _mm512_set1_epi64(lane)), _mm512_set1_epi64(by));
    _mm512_storeu_si512(r->order, order);
    r->reads = (__mmask16)((2u << (r->count - 1) * by) - 1);
    r->lanes = (__mmask16)(((1u << r->count) - 1) << lane);
#else
    (void)r, (void)step;
#endif
}

/* The panel of grid points first ... first + COLUMNS - 1, counted over (n, i, j). */
static inline void lay_out(panel *p, const product *job, ptrdiff_t first)
{
    ptrdiff_t plane = job->grid_height * job->grid_width, total = job->images * plane;
    ptrdiff_t n = first / plane, i = first % plane / job->grid_width, j = first % job->grid_width;
    ptrdiff_t reach = job->step_x <= LANES ? (LANES - 1) / job->step_x + 1 : 1;
    p->points = (int)(total - first < COLUMNS ? total - first : COLUMNS);
    p->run_count = 0;
    p->first_right = -1;
    p->whole[0] = p->whole[1] = -1;
    for (int lane = 0; lane < p->points;) {
        ptrdiff_t count = p->points - lane, in_row = job->grid_width - j, in_vector = LANES - lane % LANES;
        if (lane % LANES == 0 && in_row >= LANES && count >= LANES && job->out_x == 1)
            p->whole[lane / LANES] = n * job->out_image + i * job->out_y + j;
        if (count > in_row) count = in_row;
        if (count > in_vector) count = in_vector;
        if (count > reach) count = reach;
        if (lane >= LANES && p->first_right < 0) p->first_right = p->run_count;
        run *r = p->runs + p->run_count++;
        r->lane = lane, r->count = (int)count, r->n = n, r->i = i, r->j = j;
        set_lanes(r, job->step_x);
        lane += (int)count;
        j += count;
        if (j == job->grid_width) {
            j = 0;
            if (++i == job->grid_height) i = 0, n++;
        }
    }
    if (p->first_right < 0) p->first_right = p->run_count;
}

/* How one tap fills one run of a panel, the image being zero outside; planned once, used for every channel. */
#if defined(__AVX512F__)
typedef struct { const REAL *from; __mmask16 reads, lanes; } fill;

/* Which of a vector's lanes, standing at x + steps, are inside 0 ... width - 1. */
static inline __mmask16 inside(ptrdiff_t x, __m512i steps, ptrdiff_t width)
{
    if (sizeof(REAL) == 4)
        return _mm512_cmplt_epu32_mask(_mm512_add_epi32(_mm512_set1_epi32((int)x), steps), _mm512_set1_epi32((int)width));
    return _mm512_cmplt_epu64_mask(_mm512_add_epi64(_mm512_set1_epi64(x), steps), _mm512_set1_epi64(width));
}

static inline fill plan_run(const product *job, const run *r, const tap *t)
{
    ptrdiff_t y = r->i * job->step_y + t->y, x = r->j * job->step_x + t->x;
    if ((size_t)y >= (size_t)job->height) return (fill){job->image, 0, 0};
    return (fill){job->image + (r->n * job->channels * job->height + y) * job->width + x,
                  r->reads & inside(x, count_up(), job->width),
                  r->lanes & inside(x, _mm512_loadu_si512(r->order), job->width)};
}

static inline __m512i merge(__m512i v, const run *r, const fill *f, ptrdiff_t offset)
{
    __m512i order = _mm512_loadu_si512(r->order);
    if (sizeof(REAL) == 4)
        return _mm512_mask_permutexvar_epi32(v, f->lanes, order, _mm512_maskz_loadu_epi32(f->reads, f->from + offset));
    return _mm512_mask_permutexvar_epi64(v, (__mmask8)f->lanes, order,
                                         _mm512_maskz_loadu_epi64((__mmask8)f->reads, f->from + offset));
}

/* One row: the values under one tap, `offset` (a channel's) from the planned places. */
static inline void pack_row(const product *job, const panel *p, const fill *fills, ptrdiff_t offset, REAL *restrict out)
{
    (void)job;
    __m512i left = _mm512_setzero_si512(), right = left;
    for (int r = 0; r < p->first_right; r++) left = merge(left, p->runs + r, fills + r, offset);
    for (int r = p->first_right; r < p->run_count; r++) right = merge(right, p->runs + r, fills + r, offset);
    _mm512_storeu_si512(out, left);
    _mm512_storeu_si512(out + LANES, right);
}
#else
typedef struct { const REAL *from; int skip, count; } fill;

static inline fill plan_run(const product *job, const run *r, const tap *t)
{
    ptrdiff_t step = job->step_x, y = r->i * job->step_y + t->y, x = r->j * step + t->x, skip = 0, end = r->count;
    if (y < 0 || y >= job->height) return (fill){job->image, 0, 0};
    if (x < 0) skip = (-x + step - 1) / step;
    if (x + (end - 1) * step >= job->width) end = x < job->width ? (job->width - x + step - 1) / step : 0;
    if (end <= skip) return (fill){job->image, 0, 0};
    return (fill){job->image + (r->n * job->channels * job->height + y) * job->width + x + skip * step, (int)skip,
                  (int)(end - skip)};
}

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
#endif

static inline void plan_tap(const product *job, const panel *p, const tap *t, fill *fills)
{
    for (int r = 0; r < p->run_count; r++) fills[r] = plan_run(job, p->runs + r, t);
}

/* Rows of `to`, one per (channel, tap) for `channels` channels from `first_channel` on, `row` elements apart. */
static inline void pack_patches(const product *job, const panel *p, ptrdiff_t first_channel, ptrdiff_t channels,
                                REAL *restrict to, ptrdiff_t row)
{
    ptrdiff_t plane = job->height * job->width;
    for (ptrdiff_t t = 0; t < job->tap_count; t++) {
        fill fills[COLUMNS];
        plan_tap(job, p, job->taps + t, fills);
        for (ptrdiff_t c = 0; c < channels; c++)
            pack_row(job, p, fills, (first_channel + c) * plane, to + (c * job->tap_count + t) * row);
    }
}
#endif
