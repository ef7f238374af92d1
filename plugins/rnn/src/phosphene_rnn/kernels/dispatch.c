/* Which set of kernels this processor runs. */
#include "kernels.h"
#include <string.h>

#define SET(name) extern const kernel_set kernels_##name##_f, kernels_##name##_d;
SET(base)
#ifdef HAVE_v3
SET(v3)
static int runs_v3(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
}
#endif
#ifdef HAVE_v4
SET(v4)
static int runs_v4(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd")
           && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}
#endif

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

const kernel_set *kernels_for(char real, const char *name)
{
    if (!name) name = best_instruction_set();
    if (!strcmp(name, "base")) return real == 'd' ? &kernels_base_d : &kernels_base_f;
#ifdef HAVE_v3
    if (!strcmp(name, "v3") && runs_v3()) return real == 'd' ? &kernels_v3_d : &kernels_v3_f;
#endif
#ifdef HAVE_v4
    if (!strcmp(name, "v4") && runs_v4()) return real == 'd' ? &kernels_v4_d : &kernels_v4_f;
#endif
    return 0;
}
