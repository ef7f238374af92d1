/* The largest numbers of each row. The row in lanes, each lane's largest: the `count`-th of these is no larger than the `count`-th
 * of all, so only numbers from there on, few, find their places among those found so far. Of equal ones the first counts as
 * larger; NaN as smaller than all. Where their log softmax is wanted, the row is read once more, from cache. */
#include "kernels.h"
#include "log_sum.h"
#include "stretches.h"
#include <string.h>

enum { BLOCK = 64 / sizeof(REAL) };
typedef REAL vector __attribute__((vector_size(64), aligned(sizeof(REAL)), may_alias));

/* A number that at least `count` of the row reach; minus infinity where none is known. */
static REAL reached(const REAL *row, ptrdiff_t classes, ptrdiff_t count)
{
    REAL lanes[BLOCK];
    if (count > BLOCK || classes < 4 * BLOCK) return -INFINITY;
    vector most = *(const vector *)row;
    for (ptrdiff_t i = BLOCK; i + BLOCK <= classes; i += BLOCK) {
        vector now = *(const vector *)(row + i);
        __typeof__(now > most) larger = now > most;
        most = (vector)(((__typeof__(larger))now & larger) | ((__typeof__(larger))most & ~larger));
    }
    memcpy(lanes, &most, sizeof lanes);
    for (int j = 0; j < BLOCK; j++) {
        REAL x = lanes[j];
        int place = j;
        if (x != x) return -INFINITY;
        for (; place > 0 && lanes[place - 1] < x; place--) lanes[place] = lanes[place - 1];
        lanes[place] = x;
    }
    return lanes[count - 1];
}

/* Whether one of a block's numbers is no smaller. */
static inline int reaches(const REAL *block, REAL least)
{
    uint64_t hits[8];
    __typeof__(*(const vector *)block >= least) lanes = *(const vector *)block >= least;
    memcpy(hits, &lanes, sizeof hits);
    return (hits[0] | hits[1] | hits[2] | hits[3] | hits[4] | hits[5] | hits[6] | hits[7]) != 0;
}

static void some_rows(const void *job, ptrdiff_t first, ptrdiff_t last)
{
    const ranking *r = job;
    for (ptrdiff_t row = first; row < last; row++) {
        const REAL *scores = (const REAL *)r->scores + row * r->classes;
        ptrdiff_t *found = r->out + row * r->count, have = 0;
        REAL bound = reached(scores, r->classes, r->count);
        for (ptrdiff_t begin = 0; begin < r->classes; begin += BLOCK) {
            ptrdiff_t end = begin + BLOCK < r->classes ? begin + BLOCK : r->classes;
            REAL least = have == r->count ? scores[found[have - 1]] : bound;
            if (least == least && least > -INFINITY && end == begin + BLOCK && !reaches(scores + begin, least)) continue;
            for (ptrdiff_t i = begin; i < end; i++) {
                REAL x = scores[i];
                if (x < bound || (have == r->count && !(x > scores[found[have - 1]]))) continue;
                ptrdiff_t place = have < r->count ? have++ : have - 1;
                for (; place > 0 && (x > scores[found[place - 1]] || (x == x && scores[found[place - 1]] != scores[found[place - 1]])); place--)
                    found[place] = found[place - 1];
                found[place] = i;
            }
        }
        if (!r->logs) continue;
        REAL less = log_sum(scores, r->classes, scores[found[0]]);
        for (ptrdiff_t i = 0; i < r->count; i++) ((REAL *)r->logs)[row * r->count + i] = scores[found[i]] - less;
    }
}

void FOR_THIS_SET(largest)(const ranking *r) { in_stretches(some_rows, r, r->rows, (r->logs ? 8 : 2) * r->classes, r->threads); }
