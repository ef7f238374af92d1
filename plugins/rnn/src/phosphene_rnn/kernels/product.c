/* A dense matrix product, blocked as Goto and van de Geijn (2008) do: a task takes a block of rows and a block of columns
 * of the output; slice by slice of the depth it packs both operands into L2, each panel's slice small enough for L1, and
 * meets them tile by tile. Rows may lie anywhere (`places`): sequences of different length need no copy. The order of
 * each sum is fixed by the depth alone, so the bits do not depend on the number of threads. */
#include "kernels.h"
#include "tile.h"
#include "workers.h"
#include <string.h>
#include <stdlib.h>

enum { DEPTH = 1024 / sizeof(REAL), TILES = 20, PANELS = 16 };

typedef struct {
    const product *job;
    ptrdiff_t tiles, panels;                /* a block's */
    ptrdiff_t row_blocks, column_blocks;
    ptrdiff_t next;                         /* block to be taken */
    ptrdiff_t room;                         /* elements of scratch for one worker */
    REAL *scratch;
} plan;

static inline const REAL *row_of(const matrix *m, ptrdiff_t r)
{
    return (const REAL *)m->data + (m->places ? m->places[r] : r) * m->stride;
}

/* The matrix's rows first, first + 1, ..., from column `start` on, `depth` deep, turned into tiles or panels. */
static void pack_rows(const matrix *m, ptrdiff_t first, ptrdiff_t count, ptrdiff_t start, ptrdiff_t depth, REAL *to,
                      const int width, void (*pack)(const REAL *const *, ptrdiff_t, ptrdiff_t, REAL *))
{
    for (ptrdiff_t at = 0; at < count; at += width, to += width * depth) {
        const REAL *rows[PANEL > TILE ? PANEL : TILE];
        ptrdiff_t some = at_most(count - at, width);
        for (ptrdiff_t i = 0; i < some; i++) rows[i] = row_of(m, first + at + i) + start;
        pack(rows, some, depth, to);
    }
}

/* The same of the matrix's columns: row by row, each in one go, as memory likes it. */
static inline __attribute__((always_inline)) void pack_columns(
    const matrix *m, ptrdiff_t first, ptrdiff_t count, ptrdiff_t start, ptrdiff_t depth, REAL *restrict to, const int width)
{
    ptrdiff_t whole = count / width, left = count % width;
    for (ptrdiff_t k = 0; k < depth; k++) {
        const REAL *row = row_of(m, start + k) + first;
        REAL *out = to + k * width;
        for (ptrdiff_t w = 0; w < whole; w++, row += width, out += width * depth) memcpy(out, row, width * sizeof(REAL));
        if (left)
            for (int i = 0; i < width; i++) out[i] = i < left ? row[i] : 0;
    }
}

/* One tile's sums to their places. */
static void finish(const product *job, const REAL *sums, ptrdiff_t row, ptrdiff_t rows, ptrdiff_t column,
                   ptrdiff_t columns, int begin)
{
    for (ptrdiff_t i = 0; i < rows; i++, sums += PANEL) {
        ptrdiff_t place = job->out_places ? job->out_places[row + i] : row + i;
        REAL *out = (REAL *)job->out + place * job->out_stride + column;
        const REAL *bias = job->bias ? (const REAL *)job->bias + column : 0;
        if (columns == PANEL) {
            vector left = load(sums), right = load(sums + LANES);
            if (!begin) left += load(out), right += load(out + LANES);
            else if (bias) left += load(bias), right += load(bias + LANES);
            store(out, left);
            store(out + LANES, right);
        } else
            for (ptrdiff_t j = 0; j < columns; j++)
                out[j] = sums[j] + (!begin ? out[j] : bias ? bias[j] : 0);
    }
}

static void multiply_block(const plan *work, ptrdiff_t block, REAL *scratch)
{
    const product *job = work->job;
    ptrdiff_t first_row = block % work->row_blocks * work->tiles * TILE;
    ptrdiff_t first_column = block / work->row_blocks * work->panels * PANEL;
    ptrdiff_t rows = at_most(job->rows - first_row, work->tiles * TILE);
    ptrdiff_t columns = at_most(job->columns - first_column, work->panels * PANEL);
    REAL *a = scratch, *room = a + work->tiles * TILE * DEPTH, *sums = room + work->panels * PANEL * DEPTH;
    const REAL *ones = scratch + work->room - TILE * DEPTH;

    for (ptrdiff_t k = 0; k < job->depth || k == 0; k += DEPTH) {
        ptrdiff_t depth = at_most(job->depth - k, DEPTH);
        int begin = k == 0 && !job->add;
        if (job->a.turned) pack_columns(&job->a, first_row, rows, k, depth, a, TILE);
        else pack_rows(&job->a, first_row, rows, k, depth, a, TILE, pack_tile);
        if (!job->panels) pack_columns(&job->b, first_column, columns, k, depth, room, PANEL);
        for (ptrdiff_t j = 0; j < columns; j += PANEL) {
            const REAL *b = job->panels ? (const REAL *)job->panels + (first_column + j) * job->depth + k * PANEL
                                        : room + j * depth;
            for (ptrdiff_t i = 0; i < rows; i += TILE) {
                ptrdiff_t count = at_most(rows - i, TILE);
                multiply_tile((int)count, depth, a + i * depth, b, sums, 0);
                finish(job, sums, first_row + i, count, first_column + j, at_most(columns - j, PANEL), begin);
            }
            if (job->sums && first_row == 0) {
                REAL *total = (REAL *)job->sums + first_column + j;
                multiply_tile(1, depth, ones, b, sums, 0);
                for (ptrdiff_t c = 0; c < at_most(columns - j, PANEL); c++) total[c] = sums[c] + (begin ? 0 : total[c]);
            }
        }
    }
}

static void work_off(void *context, int worker)
{
    plan *work = context;
    REAL *scratch = work->scratch + worker * work->room, *ones = scratch + work->room - TILE * DEPTH;
    ptrdiff_t blocks = work->row_blocks * work->column_blocks, block;
    for (ptrdiff_t i = 0; i < TILE * DEPTH; i++) ones[i] = 1;
    while ((block = __atomic_fetch_add(&work->next, 1, __ATOMIC_RELAXED)) < blocks) multiply_block(work, block, scratch);
}

#define run_product FOR_THIS_SET(run_product)
int run_product(const product *job)
{
    if (!job->rows || !job->columns) return 0;
    plan work = {.job = job};
    ptrdiff_t tiles = parts_of(job->rows, TILE), panels = parts_of(job->columns, PANEL);
    work.row_blocks = parts_of(tiles, TILES);
    work.tiles = parts_of(tiles, work.row_blocks);          /* even blocks */
    work.row_blocks = parts_of(tiles, work.tiles);
    work.panels = at_most(panels, PANELS);
    while (work.panels > 1 && work.row_blocks * parts_of(panels, work.panels) < 4 * job->threads) work.panels = parts_of(work.panels, 2);
    work.column_blocks = parts_of(panels, work.panels);
    work.room = (work.tiles * TILE + work.panels * PANEL) * DEPTH + TILE * PANEL + TILE * DEPTH;
    work.room = parts_of(work.room, 64) * 64;
    int workers = (int)at_most(job->threads, work.row_blocks * work.column_blocks);
    if (!(work.scratch = aligned_alloc(64, workers * work.room * sizeof(REAL)))) return -1;
    run_tasks(work_off, &work, workers, workers);
    free(work.scratch);
    return 0;
}
