/* Backward for data where there are few output points: for each point the products of dy with all weights under it,
 *
 *   column[point, (c, t)] = sum over filters f of dy[f, point] * w[f, (c, t)],
 *
 * with (c, t) in the lanes, as w has it, for a block of channels at a time; then each pixel of dx gathers what the
 * points that saw it hold for it, while the block is in cache. */
#include "few.h"
#include "room.h"
#include "tile.h"
#include "workers.h"

enum { POINTS = ROWS == 12 ? 8 : 4, STRIP = 3 * LANES, BLOCK_ROWS = 3 * STRIP, MOST_POINTS = 128, AHEAD = 10,
       FEWEST = 4, WIDE = 6 * LANES };

typedef struct {
    const convolution *c;
    REAL *dy;                           /* [group of POINTS][filter][POINTS], zero beyond the last point */
    ptrdiff_t points, groups, taps, block, row;
    ptrdiff_t *first, *place;           /* pixel q of an image gathers place[first[q] ... first[q + 1] - 1] */
    int failed;
} columns;

static void pack_dy(void *context, int part)
{
    columns *k = context;
    const convolution *c = k->c;
    ptrdiff_t plane = c->out_height * c->out_width, parts = c->threads;
    for (ptrdiff_t g = 0; g < k->groups; g++)
        for (ptrdiff_t f = c->filters * part / parts; f < c->filters * (part + 1) / parts; f++)
            for (ptrdiff_t i = 0, p = g * POINTS; i < POINTS; i++, p++)
                k->dy[(g * c->filters + f) * POINTS + i] =
                    p < k->points ? ((const REAL *)c->dy)[(p / plane * c->filters + f) * plane + p % plane] : 0;
}

static void gather(const columns *k, ptrdiff_t channel, const REAL *column)
{
    const convolution *c = k->c;
    ptrdiff_t plane = c->height * c->width, points = c->out_height * c->out_width;
    for (ptrdiff_t n = 0; n < c->images; n++, column += points * k->row) {
        REAL *dx = (REAL *)c->dx + (n * c->channels + channel) * plane;
        for (ptrdiff_t q = 0; q < plane; q++) {
            REAL sum = 0;
            for (ptrdiff_t i = k->first[q]; i < k->first[q + 1]; i++) sum += column[k->place[i]];
            dx[q] = sum;
        }
    }
}

/* Weights of STRIP columns where they lie, of some filters, with one group of points; `first` is the first of all. */
static inline __attribute__((always_inline)) void meet_strip(const columns *k, const REAL *w, ptrdiff_t filters, ptrdiff_t left,
                                                             const REAL *dy, REAL *column, int first, int ask)
{
    ptrdiff_t w_row = k->c->channels * k->taps;
    vector s[POINTS][3] = {{{0}}};
    if (!first)
        for (int i = 0; i < POINTS; i++)
            for (int v = 0; v < 3; v++) s[i][v] = load(column + i * k->row + v * LANES);
    for (ptrdiff_t f = 0; f < filters; f++, w += w_row, dy += POINTS)
#pragma GCC unroll 3
        for (int v = 0; v < 3; v++) {
            vector weights = load_some(w + v * LANES, left - v * LANES);
            if (ask) __builtin_prefetch(w + AHEAD * w_row + v * LANES);
#pragma GCC unroll 8
            for (int i = 0; i < POINTS; i++) s[i][v] += dy[i] * weights;
        }
    for (int i = 0; i < POINTS; i++)
        for (int v = 0; v < 3; v++) store(column + i * k->row + v * LANES, s[i][v]);
}

/* For no more than FEWEST points: wider tiles, which read each weight once, where it lies. `left`: numbers there are. */
static inline __attribute__((always_inline)) void fewest_points(const columns *k, const REAL *w, ptrdiff_t left, REAL *column)
{
    ptrdiff_t w_row = k->c->channels * k->taps;
    const REAL *dy = k->dy;
    vector s[FEWEST][6] = {{{0}}};
    for (ptrdiff_t f = 0; f < k->c->filters; f++, w += w_row, dy += POINTS)
#pragma GCC unroll 6
        for (int v = 0; v < 6; v++) {
            vector weights = load_some(w + v * LANES, left - v * LANES);
            __builtin_prefetch(w + AHEAD * w_row + v * LANES);
#pragma GCC unroll 4
            for (int i = 0; i < FEWEST; i++) s[i][v] += dy[i] * weights;
        }
    for (int i = 0; i < FEWEST; i++)
        for (int v = 0; v < 6; v++) store(column + i * k->row + v * LANES, s[i][v]);
}

