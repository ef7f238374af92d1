/* The implicit matrix product behind convolution forward and backward for data:
 *
 *   out[n, m, i, j] = scale[m] * sum over channel c, tap t of
 *                     weights[m * w_row + c * w_channel + tap[t].weight] * image[n, c, i * step_y + tap[t].y, j * step_x + tap[t].x]
 *                     + shift[m]
 *
 * with the image zero outside its borders. */
#ifndef PRODUCT_H
#define PRODUCT_H
#include "kernels.h"

typedef struct { ptrdiff_t y, x, weight; } tap;

typedef struct {
    const REAL *image, *weights, *scale, *shift;
    REAL *out;
    ptrdiff_t images, channels, height, width;
    ptrdiff_t rows, w_row, w_channel;
    const tap *taps;
    ptrdiff_t tap_count, grid_height, grid_width, step_y, step_x;
    ptrdiff_t out_image, out_row, out_y, out_x;      /* strides of out along n, m, i, j */
    int relu, threads;
} product;

#define run_product FOR_THIS_SET(run_product)
int run_product(const product *job);
#endif
