/* A dense matrix product whose right side lies in panels, blocked as Goto and van de Geijn (2008) do: a block of the output is some rows
 * by some panels (block.c). Each thread begins with rows of its own, which it packs for itself, and helps the others when it is done: what
 * one thread writes and another reads costs more than to do it twice, on machines whose cores do not share a cache. Tiles are as even
 * as can be, for as many to be in pairs. Rows may lie anywhere (`places`): sequences of different length need no copy. The order of
 * each sum is fixed by its place alone, so the bits do not depend on the number of threads. */
#include "block.h"
#include "room.h"
#include "workers.h"

/* Threads' scratch begins so many numbers apart, whatever the product: where one has written, another does not write next. */
enum { APART = (2 << 20) / sizeof(REAL) };

/* Where a thread's first blocks of rows are, of all. */
static ptrdiff_t first_of(const plan *work, int worker) { return work->row_blocks * worker / work->workers; }

static void work_off(void *context, int worker)
{
    plan *work = context;
    REAL *scratch = work->scratch + worker * work->room;
    for (ptrdiff_t i = 0; work->job->sums && i < TILE * DEPTH; i++) scratch[i] = 1;
    for (ptrdiff_t n = 0; n < work->row_blocks; n++) {
        ptrdiff_t rows = (first_of(work, worker) + n) % work->row_blocks, panels;
        int packed = 0;
        while ((panels = __atomic_fetch_add(work->next + rows, 1, __ATOMIC_RELAXED)) < work->panel_blocks) {
            multiply_block(work, rows, panels, packed, scratch);
            packed = work->whole;
        }
    }
}

/* Scratch numbers for blocks of so many tiles of a slice of so much depth, and for sums that wait for another slice, of so many panels. */
static void make_room(plan *work, ptrdiff_t tiles, ptrdiff_t depth, ptrdiff_t panels)
{
    work->sums = (panels ? tiles * panels : 4) * TILE * PANEL;
    work->room = TILE * DEPTH + work->sums + COMBINED * DEPTH / 2 * PANEL + left_size(tiles, depth);
    work->room = parts_of(work->room, APART) * APART;
}

/* `most_left`: numbers of a block's tiles that may be kept. */
static plan plan_of(const product *job, ptrdiff_t most_left)
{
    ptrdiff_t tiles = parts_of(job->rows, TILE), panels = job->parts * parts_of(job->units, PANEL), even = 2 * pairs_of(tiles);
    plan work = {.job = job, .height = TILE, .in_pairs = job->strassen && job->rows / even >= LEAST_HEIGHT};
    int combines = work.in_pairs && !job->combined && tiles >= ENOUGH;
    if (work.in_pairs) {
        ptrdiff_t shared = (tiles + 3) / 4 * 4;                         /* pairs that two threads can share */
        tiles = job->rows / shared >= LEAST_HEIGHT ? shared : even;
        work.height = job->rows / tiles, work.higher = job->rows % tiles;
    }
    work.by_four = combines || (work.in_pairs && job->combined);
    work.all_tiles = tiles;
    /* A block's sums fit L2. Where they would not, and all tiles of a thread can be kept, these meet few panels at a time; else a block
     * that is deep has its rows packed for itself, so that threads get no more than one each. */
    int one_slice = is_one_slice(&work);
    ptrdiff_t each = 2 * parts_of(pairs_of(tiles), job->threads);
    int keeps = combines && !one_slice && each <= ALL_TILES && panels * each > MOST_TILES * MOST_PANELS && left_size(each, job->depth) <= most_left;
    work.whole = one_slice || keeps;
    work.row_blocks = keeps ? job->threads : parts_of(tiles, combines ? most_tiles(slice_at(&work, 0)) : FEW_TILES);
    if (work.row_blocks > 1) work.row_blocks = at_most(parts_of(work.row_blocks, job->threads) * job->threads, pairs_of(tiles));
    work.tiles = 2 * parts_of(pairs_of(tiles), work.row_blocks);        /* at most: blocks are of whole pairs */
    work.panels = one_slice ? panels : at_most(panels, keeps ? 2 : MOST_TILES * MOST_PANELS / work.tiles / 2 * 2);      /* even, for pairs */
    ptrdiff_t enough = (work.whole ? 4 : 1) * job->threads;
    while (job->threads > 1 && work.panels > 2 && work.row_blocks * parts_of(panels, work.panels) < enough)
        work.panels = 2 * pairs_of(parts_of(work.panels, 2));
    work.panel_blocks = parts_of(panels, work.panels);
    work.workers = (int)at_most(job->threads, work.row_blocks * work.panel_blocks);
    make_room(&work, work.tiles, work.whole ? job->depth : slice_at(&work, 0), one_slice ? 0 : work.panels);
    return work;
}

static int is_empty(const product *job) { return !job->rows || !job->parts || !job->units; }

int run_product(const product *job)
{
    if (is_empty(job)) return 0;
    plan work = plan_of(job, MOST_LEFT);
    REAL *scratch = room(work.workers * work.room, sizeof(REAL));
    ptrdiff_t *next = calloc(work.row_blocks, sizeof *next);
    if (scratch && next) {
        work.scratch = scratch, work.next = next;
        run_tasks(work_off, &work, work.workers, work.workers);
    }
    leave(scratch), free(next);
    return scratch && next ? 0 : -1;
}

ptrdiff_t product_room(const product *job)
{
    plan work = {.job = job};
    make_room(&work, MOST_TILES, DEPTH, MOST_PANELS);
    return work.room;
}

void run_product_here(const product *job, REAL *scratch)
{
    if (is_empty(job)) return;
    plan work = plan_of(job, 0);
    work.scratch = scratch;
    for (ptrdiff_t i = 0; job->sums && i < TILE * DEPTH; i++) scratch[i] = 1;
    for (ptrdiff_t n = 0; n < work.row_blocks * work.panel_blocks; n++)
        multiply_block(&work, n / work.panel_blocks, n % work.panel_blocks, work.whole && n % work.panel_blocks, scratch);
}
