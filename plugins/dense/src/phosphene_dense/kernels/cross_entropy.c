/* Softmax cross-entropy: a row of scores is read once, and its gradient (of the mean over rows) is written in its
 * place in `out` while it is in cache. */
#include "kernels.h"
#include "exponential.h"
#include "stretches.h"

static void some_rows(const void *job, ptrdiff_t first, ptrdiff_t last)
{
    const loss *l = job;
    ptrdiff_t classes = l->classes;
    double smoothing = l->smoothing, share = smoothing / (double)classes;
    for (ptrdiff_t row = first; row < last; row++) {
        const REAL *restrict s = (const REAL *)l->scores + row * classes;
        REAL *restrict out = (REAL *)l->out + row * classes;
        ptrdiff_t label = l->labels[row], best = 0;
        REAL most = s[0], sum = 0, total = 0;
        for (ptrdiff_t i = 0; i < classes; i++) most = s[i] > most ? s[i] : most;
        while (best < classes - 1 && s[best] != most) best++;
        for (ptrdiff_t i = 0; i < classes; i++) {
            REAL shifted = s[i] - most, e = exponential(shifted);
            out[i] = e;
            sum += e;
            total += shifted;
        }
        /* -log p of the label, and the mean of -log p of all classes */
        double log_sum = log((double)sum), right = log_sum - (double)(s[label] - most);
        l->losses[row] = (1 - smoothing) * right + smoothing * (log_sum - (double)total / (double)classes);
        REAL by = (REAL)(1 / ((double)sum * (double)l->rows)), less = (REAL)(share / (double)l->rows);
        for (ptrdiff_t i = 0; i < classes; i++) out[i] = out[i] * by - less;
        out[label] -= (REAL)((1 - smoothing) / (double)l->rows);
        l->correct[row] = best == label;
    }
}

void FOR_THIS_SET(cross_entropy)(const loss *l) { in_stretches(some_rows, l, l->rows, 8 * l->classes, l->threads); }
