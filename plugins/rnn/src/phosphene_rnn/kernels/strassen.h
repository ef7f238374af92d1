/* Two row tiles by two panels by a slice of the depth, of two halves, with seven products for eight. */
#ifndef STRASSEN_H
#define STRASSEN_H
#include "kernels.h"
#include "tile.h"

#define combine_tiles FOR_THIS_SET(combine_tiles)
#define combine_panels FOR_THIS_SET(combine_panels)
#define multiply_four FOR_THIS_SET(multiply_four)

/* Sums of halves that are kept beside two tiles or two panels, a line further APART than their size, which is where L1 keeps
 * nothing beside each other. */
enum { COMBINED = 5, APART = 64 / sizeof(REAL), LINE = APART };

/* to: COMBINED times half a tile, or half a panel, and APART. Twice `half` must be a multiple of LANES (and TILE is even). */
void combine_tiles(const REAL *one, const REAL *two, ptrdiff_t half, REAL *to);
void combine_panels(const REAL *one, const REAL *two, ptrdiff_t half, REAL *to);

/* The four results (TILE x PANEL, dense) += the tiles `one` and `two`, and what was combined of them, by the panels `first` and
 * `second`, and what was combined of them. Meanwhile what will be read `soon`, as long as a panel of both halves, comes to L2. */
void multiply_four(ptrdiff_t half, const REAL *one, const REAL *two, const REAL *tiles, const REAL *first, const REAL *second,
                   const REAL *panels, REAL *c11, REAL *c12, REAL *c21, REAL *c22, const REAL *soon);
#endif
