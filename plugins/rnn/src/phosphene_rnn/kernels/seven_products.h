/* The seven products of Strassen (1969), for floats (strassen.c) and for whole numbers (strassen_whole.c). Who includes this has
 * defined NUMBER, what operands are made of; SUM, what results are; and BUILT, attributes of what multiplies; and defines tile_into. */
#include "heights.h"

/* ADD: to c. ADD_BOTH: to d too. ADD_AND_TAKE: taken from d. */
enum { ADD, ADD_BOTH, ADD_AND_TAKE };

/* The tile's product with the panel added to c, and to d or from it. */
static inline __attribute__((always_inline)) BUILT void tile_into(
    const int rows, const int how, ptrdiff_t depth, const NUMBER *restrict a, const NUMBER *restrict b, SUM *restrict c, SUM *restrict d);

/* Each number of rows from half a tile on is compiled on its own. */
#define CASE(n, how) case n: tile_into(n, how, depth, a, b, c, d); break;
#define INTO(name, how) \
    static __attribute__((noinline)) BUILT void name(int rows, ptrdiff_t depth, const NUMBER *a, const NUMBER *b, SUM *c, SUM *d) \
    { \
        switch (rows) { PAST_HALF(CASE, how) } \
    }
INTO(add, ADD)
INTO(add_both, ADD_BOTH)
INTO(add_and_take, ADD_AND_TAKE)

/* Two tiles by two panels. a, b: numbers in half a tile, half a panel. */
static inline __attribute__((always_inline)) void seven_products(
    int height, ptrdiff_t half, ptrdiff_t a, ptrdiff_t b, const NUMBER *one, const NUMBER *two, const NUMBER *tiles, const NUMBER *first,
    const NUMBER *second, const NUMBER *panels, SUM *c11, SUM *c12, SUM *c21, SUM *c22)
{
    add_both(height, half, tiles, panels, c11, c22);                    /* (A11 + A22)(B11 + B22) */
    add_and_take(height, half, tiles + a, first, c21, c22);             /* (A21 + A22) B11 */
    add_both(height, half, one, panels + b, c12, c22);                  /* A11 (B12 - B22) */
    add_both(height, half, two + a, panels + 2 * b, c11, c21);          /* A22 (B21 - B11) */
    add_and_take(height, half, tiles + 2 * a, second + b, c12, c11);    /* (A11 + A12) B22 */
    add(height, half, tiles + 3 * a, panels + 3 * b, c22, c22);         /* (A21 - A11)(B11 + B12) */
    add(height, half, tiles + 4 * a, panels + 4 * b, c11, c11);         /* (A12 - A22)(B21 + B22) */
}
#undef CASE
#undef INTO
