/* A walk under way, for who goes a part of it. */
#ifndef WALK_H
#define WALK_H
#include "step.h"

/* A step's tasks: which is to be taken next, and how many are done; each on a cache line of its own. */
typedef struct {
    ptrdiff_t next __attribute__((aligned(64)));
    ptrdiff_t done __attribute__((aligned(64)));
} progress;

typedef struct {
    const walk *job;
    progress *steps;
    ptrdiff_t *first_tiles;                     /* of each step, in job->tiles */
    ptrdiff_t packing;                          /* tiles of inputs in all */
    ptrdiff_t parts;                            /* of the rows, where threads go their own ways */
    int apart;                                  /* every thread goes its own way, with rows of its own */
} march;

#define do_rows FOR_THIS_SET(do_rows)
/* Stages `first` to `end` at all steps for a part of the rows. */
void do_rows(const march *m, int first, int end, ptrdiff_t part);
#endif
