/* Convolution backward for the bias: dy summed over images and pixels, in double. A task's filters are read image by
 * image, so that small planes, too, are read as they lie in memory. */
#include "kernels.h"
#include "tile.h"
#include "workers.h"

enum { TOGETHER = 16 };         /* filters in a task */

typedef struct { const convolution *c; REAL *db; } bias_gradient;

static inline double sum_plane(const REAL *dy, ptrdiff_t plane)
{
    vector sum = {0};
    double total = 0;
    ptrdiff_t q = 0;
    for (; q + LANES <= plane; q += LANES) sum += load(dy + q);
    if (q)
        for (int l = 0; l < LANES; l++) total += sum[l];
    for (; q < plane; q++) total += dy[q];
    return total;
}

static void some_filters(void *context, int index)
{
    const bias_gradient *b = context;
    ptrdiff_t plane = b->c->out_height * b->c->out_width, first = (ptrdiff_t)index * TOGETHER;
    ptrdiff_t filters = at_most(TOGETHER, b->c->filters - first);
    double totals[TOGETHER] = {0};
    for (ptrdiff_t n = 0; n < b->c->images; n++) {
        const REAL *dy = (const REAL *)b->c->dy + (n * b->c->filters + first) * plane;
        for (ptrdiff_t f = 0; f < filters; f++) totals[f] += sum_plane(dy + f * plane, plane);
    }
    for (ptrdiff_t f = 0; f < filters; f++) b->db[first + f] = (REAL)totals[f];
}

int FOR_THIS_SET(convolve_backward_bias)(const convolution *c)
{
    bias_gradient b = {c, c->db};
    run_tasks(some_filters, &b, (int)parts_of(c->filters, TOGETHER), c->threads);
    return 0;
}
