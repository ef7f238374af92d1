/* Backward for data where x has few channels (a photograph's three): the tile's rows would stand empty. So the rows
 * are (channel, pixel of a block), the blocks whole strides; a row's weights are zero at taps that its pixel does not
 * meet, which costs less than empty rows. */
#include "few_channels.h"
#include "room.h"
#include "tile.h"

static inline ptrdiff_t floor_of(ptrdiff_t a, ptrdiff_t b) { return a >= 0 ? a / b : -((-a + b - 1) / b); }

/* One axis of a block: pixel u meets tap k at dy's place block / stride * i + (u + pad - k * dilation) / stride. */
typedef struct { ptrdiff_t block, least, count; } axis;

static axis axis_of(ptrdiff_t block, ptrdiff_t size, ptrdiff_t stride, ptrdiff_t pad, ptrdiff_t dilation)
{
    ptrdiff_t least = -floor_of(-(pad - (size - 1) * dilation), stride), most = floor_of(block - 1 + pad, stride);
    return (axis){block, least, most - least + 1};
}

int few_channels_wins(const convolution *c)
{
    ptrdiff_t points = c->images * c->out_height * c->out_width;
    return 2 * c->channels * c->stride_y * c->stride_x <= 2 * ROWS + ROWS / 2 && 2 * c->channels < ROWS && points >= 4 * COLUMNS;
}

int few_channels(const convolution *c)
{
    ptrdiff_t by = c->stride_y, bx = c->stride_x;
    while (2 * c->channels * by * bx <= ROWS) {
        if (bx / c->stride_x <= by / c->stride_y) bx += c->stride_x;
        else by += c->stride_y;
    }
    axis y = axis_of(by, c->size_y, c->stride_y, c->pad_y, c->dilation_y);
    axis x = axis_of(bx, c->size_x, c->stride_x, c->pad_x, c->dilation_x);
    ptrdiff_t count = y.count * x.count, rows = c->channels * by * bx;
    REAL *weights = room(rows * c->filters * count, sizeof(REAL));
    tap *taps = malloc(count * sizeof *taps);
    int failed = !weights || !taps;
    if (!failed) {
        for (ptrdiff_t t = 0; t < count; t++) taps[t] = (tap){y.least + t / x.count, x.least + t % x.count, t};
        memset(weights, 0, rows * c->filters * count * sizeof(REAL));
        for (ptrdiff_t row = 0; row < rows; row++) {
            ptrdiff_t channel = row / (by * bx), u = row % (by * bx) / bx, v = row % bx;
            for (ptrdiff_t i = 0; i < c->size_y; i++)
                for (ptrdiff_t j = 0; j < c->size_x; j++) {
                    ptrdiff_t at_y = u + c->pad_y - i * c->dilation_y, at_x = v + c->pad_x - j * c->dilation_x;
                    if (at_y % c->stride_y || at_x % c->stride_x) continue;
                    ptrdiff_t t = (at_y / c->stride_y - y.least) * x.count + at_x / c->stride_x - x.least;
                    for (ptrdiff_t f = 0; f < c->filters; f++)
                        weights[(row * c->filters + f) * count + t] =
                            ((const REAL *)c->w)[((f * c->channels + channel) * c->size_y + i) * c->size_x + j];
                }
        }
        product job = {
            .image = c->dy, .weights = weights, .out = c->dx,
            .images = c->images, .channels = c->filters, .height = c->out_height, .width = c->out_width,
            .rows = rows, .w_row = c->filters * count, .w_channel = count, .taps = taps, .tap_count = count,
            .grid_height = (c->height + by - 1) / by, .grid_width = (c->width + bx - 1) / bx,
            .step_y = by / c->stride_y, .step_x = bx / c->stride_x,
            .out_image = c->channels * c->height * c->width, .out_row = c->height * c->width, .out_x = bx,
            .block_y = by, .block_x = bx, .out_height = c->height, .out_width = c->width, .threads = c->threads};
        failed = run_product(&job);
    }
    free(taps);
    free(weights);
    return failed ? -1 : 0;
}
