/* Convolution forward, and backward for data, as implicit products. */
#include "product.h"
#include "few.h"
#include "gate.h"
#include "room.h"
#include "shallow.h"
#include "winograd.h"
#include <stdlib.h>
#include <string.h>

int FOR_THIS_SET(convolve_forward)(const convolution *c)
{
    ptrdiff_t count = c->size_y * c->size_x;
    tap *taps = malloc(count * sizeof *taps);
    if (!taps) return -1;
    for (ptrdiff_t t = 0; t < count; t++)
        taps[t] = (tap){t / c->size_x * c->dilation_y - c->pad_y, t % c->size_x * c->dilation_x - c->pad_x, t};
    product job = {
        .image = c->x, .weights = c->w, .scale = c->scale, .shift = c->shift, .out = c->y,
        .images = c->images, .channels = c->channels, .height = c->height, .width = c->width,
        .rows = c->filters, .w_row = c->channels * count, .w_channel = count,
        .taps = taps, .tap_count = count, .grid_height = c->out_height, .grid_width = c->out_width,
        .step_y = c->stride_y, .step_x = c->stride_x,
        .out_image = c->filters * c->out_height * c->out_width, .out_row = c->out_height * c->out_width,
        .out_y = c->out_width, .out_x = 1, .relu = c->relu, .threads = c->threads};
    int failed = c->minimal && winograd_wins(&job) ? run_winograd(&job)
                 : c->minimal && strided_wins(&job) ? run_strided(&job)
                 : few_forward_wins(&job) ? few_forward(&job)
                 : shallow_forward_wins(c) ? shallow_forward(c) : run_product(&job);
    free(taps);
    return failed;
}

/* dx by phases: the pixels y = phase_y + stride_y * i, x = phase_x + stride_x * j meet the same taps, those whose
 * place in dy is whole, and see dy at step 1. Each phase is a product of its own; none adds into another's pixels. */
static product phase(const convolution *c, ptrdiff_t phase_y, ptrdiff_t phase_x, tap *taps)
{
    ptrdiff_t count = 0, kernel = c->size_y * c->size_x;
    for (ptrdiff_t t = 0; t < kernel; t++) {
        ptrdiff_t y = phase_y + c->pad_y - t / c->size_x * c->dilation_y;
        ptrdiff_t x = phase_x + c->pad_x - t % c->size_x * c->dilation_x;
        if (y % c->stride_y == 0 && x % c->stride_x == 0)
            taps[count++] = (tap){y / c->stride_y, x / c->stride_x, t};
    }
    return (product){
        .image = c->dy, .weights = c->w, .out = (REAL *)c->dx + phase_y * c->width + phase_x,
        .images = c->images, .channels = c->filters, .height = c->out_height, .width = c->out_width,
        .rows = c->channels, .w_row = kernel, .w_channel = c->channels * kernel,
        .taps = taps, .tap_count = count,
        .grid_height = (c->height - phase_y + c->stride_y - 1) / c->stride_y,
        .grid_width = (c->width - phase_x + c->stride_x - 1) / c->stride_x, .step_y = 1, .step_x = 1,
        .out_image = c->channels * c->height * c->width, .out_row = c->height * c->width,
        .out_y = c->width * c->stride_y, .out_x = c->stride_x, .threads = c->threads};
}

static int backward_data(const convolution *c)
{
    tap *taps = malloc(c->size_y * c->size_x * sizeof *taps);
    if (!taps) return -1;
    int failed = 0;
    product whole = phase(c, 0, 0, taps);
    if (c->minimal && c->stride_y == 1 && c->stride_x == 1 && winograd_wins(&whole)) failed = run_winograd(&whole);
    else if (c->minimal && strided_back_wins(c)) failed = strided_back(c);
    else if (few_data_wins(c)) failed = few_data(c);
    else if (shallow_data_wins(c)) failed = shallow_data(c);
    else {
        int wide = c->stride_y * c->stride_x > c->size_y * c->size_x;      /* most phases meet no tap: zeros, all at once */
        if (wide) memset(c->dx, 0, c->images * c->channels * c->height * c->width * sizeof(REAL));
        for (ptrdiff_t y = 0; !failed && y < c->stride_y && y < c->height; y++)
            for (ptrdiff_t x = 0; !failed && x < c->stride_x && x < c->width; x++) {
                product one = phase(c, y, x, taps);
                if (!wide || one.tap_count) failed = run_product(&one);
            }
    }
    free(taps);
    return failed;
}

int FOR_THIS_SET(convolve_backward_data)(const convolution *c)
{
    if (!c->way && !c->scale) return backward_data(c);
    convolution behind = *c;
    REAL *dy = gated(c);
    behind.dy = dy;
    int failed = dy ? backward_data(&behind) : -1;
    leave(dy);
    return failed;
}