static void fewest_channels(void *context, int index)
{
    columns *k = context;
    ptrdiff_t first = index * k->block, channels = at_most(k->block, k->c->channels - first), depth = channels * k->taps;
    REAL *column = room(FEWEST * k->row, sizeof(REAL));
    if (!column) __atomic_store_n(&k->failed, 1, __ATOMIC_RELAXED);
    else {
        for (ptrdiff_t at = 0; at < depth; at += WIDE) {
            const REAL *w = (const REAL *)k->c->w + first * k->taps + at;
            if (depth - at >= WIDE) fewest_points(k, w, WIDE, column + at);
            else fewest_points(k, w, depth - at, column + at);
        }
        for (ptrdiff_t i = 0; i < channels; i++) gather(k, first + i, column + i * k->taps);
    }
    leave(column);
}

/* Few filters at a time: pieces of a row are read soon after each other, and again for the next points from L1. */
static void some_channels(void *context, int index)
{
    columns *k = context;
    const convolution *c = k->c;
    ptrdiff_t first = index * k->block, channels = at_most(k->block, c->channels - first), depth = channels * k->taps;
    ptrdiff_t w_row = c->channels * k->taps, some = k->groups <= 2 ? 16 : 128;
    REAL *column = room(k->groups * POINTS * k->row, sizeof(REAL));
    if (!column) __atomic_store_n(&k->failed, 1, __ATOMIC_RELAXED);
    else {
        for (ptrdiff_t f = 0; f < c->filters; f += some)
            for (ptrdiff_t at = 0; at < depth; at += STRIP)
                for (ptrdiff_t g = 0; g < k->groups; g++) {
                    const REAL *w = (const REAL *)c->w + f * w_row + first * k->taps + at;
                    const REAL *dy = k->dy + (g * c->filters + f) * POINTS;
                    REAL *to = column + g * POINTS * k->row + at;
                    ptrdiff_t filters = at_most(some, c->filters - f);
                    if (depth - at < STRIP) meet_strip(k, w, filters, depth - at, dy, to, f == 0, 0);
                    else if (g) meet_strip(k, w, filters, STRIP, dy, to, f == 0, 0);
                    else meet_strip(k, w, filters, STRIP, dy, to, f == 0, 1);
                }
        for (ptrdiff_t i = 0; i < channels; i++) gather(k, first + i, column + i * k->taps);
    }
    leave(column);
}

/* For each pixel of an image, the (point, tap) pairs that meet in it. */
static void list_places(columns *k)
{
    const convolution *c = k->c;
    ptrdiff_t count = 0;
    for (ptrdiff_t q = 0; q < c->height * c->width; q++) {
        k->first[q] = count;
        for (ptrdiff_t t = 0; t < k->taps; t++) {
            ptrdiff_t y = q / c->width + c->pad_y - t / c->size_x * c->dilation_y;
            ptrdiff_t x = q % c->width + c->pad_x - t % c->size_x * c->dilation_x;
            ptrdiff_t i = y / c->stride_y, j = x / c->stride_x;
            if (y >= 0 && x >= 0 && y % c->stride_y == 0 && x % c->stride_x == 0 && i < c->out_height && j < c->out_width)
                k->place[count++] = (i * c->out_width + j) * k->row + t;
        }
    }
    k->first[c->height * c->width] = count;
}

int few_data_wins(const convolution *c)
{
    ptrdiff_t points = c->images * c->out_height * c->out_width;
    return points >= 1 && points <= MOST_POINTS && c->filters >= 64 && c->channels * c->size_y * c->size_x >= BLOCK_ROWS
           && c->height * c->width <= 65536;
}

int few_data(const convolution *c)
{
    columns k = {.c = c, .taps = c->size_y * c->size_x};
    k.points = c->images * c->out_height * c->out_width;
    k.groups = (k.points + POINTS - 1) / POINTS;
    int fewest = k.points <= FEWEST && POINTS > FEWEST;
    k.block = (fewest ? 2 * BLOCK_ROWS : BLOCK_ROWS) / k.taps;
    if (k.block < 1) k.block = 1;
    k.row = parts_of(k.block * k.taps, WIDE) * WIDE;
    k.dy = room(k.groups * c->filters * POINTS, sizeof(REAL));
    k.first = malloc((c->height * c->width + 1) * sizeof *k.first);
    k.place = malloc(c->out_height * c->out_width * k.taps * sizeof *k.place);
    k.failed = !k.dy || !k.first || !k.place;
    if (!k.failed) {
        list_places(&k);
        run_tasks(pack_dy, &k, c->threads, c->threads);
        run_tasks(fewest ? fewest_channels : some_channels, &k, (int)((c->channels + k.block - 1) / k.block), c->threads);
    }
    free(k.place);
    free(k.first);
    leave(k.dy);
    return k.failed ? -1 : 0;
}
