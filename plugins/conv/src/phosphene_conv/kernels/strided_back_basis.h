/* The changes of basis for the way back through 3 taps at stride 2 and pad 1, in one dimension:
 * dx[2i] = w1 dy[i], dx[2i + 1] = w2 dy[i] + w0 dy[i + 1]. Odd pixels meet two taps, F(4, 2); even ones one. */
#ifndef STRIDED_BACK_BASIS_H
#define STRIDED_BACK_BASIS_H
#include "tile.h"
#include "two_taps.h"

enum { INPUTS = 5, STEP = 4, SIDE = 9, BASIS = SIDE * SIDE, OUTPUTS = 8 };

static inline __attribute__((always_inline)) void carry_patch(const REAL *from, ptrdiff_t step, REAL *to, ptrdiff_t to_step)
{
    carry_samples(from, step, to, to_step);
    for (int i = 0; i < 4; i++) store(to + (5 + i) * to_step, load(from + i * step));
}

static inline __attribute__((always_inline)) void carry_weights(const REAL *from, ptrdiff_t step, REAL *to, ptrdiff_t to_step,
                                                                ptrdiff_t count)
{
    carry_taps(load(from + 2 * step), load(from), to, to_step, count);
    for (int i = 0; i < 4; i++) store_some(to + (5 + i) * to_step, load(from + step), count);
}

static inline __attribute__((always_inline)) void carry_back(const REAL *from, ptrdiff_t step, REAL *to, ptrdiff_t to_step)
{
    vector odd[4];
    sums_of(from, step, odd);
    for (int i = 0; i < 4; i++) {
        store(to + 2 * i * to_step, load(from + (5 + i) * step));
        store(to + (2 * i + 1) * to_step, odd[i]);
    }
}
#endif
