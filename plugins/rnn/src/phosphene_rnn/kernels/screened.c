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

/* A row: what rounding made of it; how far a score can be wrong, by its word's length; reference and sum of the exponentials. In a
 * family: what is added to a score to make a log-probability of all that is said, and how far that can be wrong. */
typedef struct weighed {
    rounded rounded;
    float reach, reference;
    double total, less, either_way;
} weighed;

typedef int32_t whole_numbers __attribute__((vector_size(VECTOR_BYTES), may_alias));

/* Tiles of a block, whose scores stay in L2; words of a row that are looked at again, at most, before all are; and how much a word's
 * error by its share of the probability may be that is not looked at. */
enum { BLOCK = 8, MOST_AGAIN = 128, SOON_ENOUGH = 256 };
#define CARE 2e-5f
#define TOO_FAR 0.25f       /* a score that can be wrong by so much is none to begin with */

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

/* The numbers, with -INFINITY in the places of those that are not below the bound. */
static inline vector without(vector x, vector bound)
{
#if defined(__AVX512F__)
    return (vector)_mm512_mask_mov_ps((__m512)x, _mm512_cmp_ps_mask((__m512)x, (__m512)bound, _CMP_GE_OQ), (__m512)all(-INFINITY));
#else
    lanes there = (lanes)(x >= bound);
    return (vector)(((lanes)x & ~there) | ((lanes)all(-INFINITY) & there));
#endif
}

/* e^x for the sum of many, as 2^n 2^f, |f| <= 1/2: a polynomial with equal ripples, relative error 1.4e-7. For x < 87; below -87 it stays
 * e^-87. */
static inline vector share_of(vector x)
{
    const vector shift = all(12582912.0f), two = all(1.44269504088896341f);     /* 1.5 * 2^23: adding it rounds to whole numbers */
    x = MOST(x, all(-87));
    vector shifted = x * two + shift, f = x * two - (shifted - shift);
    vector p = 1.331027206e-3f * f + 9.672376503e-3f;
    p = p * f + 5.550583566e-2f;
    p = p * f + 0.2402218329f;
    p = p * f + 0.6931470659f;
    p = p * f + 1.000000058f;
    return (vector)((lanes)p + ((lanes)shifted << 23));                         /* what `shift` left above n is pushed out */
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
    n->have[row] = 0, n->all_again++;
    for (ptrdiff_t word = 0; word < job->words; word++)
        insert(n, row, word, scores[word] = score_again(h, weights + word * n->units, n->units) + bias[word]);
    n->reference[row] = n->have[row] ? n->best[row * n->count] : 0;
    for (ptrdiff_t word = 0; word < job->words; word++) total += exp((double)scores[word] - (double)n->reference[row]);
    n->sums[row * LANES] = (float)total;
}

static const lane_number across[4][16] = {              /* lanes that change places, 8, 4, ... apart */
    {8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7}, {4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11},
    {2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13}, {1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14}};

/* Of all lanes of two vectors the `count` largest numbers, largest first; of equal ones one. -INFINITY past the last. */
static void largest_of(vector left, vector right, ptrdiff_t count, float *to)
{
    for (ptrdiff_t k = 0; k < count; k++) {
        vector most = MOST(left, right);
#pragma GCC unroll 4
        for (int round = 0; round < 4; round++)
            if (8 >> round < LANES) {
                lanes places;
                memcpy(&places, across[round], sizeof places);
                most = MOST(most, __builtin_shuffle(most, places));
            }
        to[k] = most[0];
        left = without(left, most), right = without(right, most);
    }
}

/* Whole numbers become scores, in place, and what is known of them is noted: the scores that are reached for sure, by one word, two, ...,
 * and the sum of the exponentials, by that of the reference, which the likeliest reaches. 0, or -1 if all this makes no numbers. */
