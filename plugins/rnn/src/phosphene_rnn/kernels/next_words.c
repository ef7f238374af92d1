/* Scores of the next word, and of each row the likeliest, in one pass: a tile of the product goes from L1 into sums of
 * exponentials and the best so far, and is forgotten. Most vectors hold nothing that is better than a row's best: one
 * comparison each says so. */
#include "screened.h"
#include "exponential.h"
#include "room.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#if defined(__SSE2__)
#include <immintrin.h>
#endif

enum { FAR = 30 };              /* from a row's reference, so far that sums want another */

#ifdef IS_FLOAT
#define PICK(single, real) single
typedef float quarter __attribute__((vector_size(16)));
#else
#define PICK(single, real) real
#endif

/* Which numbers are larger, a bit for each. */
static inline unsigned larger(vector x, REAL least)
{
    vector bound = (vector){0} + least;
#if defined(__AVX512F__)
    return PICK(_mm512_cmp_ps_mask((__m512)x, (__m512)bound, _CMP_GT_OQ), _mm512_cmp_pd_mask((__m512d)x, (__m512d)bound, _CMP_GT_OQ));
#elif defined(__AVX2__)
    lanes found = x > bound;
    return PICK(_mm256_movemask_ps((__m256)found), _mm256_movemask_pd((__m256d)found));
#elif defined(__SSE2__)
    lanes found = x > bound;
    return PICK(_mm_movemask_ps((__m128)found), _mm_movemask_pd((__m128d)found));
#else
    unsigned bits = 0;
    for (int l = 0; l < LANES; l++) bits |= (unsigned)(x[l] > bound[l]) << l;
    return bits;
#endif
}

#ifndef IS_FLOAT
static inline vector exponential_of(vector x)
{
    for (int l = 0; l < LANES; l++) x[l] = exp(x[l]);
    return x;
}
#endif

/* Of a panel's scores those that are among the row's best so far (`bits`) find their places. */
static __attribute__((noinline)) void take_in(next_words *n, ptrdiff_t row, ptrdiff_t first, const REAL *scores, unsigned bits)
{
    REAL *best = n->best + row * n->count;
    ptrdiff_t *words = n->words + row * n->count, have = n->have[row], count = n->count;
    for (; bits; bits &= bits - 1) {
        int l = __builtin_ctz(bits);
        REAL x = scores[l];
        if (have == count && !(x > best[count - 1])) continue;
        ptrdiff_t place = have < count ? have++ : count - 1;
        for (; place > 0 && x > best[place - 1]; place--) best[place] = best[place - 1], words[place] = words[place - 1];
        best[place] = x, words[place] = first + l;
    }
    if (have == count) n->least[row] = best[count - 1];
    if (!n->have[row] || best[0] > n->reference[row] + FAR) {
        REAL *sums = n->sums + row * LANES;
        store(sums, load(sums) * exponential_of((vector){0} + (n->reference[row] - best[0])));
        n->reference[row] = best[0];
    }
    n->have[row] = have;
}

/* A tile's scores, without bias, as they come from the product. */
static void take_tile(void *taker, const void *tile, ptrdiff_t row, ptrdiff_t rows, ptrdiff_t panel)
{
    next_words *n = taker;
    const REAL *from = tile, *bias = (const REAL *)n->job->bias + panel * PANEL;
    vector left_bias = load(bias), right_bias = load(bias + LANES);
    for (ptrdiff_t last = row + rows; row < last; row++, from += PANEL) {
        vector left = load(from) + left_bias, right = load(from + LANES) + right_bias;
        unsigned bits = larger(left, n->least[row]) | larger(right, n->least[row]) << LANES;
        if (__builtin_expect(bits != 0, 0)) {
            REAL scores[PANEL];
            store(scores, left), store(scores + LANES, right);
            take_in(n, row, panel * PANEL, scores, bits);
        }
        REAL *sums = n->sums + row * LANES, reference = n->reference[row];
        store(sums, load(sums) + exponential_of(left - reference) + exponential_of(right - reference));
    }
}

void find_words(next_words *n, const REAL *h, ptrdiff_t rows, const families *f)
{
    const scoring *job = n->job;
    for (ptrdiff_t row = 0; row < rows; row++) n->have[row] = 0, n->least[row] = -INFINITY, n->reference[row] = 0;
    memset(n->sums, 0, rows * LANES * sizeof(REAL));
    if (job->screen) {
        find_screened(n, h, rows, f);
        return;
    }
    product p = {.left = LEFT_ROWS, .rows = rows, .depth = n->units, .parts = 1, .units = job->words, .strassen = n->strassen, .threads = 1};
    p.a = (grid){(void *)h, n->units, PANEL, 0, 0, 0};
    p.b = (grid){(void *)job->weights, PANEL, n->units * PANEL, 0, 0, 1};
    p.combined = job->combined, p.take = take_tile, p.taker = n;
    run_product_here(&p, n->scratch);
}

double log_share(const next_words *n, ptrdiff_t row, ptrdiff_t k)
{
    double total = 0;
    for (int l = 0; l < LANES; l++) total += (double)n->sums[row * LANES + l];
    return (REAL)(n->best[row * n->count + k] - (n->reference[row] + (REAL)log(total)));
}

int open_words(next_words *n, const scoring *job, ptrdiff_t most, ptrdiff_t count, ptrdiff_t units, int strassen)
{
    product p = {.rows = most, .depth = units, .parts = 1, .units = job->words, .threads = 1};
    *n = (next_words){.job = job, .count = count, .units = units, .strassen = strassen};
    ptrdiff_t rows = parts_of(most + 1, 64) * 64;
    if (!job->screen) n->scratch = room(product_room(&p), sizeof(REAL));
    else if (open_screened(n)) return -1;
    n->sums = room(rows * (LANES + 2 + count), sizeof(REAL));
    n->words = malloc(rows * (count + 1) * sizeof(ptrdiff_t));
    if ((!n->scratch && !job->screen) || !n->sums || !n->words) return -1;
    n->least = n->sums + rows * LANES, n->reference = n->least + rows, n->best = n->reference + rows;
    n->have = n->words + rows * count;
    return 0;
}

void close_words(next_words *n)
{
    if (n->job && n->job->screen) close_screened(n);
    leave(n->scratch), leave(n->sums), free(n->words);
}

#define likeliest FOR_THIS_SET(likeliest)
int likeliest(const asking *a)
{
    next_words n = {0};
    int failed = open_words(&n, &a->score, a->rows, a->count, a->units, a->strassen);
    if (!failed) find_words(&n, a->h, a->rows, 0);
    for (ptrdiff_t row = 0; row < a->rows && !failed; row++)
        for (ptrdiff_t k = 0; k < (a->have[row] = n.have[row]); k++) {
            a->words[row * a->count + k] = n.words[row * a->count + k];
            a->log_probs[row * a->count + k] = log_share(&n, row, k);
        }
    close_words(&n);
    return failed;
}
