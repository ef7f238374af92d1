/* A dense matrix product with a right side that is packed already, blocked as Goto and van de Geijn (2008) do: a task takes a
 * block of rows and of panels of the output; slice by slice of the depth it packs its rows into L2, and meets them tile by
 * tile with each panel, whose slice stays in L1. Sums stay in L2, packed, until the last slice; then they leave for the
 * output, which has been asked for meanwhile. Rows may lie anywhere (`places`): sequences of different length need no copy.
 * The order of each sum is fixed by the depth alone, so the bits do not depend on the number of threads. */
#include "kernels.h"
#include "tile.h"
#include "workers.h"
#include <string.h>
#include <stdlib.h>

enum { DEPTH = 1024 / sizeof(REAL), SUMS = 256, LINE = 64 / sizeof(REAL) };

typedef struct {
    const product *job;
    ptrdiff_t tiles, panels;                /* a block's */
    ptrdiff_t row_blocks, panel_blocks;
    ptrdiff_t next;                         /* block to be taken */
    ptrdiff_t room;                         /* elements of scratch for one worker */
    REAL *scratch;
} plan;

static inline const REAL *row_of(const matrix *m, ptrdiff_t r)
{
    return (const REAL *)m->data + (m->places ? m->places[r] : r) * m->stride;
}

/* Tiles of the left side's rows first, first + 1, ..., from column `start` on, `depth` deep. */
static void pack_rows(const matrix *m, ptrdiff_t first, ptrdiff_t count, ptrdiff_t start, ptrdiff_t depth, REAL *to)
{
    for (ptrdiff_t at = 0; at < count; at += TILE, to += TILE * depth) {
        const REAL *rows[TILE];
        ptrdiff_t some = at_most(count - at, TILE);
        for (ptrdiff_t i = 0; i < some; i++) rows[i] = row_of(m, first + at + i) + start;
        pack_tile(rows, some, depth, to);
    }
}

/* The same of a left side that is given turned: its rows are columns of what is stored. */
static void pack_columns(const matrix *m, ptrdiff_t first, ptrdiff_t count, ptrdiff_t start, ptrdiff_t depth, REAL *restrict to)
{
    ptrdiff_t whole = count / TILE, left = count % TILE;
    for (ptrdiff_t k = 0; k < depth; k++, to += TILE) {
        const REAL *row = row_of(m, start + k) + first;
        REAL *out = to;
        for (ptrdiff_t w = 0; w < whole; w++, row += TILE, out += TILE * depth) memcpy(out, row, TILE * sizeof(REAL));
        for (ptrdiff_t i = 0; i < left; i++) out[i] = row[i];
    }
}

static inline REAL *out_row(const product *job, ptrdiff_t row, ptrdiff_t column)
{
    return (REAL *)job->out + (job->out_places ? job->out_places[row] : row) * job->out_stride + column;
}

/* Ask for a tile's places in the output, so that they have come when its sums are done. */
static void ask_ahead(const product *job, ptrdiff_t row, ptrdiff_t rows, ptrdiff_t column, ptrdiff_t columns)
{
    for (ptrdiff_t i = row; i < row + rows; i++)
        for (ptrdiff_t j = 0; j < columns; j += LINE) __builtin_prefetch(out_row(job, i, column + j), 1);
}

/* One tile's sums to their places. */
static void finish(const product *job, const REAL *sums, ptrdiff_t row, ptrdiff_t rows, ptrdiff_t column, ptrdiff_t columns)
{
    const REAL *bias = job->bias ? (const REAL *)job->bias + column : 0;
    for (ptrdiff_t i = 0; i < rows; i++, sums += PANEL) {
        REAL *out = out_row(job, row + i, column);
        if (columns == PANEL) {
            vector left = load(sums), right = load(sums + LANES);
            if (bias) left += load(bias), right += load(bias + LANES);
            if (job->add) left += load(out), right += load(out + LANES);
            store(out, left);
            store(out + LANES, right);
        } else
            for (ptrdiff_t j = 0; j < columns; j++)
                out[j] = sums[j] + (bias ? bias[j] : 0) + (job->add ? out[j] : 0);
    }
}

