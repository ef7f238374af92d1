/* 3 x 3 at stride 1: 36 products where the definition has 144 multiplications. */
#include "minimal_costs.h"
#include "minimal_product.h"
#include "minimal_rows.h"
#include "minimal_weights.h"

int winograd_wins(const product *job)
{
    if (job->tap_count != 9 || job->step_y != 1 || job->step_x != 1 || job->out_x != 1) return 0;
    ptrdiff_t y = job->taps[0].y, x = job->taps[0].x;
    for (int t = 1; t < 9; t++) {
        if (job->taps[t].y < y) y = job->taps[t].y;
        if (job->taps[t].x < x) x = job->taps[t].x;
    }
    int seen = 0;
    for (int t = 0; t < 9; t++) {
        ptrdiff_t i = job->taps[t].y - y, j = job->taps[t].x - x;
        if (i > 2 || j > 2) return 0;
        seen |= 1 << (3 * i + j);
    }
    if (seen != 0x1ff || job->channels < 16 || job->rows < 16) return 0;
    return minimal_wins(job, job->images * job->grid_height * job->grid_width);
}

int run_winograd(const product *job) { return rows_win(job) ? run_in_rows(job) : run_in_panels(job); }

int winograd_weights_win(const product *job)
{
    ptrdiff_t points = job->images * job->grid_height * job->grid_width;
    ptrdiff_t tiles = job->images * parts_of(job->grid_height, OUTPUTS) * tiles_in_row(job);
    if (job->tap_count != 9 || job->step_y != 1 || job->step_x != 1 || job->channels < 16 || job->rows < 16) return 0;
    for (int t = 0; t < 9; t++)
        if (job->taps[t].y - job->taps[0].y != t / 3 || job->taps[t].x - job->taps[0].x != t % 3) return 0;
    return points >= 192 && 9 * points > 45 * tiles + 200;     /* cycles per weight, nearly */
}

int winograd_weights(const product *job, const REAL *dy, REAL *dw) { return minimal_weights(job, dy, dw); }
