/* 3 x 3 at stride 2, forward and for weights: 81 products where the definition has 144 multiplications. */
#define STRIDED
#define WINOGRAD_BASIS "strided_basis.h"
#include "minimal_costs.h"
#include "minimal_product.h"
#include "minimal_rows.h"
#include "minimal_weights.h"

static int fits(const product *job)
{
    if (job->tap_count != 9 || job->step_y != 2 || job->step_x != 2 || job->channels < 16 || job->rows < 16) return 0;
    for (int t = 0; t < 9; t++)
        if (job->taps[t].y - job->taps[0].y != t / 3 || job->taps[t].x - job->taps[0].x != t % 3) return 0;
    return 1;
}

int strided_wins(const product *job)
{
    return fits(job) && job->out_x == 1 && minimal_wins(job, job->images * job->grid_height * job->grid_width);
}

int run_strided(const product *job) { return rows_win(job) ? run_in_rows(job) : run_in_panels(job); }

/* Cycles per weight, nearly, on either way: `vectors` of points; tiles, and carrying the weights over. */
int strided_weights_win(const product *job)
{
    ptrdiff_t tiles = job->images * parts_of(job->grid_height, OUTPUTS) * parts_of(job->grid_width, OUTPUTS);
    ptrdiff_t points = job->images * job->grid_height * job->grid_width;
    return fits(job) && 9 * parts_of(points, COLUMNS) > 85 * parts_of(tiles, COLUMNS) + 30;
}

int strided_weights(const product *job, const REAL *dy, REAL *dw) { return minimal_weights(job, dy, dw); }
