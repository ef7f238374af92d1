/* Backward for weights where there are few output points: dw is a product of little depth, filters x points times
 * points x (c, t), so what counts is to write each number once, in whole lines. Tiles go straight to dw. */
#include "few.h"
#include "room.h"
#include "tile.h"
#include "turn.h"
#include "workers.h"

enum { FILTERS = ROWS == 12 ? 8 : 4, STRIP = 3 * LANES, MOST_POINTS = 128, CACHE = 512 << 10 };

typedef struct {
    const product *job;
    turned patches;
    const REAL *dy;             /* [filter][points], zero filters up to a multiple of FILTERS */
    REAL *dw;
} outer;

/* dw's rows f ... f + FILTERS - 1, numbers at ... at + STRIP - 1. */
static inline void one_tile(const outer *o, ptrdiff_t f, ptrdiff_t at)
{
    ptrdiff_t depth = o->patches.depth, points = o->patches.points, rows = o->job->rows;
    ptrdiff_t width = depth - at < STRIP ? depth - at : STRIP;
    const REAL *patches = o->patches.values + at, *dy = o->dy + f * points;
    REAL *dw = o->dw + f * depth + at, sums[FILTERS * STRIP] __attribute__((aligned(64)));
    if (width == STRIP && f + FILTERS <= rows) {
        tile_of(FILTERS, 3, points, dy, points, 1, patches, o->patches.row, dw, depth, 0);
        return;
    }
    tile_of(FILTERS, 3, points, dy, points, 1, patches, o->patches.row, sums, STRIP, 0);
    for (ptrdiff_t i = 0; i < FILTERS && f + i < rows; i++) memcpy(dw + i * depth, sums + i * STRIP, width * sizeof(REAL));
}

static void some_strips(void *context, int index)
{
    const outer *o = context;
    for (ptrdiff_t f = 0; f < o->job->rows; f += FILTERS) one_tile(o, f, (ptrdiff_t)index * STRIP);
}

/* Whole rows of dw one after the other: where the patches stay in cache this keeps to few pages of memory at a time. */
static void some_filters(void *context, int index)
{
    const outer *o = context;
    for (ptrdiff_t at = 0; at < o->patches.depth; at += STRIP) one_tile(o, (ptrdiff_t)index * FILTERS, at);
}

int few_weights_wins(const product *job)
{
    ptrdiff_t points = job->images * job->grid_height * job->grid_width;
    return points >= 1 && points <= MOST_POINTS && job->rows >= 4 * FILTERS && job->channels * job->tap_count >= 4 * STRIP;
}

int few_weights(const product *job, const REAL *dy, REAL *dw)
{
    ptrdiff_t plane = job->grid_height * job->grid_width, points = job->images * plane;
    ptrdiff_t padded = (job->rows + FILTERS - 1) / FILTERS * FILTERS;
    REAL *packed = 0;
    outer o = {job, turn_patches(job), dy, dw};
    if (!o.patches.values) return -1;
    if (job->images > 1 || padded > job->rows) {
        packed = room(padded * points, sizeof(REAL));
        if (!packed) {
            leave(o.patches.values);
            return -1;
        }
        for (ptrdiff_t f = 0; f < padded; f++)
            for (ptrdiff_t n = 0; n < job->images; n++) {
                REAL *to = packed + f * points + n * plane;
                if (f < job->rows) memcpy(to, dy + (n * job->rows + f) * plane, plane * sizeof(REAL));
                else memset(to, 0, plane * sizeof(REAL));
            }
        o.dy = packed;
    }
    if (points * o.patches.row * (ptrdiff_t)sizeof(REAL) <= CACHE) run_tasks(some_filters, &o, (int)(padded / FILTERS), job->threads);
    else run_tasks(some_strips, &o, (int)parts_of(o.patches.depth, STRIP), job->threads);
    leave(packed);
    leave(o.patches.values);
    return 0;
}
