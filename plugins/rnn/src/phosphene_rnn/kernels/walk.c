/* All steps of a recurrent layer, one after the other, in one go of the threads. Few rows: the threads take a step's tasks (tiles
 * of rows by a block of units) as they come, and meet after each. Where rows are so many that a panel of weights is used more
 * than once by each, the threads go their own way through all steps, each with rows of its own: nobody waits, and what a thread
 * reads it has written itself. A thread that comes late joins the step that is under way; one that does not come at all is not
 * waited for. */
#include "walk.h"
#include "wait.h"
#include "workers.h"
#include <stdlib.h>

enum { APART = 16 };      /* rows for each thread from which on they go their own ways */
enum { TILES = 6 };

static grid at_step(const track *k, ptrdiff_t t)
{
    grid g = k->at;
    if (g.data && g.places) g.places += k->begins[t];
    else if (g.data) g.data = (REAL *)g.data + k->begins[t] * g.row;
    return g;
}

static ptrdiff_t rows_at(const walk *w, int n, ptrdiff_t t) { return (w->stages[n].counts ? w->stages[n].counts : w->counts)[t]; }

static void wait_for(const progress *p, ptrdiff_t tasks)
{
    for (int spins = 0; __atomic_load_n(&p->done, __ATOMIC_ACQUIRE) < tasks; spins++) pass_time(spins);
}

static ptrdiff_t take(progress *p) { return __atomic_fetch_add(&p->next, 1, __ATOMIC_RELAXED); }
static void finish(progress *p) { __atomic_fetch_add(&p->done, 1, __ATOMIC_RELEASE); }

/* Tile number `task` of all inputs, into tiles. */
static void pack_inputs(const march *m, ptrdiff_t task)
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
 * combined of the tiles each thread makes for itself. */
static void do_stage(const march *m, ptrdiff_t i, int n, REAL *sides)
{
    step s = stage_at(m, i, n);
    grouping_of_step g = groups_of(&s);
    progress *p = m->steps + 1 + i * m->job->stage_count + n;
    ptrdiff_t all_tiles = parts_of(s.rows, s.tile), tiles = parts_of(all_tiles, g.tiles), task;
    ptrdiff_t blocks = parts_of(parts_of(s.units, PANEL), g.blocks), tasks = blocks;
    ptrdiff_t groups = at_most(tiles, parts_of(4 * m->job->threads, blocks)), together = groups ? parts_of(tiles, groups) : 0;
    if (!together) return;
    combine_operands(&s, 0, all_tiles, sides);
    if (s.rows >= APART * m->job->threads) {
        while ((task = take(p)) < m->job->threads) do_share(&s, task, m->job->threads, sides), finish(p);
        wait_for(p, m->job->threads);
        return;
    }
    tasks *= groups = parts_of(tiles, together);
    while ((task = take(p)) < tasks) {
        ptrdiff_t first = task % groups * together, last = at_most(first + together, tiles);
        for (; first < last; first++)
            do_group(&s, first * g.tiles, all_tiles, task / groups * g.blocks, sides + first * sides_size(&s));
        finish(p);
    }
    wait_for(p, tasks);
}

void do_rows(const march *m, int first, int end, ptrdiff_t part, REAL *sides)
{
    const walk *w = m->job;
    for (ptrdiff_t i = 0; i < w->step_count; i++)
        for (int n = first; n < end; n++) {
            step s = stage_at(m, i, n);
            grouping_of_step g = groups_of(&s);
            ptrdiff_t tiles = parts_of(s.rows, s.tile), begin = tiles * part / m->parts;
            tiles = tiles * (part + 1) / m->parts;
            for (ptrdiff_t k = begin; s.inputs.operand && k < tiles; k++) pack_inputs(m, m->first_tiles[i] + k);
            combine_operands(&s, begin, tiles, sides);
            for (ptrdiff_t block = 0; block < parts_of(s.units, PANEL); block += g.blocks)
                for (ptrdiff_t k = begin; k < tiles; k += g.tiles)
                    do_group(&s, k, tiles, block, sides + (k - begin) / 2 * sides_size(&s));
        }
}

