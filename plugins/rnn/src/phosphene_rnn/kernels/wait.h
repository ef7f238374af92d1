/* Waiting for another thread that will soon be done. */
#ifndef WAIT_H
#define WAIT_H
#if !defined(_WIN32)
#include <sched.h>
#endif

enum { SPINS = 2000 };

/* Between one look and the next; `spins`: looks so far. */
static inline void pass_time(int spins)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
#if !defined(_WIN32)
    if (spins > SPINS) sched_yield();       /* the other thread may be waiting for this core */
#endif
}

static inline void wait_for_value(const unsigned char *place, unsigned char value)
{
    for (int spins = 0; __atomic_load_n(place, __ATOMIC_ACQUIRE) != value; spins++) pass_time(spins);
}
#endif
