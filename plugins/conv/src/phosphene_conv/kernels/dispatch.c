/* Which set of kernels this processor runs. */
#include "instruction_sets.h"
#include "kernels.h"

#define SET(suffix) \
    int convolve_forward##suffix(const convolution *), convolve_backward_data##suffix(const convolution *), \
        convolve_backward_weights##suffix(const convolution *), convolve_backward_bias##suffix(const convolution *); \
    void max_forward##suffix(const pooling *), max_backward##suffix(const pooling *), \
        average_forward##suffix(const pooling *), average_backward##suffix(const pooling *); \
    static const kernel_set set##suffix = { \
        convolve_forward##suffix, convolve_backward_data##suffix, convolve_backward_weights##suffix, \
        convolve_backward_bias##suffix, max_forward##suffix, max_backward##suffix, average_forward##suffix, \
        average_backward##suffix};

EVERY_SET(SET)

const kernel_set *kernels_for(char real, const char *name) { CHOOSE(set, real, name); }
