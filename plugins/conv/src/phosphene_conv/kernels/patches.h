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
} run;

typedef struct {
    run runs[COLUMNS];
    int run_count, first_right;     /* runs[first_right ...] belong to the right vector */
    int points;                     /* grid points in the panel; fewer than COLUMNS in the last one */
    ptrdiff_t whole[2];             /* offset in out of a vector whose points are neighbours there, or -1 */
} panel;

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
        p->runs[p->run_count++] = (run){lane, (int)count, n, i, j};
        lane += (int)count;
        j += count;
        if (j == job->grid_width) {
            j = 0;
            if (++i == job->grid_height) i = 0, n++;
        }
    }
    if (p->first_right < 0) p->first_right = p->run_count;
}

/* What of a run lies inside the image under one tap: lanes, and the place of the first lane's value in channel 0. */
typedef struct { int lane, count; ptrdiff_t from; } piece;

static inline piece clip(const product *job, const run *r, const tap *t)
{
    piece none = {r->lane, 0, 0};
    ptrdiff_t y = r->i * job->step_y + t->y, x = r->j * job->step_x + t->x, step = job->step_x;
    if (y < 0 || y >= job->height) return none;
    ptrdiff_t skip = x < 0 ? (-x + step - 1) / step : 0;
    ptrdiff_t end = x < job->width ? (job->width - x + step - 1) / step : 0;
    if (end > r->count) end = r->count;
    if (end <= skip) return none;
    return (piece){r->lane + (int)skip, (int)(end - skip),
                   (r->n * job->channels * job->height + y) * job->width + x + skip * step};
}

#if defined(__AVX512F__)
typedef struct { __mmask16 reads, lanes; const REAL *from; __m512i order; } fill;

static inline fill plan(const product *job, const run *r, const tap *t)
{
    piece part = clip(job, r, t);
    fill f = {0, 0, job->image, _mm512_setzero_si512()};
    if (!part.count) return f;
    int lane = part.lane % LANES, step = (int)(part.count > 1 ? job->step_x : 1);
    ptrdiff_t last = (ptrdiff_t)(part.count - 1) * step;
    f.reads = (__mmask16)((2u << last) - 1);
    f.lanes = (__mmask16)(((1u << part.count) - 1) << lane);
    f.from = job->image + part.from;
    if (sizeof(REAL) == 4)
        f.order = _mm512_mullo_epi32(_mm512_sub_epi32(_mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
                                                      _mm512_set1_epi32(lane)), _mm512_set1_epi32(step));
    else
        f.order = _mm512_mullo_epi64(_mm512_sub_epi64(_mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7), _mm512_set1_epi64(lane)),
                                     _mm512_set1_epi64(step));
    return f;
}

static inline __m512i merge(__m512i v, const fill *f, ptrdiff_t offset)
{
    if (sizeof(REAL) == 4)
        return _mm512_mask_permutexvar_epi32(v, f->lanes, f->order, _mm512_maskz_loadu_epi32(f->reads, f->from + offset));
    return _mm512_mask_permutexvar_epi64(v, (__mmask8)f->lanes, f->order,
                                         _mm512_maskz_loadu_epi64((__mmask8)f->reads, f->from + offset));
}
#endif

/* Rows of `to`, one per (channel, tap) for `channels` channels from `first_channel` on, `row` elements apart. */
static inline void pack_patches(const product *job, const panel *p, ptrdiff_t first_channel, ptrdiff_t channels,
                                REAL *restrict to, ptrdiff_t row)
{
    ptrdiff_t plane = job->height * job->width;
    for (ptrdiff_t t = 0; t < job->tap_count; t++) {
        REAL *out = to + t * row;
        const ptrdiff_t next = job->tap_count * row;
#if defined(__AVX512F__)
        fill fills[COLUMNS];
        for (int r = 0; r < p->run_count; r++) fills[r] = plan(job, p->runs + r, job->taps + t);
        for (ptrdiff_t c = first_channel; c < first_channel + channels; c++, out += next) {
            __m512i left = _mm512_setzero_si512(), right = left;
            for (int r = 0; r < p->first_right; r++) left = merge(left, fills + r, c * plane);
            for (int r = p->first_right; r < p->run_count; r++) right = merge(right, fills + r, c * plane);
            _mm512_storeu_si512(out, left);
            _mm512_storeu_si512(out + LANES, right);
        }
#else
        piece parts[COLUMNS];
        for (int r = 0; r < p->run_count; r++) parts[r] = clip(job, p->runs + r, job->taps + t);
        for (ptrdiff_t c = first_channel; c < first_channel + channels; c++, out += next) {
            memset(out, 0, COLUMNS * sizeof(REAL));
            for (int r = 0; r < p->run_count; r++) {
                const REAL *from = job->image + parts[r].from + c * plane;
                REAL *lane = out + parts[r].lane;
                if (job->step_x == 1)
                    for (int l = 0; l < parts[r].count; l++) lane[l] = from[l];
                else
                    for (int l = 0; l < parts[r].count; l++) lane[l] = from[l * job->step_x];
            }
        }
#endif
    }
}
#endif
