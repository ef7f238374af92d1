/* Matrices into panels, and rows into the tiles that a step's product reads. */
#include "kernels.h"
#include "strassen.h"
#include "workers.h"
#include <string.h>

/* Rows packed by one task, and in one go; numbers of a row that are asked for ahead. */
enum { ROWS = 64, AT_ONCE = 8, AHEAD = 2 * PANEL };

static void pack_units(void *context, int block)
{
    const packing *p = context;
    ptrdiff_t first = (ptrdiff_t)block * PANEL, count = at_most(p->units - first, PANEL);
    REAL *to = (REAL *)p->to + block * p->depth * PANEL;
    const REAL *rows[PANEL];
    for (ptrdiff_t k = 0; k < p->depth; k += p->length, to += p->length * PANEL) {
        for (ptrdiff_t i = 0; i < count; i++)
            rows[i] = (const REAL *)p->from + (first + i) * p->stride + p->offsets[k / p->length];
        pack_panel(rows, count, p->length, to);
    }
}

/* A square of panels' numbers, turned. `to` may be `from`. */
static void turn_square(const REAL *from, REAL *to)
{
    REAL turned[PANEL * PANEL] __attribute__((aligned(64)));
    const REAL *rows[PANEL];
    for (int i = 0; i < PANEL; i++) rows[i] = from + i * PANEL;
    pack_panel(rows, PANEL, PANEL, turned);
    memcpy(to, turned, sizeof turned);
}

/* Square by square: what is read is what products have just used, and lies together. In place, squares across the diagonal change places. */
static void turn_panels(void *context, int task)
{
    const packing *p = context;
    ptrdiff_t across = p->depth / p->length, down = p->length / PANEL, along = p->units / PANEL, size = PANEL * PANEL;
    ptrdiff_t part = task % across, i = task / across;
    int in_place = p->from == p->to;
    for (ptrdiff_t j = in_place ? i : 0; j < along; j++) {
        const REAL *from = (const REAL *)p->from + ((i * across + part) * along + j) * size;
        REAL *to = (REAL *)p->to + ((j * across + part) * down + i) * size, other[PANEL * PANEL] __attribute__((aligned(64)));
        if (in_place && i != j) turn_square(to, other);
        turn_square(from, to);
        if (in_place && i != j) memcpy((REAL *)from, other, sizeof other);
    }
}

/* Some rows at once, along them from end to end, so that pieces which lie together are written together. */
static void pack_rows(void *context, int task)
{
    const packing *p = context;
    ptrdiff_t end = at_most(p->depth, (task + 1) * (ptrdiff_t)ROWS), last;
    for (ptrdiff_t first = task * (ptrdiff_t)ROWS; first < end; first = last) {
        last = at_most(first + AT_ONCE, end);
        for (ptrdiff_t part = 0; part < p->parts; part++) {
            const REAL *rows = (const REAL *)p->from + first * p->stride + p->offsets[part];
            REAL *to = (REAL *)p->to + (part * p->depth + first) * PANEL;
            for (ptrdiff_t u = 0; u < p->units; u += PANEL, to += p->parts * p->depth * PANEL) {
                ptrdiff_t count = at_most(p->units - u, PANEL);
                for (ptrdiff_t k = 0; k < last - first; k++) {
                    const REAL *row = rows + k * p->stride + u;
                    __builtin_prefetch(row + AHEAD), __builtin_prefetch(row + AHEAD + LANES);
                    if (count == PANEL) memcpy(to + k * PANEL, row, PANEL * sizeof(REAL));
                    else for (ptrdiff_t i = 0; i < PANEL; i++) to[k * PANEL + i] = i < count ? row[i] : 0;
                }
            }
        }
    }
}

/* Of a pair of panels what Strassen's product will need besides, slice by slice. */
static void combine_pair(void *context, int pair)
{
    const packing *p = context;
    const REAL *one = (const REAL *)p->to + 2 * pair * p->depth * PANEL;
    REAL *to = (REAL *)p->combined + pair * combined_size(p->depth);
    for (ptrdiff_t k = 0; k < p->depth; k += SLICE) {
        ptrdiff_t depth = at_most(p->depth - k, SLICE);
        if (can_halve(depth)) combine_panels(one + k * PANEL, one + (p->depth + k) * PANEL, depth / 2, to + combined_size(k));
    }
}

#define pack FOR_THIS_SET(pack)
void pack(const packing *p)
{
    if (!p->depth) return;
    if (p->turned == 2) run_tasks(turn_panels, (void *)p, (int)(p->depth / PANEL), p->threads);
    else if (p->turned) run_tasks(pack_units, (void *)p, (int)parts_of(p->units, PANEL), p->threads);
    else run_tasks(pack_rows, (void *)p, (int)parts_of(p->depth, ROWS), p->threads);
    if (p->combined) run_tasks(combine_pair, (void *)p, (int)(parts_of(p->units, PANEL) * p->parts / 2), p->threads);
}

#define pack_operand FOR_THIS_SET(pack_operand)
void pack_operand(const grid *m, ptrdiff_t rows, ptrdiff_t depth, ptrdiff_t tile, void *to)
{
    for (ptrdiff_t first = 0; first < rows; first += tile) {
        const REAL *lines[TILE];
        ptrdiff_t count = at_most(rows - first, tile);
        for (ptrdiff_t i = 0; i < count; i++)
            lines[i] = (const REAL *)m->data + (m->places ? m->places[first + i] : first + i) * m->row;
        pack_tile(lines, count, depth, (REAL *)to + first / tile * TILE * depth);
    }
}
