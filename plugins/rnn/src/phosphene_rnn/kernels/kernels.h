/* What the kernels are asked to do. Sizes and strides count numbers; ptrdiff_t throughout, so that arrays of 2^31 numbers and
 * more need no special care. Each file that includes this is compiled once for every number type (REAL) and every
 * instruction set (SUFFIX). */
#ifndef KERNELS_H
#define KERNELS_H
#include "for_this_set.h"
#include <stddef.h>

/* A matrix whose rows have `parts` parts (gates, say) of `units` numbers. Number u of part p of row r is at
 *
 *     data + (places ? places[r] : r) * row + u / PANEL * block + p * part + u % PANEL
 *
 * An ordinary matrix has block = PANEL. What the kernels keep for themselves lies in panels: row = PANEL, so that the rows of
 * a block of units are neighbours, which is how they are used; there is room for the whole last panel. */
typedef struct {
    void *data;
    ptrdiff_t row, block, part;
    const ptrdiff_t *places;
    int in_panels;
} grid;

/* out (rows, parts x units) = a (rows x depth) b (depth, parts x units) + bias, or += a b where `add` is set. b lies in panels.
 * a is what `left` says: rows; the columns of its rows (turned); or rows of panels, of left_units a part.
 * sums (parts x units), where not NULL, becomes the sum of b's rows: a bias's gradient beside its weights'.
 * Where there is someone to take the results, they have no place: each tile, rows x PANEL, without bias, goes from L1 to `take`.
 * strassen: large ones by seven multiplications for eight; `combined`, where not NULL, is what `pack` has made of b for that. */
typedef struct {
    enum { LEFT_ROWS, LEFT_TURNED, LEFT_PANELS } left;
    grid a, b, out;
    const void *bias;
    void *sums;
    ptrdiff_t rows, depth, parts, units, left_units;
    int add, strassen, threads;
    const void *combined;
    void (*take)(void *taker, const void *sums, ptrdiff_t row, ptrdiff_t rows, ptrdiff_t panel);
    void *taker;
} product;

/* A matrix into panels: number u of part p of row k is number offsets[p] + u of row k of `from` (turned = 0); or there is one
 * part, whose number u of row k is in row u of `from`, whose pieces of `length` numbers from the offsets on are laid end to
 * end (turned = 1); or that is made from the panels that are not turned, whose parts are the pieces, in whole panels (turned = 2), in
 * their own place if they are as many both ways. `combined`, where not NULL, has room for what Strassen's product needs of each pair of
 * panels besides. */
typedef struct {
    const void *from;
    ptrdiff_t stride;
    const ptrdiff_t *offsets;
    ptrdiff_t units, depth, parts, length;
    int turned, threads;
    void *to, *combined;
} packing;

/* An array of a step: where it is read (data NULL: it is not), what is added to that if it is a product, and where it is
 * written. */
typedef struct {
    grid from, also, to;
} lane;

enum { MOST_LANES = 24, MOST_PACKED = 8, MOST_STAGES = 4 };

typedef void (*activation)(void *values, ptrdiff_t count);
/* A cell's function on `count` numbers of each of its arrays. It changes those in place that are products or are written,
 * and no other. */
typedef void (*cell)(void **arrays, ptrdiff_t count, activation sigmoid, activation tanh);

/* Rows in tiles (of `tile` rows, each as the register tile reads it, [depth][TILE]), and the weights in panels that they are
 * multiplied by, with what `pack` has combined of these, where not NULL. */
typedef struct {
    const void *operand, *weights, *combined;
    ptrdiff_t depth;
} factor;

/* What happens to `rows` sequences in one step: lanes 0 .. parts-1 are what they are read as plus the products, that of
 * `inputs` (where it has an operand) for all rows and that of `state` for the first `product_rows`. `function`, where there
 * is one, changes the lanes in place; they are written, and the `packed_count` lanes named in `packed` go, packed, to
 * `next`: the operand of the next step. */
typedef struct {
    lane lanes[MOST_LANES];
    int lane_count, parts, packed_count, packed[MOST_PACKED];
    cell function;
    factor inputs, state;
    void *next;
    ptrdiff_t units, rows, product_rows, tile;
} step;

/* An array over the steps of a walk: step t's rows begin at row begins[t], or at the row places[begins[t]]. */
typedef struct {
    grid at;
    const ptrdiff_t *begins;
} track;

/* A stage as a walk goes through it at every step; at step 0 its lane is read from `first`, where that is somewhere. The
 * operands take turns, for a stage may still read the one that it wrote a step before. `counts`: how many sequences it has at
 * each step, where not as many as the walk. Without weights it has no product. */
typedef struct {
    struct { track from, first, also, to; } lanes[MOST_LANES];
    step plan;
    void *operands[2];
    const ptrdiff_t *counts;
} stage;

/* All stages, in turn, at each of the steps: counts[t] sequences at step t, products[t] of them with a product in the first
 * stage. `operand` is what that multiplies first. `inputs`, where it has data, are rows of which step t's begin at begins[t];
 * they are packed into `tiles`. */
typedef struct {
    const stage *stages;
    const ptrdiff_t *steps, *counts, *products;
    const void *operand;
    track inputs;
    void *tiles;
    ptrdiff_t step_count, input_depth, tile;
    int stage_count, threads;
} walk;

/* Rows of panels, summed by groups: row g of `to` is the sum of the rows order[starts[g]] ... order[starts[g + 1] - 1]. */
typedef struct {
    grid from, to;
    const ptrdiff_t *order, *starts;
    ptrdiff_t groups, parts, blocks;
    int threads;
} grouping;

#include "sentences.h"

typedef struct {
    int tile, panel;                                /* rows of an operand's tile, units of a panel */
    int (*product)(const product *);                /* 0, or -1 when memory ran out */
    void (*pack)(const packing *);
    void (*pack_operand)(const grid *, ptrdiff_t rows, ptrdiff_t depth, ptrdiff_t tile, void *to);
    int (*walk)(const walk *);                      /* 0, or -1 when memory ran out */
    void (*sum_groups)(const grouping *);
    void (*speak)(speaker *, int count, int threads);
    void (*search)(searcher *, int count, int threads);
    int (*screen)(screening *);                     /* 0, or -1 where there cannot be one */
    int (*quarter)(const quartering *);             /* 1, or 0 where it does not pay */
    int (*likeliest)(const asking *);               /* 0, or -1 when memory ran out */
    activation sigmoid, tanh;
} kernel_set;

/* The best set that this processor can run: number type 'f' or 'd', instruction set "v4", "v3", "base", or NULL for the
 * best. NULL when there is none of that name here. */
const kernel_set *kernels_for(char real, const char *instruction_set);
const char *best_instruction_set(void);

void FOR_THIS_SET(sigmoid)(void *values, ptrdiff_t count);
void FOR_THIS_SET(hyperbolic_tangent)(void *values, ptrdiff_t count);

static inline ptrdiff_t at_most(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }
static inline ptrdiff_t parts_of(ptrdiff_t whole, ptrdiff_t part) { return (whole + part - 1) / part; }
#endif
