/* Beam search, from the first word to the last, without going back to Python: every thread searches for pictures of its own and
 * waits for nobody. All their beams are rows of one batch, and only beams that are alive are rows.
 *
 * At each step a picture's continuations are merged, best first, from what each of its beams likes best, until `width` of them
 * go on; <END> among the `width` best is a sentence. A beam's `width + 1` likeliest words are enough for that: `width` that go on,
 * and <END>. A picture with `width` sentences is done, and drops out. Every word that goes on is a node, which knows the one before;
 * what a beam has said is found by going back from node to node. */
#include "next_words.h"
#include "reader.h"
#include "workers.h"
#include <math.h>
#include <stdlib.h>

typedef struct {
    ptrdiff_t word, parent;     /* number of the node before, or -1 */
    double log_prob;
} node;

typedef struct {
    double total;
    ptrdiff_t node;             /* what it has said last */
} beam;

typedef struct {
    searcher *job;
    reader read;
    next_words next;
    node *nodes;                /* width for each picture and step */
    ptrdiff_t *live, *beams;    /* pictures that are not done, and how many beams each of these has */
    ptrdiff_t *found;           /* of every picture: how many sentences */
    beam *now, *then;           /* of each row, at this step and the next */
    double *so_far;             /* each row's total */
} hunt;

/* A sentence of a picture: what leads to a node, and one word more, where there is one (not -1). */
static void write_down(hunt *h, ptrdiff_t picture, ptrdiff_t last, ptrdiff_t word, double log_prob)
{
    const searcher *s = h->job;
    ptrdiff_t place = picture * 2 * s->width + h->found[picture]++, length = word >= 0;
    for (ptrdiff_t k = last; k >= 0; k = h->nodes[k].parent) length++;
    s->lengths[place] = length;
    ptrdiff_t *tokens = s->tokens + place * s->length;
    double *log_probs = s->log_probs + place * s->length;
    if (word >= 0) tokens[--length] = word, log_probs[length] = log_prob;
    for (ptrdiff_t k = last; k >= 0; k = h->nodes[k].parent) tokens[--length] = h->nodes[k].word, log_probs[length] = h->nodes[k].log_prob;
}

/* Merges what a picture's beams, rows first, first + 1, ..., like best. What goes on becomes rows new, new + 1, ... of the next step.
 * Returns how many do. */
static ptrdiff_t extend(hunt *h, ptrdiff_t picture, ptrdiff_t first, ptrdiff_t beams, ptrdiff_t time, ptrdiff_t new)
{
    const searcher *s = h->job;
    const next_words *n = &h->next;
    ptrdiff_t heads[beams], alive = 0;          /* of each beam: how many of its words are taken */
    double logs[beams];                         /* and the next one's log-probability */
    for (ptrdiff_t b = 0; b < beams; b++) heads[b] = 0, logs[b] = n->have[first + b] ? log_share(n, first + b, 0) : -INFINITY;
    for (ptrdiff_t rank = 0; alive < s->width; rank++) {
        ptrdiff_t best = -1;
        double most = s->never;
        for (ptrdiff_t b = 0; b < beams; b++)
            if (h->now[first + b].total + logs[b] > most) most = h->now[first + b].total + logs[b], best = b;
        if (best < 0) break;
        ptrdiff_t row = first + best, word = n->words[row * n->count + heads[best]];
        double log_prob = logs[best];
        logs[best] = ++heads[best] < n->have[row] ? log_share(n, row, heads[best]) : -INFINITY;
        if (word != s->end) {
            ptrdiff_t place = (time * s->pictures + picture) * s->width + alive++;
            h->nodes[place] = (node){word, h->now[row].node, log_prob};
            h->then[new] = (beam){most, place};
            s->read.words[new] = word, s->read.parents[new++] = row;
        } else if (rank < s->width)
            write_down(h, picture, h->now[row].node, word, log_prob);
    }
    return alive;
}

static void go(hunt *h)
{
    searcher *s = h->job;
    ptrdiff_t pictures = s->pictures, rows = pictures;
    for (ptrdiff_t p = 0; p < pictures; p++) h->live[p] = p, h->beams[p] = 1, h->found[p] = 0, h->now[p] = (beam){0, -1};
    for (ptrdiff_t time = 0; time < s->length && rows && !s->failed; time++) {
        for (ptrdiff_t r = 0; r < rows; r++) h->so_far[r] = h->now[r].total;
        families f = {h->beams, h->so_far, pictures, s->width, s->end};
        find_words(&h->next, read_words(&h->read, rows, time), rows, &f);
        if (h->next.unfit) s->failed |= UNFIT;
        ptrdiff_t going = 0, new = 0, row = 0;
        for (ptrdiff_t i = 0, beams; i < pictures; i++, row += beams) {
            beams = h->beams[i];
            ptrdiff_t picture = h->live[i], alive = extend(h, picture, row, beams, time, new);
            if (!alive || h->found[picture] >= s->width) continue;
            h->live[going] = picture, h->beams[going++] = alive, new += alive;
        }
        beam *next = h->now;
        h->now = h->then, h->then = next, rows = new, pictures = going;
    }
    for (ptrdiff_t i = 0, row = 0; i < pictures; row += h->beams[i++])      /* nothing more reaches <END> */
        for (ptrdiff_t b = 0; b < h->beams[i] && h->found[h->live[i]] < s->width; b++)
            write_down(h, h->live[i], h->now[row + b].node, -1, 0);
}

static void search_some(void *context, int number)
{
    searcher *s = (searcher *)context + number;
    hunt h = {.job = s};
    ptrdiff_t words = at_most(s->width + 1, s->score.words), most = s->pictures * s->width;
    h.nodes = malloc((s->length * most + 1) * sizeof(node));
    h.live = malloc((3 * s->pictures + 1) * sizeof(ptrdiff_t));
    h.now = malloc(2 * (most + s->width) * sizeof(beam)), h.so_far = malloc((most + 1) * sizeof(double));
    s->failed = open_reader(&h.read, &s->read) | open_words(&h.next, &s->score, most, words, s->read.units, s->read.strassen);
    s->failed = s->failed || !h.nodes || !h.live || !h.now || !h.so_far ? OUT_OF_MEMORY : 0;
    h.beams = h.live + s->pictures, h.found = h.beams + s->pictures, h.then = h.now + most + s->width;
    beam *all = h.now;
    if (!s->failed) go(&h);
    free(h.nodes), free(h.live), free(all), free(h.so_far), close_words(&h.next), close_reader(&h.read);
}

#define search FOR_THIS_SET(search)
void search(searcher *searchers, int count, int threads) { run_tasks(search_some, searchers, count, threads); }
