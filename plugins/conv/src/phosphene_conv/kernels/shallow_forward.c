/* Forward from shallow images (see shallow.h): a tile is ROWS filters times two vectors of neighbouring outputs, its depth all
 * taps of all channels, each at its offset in the rows. */
#include "shallow.h"
#include "room.h"
#include "shallow_rows.h"
#include "workers.h"

enum { PAIRS = 4 };         /* of vectors, whose outputs a sliver of filters makes one after the other */

typedef struct {
    const convolution *c;
    shallow_rows rows;
    REAL *weights;          /* [sliver][depth][ROWS] */
    ptrdiff_t *offsets, depth, slivers;
    int failed;
} work;

/* `tall` rows of the tile, a constant, of which `filters` exist. */
static inline __attribute__((always_inline)) void tile_at(
    int tall, const work *w, ptrdiff_t first, const REAL *left, const REAL *right, REAL *to_left, REAL *to_right,
    ptrdiff_t left_count, ptrdiff_t right_count)
{
    const convolution *c = w->c;
    const REAL *a = w->weights + first * w->depth, *scale = c->scale, *shift = c->shift;
    ptrdiff_t filters = at_most(tall, c->filters - first), plane = c->out_height * c->out_width;
    vector s[ROWS][2];
#pragma GCC unroll 12
    for (int i = 0; i < tall; i++) s[i][0] = s[i][1] = (vector){0};
    for (ptrdiff_t k = 0; k < w->depth; k++, a += ROWS) {
        vector columns[2] = {load(left + w->offsets[k]), load(right + w->offsets[k])};
#pragma GCC unroll 12
        for (int i = 0; i < tall; i++) {
            REAL factor = a[i];
            s[i][0] += factor * columns[0];
            s[i][1] += factor * columns[1];
        }
    }
#pragma GCC unroll 12
    for (int i = 0; i < tall; i++) {
        if (i >= filters) return;
        if (scale) s[i][0] *= scale[first + i], s[i][1] *= scale[first + i];
        if (shift) s[i][0] += shift[first + i], s[i][1] += shift[first + i];
        if (c->relu) s[i][0] = rectified(s[i][0]), s[i][1] = rectified(s[i][1]);
        store_some(to_left + i * plane, s[i][0], left_count);
        if (right_count) store_some(to_right + i * plane, s[i][1], right_count);
    }
}

static void one_band(void *context, int index)
{
    work *w = context;
    const convolution *c = w->c;
    const shallow_rows *r = &w->rows;
    ptrdiff_t n = index / r->bands, first = index % r->bands * r->band, rows = at_most(r->band, c->out_height - first);
    ptrdiff_t all = rows * r->across, plane = c->out_height * c->out_width;
    REAL *buffer = room(r->size, sizeof(REAL));
    if (!buffer) {
        __atomic_store_n(&w->failed, 1, __ATOMIC_RELAXED);
        return;
    }
    fill_shallow_rows(c, r, n, first, rows, buffer);
    for (ptrdiff_t group = 0; group < all; group += 2 * PAIRS)
        for (ptrdiff_t s = 0; s < w->slivers; s++)
            for (ptrdiff_t q = group; q < at_most(group + 2 * PAIRS, all); q += 2) {
                const REAL *from[2];
                REAL *to[2], *y = (REAL *)c->y + (n * c->filters + s * ROWS) * plane;
                ptrdiff_t counts[2], left = c->filters - s * ROWS;
                for (int v = 0; v < 2; v++) {
                    ptrdiff_t i = at_most(q + v, all - 1) / r->across, j = at_most(q + v, all - 1) % r->across * LANES;
                    from[v] = buffer + i * c->stride_y * r->row + j;
                    to[v] = y + (first + i) * c->out_width + j;
                    counts[v] = q + v < all ? at_most(LANES, c->out_width - j) : 0;
                }
                if (left > 2 * ROWS / 3) tile_at(ROWS, w, s * ROWS, from[0], from[1], to[0], to[1], counts[0], counts[1]);
                else if (left > ROWS / 3) tile_at(2 * ROWS / 3, w, s * ROWS, from[0], from[1], to[0], to[1], counts[0], counts[1]);
                else tile_at(ROWS / 3, w, s * ROWS, from[0], from[1], to[0], to[1], counts[0], counts[1]);
            }
    leave(buffer);
}

int shallow_forward_wins(const convolution *c)
{
    return c->images * c->out_height * c->out_width >= 4 * COLUMNS
           && 4 * c->out_width >= 3 * parts_of(c->out_width, LANES) * LANES && shallow_rows_fit(c);
}

int shallow_forward(const convolution *c)
{
    ptrdiff_t kernel = c->size_y * c->size_x, share = parts_of(c->out_height, parts_of(4 * c->threads, c->images));
    work w = {.c = c, .rows = shallow_rows_of(c, share), .depth = c->channels * kernel, .slivers = parts_of(c->filters, ROWS)};
    w.weights = room(w.slivers * ROWS * w.depth, sizeof(REAL));
    w.offsets = malloc(w.depth * sizeof *w.offsets);
    w.failed = !w.weights || !w.offsets;
    if (!w.failed) {
        memset(w.weights, 0, w.slivers * ROWS * w.depth * sizeof(REAL));
        for (ptrdiff_t k = 0; k < w.depth; k++) w.offsets[k] = shallow_offset(c, &w.rows, k / kernel, k % kernel);
        for (ptrdiff_t f = 0; f < c->filters; f++)
            for (ptrdiff_t k = 0; k < w.depth; k++)
                w.weights[(f / ROWS * w.depth + k) * ROWS + f % ROWS] = ((const REAL *)c->w)[f * w.depth + k];
        run_tasks(one_band, &w, (int)(c->images * w.rows.bands), c->threads);
    }
    free(w.offsets);
    leave(w.weights);
    return w.failed ? -1 : 0;
}
