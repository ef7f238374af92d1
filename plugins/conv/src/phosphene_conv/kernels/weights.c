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
#include "room.h"
#include "transpose.h"
#include "winograd.h"
#include "workers.h"

enum { PANELS = 8, SPAN = PANELS * COLUMNS, PATCH_ROW = SPAN + LANES, CACHE = 1 << 20 };

typedef struct {
    product patches, dy;            /* what to pack: x under each tap; dy as it is */
    REAL *dw, *partial;
    ptrdiff_t points, filters, kernel;
    ptrdiff_t channel_share, point_share, channel_parts, point_parts;
    int failed;
} gradient;

/* points [first, last), COLUMNS filters from f on, turned into rows of COLUMNS filters */
static void pack_dy(const gradient *g, const panel *panels, int count, ptrdiff_t f, REAL *square, REAL *to)
{
    ptrdiff_t filters = at_most(COLUMNS, g->filters - f);
    if (filters < COLUMNS) memset(square, 0, COLUMNS * COLUMNS * sizeof(REAL));
    for (int q = 0; q < count; q++, to += COLUMNS * COLUMNS) {
        pack_patches(&g->dy, panels + q, f, filters, square, COLUMNS);
        transpose_square(square, COLUMNS, to, COLUMNS);
    }
}

/* A tile's sums, turned: ROWS neighbours in each filter's row of dw. `sums` may be read some rows past its end. */
static void write_out(REAL *dw, ptrdiff_t dw_row, int rows, int columns, const REAL *sums)
{
#if defined(__AVX512F__)
    if (sizeof(REAL) == 4) {
        float turned[COLUMNS * 16] __attribute__((aligned(64)));
        for (int j = 0; j < columns; j += 16) transpose_16((const float *)sums + j, COLUMNS, turned + j * 16, 16);
        for (int f = 0; f < columns; f++)
            _mm512_mask_storeu_ps((float *)dw + f * dw_row, (__mmask16)((1u << rows) - 1), _mm512_load_ps(turned + f * 16));
        return;
    }
#endif
    for (int f = 0; f < columns; f++)
        for (int i = 0; i < rows; i++) dw[f * dw_row + i] = sums[i * COLUMNS + f];
}

static void accumulate(void *context, int index)
{
    gradient *g = context;
    ptrdiff_t part = index / g->channel_parts, taps = g->patches.tap_count;
    ptrdiff_t channel = index % g->channel_parts * g->channel_share;
    ptrdiff_t last_channel = at_most(channel + g->channel_share, g->patches.channels);
    ptrdiff_t first = part * g->point_share, last = at_most(first + g->point_share, g->points);
    ptrdiff_t rows_at_once = CACHE / ((PATCH_ROW + g->filters) * (ptrdiff_t)sizeof(REAL));
    ptrdiff_t block = at_most(rows_at_once > taps ? rows_at_once / taps : 1, g->channel_share);
    ptrdiff_t slivers = parts_of(block * taps, ROWS);
    REAL *dw = g->point_parts > 1 ? g->partial + part * g->filters * g->kernel : g->dw;

    panel *panels = room(2 * PANELS, sizeof *panels);
    fill *fills = room(PANELS * (taps + 1) * COLUMNS, sizeof *fills);
    REAL *patches = room(slivers * ROWS * PATCH_ROW, sizeof(REAL));
    REAL *square = room(COLUMNS * COLUMNS, sizeof(REAL)), *dy = room(SPAN * COLUMNS, sizeof(REAL));
    REAL *sums = room(parts_of(g->filters, COLUMNS) * slivers * TILE + 4 * COLUMNS, sizeof(REAL));
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
            for (ptrdiff_t f = 0; f < g->filters; f += COLUMNS) {
                pack_dy(g, panels + PANELS, count, f, square, dy);
                for (ptrdiff_t row = 0; row < rows; row += ROWS) {
                    REAL *sum = sums + (f / COLUMNS * slivers + row / ROWS) * TILE;
                    tile_in_rows(rows - row, (int)at_most(COLUMNS, g->filters - f), points, patches + row * PATCH_ROW,
                                 PATCH_ROW, dy, sum, at > first);
                    if (at + SPAN >= last)
                        write_out(dw + f * g->kernel + channel * taps + row, g->kernel, (int)at_most(ROWS, rows - row),
                                  (int)at_most(COLUMNS, g->filters - f), sum);
                }
            }
        }
    }
    free(sums);
    free(dy);
    free(square);
    free(patches);
    free(fills);
    free(panels);
}

static void add_up(void *context, int filter)
{
    gradient *g = context;
    REAL *dw = g->dw + filter * g->kernel;
    memcpy(dw, g->partial + filter * g->kernel, g->kernel * sizeof(REAL));
    for (ptrdiff_t part = 1; part < g->point_parts; part++) {
        const REAL *from = g->partial + (part * g->filters + filter) * g->kernel;
        for (ptrdiff_t k = 0; k < g->kernel; k++) dw[k] += from[k];
    }
}

int FOR_THIS_SET(convolve_backward_weights)(const convolution *c)
{
    ptrdiff_t count = c->size_y * c->size_x, plane = c->out_height * c->out_width;
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
        .dw = c->dw, .points = c->images * plane, .filters = c->filters, .kernel = c->channels * count};
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
    if (g.point_parts > 1) {
        g.partial = room(g.point_parts * g.filters * g.kernel, sizeof(REAL));
        if (!g.partial) g.failed = 1;
    }
    if (!g.failed) run_tasks(accumulate, &g, (int)(g.channel_parts * g.point_parts), c->threads);
    if (!g.failed && g.point_parts > 1) run_tasks(add_up, &g, (int)c->filters, c->threads);
    free(g.partial);
    free(taps);
    return g.failed ? -1 : 0;
}
