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

enum { POINTS = ROWS == 12 ? 8 : 4, STRIP = 3 * LANES, BLOCK_ROWS = 3 * STRIP, MOST_POINTS = 128, AHEAD = 4,
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

/* The block's weights, strip after strip, filter by filter: whole lines, asked for some filters ahead. */
static void pack_strips(const columns *k, const REAL *w, ptrdiff_t depth, REAL *strips)
{
    const convolution *c = k->c;
    ptrdiff_t w_row = c->channels * k->taps;
    for (ptrdiff_t f = 0; f < c->filters; f++, w += w_row, strips += STRIP) {
        for (ptrdiff_t at = 0; at < depth; at += LANES) __builtin_prefetch(w + AHEAD * w_row + at);
        ptrdiff_t at = 0;
        REAL *to = strips;
        for (; at + STRIP <= depth; at += STRIP, to += c->filters * STRIP)
            for (int v = 0; v < STRIP; v += LANES) store(to + v, load(w + at + v));
        if (at < depth) {
            memset(to, 0, STRIP * sizeof(REAL));
            memcpy(to, w + at, (depth - at) * sizeof(REAL));
        }
    }
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

static void some_channels(void *context, int index)
{
    columns *k = context;
    const convolution *c = k->c;
    ptrdiff_t first = index * k->block, channels = at_most(k->block, c->channels - first), depth = channels * k->taps;
    REAL *column = room(k->groups * POINTS * k->row, sizeof(REAL)), *strips = room(c->filters * k->row, sizeof(REAL));
    if (!column || !strips) __atomic_store_n(&k->failed, 1, __ATOMIC_RELAXED);
    else {
        pack_strips(k, (const REAL *)c->w + first * k->taps, depth, strips);
        for (ptrdiff_t at = 0; at < depth; at += STRIP)
            for (ptrdiff_t g = 0; g < k->groups; g++)
                tile_of(POINTS, 3, c->filters, k->dy + g * c->filters * POINTS, 1, POINTS, strips + at * c->filters, STRIP,
                        column + g * POINTS * k->row + at, k->row, 0);
        for (ptrdiff_t i = 0; i < channels; i++) gather(k, first + i, column + i * k->taps);
    }
    leave(strips);
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
