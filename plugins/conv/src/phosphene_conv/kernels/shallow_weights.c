/* Backward for weights from shallow images (see shallow.h). A tile's rows are taps, whose values are broadcast from the
 * rows of x as they lie, its columns COLUMNS filters, for which dy is turned, its depth the outputs of a band of rows.
 * Threads share out the bands, and each part has sums of its own. */
#include "shallow.h"
#include "shallow_rows.h"
#include "turn_pixels.h"
#include "weight_sums.h"

enum { POINTS = 256 };      /* outputs in a band, nearly; its dy must stay in L1 with the rows of x */

typedef struct {
    const convolution *c;
    shallow_rows rows;
    weight_sums sums;
    ptrdiff_t *offsets, share, slivers;     /* bands in a part */
    int failed;
} work;

/* sums[tap][filter] = or += the values at `tall` offsets, a constant, times dy, over `rows` rows of `width` outputs. The
 * offsets are volatile so that each is read from memory at its use, which costs nothing: there are no registers for all
 * of them, and the compiler would put the sums out to make room. */
static inline __attribute__((always_inline)) void tile_over(
    int tall, const REAL *restrict x, ptrdiff_t step, const volatile ptrdiff_t *offsets, ptrdiff_t rows, ptrdiff_t width,
    const REAL *restrict dy, REAL *restrict sums, int add)
{
    vector s[ROWS][2];
#pragma GCC unroll 12
    for (int i = 0; i < tall; i++) s[i][0] = s[i][1] = (vector){0};
    for (ptrdiff_t r = 0; r < rows; r++, x += step)
        for (ptrdiff_t k = 0; k < width; k++, dy += COLUMNS) {
            vector columns[2] = {load(dy), load(dy + LANES)};
#pragma GCC unroll 12
            for (int i = 0; i < tall; i++) {
                REAL factor = (x + k)[offsets[i]];
                s[i][0] += factor * columns[0];
                s[i][1] += factor * columns[1];
            }
        }
#pragma GCC unroll 12
    for (int i = 0; i < tall; i++) {        /* a band's sums first by themselves: they err less */
        if (add) s[i][0] += load(sums + i * COLUMNS), s[i][1] += load(sums + i * COLUMNS + LANES);
        store(sums + i * COLUMNS, s[i][0]), store(sums + i * COLUMNS + LANES, s[i][1]);
    }
}

/* Asks for a part of the dy that is turned next: filters lie whole planes apart, where no hardware foresees them. */
static void ask_for_dy(const work *w, ptrdiff_t band, ptrdiff_t f, ptrdiff_t part)
{
    const convolution *c = w->c;
    ptrdiff_t plane = c->out_height * c->out_width, n = band / w->rows.bands, first = band % w->rows.bands * w->rows.band;
    ptrdiff_t points = at_most(w->rows.band, c->out_height - first) * c->out_width, filters = at_most(COLUMNS, c->filters - f);
    for (ptrdiff_t i = part * filters / w->slivers; i < (part + 1) * filters / w->slivers; i++)
        for (ptrdiff_t p = 0; p < points; p += LANES)
            __builtin_prefetch((const REAL *)c->dy + (n * c->filters + f + i) * plane + first * c->out_width + p, 0, 2);
}

static void accumulate(void *context, int part)
{
    work *w = context;
    const convolution *c = w->c;
    const shallow_rows *r = &w->rows;
    ptrdiff_t begin = part * w->share, end = at_most(begin + w->share, c->images * r->bands);
    ptrdiff_t plane = c->out_height * c->out_width, panels = parts_of(c->filters, COLUMNS), step = c->stride_y * r->row;
    REAL *buffer = room(r->size, sizeof(REAL)), *dy = room(r->band * c->out_width * COLUMNS, sizeof(REAL));
    REAL *sums = room(panels * w->slivers * TILE + 4 * COLUMNS, sizeof(REAL));
    if (!buffer || !dy || !sums) __atomic_store_n(&w->failed, 1, __ATOMIC_RELAXED);
    else for (ptrdiff_t band = begin; band < end; band++) {
        ptrdiff_t n = band / r->bands, first = band % r->bands * r->band, rows = at_most(r->band, c->out_height - first);
        const REAL *image = (const REAL *)c->dy + n * c->filters * plane + first * c->out_width;
        fill_shallow_rows(c, r, n, first, rows, buffer);
        for (ptrdiff_t f = 0; f < c->filters; f += COLUMNS) {
            ptrdiff_t more = f + COLUMNS < c->filters;
            turn_columns(image, plane, f, c->filters, rows * c->out_width, dy);
            for (ptrdiff_t s = 0; s < w->slivers; s++) {
                REAL *sum = sums + (f / COLUMNS * w->slivers + s) * TILE;
                const ptrdiff_t *offsets = w->offsets + s * ROWS;
                ptrdiff_t taps = at_most(ROWS, w->sums.kernel - s * ROWS);
                int add = band > begin;
                if (more || band + 1 < end) ask_for_dy(w, more ? band : band + 1, more ? f + COLUMNS : 0, s);
                if (taps > 2 * ROWS / 3) tile_over(ROWS, buffer, step, offsets, rows, c->out_width, dy, sum, add);
                else if (taps > ROWS / 3) tile_over(2 * ROWS / 3, buffer, step, offsets, rows, c->out_width, dy, sum, add);
                else tile_over(ROWS / 3, buffer, step, offsets, rows, c->out_width, dy, sum, add);
                if (band + 1 == end)
                    put_sums(&w->sums, part, f, s * ROWS, (int)taps, (int)at_most(COLUMNS, c->filters - f), sum);
            }
        }
    }
    leave(sums);
    leave(dy);
    leave(buffer);
}

int shallow_weights_win(const convolution *c)
{
    return c->images * c->out_height * c->out_width >= 4 * COLUMNS && c->out_width <= 4 * POINTS && shallow_rows_fit(c);
}

int shallow_weights(const convolution *c)
{
    ptrdiff_t kernel = c->size_y * c->size_x, rows = parts_of(POINTS, c->out_width);
    work w = {.c = c, .rows = shallow_rows_of(c, rows), .sums = {.dw = c->dw, .filters = c->filters, .kernel = c->channels * kernel}};
    ptrdiff_t bands = c->images * w.rows.bands;
    w.slivers = parts_of(w.sums.kernel, ROWS);
    w.share = parts_of(bands, c->threads);
    w.offsets = calloc(w.slivers * ROWS, sizeof *w.offsets);
    w.failed = !w.offsets || divide_sums(&w.sums, parts_of(bands, w.share)) < 0;
    if (!w.failed) {
        for (ptrdiff_t k = 0; k < w.sums.kernel; k++) w.offsets[k] = shallow_offset(c, &w.rows, k / kernel, k % kernel);
        run_tasks(accumulate, &w, (int)w.sums.parts, c->threads);
    }
    if (!w.failed) add_parts(&w.sums, c->threads);
    leave(w.sums.partial);
    free(w.offsets);
    return w.failed ? -1 : 0;
}
