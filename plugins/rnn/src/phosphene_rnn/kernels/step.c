/* What happens in the steps of a recurrent layer: in each a product with packed weights, and while a tile of it is in L1, all that
 * follows element by element, down to packing the result as the next step's operand; numbers that lie in panels are worked on
 * in their places. Threads share out blocks of units (and of rows, where units are few). */
#include "kernels.h"
#include "tile.h"
#include "workers.h"
#include <string.h>

enum { DEPTH = 1024 / sizeof(REAL), LINE = 64 / sizeof(REAL) };

static inline REAL *at(const grid *g, ptrdiff_t row, ptrdiff_t block)
{
    return (REAL *)g->data + (g->places ? g->places[row] : row) * g->row + block * g->block;
}

/* Ask for an array's numbers, so that they have come when the product is done. */
static void ask_ahead(const grid *g, int to_write, ptrdiff_t first_row, ptrdiff_t rows, ptrdiff_t block, ptrdiff_t units)
{
    for (ptrdiff_t i = first_row; g->data && i < first_row + rows; i++)
        for (ptrdiff_t u = 0; u < units; u += LINE)
            if (to_write) __builtin_prefetch(at(g, i, block) + u, 1);
            else __builtin_prefetch(at(g, i, block) + u);
}

static int is_panel(const grid *g, ptrdiff_t units) { return g->data && g->in_panels && !g->places && units == PANEL; }

/* Where a lane's numbers are worked on: in the panel that they are written to; where they are read, if they do not change;
 * else in `room`. */
static REAL *place_of(const lane *l, int changes, ptrdiff_t first_row, ptrdiff_t block, ptrdiff_t units, REAL *room)
{
    if (is_panel(&l->to, units)) return at(&l->to, first_row, block);
    if (!l->to.data && !changes && is_panel(&l->from, units)) return at(&l->from, first_row, block);
    return room;
}

/* Whether a lane's numbers are worked on where they are read. */
static int is_there(const lane *l, const REAL *place, ptrdiff_t first_row, ptrdiff_t block)
{
    return l->from.data && !l->from.places && at(&l->from, first_row, block) == place;
}

/* Lane l as it is read, added to the product where there is one (in its first `filled` rows). */
static void read_lane(const lane *l, ptrdiff_t first_row, ptrdiff_t rows, ptrdiff_t filled, ptrdiff_t block, ptrdiff_t units,
                      REAL *restrict to)
{
    if (!l->from.data || units < PANEL) memset(to + filled * PANEL, 0, (rows - filled) * PANEL * sizeof(REAL));
    for (ptrdiff_t i = 0; l->from.data && i < rows; i++, to += PANEL) {
        const REAL *from = at(&l->from, first_row + i, block);
        if (units < PANEL)
            for (ptrdiff_t u = 0; u < units; u++) to[u] += from[u];
        else if (i < filled)
            for (int u = 0; u < PANEL; u += LANES) store(to + u, load(to + u) + load(from + u));
        else
            memcpy(to, from, PANEL * sizeof(REAL));
    }
}

static void write_lane(const lane *l, ptrdiff_t first_row, ptrdiff_t rows, ptrdiff_t block, ptrdiff_t units, const REAL *from)
{
    for (ptrdiff_t i = 0; i < rows; i++, from += PANEL) {
        REAL *to = at(&l->to, first_row + i, block);
        if (units < PANEL) memcpy(to, from, units * sizeof(REAL));
        else memcpy(to, from, PANEL * sizeof(REAL));
    }
}

