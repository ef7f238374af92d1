/* Of each row the likeliest next words. */
#ifndef NEXT_WORDS_H
#define NEXT_WORDS_H
#include "product.h"
#include "whole.h"

#define open_words FOR_THIS_SET(open_words)
#define close_words FOR_THIS_SET(close_words)
#define find_words FOR_THIS_SET(find_words)
#define log_share FOR_THIS_SET(log_share)

typedef struct {
    const scoring *job;
    ptrdiff_t count, units;
    REAL *best;                 /* of each row the `count` largest scores, largest first */
    ptrdiff_t *words, *have;    /* their words; how many there are */
    REAL *least;                /* what a score must exceed to be one of them */
    REAL *reference, *sums;     /* the sums (LANES of a row) of all scores' exponentials, each by that of the reference */
    REAL *scratch;
    int strassen, unfit;        /* so many rows had to be scored in float altogether that a product is quicker */
#ifdef IS_FLOAT
    /* With a screen, for a block of rows: h as whole numbers, in tiles, and what each two have combined; a tile's rows on their way
     * there; all scores, in rows of such a width, so far apart; what is known of each row, and the scores that `count` of its words
     * reach for sure. The length of the longest word's weights; rows that had all their words scored again. */
    int16_t *left, *combined, *rounded_rows;
    float *scores, *sure, longest;
    struct weighed *weighed;
    ptrdiff_t width, apart, all_again;
#endif
} next_words;

/* Rows that compete: of `sizes[k]` rows of the k-th family, one after the other, which have log-probabilities `so_far`, only the words
 * that are among the family's best `wanted` need be found, where the word `aside` does not count. */
typedef struct {
    const ptrdiff_t *sizes;
    const double *so_far;
    ptrdiff_t count, wanted, aside;
} families;

/* For at most so many rows of h (units numbers). 0, or -1 when memory ran out; to be closed anyway. */
int open_words(next_words *n, const scoring *job, ptrdiff_t most, ptrdiff_t count, ptrdiff_t units, int strassen);
void close_words(next_words *n);

/* For rows of h, in families where there are any. Of equal scores the first word's counts as larger. */
void find_words(next_words *n, const REAL *h, ptrdiff_t rows, const families *f);

/* The log-probability of a row's k-th word. */
double log_share(const next_words *n, ptrdiff_t row, ptrdiff_t k);
#endif
