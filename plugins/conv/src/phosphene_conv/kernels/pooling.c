/* Max and average pooling, plane by plane; threads share out planes.
 *
 * For each row of outputs, one tap of the window after the other meets all outputs of the row: the inner loop runs over
 * outputs, at a constant step for the usual strides, and the compiler makes vector code of it. */
#include "kernels.h"
#include "workers.h"
#include <string.h>

typedef struct { ptrdiff_t first, last; } span;

/* The window's places first ... last - 1 on one axis that output i sees inside the image. */
static inline span seen(ptrdiff_t i, ptrdiff_t stride, ptrdiff_t pad, ptrdiff_t size, ptrdiff_t length)
{
    ptrdiff_t at = i * stride - pad;
    return (span){at < 0 ? -at : 0, at + size > length ? length - at : size};
}

/* The outputs first ... last - 1 whose tap t, at output * stride + t - pad, is inside the image. */
static inline span meeting(ptrdiff_t t, ptrdiff_t stride, ptrdiff_t pad, ptrdiff_t length, ptrdiff_t outputs)
{
    ptrdiff_t first = t < pad ? (pad - t + stride - 1) / stride : 0, end = length - 1 + pad - t;
    ptrdiff_t last = end < 0 ? 0 : end / stride + 1;
    return (span){first, last < outputs ? last : outputs};
}

/* The first maximum wins; a NaN beats every number, as it does in numpy. */
static inline __attribute__((always_inline)) void max_row(
    const REAL *restrict x, ptrdiff_t stride, ptrdiff_t count, int place, int first, REAL *restrict best, int *restrict where)
{
    for (ptrdiff_t j = 0; j < count; j++) {
        REAL v = x[j * stride];
        int here = place + (int)(j * stride), better = first | (v > best[j]) | ((v != v) & (best[j] == best[j]));
        best[j] = better ? v : best[j];
        where[j] = better ? here : where[j];
    }
}

/* A row of the usual windows, 2 x 2 at stride 2 without a pad, as vectors: the maxima, then where they stand. Whether a NaN
 * was among them: then they are not to be trusted. */
static int max_fours(const REAL *restrict up, const REAL *restrict down, int count, int place, int width,
                     REAL *restrict best, int *restrict where)
{
    int odd = 0;
    for (int j = 0; j < count; j++) {
        REAL a = up[2 * j], b = up[2 * j + 1], c = down[2 * j], d = down[2 * j + 1];
        REAL upper = a > b ? a : b, lower = c > d ? c : d;
        best[j] = upper > lower ? upper : lower;
        odd |= (a != a) | (b != b) | (c != c) | (d != d);
    }
    for (int j = 0; j < count; j++) {
        REAL m = best[j];
        int at = down[2 * j] == m ? width : width + 1;
        at = up[2 * j + 1] == m ? 1 : at;
        at = up[2 * j] == m ? 0 : at;
        where[j] = place + 2 * j + at;
    }
    return odd;
}

static void max_plane(const pooling *p, ptrdiff_t plane)
{
    const REAL *x = (const REAL *)p->x + plane * p->height * p->width;
    int fours = p->size_y == 2 && p->size_x == 2 && p->stride_y == 2 && p->stride_x == 2 && !p->pad_y && !p->pad_x;
    for (ptrdiff_t i = 0; i < p->out_height; i++) {
        REAL *y = (REAL *)p->y + (plane * p->out_height + i) * p->out_width;
        int *where = p->where + (plane * p->out_height + i) * p->out_width;
        const REAL *up = x + 2 * i * p->width;
        if (fours && !max_fours(up, up + p->width, (int)p->out_width, (int)(2 * i * p->width), (int)p->width, y, where)) continue;
        span rows = seen(i, p->stride_y, p->pad_y, p->size_y, p->height);
        for (ptrdiff_t j = 0; j < p->out_width; j++) y[j] = 0, where[j] = -1;
        for (ptrdiff_t r = rows.first; r < rows.last; r++)
            for (ptrdiff_t s = 0; s < p->size_x; s++) {
                span outs = meeting(s, p->stride_x, p->pad_x, p->width, p->out_width);
                ptrdiff_t place = (i * p->stride_y + r - p->pad_y) * p->width + outs.first * p->stride_x + s - p->pad_x;
                REAL *best = y + outs.first;
                int *at = where + outs.first, all = r == rows.first && s == 0 && !p->pad_x;
                ptrdiff_t count = outs.last - outs.first;
                if (p->pad_x) {         /* an output's first place may be any tap */
                    for (ptrdiff_t j = 0; j < count; j++)
                        max_row(x + place + j * p->stride_x, 1, 1, (int)(place + j * p->stride_x), at[j] < 0, best + j, at + j);
                } else if (p->stride_x == 1) max_row(x + place, 1, count, (int)place, all, best, at);
                else if (p->stride_x == 2) max_row(x + place, 2, count, (int)place, all, best, at);
                else max_row(x + place, p->stride_x, count, (int)place, all, best, at);
            }
    }
}