/* One tile of rows by one block of units. */
static void one_tile(const step *s, ptrdiff_t first_row, ptrdiff_t block)
{
    REAL room[MOST_LANES][TILE * PANEL] __attribute__((aligned(64)));
    void *arrays[MOST_LANES];
    ptrdiff_t rows = at_most(s->rows - first_row, TILE), filled = at_most(s->product_rows - first_row, rows);
    ptrdiff_t first = block * PANEL, units = at_most(s->units - first, PANEL);
    int asked = 0;

    for (int l = 0; l < s->lane_count; l++)
        arrays[l] = place_of(s->lanes + l, l < s->parts, first_row, block, units, room[l]);
    if (filled > 0) {
        const REAL *weights = (const REAL *)s->weights + block * s->parts * s->depth * PANEL;
        const REAL *operand = (const REAL *)s->operand + first_row * s->depth;
        int calls = (int)parts_of(s->depth, DEPTH) * s->parts, call = 0;
        for (ptrdiff_t k = 0; k < s->depth; k += DEPTH)
            for (int p = 0; p < s->parts; p++) {
                for (call++; asked * calls < call * s->lane_count; asked++) {
                    ask_ahead(&s->lanes[asked].from, 0, first_row, rows, block, units);
                    ask_ahead(&s->lanes[asked].to, 1, first_row, rows, block, units);
                }
                multiply_tile((int)filled, at_most(s->depth - k, DEPTH), operand + k * TILE,
                              weights + (p * s->depth + k) * PANEL, arrays[p],
                              k > 0 || is_there(s->lanes + p, arrays[p], first_row, block));
            }
    } else
        filled = 0;
    for (int l = 0; l < s->lane_count; l++)
        if (!is_there(s->lanes + l, arrays[l], first_row, block) && (s->lanes[l].from.data || l < s->parts || units < PANEL))
            read_lane(s->lanes + l, first_row, rows, l < s->parts ? filled : 0, block, units, arrays[l]);
    if (s->function) s->function(arrays, rows * PANEL, FOR_THIS_SET(sigmoid), FOR_THIS_SET(hyperbolic_tangent));
    for (int l = 0; l < s->lane_count; l++)
        if (s->lanes[l].to.data && arrays[l] == room[l]) write_lane(s->lanes + l, first_row, rows, block, units, room[l]);
    for (int q = 0; q < s->packed_count; q++) {
        const REAL *lines[TILE];
        for (ptrdiff_t i = 0; i < rows; i++) lines[i] = (const REAL *)arrays[s->packed[q]] + i * PANEL;
        pack_tile(lines, rows, units,
                  (REAL *)s->next + first_row * s->packed_count * s->units + (q * s->units + first) * TILE);
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

static void run_step(const step *s)
{
    ptrdiff_t blocks = parts_of(s->units, PANEL), tiles = parts_of(s->rows, TILE);
    if (!blocks || !tiles) return;
    ptrdiff_t groups = at_most(tiles, parts_of(3 * s->threads, blocks));
    plan work = {s, 0, parts_of(tiles, groups)};
    work.row_groups = parts_of(tiles, work.tiles);
    double operations = 2.0 * s->product_rows * s->depth * s->parts * s->units + 50.0 * s->rows * s->units;
    int threads = operations < 2e5 ? 1 : s->threads;        /* waking another takes as long as some 100,000 of them */
    run_tasks(work_off, &work, (int)(blocks * work.row_groups), threads);
}

static grid at_step(const track *k, ptrdiff_t t)
{
    grid g = k->at;
    if (g.data && g.places) g.places += k->begins[t];
    else if (g.data) g.data = (REAL *)g.data + k->begins[t] * g.row;
    return g;
}

#define run_walk FOR_THIS_SET(run_walk)
void run_walk(const walk *w)
{
    const void *operand = w->operand;
    for (ptrdiff_t i = 0; i < w->step_count; i++) {
        ptrdiff_t t = w->steps[i];
        for (int n = 0; n < w->stage_count; n++) {
            const stage *now = w->stages + n;
            step s = now->plan;
            for (int l = 0; l < s.lane_count; l++) {
                s.lanes[l].from = at_step(t == 0 && now->lanes[l].first.at.data ? &now->lanes[l].first : &now->lanes[l].from, t);
                s.lanes[l].to = at_step(&now->lanes[l].to, t);
            }
            s.rows = w->counts[t];
            s.product_rows = n ? s.rows : w->products[t];
            s.operand = operand;
            operand = s.next = now->operands[t % 2];
            run_step(&s);
        }
    }
}
