/* All steps of a recurrent layer, one after the other, in one go of the threads. Few rows: the threads take a step's tasks (tiles
 * of rows by a block of units), each its own first, and meet after each. Where rows are so many that a panel of weights is used more
 * than once by each, the threads go their own way through all steps, each with rows of its own: nobody waits, and what a thread
 * reads it has written itself. A thread that comes late joins the step that is under way; one that does not come at all is not
 * waited for. */
#include "walk.h"
#include "workers.h"
#include "room.h"

enum { TILES = 6, MOST_APART = 64 };

static int same_rows(const walk *w, int n, int other) { return w->stages[n].counts == w->stages[other].counts; }

static void take_part(void *context, int worker)
{
    const march *m = context;
    const walk *w = m->job;
    REAL *sides = m->sides + worker * m->sides_apart;
    ptrdiff_t task;
    if (m->parts) {
        int stretches = m->pairs ? 1 : w->threads, of;          /* pairs differ in length: the next goes to who is done first */
        for (int n = 0, end = 1; n < w->stage_count; n = end++) {
            progress *p = m->steps + n * w->threads;
            while (end < w->stage_count && same_rows(w, n, end)) end++;
            for (of = worker % stretches; (task = take(p, m->parts, stretches, &of)) < m->parts; finish(p + of)) do_rows(m, n, end, task, sides);
            if (end < w->stage_count) wait_for(p, m->parts, stretches);
        }
        return;
    }
    int of = worker;
    for (; (task = take(m->steps, m->packing, w->threads, &of)) < m->packing; finish(m->steps + of)) pack_inputs(m, task);
    wait_for(m->steps, m->packing, w->threads);
    for (ptrdiff_t i = 0; i < w->step_count; i++)
        for (int n = 0; n < w->stage_count; n++) do_stage(m, i, n, worker, sides);
}

/* Into how many parts the rows go, where every thread has enough at every step to go its own way; else 0. Parts have so few tiles
 * that what they read and write stays in L2. */
static ptrdiff_t even_parts(const walk *w, ptrdiff_t tiles)
{
    for (ptrdiff_t i = 0; i < w->step_count; i++)
        for (int n = 0; n < w->stage_count; n++)
            if (rows_at(w, n, w->steps[i]) < APART * w->threads || (w->step_count > 1 && (!same_rows(w, 0, n) ||
                w->counts[w->steps[i]] != w->counts[w->steps[0]]))) return 0;
    return w->threads * parts_of(tiles, w->threads * TILES);
}

/* The same where rows become fewer on the way: pairs of tiles, the longest sequences' first. Whoever is done takes the next; 0 where
 * one thread would have a tenth more to do than its share. */
static ptrdiff_t uneven_parts(const walk *w, ptrdiff_t tiles)
{
    ptrdiff_t parts = parts_of(tiles, 2), all = 0, longest = 0, load[MOST_APART] = {0};
    if (w->threads > MOST_APART || parts < 2 * w->threads) return 0;
    for (int n = 0; n < w->stage_count; n++)
        if (!same_rows(w, 0, n)) return 0;
    for (ptrdiff_t part = 0; part < parts; part++) {
        int least = 0;
        for (int k = 1; k < w->threads; k++) if (load[k] < load[least]) least = k;
        for (ptrdiff_t i = 0; i < w->step_count; i++) {
            ptrdiff_t rows = at_most(w->counts[w->steps[i]] - 2 * part * w->tile, 2 * w->tile);
            if (rows > 0) load[least] += rows, all += rows;
        }
        if (load[least] > longest) longest = load[least];
    }
    return 10 * longest * w->threads <= 11 * all ? parts : 0;
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
    march m = {.job = w};
    ptrdiff_t marks = (1 + w->step_count * w->stage_count) * w->threads, most_rows = 0;
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
    if (w->threads > 1 && !(m.parts = even_parts(w, tiles))) m.parts = uneven_parts(w, tiles), m.pairs = m.parts > 0;
    m.sides_apart = parts_of(side_room(w, m.parts ? parts_of(tiles, m.parts) : tiles), 64) * 64;
    m.steps = room(marks * sizeof(progress) + w->step_count * sizeof(ptrdiff_t), 1);
    m.sides = room(threads * m.sides_apart, sizeof(REAL));
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
    leave(m.steps), leave(m.sides);
    return failed;
}
