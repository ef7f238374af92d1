/* Backward for data where x is shallow (see shallow.h). The pixels of a phase, y = u + stride_y * i and
 * x = v + stride_x * j, meet the same taps, and neighbours of them see neighbours in dy: a tile is all channels times some
 * vectors of neighbours, read at each tap's offset from dy's rows. All phases of a tile follow one another for each block
 * of filters, whose rows are in L1 by then; at the end their pixels go out interleaved. */
#include "shallow.h"
#include "room.h"
#include "tile.h"
#include "workers.h"

enum { MOST_VECTORS = VECTOR_BYTES == 64 ? 8 : 4, MOST_PHASES = 16, MOST_REACH = 64,
       FILTERS = 16, BUFFER = 384 << 10 };

typedef struct { REAL *weights; ptrdiff_t *offsets, taps; } phase;      /* weights: [filter][tap][channel] */

typedef struct {
    const convolution *c;
    phase phases[MOST_PHASES];
    int phase_count, vectors;               /* vectors in a tile */
    ptrdiff_t least_y, least_x, reach_y, reach_x;   /* taps see dy from least to least + reach */
    ptrdiff_t height, width, across;        /* a phase's pixels; vectors in a row of them */
    ptrdiff_t row, step, band, bands;       /* of the buffer: a row, a filter, rows of pixels in a task */
    int failed;
} work;

/* sums[row][vector] = or += weights times what the taps see; `rows` and `vectors` must be constants. */
static inline __attribute__((always_inline)) void direct_tile(
    int rows, int vectors, ptrdiff_t filters, ptrdiff_t taps, const ptrdiff_t *restrict offsets, const REAL *restrict weights,
    const REAL *restrict from, ptrdiff_t step, const ptrdiff_t *restrict places, REAL *restrict sums, int add)
{
    vector s[SHALLOW][MOST_VECTORS];
    const REAL *at[MOST_VECTORS];
#pragma GCC unroll 8
    for (int v = 0; v < vectors; v++) at[v] = from + places[v];
#pragma GCC unroll 4
    for (int i = 0; i < rows; i++)
#pragma GCC unroll 8
        for (int v = 0; v < vectors; v++) s[i][v] = add ? load(sums + (i * vectors + v) * LANES) : (vector){0};
    for (ptrdiff_t f = 0; f < filters; f++) {
        for (ptrdiff_t t = 0; t < taps; t++, weights += rows)
#pragma GCC unroll 8
            for (int v = 0; v < vectors; v++) {
                vector seen = load(at[v] + offsets[t]);
#if defined(__x86_64__)
                __asm__("" : "+v"(seen));       /* one load for all rows, which mostly runs across two lines, not one each */
#endif
#pragma GCC unroll 4
                for (int i = 0; i < rows; i++) s[i][v] += weights[i] * seen;
            }
#pragma GCC unroll 8
        for (int v = 0; v < vectors; v++) at[v] += step;
    }
#pragma GCC unroll 4
    for (int i = 0; i < rows; i++)
#pragma GCC unroll 8
        for (int v = 0; v < vectors; v++) store(sums + (i * vectors + v) * LANES, s[i][v]);
}

static void any_tile(const work *w, const phase *p, ptrdiff_t filter, ptrdiff_t filters, const REAL *buffer,
                     const ptrdiff_t *places, REAL *sums)
{
    const REAL *weights = p->weights + filter * p->taps * w->c->channels, *from = buffer + filter * w->step;
    int add = filter > 0;
    switch (w->c->channels) {
    case 1: direct_tile(1, MOST_VECTORS, filters, p->taps, p->offsets, weights, from, w->step, places, sums, add); break;
    case 2: direct_tile(2, MOST_VECTORS, filters, p->taps, p->offsets, weights, from, w->step, places, sums, add); break;
    case 3: direct_tile(3, MOST_VECTORS, filters, p->taps, p->offsets, weights, from, w->step, places, sums, add); break;
    default: direct_tile(4, 3 * MOST_VECTORS / 4, filters, p->taps, p->offsets, weights, from, w->step, places, sums, add);
    }
}

/* The buffer's rows for pixels from row `first` of image n on. Each is written with the zeros behind it, which are those
 * before the next one, too. */
