/* The GRU between its products; ../cell.py is the specification. */
#include "cell.h"

#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && __GNUC__ >= 12 && !defined(__clang__)
#define WIDE __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define WIDE
#endif

#define FUNCTION(name, real, letter) \
    WIDE void gru_##name##_##letter( \
        real **arrays, ptrdiff_t count, void (*sigmoid)(real *, ptrdiff_t), void (*tanh)(real *, ptrdiff_t))

#define CELL(real, letter) \
    FUNCTION(reset, real, letter) \
    { \
        real *restrict r = arrays[0], *restrict z = arrays[1], *restrict s = arrays[3]; \
        const real *restrict h_before = arrays[2]; \
        (void)tanh; \
        sigmoid(r, count); \
        sigmoid(z, count); \
        _Pragma("GCC ivdep") \
        for (ptrdiff_t k = 0; k < count; k++) s[k] = r[k] * h_before[k]; \
    } \
    FUNCTION(update, real, letter) \
    { \
        real *restrict n = arrays[0], *restrict h = arrays[3]; \
        const real *restrict z = arrays[1], *restrict h_before = arrays[2]; \
        (void)sigmoid; \
        tanh(n, count); \
        _Pragma("GCC ivdep") \
        for (ptrdiff_t k = 0; k < count; k++) h[k] = z[k] * h_before[k] + (1 - z[k]) * n[k]; \
    } \
    FUNCTION(update_back, real, letter) \
    { \
        const real *restrict dy = arrays[0], *restrict z = arrays[1], *restrict n = arrays[2]; \
        const real *restrict h_before = arrays[3]; \
        real *restrict dh = arrays[4], *restrict dz = arrays[5], *restrict dn = arrays[6]; \
        (void)sigmoid, (void)tanh; \
        _Pragma("GCC ivdep") \
        for (ptrdiff_t k = 0; k < count; k++) { \
            real d = dy[k] + dh[k]; \
            dz[k] = d * (h_before[k] - n[k]) * z[k] * (1 - z[k]); \
            dn[k] = d * (1 - z[k]) * (1 - n[k] * n[k]); \
            dh[k] = d * z[k]; \
        } \
    } \
    FUNCTION(reset_back, real, letter) \
    { \
        const real *restrict ds = arrays[0], *restrict r = arrays[1], *restrict h_before = arrays[2]; \
        real *restrict dh = arrays[3], *restrict dr = arrays[5]; \
        (void)sigmoid, (void)tanh; \
        _Pragma("GCC ivdep") \
        for (ptrdiff_t k = 0; k < count; k++) { \
            dr[k] = ds[k] * h_before[k] * r[k] * (1 - r[k]); \
            dh[k] += ds[k] * r[k]; \
        } \
    }
CELL(float, f)
CELL(double, d)
