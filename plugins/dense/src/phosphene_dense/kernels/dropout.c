/* Dropout, forward and back alike: x * growth or 0. Which numbers stay is no array but a function of the key and the
 * number's place (murmur3's 32-bit finalizer, twice), so there is nothing to keep and threads change nothing. */
#include "kernels.h"
#include "stretches.h"

static inline uint32_t mixed(uint32_t h)
{
    h ^= h >> 16;
    h *= 0x85ebca6bu;
    h ^= h >> 13;
    h *= 0xc2b2ae35u;
    return h ^ h >> 16;
}

static void some(const void *job, ptrdiff_t first, ptrdiff_t last)
{
    const elementwise *e = job;
    const REAL *restrict x = e->x;
    REAL *restrict y = e->out;
    REAL growth = (REAL)e->growth;
    uint32_t threshold = e->threshold;
    while (first < last) {                      /* the place's high 32 bits join the key */
        uint32_t high = (uint32_t)((uint64_t)first >> 32), start = (uint32_t)first;
        uint32_t key = e->key[0], lock = e->key[1] ^ mixed(high);
        ptrdiff_t edge = (ptrdiff_t)(((uint64_t)high + 1) << 32), stop = last < edge ? last : edge, count = stop - first;
        for (ptrdiff_t i = 0; i < count; i++) {
            uint32_t bits = mixed(mixed((start + (uint32_t)i) ^ key) ^ lock);
            y[first + i] = bits >= threshold ? x[first + i] * growth : 0;
        }
        first = stop;
    }
}

void FOR_THIS_SET(drop)(const elementwise *e) { in_stretches(some, e, e->size, 1, e->threads); }
