/* Scratch memory on a cache line, a whole number of lines. */
#ifndef ROOM_H
#define ROOM_H
#include <stddef.h>
#include <stdlib.h>

static inline void *room(ptrdiff_t count, size_t size)
{
    return aligned_alloc(64, ((size_t)count * size + 127) / 64 * 64);
}
#endif
