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
    char order[64];                 /* for each lane of its vector, which of the values read it takes */
#endif
} run;

typedef struct {
    run runs[COLUMNS];
    int run_count, first_right;     /* runs[first_right ...] belong to the right vector */
    int points;                     /* grid points in the panel; fewer than COLUMNS in the last one */
    ptrdiff_t whole[2];             /* offset in out of a vector whose points are neighbours there, or -1 */
} panel;

static inline void set_order(run *r, ptrdiff_t step)
{
#if defined(__AVX512F__)
    int lane = r->lane % LANES, by = r->count > 1 ? (int)step : 1;
    if (sizeof(REAL) == 4) {
        __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
        lanes = _mm512_mullo_epi32(_mm512_sub_epi32(lanes, _mm512_set1_epi32(lane)), _mm512_set1_epi32(by));
        _mm512_storeu_si512(r->order, lanes);
    } else {
        __m512i lanes = _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7);
        lanes = _mm512_mullo_epi64(_mm512_sub_epi64(lanes, _mm512_set1_epi64(lane)), _mm512_set1_epi64(by));
        _mm512_storeu_si512(r->order, lanes);
    }
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
        set_order(r, job->step_x);
        lane += (int)count;
        j += count;
        if (j == job->grid_width) {
            j = 0;
            if (++i == job->grid_height) i = 0, n++;
        }
    }
    if (p->first_right < 0) p->first_right = p->run_count;
}

/* What of a run lies inside the image under one tap: `count` lanes after the first `skip`. `from` is where the run's
 * first lane, skipped or not, has its value in channel 0. */
typedef struct { int skip, count; ptrdiff_t from; } piece;

static inline piece clip(const product *job, const run *r, const tap *t)
{
    ptrdiff_t step = job->step_x, y = r->i * job->step_y + t->y, x = r->j * step + t->x, skip = 0, end = r->count;
    piece part = {0, 0, (r->n * job->channels * job->height + y) * job->width + x};
    if (y < 0 || y >= job->height) return part;
    if (x < 0) skip = (-x + step - 1) / step;
    if (x + (end - 1) * step >= job->width) end = x < job->width ? (job->width - x + step - 1) / step : 0;
    if (end > skip) part.skip = (int)skip, part.count = (int)(end - skip);
    return part;
}

/* How one tap fills one run of a panel; planned once, used for every channel. */
#if defined(__AVX512F__)
typedef struct { const REAL *from; __mmask16 reads, lanes; } fill;

static inline fill plan_run(const product *job, const run *r, const tap *t)
{
    piece part = clip(job, r, t);
    if (!part.count) return (fill){job->image, 0, 0};
    int step = r->count > 1 ? (int)job->step_x : 1, lane = r->lane % LANES + part.skip;
    return (fill){job->image + part.from, (__mmask16)(((2u << (part.count - 1) * step) - 1) << part.skip * step),
                  (__mmask16)(((1u << part.count) - 1) << lane)};
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
typedef piece fill;

static inline fill plan_run(const product *job, const run *r, const tap *t) { return clip(job, r, t); }

static inline void pack_row(const product *job, const panel *p, const fill *fills, ptrdiff_t offset, REAL *restrict out)
{
    ptrdiff_t step = job->step_x;
    memset(out, 0, COLUMNS * sizeof(REAL));
    for (int r = 0; r < p->run_count; r++) {
        const REAL *from = job->image + fills[r].from + fills[r].skip * step + offset;
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
