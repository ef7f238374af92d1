/* Which set of rules this processor runs. */
#include "kernels.h"
#include <string.h>

#define RULE(name) void name(const tensor *, ptrdiff_t, ptrdiff_t, const double *)
#define SET(suffix) \
    RULE(sgd##suffix); RULE(momentum##suffix); RULE(rmsprop##suffix); RULE(adam##suffix); \
    static const rule set##suffix[RULES] = {sgd##suffix, momentum##suffix, rmsprop##suffix, adam##suffix};

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

const rule *rules_for(char real, const char *name)
{
    const char *wanted = name ? name : best_instruction_set();
    int wide = real == 'd';
    if (!strcmp(wanted, "base")) return wide ? set_base_d : set_base_f;
#ifdef HAVE_v3
    if (!strcmp(wanted, "v3") && runs_v3()) return wide ? set_v3_d : set_v3_f;
#endif
#ifdef HAVE_v4
    if (!strcmp(wanted, "v4") && runs_v4()) return wide ? set_v4_d : set_v4_f;
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
