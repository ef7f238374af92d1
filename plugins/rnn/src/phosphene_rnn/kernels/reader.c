/* Rows read a word each and go from one state to the next, on one thread. What depends on a word alone lies in a table that all
 * threads fill together: who is first to meet a word makes its row. Where several rows
 * go on from one state, its product is made once, for some units at a time, which its children read while it is in L2. */
#include "reader.h"
#include "product.h"
#include "room.h"
#include "strassen.h"
#include "wait.h"
#include "walk.h"
#include <stdlib.h>
#include <string.h>

enum { UNKNOWN, KNOWN, BEGUN };
enum { PANELS = 16 };                               /* of products that wait in L2 for who reads them */

/* The table's rows of words that come for the first time: those that nobody has begun with are made here, then the others awaited. */
static void learn(reader *r, ptrdiff_t rows)
{
    const lexicon *l = r->job->words_known;
    ptrdiff_t mine = 0, others = 0, *awaited = r->new + r->job->most;
    for (ptrdiff_t i = 0; i < rows; i++) {
        ptrdiff_t word = r->job->words[i];
        unsigned char before = UNKNOWN;
        if (r->met[word]) continue;
        r->met[word] = 1;
        if (__atomic_compare_exchange_n(l->known + word, &before, BEGUN, 0, __ATOMIC_ACQUIRE, __ATOMIC_ACQUIRE)) r->new[mine++] = word;
        else if (before == BEGUN) awaited[others++] = word;
    }
    /* Without Strassen: who makes which rows differs from run to run, and no bit may. */
    product p = {.left = LEFT_ROWS, .rows = mine, .depth = l->depth, .parts = 1, .units = l->row_size, .bias = l->bias, .threads = 1};
    p.a = (grid){(void *)l->vectors, l->depth, PANEL, 0, r->new, 0};
    p.b = (grid){(void *)l->weights, PANEL, l->depth * PANEL, 0, 0, 1};
    p.out = (grid){l->table, l->row_size, PANEL, 0, r->new, 0};
    run_product_here(&p, r->learning);
    for (ptrdiff_t i = 0; i < mine; i++) __atomic_store_n(l->known + r->new[i], KNOWN, __ATOMIC_RELEASE);
    for (ptrdiff_t i = 0; i < others; i++) wait_for_value(l->known + awaited[i], KNOWN);
}

/* The lanes' places at this time. */
static void point(const reading *job, ptrdiff_t time)
{
    static const ptrdiff_t here = 0;
    const lexicon *l = job->words_known;
    for (int i = 0; i < job->slot_count; i++) {
        int what = job->slots[i].what, which = job->slots[i].which;
        track *from = &job->stages[job->slots[i].stage].lanes[job->slots[i].lane].from;
        track *to = &job->stages[job->slots[i].stage].lanes[job->slots[i].lane].to, *k = what == NEXT ? to : from;
        k->begins = &here;
        if (what == WORD) k->at = (grid){(REAL *)l->table + which, l->row_size, PANEL, 0, job->words, 0};
        else k->at = (grid){job->states[(time + (what == NEXT)) % 2][which], job->units, PANEL, 0, what == NEXT ? 0 : job->parents, 0};
    }
}

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

