/* Strassen's seven products (1969), for floats (strassen.c) and for whole numbers (strassen_whole.c): two tiles by two panels in seven
 * products of half the depth for eight; and, once more within each of these, four by four in forty-nine of a quarter for sixty-four.
 *
 * Who includes this has defined NUMBER, what operands are made of, and OPERANDS, a vector of them; SUM, what results are, and SUMS; BUILT,
 * attributes of what multiplies; and add_products. */
#include "heights.h"
#include <string.h>

/* To registers the product of a tile's first `rows` rows with a panel. */
static inline __attribute__((always_inline)) BUILT void add_products(
    const int rows, ptrdiff_t depth, const NUMBER *restrict a, const NUMBER *restrict b, SUMS s[TILE][2]);

/* Where results go: in the place of what is there, to it, or from it. */
enum { SET, ADD, TAKE };

static inline __attribute__((always_inline)) void put(const int how, SUMS x, SUM *to)
{
    SUMS *there = (SUMS *)to;
    if (how == SET) *there = x;
    else if (how == ADD) *there += x;
    else *there -= x;
}

static inline __attribute__((always_inline)) void put_tile(const int rows, const int how, SUMS s[TILE][2], SUM *to, ptrdiff_t apart)
{
#pragma GCC unroll 14
    for (int i = 0; i < rows; i++, to += apart) put(how, s[i][0], to), put(how, s[i][1], to + LANES);
}

/* One product: to c, and to d or from it. */
static inline __attribute__((always_inline)) BUILT void one_product(
    const int rows, const int how, ptrdiff_t depth, const NUMBER *a, const NUMBER *b, SUM *c, SUM *d, ptrdiff_t apart)
{
    SUMS s[TILE][2] = {{{0}}};
    add_products(rows, depth, a, b, s);
    put_tile(rows, ADD, s, c, apart), put_tile(rows, how, s, d, apart);
}

/* Two products: the first goes to c, and the second is added to it in the registers, for d. */
static inline __attribute__((always_inline)) BUILT void two_products(
    const int rows, const int how, ptrdiff_t depth, const NUMBER *a, const NUMBER *b, const NUMBER *other_a, const NUMBER *other_b, SUM *c,
    SUM *d, ptrdiff_t apart)
{
    SUMS s[TILE][2] = {{{0}}};
    add_products(rows, depth, a, b, s);
    put_tile(rows, how, s, c, apart);
    add_products(rows, depth, other_a, other_b, s);
    put_tile(rows, how, s, d, apart);
}

/* Each number of rows from half a tile on is compiled on its own. */
#define CASE(n, how) case n: one_product(n, how, depth, a, b, c, d, apart); break;
#define ONE(name, how) \
    static __attribute__((noinline)) BUILT void name(int rows, ptrdiff_t depth, const NUMBER *a, const NUMBER *b, SUM *c, SUM *d, ptrdiff_t apart) \
    { \
        switch (rows) { PAST_HALF(CASE, how) } \
    }
ONE(add_to_both, ADD)
ONE(add_and_take, TAKE)
#undef CASE
#define CASE(n, how) case n: two_products(n, how, depth, a[0], b[0], a[1], b[1], c, d, apart); break;
#define TWO(name, how) \
    static __attribute__((noinline)) BUILT void name( \
        int rows, ptrdiff_t depth, const NUMBER *const a[2], const NUMBER *const b[2], SUM *c, SUM *d, ptrdiff_t apart) \
    { \
        switch (rows) { PAST_HALF(CASE, how) } \
    }
TWO(set_in_turn, SET)
TWO(add_in_turn, ADD)
#undef CASE
#undef ONE
#undef TWO

enum { SEVEN = 7 };

/* What meets: Strassen's products by his numbers are 3, 6, 4, 7, 1, 2, 5, so that two go through the registers in turn. Quarters of a
 * left side A are
 *
 *     A11, A21 - A11, A22, A12 - A22, A11 + A22, A21 + A22, A11 + A12
 *
 * and those of a right side B
 *
 *     B12 - B22, B11 + B12, B21 - B11, B21 + B22, B11 + B22, B11, B22 */
static inline __attribute__((always_inline)) void seven_products(
    int height, int how, ptrdiff_t half, const NUMBER *const left[SEVEN], const NUMBER *const right[SEVEN], SUM *c11, SUM *c12, SUM *c21, SUM *c22,
    ptrdiff_t apart)
{
    (how == SET ? set_in_turn : add_in_turn)(height, half, left, right, c12, c22, apart);
    (how == SET ? set_in_turn : add_in_turn)(height, half, left + 2, right + 2, c21, c11, apart);
    add_to_both(height, half, left[4], right[4], c11, c22, apart);
    add_and_take(height, half, left[5], right[5], c21, c22, apart);
    add_and_take(height, half, left[6], right[6], c12, c11, apart);
}

/* The seven of two tiles, or two panels, where their halves (n numbers) and what was combined of them lie apart. */
static inline __attribute__((always_inline)) void seven_products_of(
    int height, int how, ptrdiff_t half, ptrdiff_t a, ptrdiff_t b, const NUMBER *one, const NUMBER *two, const NUMBER *tiles, const NUMBER *first,
    const NUMBER *second, const NUMBER *panels, SUM *c11, SUM *c12, SUM *c21, SUM *c22, ptrdiff_t apart)
{
    const NUMBER *left[SEVEN] = {one, tiles + 3 * a, two + a, tiles + 4 * a, tiles, tiles + a, tiles + 2 * a};
    const NUMBER *right[SEVEN] = {panels + b, panels + 3 * b, panels + 2 * b, panels + 4 * b, panels, first, second + b};
    seven_products(height, how, half, left, right, c11, c12, c21, c22, apart);
}
