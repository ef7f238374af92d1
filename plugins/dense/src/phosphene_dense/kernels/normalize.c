/* y = scale * x + shift per channel, and back: dx = scale * dy + a * x + b of what the rectifier let through.
 *
 * Planes of some size are done one by one, with the channel's numbers in registers. Where planes are small (down to
 * one number, for x (N, C)), the channels' numbers are first spread over a whole image, and images are done as rows.
 */
#include "kernels.h"
#include "stretches.h"
#include <stdlib.h>

enum { SMALL = 64 };

typedef struct {
    const normalization *n;
    const REAL *dy, *scale, *shift, *a, *b;     /* per channel, or per number of an image */
} work;

/* The body of both shapes: one loop, with numbers of step 0 (a plane's own) or 1 (a row's). */
static inline void forward(REAL *restrict y, const REAL *restrict x, const REAL *restrict scale,
                           const REAL *restrict shift, ptrdiff_t count, int step, int relu)
{
    for (ptrdiff_t i = 0; i < count; i++) {
        REAL v = x[i] * scale[i * step] + shift[i * step];
        y[i] = relu && v < 0 ? 0 : v;
    }
}

static inline void back(REAL *restrict dx, const REAL *restrict dy, const REAL *restrict x, const REAL *restrict scale,
                        const REAL *restrict shift, const REAL *restrict a, const REAL *restrict b, ptrdiff_t count,
                        int step, int way, int batch)
{
    for (ptrdiff_t i = 0; i < count; i++) {
        ptrdiff_t k = i * step;
        REAL d = PASSES(way, x[i] * scale[k] + shift[k], dy[i]) ? dy[i] : 0;
        dx[i] = batch ? scale[k] * d + a[k] * x[i] + b[k] : scale[k] * d;
    }
}

/* Items are planes (step 0) or images (step 1); constants are spelt out so that every loop is vector code. */
#define EACH_ITEM(call) \
    for (ptrdiff_t item = first; item < last; item++) { \
        ptrdiff_t count = step ? n->channels * n->area : n->area, at = item * count, c = step ? 0 : item % n->channels; \
        const REAL *x = (const REAL *)n->x + at, *dy = w->dy + at; \
        REAL *out = (REAL *)n->out + at; \
        (void)x, (void)dy, (void)out, (void)c; \
        call; \
    }

static inline void forward_items(const work *w, ptrdiff_t first, ptrdiff_t last, int step)
{
    const normalization *n = w->n;
    if (n->relu) EACH_ITEM(forward(out, x, w->scale + c, w->shift + c, count, step, 1))
    else EACH_ITEM(forward(out, x, w->scale + c, w->shift + c, count, step, 0))
}

#define BACK(way, batch) EACH_ITEM(back(out, dy, x, w->scale + c, w->shift + c, w->a + c, w->b + c, count, step, way, batch))

static inline void back_items(const work *w, ptrdiff_t first, ptrdiff_t last, int step)
{
    const normalization *n = w->n;
    switch (n->way * 2 + (n->a != 0)) {
    case NONE * 2: BACK(NONE, 0) break;
    case NONE * 2 + 1: BACK(NONE, 1) break;
    case GRADIENT * 2: BACK(GRADIENT, 0) break;
    case GRADIENT * 2 + 1: BACK(GRADIENT, 1) break;
    case GUIDED * 2: BACK(GUIDED, 0) break;
    case GUIDED * 2 + 1: BACK(GUIDED, 1) break;
    case DECONVNET * 2: BACK(DECONVNET, 0) break;
    case DECONVNET * 2 + 1: BACK(DECONVNET, 1) break;
    }
}

static void forward_planes(const void *w, ptrdiff_t first, ptrdiff_t last) { forward_items(w, first, last, 0); }
static void forward_rows(const void *w, ptrdiff_t first, ptrdiff_t last) { forward_items(w, first, last, 1); }
static void back_planes(const void *w, ptrdiff_t first, ptrdiff_t last) { back_items(w, first, last, 0); }
static void back_rows(const void *w, ptrdiff_t first, ptrdiff_t last) { back_items(w, first, last, 1); }

/* A channel's number at every place of its plane. */
static const REAL *spread_out(const REAL *per_channel, REAL **room, const normalization *n)
{
    REAL *start = *room;
    for (ptrdiff_t c = 0; c < n->channels; c++)
        for (ptrdiff_t i = 0; i < n->area; i++) *(*room)++ = per_channel[c];
    return start;
}

typedef void (*items)(const void *, ptrdiff_t, ptrdiff_t);

static int run(const normalization *n, items planes, items rows)
{
    const void *absent = n->scale;              /* what there is none of is not read, but pointed at */
    work w = {n, n->dy ? n->dy : n->x, n->scale, n->shift, n->a ? n->a : absent, n->b ? n->b : absent};
    ptrdiff_t image = n->channels * n->area;
    if (n->area >= SMALL || n->images < 2) {
        in_stretches(planes, &w, n->images * n->channels, n->area, n->threads);
        return 0;
    }
    REAL *room = 0;
    if (n->area > 1) {
        REAL *next = room = malloc((size_t)(4 * image) * sizeof(REAL));
        if (!room) return -1;
        w.scale = spread_out(w.scale, &next, n), w.shift = spread_out(w.shift, &next, n);
        w.a = n->a ? spread_out(w.a, &next, n) : w.scale, w.b = n->b ? spread_out(w.b, &next, n) : w.scale;
    }
    in_stretches(rows, &w, n->images, image, n->threads);
    free(room);
    return 0;
}

int FOR_THIS_SET(normalize)(const normalization *n) { return run(n, forward_planes, forward_rows); }
int FOR_THIS_SET(normalize_backward)(const normalization *n) { return run(n, back_planes, back_rows); }
