/* The left side of a product, as its tiles read it. */
#include "left.h"
#include <string.h>

enum { AHEAD = 12 };                        /* rows asked for ahead */

static void pack_rows(const product *job, const ptrdiff_t *starts, ptrdiff_t tiles, ptrdiff_t start, ptrdiff_t depth, REAL *to)
{
    for (ptrdiff_t t = 0; t < tiles; t++) {
        const REAL *rows[TILE];
        ptrdiff_t some = starts[t + 1] - starts[t], run;
        for (ptrdiff_t k = start; k < start + depth; k += run, to += run * TILE) {
            ptrdiff_t along = k;            /* the row's numbers are neighbours, or are so within a panel */
            run = depth;
            if (job->left == LEFT_PANELS) {
                ptrdiff_t unit = k % job->left_units;
                along = unit / PANEL * job->a.block + k / job->left_units * job->a.part + unit % PANEL;
                run = at_most(at_most(PANEL - unit % PANEL, job->left_units - unit), start + depth - k);
            }
            for (ptrdiff_t i = 0; i < some; i++) rows[i] = at(&job->a, starts[t] + i, 0, 1) + along;
            pack_tile(rows, some, run, to);
        }
    }
}

/* The same of a left side that is given turned: its rows are columns of what is stored. */
static void pack_columns(
    const product *job, const ptrdiff_t *starts, ptrdiff_t tiles, ptrdiff_t start, ptrdiff_t depth, REAL *restrict to)
{
    for (ptrdiff_t k = 0; k < depth; k++, to += TILE) {
        const REAL *row = at(&job->a, start + k, 0, 1), *ahead = k + AHEAD < depth ? at(&job->a, start + k + AHEAD, 0, 1) : row;
        REAL *out = to;
        for (ptrdiff_t t = 0; t < tiles; t++, out += TILE * depth) {
            __builtin_prefetch(ahead + starts[t]);
            if (starts[t] + TILE <= job->rows) memcpy(out, row + starts[t], TILE * sizeof(REAL));
            else for (ptrdiff_t i = 0; i < TILE; i++) out[i] = starts[t] + i < job->rows ? row[starts[t] + i] : 0;
        }
    }
}

void pack_left(const product *job, const ptrdiff_t *starts, ptrdiff_t tiles, ptrdiff_t start, ptrdiff_t depth, REAL *to)
{
    (job->left == LEFT_TURNED ? pack_columns : pack_rows)(job, starts, tiles, start, depth, to);
}
