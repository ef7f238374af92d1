/* Of each row the likeliest next words, without most of the float products.
 *
 * All scores are first made from whole numbers of 16 bits (whole.c), to which h is rounded here and the weights were before: half as
 * many instructions, half as many bytes, no rounding on the way. How far such a score can be from the true one is known, by Cauchy
 * and Schwarz: |h w - h' w'| <= |h - h'| |w| + |h'| |w - w'|. A word whose score cannot reach the best is done with. The others,
 * one or two, are scored again in float, from end to end, and the likeliest of them is the likeliest of all: no word is lost.
 *
 * The sum of all exponentials takes the scores as they are, for errors of a thousand words as good as cancel, but for
 * words that weigh so much that theirs would show: these are scored again as well. */
#include "screened.h"
#include "exponential.h"
#include "room.h"
#include <float.h>
#include <math.h>
#include <string.h>

#ifdef IS_FLOAT
#if defined(__SSE2__)
#include <immintrin.h>
#endif

typedef int32_t whole_numbers __attribute__((vector_size(VECTOR_BYTES), may_alias));

/* Tiles of a block, whose scores stay in L2; words of a row that are looked at again, at most, before all are; and how much a word's
 * error by its share of the probability may be that is not looked at. */
enum { BLOCK = 4, MOST_AGAIN = 128 };
#define CARE 2e-5f

/* Which numbers are not below `least`, a bit for each. */
static inline unsigned at_least(vector x, float least)
{
#if defined(__AVX512F__)
    return _mm512_cmp_ps_mask((__m512)x, (__m512)all(least), _CMP_GE_OQ);
#elif defined(__AVX2__)
    return _mm256_movemask_ps((__m256)(x >= all(least)));
#elif defined(__SSE2__)
    return _mm_movemask_ps((__m128)(x >= all(least)));
#else
    unsigned bits = 0;
    for (int l = 0; l < LANES; l++) bits |= (unsigned)(x[l] >= least) << l;
    return bits;
#endif
}

/* A row's product with a word's weights, in float. */
static float score_again(const float *h, const float *w, ptrdiff_t depth)
{
    vector s[4] = {{0}};
    ptrdiff_t k = 0;
    for (; k + 4 * LANES <= depth; k += 4 * LANES)
#pragma GCC unroll 4
        for (int i = 0; i < 4; i++) s[i] += load(h + k + i * LANES) * load(w + k + i * LANES);
    s[0] += s[1], s[2] += s[3], s[0] += s[2];
    float sum = 0;
    for (int l = 0; l < LANES; l++) sum += s[0][l];
    for (; k < depth; k++) sum += h[k] * w[k];
    return sum;
}

/* A word among the row's best so far, if it belongs there. Words come in order; of equal ones the first stays first. */
static void insert(next_words *n, ptrdiff_t row, ptrdiff_t word, float x)
{
    float *best = n->best + row * n->count;
    ptrdiff_t *words = n->words + row * n->count, have = n->have[row];
    if (!(x > (have == n->count ? best[have - 1] : -INFINITY))) return;
    ptrdiff_t place = have < n->count ? n->have[row]++ : have - 1;
    for (; place > 0 && x > best[place - 1]; place--) best[place] = best[place - 1], words[place] = words[place - 1];
    best[place] = x, words[place] = word;
}

/* All words of a row again: where its numbers cannot be rounded, or too many words are close to each other. */
static void all_again(next_words *n, const float *h, ptrdiff_t row, float *scores)
{
    const scoring *job = n->job;
    const float *weights = job->screen->rows, *bias = job->bias;
    double total = 0;
    n->have[row] = 0;
    for (ptrdiff_t word = 0; word < job->words; word++)
        insert(n, row, word, scores[word] = score_again(h, weights + word * n->units, n->units) + bias[word]);
    n->reference[row] = n->have[row] ? n->best[row * n->count] : 0;
    for (ptrdiff_t word = 0; word < job->words; word++) total += exp((double)scores[word] - (double)n->reference[row]);
    n->sums[row * LANES] = (float)total;
}

/* The count-th largest of the numbers. */
static float rank(const float *numbers, ptrdiff_t size, ptrdiff_t count)
{
    float best[PANEL];
    ptrdiff_t have = 0;
    for (ptrdiff_t i = 0; i < size; i++) {
        if (have == count && !(numbers[i] > best[count - 1])) continue;
        ptrdiff_t place = have < count ? have++ : count - 1;
        for (; place > 0 && numbers[i] > best[place - 1]; place--) best[place] = best[place - 1];
        best[place] = numbers[i];
    }
    return best[count - 1];
}

/* Whole numbers become scores, in place. `reach`: by how much of a word's length its score can be wrong. Returns the largest score
 * that is surely reached by `count` words, and by one. */
static float surely(const next_words *n, float *scores, float scale, float reach, float *by_one)
{
    const float *scales = n->job->screen->scales, *norms = n->job->screen->norms, *bias = n->job->bias;
    float least[PANEL];
    vector left = all(-INFINITY), right = left;
    for (ptrdiff_t u = 0; u < n->apart; u += PANEL) {
        vector one = __builtin_convertvector(*(const whole_numbers *)(scores + u), vector) * (scale * load(scales + u)) + load(bias + u);
        vector two = __builtin_convertvector(*(const whole_numbers *)(scores + u + LANES), vector) * (scale * load(scales + u + LANES)) + load(bias + u + LANES);
        store(scores + u, one), store(scores + u + LANES, two);
        left = MOST(left, one - reach * load(norms + u)), right = MOST(right, two - reach * load(norms + u + LANES));
    }
    store(least, left), store(least + LANES, right);
    *by_one = rank(least, PANEL, 1);
    return n->count == 1 ? *by_one : n->count <= PANEL ? rank(least, PANEL, n->count) : -INFINITY;
}

