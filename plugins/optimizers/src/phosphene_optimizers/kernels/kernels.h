/* What the kernels are asked to do. */
#ifndef KERNELS_H
#define KERNELS_H
#include "for_this_set.h"
#include <stddef.h>

enum { RULES = 4, MEMORIES = 2, CONSTANTS = 8 };

/* A parameter, its gradient and its memory (m and v of Adam, say), each `size` numbers in a row. */
typedef struct {
    void *parameter, *memory[MEMORIES];
    const void *gradient;
    ptrdiff_t size;
    double decay;
} tensor;

/* One rule, over numbers first .. last - 1 of a tensor; `constants` as its twin in twins.py takes them after `decay`. */
typedef void (*rule)(const tensor *, ptrdiff_t first, ptrdiff_t last, const double *constants);

/* sgd, momentum, rmsprop, adam. */
typedef struct {
    rule rules[RULES];
} kernel_set;

/* The rules for number type 'f' or 'd' and instruction set "v4", "v3", "base", or NULL for the best that this processor can
 * run. NULL when there is none of that name here. */
const kernel_set *kernels_for(char real, const char *instruction_set);
const char *best_instruction_set(void);

/* The rule over `count` tensors, shared out to threads. */
void update_all(rule, const tensor *, int count, const double *constants, int threads);
#endif
