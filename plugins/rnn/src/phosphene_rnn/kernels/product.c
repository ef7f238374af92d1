/* A dense matrix product whose right side lies in panels, blocked as Goto and van de Geijn (2008) do: a task takes a block of rows and of
 * panels of the output (block.c). Where panels have to be combined for Strassen's product, a block has all rows, which are packed
 * once for all blocks, so that no panel is combined twice; another product with the same panels goes with them. Tiles are as even as can be, for as many to be in pairs. Rows may lie anywhere (`places`):
 * sequences of different length need no copy. The order of each sum is fixed by its place alone, so the bits do not depend on the
 * number of threads. */
#include "block.h"
#include "room.h"
#include "workers.h"

static void work_off(void *context, int worker)
{
    plan *work = context;
    REAL *scratch = work->scratch + worker * work->room;
    ptrdiff_t blocks = work->row_blocks * work->panel_blocks, block;
    for (ptrdiff_t i = 0; work->job->sums && i < TILE * DEPTH; i++) scratch[i] = 1;
    while ((block = __atomic_fetch_add(&work->next, 1, __ATOMIC_RELAXED)) < blocks) multiply_block(work, block, scratch);
}

enum { AT_ONCE = 4 };                       /* tiles packed by one task */

static void pack_all(void *context, int task)
{
    const plan *work = context;
    ptrdiff_t first = task * AT_ONCE, count = at_most(AT_ONCE, work->all_tiles - first);
    for (ptrdiff_t k = 0, depth; k < work->job->depth; k += depth) {
        depth = slice_at(work, k);
        pack_slice(work, first, count, k, depth, left_at(work, first, k, depth));
    }
}

/* Scratch numbers for blocks of so many tiles, and for sums that wait for another slice, of so many panels. */
static void make_room(plan *work, ptrdiff_t tiles, ptrdiff_t packed, ptrdiff_t panels)
{
    work->sums = (panels ? tiles * panels : 4) * TILE * PANEL;
    work->room = TILE * DEPTH + work->sums + COMBINED * DEPTH / 2 * PANEL + left_size(packed, DEPTH);
    work->room = parts_of(work->room, 64) * 64;
}

/* `alone`: a thread with scratch of its own, which is all there is. */
static plan plan_of(const product *job, int alone)
{
    ptrdiff_t tiles = parts_of(job->rows, TILE), panels = job->parts * parts_of(job->units, PANEL);
    ptrdiff_t even = (tiles + 1) / 2 * 2, shared = (tiles + 3) / 4 * 4, most = MOST_TILES;
    plan work = {.job = job, .height = TILE};
    if ((work.in_pairs = job->strassen && job->rows / even >= LEAST_HEIGHT)) {
        if (job->rows / shared >= LEAST_HEIGHT) even = shared;      /* pairs that two threads can share */
        tiles = even, work.height = job->rows / tiles, work.higher = job->rows % tiles;
    }
    int combines = work.in_pairs && !job->combined && tiles >= ENOUGH;
    int ready = combines && !alone && panels > 2 && left_size(tiles, job->depth) <= MOST_LEFT;
    /* A block's sums fit L2. */
    work.all_tiles = tiles;
    most = ready ? ALL_TILES : combines ? MOST_TILES : FEW_TILES;
    work.row_blocks = parts_of(tiles, most);
    work.tiles = (parts_of(tiles, work.row_blocks) + 1) / 2 * 2;        /* even blocks, of pairs */
    work.row_blocks = parts_of(tiles, work.tiles);
    work.panels = at_most(panels, ready ? 2 : is_one_slice(&work) ? panels : MOST_TILES * MOST_PANELS / work.tiles);
    while (job->threads > 1 && work.panels > 2 && work.row_blocks * parts_of(panels, work.panels) < 4 * job->threads)
        work.panels = (parts_of(work.panels, 2) + 1) / 2 * 2;
    work.panel_blocks = parts_of(panels, work.panels);
    make_room(&work, work.tiles, ready ? 0 : work.tiles, is_one_slice(&work) ? 0 : work.panels);
    work.left_room = ready ? parts_of(left_size(tiles, job->depth), 64) * 64 : 0;
    return work;
}

static int is_empty(const product *job) { return !job->rows || !job->parts || !job->units; }

/* Packs the left sides that are to be shared, then works all blocks off. */
static int work_together(plan *work, plan *also)
{
    int workers = (int)at_most(work->job->threads, work->row_blocks * work->panel_blocks);
    ptrdiff_t left_room = work->left_room + (also ? also->left_room : 0);
    if (also) work->also = also, work->also_sums = work->sums, work->sums += also->sums, work->room += parts_of(also->sums, 64) * 64;
    REAL *all = room(workers * work->room + left_room, sizeof(REAL));
    if (!all) return -1;
    work->scratch = all + left_room;
    if (also) also->left = all + work->left_room, run_tasks(pack_all, also, (int)parts_of(also->all_tiles, AT_ONCE), workers);
    if (work->left_room) work->left = all, run_tasks(pack_all, work, (int)parts_of(work->all_tiles, AT_ONCE), workers);
    run_tasks(work_off, work, workers, workers);
    leave(all);
    return 0;
}

int run_product(const product *job)
{
    if (is_empty(job)) return job->also ? run_product(job->also) : 0;
    plan work = plan_of(job, 0);
    if (!job->also || is_empty(job->also)) return work_together(&work, 0);
    plan also = plan_of(job->also, 0);
    if (work.left_room && also.left_room && also.row_blocks == 1) return work_together(&work, &also);
    return work_together(&work, 0) || work_together(&also, 0) ? -1 : 0;
}

ptrdiff_t product_room(const product *job)
{
    plan work = {.job = job};
    make_room(&work, MOST_TILES, MOST_TILES, MOST_PANELS);
    return work.room;
}

void run_product_here(const product *job, REAL *scratch)
{
    if (is_empty(job)) return;
    plan work = plan_of(job, 1);
    work.scratch = scratch;
    work_off(&work, 0);
}