/* The likeliest words of a row from their scores in whole numbers. */
static void sift(next_words *n, const float *h, ptrdiff_t row, float *scores, const rounded *r)
{
    const screen *s = n->job->screen;
    const float *norms = s->norms, *bias = n->job->bias;
    /* What rounding to whole numbers takes, and what floats do: by sums, here and again, and by scales. */
    float lost = (float)s->lost, floats = (float)(n->units / LANES + 64) * 0x1p-23f;
    float reach = 1.001f * (r->lost + lost * (r->norm + r->lost)) + floats * r->norm, reference;
    float least = surely(n, scores, r->scale, reach, &reference);
    if (!(reference > -1e30f && reference < 1e30f)) {
        all_again(n, h, row, scores);
        return;
    }
    vector sums = {0};
    for (ptrdiff_t u = 0; u < n->apart; u += LANES) sums += exponential_of(load(scores + u) - reference);
    double total = 0;
    for (int l = 0; l < LANES; l++) total += (double)sums[l];
    float heavy = reference + logf(CARE * (float)total / (reach * n->longest)), bar = least - 0x1p-21f * fabsf(least);
    bar = heavy < bar ? heavy : bar;
    bar = bar > -FLT_MAX ? bar : -FLT_MAX;          /* what is past the last word is below that */
    ptrdiff_t again[MOST_AGAIN + LANES], count = 0;
    for (ptrdiff_t u = 0; u < n->apart && count <= MOST_AGAIN; u += LANES)
        for (unsigned bits = at_least(load(scores + u) + reach * load(norms + u), bar); bits; bits &= bits - 1)
            again[count++] = u + __builtin_ctz(bits);
    if (count > MOST_AGAIN) {
        all_again(n, h, row, scores);
        return;
    }
    for (ptrdiff_t i = 0; i < count; i++) {
        ptrdiff_t word = again[i];
        float x = score_again(h, (const float *)s->rows + word * n->units, n->units) + bias[word];
        total += exp((double)x - (double)reference) - exp((double)scores[word] - (double)reference);
        insert(n, row, word, x);
    }
    n->reference[row] = reference, n->sums[row * LANES] = (float)total;
}

/* Rows as whole numbers, in tiles of so many. Those that cannot be rounded have a norm of NaN. */
static void round_rows(const next_words *n, const float *h, ptrdiff_t rows, ptrdiff_t height)
{
    ptrdiff_t pairs = pairs_of(n->units);
    for (ptrdiff_t first = 0; first < rows; first += height) {
        const float *lines[TILE];
        ptrdiff_t count = at_most(rows - first, height);
        for (ptrdiff_t i = 0; i < count; i++) {
            int16_t *to = n->rounded_rows + i * 2 * pairs;
            if (round_row(h + (first + i) * n->units, n->units, to, n->rounded + first + i)) {
                memset(to, 0, 2 * pairs * sizeof(int16_t));
                n->rounded[first + i].norm = NAN;
            }
            lines[i] = (const float *)(const void *)to;             /* a pair is moved as one number of as many bits */
        }
        pack_tile(lines, count, pairs, (float *)(void *)(n->left + first / height * TILE * 2 * pairs));
    }
}

int open_screened(next_words *n)
{
    const float *norms = n->job->screen->norms;
    ptrdiff_t pairs = pairs_of(n->units), rows = BLOCK * TILE;
    n->apart = parts_of(n->job->words, PANEL) * PANEL, n->longest = 0;
    for (ptrdiff_t word = 0; word < n->job->words; word++) n->longest = norms[word] > n->longest ? norms[word] : n->longest;
    n->left = room((rows + TILE) * 2 * pairs, sizeof(int16_t)), n->rounded_rows = n->left ? n->left + rows * 2 * pairs : 0;
    n->scores = room(rows * n->apart, sizeof(float)), n->rounded = room(rows, sizeof(rounded));
    return n->left && n->scores && n->rounded ? 0 : -1;
}

void close_screened(next_words *n) { leave(n->left), leave(n->scores), leave(n->rounded); }

void find_screened(next_words *n, const float *h, ptrdiff_t rows)
{
    const screen *s = n->job->screen;
    ptrdiff_t pairs = pairs_of(n->units), blocks = parts_of(rows, BLOCK * TILE);
    for (ptrdiff_t b = 0; b < blocks; b++) {
        ptrdiff_t first = rows * b / blocks, count = rows * (b + 1) / blocks - first, height = parts_of(count, parts_of(count, TILE));
        round_rows(n, h + first * n->units, count, height);
        for (ptrdiff_t u = 0; u < n->apart; u += PANEL)
            for (ptrdiff_t t = 0; t < count; t += height)
                multiply_whole((int)at_most(height, count - t), pairs, n->left + t / height * TILE * 2 * pairs, s->panels + u * 2 * pairs,
                               (int32_t *)(n->scores + t * n->apart + u), n->apart);
        for (ptrdiff_t i = 0; i < count; i++) {
            float *scores = n->scores + i * n->apart;
            if (n->rounded[i].norm >= 0) sift(n, h + (first + i) * n->units, first + i, scores, n->rounded + i);
            else all_again(n, h + (first + i) * n->units, first + i, scores);
        }
    }
}
#endif
