/* Rows read a word each and go from one state to the next, on one thread. What depends on a word alone lies in a table that all
 * threads fill together: who is first to meet a word makes its row. */
#include "reader.h"
#include "product.h"
#include "room.h"
#include "strassen.h"
#include "wait.h"
#include "walk.h"
#include <stdlib.h>
#include <string.h>

enum { UNKNOWN, KNOWN, BEGUN };

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
    return open_parents(r) || !r->met || !r->new || !r->learning ? -1 : 0;
}

void close_reader(reader *r)
{
    free(r->met), free(r->new), free(r->distinct), free(r->which), leave(r->learning), leave(r->scratch), leave(r->products), leave(r->quarters);
}
