/* Softmax cross-entropy: a row of scores is read from memory once, and its gradient (of the sum over rows by `count`) is made in
 * its place in `out` while it is in cache. */
#include "kernels.h"
#include "exponential.h"
#include "log_sum.h"
#include "rows.h"
#include "stretches.h"

static void some_rows(const void *job, ptrdiff_t first, ptrdiff_t last)
{
    const loss *l = job;
    ptrdiff_t classes = l->classes;
    double smoothing = l->smoothing, count = l->count;
    for (ptrdiff_t row = first; row < last; row++) {
        const REAL *scores = (const REAL *)l->scores + row * classes;
        REAL *out = (REAL *)l->out + row * classes;
        ptrdiff_t label = l->labels[row], best = 0;
        REAL most = FOR_THIS_SET(row_largest)(scores, classes);
        while (best < classes - 1 && scores[best] != most) best++;
#pragma GCC ivdep
        for (ptrdiff_t i = 0; i < classes; i++) out[i] = scores[i] - most;
        double smooth = smoothing > 0 ? smoothing * (double)FOR_THIS_SET(row_sum)(out, classes) / (double)classes : 0;
        double right = (1 - smoothing) * (double)out[label];
        for (ptrdiff_t i = 0; i < classes; i++) out[i] = exponential(out[i]);
        double total = (double)FOR_THIS_SET(row_sum)(out, classes);
        l->losses[row] = log(total) - right - smooth;
        REAL by = (REAL)(1 / (total * count)), less = (REAL)(smoothing / (double)classes / count);
        for (ptrdiff_t i = 0; i < classes; i++) out[i] = out[i] * by - less;
        out[label] -= (REAL)((1 - smoothing) / count);
        l->correct[row] = best == label;
    }
}

void FOR_THIS_SET(cross_entropy)(const loss *l) { in_stretches(some_rows, l, l->rows, 8 * l->classes, l->threads); }

/* log softmax of each row, into `out`. */
static void some_rows_of_logs(const void *job, ptrdiff_t first, ptrdiff_t last)
{
    const loss *l = job;
    ptrdiff_t classes = l->classes;
    for (ptrdiff_t row = first; row < last; row++) {
        const REAL *scores = (const REAL *)l->scores + row * classes;
        REAL *out = (REAL *)l->out + row * classes;
        REAL less = log_sum(scores, classes, FOR_THIS_SET(row_largest)(scores, classes));
#pragma GCC ivdep
        for (ptrdiff_t i = 0; i < classes; i++) out[i] = scores[i] - less;
    }
}

void FOR_THIS_SET(log_softmax)(const loss *l) { in_stretches(some_rows_of_logs, l, l->rows, 8 * l->classes, l->threads); }
