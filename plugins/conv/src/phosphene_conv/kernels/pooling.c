/* Max and average pooling, plane by plane; threads share out planes. */
#include "kernels.h"
#include "workers.h"
#include <string.h>

typedef struct { ptrdiff_t y0, y1, x0, x1; } extent;

/* The part of output (i, j)'s window that lies inside the plane. */
static inline extent window(const pooling *p, ptrdiff_t i, ptrdiff_t j)
{
    extent e = {i * p->stride_y - p->pad_y, 0, j * p->stride_x - p->pad_x, 0};
    e.y1 = e.y0 + p->size_y < p->height ? e.y0 + p->size_y : p->height;
    e.x1 = e.x0 + p->size_x < p->width ? e.x0 + p->size_x : p->width;
    if (e.y0 < 0) e.y0 = 0;
    if (e.x0 < 0) e.x0 = 0;
    return e;
}

static inline REAL share(const pooling *p, extent e)
{
    return (REAL)1 / (REAL)(p->count_pad ? p->size_y * p->size_x : (e.y1 - e.y0) * (e.x1 - e.x0));
}

/* The first maximum wins; a NaN beats every number, as it does in numpy. */
static void max_plane(const pooling *p, ptrdiff_t plane)
{
    const REAL *x = (const REAL *)p->x + plane * p->height * p->width;
    REAL *y = (REAL *)p->y + plane * p->out_height * p->out_width;
    ptrdiff_t *where = p->where ? p->where + plane * p->out_height * p->out_width : 0;
    for (ptrdiff_t i = 0; i < p->out_height; i++)
        for (ptrdiff_t j = 0; j < p->out_width; j++) {
            extent e = window(p, i, j);
            ptrdiff_t best = e.y0 * p->width + e.x0;
            REAL most = x[best];
            for (ptrdiff_t r = e.y0; r < e.y1; r++)
                for (ptrdiff_t s = e.x0; s < e.x1; s++) {
                    REAL v = x[r * p->width + s];
                    if (v > most || (v != v && most == most)) most = v, best = r * p->width + s;
                }
            y[i * p->out_width + j] = most;
            if (where) where[i * p->out_width + j] = best;
        }
}

static void max_back_plane(const pooling *p, ptrdiff_t plane)
{
    ptrdiff_t count = p->out_height * p->out_width;
    const REAL *dy = (const REAL *)p->dy + plane * count;
    const ptrdiff_t *where = p->where + plane * count;
    REAL *dx = (REAL *)p->dx + plane * p->height * p->width;
    memset(dx, 0, p->height * p->width * sizeof(REAL));
    for (ptrdiff_t q = 0; q < count; q++) dx[where[q]] += dy[q];
}

static void average_plane(const pooling *p, ptrdiff_t plane)
{
    const REAL *x = (const REAL *)p->x + plane * p->height * p->width;
    REAL *y = (REAL *)p->y + plane * p->out_height * p->out_width;
    for (ptrdiff_t i = 0; i < p->out_height; i++)
        for (ptrdiff_t j = 0; j < p->out_width; j++) {
            extent e = window(p, i, j);
            REAL sum = 0;
            for (ptrdiff_t r = e.y0; r < e.y1; r++)
                for (ptrdiff_t s = e.x0; s < e.x1; s++) sum += x[r * p->width + s];
            y[i * p->out_width + j] = sum * share(p, e);
        }
}

static void average_back_plane(const pooling *p, ptrdiff_t plane)
{
    const REAL *dy = (const REAL *)p->dy + plane * p->out_height * p->out_width;
    REAL *dx = (REAL *)p->dx + plane * p->height * p->width;
    memset(dx, 0, p->height * p->width * sizeof(REAL));
    for (ptrdiff_t i = 0; i < p->out_height; i++)
        for (ptrdiff_t j = 0; j < p->out_width; j++) {
            extent e = window(p, i, j);
            REAL part = dy[i * p->out_width + j] * share(p, e);
            for (ptrdiff_t r = e.y0; r < e.y1; r++)
                for (ptrdiff_t s = e.x0; s < e.x1; s++) dx[r * p->width + s] += part;
        }
}

typedef struct { const pooling *p; void (*plane)(const pooling *, ptrdiff_t); int parts; } planes_of;

static void some_planes(void *context, int part)
{
    const planes_of *work = context;
    ptrdiff_t last = work->p->planes * (part + 1) / work->parts;
    for (ptrdiff_t plane = work->p->planes * part / work->parts; plane < last; plane++) work->plane(work->p, plane);
}

static void all_planes(const pooling *p, void (*plane)(const pooling *, ptrdiff_t))
{
    planes_of work = {p, plane, (int)(p->planes < 4 * p->threads ? p->planes : 4 * p->threads)};
    run_tasks(some_planes, &work, work.parts, p->threads);
}

void FOR_THIS_SET(max_forward)(const pooling *p) { all_planes(p, max_plane); }
void FOR_THIS_SET(max_backward)(const pooling *p) { all_planes(p, max_back_plane); }
void FOR_THIS_SET(average_forward)(const pooling *p) { all_planes(p, average_plane); }
void FOR_THIS_SET(average_backward)(const pooling *p) { all_planes(p, average_back_plane); }
