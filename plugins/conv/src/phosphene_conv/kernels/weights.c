/* Convolution backward for weights: dw[f, (c, t)] = sum over points q of patch[(c, t), q] * dy[q, f].
 *
 * The tile's rows are patch rows, broadcast straight from rows of points as the image has them; its columns are
 * filters, for which dy is turned on the way, COLUMNS filters of a span of points at a time. The sums of a block of
 * channels stay in L2 while all points run by, and are written to dw once.
 *
 * Threads share out channels; where there are few, they share out points into sums of their own, added at the end in
 * a fixed order.
 */
#include "product.h"
#include "few.h"
#include "patches.h"
#include "shallow.h"
#include "turn_pixels.h"
#include "weight_sums.h"
#include "winograd.h"
#include "workers.h"

enum { PANELS = 8, SPAN = PANELS * COLUMNS, PATCH_ROW = SPAN + LANES, CACHE = 1 << 20 };

typedef struct {
    product patches, dy;            /* what to pack: x under each tap; dy as it is */
    weight_sums sums;
    ptrdiff_t points;
    ptrdiff_t channel_share, point_share, channel_parts, point_parts;
    int failed;
} gradient;

/* Some panels of points, COLUMNS filters from f on, turned into rows of COLUMNS filters: where they lie, if the points are
 * of one image. */
static void pack_dy(const gradient *g, const panel *panels, int count, ptrdiff_t f, REAL *square, REAL *to)
{
    ptrdiff_t filters = at_most(COLUMNS, g->sums.filters - f), plane = g->dy.width;
    if (filters < COLUMNS) memset(square, 0, COLUMNS * COLUMNS * sizeof(REAL));
    for (int q = 0; q < count; q++, to += COLUMNS * COLUMNS) {
        const run *begin = panels[q].runs;
        if (begin->j + panels[q].points <= plane) {
            const REAL *image = g->dy.image + begin->n * g->sums.filters * plane + begin->j;
            turn_columns(image, plane, f, g->sums.filters, panels[q].points, to);
            continue;
        }
        pack_patches(&g->dy, panels + q, f, filters, square, COLUMNS);
        transpose_square(square, COLUMNS, to, COLUMNS);
    }
}

/* Asks for part of what pack_dy reads next: filters lie whole planes apart, where no hardware foresees them. */
static void ask_for_dy(const gradient *g, ptrdiff_t first, ptrdiff_t last, ptrdiff_t f, ptrdiff_t part, ptrdiff_t parts)
{
    ptrdiff_t filters = at_most(COLUMNS, g->sums.filters - f), plane = g->dy.width;
    for (ptrdiff_t at = first, count; at < last; at += count) {
        ptrdiff_t n = at / plane, p = at % plane;
        count = at_most(last - at, plane - p);
        for (ptrdiff_t i = part * filters / parts; i < (part + 1) * filters / parts; i++)
            for (ptrdiff_t k = 0; k < count; k += LANES)
                __builtin_prefetch(g->dy.image + (n * g->sums.filters + f + i) * plane + p + k, 0, 2);
    }
}

