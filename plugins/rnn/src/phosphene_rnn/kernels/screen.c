/* A vocabulary made ready for screening (next_words.c): every word's weights, a column of a matrix, rounded to whole numbers,
 * their lengths, and the weights themselves as rows, for those that are to be looked at again. */
#include "exponential.h"
#include "room.h"
#include "whole.h"
#include "workers.h"
#include <math.h>
#include <string.h>

#define make_screen FOR_THIS_SET(make_screen)
#ifdef IS_FLOAT

enum { AHEAD = 16 };

typedef int32_t pair __attribute__((vector_size(VECTOR_BYTES), may_alias));

/* A panel's columns, with zeros for those that there are not. Rows lie so far apart that nothing but this asks for the next. */
static void fetch(const screening *s, ptrdiff_t first, ptrdiff_t count, float *to)
{
    const float *from = (const float *)s->from + first;
    for (ptrdiff_t k = 0; k < s->depth; k++, from += s->words, to += PANEL) {
        if (k + AHEAD < s->depth)
            for (ptrdiff_t u = 0; u < count; u += CACHE_LINE / sizeof(float)) __builtin_prefetch(from + AHEAD * s->words + u);
        if (count == PANEL) store(to, load(from)), store(to + LANES, load(from + LANES));
        else for (ptrdiff_t u = 0; u < PANEL; u++) to[u] = u < count ? from[u] : 0;
    }
}

/* Half a panel, LANES columns, as whole numbers. Returns what is lost at most, as a share of a column's length; INFINITY if that
 * cannot be said. */
static float round_columns(const float *from, ptrdiff_t depth, int16_t *to, float *scales, float *norms)
{
    const vector shift = all(12582912.0f);
    vector squares = {0}, most = {0}, least = {0}, lost = {0}, by = {0};
    for (ptrdiff_t k = 0; k < depth; k++) {
        vector x = load(from + k * PANEL);
        squares += x * x, most = MOST(most, x), least = LEAST(least, x);
    }
    for (int l = 0; l < LANES; l++) {
        norms[l] = sqrtf(squares[l]);
        scales[l] = scale_of(depth, norms[l], most[l] > -least[l] ? most[l] : -least[l]);
        if (!(scales[l] > 0)) return INFINITY;
        by[l] = 1 / scales[l];
    }
    for (ptrdiff_t k = 0; k < depth; k += 2, to += 2 * PANEL) {
        pair whole[2];
        for (int i = 0; i < 2; i++) {
            vector x = k + i < depth ? load(from + (k + i) * PANEL) : all(0), shifted = x * by + shift;
            vector rest = x - (shifted - shift) * load(scales);
            whole[i] = (pair)shifted - (pair)shift, lost += rest * rest;
        }
        *(pair *)to = whole[1] << 16 | (whole[0] & 0xffff);
    }
    float worst = 0;
    for (int l = 0; l < LANES; l++)
        if (norms[l] > 0 && sqrtf(lost[l]) / norms[l] > worst) worst = sqrtf(lost[l]) / norms[l];
    return worst;
}

static float screen_panel(const screening *s, ptrdiff_t panel, float *columns)
{
    screen *made = s->to;
    ptrdiff_t first = panel * PANEL, count = at_most(s->words - first, PANEL), pairs = pairs_of(s->depth);
    float worst = 0;
    fetch(s, first, count, columns);
    for (ptrdiff_t half = 0; half < PANEL; half += LANES) {
        float lost = round_columns(columns + half, s->depth, made->panels + (panel * pairs * PANEL + half) * 2, (float *)made->scales + first + half,
                                   (float *)made->norms + first + half);
        worst = lost > worst ? lost : worst;
    }
    turn_panel(columns, s->depth, count, (float *)made->rows + first * s->depth, s->depth);
    return worst;
}

/* A pair of panels, and what they have combined. */
static void screen_pair(void *context, int pair)
{
    const screening *s = context;
    ptrdiff_t pairs = pairs_of(s->depth), first = 2 * (ptrdiff_t)pair, panels = at_most(parts_of(s->words, PANEL) - first, 2);
    const short *one = s->to->panels + first * pairs * PANEL * 2;
    float *columns = room(s->depth * PANEL, sizeof(float));
    for (ptrdiff_t p = first; p < first + panels; p++) s->lost[p] = columns ? screen_panel(s, p, columns) : INFINITY;
    if (columns && panels == 2 && s->to->combined)
        combine_whole_panels(one, one + pairs * PANEL * 2, pairs, s->to->combined + pair * combined_whole(pairs, PANEL));
    float *sums = s->sums + pair * s->apart;
    memset(sums, 0, s->apart * sizeof(float));
    for (ptrdiff_t word = first * PANEL; word < at_most((first + 2) * PANEL, s->words); word++)
        for (ptrdiff_t k = 0; k < s->depth; k++) sums[k] += ((const float *)s->to->rows)[word * s->depth + k];
    leave(columns);
}

/* Each pair's sum, to the mean. */
static void find_mean(const screening *s)
{
    float *mean = s->to->mean;
    memset(mean, 0, s->apart * sizeof(float));
    for (ptrdiff_t first = 0; first < s->words; first += 2 * PANEL)
        for (ptrdiff_t k = 0; k < s->apart; k++) mean[k] += s->sums[first / (2 * PANEL) * s->apart + k] / (float)s->words;
}

int make_screen(screening *s)
{
    if (!can_multiply_whole()) return -1;
    ptrdiff_t panels = parts_of(s->words, PANEL);
    if (!can_halve_whole(pairs_of(s->depth))) s->to->combined = 0;
    run_tasks(screen_pair, s, (int)parts_of(panels, 2), s->threads);
    find_mean(s);
    s->to->lost = 0;
    for (ptrdiff_t p = 0; p < panels; p++) s->to->lost = s->lost[p] > s->to->lost ? s->lost[p] : s->to->lost;
    return s->to->lost < 1 ? 0 : -1;
}

#else
int make_screen(screening *s) { (void)s; return -1; }
#endif
