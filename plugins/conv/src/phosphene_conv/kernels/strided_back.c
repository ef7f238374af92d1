/* 3 x 3 at stride 2 and pad 1, backward for data: 81 products where the definition has 144 multiplications. */
#define STRIDED
#define WINOGRAD_BASIS "strided_back_basis.h"
#include "minimal_costs.h"
#include "minimal_product.h"
#include "minimal_rows.h"

static product job_of(const convolution *c, tap *taps)
{
    for (int t = 0; t < 9; t++) taps[t] = (tap){t / 3, t % 3, t};
    return (product){
        .image = c->dy, .weights = c->w, .out = c->dx,
        .images = c->images, .channels = c->filters, .height = c->out_height, .width = c->out_width,
        .rows = c->channels, .w_row = 9, .w_channel = c->channels * 9, .taps = taps, .tap_count = 9,
        .grid_height = c->height, .grid_width = c->width, .step_y = 1, .step_x = 1,
        .out_image = c->channels * c->height * c->width, .out_row = c->height * c->width, .out_y = c->width, .out_x = 1,
        .threads = c->threads};
}

int strided_back_wins(const convolution *c)
{
    if (c->size_y != 3 || c->size_x != 3 || c->stride_y != 2 || c->stride_x != 2 || c->pad_y != 1 || c->pad_x != 1) return 0;
    if (c->dilation_y != 1 || c->dilation_x != 1 || c->channels < 16 || c->filters < 16) return 0;
    tap taps[9];
    product job = job_of(c, taps);
    return minimal_wins(&job, c->images * c->out_height * c->out_width);
}

int strided_back(const convolution *c)
{
    tap taps[9];
    product job = job_of(c, taps);
    return rows_win(&job) ? run_in_rows(&job) : run_in_panels(&job);
}