/* A step of a cell of one stage, some units at a time. */
static void step_from_parents(reader *r, step *s, ptrdiff_t rows, ptrdiff_t time)
{
    const reading *job = r->job;
    ptrdiff_t count = find_parents(r, rows), blocks = PANELS / job->parts > 1 ? PANELS / job->parts / 2 * 2 : 2;
    product p = {.left = LEFT_ROWS, .rows = count, .depth = job->units, .parts = job->parts, .strassen = job->strassen, .threads = 1};
    p.a = (grid){job->states[time % 2][0], job->units, PANEL, 0, r->distinct, 0};
    p.out = (grid){r->products, PANEL, job->parts * count * PANEL, count * PANEL, 0, 1};
    s->packed_count = 0;
    for (ptrdiff_t first = 0, last = parts_of(job->units, PANEL); first < last; first += blocks) {
        ptrdiff_t size = job->parts * job->units * PANEL;       /* of a block of the weights */
        p.units = at_most(job->units - first * PANEL, blocks * PANEL);
        p.b = (grid){(REAL *)job->weights + first * size, PANEL, size, job->units * PANEL, 0, 1};
        p.combined = job->combined ? (const REAL *)job->combined + first * job->parts / 2 * combined_size(job->units) : 0;
        run_product_here(&p, r->scratch);
        for (int lane = 0; lane < s->parts; lane++)
            s->lanes[lane].also = (grid){r->products + lane * p.out.part - first * p.out.block, PANEL, p.out.block, 0, r->which, 1};
        for (ptrdiff_t tile = 0; tile < parts_of(rows, TILE); tile++)
            for (ptrdiff_t block = first; block < at_most(first + blocks, last); block++) do_tile(s, tile, block);
    }
}

/* Rows of tiles that are as even as can be, and in pairs if they are high enough for that. */
static ptrdiff_t even_tile(ptrdiff_t rows)
{
    ptrdiff_t tiles = parts_of(rows, TILE), even = (tiles + 1) / 2 * 2;
    return parts_of(rows, rows / even >= LEAST_HEIGHT ? even : tiles);
}

const REAL *read_words(reader *r, ptrdiff_t rows, ptrdiff_t time)
{
    const reading *job = r->job;
    ptrdiff_t zero = 0;
    learn(r, rows);
    point(job, time);
    walk w = {.stages = job->stages, .steps = &zero, .counts = &rows, .products = &zero, .step_count = 1, .input_depth = job->units,
              .tile = even_tile(rows), .stage_count = job->last, .threads = 1};
    march m = {.job = &w, .first_tiles = &zero, .parts = 1};
    if (job->weights) {
        w.tile = TILE;
        step s = stage_at(&m, 0, job->first);
        step_from_parents(r, &s, rows, time);
    } else {
        w.tiles = job->tiles;
        w.inputs.at = (grid){job->states[time % 2][0], job->units, PANEL, 0, job->parents, 0};
        w.inputs.begins = &zero;
        do_rows(&m, job->first, job->last, 0, r->scratch);
    }
    return job->states[(time + 1) % 2][0];
}

int open_reader(reader *r, reading *job)
{
    *r = (reader){.job = job};
    for (int n = job->first; n < job->last; n++) job->stages[n].counts = 0;         /* all have as many rows */
    r->met = calloc(job->words_known->vocabulary, 1);
    r->new = malloc((2 * job->most + 1) * sizeof(ptrdiff_t));
    product learn = {.rows = job->most, .depth = job->words_known->depth, .parts = 1, .units = job->words_known->row_size};
    r->learning = room(product_room(&learn), sizeof(REAL));
    if (!job->weights) {
        walk w = {.stages = job->stages, .stage_count = job->last};
        r->scratch = room(side_room(&w, parts_of(job->most, TILE) + 1), sizeof(REAL));
        return r->met && r->new && r->learning && r->scratch ? 0 : -1;
    }
    ptrdiff_t parts = job->parts, panels = PANELS + 2 * parts;
    product p = {.rows = job->most, .depth = job->units, .parts = parts, .units = job->units, .threads = 1};
    r->distinct = malloc((job->most + 1) * sizeof(ptrdiff_t));
    r->which = malloc((2 * job->most + 1) * sizeof(ptrdiff_t));
    r->products = room(panels * job->most * PANEL, sizeof(REAL));
    r->scratch = room(product_room(&p), sizeof(REAL));
    return r->met && r->new && r->learning && r->distinct && r->which && r->products && r->scratch ? 0 : -1;
}

void close_reader(reader *r)
{
    free(r->met), free(r->new), free(r->distinct), free(r->which), leave(r->learning), leave(r->products), leave(r->scratch);
}
