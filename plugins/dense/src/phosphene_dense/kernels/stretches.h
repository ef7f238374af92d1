/* A long row of numbers, shared out to threads in stretches. */
#ifndef STRETCHES_H
#define STRETCHES_H
#include "workers.h"
#include <stddef.h>

enum { WORTH_A_THREAD = 1 << 14 };              /* fewer numbers than this are done before a thread wakes up */

typedef struct {
    void (*run)(const void *job, ptrdiff_t first, ptrdiff_t last);
    const void *job;
    ptrdiff_t size;
    int parts;
} stretches;

static void one_stretch(void *context, int part)
{
    const stretches *s = context;
    s->run(s->job, s->size * part / s->parts, s->size * (part + 1) / s->parts);
}

/* run(job, first, last) over all of 0 .. size, where each of the `size` items is `weight` numbers. */
static inline void in_stretches(void (*run)(const void *, ptrdiff_t, ptrdiff_t), const void *job, ptrdiff_t size,
                                ptrdiff_t weight, int threads)
{
    ptrdiff_t worth = size * weight / WORTH_A_THREAD, most = 4 * (ptrdiff_t)threads;
    ptrdiff_t parts = worth < most ? worth : most;
    if (threads < 2 || parts < 2) parts = 1;
    stretches s = {run, job, size, (int)(parts < size ? parts : size > 0 ? size : 1)};
    run_tasks(one_stretch, &s, s.parts, threads);
}
#endif
