/* What the kernels are asked to do. Sizes and strides count elements; ptrdiff_t throughout, so that arrays of 2^31
 * elements and more need no special care. */
#ifndef KERNELS_H
#define KERNELS_H
#include "for_this_set.h"
#include <stddef.h>

/* What a rectifier's way back looks at: its output y, the gradient dy. 0: there is no rectifier. */
enum { BY_OUTPUT = 1, BY_GRADIENT = 2 };

/* A convolution: x (images, channels, height, width), w (filters, channels, size_y, size_x),
 * y (images, filters, out_height, out_width), all C-contiguous. */
typedef struct {
    const void *x, *w, *dy;
    const void *scale, *shift;                  /* per filter, or NULL: y * scale + shift before the ReLU; backward for
                                                 * data, too, sees dy behind the scale and the ReLU, whose output is y */
    void *y, *dx, *dw, *db;
    ptrdiff_t images, channels, height, width, filters, size_y, size_x, out_height, out_width;
    ptrdiff_t stride_y, stride_x, pad_y, pad_x, dilation_y, dilation_x;
    int relu, way, minimal, threads;            /* minimal: 3 x 3 at stride 1 may go by Winograd's minimal filtering */
} convolution;

/* Pooling of `planes` planes (height, width) into (out_height, out_width). `where` holds, per output, the place of the
 * maximum in its plane. */
typedef struct {
    const void *x, *dy;
    void *y, *dx;
    int *where;
    ptrdiff_t planes, height, width, size_y, size_x, out_height, out_width, stride_y, stride_x, pad_y, pad_x;
    int count_pad, threads;
} pooling;

/* A convolution's kernel returns 0, or -1 when memory ran out. */
typedef int (*convolve)(const convolution *);
typedef void (*pool)(const pooling *);

typedef struct {
    convolve forward, backward_data, backward_weights, backward_bias;
    pool max_forward, max_backward, average_forward, average_backward;
} kernel_set;

/* The best set that this processor can run: number type 'f' or 'd', instruction set "v4", "v3", "base", or NULL for the
 * best. NULL when there is none of that name here. */
const kernel_set *kernels_for(char real, const char *instruction_set);
const char *best_instruction_set(void);
#endif