static void fill_buffer(const work *w, ptrdiff_t n, ptrdiff_t first, ptrdiff_t rows, REAL *buffer)
{
    const convolution *c = w->c;
    ptrdiff_t skip = w->least_x < 0 ? -w->least_x : 0, begin = w->least_x > 0 ? w->least_x : 0;
    for (ptrdiff_t f = 0; f < c->filters; f++) {
        const REAL *dy = (const REAL *)c->dy + (n * c->filters + f) * c->out_height * c->out_width;
        REAL *to = buffer + f * w->step;
        for (ptrdiff_t x = 0; x < skip; x += LANES) store(to + x, (vector){0});
        to += skip;
        for (ptrdiff_t r = 0, y = first + w->least_y; r < rows; r++, y++, to += w->row) {
            ptrdiff_t x = 0, count = y < 0 || y >= c->out_height ? 0 : c->out_width - begin;
            const REAL *from = dy + y * c->out_width + begin;
            for (; x + LANES <= at_most(count, w->row); x += LANES) store(to + x, load(from + x));
            for (; x < w->row; x += LANES) store(to + x, load_some(from + x, count - x));
        }
    }
}

/* One channel's sums of one row of each phase along x, interleaved. `sums`: a phase is `next` from the one before. */
static inline void put_row(const REAL *sums, ptrdiff_t next, ptrdiff_t stride, ptrdiff_t left, REAL *to)
{
    if (stride == 1) {
        store_some(to, load(sums), left);
        return;
    }
#if defined(__AVX512F__)
    if (stride == 2 && sizeof(REAL) == 4) {
        __m512i low = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
        __m512i high = _mm512_add_epi32(low, _mm512_set1_epi32(8));
        __m512i even = _mm512_loadu_si512(sums), odd = _mm512_loadu_si512(sums + next);
        store_some(to, (vector)_mm512_permutex2var_epi32(even, low, odd), left);
        if (left > LANES) store_some(to + LANES, (vector)_mm512_permutex2var_epi32(even, high, odd), left - LANES);
        return;
    }
#endif
    for (ptrdiff_t x = 0; x < at_most(left, stride * LANES); x++) to[x] = sums[x % stride * next + x / stride];
}

static void finish(const work *w, ptrdiff_t n, ptrdiff_t first, ptrdiff_t q, ptrdiff_t count, const REAL *sums)
{
    const convolution *c = w->c;
    ptrdiff_t next = c->channels * w->vectors * LANES;
    for (ptrdiff_t v = 0; v < count; v++) {
        ptrdiff_t i = first + (q + v) / w->across, x = (q + v) % w->across * LANES * c->stride_x;
        for (ptrdiff_t m = 0; m < c->channels; m++)
            for (ptrdiff_t u = 0; u < c->stride_y && i * c->stride_y + u < c->height; u++)
                put_row(sums + u * c->stride_x * next + (m * w->vectors + v) * LANES, next, c->stride_x, c->width - x,
                        (REAL *)c->dx + ((n * c->channels + m) * c->height + i * c->stride_y + u) * c->width + x);
    }
}

static void one_band(void *context, int index)
{
    work *w = context;
    const convolution *c = w->c;
    ptrdiff_t n = index / w->bands, first = index % w->bands * w->band, rows = at_most(w->band, w->height - first);
    REAL *buffer = room(c->filters * w->step + MOST_REACH + 2 * LANES, sizeof(REAL));
    REAL sums[MOST_PHASES * SHALLOW * MOST_VECTORS * LANES] __attribute__((aligned(64)));
    if (!buffer) {
        __atomic_store_n(&w->failed, 1, __ATOMIC_RELAXED);
        return;
    }
    fill_buffer(w, n, first, rows + w->reach_y, buffer);
    for (ptrdiff_t q = 0, all = rows * w->across; q < all; q += w->vectors) {
        ptrdiff_t count = at_most(w->vectors, all - q), places[MOST_VECTORS];
        for (ptrdiff_t v = 0; v < w->vectors; v++) {        /* beyond the last: that one again */
            ptrdiff_t k = q + at_most(v, count - 1);
            places[v] = k / w->across * w->row + k % w->across * LANES;
        }
        for (ptrdiff_t f = 0; f < c->filters; f += FILTERS)
            for (int p = 0; p < w->phase_count; p++)
                any_tile(w, w->phases + p, f, at_most(FILTERS, c->filters - f), buffer, places,
                         sums + p * c->channels * w->vectors * LANES);
        finish(w, n, first, q, count, sums);
    }
    leave(buffer);
}

static inline ptrdiff_t floor_of(ptrdiff_t a, ptrdiff_t b) { return a >= 0 ? a / b : -((-a + b - 1) / b); }

