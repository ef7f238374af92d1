/* Two row tiles by two panels by a slice of the depth, of two halves, with seven products for eight. */
#ifndef STRASSEN_H
#define STRASSEN_H
#include "kernels.h"
#include "tile.h"

#define combine_tiles FOR_THIS_SET(combine_tiles)
#define combine_panels FOR_THIS_SET(combine_panels)
#define multiply_four FOR_THIS_SET(multiply_four)

/* Sums of halves that are kept beside two tiles or two panels. */
enum { COMBINED = 5 };

/* Which slices of the depth are worth it, and have halves; and how many rows. */
enum { SLICE = 2048 / sizeof(REAL), LEAST_HALF = SLICE / 8, LEAST_HEIGHT = TILE / 2 + 1 };
static inline int can_halve(ptrdiff_t depth) { return depth / 2 >= LEAST_HALF && depth % 2 == 0; }

/* Which depths have quarters that are worth it (forty_nine.h): all of it in one slice, so that sums of parts stay few. What four tiles, or four
 * panels (`size` TILE, or PANEL), have combined then. */
static inline int can_quarter(ptrdiff_t depth) { return depth % 64 == 0 && depth / 4 >= LEAST_HALF && depth <= 2 * SLICE; }
static inline ptrdiff_t quartered_size(ptrdiff_t depth, ptrdiff_t size) { return 49 * (depth / 4) * size; }

/* What a pair of panels has combined: COMBINED halves of each slice of so much depth. */
static inline ptrdiff_t combined_size(ptrdiff_t depth) { return COMBINED * (depth / 2) * PANEL; }

/* to: COMBINED times half a tile, or half a panel. */
void combine_tiles(const REAL *one, const REAL *two, ptrdiff_t half, REAL *to);
void combine_panels(const REAL *one, const REAL *two, ptrdiff_t half, REAL *to);

/* The four results (each `height` rows, at least LEAST_HEIGHT, of PANEL numbers, dense) += the tiles `one` and `two`, and what was
 * combined of them, by the panels `first` and `second`, and what was combined of them. */
void multiply_four(int height, ptrdiff_t half, const REAL *one, const REAL *two, const REAL *tiles, const REAL *first,
                   const REAL *second, const REAL *panels, REAL *c11, REAL *c12, REAL *c21, REAL *c22);

/* Four tiles by four panels with forty-nine products for sixty-four: of these, side by side, what is combined (quartered_size numbers);
 * and the results: tiles and panels so far apart, their rows (`height`, as above) dense. */
#define combine_four_tiles FOR_THIS_SET(combine_four_tiles)
#define combine_four_panels FOR_THIS_SET(combine_four_panels)
#define multiply_sixteen FOR_THIS_SET(multiply_sixteen)
void combine_four_tiles(const REAL *four, ptrdiff_t depth, REAL *to);
void combine_four_panels(const REAL *four, ptrdiff_t depth, REAL *to);
void multiply_sixteen(int height, ptrdiff_t depth, const REAL *tiles, const REAL *panels, REAL *out, ptrdiff_t tile, ptrdiff_t panel);
#endif
