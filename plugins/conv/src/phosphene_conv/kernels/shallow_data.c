/* Backward for data where x is shallow (see shallow.h). The pixels of a phase, y = u + stride_y * i and
 * x = v + stride_x * j, meet the same taps, and neighbours of them see neighbours in dy: a tile is all channels times some
 * vectors of neighbours, read at each tap's offset from dy's rows. All phases of a tile follow one another for each block
 * of filters, whose rows are in L1 by then; at the end their pixels go out interleaved. */
#include "shallow_tile.h"
#include "room.h"
#include "workers.h"

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
