/* The kernels of one instruction set and number type, in a table. */
#include "kernels.h"
#include "tile.h"

int FOR_THIS_SET(run_product)(const product *);
void FOR_THIS_SET(pack)(const packing *);
void FOR_THIS_SET(pack_operand)(const grid *, ptrdiff_t rows, ptrdiff_t depth, ptrdiff_t tile, void *to);
int FOR_THIS_SET(run_walk)(const walk *);
void FOR_THIS_SET(sum_groups)(const grouping *);
void FOR_THIS_SET(speak)(speaker *, int count, int threads);
void FOR_THIS_SET(search)(searcher *, int count, int threads);
int FOR_THIS_SET(make_screen)(screening *);
int FOR_THIS_SET(quarter)(const quartering *);
int FOR_THIS_SET(likeliest)(const asking *);

const kernel_set FOR_THIS_SET(kernels) = {
    TILE, PANEL,
    FOR_THIS_SET(run_product), FOR_THIS_SET(pack), FOR_THIS_SET(pack_operand), FOR_THIS_SET(run_walk),
    FOR_THIS_SET(sum_groups), FOR_THIS_SET(speak), FOR_THIS_SET(search), FOR_THIS_SET(make_screen), FOR_THIS_SET(quarter),
    FOR_THIS_SET(likeliest),
    FOR_THIS_SET(sigmoid), FOR_THIS_SET(hyperbolic_tangent)};
