/* All scores of a block of rows, from whole numbers of 16 bits (see screened.c): h is rounded here. Rows go in groups of up to four
 * tiles, which meet panels four by four with forty-nine products for sixty-four (forty_nine.h), or pair by pair with seven for eight. */
#include "screened.h"
#include <math.h>
#include <string.h>

#ifdef IS_FLOAT
/* `rows` rows of the block from `first` on, in tiles of `height`, and what is combined of these, `by` four, two, or not at all (1). */
typedef struct {
    ptrdiff_t first, rows, tiles, height;
    int by;
    int16_t *left, *combined;
} group;

/* The block's group of that number, which begins at row `first`; so many rows are left. Groups are as even as can be, and all but the
 * last fill their tiles. */
static group group_at(const next_words *n, ptrdiff_t number, ptrdiff_t first, ptrdiff_t rows)
{
    const screen *s = n->job->screen;
    ptrdiff_t pairs = pairs_of(n->units), some = at_most(rows, parts_of(parts_of(rows, parts_of(rows, 4 * TILE)), 4) * 4);
    ptrdiff_t tiles = parts_of(some, TILE), even = (tiles + 1) / 2 * 2;
    int by = s->fours && some > 4 * (LEAST_HEIGHT - 1) ? 4 : s->combined && some / even >= LEAST_HEIGHT ? 2 : 1;
    tiles = by == 4 ? 4 : by == 2 ? even : tiles;
    ptrdiff_t height = by == 4 && some < 4 * LEAST_HEIGHT ? LEAST_HEIGHT : parts_of(some, tiles);
    if (by == 1 && s->combined && height >= LEAST_HEIGHT) by = 2;       /* the last one stays alone */
    int16_t *left = n->left + number * 4 * TILE * 2 * pairs;
    return (group){first, some, tiles, height, by, left, n->combined + number * combined_of_group(pairs)};
}

/* A group's rows as whole numbers, in tiles, and what these have combined. */
static void round_group(const next_words *n, const float *h, const group *g)
{
    ptrdiff_t pairs = pairs_of(n->units), tile = TILE * 2 * pairs;
    for (ptrdiff_t t = 0; t < g->tiles; t++) {
        const float *lines[TILE];
        ptrdiff_t first = g->first + at_most(t * g->height, g->rows), count = at_most(g->first + g->rows - first, g->height);
        for (ptrdiff_t i = 0; i < count; i++) {
            int16_t *to = n->rounded_rows + i * 2 * pairs;
            rounded *r = &n->weighed[first + i].rounded;
            if (round_row(h + (first + i) * n->units, n->units, n->job->screen->mean, to, r))
                memset(to, 0, 2 * pairs * sizeof(int16_t)), r->norm = NAN;
            lines[i] = (const float *)(const void *)to;             /* a pair is moved as one number of as many bits */
        }
        pack_tile(lines, count, pairs, (float *)(void *)(g->left + t * tile));
    }
    if (g->by == 4) combine_four_whole_tiles(g->left, pairs, g->combined);
    for (ptrdiff_t t = 0; g->by == 2 && t + 1 < g->tiles; t += 2)
        combine_whole_tiles(g->left + t * tile, g->left + (t + 1) * tile, pairs, g->combined + t / 2 * combined_whole(pairs, TILE));
}

/* Its products with panels p, ..., p + wide - 1: four, two, or one. */
static void multiply_group(const next_words *n, const group *g, ptrdiff_t p, ptrdiff_t wide)
{
    const screen *s = n->job->screen;
    ptrdiff_t pairs = pairs_of(n->units), tile = TILE * 2 * pairs, panel = PANEL * 2 * pairs;
    int32_t *to = (int32_t *)(n->scores + g->first * n->apart + p * PANEL);
    if (g->by == 4 && wide == 4) {
        multiply_whole_sixteen((int)g->height, pairs, g->combined, s->fours + p / 4 * quartered_whole(pairs, PANEL), to,
                               g->height * n->apart, n->apart);
        return;
    }
    for (ptrdiff_t last = p + wide; p < last; p += 2, to += 2 * PANEL)
        for (ptrdiff_t t = 0, high; t < g->tiles; t += high) {
            const int16_t *one = g->left + t * tile, *first = s->panels + p * panel;
            int32_t *out = to + t * g->height * n->apart;
            high = g->by == 2 && last - p > 1 && t + 1 < g->tiles ? 2 : 1;
            if (high == 2)
                multiply_whole_four((int)g->height, pairs, one, one + tile, g->combined + t / 2 * combined_whole(pairs, TILE), first,
                                    first + panel, s->combined + p / 2 * combined_whole(pairs, PANEL), out, out + g->height * n->apart,
                                    n->apart);
            else for (ptrdiff_t k = 0, rows = at_most(g->rows - t * g->height, g->height); rows > 0 && k < at_most(2, last - p); k++)
                multiply_whole((int)rows, pairs, one, first + k * panel, out + k * PANEL, n->apart);
        }
}

void score_block(next_words *n, const float *h, ptrdiff_t count)
{
    ptrdiff_t groups = 0, panels = n->width / PANEL;
    group all[BLOCK / 4];
    for (ptrdiff_t first = 0; first < count; first += all[groups++].rows) {
        all[groups] = group_at(n, groups, first, count - first);
        round_group(n, h, all + groups);
    }
    for (ptrdiff_t p = 0; p < panels; p += 4)
        for (ptrdiff_t g = 0; g < groups; g++) multiply_group(n, all + g, p, at_most(4, panels - p));
}
#endif
