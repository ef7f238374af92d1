/* What follows a step's products element by element, while the tile is in L1, down to packing the result as the next step's operand.
 * Numbers that lie in panels are worked on in their places. */
#include "place.h"
#include <string.h>

enum { LINE = 64 / sizeof(REAL) };

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
 * else in `room`; there too where `more` rows are written than there are. */
static REAL *place_of(const lane *l, int changes, int more, ptrdiff_t first_row, ptrdiff_t block, ptrdiff_t units, REAL *room)
{
    if (changes && more) return room;
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

void open_place(place *at, const step *s, ptrdiff_t tile, ptrdiff_t block, ptrdiff_t height)
{
    at->job = s, at->tile = tile, at->block = block, at->first_row = tile * s->tile;
    at->rows = at_most(s->rows - at->first_row, s->tile), at->units = at_most(s->units - block * PANEL, PANEL);
    at->filled = s->product_rows > at->first_row ? at_most(s->product_rows - at->first_row, at->rows) : 0;
    for (int l = 0; l < s->lane_count; l++) {
        at->arrays[l] = place_of(s->lanes + l, l < s->parts, height > at->rows, at->first_row, block, at->units, at->room[l]);
        at->there[l] = is_there(s->lanes + l, at->arrays[l], at->first_row, block);
    }
}

void ask_for(const place *at, int from, int to)
{
    for (const lane *l = at->job->lanes + from; from < to; from++, l++) {
        ask_ahead(&l->from, 0, at->first_row, at->rows, at->block, at->units);
        ask_ahead(&l->to, 1, at->first_row, at->rows, at->block, at->units);
    }
}

void ask_for_next(const step *s, ptrdiff_t first_row, ptrdiff_t block, ptrdiff_t units)
{
    ptrdiff_t rows = at_most(s->rows - first_row, s->tile);
    for (int l = 0; l < s->lane_count; l++) {
        ask_ahead(&s->lanes[l].from, 0, first_row, rows, block, units);
        ask_ahead(&s->lanes[l].also, 0, first_row, rows, block, units);
        ask_ahead(&s->lanes[l].to, 1, first_row, rows, block, units);
    }
}

void close_place(place *at)
{
    const step *s = at->job;
    ptrdiff_t filled = s->inputs.operand ? at->rows : at->filled;
    for (int l = 0; l < s->lane_count; l++) {
        const lane *lane = s->lanes + l;
        if (!at->there[l] && (lane->from.data || l < s->parts || at->units < PANEL))
            read_rows(&lane->from, at->first_row, at->rows, l < s->parts ? filled : 0, at->block, at->units, at->arrays[l]);
        if (l < s->parts && lane->also.data)
            read_rows(&lane->also, at->first_row, at->rows, at->rows, at->block, at->units, at->arrays[l]);
    }
    if (s->function) s->function(at->arrays, at->rows * PANEL, FOR_THIS_SET(sigmoid), FOR_THIS_SET(hyperbolic_tangent));
    for (int l = 0; l < s->lane_count; l++)
        if (s->lanes[l].to.data && at->arrays[l] == at->room[l])
            write_lane(s->lanes + l, at->first_row, at->rows, at->block, at->units, at->room[l]);
    for (int q = 0; q < s->packed_count; q++) {
        const REAL *lines[TILE];
        for (ptrdiff_t i = 0; i < at->rows; i++) lines[i] = (const REAL *)at->arrays[s->packed[q]] + i * PANEL;
        pack_tile(lines, at->rows, at->units, (REAL *)s->next + at->tile * TILE * s->packed_count * s->units + (q * s->units + at->block * PANEL) * TILE);
    }
}
