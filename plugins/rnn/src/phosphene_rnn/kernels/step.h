#ifndef STEP_H
#define STEP_H
#include "kernels.h"
#include "tile.h"

#define do_tile FOR_THIS_SET(do_tile)
/* All of a step for its tile of rows number `tile` and its block of units number `block`. */
void do_tile(const step *s, ptrdiff_t tile, ptrdiff_t block);
#endif
