/* What happens in one step of a recurrent layer: a product with packed weights, and while a tile of it is in L1, all that
 * follows element by element, down to packing the result as the next step's operand. Threads share out blocks of units
 * (and of rows, where units are few). */
#include "kernels.h"
#include "tile.h"
#include "workers.h"
#include <string.h>

enum { DEPTH = 2048 / sizeof(REAL) };       /* a row tile's slice that stays in L1 beside the panels that stream by */

#define pack_weights FOR_THIS_SET(pack_weights)
#define pack_operand FOR_THIS_SET(pack_operand)
#define run_step FOR_THIS_SET(run_step)

static void pack_block(void *context, int block)
{
    const packing *p = context;
    ptrdiff_t first = (ptrdiff_t)block * PANEL, count = at_most(p->units - first, PANEL);
    REAL *to = (REAL *)p->to + block * p->parts * p->depth * PANEL;
    const REAL *from = p->from;
    if (p->turned) {
        const REAL *rows[PANEL];
        for (ptrdiff_t s = 0; s < p->segments; s++, to += p->length * PANEL) {
            for (ptrdiff_t i = 0; i < count; i++) rows[i] = from + (first + i) * p->stride + p->offsets[s];
            pack_panel(rows, count, p->length, to);
        }
        return;
    }
    for (ptrdiff_t part = 0; part < p->parts; part++)
        for (ptrdiff_t k = 0; k < p->depth; k++, to += PANEL) {
            const REAL *row = from + k * p->stride + p->offsets[part] + first;
            if (count == PANEL) memcpy(to, row, PANEL * sizeof(REAL));
            else for (ptrdiff_t i = 0; i < PANEL; i++) to[i] = i < count ? row[i] : 0;
        }
}

void pack_weights(const packing *p)
{
    run_tasks(pack_block, (void *)p, (int)parts_of(p->units, PANEL), p->threads);
}

void pack_operand(const matrix *m, ptrdiff_t rows, ptrdiff_t depth, void *to)
{
    for (ptrdiff_t first = 0; first < rows; first += TILE) {
        const REAL *lines[TILE];
        ptrdiff_t count = at_most(rows - first, TILE);
        for (ptrdiff_t i = 0; i < count; i++)
            lines[i] = (const REAL *)m->data + (m->places ? m->places[first + i] : first + i) * m->stride;
        pack_tile(lines, count, depth, (REAL *)to + first * depth);
    }
}

static inline void copy(REAL *restrict to, const REAL *restrict from, ptrdiff_t count)
{
    if (count == PANEL) memcpy(to, from, PANEL * sizeof(REAL));
    else for (ptrdiff_t i = 0; i < count; i++) to[i] = from[i];
}

/* One tile of rows by one block of units. */
static void one_tile(const step *s, ptrdiff_t first_row, ptrdiff_t block)
{
    REAL room[MOST_LANES][TILE * PANEL] __attribute__((aligned(64)));
    void *arrays[MOST_LANES];
    ptrdiff_t rows = at_most(s->rows - first_row, TILE), product_rows = at_most(s->product_rows - first_row, rows);
    ptrdiff_t first = block * PANEL, units = at_most(s->units - first, PANEL);

    for (int l = 0; l < s->lane_count; l++) {
        const lane *lane = s->lanes + l;
        arrays[l] = room[l];
        if (!lane->from || units < PANEL) memset(room[l], 0, rows * PANEL * sizeof(REAL));
        if (lane->from)
            for (ptrdiff_t i = 0; i < rows; i++) {
                ptrdiff_t place = lane->from_places ? lane->from_places[first_row + i] : first_row + i;
                copy(room[l] + i * PANEL, (const REAL *)lane->from + place * lane->from_stride + first, units);
            }
    }
    if (product_rows > 0) {
        const REAL *weights = (const REAL *)s->weights + block * s->parts * s->depth * PANEL;
        const REAL *operand = (const REAL *)s->operand + first_row * s->depth;
        for (ptrdiff_t k = 0; k < s->depth; k += DEPTH)
            for (int p = 0; p < s->parts; p++)
                multiply_tile((int)product_rows, at_most(s->depth - k, DEPTH), operand + k * TILE,
                              weights + (p * s->depth + k) * PANEL, room[p], 1);
    }
    if (s->function) s->function(arrays, rows * PANEL, FOR_THIS_SET(sigmoid), FOR_THIS_SET(hyperbolic_tangent));
    for (int l = 0; l < s->lane_count; l++) {
        const lane *lane = s->lanes + l;
        if (lane->to)
            for (ptrdiff_t i = 0; i < rows; i++) {
                ptrdiff_t place = lane->to_places ? lane->to_places[first_row + i] : first_row + i;
                copy((REAL *)lane->to + place * lane->to_stride + first, room[l] + i * PANEL, units);
            }
    }
    for (int q = 0; q < s->packed_count; q++) {
        const REAL *from = room[s->packed[q]];
        REAL *to = (REAL *)s->next + first_row * s->packed_count * s->units + (q * s->units + first) * TILE;
        const REAL *lines[TILE];
        for (ptrdiff_t i = 0; i < rows; i++) lines[i] = from + i * PANEL;
        pack_tile(lines, rows, units, to);
    }
}

typedef struct {
    const step *job;
    ptrdiff_t row_groups, tiles;            /* tiles of one group */
} plan;

static void work_off(void *context, int task)
{
    const plan *work = context;
    ptrdiff_t first = task % work->row_groups * work->tiles * TILE;
    ptrdiff_t last = at_most(first + work->tiles * TILE, work->job->rows);
    for (; first < last; first += TILE) one_tile(work->job, first, task / work->row_groups);
}

void run_step(const step *s)
{
    ptrdiff_t blocks = parts_of(s->units, PANEL), tiles = parts_of(s->rows, TILE);
    if (!blocks || !tiles) return;
    ptrdiff_t groups = at_most(tiles, parts_of(3 * s->threads, blocks));
    plan work = {s, groups, parts_of(tiles, groups)};
    double operations = 2.0 * s->product_rows * s->depth * s->parts * s->units + 50.0 * s->rows * s->units;
    int threads = operations < 2e5 ? 1 : s->threads;        /* waking another takes as long as some 100,000 of them */
    run_tasks(work_off, &work, (int)(blocks * groups), threads);
}
