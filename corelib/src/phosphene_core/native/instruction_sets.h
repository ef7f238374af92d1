/* Which of a plugin's kernels this processor runs. The plugin compiles the same C files once for each instruction set and
   number type, with HAVE_v3 and HAVE_v4 where the compiler knows those sets, and asks here, at run time, which to call. For
   the one file of the plugin that knows all of its sets:

       #define SET(suffix) int add##suffix(const numbers *); static const kernel_set set##suffix = {add##suffix};
       EVERY_SET(SET)
       const kernel_set *kernels_for(char real, const char *name) { CHOOSE(set, real, name); } */
#ifndef PHOSPHENE_INSTRUCTION_SETS_H
#define PHOSPHENE_INSTRUCTION_SETS_H
#include <string.h>

#ifdef HAVE_v3
#define IF_V3(...) __VA_ARGS__
static int runs_v3(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
}
#else
#define IF_V3(...)
#endif

#ifdef HAVE_v4
#define IF_V4(...) __VA_ARGS__
static int runs_v4(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd")
           && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}
#else
#define IF_V4(...)
#endif

/* v4 (AVX-512), v3 (AVX2) or base: the best that was compiled and that this processor runs. */
const char *best_instruction_set(void)
{
    IF_V4(if (runs_v4()) return "v4";)
    IF_V3(if (runs_v3()) return "v3";)
    return "base";
}

#define EVERY_SET(declare) \
    declare(_base_f) declare(_base_d) IF_V3(declare(_v3_f) declare(_v3_d)) IF_V4(declare(_v4_f) declare(_v4_d))

/* Returns the set of this name (NULL: the best) for floats ('f') or doubles ('d'), or NULL where it cannot run here. */
#define CHOOSE(set, real, name) \
    const char *wanted = (name) ? (name) : best_instruction_set(); \
    const int wide = (real) == 'd'; \
    if (!strcmp(wanted, "base")) return wide ? &set##_base_d : &set##_base_f; \
    IF_V3(if (!strcmp(wanted, "v3") && runs_v3()) return wide ? &set##_v3_d : &set##_v3_f;) \
    IF_V4(if (!strcmp(wanted, "v4") && runs_v4()) return wide ? &set##_v4_d : &set##_v4_f;) \
    return 0

#endif
