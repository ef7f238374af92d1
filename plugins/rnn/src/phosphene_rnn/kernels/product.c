/* A dense matrix product whose right side lies in panels, blocked as Goto and van de Geijn (2008) do: a task takes a block of
 * rows and of panels of the output; slice by slice of the depth it packs its rows into L2, and meets them tile by tile with
 * each panel, whose slice stays in L2. Pairs of tiles meet pairs of panels with seven multiplications for eight (strassen.c).
 * Until the last slice the sums stay in L2, in panels. Rows may lie anywhere (`places`): sequences of different length need no
 * copy. The order of each sum is fixed by its place alone, so the bits do not depend on the number of threads. */
#include "left.h"
#include "strassen.h"
#include "tile.h"
#include "workers.h"
#include <string.h>
#include <stdlib.h>

enum { DEPTH = 2048 / sizeof(REAL), SUMS = 128 };

typedef struct {
    const product *job;
    ptrdiff_t tiles, panels;                /* a block's */
    ptrdiff_t row_blocks, panel_blocks;
    ptrdiff_t next;                         /* block to be taken */
    ptrdiff_t sums, room;                   /* elements of scratch for one worker: for sums, and in all */
    REAL *scratch;
} plan;

/* One tile's sums to their places, which may be where they are already. */
static void finish(const product *job, const REAL *sums, ptrdiff_t row, ptrdiff_t rows, ptrdiff_t panel)
{
    ptrdiff_t unit = panel / job->parts * PANEL, units = at_most(job->units - unit, PANEL);
    const REAL *bias = job->bias ? (const REAL *)job->bias + panel % job->parts * job->units + unit : 0;
    for (ptrdiff_t i = 0; i < rows; i++, sums += PANEL) {
        REAL *out = at(&job->out, row + i, panel, job->parts);
        if (units == PANEL) {
            vector left = load(sums), right = load(sums + LANES);
            if (bias) left += load(bias), right += load(bias + LANES);
            if (job->add) left += load(out), right += load(out + LANES);
            store(out, left);
            store(out + LANES, right);
        } else
            for (ptrdiff_t u = 0; u < units; u++) out[u] = sums[u] + (bias ? bias[u] : 0) + (job->add ? out[u] : 0);
    }
}

/* What the panel's columns sum to, as the product with a row of ones. */
static void sum_panel(const product *job, ptrdiff_t panel, const REAL *ones)
{
    ptrdiff_t unit = panel / job->parts * PANEL;
    REAL sums[PANEL];
    for (ptrdiff_t k = 0; k < job->depth || k == 0; k += DEPTH)
        multiply_tile(1, at_most(job->depth - k, DEPTH), ones, at(&job->b, k, panel, job->parts), sums, k > 0);
    memcpy((REAL *)job->sums + panel % job->parts * job->units + unit, sums, at_most(job->units - unit, PANEL) * sizeof(REAL));
}

/* Where the sums of a tile by a panel are gathered: in their places, or in L2 until the last slice. */
static REAL *sums_of(const plan *work, REAL *sums, ptrdiff_t first_row, ptrdiff_t tile, ptrdiff_t first_panel, ptrdiff_t panel)
{
    const product *job = work->job;
    if (job->out.in_panels && !job->out.places && !job->add) return at(&job->out, first_row + tile * TILE, panel, job->parts);
    if (job->depth <= DEPTH) return sums + ((panel - first_panel) % 2 * 2 + tile % 2) * TILE * PANEL;
    return sums + ((panel - first_panel) * work->tiles + tile) * TILE * PANEL;
}

/* By the time that sums are done their places have come. */
static void ask_ahead(const product *job, ptrdiff_t row, ptrdiff_t rows, ptrdiff_t panel)
{
    for (ptrdiff_t r = 0; r < rows; r++)
        for (ptrdiff_t j = 0; j < PANEL; j += LINE) __builtin_prefetch(at(&job->out, row + r, panel, job->parts) + j, 1);
}

static int is_whole(const product *job, ptrdiff_t panel) { return (panel / job->parts + 1) * PANEL <= job->units; }

