#ifndef SPEAKER_H
#define SPEAKER_H
#include <stddef.h>

/* A speaker of `rows` sequences, which begin with `words` and a state, says the likeliest word at every step, up to `length`
 * words or the word `end`. `stages`: a step of a cell and the scores of its h (classes numbers). In `slots` it says what is to be
 * put into which lane: the table's row of a word, a state, or where the next state goes. A word's row of the table
 * (row_size numbers) is made when it first comes, of its vector (depth numbers) by `weights` and `bias`; `known` says of each word
 * whether that is done, by whomever. Results: rows `active` of tokens and log_probs (length numbers a row). */
enum { WORD, STATE, NEXT, MOST_SLOTS = 24, MOST_STATES = 4 };
struct slot { int stage, lane, what, which; };
typedef struct {
    stage *stages;
    int stage_count, slot_count;
    struct slot slots[MOST_SLOTS];
    void *states[2][MOST_STATES];
    ptrdiff_t *words, *parents, *active, rows, units, length, end;
    void *scores, *tiles;
    ptrdiff_t classes;
    const void *vectors, *weights, *bias;
    void *table;
    unsigned char *known;
    ptrdiff_t vocabulary, depth, row_size;
    ptrdiff_t *tokens;
    double *log_probs;
    int failed;                                     /* memory ran out */
} speaker;
#endif
