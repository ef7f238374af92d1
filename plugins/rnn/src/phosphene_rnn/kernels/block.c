/* A block of a product: slice by slice of the depth its rows are packed into L2, and meet tile by tile each panel, whose slice stays
 * in L2. Pairs of tiles meet pairs of panels with seven multiplications for eight (strassen.c). Until the last slice the sums stay
 * in L2, in panels. */
#include "block.h"
#include "left.h"
#include <string.h>

enum { LINE = 64 / sizeof(REAL) };

/* One tile's sums to who takes them, or to their places, which may be where they are already. */
static void finish(const product *job, const REAL *sums, ptrdiff_t row, ptrdiff_t rows, ptrdiff_t panel)
{
    if (job->take) {
        job->take(job->taker, sums, row, rows, panel);
        return;
    }
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

static int in_place(const product *job) { return job->out.in_panels && !job->out.places && !job->add && !job->take; }

/* A tile's first row. */
static ptrdiff_t start_of(const plan *work, ptrdiff_t tile)
{
    return at_most(tile * work->height + at_most(tile, work->higher), work->job->rows);
}

static ptrdiff_t height_of(const plan *work, ptrdiff_t tile) { return start_of(work, tile + 1) - start_of(work, tile); }

/* Where the sums of a block's tile by a panel are gathered: in their places, if the tile is as high as the first of its pair, for what is
 * multiplied is as high as that, and the row after the tile may be another thread's; or in L2 until the last slice. */
static REAL *sums_of(const plan *work, REAL *sums, ptrdiff_t first_tile, ptrdiff_t tile, ptrdiff_t first_panel, ptrdiff_t panel)
{
    const product *job = work->job;
    ptrdiff_t at_tile = first_tile + tile;
    if (in_place(job) && height_of(work, at_tile) == height_of(work, at_tile / 2 * 2))
        return at(&job->out, start_of(work, at_tile), panel, job->parts);
    if (is_one_slice(work)) return sums + ((panel - first_panel) % 2 * 2 + tile % 2) * TILE * PANEL;
    return sums + ((panel - first_panel) * work->tiles + tile) * TILE * PANEL;
}

/* By the time that sums are done their places have come. */
static void ask_ahead(const product *job, ptrdiff_t row, ptrdiff_t rows, ptrdiff_t panel)
{
    for (ptrdiff_t r = 0; r < rows && job->out.data; r++)
        for (ptrdiff_t j = 0; j < PANEL; j += LINE) __builtin_prefetch(at(&job->out, row + r, panel, job->parts) + j, 1);
}

/* Two neighbouring panels that hold numbers to the end, so that they may be added. */
static int is_pair(const product *job, ptrdiff_t panel, ptrdiff_t last_panel)
{
    return panel + 1 < last_panel && (job->combined || ((panel + 1) / job->parts + 1) * PANEL <= job->units);
}

/* Tiles first ... first + count - 1, of the slice from k on. */
static void pack_slice(const plan *work, ptrdiff_t first, ptrdiff_t count, ptrdiff_t k, ptrdiff_t depth, left_slice to)
{
    ptrdiff_t starts[ALL_TILES + 1], half = depth / 2;
    for (ptrdiff_t t = 0; t <= count; t++) starts[t] = start_of(work, first + t);
    pack_left(work->job, starts, count, k, depth, to.tiles);
    for (ptrdiff_t t = 0; by_four(work, depth) && t + 1 < count; t += 2)
        combine_tiles(to.tiles + t * TILE * depth, to.tiles + (t + 1) * TILE * depth, half, to.sides + t / 2 * COMBINED * half * TILE);
}

/* Where the slice from k on of a block's tiles is, after those before it. */
static left_slice left_at(const plan *work, left_slice first, ptrdiff_t k)
{
    return (left_slice){first.tiles + work->tiles * TILE * k, first.sides + work->tiles / 2 * COMBINED * TILE * (k / 2)};
}

/* A slice, from k on, of a panel or of two that make a pair, with what is combined of them. */
typedef struct {
    const REAL *b[2], *sides;
    ptrdiff_t panel, k, depth;
    int width;
} columns;

/* Tiles of rows meet panels, each tile both, or each pair of tiles the pair. `first_panel`: the block's. */
static void meet(const plan *work, ptrdiff_t first_tile, ptrdiff_t tiles, left_slice left, const columns *by, ptrdiff_t first_panel, REAL *sums)
{
    const product *job = work->job;
    ptrdiff_t depth = by->depth, half = depth / 2;
    int last = by->k + depth >= job->depth;
    for (ptrdiff_t t = 0, pair; t < tiles; t += pair) {
        REAL *c[2][2];
        ptrdiff_t start[3];
        pair = by->width == 2 && t + 1 < tiles ? 2 : 1;
        for (int i = 0; i <= pair; i++) start[i] = start_of(work, first_tile + t + i);
        ptrdiff_t height = start[1] - start[0];             /* of two, the first is no less high */
        for (int i = 0; i < pair; i++)
            for (int j = 0; j < by->width; j++) {
                c[i][j] = sums_of(work, sums, first_tile, t + i, first_panel, by->panel + j);
                if (last) ask_ahead(job, start[i], start[i + 1] - start[i], by->panel + j);
                if (pair == 2 && by->k == 0) memset(c[i][j], 0, height * PANEL * sizeof(REAL));
            }
        const REAL *tile = left.tiles + t * TILE * depth;
        ptrdiff_t done = pair == 2 ? 2 * half : 0;
        if (pair == 2)
            multiply_four((int)height, half, tile, tile + TILE * depth, left.sides + t / 2 * COMBINED * half * TILE, by->b[0], by->b[1],
                          by->sides, c[0][0], c[0][1], c[1][0], c[1][1]);
        for (int i = 0; (done < depth || !depth) && i < pair; i++)
            for (int j = 0; j < by->width; j++)
                multiply_tile((int)height, depth - done, tile + TILE * (i * depth + done), by->b[j] + done * PANEL, c[i][j], by->k > 0 || done);
        for (int i = 0; last && i < pair; i++)
            for (int j = 0; j < by->width; j++)
                if (job->take || job->bias || c[i][j] != at(&job->out, start[i], by->panel + j, job->parts))
                    finish(job, c[i][j], start[i], start[i + 1] - start[i], by->panel + j);
    }
}

void multiply_block(const plan *work, ptrdiff_t rows, ptrdiff_t panels, int packed, REAL *scratch)
{
    const product *job = work->job;
    ptrdiff_t pairs = pairs_of(work->all_tiles), tiles = 0;
    ptrdiff_t first_tile = 2 * (rows * pairs / work->row_blocks), last_tile = 2 * ((rows + 1) * pairs / work->row_blocks);
    ptrdiff_t first_panel = panels * work->panels;
    ptrdiff_t last_panel = at_most(first_panel + work->panels, job->parts * parts_of(job->units, PANEL));
    REAL *ones = scratch, *sums = ones + TILE * DEPTH, *sides = sums + work->sums;
    left_slice first = {sides + COMBINED * DEPTH / 2 * PANEL, 0};
    first.sides = first.tiles + work->tiles * TILE * (work->whole ? job->depth : slice_at(work, 0));

    while (first_tile + tiles < last_tile && start_of(work, first_tile + tiles) < job->rows) tiles++;
    for (ptrdiff_t k = 0, depth; k < job->depth || k == 0; k += depth ? depth : 1) {
        depth = slice_at(work, k);
        left_slice left = work->whole ? left_at(work, first, k) : first;
        if (!packed) pack_slice(work, first_tile, tiles, k, depth, left);
        for (ptrdiff_t panel = first_panel; panel < last_panel; panel++) {
            columns by = {{at(&job->b, k, panel, job->parts)}, sides, panel, k, depth, 1};
            if (by_four(work, depth) && tiles > 1 && is_pair(job, panel, last_panel)) {
                by.width = 2, by.b[1] = at(&job->b, k, panel + 1, job->parts);
                if (job->combined) by.sides = (const REAL *)job->combined + panel / 2 * combined_size(job->depth) + combined_size(k);
                else combine_panels(by.b[0], by.b[1], depth / 2, sides);
            }
            meet(work, first_tile, tiles, left, &by, first_panel, sums);
            panel += by.width - 1;
        }
    }
    if (job->sums && first_tile == 0)
        for (ptrdiff_t panel = first_panel; panel < last_panel; panel++) sum_panel(job, panel, ones);
}