static void multiply_block(const plan *work, ptrdiff_t block, REAL *scratch)
{
    const product *job = work->job;
    ptrdiff_t first_row = block % work->row_blocks * work->tiles * TILE;
    ptrdiff_t rows = at_most(job->rows - first_row, work->tiles * TILE), tiles = parts_of(rows, TILE);
    ptrdiff_t first_panel = block / work->row_blocks * work->panels;
    ptrdiff_t last_panel = at_most(first_panel + work->panels, job->parts * parts_of(job->units, PANEL));
    REAL *ones = scratch, *a = ones + TILE * DEPTH, *sums = a + work->tiles * TILE * DEPTH;
    REAL *panels = sums + work->sums, *combined = panels + COMBINED * (DEPTH / 2 * PANEL + APART);
    int in_place = job->out.in_panels && !job->out.places && !job->add;

    for (ptrdiff_t k = 0; k < job->depth || k == 0; k += DEPTH) {
        ptrdiff_t depth = at_most(job->depth - k, DEPTH), half = depth / 2;
        int last = k + depth >= job->depth, by_four = depth == DEPTH;      /* less depth does not pay */
        pack_left(job, first_row, rows, k, depth, a);
        for (ptrdiff_t t = 0; by_four && (t + 2) * TILE <= rows; t += 2)
            combine_tiles(a + t * TILE * depth, a + (t + 1) * TILE * depth, half, combined + t / 2 * COMBINED * (half * TILE + APART));
        for (ptrdiff_t panel = first_panel, width; panel < last_panel; panel += width) {
            const REAL *b[2] = {at(&job->b, k, panel, job->parts), 0};
            width = by_four && rows >= 2 * TILE && panel + 1 < last_panel && is_whole(job, panel + 1) ? 2 : 1;
            if (width == 2) combine_panels(b[0], b[1] = at(&job->b, k, panel + 1, job->parts), half, panels);
            for (ptrdiff_t t = 0, height; t < tiles; t += height) {
                REAL *c[2][2];
                height = width == 2 && (t + 2) * TILE <= rows ? 2 : 1;
                for (int i = 0; i < height; i++)
                    for (int j = 0; j < width; j++) {
                        c[i][j] = sums_of(work, sums, first_row, t + i, first_panel, panel + j);
                        if (last) ask_ahead(job, first_row + (t + i) * TILE, at_most(rows - (t + i) * TILE, TILE), panel + j);
                        if (height == 2 && k == 0) memset(c[i][j], 0, TILE * PANEL * sizeof(REAL));
                    }
                const REAL *tile = a + t * TILE * depth;
                if (height == 2)
                    multiply_four(half, tile, tile + TILE * depth, combined + t / 2 * COMBINED * (half * TILE + APART), b[0], b[1], panels,
                                  c[0][0], c[0][1], c[1][0], c[1][1],
                                  t < 4 && panel + 3 < last_panel ? at(&job->b, k, panel + 2 + t / 2, job->parts) : tile);
                else for (int j = 0; j < width; j++)
                    multiply_tile((int)at_most(rows - t * TILE, TILE), depth, tile, b[j], c[0][j], k > 0);
                for (int i = 0; last && (!in_place || job->bias) && i < height; i++)
                    for (int j = 0; j < width; j++) {
                        ptrdiff_t row = (t + i) * TILE;
                        finish(job, c[i][j], first_row + row, at_most(rows - row, TILE), panel + j);
                    }
            }
        }
    }
    if (job->sums && first_row == 0)
        for (ptrdiff_t panel = first_panel; panel < last_panel; panel++) sum_panel(job, panel, ones);
}

static void work_off(void *context, int worker)
{
    plan *work = context;
    REAL *scratch = work->scratch + worker * work->room;
    ptrdiff_t blocks = work->row_blocks * work->panel_blocks, block;
    for (ptrdiff_t i = 0; work->job->sums && i < TILE * DEPTH; i++) scratch[i] = 1;
    while ((block = __atomic_fetch_add(&work->next, 1, __ATOMIC_RELAXED)) < blocks) multiply_block(work, block, scratch);
}

#define run_product FOR_THIS_SET(run_product)
int run_product(const product *job)
{
    ptrdiff_t tiles = parts_of(job->rows, TILE), panels = job->parts * parts_of(job->units, PANEL);
    if (!tiles || !panels) return 0;
    plan work = {.job = job};
    /* A block's sums fit L2. */
    ptrdiff_t most_panels = 16;
    work.row_blocks = parts_of(tiles, SUMS / most_panels);
    work.tiles = (parts_of(tiles, work.row_blocks) + 1) / 2 * 2;        /* even blocks, of pairs */
    work.row_blocks = parts_of(tiles, work.tiles);
    work.panels = at_most(panels, job->depth > DEPTH ? most_panels : panels);
    while (work.panels > 2 && work.row_blocks * parts_of(panels, work.panels) < 4 * job->threads)
        work.panels = (parts_of(work.panels, 2) + 1) / 2 * 2;
    work.panel_blocks = parts_of(panels, work.panels);
    work.sums = (job->depth > DEPTH ? work.tiles * work.panels : 4) * TILE * PANEL;
    work.room = TILE * DEPTH + work.tiles * TILE * DEPTH + work.sums;
    work.room += COMBINED * (DEPTH / 2 * PANEL + APART + work.tiles / 2 * (DEPTH / 2 * TILE + APART));
    work.room = parts_of(work.room, 64) * 64;
    int workers = (int)at_most(job->threads, work.row_blocks * work.panel_blocks);
    if (!(work.scratch = aligned_alloc(64, workers * work.room * sizeof(REAL)))) return -1;
    run_tasks(work_off, &work, workers, workers);
    free(work.scratch);
    return 0;
}
