/* What the kernels are asked to do. Sizes count numbers; ptrdiff_t throughout, so that arrays of 2^31 numbers and more
 * need no special care. All arrays are C-contiguous, of the kernel's own number type unless another is written. */
#ifndef KERNELS_H
#define KERNELS_H
#include "for_this_set.h"
#include <stddef.h>
#include <stdint.h>

/* The ways back through a rectifier (NONE: there is no rectifier). */
enum { NONE, GRADIENT, GUIDED, DECONVNET };

/* Numbers one by one: x, y, dy, dx of `size`. */
typedef struct {
    const void *x, *y, *dy;
    void *out;
    ptrdiff_t size;
    int way, threads;
    uint32_t key[2], threshold;                 /* dropout: kept where the number's own random bits reach threshold */
    double growth;
} elementwise;

/* x, dy, out (images, channels, area); the rest (channels,). */
typedef struct {
    const void *x, *dy, *mean, *inv, *scale, *shift, *a, *b;
    void *out, *first, *second;                 /* statistics: mean, variance; sums: dgamma, dbeta */
    ptrdiff_t images, channels, area;
    int way, relu, threads;
} normalization;

/* scores, out (rows, classes; may be the scores), losses double (rows,), correct (rows,). `count`: what the sum over the rows
 * is divided by. */
typedef struct {
    const void *scores;
    const ptrdiff_t *labels;
    void *out;
    double *losses, smoothing, count;
    unsigned char *correct;
    ptrdiff_t rows, classes;
    int threads;
} loss;

/* out (rows, columns) = a (rows, depth) b (depth, columns) + bias (columns,) or NULL; see product.h for the strides. */
typedef struct {
    const void *a, *b, *bias;
    void *out;
    ptrdiff_t rows, columns, depth, a_row, a_depth, b_depth, b_column;
    int threads;
} matrices;

/* The `count` largest of each row of scores (rows, classes), largest first, as indexes: out (rows, count). Their log softmax,
 * where `logs` is not NULL: logs (rows, count). */
typedef struct {
    const void *scores;
    ptrdiff_t *out;
    void *logs;
    ptrdiff_t rows, classes, count;
    int threads;
} ranking;

typedef void (*each)(const elementwise *);
typedef void (*gather)(const normalization *);
typedef int (*spread)(const normalization *);   /* -1 when memory ran out */
typedef void (*judge)(const loss *);
typedef int (*multiply)(const matrices *);      /* -1 when memory ran out */
typedef void (*rank)(const ranking *);

typedef struct {
    each rectify, rectify_backward, drop;
    gather statistics, sums;
    spread normalize, normalize_backward;
    judge cross_entropy, log_softmax;
    rank largest;
    multiply product;
} kernel_set;

/* The best set that this processor can run: number type 'f' or 'd', instruction set "v4", "v3", "base", or NULL for the
 * best. NULL when there is none of that name here. */
const kernel_set *kernels_for(char real, const char *instruction_set);
const char *best_instruction_set(void);

/* Whether the way back lets dy through; y is the rectifier's output, or the number before it. */
#define PASSES(way, y, dy) ((way) == NONE || (((way) == DECONVNET || (y) > 0) && ((way) == GRADIENT || (dy) > 0)))
#endif
