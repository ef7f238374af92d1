/* How `find_words` goes where there is a screen; and what its parts need of each other. */
#ifndef SCREENED_H
#define SCREENED_H
#include "next_words.h"

#define open_screened FOR_THIS_SET(open_screened)
#define close_screened FOR_THIS_SET(close_screened)
#define find_screened FOR_THIS_SET(find_screened)

#ifdef IS_FLOAT
int open_screened(next_words *n);
void close_screened(next_words *n);
void find_screened(next_words *n, const float *h, ptrdiff_t rows, const families *f);

#define score_block FOR_THIS_SET(score_block)
#define weigh FOR_THIS_SET(weigh)
#define settle FOR_THIS_SET(settle)
#define settle_all FOR_THIS_SET(settle_all)

enum { BLOCK = 8 };             /* tiles whose scores stay in L2 */

/* Numbers that are combined of four tiles. */
static inline ptrdiff_t combined_of_group(ptrdiff_t pairs)
{
    ptrdiff_t by_two = 2 * combined_whole(pairs, TILE), by_four = can_quarter_whole(pairs) ? quartered_whole(pairs, TILE) : 0;
    return by_two > by_four ? by_two : by_four;
}

/* A row: what rounding made of it; how far a score can be wrong, by its word's length; reference and sum of the exponentials. In a
 * family: what is added to a score to make a log-probability of all that is said, and how far that can be wrong. */
typedef struct weighed {
    rounded rounded;
    float reach, reference;
    double total, less, either_way;
} weighed;

/* All scores of at most BLOCK * TILE rows of h, as whole numbers. Rows that cannot be rounded have a norm of NaN. */
void score_block(next_words *n, const float *h, ptrdiff_t rows);

/* Whole numbers of the block's i-th row become scores, and what is known of them is noted: those that are reached for sure, by one word,
 * two, ..., and the sum of the exponentials, by that of the reference. 0, or -1 if all this makes no numbers. */
int weigh(next_words *n, ptrdiff_t i);

/* The words of that row, which is `row` of all, whose scores may reach the bar are scored again; or all. */
void settle(next_words *n, const float *h, ptrdiff_t row, ptrdiff_t i, float bar);
void settle_all(next_words *n, const float *h, ptrdiff_t row, ptrdiff_t i);
#else
static inline int open_screened(next_words *n) { (void)n; return -1; }
static inline void close_screened(next_words *n) { (void)n; }
static inline void find_screened(next_words *n, const double *h, ptrdiff_t rows, const families *f) { (void)n, (void)h, (void)rows, (void)f; }
#endif
#endif