static int same_rows(const walk *w, int n, int other) { return w->stages[n].counts == w->stages[other].counts; }

static void take_part(void *context, int worker)
{
    const march *m = context;
    const walk *w = m->job;
    REAL *sides = m->sides + worker * m->sides_apart;
    ptrdiff_t task;
    if (m->apart) {
        for (int n = 0, end = 1; n < w->stage_count; n = end++) {
            while (end < w->stage_count && same_rows(w, n, end)) end++;
            while ((task = take(m->steps + n)) < m->parts) do_rows(m, n, end, task, sides), finish(m->steps + n);
            if (end < w->stage_count) wait_for(m->steps + n, m->parts);
        }
        return;
    }
    while ((task = take(m->steps)) < m->packing) pack_inputs(m, task), finish(m->steps);
    wait_for(m->steps, m->packing);
    for (ptrdiff_t i = 0; i < w->step_count; i++)
        for (int n = 0; n < w->stage_count; n++) do_stage(m, i, n, sides);
}

/* Whether every thread has rows enough at every step to go its own way. */
static int can_go_apart(const walk *w)
{
    for (ptrdiff_t i = 0; i < w->step_count; i++)
        for (int n = 0; n < w->stage_count; n++)
            if (rows_at(w, n, w->steps[i]) < APART * w->threads || (w->step_count > 1 && (!same_rows(w, 0, n) ||
                w->counts[w->steps[i]] != w->counts[w->steps[0]]))) return 0;
    return w->threads > 1;
}

ptrdiff_t side_room(const walk *w, ptrdiff_t tiles)
{
    ptrdiff_t most = 0;
    for (int n = 0; n < w->stage_count; n++) {
        const step *s = &w->stages[n].plan;
        if ((s->state.combined || s->inputs.combined) && sides_size(s) > most) most = sides_size(s);
    }
    return tiles / 2 * most + 64 / sizeof(REAL);
}

#define run_walk FOR_THIS_SET(run_walk)
int run_walk(const walk *w)
{
    march m = {.job = w, .apart = can_go_apart(w)};
    ptrdiff_t marks = 1 + w->step_count * w->stage_count, most_rows = 0;
    double work = 0;
    for (ptrdiff_t i = 0; i < w->step_count; i++)
        for (int n = 0; n < w->stage_count; n++) {
            const step *s = &w->stages[n].plan;
            ptrdiff_t rows = rows_at(w, n, w->steps[i]);
            work += (double)rows * s->units * (2.0 * s->parts * (s->state.depth + s->inputs.depth) + 50);
            if (rows > most_rows) most_rows = rows;
        }
    /* Meeting after a step takes as long as some 100,000 operations, and longer where others want the cores too. */
    int threads = work < 1e6 * (double)(w->step_count * w->stage_count) ? 1 : w->threads;
    ptrdiff_t tiles = parts_of(most_rows, w->tile);
    /* Parts of so few tiles that what they read and write stays in L2. */
    m.parts = w->threads * parts_of(tiles, w->threads * TILES);
    m.sides_apart = parts_of(side_room(w, m.apart ? parts_of(tiles, m.parts) : tiles), 64) * 64;
    m.steps = aligned_alloc(64, parts_of(marks * sizeof(progress) + w->step_count * sizeof(ptrdiff_t), 64) * 64);
    m.sides = numbers(threads * m.sides_apart);
    if (m.steps && m.sides) {
        m.first_tiles = (ptrdiff_t *)(m.steps + marks);
        for (ptrdiff_t k = 0; k < marks; k++) m.steps[k].next = m.steps[k].done = 0;
        for (ptrdiff_t i = 0; i < w->step_count; i++) {
            m.first_tiles[i] = m.packing;
            if (w->tiles) m.packing += parts_of(w->counts[w->steps[i]], w->tile);
        }
        run_tasks(take_part, &m, threads, threads);
    }
    int failed = m.steps && m.sides ? 0 : -1;
    free(m.steps), free(m.sides);
    return failed;
}
