/* The stages of a step, for some rows or, together with the other threads, for all. */
#include "walk.h"

static grid at_step(const track *k, ptrdiff_t t)
{
    grid g = k->at;
    if (g.data && g.places) g.places += k->begins[t];
    else if (g.data) g.data = (REAL *)g.data + k->begins[t] * g.row;
    return g;
}

void pack_inputs(const march *m, ptrdiff_t task)
{
    const walk *w = m->job;
    ptrdiff_t i = 0;
    while (i + 1 < w->step_count && m->first_tiles[i + 1] <= task) i++;
    ptrdiff_t t = w->steps[i], first = (task - m->first_tiles[i]) * w->tile;
    grid rows = at_step(&w->inputs, t);
    const REAL *lines[TILE];
    ptrdiff_t count = at_most(w->counts[t] - first, w->tile);
    for (ptrdiff_t r = 0; r < count; r++)
        lines[r] = (const REAL *)rows.data + (rows.places ? rows.places[first + r] : first + r) * rows.row;
    pack_tile(lines, count, w->input_depth, (REAL *)w->tiles + task * TILE * w->input_depth);
}

step stage_at(const march *m, ptrdiff_t i, int n)
{
    const walk *w = m->job;
    const stage *now = w->stages + n, *before = n ? now - 1 : i ? w->stages + w->stage_count - 1 : 0;
    ptrdiff_t t = w->steps[i];
    step s = now->plan;
    for (int l = 0; l < s.lane_count; l++) {
        s.lanes[l].from = at_step(t == 0 && now->lanes[l].first.at.data ? &now->lanes[l].first : &now->lanes[l].from, t);
        s.lanes[l].also = at_step(&now->lanes[l].also, t);
        s.lanes[l].to = at_step(&now->lanes[l].to, t);
    }
    s.rows = rows_at(w, n, t);
    s.product_rows = !s.state.weights ? 0 : n ? s.rows : w->products[t];
    s.state.operand = before ? before->operands[w->steps[n ? i : i - 1] % 2] : w->operand;
    s.next = now->operands[t % 2];
    s.tile = w->tile;
    s.inputs.operand = w->tiles && s.inputs.weights ? (const REAL *)w->tiles + m->first_tiles[i] * TILE * w->input_depth : 0;
    return s;
}

/* A thread's share of a stage: of all groups of tiles by all groups of blocks, counted tile by tile, a stretch; so that it has rows
 * mostly of its own, and no share is larger by more than one. */
static void do_share(const step *s, ptrdiff_t part, ptrdiff_t parts, const REAL *sides)
{
    grouping_of_step g = groups_of(s);
    ptrdiff_t all_tiles = parts_of(s->rows, s->tile), blocks = parts_of(parts_of(s->units, PANEL), g.blocks);
    ptrdiff_t all = parts_of(all_tiles, g.tiles) * blocks, begin = all * part / parts, end = all * (part + 1) / parts;
    for (ptrdiff_t block = 0; block < blocks; block++) {
        ptrdiff_t n = begin > block ? parts_of(begin - block, blocks) : 0, last = end > block ? parts_of(end - block, blocks) : 0;
        for (; n < last; n++) do_group(s, n * g.tiles, all_tiles, block * g.blocks, sides + n * sides_size(s));
    }
}

/* A stage for all rows, together with the others: tasks are shares of the rows where these are many, else blocks of units. What is
 * combined of the tiles each thread makes for itself. A thread begins with the same units at every step, there and back: what it has
 * written it finds in its own cache. */
void do_stage(const march *m, ptrdiff_t i, int n, int worker, REAL *sides)
{
    step s = stage_at(m, i, n);
    grouping_of_step g = groups_of(&s);
    const walk *w = m->job;
    progress *p = m->steps + (1 + i * w->stage_count + n) * w->threads;
    int of = worker;
    ptrdiff_t all_tiles = parts_of(s.rows, s.tile), tiles = parts_of(all_tiles, g.tiles), task;
    ptrdiff_t blocks = parts_of(parts_of(s.units, PANEL), g.blocks), tasks = blocks;
    ptrdiff_t groups = at_most(tiles, parts_of(4 * w->threads, blocks)), together = groups ? parts_of(tiles, groups) : 0;
    if (!together) return;
    combine_operands(&s, 0, all_tiles, sides);
    if (s.rows >= APART * w->threads) {
        for (; (task = take(p, w->threads, w->threads, &of)) < w->threads; finish(p + of)) do_share(&s, task, w->threads, sides);
        wait_for(p, w->threads, w->threads);
        return;
    }
    tasks *= groups = parts_of(tiles, together);
    while ((task = take(p, tasks, w->threads, &of)) < tasks) {
        ptrdiff_t first = task % groups * together, last = at_most(first + together, tiles);
        for (; first < last; first++)
            do_group(&s, first * g.tiles, all_tiles, task / groups * g.blocks, sides + first * sides_size(&s));
        finish(p + of);
    }
    wait_for(p, tasks, w->threads);
}

void do_rows(const march *m, int first, int end, ptrdiff_t part, REAL *sides)
{
    const walk *w = m->job;
    for (ptrdiff_t i = 0; i < w->step_count; i++)
        for (int n = first; n < end; n++) {
            step s = stage_at(m, i, n);
            grouping_of_step g = groups_of(&s);
            ptrdiff_t tiles = parts_of(s.rows, s.tile), begin = m->pairs ? 2 * part : tiles * part / m->parts;
            ptrdiff_t end = m->pairs ? at_most(begin + 2, tiles) : tiles * (part + 1) / m->parts;
            for (ptrdiff_t k = begin; s.inputs.operand && k < end; k++) pack_inputs(m, m->first_tiles[i] + k);
            combine_operands(&s, begin, end, sides);
            for (ptrdiff_t block = 0; block < parts_of(s.units, PANEL); block += g.blocks)
                for (ptrdiff_t k = begin; k < end; k += g.tiles)
                    do_group(&s, k, end, block, sides + (k - begin) / 2 * sides_size(&s));
        }
}
