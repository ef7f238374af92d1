/* The gradient behind a scale and a rectifier: what the rectifier lets through of dy, times each filter's scale, in
 * one pass before the convolution goes back. */
#include "gate.h"
#include "room.h"
#include "workers.h"

typedef struct { const convolution *c; REAL *out; int parts; } gating;

static inline __attribute__((always_inline)) void cut(const REAL *restrict dy, const REAL *restrict y, REAL *restrict out,
                                                      ptrdiff_t count, REAL scale, int way)
{
    for (ptrdiff_t i = 0; i < count; i++) {
        REAL passed = way & BY_OUTPUT && !(y[i] > 0) ? 0 : dy[i];
        out[i] = scale * (way & BY_GRADIENT && !(passed > 0) ? 0 : passed);
    }
}

static void some_planes(void *context, int part)
{
    const gating *g = context;
    const convolution *c = g->c;
    ptrdiff_t area = c->out_height * c->out_width, planes = c->images * c->filters;
    for (ptrdiff_t k = planes * part / g->parts; k < planes * (part + 1) / g->parts; k++) {
        const REAL *dy = (const REAL *)c->dy + k * area, *y = c->y ? (const REAL *)c->y + k * area : dy;
        REAL *out = g->out + k * area, scale = c->scale ? ((const REAL *)c->scale)[k % c->filters] : 1;
        switch (c->way) {                       /* one loop for each way, so that each is vector code */
        case 0: cut(dy, y, out, area, scale, 0); break;
        case BY_OUTPUT: cut(dy, y, out, area, scale, BY_OUTPUT); break;
        case BY_GRADIENT: cut(dy, y, out, area, scale, BY_GRADIENT); break;
        default: cut(dy, y, out, area, scale, BY_OUTPUT | BY_GRADIENT);
        }
    }
}

REAL *gated(const convolution *c)
{
    ptrdiff_t planes = c->images * c->filters, area = c->out_height * c->out_width;
    gating g = {c, room(planes * area, sizeof(REAL)), 4 * c->threads};
    if (planes * area < 1 << 14 || planes < g.parts) g.parts = 1;
    if (g.out) run_tasks(some_planes, &g, g.parts, c->threads);
    return g.out;
}
