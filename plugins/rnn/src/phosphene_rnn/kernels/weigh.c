/* A row's scores weighed (see screened.c): which words may be the likeliest, and which count so much that they are scored again. */
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

/* Words of a row that are scored again at most, before all are; numbers of theirs that are asked for in time; how much a word's
 * error by its share of the probability may be that is not; and a score that can be wrong by so much is none to begin with. */
enum { MOST_AGAIN = 128, IN_TIME = 256 };
#define CARE 3e-5f
#define TOO_FAR 0.25f

typedef int32_t whole_numbers __attribute__((vector_size(VECTOR_BYTES), may_alias));

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

void settle_all(next_words *n, const float *h, ptrdiff_t row, ptrdiff_t i)
{
    const scoring *job = n->job;
    const float *weights = job->screen->rows, *bias = job->bias;
    float *scores = n->scores + i * n->apart;
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

int weigh(next_words *n, ptrdiff_t i)
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

void settle(next_words *n, const float *h, ptrdiff_t row, ptrdiff_t i, float bar)
{
    const screen *s = n->job->screen;
    const weighed *w = n->weighed + i;
    const float *scores = n->scores + i * n->apart, *norms = s->norms;
    double total = w->total, sum = 0;
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
            for (ptrdiff_t k = 0; k < at_most(n->units, IN_TIME); k += CACHE_LINE / sizeof(float))
                __builtin_prefetch((const float *)s->rows + again[count] * n->units + k);
            count++;
        }
    }
    if (count > MOST_AGAIN) {
        settle_all(n, h, row, i);
        return;
    }
    if (!count) return;                                     /* another row's words are better: nobody asks for this one's sum */
    for (ptrdiff_t k = 0; k < count; k++) {
        ptrdiff_t word = again[k];
        float x = score_again(h, (const float *)s->rows + word * n->units, n->units) + ((const float *)n->job->bias)[word];
        total -= exp((double)scores[word] - (double)w->reference), sum += exp((double)x - (double)w->reference);
        insert(n, row, word, x);
    }
    /* What rounding h took from all words alike. */
    n->reference[row] = w->reference, n->sums[row * LANES] = (float)(sum + total * exp((double)w->rounded.missed));
}
#endif
