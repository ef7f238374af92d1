/* max(0, x) and the ways back, number by number. */
#include "kernels.h"
#include "stretches.h"

static void forward(const void *job, ptrdiff_t first, ptrdiff_t last)
{
    const elementwise *e = job;
    const REAL *restrict x = e->x;
    REAL *restrict y = e->out;
    for (ptrdiff_t i = first; i < last; i++) y[i] = x[i] < 0 ? 0 : x[i];     /* so written, a NaN stays one */
}

static inline void back(const elementwise *e, ptrdiff_t first, ptrdiff_t last, int way)
{
    const REAL *restrict y = e->y, *restrict dy = e->dy;
    REAL *restrict dx = e->out;
    for (ptrdiff_t i = first; i < last; i++) dx[i] = PASSES(way, y[i], dy[i]) ? dy[i] : 0;
}

static void backward(const void *job, ptrdiff_t first, ptrdiff_t last)
{
    const elementwise *e = job;
    switch (e->way) {                           /* one loop for each way, so that each is vector code */
    case GRADIENT: back(e, first, last, GRADIENT); break;
    case GUIDED: back(e, first, last, GUIDED); break;
    case DECONVNET: back(e, first, last, DECONVNET); break;
    }
}

void FOR_THIS_SET(rectify)(const elementwise *e) { in_stretches(forward, e, e->size, 1, e->threads); }
void FOR_THIS_SET(rectify_backward)(const elementwise *e) { in_stretches(backward, e, e->size, 1, e->threads); }
