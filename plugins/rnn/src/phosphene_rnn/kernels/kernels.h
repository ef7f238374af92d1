/* What the kernels are asked to do. Sizes and strides count elements; ptrdiff_t throughout, so that arrays of 2^31
 * elements and more need no special care. Each file that includes this is compiled once for every number type (REAL) and
 * every instruction set (SUFFIX). */
#ifndef KERNELS_H
#define KERNELS_H
#include <stddef.h>

/* A matrix by its rows: row r begins at data + (places ? places[r] : r) * stride. `turned`: what is meant is its
 * transpose. */
typedef struct {
    const void *data;
    ptrdiff_t stride;
    const ptrdiff_t *places;
    int turned;
} matrix;

/* out (rows x columns) = a (rows x depth) b (depth x columns) + bias, or += a b where `add` is set. `panels`, where not
 * NULL, is b as `pack_weights` packs it, with one part; else b is not turned.
 * sums (columns), where not NULL, becomes the sum of b over its depth: a bias's gradient beside its weights'. */
typedef struct {
    matrix a, b;
    const void *panels;
    void *out;
    ptrdiff_t out_stride;
    const ptrdiff_t *out_places;
    const void *bias;
    void *sums;
    ptrdiff_t rows, depth, columns;
    int add, threads;
} product;

/* Weights packed for `step`: of blocks of PANEL units, of `parts` parts of a unit, the columns in one panel.
 * Column u of part p is column offsets[p] + u of `from` (turned = 0); or there is one part, its column u is row u of
 * `from`, and its depth runs through `segments` pieces of `length` columns that begin at the offsets (turned = 1). */
typedef struct {
    const void *from;
    ptrdiff_t stride;
    const ptrdiff_t *offsets;
    ptrdiff_t units, depth, parts, segments, length;
    int turned, threads;
    void *to;
} packing;

/* Where a step's array of (rows, units) is read from and written to; NULL: it is not. */
typedef struct {
    const void *from;
    ptrdiff_t from_stride;
    const ptrdiff_t *from_places;
    void *to;
    ptrdiff_t to_stride;
    const ptrdiff_t *to_places;
} lane;

enum { MOST_LANES = 24, MOST_PACKED = 8 };

typedef void (*activation)(void *values, ptrdiff_t count);
/* A cell's function on `count` numbers of each of its arrays, all in place. */
typedef void (*cell)(void **arrays, ptrdiff_t count, activation sigmoid, activation tanh);

/* One product and what follows it element by element, for `rows` sequences: lanes 0 .. parts-1 are what they are read as
 * plus operand (depth deep) times weights, the latter for the first `product_rows` only. `function`, where there is one,
 * changes the lanes in place; they are written, and the `packed_count` lanes named in `packed` go, packed, to `next`: the
 * operand of the next step. */
typedef struct {
    lane lanes[MOST_LANES];
    int lane_count, parts, packed_count, packed[MOST_PACKED], threads;
    cell function;
    const void *weights, *operand;
    void *next;
    ptrdiff_t units, depth, rows, product_rows;
} step;

typedef struct {
    int tile, panel;                                /* rows of an operand's tile, columns of a weights' panel */
    int (*product)(const product *);                /* 0, or -1 when memory ran out */
    void (*pack_weights)(const packing *);
    void (*pack_operand)(const matrix *, ptrdiff_t rows, ptrdiff_t depth, void *to);
    void (*step)(const step *);
    activation sigmoid, tanh;
} kernel_set;

/* The best set that this processor can run: number type 'f' or 'd', instruction set "v4", "v3", "base", or NULL for the
 * best. NULL when there is none of that name here. */
const kernel_set *kernels_for(char real, const char *instruction_set);
const char *best_instruction_set(void);

#define NAMED_(name, suffix) name##suffix
#define NAMED(name, suffix) NAMED_(name, suffix)
#define FOR_THIS_SET(name) NAMED(name, SUFFIX)

void FOR_THIS_SET(sigmoid)(void *values, ptrdiff_t count);
void FOR_THIS_SET(hyperbolic_tangent)(void *values, ptrdiff_t count);

static inline ptrdiff_t at_most(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }
static inline ptrdiff_t parts_of(ptrdiff_t whole, ptrdiff_t part) { return (whole + part - 1) / part; }
#endif
