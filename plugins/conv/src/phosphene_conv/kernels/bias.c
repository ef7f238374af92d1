/* Convolution backward for the bias: dy summed over images and pixels, in double. */
#include "kernels.h"
#include "tile.h"
#include "workers.h"

typedef struct { const convolution *c; REAL *db; } bias_gradient;

static void sum_filter(void *context, int filter)
{
    const bias_gradient *b = context;
    ptrdiff_t plane = b->c->out_height * b->c->out_width;
    double total = 0;
    for (ptrdiff_t n = 0; n < b->c->images; n++) {
        const REAL *dy = (const REAL *)b->c->dy + (n * b->c->filters + filter) * plane;
        vector sum = {0};
        ptrdiff_t q = 0;
        for (; q + LANES <= plane; q += LANES) sum += load(dy + q);
        for (int l = 0; l < LANES; l++) total += sum[l];
        for (; q < plane; q++) total += dy[q];
    }
    b->db[filter] = (REAL)total;
}

int FOR_THIS_SET(convolve_backward_bias)(const convolution *c)
{
    bias_gradient b = {c, c->db};
    run_tasks(sum_filter, &b, (int)c->filters, c->threads);
    return 0;
}
