/* Shares out tensors to threads: each tensor is cut into as many equal stretches as there are threads, and a thread begins with its own of
 * each, piece by piece, so that from update to update it finds the same numbers in its cache; then it helps the others. */
#include "kernels.h"
#include "workers.h"
#include <stdlib.h>

/* Numbers that are done before a thread wakes up; numbers of a piece. */
enum { WORTH_A_THREAD = 1 << 14, PIECE = 1 << 15 };

typedef struct {
    rule rule;
    const tensor *tensors;
    const double *constants;
    int count, threads;
    ptrdiff_t *next;                            /* of each tensor's each stretch: where the piece to be taken begins */
} job;

/* A thread's stretch, or what others have left of it. */
static void work_off(const job *j, int thread)
{
    for (int i = 0; i < j->count; i++) {
        const tensor *t = j->tensors + i;
        ptrdiff_t first = t->size * thread / j->threads / 16 * 16, from;         /* from a cache line on, like the gradients of matrices */
        ptrdiff_t last = thread + 1 == j->threads ? t->size : t->size * (thread + 1) / j->threads / 16 * 16;
        ptrdiff_t *next = j->next + thread * j->count + i;
        while ((from = first + __atomic_fetch_add(next, PIECE, __ATOMIC_RELAXED)) < last)
            j->rule(t, from, from + PIECE < last ? from + PIECE : last, j->constants);
    }
}

static void one_thread(void *context, int thread)
{
    const job *j = context;
    for (int k = 0; k < j->threads; k++) work_off(j, (thread + k) % j->threads);
}

void update_all(rule rule, const tensor *tensors, int count, const double *constants, int threads)
{
    ptrdiff_t size = 0;
    for (int i = 0; i < count; i++) size += tensors[i].size;
    ptrdiff_t worth = size / WORTH_A_THREAD > 1 ? size / WORTH_A_THREAD : 1;
    job j = {rule, tensors, constants, count, worth < threads ? (int)worth : threads, 0};
    if (j.threads > 1 && (j.next = calloc((size_t)j.threads * count, sizeof *j.next))) run_tasks(one_thread, &j, j.threads, j.threads);
    else for (int i = 0; i < count; i++) rule(tensors + i, 0, tensors[i].size, constants);
    free(j.next);
}
