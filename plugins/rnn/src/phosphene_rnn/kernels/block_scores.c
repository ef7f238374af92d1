/* All scores of a block of rows, from whole numbers of 16 bits (see screened.c): h is rounded here. */
#include "screened.h"
#include <math.h>
#include <string.h>

#ifdef IS_FLOAT
/* Rows as whole numbers, in tiles of so many. */
static void round_rows(const next_words *n, const float *h, ptrdiff_t rows, ptrdiff_t height)
{
    ptrdiff_t pairs = pairs_of(n->units);
    for (ptrdiff_t first = 0; first < rows; first += height) {
        const float *lines[TILE];
        ptrdiff_t count = at_most(rows - first, height);
        for (ptrdiff_t i = 0; i < count; i++) {
            int16_t *to = n->rounded_rows + i * 2 * pairs;
            rounded *r = &n->weighed[first + i].rounded;
            if (round_row(h + (first + i) * n->units, n->units, n->job->screen->mean, to, r)) memset(to, 0, 2 * pairs * sizeof(int16_t)), r->norm = NAN;
            lines[i] = (const float *)(const void *)to;             /* a pair is moved as one number of as many bits */
        }
        pack_tile(lines, count, pairs, (float *)(void *)(n->left + first / height * TILE * 2 * pairs));
    }
}

void score_block(next_words *n, const float *h, ptrdiff_t count)
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
}
#endif