static void accumulate(void *context, int index)
{
    gradient *g = context;
    ptrdiff_t part = index / g->channel_parts, taps = g->patches.tap_count;
    ptrdiff_t channel = index % g->channel_parts * g->channel_share;
    ptrdiff_t last_channel = at_most(channel + g->channel_share, g->patches.channels);
    ptrdiff_t first = part * g->point_share, last = at_most(first + g->point_share, g->points);
    ptrdiff_t rows_at_once = CACHE / ((PATCH_ROW + g->sums.filters) * (ptrdiff_t)sizeof(REAL));
    ptrdiff_t block = at_most(rows_at_once > taps ? rows_at_once / taps : 1, g->channel_share);
    ptrdiff_t slivers = parts_of(block * taps, ROWS);

    panel *panels = room(2 * PANELS, sizeof *panels);
    fill *fills = room(PANELS * (taps + 1) * COLUMNS, sizeof *fills);
    REAL *patches = room(slivers * ROWS * PATCH_ROW, sizeof(REAL));
    REAL *square = room(COLUMNS * COLUMNS, sizeof(REAL)), *dy = room(SPAN * COLUMNS, sizeof(REAL));
    REAL *sums = room(parts_of(g->sums.filters, COLUMNS) * slivers * TILE + 4 * COLUMNS, sizeof(REAL));
    if (!panels || !fills || !patches || !square || !dy || !sums) __atomic_store_n(&g->failed, 1, __ATOMIC_RELAXED);
    else for (; channel < last_channel; channel += block) {
        ptrdiff_t channels = at_most(block, last_channel - channel), rows = channels * taps;
        memset(patches, 0, slivers * ROWS * PATCH_ROW * sizeof(REAL));
        for (ptrdiff_t at = first; at < last || at == first; at += SPAN) {
            int points = (int)at_most(SPAN, last - at), count = (points + COLUMNS - 1) / COLUMNS;
            for (int q = 0; q < count; q++) {
                lay_out(panels + q, &g->patches, at + q * COLUMNS, fills + q * taps * COLUMNS);
                lay_out(panels + PANELS + q, &g->dy, at + q * COLUMNS, fills + (PANELS * taps + q) * COLUMNS);
                pack_patches(&g->patches, panels + q, channel, channels, patches + q * COLUMNS, PATCH_ROW);
            }
            for (ptrdiff_t f = 0; f < g->sums.filters; f += COLUMNS) {
                pack_dy(g, panels + PANELS, count, f, square, dy);
                int more = f + COLUMNS < g->sums.filters;
                ptrdiff_t next = more ? at : at + SPAN;
                for (ptrdiff_t row = 0; row < rows; row += ROWS) {
                    ask_for_dy(g, next, at_most(next + SPAN, last), more ? f + COLUMNS : 0, row / ROWS, parts_of(rows, ROWS));
                    REAL *sum = sums + (f / COLUMNS * slivers + row / ROWS) * TILE;
                    tile_in_rows(rows - row, (int)at_most(COLUMNS, g->sums.filters - f), points, patches + row * PATCH_ROW,
                                 PATCH_ROW, dy, sum, at > first);
                    if (at + SPAN >= last)
                        put_sums(&g->sums, part, f, channel * taps + row, (int)at_most(ROWS, rows - row),
                                 (int)at_most(COLUMNS, g->sums.filters - f), sum);
                }
            }
        }
    }
    leave(sums);
    leave(dy);
    leave(square);
    leave(patches);
    leave(fills);
    leave(panels);
}

int FOR_THIS_SET(convolve_backward_weights)(const convolution *c)
{
    ptrdiff_t count = c->size_y * c->size_x, plane = c->out_height * c->out_width;
    if (shallow_weights_win(c)) return shallow_weights(c);
    tap *taps = malloc(count * sizeof *taps), origin = {0, 0, 0};
    if (!taps) return -1;
    for (ptrdiff_t t = 0; t < count; t++)
        taps[t] = (tap){t / c->size_x * c->dilation_y - c->pad_y, t % c->size_x * c->dilation_x - c->pad_x, t};
    gradient g = {
        .patches = {.image = c->x, .images = c->images, .channels = c->channels, .height = c->height,
                    .width = c->width, .taps = taps, .tap_count = count, .grid_height = c->out_height,
                    .grid_width = c->out_width, .step_y = c->stride_y, .step_x = c->stride_x, .rows = c->filters,
                    .threads = c->threads},
        .dy = {.image = c->dy, .images = c->images, .channels = c->filters, .height = 1, .width = plane,
               .taps = &origin, .tap_count = 1, .grid_height = 1, .grid_width = plane, .step_y = 1, .step_x = 1},
        .sums = {.dw = c->dw, .filters = c->filters, .kernel = c->channels * count}, .points = c->images * plane};
    int (*quicker)(const product *, const REAL *, REAL *) =
        few_weights_wins(&g.patches) ? few_weights
        : c->minimal && winograd_weights_win(&g.patches) ? winograd_weights
        : c->minimal && strided_weights_win(&g.patches) ? strided_weights : 0;
    if (quicker) {
        int failed = quicker(&g.patches, c->dy, c->dw);
        free(taps);
        return failed;
    }
    ptrdiff_t threads = c->threads, spans = parts_of(g.points, SPAN);
    int by_channels = c->channels >= 8 * threads || spans < threads;
    g.channel_share = by_channels ? parts_of(c->channels, threads) : c->channels;
    g.channel_parts = parts_of(c->channels, g.channel_share);
    g.point_share = by_channels ? g.points : parts_of(spans, threads) * SPAN;
    g.point_parts = by_channels ? 1 : parts_of(g.points, g.point_share);
    g.failed = divide_sums(&g.sums, g.point_parts) < 0;
    if (!g.failed) run_tasks(accumulate, &g, (int)(g.channel_parts * g.point_parts), c->threads);
    if (!g.failed) add_parts(&g.sums, c->threads);
    leave(g.sums.partial);
    free(taps);
    return g.failed ? -1 : 0;
}
