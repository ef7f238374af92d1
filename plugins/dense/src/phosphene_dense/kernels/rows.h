/* The largest number of a row, and the sum of a row, in lanes. */
#ifndef ROWS_H
#define ROWS_H
#include "kernels.h"
REAL FOR_THIS_SET(row_largest)(const REAL *row, ptrdiff_t count);
REAL FOR_THIS_SET(row_sum)(const REAL *row, ptrdiff_t count);
#endif