static int weigh(next_words *n, ptrdiff_t i)
{
    const screen *s = n->job->screen;
    const float *scales = s->scales, *norms = s->norms, *bias = n->job->bias;
    weighed *w = n->weighed + i;
    float *scores = n->scores + i * n->apart, scale = w->rounded.scale, norm = w->rounded.norm, off = w->rounded.lost;
    /* What rounding to whole numbers takes, and what floats do: by sums, here and again, and by scales. */
    float reach = 1.001f * (off + (float)s->lost * (norm + off)) + (float)(n->units / LANES + 64) * 0x1p-23f * norm;
    vector left = all(-INFINITY), right = left, sums[2] = {{0}};
    for (ptrdiff_t u = 0; u < n->width; u += PANEL) {
        vector one = __builtin_convertvector(*(const whole_numbers *)(scores + u), vector) * (scale * load(scales + u)) + load(bias + u);
        vector two = __builtin_convertvector(*(const whole_numbers *)(scores + u + LANES), vector) * (scale * load(scales + u + LANES))
                     + load(bias + u + LANES);
        store(scores + u, one), store(scores + u + LANES, two);
        left = MOST(left, one - reach * load(norms + u)), right = MOST(right, two - reach * load(norms + u + LANES));
    }
    float *sure = n->sure + i * n->count, reference;
    largest_of(left, right, n->count, sure);
    w->reach = reach, w->reference = reference = sure[0], w->total = 0;
    if (!(reference > -1e30f && reference < 1e30f && reach * n->longest <= TOO_FAR)) return -1;
    for (ptrdiff_t u = 0; u < n->width; u += PANEL)
        sums[0] += share_of(load(scores + u) - reference), sums[1] += share_of(load(scores + u + LANES) - reference);
    for (int l = 0; l < LANES; l++) w->total += (double)sums[0][l] + (double)sums[1][l];
    return 0;
}

/* Of a row the words whose scores may reach the bar are scored again. */
static void settle(next_words *n, const float *h, ptrdiff_t row, ptrdiff_t i, float bar)
{
    const screen *s = n->job->screen;
    const weighed *w = n->weighed + i;
    const float *scores = n->scores + i * n->apart, *norms = s->norms;
    double total = w->total;
    float heavy = w->reference + logf(CARE * (float)total / (w->reach * n->longest)), reach = w->reach;
    ptrdiff_t again[MOST_AGAIN + PANEL], count = 0;
    bar -= 0x1p-21f * fabsf(bar);
    heavy = heavy < bar ? heavy : bar;
    heavy = heavy > -FLT_MAX ? heavy : -FLT_MAX;            /* what is past the last word is below that */
    for (ptrdiff_t u = 0; u < n->width && count <= MOST_AGAIN; u += PANEL) {
        unsigned bits = at_least(load(scores + u) + reach * load(norms + u), heavy);
        bits |= at_least(load(scores + u + LANES) + reach * load(norms + u + LANES), heavy) << LANES;
        for (; bits; bits &= bits - 1) {
            again[count] = u + __builtin_ctz(bits);
            for (ptrdiff_t k = 0; k < at_most(n->units, SOON_ENOUGH); k += CACHE_LINE / sizeof(float))
                __builtin_prefetch((const float *)s->rows + again[count] * n->units + k);
            count++;
        }
    }
    if (count > MOST_AGAIN) {
        all_again(n, h, row, n->scores + i * n->apart);
        return;
    }
    for (ptrdiff_t k = 0; k < count; k++) {
        ptrdiff_t word = again[k];
        float x = score_again(h, (const float *)s->rows + word * n->units, n->units) + ((const float *)n->job->bias)[word];
        total += exp((double)x - (double)w->reference) - exp((double)scores[word] - (double)w->reference);
        insert(n, row, word, x);
    }
    n->reference[row] = w->reference, n->sums[row * LANES] = (float)total;
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
            rounded *r = &n->weighed[first + i].rounded;
            if (round_row(h + (first + i) * n->units, n->units, to, r)) memset(to, 0, 2 * pairs * sizeof(int16_t)), r->norm = NAN;
            lines[i] = (const float *)(const void *)to;             /* a pair is moved as one number of as many bits */
        }
        pack_tile(lines, count, pairs, (float *)(void *)(n->left + first / height * TILE * 2 * pairs));
    }
}

