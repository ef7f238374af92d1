/* Which set of kernels this processor runs. */
#include "instruction_sets.h"
#include "kernels.h"

#define SET(suffix) extern const kernel_set kernels##suffix;
EVERY_SET(SET)

const kernel_set *kernels_for(char real, const char *name) { CHOOSE(kernels, real, name); }
