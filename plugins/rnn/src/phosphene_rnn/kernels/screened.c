/* Of each row the likeliest next words, without most of the float products.
 *
 * All scores are first made from whole numbers of 16 bits (whole.c), to which h is rounded here and the weights were before: half as
 * many instructions, half as many bytes, no rounding on the way. How far such a score can be from the true one is known, by Cauchy
 * and Schwarz: |h w - h' w'| <= |h - h'| |w| + |h'| |w - w'|. A word whose score cannot reach the best is done with. The others,
 * one or two, are scored again in float, from end to end, and the likeliest of them is the likeliest of all: no word is lost.
 *
 * The sum of all exponentials takes the scores as they are, and what rounding h took from their mean: what is left of the errors of
 * a thousand words as good as cancels. Words that weigh so much that theirs would show are scored again as well.
 *
 * In a beam search rows compete, and a word must reach what the family's best reach for sure: of a family's words as many are scored
 * again as go on, and few more. */
#include "screened.h"
#include "room.h"
#include <math.h>

#ifdef IS_FLOAT
int open_screened(next_words *n)
{
    const float *norms = n->job->screen->norms;
    ptrdiff_t pairs = pairs_of(n->units), rows = BLOCK * TILE;
    n->width = parts_of(n->job->words, PANEL) * PANEL, n->longest = 0;
    n->apart = n->width + CACHE_LINE / sizeof(float);       /* rows of a tile should not meet in the same lines of L1 */
    for (ptrdiff_t word = 0; word < n->job->words; word++) n->longest = norms[word] > n->longest ? norms[word] : n->longest;
    n->left = room((rows + TILE) * 2 * pairs, sizeof(int16_t)), n->rounded_rows = n->left ? n->left + rows * 2 * pairs : 0;
    n->combined = room(BLOCK / 4 * combined_of_group(pairs), sizeof(int16_t));
    n->scores = room(rows * (n->apart + n->count), sizeof(float)), n->sure = n->scores ? n->scores + rows * n->apart : 0;
    n->weighed = room(rows, sizeof(weighed));
    return n->left && n->combined && n->scores && n->weighed ? 0 : -1;
}

void close_screened(next_words *n) { leave(n->left), leave(n->combined), leave(n->scores), leave(n->weighed); }

/* What a word says for sure, as a log-probability of all that is said with it. */
static double surely(const weighed *w, float sure) { return sure + w->less - w->either_way; }

/* A log-probability that the family's best `wanted` reach for sure; its rows are first, ..., first + count - 1 of a block. */
static double floor_of(next_words *n, ptrdiff_t first, ptrdiff_t count, const families *f, const double *so_far)
{
    const float *norms = n->job->screen->norms;
    ptrdiff_t most = f->wanted + count, have = 0, asides = 0;
    double best[most], aside[count];
    for (ptrdiff_t i = first; i < first + count; i++) {
        weighed *w = n->weighed + i;
        if (!(w->rounded.norm >= 0)) continue;
        /* The sum's logarithm is wrong by no more than the worst of its scores. */
        w->less = so_far[i - first] - ((double)w->reference + log(w->total)), w->either_way = (double)(w->reach * n->longest) + 1e-6 * fabs(w->less);
        if (f->aside >= 0 && f->aside < n->job->words)
            aside[asides++] = surely(w, n->scores[i * n->apart + f->aside] + w->reach * norms[f->aside]);
        for (ptrdiff_t k = 0; k < n->count; k++) {
            double x = surely(w, n->sure[i * n->count + k]);
            ptrdiff_t place = have < most ? have : most - 1;
            if (have == most && !(x > best[place])) break;
            have += have < most;
            for (; place > 0 && x > best[place - 1]; place--) best[place] = best[place - 1];
            best[place] = x;
        }
    }
    /* Of the best as many more as words aside may be among them. */
    for (ptrdiff_t more = 0; f->wanted + more <= have; more++) {
        ptrdiff_t there = 0;
        for (ptrdiff_t k = 0; k < asides; k++) there += aside[k] >= best[f->wanted + more - 1];
        if (there <= more) return best[f->wanted + more - 1];
    }
    return -INFINITY;
}

/* How many rows make the next block: families that fit into one, in tiles that go in fours if that is not much less. 0 if the first does
 * not fit. */
static ptrdiff_t block_of(const families *f, ptrdiff_t family)
{
    ptrdiff_t rows = 0, in_fours = 0;
    for (; family < f->count && rows + f->sizes[family] <= BLOCK * TILE; family++)
        if ((rows += f->sizes[family]) % 4 == 0) in_fours = rows;
    return family < f->count && in_fours > BLOCK * TILE / 2 ? in_fours : rows;
}

void find_screened(next_words *n, const float *h, ptrdiff_t rows, const families *f)
{
    ptrdiff_t family = 0;
    n->all_again = 0;
    for (ptrdiff_t first = 0, count; first < rows; first += count) {
        if (f && !(count = block_of(f, family))) f = 0;
        if (!f) count = parts_of(rows - first, parts_of(rows - first, BLOCK * TILE));
        score_block(n, h + first * n->units, count);
        for (ptrdiff_t i = 0; i < count; i++)
            if (n->weighed[i].rounded.norm >= 0 && weigh(n, i)) n->weighed[i].rounded.norm = NAN;
        for (ptrdiff_t i = 0, size; i < count; i += size) {
            double floor = -INFINITY;
            size = 1;
            if (f) size = f->sizes[family++], floor = floor_of(n, i, size, f, f->so_far + first + i);
            for (ptrdiff_t k = i; k < i + size; k++) {
                const weighed *w = n->weighed + k;
                const float *row = h + (first + k) * n->units;
                float bar = n->sure[k * n->count + n->count - 1];
                if (!(w->rounded.norm >= 0)) settle_all(n, row, first + k, k);
                else {
                    if (floor > -INFINITY && floor - w->less - w->either_way > bar) bar = (float)(floor - w->less - w->either_way);
                    settle(n, row, first + k, k, bar);
                }
            }
        }
    }
    n->unfit |= n->all_again > rows / 4 + 4;
}
#endif
