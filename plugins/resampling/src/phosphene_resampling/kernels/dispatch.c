/* Which kernels this processor runs: bytes in, bytes out, the same for both number types. */
#include "instruction_sets.h"
#include "kernels.h"

#define SET(name) \
    int resample_##name(const uint8_t *, ptrdiff_t, const axis *, const axis *, int, uint8_t *); \
    int reduce_##name(const uint8_t *, ptrdiff_t, ptrdiff_t, ptrdiff_t, ptrdiff_t, ptrdiff_t, uint8_t *); \
    static const kernel_set set_##name##_f = {resample_##name, reduce_##name}, set_##name##_d = {resample_##name, reduce_##name};

SET(base) IF_V3(SET(v3)) IF_V4(SET(v4))

const kernel_set *kernels_for(char real, const char *name) { CHOOSE(set, real, name); }
