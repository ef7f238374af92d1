/* The largest numbers of each row: a row is read once, block by block, and only a number that is larger than the smallest of
 * those found so far finds its place among them. Of equal ones the first counts as larger; NaN as smaller than all.
 * Where their log softmax is wanted, the row is read once more, from cache. */
#include "kernels.h"
#include "log_sum.h"
#include "stretches.h"

enum { BLOCK = 64 / sizeof(REAL) };

static void some_rows(const void *job, ptrdiff_t first, ptrdiff_t last)
{
    const ranking *r = job;
    for (ptrdiff_t row = first; row < last; row++) {
        const REAL *scores = (const REAL *)r->scores + row * r->classes;
        ptrdiff_t *found = r->out + row * r->count, have = 0;
        for (ptrdiff_t begin = 0; begin < r->classes; begin += BLOCK) {
            ptrdiff_t end = begin + BLOCK < r->classes ? begin + BLOCK : r->classes;
            if (have == r->count && end == begin + BLOCK) {
                REAL least = scores[found[have - 1]];
                int any = 0;
                for (int j = 0; j < BLOCK; j++) any |= !(scores[begin + j] <= least);
                if (!any) continue;
            }
            for (ptrdiff_t i = begin; i < end; i++) {
                REAL x = scores[i];
                if (have == r->count && !(x > scores[found[have - 1]])) continue;
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
