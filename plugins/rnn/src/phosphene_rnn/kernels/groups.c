/* Sums of rows that belong together: what a word's gradients, wherever it stands, come to. Threads share out the panels; a
 * sum's order is that of its rows. */
#include "kernels.h"
#include "tile.h"
#include "workers.h"

static void one_panel(void *context, int task)
{
    const grouping *job = context;
    ptrdiff_t block = task / job->parts, part = task % job->parts;
    const REAL *from = (const REAL *)job->from.data + block * job->from.block + part * job->from.part;
    REAL *to = (REAL *)job->to.data + block * job->to.block + part * job->to.part;
    for (ptrdiff_t g = 0; g < job->groups; g++, to += PANEL) {
        vector left = {0}, right = {0};
        for (ptrdiff_t i = job->starts[g]; i < job->starts[g + 1]; i++) {
            const REAL *row = from + job->order[i] * PANEL;
            left += load(row);
            right += load(row + LANES);
        }
        store(to, left);
        store(to + LANES, right);
    }
}

#define sum_groups FOR_THIS_SET(sum_groups)
void sum_groups(const grouping *job)
{
    run_tasks(one_panel, (void *)job, (int)(job->blocks * job->parts), job->threads);
}
