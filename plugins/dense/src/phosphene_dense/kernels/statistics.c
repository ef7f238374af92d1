/* Sums over each channel: mean and variance forward, the gradients of gamma and beta back.
 *
 * A channel is read once, in chunks that stay in the first cache: a chunk's sums run in vector lanes of its own number
 * type, chunks are joined in double (variances by Chan, Golub and LeVeque 1979), so neither a large mean nor a large
 * image costs digits. Planes smaller than a chunk are gathered into one first. Threads share out channels.
 */
#include "kernels.h"
#include "stretches.h"
#include <string.h>

enum { CHUNK = 2048, LONG = 256 };              /* numbers in a chunk; planes from LONG on are read where they lie */

typedef struct {
    const normalization *n;
    ptrdiff_t channel, image, place;            /* the next number to read */
} cursor;

/* The next numbers of the channel in x, and the same places of dy if there is one; returns how many, 0 at the end. */
static ptrdiff_t next_chunk(cursor *c, const REAL **x, const REAL **dy, REAL room[2][CHUNK])
{
    const normalization *n = c->n;
    ptrdiff_t count = 0, area = n->area;
    const REAL *xs = n->x, *dys = n->dy;
    if (area >= LONG) {
        if (c->image == n->images) return 0;
        ptrdiff_t at = (c->image * n->channels + c->channel) * area + c->place;
        count = area - c->place < CHUNK ? area - c->place : CHUNK;
        *x = xs + at;
        if (dys) *dy = dys + at;
        if ((c->place += count) == area) c->place = 0, c->image++;
        return count;
    }
    for (; c->image < n->images && count + area <= CHUNK; c->image++, count += area) {
        ptrdiff_t at = (c->image * n->channels + c->channel) * area;
        for (ptrdiff_t i = 0; i < area; i++) room[0][count + i] = xs[at + i];
        if (dys) for (ptrdiff_t i = 0; i < area; i++) room[1][count + i] = dys[at + i];
    }
    *x = room[0], *dy = room[1];
    return count;
}

static void some_statistics(const void *job, ptrdiff_t first, ptrdiff_t last)
{
    const normalization *n = job;
    REAL room[2][CHUNK];
    const REAL *x, *none;
    for (ptrdiff_t channel = first; channel < last; channel++) {
        cursor c = {n, channel, 0, 0};
        double seen = 0, mean = 0, squares = 0;
        for (ptrdiff_t count; (count = next_chunk(&c, &x, &none, room)); seen += (double)count) {
            REAL sum = 0, spread = 0;
            for (ptrdiff_t i = 0; i < count; i++) sum += x[i];
            REAL middle = sum / (REAL)count;
            for (ptrdiff_t i = 0; i < count; i++) spread += (x[i] - middle) * (x[i] - middle);
            double away = (double)middle - mean, share = (double)count / (seen + (double)count);
            squares += (double)spread + away * away * seen * share;
            mean += away * share;
        }
        ((REAL *)n->first)[channel] = (REAL)mean;
        ((REAL *)n->second)[channel] = (REAL)(squares / seen);
    }
}

/* dgamma = inv * sum of dy (x - mean), dbeta = sum of dy, of what the rectifier let through. */
static inline void channel_sums(const normalization *n, ptrdiff_t channel, int way)
{
    REAL room[2][CHUNK];
    const REAL *x, *dy;
    REAL mean = ((const REAL *)n->mean)[channel], scale = ((const REAL *)n->scale)[channel];
    REAL shift = ((const REAL *)n->shift)[channel];
    cursor c = {n, channel, 0, 0};
    double all = 0, along = 0;
    for (ptrdiff_t count; (count = next_chunk(&c, &x, &dy, room));) {
        REAL sum = 0, product = 0;
        for (ptrdiff_t i = 0; i < count; i++) {
            REAL d = PASSES(way, x[i] * scale + shift, dy[i]) ? dy[i] : 0;
            sum += d;
            product += d * (x[i] - mean);
        }
        all += (double)sum;
        along += (double)product;
    }
    ((REAL *)n->first)[channel] = (REAL)(along * (double)((const REAL *)n->inv)[channel]);
    ((REAL *)n->second)[channel] = (REAL)all;
}

static void some_sums(const void *job, ptrdiff_t first, ptrdiff_t last)
{
    const normalization *n = job;
    for (ptrdiff_t channel = first; channel < last; channel++)
        switch (n->way) {                       /* one loop for each way, so that each is vector code */
        case NONE: channel_sums(n, channel, NONE); break;
        case GRADIENT: channel_sums(n, channel, GRADIENT); break;
        case GUIDED: channel_sums(n, channel, GUIDED); break;
        case DECONVNET: channel_sums(n, channel, DECONVNET); break;
        }
}

void FOR_THIS_SET(statistics)(const normalization *n)
{
    in_stretches(some_statistics, n, n->channels, n->images * n->area, n->threads);
}

void FOR_THIS_SET(sums)(const normalization *n)
{
    in_stretches(some_sums, n, n->channels, n->images * n->area, n->threads);
}
