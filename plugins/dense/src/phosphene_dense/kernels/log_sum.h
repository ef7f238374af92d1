/* The logarithm of the sum of a row's exponentials; `most` is its largest number. */
#ifndef LOG_SUM_H
#define LOG_SUM_H
#include "exponential.h"
#include <stddef.h>

static inline REAL log_sum(const REAL *row, ptrdiff_t count, REAL most)
{
    REAL sums[16] = {0};                    /* lanes */
    double total = 0;
    ptrdiff_t i = 0;
    for (; i + 16 <= count; i += 16)
        for (int j = 0; j < 16; j++) sums[j] += exponential(row[i + j] - most);
    for (; i < count; i++) sums[0] += exponential(row[i] - most);
    for (int j = 0; j < 16; j++) total += (double)sums[j];
    return most + (REAL)log(total);
}
#endif
