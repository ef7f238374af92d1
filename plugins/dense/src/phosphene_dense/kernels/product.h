/* out (rows, columns) = a b + bias: a's element (i, k) at a[i * a_row + k * a_depth], b's (k, j) at
 * b[k * b_depth + j * b_column]; of the two strides of each, one is 1. */
#ifndef PRODUCT_H
#define PRODUCT_H
#include "kernels.h"

#define few_rows_win FOR_THIS_SET(few_rows_win)
#define few_rows FOR_THIS_SET(few_rows)
int few_rows_win(const matrices *m);
int few_rows(const matrices *m);
#endif
