/* The vanilla cell between its products; ../vanilla.py is the specification. */
#include "cell.h"
#include <string.h>

#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && __GNUC__ >= 12 && !defined(__clang__)
#define WIDE __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define WIDE
#endif

#define CELL(real, letter) \
    void vanilla_forward_##letter( \
        real **arrays, ptrdiff_t count, void (*sigmoid)(real *, ptrdiff_t), void (*tanh)(real *, ptrdiff_t)) \
    { \
        (void)sigmoid; \
        memcpy(arrays[1], arrays[0], count * sizeof(real)); \
        tanh(arrays[1], count); \
    } \
    WIDE void vanilla_backward_##letter( \
        real **arrays, ptrdiff_t count, void (*sigmoid)(real *, ptrdiff_t), void (*tanh)(real *, ptrdiff_t)) \
    { \
        const real *restrict dy = arrays[0], *restrict h = arrays[1]; \
        real *restrict da = arrays[2]; \
        (void)sigmoid, (void)tanh; \
        _Pragma("GCC ivdep") \
        for (ptrdiff_t i = 0; i < count; i++) da[i] = dy[i] * (1 - h[i] * h[i]); \
    }
CELL(float, f)
CELL(double, d)
