/* A reading under way: its scratch, and the step from one state to the next. */
#ifndef READER_H
#define READER_H
#include "kernels.h"
#include "tile.h"

#define open_reader FOR_THIS_SET(open_reader)
#define close_reader FOR_THIS_SET(close_reader)
#define read_words FOR_THIS_SET(read_words)

typedef struct {
    reading *job;
    unsigned char *met;                             /* words that this thread has seen */
    ptrdiff_t *new, *distinct, *which;              /* words met first; parents, each once, and which of them a row goes on from */
    REAL *learning, *scratch;
    REAL *products, *quarters;                      /* of parents: what waits for who reads it; four tiles, and what they have combined */
} reader;

/* 0, or -1 when memory ran out; to be closed anyway. */
int open_reader(reader *r, reading *job);
void close_reader(reader *r);

/* `rows` rows read their words, at this time (0, 1, ...). Returns their h (rows x units). */
const REAL *read_words(reader *r, ptrdiff_t rows, ptrdiff_t time);

#define open_parents FOR_THIS_SET(open_parents)
#define step_from_parents FOR_THIS_SET(step_from_parents)

/* A step of a cell of one stage, whose products are made once for each state that rows go on from (parents.c). What that needs is got
 * first: 0, or -1. */
int open_parents(reader *r);
void step_from_parents(reader *r, step *s, ptrdiff_t rows, ptrdiff_t time);
#endif
