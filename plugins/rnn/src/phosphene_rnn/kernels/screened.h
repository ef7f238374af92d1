/* How `find_words` goes where there is a screen. */
#ifndef SCREENED_H
#define SCREENED_H
#include "next_words.h"

#define find_screened FOR_THIS_SET(find_screened)
#define open_screened FOR_THIS_SET(open_screened)
#define close_screened FOR_THIS_SET(close_screened)

#ifdef IS_FLOAT
int open_screened(next_words *n);
void close_screened(next_words *n);
void find_screened(next_words *n, const float *h, ptrdiff_t rows, const families *f);
#else
static inline int open_screened(next_words *n) { (void)n; return -1; }
static inline void close_screened(next_words *n) { (void)n; }
static inline void find_screened(next_words *n, const double *h, ptrdiff_t rows, const families *f) { (void)n, (void)h, (void)rows, (void)f; }
#endif
#endif
