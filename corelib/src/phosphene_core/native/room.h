/* Scratch memory on a cache line, a whole number of lines; not free() but leave() gives it back.
 *
 * Not aligned_alloc: before glibc 2.38, what that cuts off goes to the bins of small blocks and stays there, so that a block
 * given back is too small for the same request when it comes again, and call by call the heap grows by fresh pages. */
#ifndef ROOM_H
#define ROOM_H
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

enum { CACHE_LINE = 64 };

static inline void *room(ptrdiff_t count, size_t size)
{
    char *block = malloc(((size_t)count * size + 2 * CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE + CACHE_LINE);
    if (!block) return 0;
    void **place = (void **)(((uintptr_t)block + CACHE_LINE) / CACHE_LINE * CACHE_LINE);
    place[-1] = block;          /* there is room before it: malloc's blocks begin at whole 16 bytes */
    return place;
}

static inline void leave(void *place)
{
    if (place) free(((void **)place)[-1]);
}
#endif
