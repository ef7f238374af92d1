/* Which set of kernels this processor runs. */
#include "instruction_sets.h"
#include "kernels.h"

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

EVERY_SET(SET)

const kernel_set *kernels_for(char real, const char *name) { CHOOSE(set, real, name); }
