/* What happens in one step of a recurrent layer, for a tile of rows and a block of units: the products with packed weights,
 * and while the tile is in L1, all that follows element by element, down to packing the result as the next step's operand.
 * Numbers that lie in panels are worked on in their places. */
#include "kernels.h"
#include "step.h"
#include <string.h>

enum { DEPTH = 2048 / sizeof(REAL), LINE = 64 / sizeof(REAL) };

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

/* What is at `g`, added to the product where there is one (in the first `filled` rows). */
static void read_rows(const grid *g, ptrdiff_t first_row, ptrdiff_t rows, ptrdiff_t filled, ptrdiff_t block, ptrdiff_t units,
                      REAL *restrict to)
{
    if (!g->data || units < PANEL) memset(to + filled * PANEL, 0, (rows - filled) * PANEL * sizeof(REAL));
    for (ptrdiff_t i = 0; g->data && i < rows; i++, to += PANEL) {
        const REAL *from = at(g, first_row + i, block);
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

/* A tile of rows by a block of units, and the places of its lanes. */
typedef struct {
    const step *job;
    ptrdiff_t tile, first_row, rows, block, units;
    void *arrays[MOST_LANES];
    int there[MOST_LANES];                  /* a lane is worked on where it is read */
} place;

/* A factor's product for so many rows into the first lanes; `add`: to what is there. What the function will need is asked for
 * meanwhile, some lanes with each call. */
static void multiply(const place *at, const factor *f, int rows, int add)
{
    const step *s = at->job;
    const REAL *weights = (const REAL *)f->weights + at->block * s->parts * f->depth * PANEL;
    const REAL *operand = (const REAL *)f->operand + at->tile * TILE * f->depth;
    int calls = (int)parts_of(f->depth, DEPTH) * s->parts, call = 0, asked = 0;
    for (ptrdiff_t k = 0; k < f->depth; k += DEPTH)
        for (int p = 0; p < s->parts; p++) {
            for (call++; f == &s->state && asked * calls < call * s->lane_count; asked++) {
                ask_ahead(&s->lanes[asked].from, 0, at->first_row, at->rows, at->block, at->units);
                ask_ahead(&s->lanes[asked].to, 1, at->first_row, at->rows, at->block, at->units);
            }
            multiply_tile(rows, at_most(f->depth - k, DEPTH), operand + k * TILE, weights + (p * f->depth + k) * PANEL,
                          at->arrays[p], k > 0 || add || at->there[p]);
        }
}

/* A step without a product waits for memory alone: what the next tile of rows will need is asked for while this one is done. */
static void ask_for_next(const step *s, ptrdiff_t first_row, ptrdiff_t block, ptrdiff_t units)
{
    ptrdiff_t rows = at_most(s->rows - first_row, s->tile);
    for (int l = 0; l < s->lane_count; l++) {
        ask_ahead(&s->lanes[l].from, 0, first_row, rows, block, units);
        ask_ahead(&s->lanes[l].also, 0, first_row, rows, block, units);
        ask_ahead(&s->lanes[l].to, 1, first_row, rows, block, units);
    }
}

void do_tile(const step *s, ptrdiff_t tile, ptrdiff_t block)
{
    REAL room[MOST_LANES][TILE * PANEL] __attribute__((aligned(64)));
    ptrdiff_t first_row = tile * s->tile, first = block * PANEL;
    ptrdiff_t rows = at_most(s->rows - first_row, s->tile), units = at_most(s->units - first, PANEL);
    ptrdiff_t filled = s->product_rows > first_row ? at_most(s->product_rows - first_row, rows) : 0;
    place here = {s, tile, first_row, rows, block, units, {0}, {0}};
    if (!s->state.weights && !s->inputs.operand) ask_for_next(s, first_row + rows, block, units);

    for (int l = 0; l < s->lane_count; l++) {
        here.arrays[l] = place_of(s->lanes + l, l < s->parts, first_row, block, units, room[l]);
        here.there[l] = is_there(s->lanes + l, here.arrays[l], first_row, block);
    }
    if (s->inputs.operand) multiply(&here, &s->inputs, (int)rows, 0);
    if (filled) multiply(&here, &s->state, (int)filled, s->inputs.operand != 0);
    if (s->inputs.operand) filled = rows;
    for (int l = 0; l < s->lane_count; l++) {
        const lane *lane = s->lanes + l;
        if (!here.there[l] && (lane->from.data || l < s->parts || units < PANEL))
            read_rows(&lane->from, first_row, rows, l < s->parts ? filled : 0, block, units, here.arrays[l]);
        if (l < s->parts && lane->also.data) read_rows(&lane->also, first_row, rows, rows, block, units, here.arrays[l]);
    }
    if (s->function) s->function(here.arrays, rows * PANEL, FOR_THIS_SET(sigmoid), FOR_THIS_SET(hyperbolic_tangent));
    for (int l = 0; l < s->lane_count; l++)
        if (s->lanes[l].to.data && here.arrays[l] == room[l])
            write_lane(s->lanes + l, first_row, rows, block, units, room[l]);
    for (int q = 0; q < s->packed_count; q++) {
        const REAL *lines[TILE];
        for (ptrdiff_t i = 0; i < rows; i++) lines[i] = (const REAL *)here.arrays[s->packed[q]] + i * PANEL;
        pack_tile(lines, rows, units,
                  (REAL *)s->next + tile * TILE * s->packed_count * s->units + (q * s->units + first) * TILE);
    }
}
