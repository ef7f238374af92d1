/* Which set of kernels this processor runs. */
#include "kernels.h"
#include <string.h>

#define SET(suffix) \
    void rectify##suffix(const elementwise *), rectify_backward##suffix(const elementwise *), \
        drop##suffix(const elementwise *), statistics##suffix(const normalization *), \
        sums##suffix(const normalization *), cross_entropy##suffix(const loss *), log_softmax##suffix(const loss *); \
    void largest##suffix(const ranking *); \
    int normalize##suffix(const normalization *), normalize_backward##suffix(const normalization *), \
        product##suffix(const matrices *); \
    static const kernel_set set##suffix = { \
        rectify##suffix, rectify_backward##suffix, drop##suffix, statistics##suffix, sums##suffix, normalize##suffix, \
        normalize_backward##suffix, cross_entropy##suffix, log_softmax##suffix, largest##suffix, product##suffix};

SET(_base_f)
SET(_base_d)
#ifdef HAVE_v3
SET(_v3_f)
SET(_v3_d)
static int runs_v3(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2"); }
#endif
#ifdef HAVE_v4
SET(_v4_f)
SET(_v4_d)
static int runs_v4(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd")
           && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}
#endif

const kernel_set *kernels_for(char real, const char *name)
{
    const char *wanted = name ? name : best_instruction_set();
    int wide = real == 'd';
    if (!strcmp(wanted, "base")) return wide ? &set_base_d : &set_base_f;
#ifdef HAVE_v3
    if (!strcmp(wanted, "v3") && runs_v3()) return wide ? &set_v3_d : &set_v3_f;
#endif
#ifdef HAVE_v4
    if (!strcmp(wanted, "v4") && runs_v4()) return wide ? &set_v4_d : &set_v4_f;
#endif
    return 0;
}

const char *best_instruction_set(void)
{
#ifdef HAVE_v4
    if (runs_v4()) return "v4";
#endif
#ifdef HAVE_v3
    if (runs_v3()) return "v3";
#endif
    return "base";
}
