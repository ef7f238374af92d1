/* The LSTM between its products; ../cell.py is the specification. */
#include "cell.h"
#include <string.h>

#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && __GNUC__ >= 12 && !defined(__clang__)
#define WIDE __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define WIDE
#endif

#define CELL(real, letter) \
    WIDE void lstm_forward_##letter( \
        real **arrays, ptrdiff_t count, void (*sigmoid)(real *, ptrdiff_t), void (*tanh)(real *, ptrdiff_t)) \
    { \
        real *restrict i = arrays[0], *restrict f = arrays[1], *restrict o = arrays[2], *restrict g = arrays[3]; \
        const real *c_before = arrays[4]; \
        real *c = arrays[5], *restrict h = arrays[6];   /* c may be where c_before was */ \
        sigmoid(i, count); \
        sigmoid(f, count); \
        sigmoid(o, count); \
        tanh(g, count); \
        _Pragma("GCC ivdep") \
        for (ptrdiff_t k = 0; k < count; k++) h[k] = c[k] = f[k] * c_before[k] + i[k] * g[k]; \
        tanh(h, count); \
        _Pragma("GCC ivdep") \
        for (ptrdiff_t k = 0; k < count; k++) h[k] *= o[k]; \
    } \
    WIDE void lstm_backward_##letter( \
        real **arrays, ptrdiff_t count, void (*sigmoid)(real *, ptrdiff_t), void (*tanh)(real *, ptrdiff_t)) \
    { \
        const real *restrict dy = arrays[0], *restrict i = arrays[1], *restrict f = arrays[2], *restrict o = arrays[3]; \
        const real *restrict g = arrays[4], *restrict c_before = arrays[5], *restrict c = arrays[6]; \
        real *restrict dc = arrays[7]; \
        real *restrict di = arrays[8], *restrict df = arrays[9], *restrict dout = arrays[10], *restrict dg = arrays[11]; \
        (void)sigmoid; \
        memcpy(di, c, count * sizeof(real)); \
        tanh(di, count); \
        _Pragma("GCC ivdep") \
        for (ptrdiff_t k = 0; k < count; k++) { \
            real s = di[k], d = dc[k] + dy[k] * o[k] * (1 - s * s); \
            di[k] = d * g[k] * i[k] * (1 - i[k]); \
            df[k] = d * c_before[k] * f[k] * (1 - f[k]); \
            dout[k] = dy[k] * s * o[k] * (1 - o[k]); \
            dg[k] = d * i[k] * (1 - g[k] * g[k]); \
            dc[k] = d * f[k]; \
        } \
    }
CELL(float, f)
CELL(double, d)
