/* What happens in one step of a recurrent layer, for a tile of rows and a block of units: the products with packed weights, and, while
 * the tile is in L1, all that follows (place.c). Two tiles by two panels of weights take seven multiplications for eight
 * (strassen.c), where the weights were combined for that when they were packed. */
#include "step.h"
#include "place.h"
#include <string.h>

enum { DEPTH = SLICE };

static const REAL *operand_of(const factor *f, ptrdiff_t tile) { return (const REAL *)f->operand + tile * TILE * f->depth; }
static const REAL *panel_of(const factor *f, ptrdiff_t panel) { return (const REAL *)f->weights + panel * f->depth * PANEL; }

/* A factor's product for so many rows into the first lanes; `add`: to what is there. What the function will need is asked for
 * meanwhile, some lanes with each call. */
static void multiply(const place *at, const factor *f, int rows, int add)
{
    const step *s = at->job;
    int calls = (int)parts_of(f->depth, DEPTH) * s->parts, call = 0, asked = 0, now;
    for (ptrdiff_t k = 0; k < f->depth; k += DEPTH)
        for (int p = 0; p < s->parts; p++) {
            now = (int)parts_of(++call * s->lane_count, calls);
            if (f == &s->state) ask_for(at, asked, now), asked = now;
            multiply_tile(rows, at_most(f->depth - k, DEPTH), operand_of(f, at->tile) + k * TILE,
                          panel_of(f, at->block * s->parts + p) + k * PANEL, at->arrays[p], k > 0 || add || at->there[p]);
        }
}

/* The same for two tiles by some blocks (tile by tile), whose panels make pairs. `sides`: what is combined of the tiles. */
static void multiply_pairs(place at[2][2], int blocks, const factor *f, const REAL *sides, int add)
{
    const step *s = at[0][0].job;
    int panels = blocks * s->parts, height = (int)at[0][0].rows;
    ptrdiff_t first = at[0][0].block * s->parts, tile = at[0][0].tile;
    for (ptrdiff_t k = 0; k < f->depth; k += DEPTH) {
        ptrdiff_t depth = at_most(f->depth - k, DEPTH), half = depth / 2;
        const REAL *one = operand_of(f, tile) + k * TILE, *two = operand_of(f, tile + 1) + k * TILE;
        for (int q = 0; q < panels; q += 2) {
            REAL *c[2][2];
            int in_four = f->combined && can_halve(depth);
            for (int i = 0; i < 2; i++)
                for (int j = 0; j < 2; j++) {
                    place *p = &at[i][(q + j) / s->parts];
                    int part = (q + j) % s->parts, more = k > 0 || add || p->there[part];
                    c[i][j] = p->arrays[part];
                    if (!k && f == &s->state) ask_for(p, s->lane_count * part / s->parts, s->lane_count * (part + 1) / s->parts);
                    if (!in_four)
                        multiply_tile((int)p->rows, depth, i ? two : one, panel_of(f, first + q + j) + k * PANEL, c[i][j], more);
                    else if (!more) memset(c[i][j], 0, height * PANEL * sizeof(REAL));
                }
            if (in_four)
                multiply_four(height, half, one, two, sides + k / 2 * COMBINED * TILE, panel_of(f, first + q) + k * PANEL,
                              panel_of(f, first + q + 1) + k * PANEL,
                              (const REAL *)f->combined + (first + q) / 2 * combined_size(f->depth) + combined_size(k),
                              c[0][0], c[0][1], c[1][0], c[1][1]);
        }
    }
}

void do_tile(const step *s, ptrdiff_t tile, ptrdiff_t block)
{
    place here;
    open_place(&here, s, tile, block, 0);
    if (!s->state.weights && !s->inputs.operand) ask_for_next(s, here.first_row + here.rows, block, here.units);
    if (s->inputs.operand) multiply(&here, &s->inputs, (int)here.rows, 0);
    if (here.filled) multiply(&here, &s->state, (int)here.filled, s->inputs.operand != 0);
    close_place(&here);
}

static int in_fours(const step *s)
{
    return s->tile >= LEAST_HEIGHT && ((s->inputs.operand && s->inputs.combined) || (s->product_rows && s->state.combined));
}

/* Whether two tiles can make a pair: all of their rows have a product with the state, or none; or some have one in both, where those that
 * have none are zero in the operand, and what the pair gives them is not kept. */
static int is_whole(const step *s, ptrdiff_t tile)
{
    if (!s->product_rows || s->product_rows >= at_most(s->rows, (tile + 2) * s->tile)) return 1;
    for (int l = 0; l < s->parts; l++) if (s->lanes[l].to.data) return 0;
    return s->product_rows > (tile + 1) * s->tile;
}

grouping_of_step groups_of(const step *s)
{
    int four = in_fours(s);
    return (grouping_of_step){four ? 2 : 1, four && s->parts % 2 ? 2 : 1};
}

static void combine(const factor *f, ptrdiff_t tile, REAL *to)
{
    for (ptrdiff_t k = 0; f->combined && k < f->depth; k += DEPTH) {
        ptrdiff_t depth = at_most(f->depth - k, DEPTH);
        if (can_halve(depth))
            combine_tiles(operand_of(f, tile) + k * TILE, operand_of(f, tile + 1) + k * TILE, depth / 2, to + k / 2 * COMBINED * TILE);
    }
}

void combine_operands(const step *s, ptrdiff_t first, ptrdiff_t last, REAL *to)
{
    for (; in_fours(s) && first + 1 < last; first += 2, to += sides_size(s)) {
        if (s->inputs.operand) combine(&s->inputs, first, to);
        if (s->product_rows && is_whole(s, first)) combine(&s->state, first, to + COMBINED * TILE * (s->inputs.depth / 2));
    }
}

/* Two tiles by one block or two. */
static void do_pair(const step *s, ptrdiff_t tile, ptrdiff_t block, int blocks, const REAL *sides)
{
    place here[2][2];
    ptrdiff_t height = s->tile;
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < blocks; j++) open_place(&here[i][j], s, tile + i, block + j, height);
    if (s->inputs.operand) multiply_pairs(here, blocks, &s->inputs, sides, 0);
    if (s->product_rows) multiply_pairs(here, blocks, &s->state, sides + COMBINED * TILE * (s->inputs.depth / 2), s->inputs.operand != 0);
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < blocks; j++) close_place(&here[i][j]);
}

void do_group(const step *s, ptrdiff_t tile, ptrdiff_t last_tile, ptrdiff_t block, const REAL *sides)
{
    grouping_of_step g = groups_of(s);
    ptrdiff_t blocks = parts_of(s->units, PANEL), end = at_most(tile + g.tiles, last_tile);
    if (g.tiles == 2 && end == tile + 2 && block + g.blocks <= blocks && is_whole(s, tile)) {
        do_pair(s, tile, block, g.blocks, sides);
        return;
    }
    for (ptrdiff_t last = at_most(block + g.blocks, blocks); block < last; block++)
        for (ptrdiff_t t = tile; t < end; t++) do_tile(s, t, block);
}