int open_screened(next_words *n)
{
    const float *norms = n->job->screen->norms;
    ptrdiff_t pairs = pairs_of(n->units), rows = BLOCK * TILE;
    n->width = parts_of(n->job->words, PANEL) * PANEL, n->longest = 0;
    n->apart = n->width + CACHE_LINE / sizeof(float);       /* rows of a tile should not meet in the same lines of L1 */
    for (ptrdiff_t word = 0; word < n->job->words; word++) n->longest = norms[word] > n->longest ? norms[word] : n->longest;
    n->left = room((rows + TILE) * 2 * pairs, sizeof(int16_t)), n->rounded_rows = n->left ? n->left + rows * 2 * pairs : 0;
    n->combined = room(BLOCK / 2 * combined_whole(pairs, TILE), sizeof(int16_t));
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

/* A block's scores. */
static void multiply_rows(next_words *n, const float *h, ptrdiff_t count)
{
    const screen *s = n->job->screen;
    ptrdiff_t pairs = pairs_of(n->units), tiles = parts_of(count, TILE), height = parts_of(count, tiles);
    ptrdiff_t tile = TILE * 2 * pairs, panel = PANEL * 2 * pairs;
    int in_fours = s->combined && height >= LEAST_HEIGHT;
    round_rows(n, h, count, height);
    for (ptrdiff_t t = 0; in_fours && t + 1 < tiles; t += 2)
        combine_whole_tiles(n->left + t * tile, n->left + (t + 1) * tile, pairs, n->combined + t / 2 * combined_whole(pairs, TILE));
    for (ptrdiff_t p = 0, panels = n->width / PANEL, wide; p < panels; p += wide) {
        const int16_t *first = s->panels + p * panel;
        wide = in_fours && p + 1 < panels ? 2 : 1;
        for (ptrdiff_t t = 0, high; t < tiles; t += high) {
            const int16_t *one = n->left + t * tile;
            int32_t *out = (int32_t *)(n->scores + t * height * n->apart + p * PANEL);
            high = wide == 2 && t + 1 < tiles ? 2 : 1;
            if (high == 2)
                multiply_whole_four((int)height, pairs, one, one + tile, n->combined + t / 2 * combined_whole(pairs, TILE), first, first + panel,
                                    s->combined + p / 2 * combined_whole(pairs, PANEL), out, out + height * n->apart, n->apart);
            else for (ptrdiff_t k = 0; k < wide; k++)
                multiply_whole((int)at_most(height, count - t * height), pairs, one, first + k * panel, out + k * PANEL, n->apart);
        }
    }
    for (ptrdiff_t i = 0; i < count; i++)
        if (n->weighed[i].rounded.norm >= 0 && weigh(n, i)) n->weighed[i].rounded.norm = NAN;
}

/* How many of the rows from `first` on make a block: families, if one fits. */
static ptrdiff_t block_of(const families *f, ptrdiff_t family, ptrdiff_t left, ptrdiff_t blocks_left)
{
    ptrdiff_t count = parts_of(left, blocks_left), whole = 0;
    if (!f) return count;
    for (; family < f->count && whole + f->sizes[family] <= BLOCK * TILE && whole < count; family++) whole += f->sizes[family];
    return whole;
}

void find_screened(next_words *n, const float *h, ptrdiff_t rows, const families *f)
{
    ptrdiff_t family = 0;
    n->all_again = 0;
    for (ptrdiff_t first = 0, count; first < rows; first += count) {
        if (!(count = block_of(f, family, rows - first, parts_of(rows - first, BLOCK * TILE)))) f = 0, count = at_most(rows - first, BLOCK * TILE);
        multiply_rows(n, h + first * n->units, count);
        for (ptrdiff_t i = 0, size; i < count; i += size) {
            double floor = -INFINITY;
            size = 1;
            if (f) size = f->sizes[family++], floor = floor_of(n, i, size, f, f->so_far + first + i);
            for (ptrdiff_t k = i; k < i + size; k++) {
                const weighed *w = n->weighed + k;
                const float *row = h + (first + k) * n->units;
                float bar = n->sure[k * n->count + n->count - 1];
                if (!(w->rounded.norm >= 0)) all_again(n, row, first + k, n->scores + k * n->apart);
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