static void max_back_plane(const pooling *p, ptrdiff_t plane)
{
    ptrdiff_t count = p->out_height * p->out_width;
    const REAL *dy = (const REAL *)p->dy + plane * count;
    const int *where = p->where + plane * count;
    REAL *dx = (REAL *)p->dx + plane * p->height * p->width;
    memset(dx, 0, p->height * p->width * sizeof(REAL));
    for (ptrdiff_t q = 0; q < count; q++) dx[where[q]] += dy[q];
}

/* One over the number of places that output (i, j) averages, the rows it sees being known. */
static inline REAL share(const pooling *p, span rows, ptrdiff_t j)
{
    span columns = seen(j, p->stride_x, p->pad_x, p->size_x, p->width);
    if (p->count_pad) return (REAL)1 / (REAL)(p->size_y * p->size_x);
    return (REAL)1 / (REAL)((rows.last - rows.first) * (columns.last - columns.first));
}

static void average_plane(const pooling *p, ptrdiff_t plane)
{
    const REAL *x = (const REAL *)p->x + plane * p->height * p->width;
    for (ptrdiff_t i = 0; i < p->out_height; i++) {
        REAL *y = (REAL *)p->y + (plane * p->out_height + i) * p->out_width;
        span rows = seen(i, p->stride_y, p->pad_y, p->size_y, p->height);
        memset(y, 0, p->out_width * sizeof(REAL));
        for (ptrdiff_t r = rows.first; r < rows.last; r++)
            for (ptrdiff_t s = 0; s < p->size_x; s++) {
                span outs = meeting(s, p->stride_x, p->pad_x, p->width, p->out_width);
                const REAL *from = x + (i * p->stride_y + r - p->pad_y) * p->width + s - p->pad_x;
                for (ptrdiff_t j = outs.first; j < outs.last; j++) y[j] += from[j * p->stride_x];
            }
        for (ptrdiff_t j = 0; j < p->out_width; j++) y[j] *= share(p, rows, j);
    }
}

static void average_back_plane(const pooling *p, ptrdiff_t plane)
{
    REAL *dx = (REAL *)p->dx + plane * p->height * p->width;
    memset(dx, 0, p->height * p->width * sizeof(REAL));
    for (ptrdiff_t i = 0; i < p->out_height; i++) {
        const REAL *dy = (const REAL *)p->dy + (plane * p->out_height + i) * p->out_width;
        span rows = seen(i, p->stride_y, p->pad_y, p->size_y, p->height);
        for (ptrdiff_t r = rows.first; r < rows.last; r++)
            for (ptrdiff_t s = 0; s < p->size_x; s++) {
                span outs = meeting(s, p->stride_x, p->pad_x, p->width, p->out_width);
                REAL *to = dx + (i * p->stride_y + r - p->pad_y) * p->width + s - p->pad_x;
                for (ptrdiff_t j = outs.first; j < outs.last; j++) to[j * p->stride_x] += dy[j] * share(p, rows, j);
            }
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
