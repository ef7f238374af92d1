/* How x, of which backward for data from shallow images makes the gradient, falls into phases of pixels that meet the same
 * taps, and how dy lies in the buffer that their tiles read. */
#ifndef SHALLOW_PHASES_H
#define SHALLOW_PHASES_H
#include "shallow.h"
#include "tile.h"

enum { MOST_VECTORS = VECTOR_BYTES == 64 ? 8 : 4, MOST_PHASES = 16, MOST_REACH = 64,
       FILTERS = 16, BUFFER = 384 << 10 };

typedef struct { REAL *weights; ptrdiff_t *offsets, taps; } phase;      /* weights: [filter][tap][channel] */

typedef struct {
    const convolution *c;
    phase phases[MOST_PHASES];
    int phase_count, vectors;               /* vectors in a tile */
    ptrdiff_t least_y, least_x, reach_y, reach_x;   /* taps see dy from least to least + reach */
    ptrdiff_t height, width, across;        /* a phase's pixels; vectors in a row of them */
    ptrdiff_t row, step, band, bands;       /* of the buffer: a row, a filter, rows of pixels in a task */
    int failed;
} work;

static inline ptrdiff_t floor_of(ptrdiff_t a, ptrdiff_t b) { return a >= 0 ? a / b : -((-a + b - 1) / b); }

/* How far from a pixel's own place in dy its taps see, along one axis: over all phases, from *least on. */
static ptrdiff_t reach(ptrdiff_t size, ptrdiff_t stride, ptrdiff_t pad, ptrdiff_t dilation, ptrdiff_t *least)
{
    *least = -floor_of(-(pad - (size - 1) * dilation), stride);
    ptrdiff_t most = floor_of(stride - 1 + pad, stride);
    return most > *least ? most - *least : 0;
}

/* The taps that the pixels of phase (u, v) meet, and their weights, in the room that is left at `offsets` and `weights`. */
static phase phase_of(const work *w, ptrdiff_t u, ptrdiff_t v, ptrdiff_t *offsets, REAL *weights)
{
    const convolution *c = w->c;
    ptrdiff_t kernel = c->size_y * c->size_x, channels = c->channels, count = 0;
    for (int listing = 1; listing >= 0; listing--)
        for (ptrdiff_t k = 0, t = 0; k < kernel; k++) {
            ptrdiff_t y = u + c->pad_y - k / c->size_x * c->dilation_y, x = v + c->pad_x - k % c->size_x * c->dilation_x;
            if (y % c->stride_y || x % c->stride_x) continue;
            if (listing) offsets[count++] = (y / c->stride_y - w->least_y) * w->row + x / c->stride_x - w->least_x;
            else {
                for (ptrdiff_t f = 0; f < c->filters; f++)
                    for (ptrdiff_t m = 0; m < channels; m++)
                        weights[(f * count + t) * channels + m] = ((const REAL *)c->w)[(f * channels + m) * kernel + k];
                t++;
            }
        }
    return (phase){weights, offsets, count};
}

static work plan(const convolution *c)
{
    work w = {.c = c, .vectors = c->channels < 4 ? MOST_VECTORS : 3 * MOST_VECTORS / 4};
    w.reach_y = reach(c->size_y, c->stride_y, c->pad_y, c->dilation_y, &w.least_y);
    w.reach_x = reach(c->size_x, c->stride_x, c->pad_x, c->dilation_x, &w.least_x);
    w.height = parts_of(c->height, c->stride_y), w.width = parts_of(c->width, c->stride_x);
    w.across = parts_of(w.width, LANES), w.row = w.across * LANES + w.reach_x;
    ptrdiff_t fitting = BUFFER / (c->filters * w.row * (ptrdiff_t)sizeof(REAL)) - w.reach_y;
    ptrdiff_t share = parts_of(w.height, parts_of(4 * c->threads, c->images)), whole = parts_of(w.vectors, w.across);
    w.band = parts_of(at_most(fitting > 1 ? fitting : 1, share), whole) * whole;       /* whole tiles */
    w.bands = parts_of(w.height, w.band);
    w.step = (parts_of((w.band + w.reach_y) * w.row, LANES) | 1) * LANES;   /* filters fall into sets of their own */
    return w;
}
#endif
