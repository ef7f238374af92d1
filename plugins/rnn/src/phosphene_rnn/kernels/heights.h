/* What is compiled for each number of rows on its own: a tile that is not full costs no more than its rows. CASE(rows, how) is what
 * the includer does with so many. */
#ifndef HEIGHTS_H
#define HEIGHTS_H
#include "tile.h"

#if TILE == 14
#define UP_TO_HALF(CASE, how) CASE(1, how) CASE(2, how) CASE(3, how) CASE(4, how) CASE(5, how) CASE(6, how) CASE(7, how)
#define PAST_HALF(CASE, how) CASE(8, how) CASE(9, how) CASE(10, how) CASE(11, how) CASE(12, how) CASE(13, how) CASE(14, how)
#elif TILE == 12
#define UP_TO_HALF(CASE, how) CASE(1, how) CASE(2, how) CASE(3, how) CASE(4, how) CASE(5, how) CASE(6, how)
#define PAST_HALF(CASE, how) CASE(7, how) CASE(8, how) CASE(9, how) CASE(10, how) CASE(11, how) CASE(12, how)
#else
#define UP_TO_HALF(CASE, how) CASE(1, how) CASE(2, how) CASE(3, how)
#define PAST_HALF(CASE, how) CASE(4, how) CASE(5, how) CASE(6, how)
#endif
#define EVERY_HEIGHT(CASE, how) UP_TO_HALF(CASE, how) PAST_HALF(CASE, how)
#endif