/* What the panel's columns sum to, as the product with a row of ones. */
static void sum_panel(const product *job, const REAL *panel, const REAL *ones, REAL *sums, ptrdiff_t column)
{
    for (ptrdiff_t k = 0; k < job->depth || k == 0; k += DEPTH)
        multiply_tile(1, at_most(job->depth - k, DEPTH), ones, panel + k * PANEL, sums, k > 0);
    memcpy((REAL *)job->sums + column, sums, at_most(job->columns - column, PANEL) * sizeof(REAL));
}

static void multiply_block(const plan *work, ptrdiff_t block, REAL *scratch)
{
    const product *job = work->job;
    ptrdiff_t first_row = block % work->row_blocks * work->tiles * TILE;
    ptrdiff_t first_column = block / work->row_blocks * work->panels * PANEL;
    ptrdiff_t rows = at_most(job->rows - first_row, work->tiles * TILE);
    ptrdiff_t columns = at_most(job->columns - first_column, work->panels * PANEL);
    REAL *ones = scratch, *a = ones + TILE * DEPTH, *sums = a + work->tiles * TILE * DEPTH;
    const REAL *panels = (const REAL *)job->panels + first_column * job->panel_depth;

    for (ptrdiff_t k = 0; k < job->depth || k == 0; k += DEPTH) {
        ptrdiff_t depth = at_most(job->depth - k, DEPTH);
        int last = k + depth >= job->depth;
        (job->a.turned ? pack_columns : pack_rows)(&job->a, first_row, rows, k, depth, a);
        REAL *sum = sums;
        for (ptrdiff_t j = 0; j < columns; j += PANEL)
            for (ptrdiff_t i = 0; i < rows; i += TILE) {
                ptrdiff_t count = at_most(rows - i, TILE), across = at_most(columns - j, PANEL);
                if (last) ask_ahead(job, first_row + i, count, first_column + j, across);
                multiply_tile((int)count, depth, a + i * depth, panels + j * job->panel_depth + k * PANEL, sum, k > 0);
                if (last) finish(job, sum, first_row + i, count, first_column + j, across);
                if (depth < job->depth) sum += TILE * PANEL;
            }
    }
    if (job->sums && first_row == 0)
        for (ptrdiff_t j = 0; j < columns; j += PANEL)
            sum_panel(job, panels + j * job->panel_depth, ones, sums, first_column + j);
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
    if (!job->rows || !job->columns) return 0;
    plan work = {.job = job};
    ptrdiff_t tiles = parts_of(job->rows, TILE), panels = parts_of(job->columns, PANEL);
    /* A block's sums fit L2. Turning rows takes longer than copying columns, so more panels share it. */
    ptrdiff_t most_panels = job->a.turned ? 8 : 16;
    work.row_blocks = parts_of(tiles, SUMS / most_panels);
    work.tiles = parts_of(tiles, work.row_blocks);          /* even blocks */
    work.row_blocks = parts_of(tiles, work.tiles);
    work.panels = at_most(panels, job->depth > DEPTH ? most_panels : panels);
    while (work.panels > 1 && work.row_blocks * parts_of(panels, work.panels) < 4 * job->threads)
        work.panels = parts_of(work.panels, 2);
    work.panel_blocks = parts_of(panels, work.panels);
    work.room = TILE * DEPTH + work.tiles * TILE * DEPTH + (job->depth > DEPTH ? work.tiles * work.panels : 1) * TILE * PANEL;
    work.room = parts_of(work.room, 64) * 64;
    int workers = (int)at_most(job->threads, work.row_blocks * work.panel_blocks);
    if (!(work.scratch = aligned_alloc(64, workers * work.room * sizeof(REAL)))) return -1;
    run_tasks(work_off, &work, workers, workers);
    free(work.scratch);
    return 0;
}
