/* Shares out tensors to threads: laid end to end and cut into equal parts, so that one huge matrix among many small
 * vectors keeps every thread busy. */
#include "kernels.h"
#include "workers.h"

enum { WORTH_A_THREAD = 1 << 14 };              /* fewer numbers than this are done before a thread wakes up */

typedef struct {
    rule rule;
    const tensor *tensors;
    const double *constants;
    ptrdiff_t size;
    int count, parts;
} job;

static void one_part(void *context, int part)
{
    const job *j = context;
    ptrdiff_t first = j->size / j->parts * part, last = part == j->parts - 1 ? j->size : j->size / j->parts * (part + 1);
    ptrdiff_t start = 0;                        /* where the tensor begins in the long row */
    for (int i = 0; i < j->count && start < last; start += j->tensors[i++].size) {
        const tensor *t = j->tensors + i;
        ptrdiff_t from = first > start ? first - start : 0, to = last - start < t->size ? last - start : t->size;
        if (from < to) j->rule(t, from, to, j->constants);
    }
}

void update_all(rule rule, const tensor *tensors, int count, const double *constants, int threads)
{
    job j = {rule, tensors, constants, 0, count, 1};
    for (int i = 0; i < count; i++) j.size += tensors[i].size;
    ptrdiff_t worth = j.size / WORTH_A_THREAD, most = 8 * (ptrdiff_t)threads;
    if (threads > 1 && worth > 1) j.parts = (int)(worth < most ? worth : most);
    run_tasks(one_part, &j, j.parts, threads);
}
