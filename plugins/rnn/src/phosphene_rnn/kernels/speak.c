/* The likeliest word, again and again, from the first to the last of each sequence, without going back to Python: every thread
 * speaks for rows of its own and waits for nobody. What depends on a word alone lies in a table that all fill together: who
 * meets a new word makes its row; two who meet it at once both do, to the same bits. Sequences that have ended drop out. */
#include "exponential.h"
#include "walk.h"
#include "workers.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The first of the largest numbers, and the logarithm of its share of all exponentials. */
static ptrdiff_t likeliest(const REAL *row, ptrdiff_t count, double *log_share)
{
    REAL most = row[0];
    double total = 0;
    ptrdiff_t i = 0, best = 0;
#ifdef IS_FLOAT
    vector highest = all(most), sum = {0};
    for (; i + LANES <= count; i += LANES) highest = MOST(highest, load(row + i));
    for (int l = 0; l < LANES; l++) most = highest[l] > most ? highest[l] : most;
    for (; i < count; i++) most = row[i] > most ? row[i] : most;
    for (i = 0; i + LANES <= count; i += LANES) {
        vector power, rest;
        split_exponential(between(-87, 0, load(row + i) - most), &power, &rest);
        sum += power * rest + power;
    }
    for (int l = 0; l < LANES; l++) total += (double)sum[l];
#else
    for (ptrdiff_t k = 0; k < count; k++) most = row[k] > most ? row[k] : most;
#endif
    for (; i < count; i++) total += exp((double)(row[i] - most));
    for (int found = 0; best + LANES <= count; best += LANES) {
        for (int l = 0; l < LANES; l++) found |= row[best + l] == most;
        if (found) break;
    }
    while (best < count - 1 && row[best] != most) best++;
    *log_share = (double)(REAL)-log(total);
    return best;
}

/* The table's rows of words that come for the first time. */
static void learn(speaker *s, ptrdiff_t rows, unsigned char *met, ptrdiff_t *new, REAL *tile)
{
    ptrdiff_t count = 0;
    for (ptrdiff_t r = 0; r < rows; r++) {
        ptrdiff_t word = s->words[r];
        if (!met[word] && !__atomic_load_n(s->known + word, __ATOMIC_ACQUIRE)) new[count++] = word;
        met[word] = 1;
    }
    for (ptrdiff_t first = 0; first < count; first += TILE) {
        const REAL *lines[TILE];
        ptrdiff_t some = at_most(count - first, TILE);
        for (ptrdiff_t i = 0; i < some; i++) lines[i] = (const REAL *)s->vectors + new[first + i] * s->depth;
        pack_tile(lines, some, s->depth, tile);
        step make = {.lane_count = 1, .parts = 1, .units = s->row_size, .rows = some, .tile = TILE};
        make.inputs = (factor){tile, s->weights, s->depth};
        make.lanes[0].from = (grid){(void *)s->bias, 0, PANEL, s->row_size, 0, 0};
        make.lanes[0].to = (grid){s->table, s->row_size, PANEL, s->row_size, new + first, 0};
        for (ptrdiff_t block = 0; block < parts_of(s->row_size, PANEL); block++) do_tile(&make, 0, block);
    }
    for (ptrdiff_t i = 0; i < count; i++) __atomic_store_n(s->known + new[i], 1, __ATOMIC_RELEASE);
}

/* The lanes' places at this step. */
static void point(speaker *s, ptrdiff_t time)
{
    static const ptrdiff_t here = 0;
    for (int i = 0; i < s->slot_count; i++) {
        int what = s->slots[i].what, which = s->slots[i].which;
        track *from = &s->stages[s->slots[i].stage].lanes[s->slots[i].lane].from, *to = &s->stages[s->slots[i].stage].lanes[s->slots[i].lane].to;
        track *k = what == NEXT ? to : from;
        k->begins = &here;
        if (what == WORD) k->at = (grid){(REAL *)s->table + which, s->row_size, PANEL, 0, s->words, 0};
        else k->at = (grid){s->states[(time + (what == NEXT)) % 2][which], s->units, PANEL, 0, what == NEXT ? 0 : s->parents, 0};
    }
}

static void say(void *context, int number)
{
    speaker *s = (speaker *)context + number;
    ptrdiff_t rows = s->rows, zero = 0;
    unsigned char *met = calloc(s->vocabulary, 1);
    ptrdiff_t *new = malloc((rows + 1) * sizeof(ptrdiff_t));
    REAL *tile = aligned_alloc(64, parts_of(TILE * s->depth * sizeof(REAL), 64) * 64 + 64);
    if ((s->failed = !met || !new || !tile)) rows = 0;
    for (int n = 0; n < s->stage_count; n++) s->stages[n].counts = 0;       /* all have as many sequences */
    for (ptrdiff_t time = 0; time < s->length && rows; time++) {
        learn(s, rows, met, new, tile);
        point(s, time);
        walk w = {.stages = s->stages, .steps = &zero, .counts = &rows, .products = &zero, .tiles = s->tiles, .step_count = 1,
                  .input_depth = s->units, .tile = parts_of(rows, parts_of(rows, TILE)), .stage_count = s->stage_count, .threads = 1};
        w.inputs.at = (grid){s->states[time % 2][0], s->units, PANEL, 0, s->parents, 0};
        w.inputs.begins = &zero;
        march m = {.job = &w, .first_tiles = &zero, .parts = 1};
        do_rows(&m, 0, s->stage_count, 0);
        ptrdiff_t going = 0;
        for (ptrdiff_t r = 0; r < rows; r++) {
            ptrdiff_t place = s->active[r] * s->length + time;
            ptrdiff_t word = likeliest((REAL *)s->scores + r * s->classes, s->classes, s->log_probs + place);
            s->tokens[place] = word;
            if (word == s->end) continue;
            s->parents[going] = r, s->words[going] = word, s->active[going++] = s->active[r];
        }
        rows = going;
    }
    free(met), free(new), free(tile);
}

#define speak FOR_THIS_SET(speak)
void speak(speaker *speakers, int count, int threads) { run_tasks(say, speakers, count, threads); }
