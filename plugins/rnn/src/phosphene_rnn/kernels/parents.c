/* Where several rows go on from one state, its product is made once, for some units at a time, which its children read while it is
 * in L2. Where states are many, four tiles of them meet four panels in forty-nine products for sixty-four (forty_nine.h). */
#include "product.h"
#include "reader.h"
#include "room.h"
#include "step.h"
#include <stdlib.h>

/* Panels of products that wait in L2; and rows that the last four tiles may have too many. */
enum { PANELS = 16, SPARE = 4 * LEAST_HEIGHT };

/* The parents, each once, and which of them each row goes on from. Returns how many. */
static ptrdiff_t find_parents(reader *r, ptrdiff_t rows)
{
    ptrdiff_t count = 0, *place = r->which + r->job->most;      /* of a row of the last state, among the distinct */
    for (ptrdiff_t i = 0; i < r->job->most; i++) place[i] = -1;
    for (ptrdiff_t i = 0; i < rows; i++) {
        ptrdiff_t parent = r->job->parents[i];
        if (place[parent] < 0) r->distinct[place[parent] = count++] = parent;
        r->which[i] = place[parent];
    }
    return count;
}

/* A product by so many panels, from `first` on: four tiles by four at a time. */
static void multiply_in_fours(reader *r, const product *p, ptrdiff_t first, ptrdiff_t panels)
{
    ptrdiff_t tile = TILE * p->depth, size = quartered_size(p->depth, PANEL), some;
    REAL *combined = r->quarters + 4 * tile, *out = p->out.data;
    for (ptrdiff_t row = 0, fours = parts_of(p->rows, 4 * TILE); row < p->rows; row += some, fours--) {
        some = at_most(p->rows - row, parts_of(parts_of(p->rows - row, fours), 4) * 4);
        ptrdiff_t height = some > 4 * LEAST_HEIGHT ? parts_of(some, 4) : LEAST_HEIGHT;
        for (ptrdiff_t t = 0; t < 4; t++) {
            const REAL *lines[TILE];
            ptrdiff_t begin = row + at_most(t * height, some), count = at_most(row + some - begin, height);
            for (ptrdiff_t i = 0; i < count; i++) lines[i] = (const REAL *)p->a.data + p->a.places[begin + i] * p->a.row;
            pack_tile(lines, count, p->depth, r->quarters + t * tile);
        }
        combine_four_tiles(r->quarters, p->depth, combined);
        for (ptrdiff_t q = 0; q < panels; q += 4)
            multiply_sixteen((int)height, p->depth, combined, (const REAL *)r->job->fours + (first + q) / 4 * size,
                             out + q * p->out.part + row * PANEL, height * PANEL, p->out.part);
    }
}

void step_from_parents(reader *r, step *s, ptrdiff_t rows, ptrdiff_t time)
{
    const reading *job = r->job;
    ptrdiff_t count = find_parents(r, rows), blocks = PANELS / job->parts > 1 ? PANELS / job->parts / 2 * 2 : 2;
    product p = {.left = LEFT_ROWS, .rows = count, .depth = job->units, .parts = job->parts, .strassen = job->strassen, .threads = 1};
    ptrdiff_t panel = (count + SPARE) * PANEL;
    p.a = (grid){job->states[time % 2][0], job->units, PANEL, 0, r->distinct, 0};
    p.out = (grid){r->products, PANEL, job->parts * panel, panel, 0, 1};
    s->packed_count = 0;
    for (ptrdiff_t first = 0, last = parts_of(job->units, PANEL); first < last; first += blocks) {
        ptrdiff_t size = job->parts * job->units * PANEL;       /* of a block of the weights */
        ptrdiff_t some = at_most(last - first, blocks);
        p.units = at_most(job->units - first * PANEL, blocks * PANEL);
        p.b = (grid){(REAL *)job->weights + first * size, PANEL, size, job->units * PANEL, 0, 1};
        p.combined = job->combined ? (const REAL *)job->combined + first * job->parts / 2 * combined_size(job->units) : 0;
        int in_fours = job->fours && count > 4 * (LEAST_HEIGHT - 1) && first * job->parts % 4 == 0 && some * job->parts % 4 == 0;
        if (in_fours) multiply_in_fours(r, &p, first * job->parts, some * job->parts);
        else run_product_here(&p, r->scratch);
        for (int lane = 0; lane < s->parts; lane++)
            s->lanes[lane].also = (grid){r->products + lane * p.out.part - first * p.out.block, PANEL, p.out.block, 0, r->which, 1};
        for (ptrdiff_t tile = 0; tile < parts_of(rows, TILE); tile++)
            for (ptrdiff_t block = first; block < first + some; block++) do_tile(s, tile, block);
    }
}

int open_parents(reader *r)
{
    const reading *job = r->job;
    ptrdiff_t panels = PANELS + 2 * job->parts;
    product p = {.rows = job->most, .depth = job->units, .parts = job->parts, .units = job->units, .threads = 1};
    r->distinct = malloc((job->most + 1) * sizeof(ptrdiff_t));
    r->which = malloc((2 * job->most + 1) * sizeof(ptrdiff_t));
    r->products = room(panels * (job->most + SPARE) * PANEL, sizeof(REAL));
    r->scratch = room(product_room(&p), sizeof(REAL));
    r->quarters = job->fours ? room(4 * TILE * job->units + quartered_size(job->units, TILE), sizeof(REAL)) : 0;
    return r->distinct && r->which && r->products && r->scratch && (r->quarters || !job->fours) ? 0 : -1;
}
