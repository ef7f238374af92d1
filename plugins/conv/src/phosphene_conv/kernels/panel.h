/* A panel: COLUMNS grid points side by side, two vectors of them. They are cut into runs: neighbours in one grid row
 * that fall into one vector and whose image values lie within one vector's reach, so that a run is read, or written,
 * by one masked instruction. What each tap reads for each run is planned once and used for every channel. */
#ifndef PANEL_H
#define PANEL_H
#include "product.h"
#include "tile.h"

typedef struct {
    int lane, count;                /* lanes of the panel that this run fills */
    ptrdiff_t n, i, j;              /* its first grid point */
    ptrdiff_t place;                /* where it begins in row 0 of out */
#if defined(__AVX512F__)
    __m512i order;                  /* the permute that puts the values read among the vector's lanes: for each lane of
                                     * the run LANES + the value it takes, for others their own number */
#endif
} run;

typedef struct {
    const REAL *from;               /* in channel 0; some lanes may be outside the image, and are not read */
#if defined(__AVX512F__)
    __mmask16 reads;                /* which of the values from there on are inside the image and wanted */
#else
    int skip, count;                /* how many lanes of the run to leave zero, then to fill */
#endif
} fill;

typedef struct {
    run runs[COLUMNS];
    int run_count, first_right;     /* runs[first_right ...] belong to the right vector */
    int points;                     /* grid points in the panel; fewer than COLUMNS in the last one */
    int whole;                      /* both vectors are of neighbours in out */
    fill *fills;                    /* [tap][run] */
} panel;

#if defined(__AVX512F__)
/* least, least + step, least + 2 step, ... */
static inline __m512i lanes_of(int least, int step)
{
    if (sizeof(REAL) == 4) {
        __m512i up = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
        return _mm512_add_epi32(_mm512_mullo_epi32(up, _mm512_set1_epi32(step)), _mm512_set1_epi32(least));
    }
    __m512i up = _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7);
    return _mm512_add_epi64(_mm512_mullo_epi64(up, _mm512_set1_epi64(step)), _mm512_set1_epi64(least));
}

/* Which of the places x, x + 1, ... are among 0 ... width - 1. */
static inline __mmask16 inside(ptrdiff_t x, ptrdiff_t width)
{
    if (sizeof(REAL) == 4) return _mm512_cmplt_epu32_mask(lanes_of((int)x, 1), _mm512_set1_epi32((int)width));
    return _mm512_cmplt_epu64_mask(lanes_of((int)x, 1), _mm512_set1_epi64(width));
}

static inline void set_order(run *r, ptrdiff_t step_x)
{
    int lane = r->lane % LANES, step = r->count > 1 ? (int)step_x : 1;
    __mmask16 mine = (__mmask16)(((1u << r->count) - 1) << lane);
    __m512i taken = lanes_of(LANES - lane * step, step), own = lanes_of(0, 1);
    r->order = sizeof(REAL) == 4 ? _mm512_mask_mov_epi32(own, mine, taken) : _mm512_mask_mov_epi64(own, (__mmask8)mine, taken);
}

static inline fill plan(const product *job, const run *r, const tap *t)
{
    ptrdiff_t y = r->i * job->step_y + t->y, x = r->j * job->step_x + t->x;
    unsigned last = r->count > 1 ? (unsigned)(r->count - 1) * (unsigned)job->step_x : 0;
    if ((size_t)y >= (size_t)job->height) return (fill){job->image, 0};
    return (fill){job->image + (r->n * job->channels * job->height + y) * job->width + x,
                  (__mmask16)((2u << last) - 1) & inside(x, job->width)};
}
#else
static inline void set_order(run *r, ptrdiff_t step_x) { (void)r, (void)step_x; }

static inline fill plan(const product *job, const run *r, const tap *t)
{
    ptrdiff_t step = job->step_x, y = r->i * job->step_y + t->y, x = r->j * step + t->x, skip = 0, end = r->count;
    if (x < 0) skip = (-x + step - 1) / step;
    if (x + (end - 1) * step >= job->width) end = x < job->width ? (job->width - x + step - 1) / step : 0;
    if (y < 0 || y >= job->height || end <= skip) return (fill){job->image, 0, 0};
    return (fill){job->image + (r->n * job->channels * job->height + y) * job->width + x + skip * step, (int)skip,
                  (int)(end - skip)};
}
#endif

/* The panel of grid points first ... first + COLUMNS - 1, counted over (n, i, j), with room for its plan. */
static inline void lay_out(panel *p, const product *job, ptrdiff_t first, fill *fills)
{
    ptrdiff_t plane = job->grid_height * job->grid_width, total = job->images * plane;
    ptrdiff_t n = first / plane, i = first % plane / job->grid_width, j = first % job->grid_width;
    ptrdiff_t reach = job->step_x <= LANES ? (LANES - 1) / job->step_x + 1 : 1;
    p->points = (int)at_most(COLUMNS, total - first);
    p->run_count = 0;
    p->first_right = -1;
    p->whole = job->out_x == 1 && p->points == COLUMNS
               && (j + COLUMNS <= job->grid_width || (j % LANES == 0 && job->grid_width % LANES == 0));
    for (int lane = 0; lane < p->points;) {
        ptrdiff_t count = at_most(at_most(p->points - lane, job->grid_width - j), at_most(LANES - lane % LANES, reach));
        if (lane >= LANES && p->first_right < 0) p->first_right = p->run_count;
        run *r = p->runs + p->run_count++;
        r->lane = lane, r->count = (int)count, r->n = n, r->i = i, r->j = j;
        r->place = n * job->out_image + i * job->out_y + j * job->out_x;
        set_order(r, job->step_x);
        lane += (int)count;
        j += count;
        if (j == job->grid_width) {
            j = 0;
            if (++i == job->grid_height) i = 0, n++;
        }
    }
    if (p->first_right < 0) p->first_right = p->run_count;
    p->fills = fills;
    for (ptrdiff_t t = 0; t < job->tap_count; t++)
        for (int k = 0; k < p->run_count; k++) fills[t * p->run_count + k] = plan(job, p->runs + k, job->taps + t);
}

/* A run's lanes of `values`, a row of the panel, to places `step` apart. */
static inline void put_run(const run *r, const REAL *values, REAL *to, ptrdiff_t step)
{
    const REAL *from = values + r->lane;
#if defined(__AVX512F__)
    if (sizeof(REAL) == 4 && step <= 2) {
        __m512i v = _mm512_loadu_si512(values + r->lane / LANES * LANES);
        unsigned lanes = (1u << r->count) - 1;
        if (step == 1) {
            _mm512_mask_storeu_epi32(to - r->lane % LANES, (__mmask16)(lanes << r->lane % LANES), v);
            return;
        }
        __m512i pairs = _mm512_setr_epi32(0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7);
        pairs = _mm512_add_epi32(pairs, _mm512_set1_epi32(r->lane % LANES));
        _mm512_mask_storeu_epi32(to, (__mmask16)(0x5555 & ((1u << 2 * (r->count < 8 ? r->count : 8)) - 1)),
                                 _mm512_permutexvar_epi32(pairs, v));
        if (r->count > 8)
            _mm512_mask_storeu_epi32(to + 16, (__mmask16)(0x5555 & ((1u << 2 * (r->count - 8)) - 1)),
                                     _mm512_permutexvar_epi32(_mm512_add_epi32(pairs, _mm512_set1_epi32(8)), v));
        return;
    }
#endif
    if (step == 1)
        for (int l = 0; l < r->count; l++) to[l] = from[l];
    else
        for (int l = 0; l < r->count; l++) to[l * step] = from[l];
}
#endif
