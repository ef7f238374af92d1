/* See turn.h: packed like any panel, a block of channels at a time, then turned square by square. */
#include "turn.h"
#include "patches.h"
#include "room.h"
#include "transpose.h"
#include "workers.h"

enum { BLOCK = 32 };            /* channels; so that each block but the last is a whole number of squares */

typedef struct { const product *job; turned *to; int failed; } turning;

static void turn_block(void *context, int index)
{
    turning *work = context;
    const product *job = work->job;
    ptrdiff_t first = (ptrdiff_t)index * BLOCK, channels = job->channels - first < BLOCK ? job->channels - first : BLOCK;
    ptrdiff_t rows = channels * job->tap_count, padded = (rows + COLUMNS - 1) / COLUMNS * COLUMNS;
    fill *fills = room(job->tap_count * COLUMNS, sizeof *fills);
    REAL *block = room(padded * COLUMNS, sizeof(REAL)), *to = work->to->values + first * job->tap_count;
    if (!fills || !block) __atomic_store_n(&work->failed, 1, __ATOMIC_RELAXED);
    else for (ptrdiff_t at = 0; at < work->to->points; at += COLUMNS, to += COLUMNS * work->to->row) {
        panel p;
        lay_out(&p, job, at, fills);
        pack_patches(job, &p, first, channels, block, COLUMNS);
        memset(block + rows * COLUMNS, 0, (padded - rows) * COLUMNS * sizeof(REAL));
        for (ptrdiff_t k = 0; k < rows; k += COLUMNS)
            transpose_square(block + k * COLUMNS, p.points, to + k, work->to->row);
    }
    leave(block);
    leave(fills);
}

turned turn_patches(const product *job)
{
    turned to = {.points = job->images * job->grid_height * job->grid_width, .depth = job->channels * job->tap_count};
    turning work = {job, &to, 0};
    /* An odd number of vectors, so that neighbouring rows do not fall into the same sets of the cache. */
    to.row = ((to.depth + COLUMNS - 1) / COLUMNS * 2 + 3) * LANES;
    to.values = room((to.points + COLUMNS - 1) / COLUMNS * COLUMNS * to.row, sizeof(REAL));
    if (!to.values) return to;
    run_tasks(turn_block, &work, (int)((job->channels + BLOCK - 1) / BLOCK), job->threads);
    if (work.failed) {
        leave(to.values);
        to.values = 0;
    }
    return to;
}