/* How far from a pixel's own place in dy its taps see, along one axis: over all phases, from *least on. */
static ptrdiff_t reach(ptrdiff_t size, ptrdiff_t stride, ptrdiff_t pad, ptrdiff_t dilation, ptrdiff_t *least)
{
    *least = -floor_of(-(pad - (size - 1) * dilation), stride);
    ptrdiff_t most = floor_of(stride - 1 + pad, stride);
    return most > *least ? most - *least : 0;
}

/* The taps that the pixels of phase (u, v) meet, and their weights, in the room that is left at `offsets` and `weights`. */
static phase phase_of(const work *w, ptrdiff_t u, ptrdiff_t v, ptrdiff_t *offsets, REAL *weights)
{
    const convolution *c = w->c;
    ptrdiff_t kernel = c->size_y * c->size_x, channels = c->channels, count = 0;
    for (int listing = 1; listing >= 0; listing--)
        for (ptrdiff_t k = 0, t = 0; k < kernel; k++) {
            ptrdiff_t y = u + c->pad_y - k / c->size_x * c->dilation_y, x = v + c->pad_x - k % c->size_x * c->dilation_x;
            if (y % c->stride_y || x % c->stride_x) continue;
            if (listing) offsets[count++] = (y / c->stride_y - w->least_y) * w->row + x / c->stride_x - w->least_x;
            else {
                for (ptrdiff_t f = 0; f < c->filters; f++)
                    for (ptrdiff_t m = 0; m < channels; m++)
                        weights[(f * count + t) * channels + m] = ((const REAL *)c->w)[(f * channels + m) * kernel + k];
                t++;
            }
        }
    return (phase){weights, offsets, count};
}

static work plan(const convolution *c)
{
    work w = {.c = c, .vectors = c->channels < 4 ? MOST_VECTORS : 3 * MOST_VECTORS / 4};
    w.reach_y = reach(c->size_y, c->stride_y, c->pad_y, c->dilation_y, &w.least_y);
    w.reach_x = reach(c->size_x, c->stride_x, c->pad_x, c->dilation_x, &w.least_x);
    w.height = parts_of(c->height, c->stride_y), w.width = parts_of(c->width, c->stride_x);
    w.across = parts_of(w.width, LANES), w.row = w.across * LANES + w.reach_x;
    ptrdiff_t fitting = BUFFER / (c->filters * w.row * (ptrdiff_t)sizeof(REAL)) - w.reach_y;
    ptrdiff_t share = parts_of(w.height, parts_of(4 * c->threads, c->images)), whole = parts_of(w.vectors, w.across);
    w.band = parts_of(at_most(fitting > 1 ? fitting : 1, share), whole) * whole;       /* whole tiles */
    w.bands = parts_of(w.height, w.band);
    w.step = (parts_of((w.band + w.reach_y) * w.row, LANES) | 1) * LANES;   /* filters fall into sets of their own */
    return w;
}

int shallow_data_wins(const convolution *c)
{
    if (c->channels > SHALLOW || c->stride_y * c->stride_x > MOST_PHASES || c->images < 1) return 0;
    work w = plan(c);
    return c->images * c->out_height * c->out_width >= 4 * COLUMNS && 4 * w.width >= 3 * w.across * LANES
           && w.reach_y <= MOST_REACH && w.reach_x <= MOST_REACH && c->images * w.bands < 1 << 30
           && c->filters * w.step * (ptrdiff_t)sizeof(REAL) <= 8 * BUFFER;
}

int shallow_data(const convolution *c)
{
    work w = plan(c);
    ptrdiff_t kernel = c->size_y * c->size_x;
    REAL *weights = room(kernel * c->filters * c->channels, sizeof(REAL)), *weight = weights;
    ptrdiff_t *offsets = malloc(kernel * sizeof *offsets), *offset = offsets;
    w.failed = !weights || !offsets;
    if (!w.failed) {
        for (ptrdiff_t u = 0; u < c->stride_y; u++)
            for (ptrdiff_t v = 0; v < c->stride_x; v++) {
                phase *p = w.phases + w.phase_count++;
                *p = phase_of(&w, u, v, offset, weight);
                offset += p->taps, weight += p->taps * c->filters * c->channels;
            }
        run_tasks(one_band, &w, (int)(c->images * w.bands), c->threads);
    }
    free(offsets);
    leave(weights);
    return w.failed ? -1 : 0;
}
