/* What minimal filtering costs, in processor cycles for each (channel, filter), nearly, as measured with vectors of 16:
 * products, carrying weights over, and packing, which the more filters (or channels) share the more there are. */
#ifndef MINIMAL_COSTS_H
#define MINIMAL_COSTS_H
#include "minimal_tiles.h"
#include <math.h>

enum { MOST_PATCHES = 8 << 20 };

static inline double packing_share(const product *job)
{
    return 16.0 / LANES * (1.0 / (double)job->rows + 1.0 / (double)job->channels);
}

/* With tiles in panels (minimal_product.h). */
static inline double cycles_in_panels(const product *job)
{
    ptrdiff_t tiles = job->images * parts_of(job->grid_height, OUTPUTS) * tiles_in_row(job);
    return (double)parts_of(tiles, COLUMNS) * (2 * BASIS + 8) + BASIS / 2 + 20 + (double)tiles * packing_share(job) * 1.5 * BASIS;
}

/* With tiles in rows (minimal_rows.h), whose patches all lie in memory at once: only as many as stay in cache. */
static inline double cycles_in_rows(const product *job)
{
    ptrdiff_t tiles = job->images * parts_of(job->grid_height, OUTPUTS) * parts_of(job->grid_width, OUTPUTS);
    if (tiles * BASIS * job->channels * (ptrdiff_t)sizeof(REAL) > MOST_PATCHES) return HUGE_VAL;
    return (double)tiles * BASIS * (1.07 / LANES + 2 * packing_share(job)) + 6.4 / LANES * BASIS;
}

static inline int rows_win(const product *job) { return 1.05 * cycles_in_rows(job) < cycles_in_panels(job); }

/* Whether either is quicker than the definition with `points` outputs (or inputs): nine products for each. */
static inline int minimal_wins(const product *job, ptrdiff_t points)
{
    double panels = cycles_in_panels(job), rows = cycles_in_rows(job);
    return (panels < rows ? panels : rows) < 10.3 * (double)parts_of(points, LANES);
}
#endif
