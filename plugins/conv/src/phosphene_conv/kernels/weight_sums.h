/* Where the weights' gradients gather: tiles of sums go to dw, or, where threads share out the points, to an array of each
 * part's own; these are added at the end in a fixed order. */
#ifndef WEIGHT_SUMS_H
#define WEIGHT_SUMS_H
#include "room.h"
#include "transpose.h"
#include "workers.h"

typedef struct {
    REAL *dw, *partial;                 /* (filters, kernel); [part] of the same */
    ptrdiff_t filters, kernel, parts;
} weight_sums;

/* Returns -1 if there is no memory; leave(partial) at the end. */
static inline int divide_sums(weight_sums *s, ptrdiff_t parts)
{
    s->parts = parts;
    s->partial = parts > 1 ? room(parts * s->filters * s->kernel, sizeof(REAL)) : 0;
    return parts > 1 && !s->partial ? -1 : 0;
}

/* A tile's sums, turned: `rows` neighbours in `columns` filters' rows of the part's dw, from (filter, at) on. Of `sums`
 * some rows past the end may be read. */
static inline void put_sums(const weight_sums *s, ptrdiff_t part, ptrdiff_t filter, ptrdiff_t at, int rows, int columns,
                            const REAL *sums)
{
    REAL *dw = (s->parts > 1 ? s->partial + part * s->filters * s->kernel : s->dw) + filter * s->kernel + at;
#if defined(__AVX512F__)
    if (sizeof(REAL) == 4) {
        float turned[COLUMNS * 16] __attribute__((aligned(64)));
        for (int j = 0; j < columns; j += 16) transpose_16((const float *)sums + j, COLUMNS, turned + j * 16, 16);
        for (int f = 0; f < columns; f++)
            _mm512_mask_storeu_ps((float *)dw + f * s->kernel, (__mmask16)((1u << rows) - 1), _mm512_load_ps(turned + f * 16));
        return;
    }
#endif
    for (int f = 0; f < columns; f++)
        for (int i = 0; i < rows; i++) dw[f * s->kernel + i] = sums[i * COLUMNS + f];
}

static void add_filter(void *context, int filter)
{
    const weight_sums *s = context;
    REAL *dw = s->dw + filter * s->kernel;
    memcpy(dw, s->partial + filter * s->kernel, s->kernel * sizeof(REAL));
    for (ptrdiff_t part = 1; part < s->parts; part++) {
        const REAL *from = s->partial + (part * s->filters + filter) * s->kernel;
        for (ptrdiff_t k = 0; k < s->kernel; k++) dw[k] += from[k];
    }
}

static inline void add_parts(weight_sums *s, int threads)
{
    if (s->parts > 1) run_tasks(add_filter, s, (int)s->filters, threads);
}
#endif
