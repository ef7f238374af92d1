/* Sums whose rows are pixels of a block (see product.h), to their places. */
#ifndef BLOCKS_H
#define BLOCKS_H
#include "patches.h"

/* Rows that are neighbours in x, two by two: whole vectors of them go out interleaved. Returns whether it did. */
static inline int pair_out(const product *job, const panel *p, const run *first, int half, REAL *to, const REAL *sums)
{
#if defined(__AVX512F__)
    int last = half ? p->run_count : p->first_right;
    const run *end = p->runs + last - 1;
    if (sizeof(REAL) != 4 || first->lane % LANES || end->i != first->i || end->lane + end->count != (half + 1) * LANES
        || 2 * (first->j + LANES) > job->out_width)
        return 0;
    __m512i low = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    __m512i high = _mm512_add_epi32(low, _mm512_set1_epi32(8));
    __m512i even = _mm512_loadu_si512(sums + half * LANES), odd = _mm512_loadu_si512(sums + COLUMNS + half * LANES);
    _mm512_storeu_si512(to, _mm512_permutex2var_epi32(even, low, odd));
    _mm512_storeu_si512(to + LANES, _mm512_permutex2var_epi32(even, high, odd));
    return 1;
#else
    (void)job, (void)p, (void)first, (void)half, (void)to, (void)sums;
    return 0;
#endif
}

static inline void finish_blocks(const product *job, const panel *p, ptrdiff_t first_row, ptrdiff_t rows, const REAL *sums)
{
    ptrdiff_t block = job->block_y * job->block_x;
    for (ptrdiff_t i = 0; i < rows; i++) {
        ptrdiff_t row = first_row + i, m = row / block, u = row % block / job->block_x, v = row % job->block_x, paired = 0;
        for (int half = 0; half < 2; half++) {
            int r = half ? p->first_right : 0, last = half ? p->run_count : p->first_right;
            for (; r < last; r++) {
                const run *part = p->runs + r;
                ptrdiff_t y = part->i * job->block_y + u, x = part->j * job->block_x + v;
                REAL *to = job->out + part->n * job->out_image + m * job->out_row + y * job->out_width + x;
                const REAL *from = sums + i * COLUMNS + part->lane;
                if (y >= job->out_height) continue;
                if (job->block_x == 2 && v == 0 && i + 1 < rows && part->lane % LANES == 0
                    && pair_out(job, p, part, half, to, sums + i * COLUMNS)) {
                    paired |= 1 << half;
                    break;
                }
                for (int l = 0; l < part->count && x + l * job->block_x < job->out_width; l++) to[l * job->block_x] = from[l];
            }
        }
        if (paired == 3) i++;
    }
}
#endif
