/* What is asked of those who make sentences word by word, each thread with rows of its own. */
#ifndef SENTENCES_H
#define SENTENCES_H
#include <stddef.h>

/* What a word is to a step of the cell: its row of the table (row_size numbers), made when it first comes, of its vector (depth
 * numbers) by `weights` and `bias`. `known` says of each word whether that is done (1), by whomever. */
typedef struct {
    const void *vectors, *weights, *bias;
    void *table;
    unsigned char *known;
    ptrdiff_t vocabulary, depth, row_size;
} lexicon;

/* Rows that read a word each, and go from one state to the next. `stages` first .. last - 1 are a step of the cell. In `slots` it
 * says what is to be put into which lane: the table's row of a word (its numbers from `which` on), a state, or where the next
 * state goes; states take turns. `parents`: the rows of the last state that they go on from. Where several go on from one, and
 * the cell's product is that of h alone, `weights` (in `parts` gates; with what each four panels have combined, where not NULL)
 * multiply each parent once. `most`: rows at most. */
enum { WORD, STATE, NEXT, MOST_SLOTS = 24, MOST_STATES = 4 };
struct slot { int stage, lane, what, which; };
typedef struct {
    const lexicon *words_known;
    stage *stages;
    int first, last, slot_count, strassen;
    struct slot slots[MOST_SLOTS];
    void *states[2][MOST_STATES], *tiles;
    ptrdiff_t *words, *parents;
    ptrdiff_t most, units, parts;
    const void *weights, *combined, *fours;
} reading;

/* A vocabulary for screening (screen.c): each word's weights as whole numbers of 16 bits, in panels ([pairs of the depth][PANEL][2]), and
 * what
 * each two, and each four, of these have combined (strassen_whole.c; NULL: nothing), times its scale; their length; what rounding has
 * taken of that at most, as a share; the weights themselves, a row for each word; and their mean. Scales and lengths reach to the end of the last panel, the mean past its own by zeros. */
typedef struct {
    short *panels, *combined, *fours;
    void *scales, *norms, *rows, *mean;
    double lost;
} screen;

/* It is made of the columns of `from` (depth x words); room for a number for each panel, and a row for each two, `apart`. */
typedef struct {
    const void *from;
    ptrdiff_t depth, words, apart;
    float *lost, *sums;
    screen *to;
    int threads;
} screening;

/* For products of many rows, of each four of `count` panels (of so much depth; of whole numbers: so many pairs) what they have combined
 * (forty_nine.h) goes to `to`. */
typedef struct {
    const void *panels;
    void *to;
    ptrdiff_t depth, count;
    int whole, threads;
} quartering;

/* The scores of the next word: h times `weights` (depth units, in panels), plus `bias`, which reaches to the end of the last panel
 * and keeps what must not come below all that may. With a screen there are no such weights. */
typedef struct {
    const void *weights, *combined, *bias;
    const screen *screen;
    ptrdiff_t words;
} scoring;

/* Of `rows` rows of h (units numbers) the `count` likeliest next words each: how many there are, the words, and their
 * log-probabilities. */
typedef struct {
    scoring score;
    const void *h;
    ptrdiff_t rows, units, count;
    int strassen;
    ptrdiff_t *have, *words;
    double *log_probs;
} asking;

/* Why there is no result: or the screen does not fit what it is asked, and a product in float is quicker. */
enum { OUT_OF_MEMORY = 1, UNFIT = 2 };

/* `rows` sequences say the likeliest word at every step, up to `length` words or the word `end`. Results: rows `active` of
 * tokens and log_probs (length numbers a row). */
typedef struct {
    reading read;
    scoring score;
    ptrdiff_t *active, rows, length, end;
    ptrdiff_t *tokens;
    double *log_probs;
    int failed;                                     /* OUT_OF_MEMORY or UNFIT */
} speaker;

/* Beam search of `pictures`, which begin with a row each; see search.c. Results, 2 width places for each picture: `lengths`
 * (0: no sentence), and in rows of `length` numbers tokens and log_probs. A word of log-probability `never` or less does
 * not come. */
typedef struct {
    reading read;
    scoring score;
    ptrdiff_t pictures, width, length, end;
    double never;
    ptrdiff_t *lengths, *tokens;
    double *log_probs;
    int failed;
} searcher;
#endif
