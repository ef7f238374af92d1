/* Matrix products (see kernels.h), for who makes them on a thread of its own. */
#ifndef PRODUCT_H
#define PRODUCT_H
#include "kernels.h"
#include "tile.h"

#define run_product FOR_THIS_SET(run_product)
#define product_room FOR_THIS_SET(product_room)
#define run_product_here FOR_THIS_SET(run_product_here)

/* On the product's threads. 0, or -1 when memory ran out. */
int run_product(const product *job);

/* On the calling thread alone (threads is 1), which brings scratch for product_room numbers: enough for fewer rows and units too. */
ptrdiff_t product_room(const product *job);
void run_product_here(const product *job, REAL *scratch);
#endif
