/* The left side of a product, as its tiles read it. */
#include "left.h"
#include <string.h>

/* Tiles of the left side's rows first, first + 1, ..., from number `start` on, `depth` deep. */
static void pack_rows(const product *job, ptrdiff_t first, ptrdiff_t count, ptrdiff_t start, ptrdiff_t depth, REAL *to)
{
    for (ptrdiff_t row = first; row < first + count; row += TILE) {
        const REAL *rows[TILE];
        ptrdiff_t some = at_most(first + count - row, TILE), run;
        for (ptrdiff_t k = start; k < start + depth; k += run, to += run * TILE) {
            ptrdiff_t along = k;            /* the row's numbers are neighbours, or are so within a panel */
            run = depth;
            if (job->left == LEFT_PANELS) {
                ptrdiff_t unit = k % job->left_units;
                along = unit / PANEL * job->a.block + k / job->left_units * job->a.part + unit % PANEL;
                run = at_most(at_most(PANEL - unit % PANEL, job->left_units - unit), start + depth - k);
            }
            for (ptrdiff_t i = 0; i < some; i++) rows[i] = at(&job->a, row + i, 0, 1) + along;
            pack_tile(rows, some, run, to);
        }
    }
}

/* The same of a left side that is given turned: its rows are columns of what is stored. */
static void pack_columns(const product *job, ptrdiff_t first, ptrdiff_t count, ptrdiff_t start, ptrdiff_t depth, REAL *restrict to)
{
    ptrdiff_t whole = count / TILE, left = count % TILE;
    for (ptrdiff_t k = 0; k < depth; k++, to += TILE) {
        const REAL *row = at(&job->a, start + k, 0, 1) + first;
        REAL *out = to;
        for (ptrdiff_t w = 0; w < whole; w++, row += TILE, out += TILE * depth) memcpy(out, row, TILE * sizeof(REAL));
        for (ptrdiff_t i = 0; i < left; i++) out[i] = row[i];
    }
}

void pack_left(const product *job, ptrdiff_t first, ptrdiff_t count, ptrdiff_t start, ptrdiff_t depth, REAL *to)
{
    (job->left == LEFT_TURNED ? pack_columns : pack_rows)(job, first, count, start, depth, to);
}
