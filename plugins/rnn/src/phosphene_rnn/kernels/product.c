/* A dense matrix product whose right side lies in panels, blocked as Goto and van de Geijn (2008) do: a task takes a block of rows and of
 * panels of the output (block.c). Tiles are as even as can be, for as many to be in pairs. Rows may lie anywhere (`places`):
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

/* Scratch numbers for blocks of so many tiles, and for sums that wait for another slice, of so many panels. */
static void make_room(plan *work, ptrdiff_t tiles, ptrdiff_t panels)
{
    work->sums = (panels ? tiles * panels : 4) * TILE * PANEL;
    work->room = TILE * DEPTH + tiles * TILE * DEPTH + work->sums;
    work->room += COMBINED * DEPTH / 2 * (PANEL + tiles / 2 * TILE);
    work->room = parts_of(work->room, 64) * 64;
}

static plan plan_of(const product *job)
{
    ptrdiff_t tiles = parts_of(job->rows, TILE), panels = job->parts * parts_of(job->units, PANEL), even = (tiles + 1) / 2 * 2;
    plan work = {.job = job, .height = TILE};
    if ((work.in_pairs = job->strassen && job->rows / even >= LEAST_HEIGHT))
        tiles = even, work.height = job->rows / tiles, work.higher = job->rows % tiles;
    /* A block's sums fit L2. */
    work.row_blocks = parts_of(tiles, MOST_TILES);
    work.tiles = (parts_of(tiles, work.row_blocks) + 1) / 2 * 2;        /* even blocks, of pairs */
    work.row_blocks = parts_of(tiles, work.tiles);
    work.panels = at_most(panels, is_one_slice(&work) ? panels : MOST_PANELS);
    while (job->threads > 1 && work.panels > 2 && work.row_blocks * parts_of(panels, work.panels) < 4 * job->threads)
        work.panels = (parts_of(work.panels, 2) + 1) / 2 * 2;
    work.panel_blocks = parts_of(panels, work.panels);
    make_room(&work, work.tiles, is_one_slice(&work) ? 0 : work.panels);
    return work;
}

static int is_empty(const product *job) { return !job->rows || !job->parts || !job->units; }

int run_product(const product *job)
{
    if (is_empty(job)) return 0;
    plan work = plan_of(job);
    int workers = (int)at_most(job->threads, work.row_blocks * work.panel_blocks);
    if (!(work.scratch = room(workers * work.room, sizeof(REAL)))) return -1;
    run_tasks(work_off, &work, workers, workers);
    leave(work.scratch);
    return 0;
}

ptrdiff_t product_room(const product *job)
{
    plan work = {.job = job};
    make_room(&work, at_most((parts_of(job->rows, TILE) + 1) / 2 * 2, MOST_TILES), MOST_PANELS);
    return work.room;
}

void run_product_here(const product *job, REAL *scratch)
{
    if (is_empty(job)) return;
    plan work = plan_of(job);
    work.scratch = scratch;
    work_off(&work, 0);
}
