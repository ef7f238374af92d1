/* A walk under way, for who goes a part of it. */
#ifndef WALK_H
#define WALK_H
#include "step.h"
#include "wait.h"

enum { APART = 16 };                            /* rows for each thread from which on they go their own ways */

/* A thread's stretch of the tasks of a step's stage: which is to be taken next, and how many are done; each on a cache line of its own. */
typedef struct {
    ptrdiff_t next __attribute__((aligned(64)));
    ptrdiff_t done __attribute__((aligned(64)));
} progress;

typedef struct {
    const walk *job;
    progress *steps;                            /* of packing, then of each step's each stage; `threads` stretches each */
    ptrdiff_t *first_tiles;                     /* of each step, in job->tiles */
    ptrdiff_t packing;                          /* tiles of inputs in all */
    ptrdiff_t parts;                            /* of the rows, where threads go their own ways; else 0 */
    int pairs;                                  /* a part is two tiles, whatever rows a step has; else parts are even */
    REAL *sides;                                /* each worker's scratch (sides_apart numbers) for what it combines of tiles */
    ptrdiff_t sides_apart;
} march;

static inline ptrdiff_t rows_at(const walk *w, int n, ptrdiff_t t) { return (w->stages[n].counts ? w->stages[n].counts : w->counts)[t]; }

/* Where one of so many stretches of the tasks begins. */
static inline ptrdiff_t stretch(ptrdiff_t tasks, int stretches, int number) { return tasks * number / stretches; }

/* The next of so many tasks, in stretch `of`, at first the thread's own, while there are some, then in another's, which `of` becomes;
 * `tasks` when all are taken. Who has done a task tells it by `finish`. */
static inline ptrdiff_t take(progress *p, ptrdiff_t tasks, int stretches, int *of)
{
    for (int tried = 0; tried < stretches; tried++, *of = (*of + 1) % stretches) {
        ptrdiff_t first = stretch(tasks, stretches, *of), last = stretch(tasks, stretches, *of + 1), task;
        if (__atomic_load_n(&p[*of].next, __ATOMIC_RELAXED) >= last - first) continue;
        task = first + __atomic_fetch_add(&p[*of].next, 1, __ATOMIC_RELAXED);
        if (task < last) return task;
    }
    return tasks;
}
static inline void finish(progress *p) { __atomic_fetch_add(&p->done, 1, __ATOMIC_RELEASE); }
static inline void wait_for(const progress *p, ptrdiff_t tasks, int stretches)
{
    for (int of = 0; of < stretches; of++) {
        ptrdiff_t all = stretch(tasks, stretches, of + 1) - stretch(tasks, stretches, of);
        for (int spins = 0; __atomic_load_n(&p[of].done, __ATOMIC_ACQUIRE) < all; spins++) pass_time(spins);
    }
}

#define pack_inputs FOR_THIS_SET(pack_inputs)
/* Tile number `task` of all inputs, into tiles. */
void pack_inputs(const march *m, ptrdiff_t task);

#define do_stage FOR_THIS_SET(do_stage)
/* Stage n at the i-th step for all rows, together with the others. `sides`: scratch. */
void do_stage(const march *m, ptrdiff_t i, int n, int worker, REAL *sides);

#define stage_at FOR_THIS_SET(stage_at)
/* Stage n at the i-th of the steps. It multiplies what the stage before it gave, or what the walk begins with. */
step stage_at(const march *m, ptrdiff_t i, int n);

#define do_rows FOR_THIS_SET(do_rows)
/* Stages `first` to `end` at all steps for a part of the rows. `sides`: scratch. */
void do_rows(const march *m, int first, int end, ptrdiff_t part, REAL *sides);

#define side_room FOR_THIS_SET(side_room)
/* Numbers of scratch for what is combined of so many tiles. */
ptrdiff_t side_room(const walk *w, ptrdiff_t tiles);
#endif
