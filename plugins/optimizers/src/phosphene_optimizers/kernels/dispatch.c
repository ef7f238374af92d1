/* Which set of rules this processor runs. */
#include "instruction_sets.h"
#include "kernels.h"

#define RULE(name) void name(const tensor *, ptrdiff_t, ptrdiff_t, const double *)
#define SET(suffix) \
    RULE(sgd##suffix); RULE(momentum##suffix); RULE(rmsprop##suffix); RULE(adam##suffix); \
    static const kernel_set set##suffix = {{sgd##suffix, momentum##suffix, rmsprop##suffix, adam##suffix}};

EVERY_SET(SET)

const kernel_set *kernels_for(char real, const char *name) { CHOOSE(set, real, name); }
