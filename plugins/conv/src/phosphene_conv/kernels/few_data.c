/* Backward for data where there are few output points: for each point the products of dy with all weights under it,
 *
 *   column[point, (c, t)] = sum over filters f of dy[f, point] * w[f, (c, t)],
 *
 * with (c, t) in the lanes, as w has it, for a block of channels at a time; then each pixel of dx gathers what the
 * points that saw it hold for it, while the block is in cache. */
#include "few_columns.h"
#include "room.h"
#include "workers.h"

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
