# cython: language_level=3, boundscheck=False, wraparound=False
"""The bridge from numpy arrays to the C kernels. The arrays come checked from elementwise.py."""
from libc.stddef cimport ptrdiff_t
from libc.stdlib cimport calloc, free

cdef extern from "kernels.h" nogil:
    enum: CONSTANTS
    ctypedef struct tensor:
        void *parameter
        void *memory[2]
        const void *gradient
        ptrdiff_t size
        double decay
    ctypedef void (*rule)(const tensor *, ptrdiff_t, ptrdiff_t, const double *) noexcept
    ctypedef struct kernel_set:
        rule rules[4]
    void update_all(rule, const tensor *, int, const double *, int)

include "address.pxi"
include "kernel_sets.pxi"

cdef tuple NAMES = ("sgd", "momentum", "rmsprop", "adam")


def update(str name, list work, list decays, tuple constants, int threads):
    """The rule `name` over `work`, tuples (parameter, gradient, memory...) of one number type."""
    cdef int i, j, count = len(work)
    cdef double numbers[CONSTANTS]
    cdef tensor *tensors
    if not count:
        return
    cdef rule chosen = sets[work[0][0].itemsize == 8].rules[NAMES.index(name)]
    for i in range(len(constants)):
        numbers[i] = constants[i]
    tensors = <tensor *>calloc(count, sizeof(tensor))
    if tensors == NULL:
        raise MemoryError("no memory for the list of parameters")
    try:
        for i in range(count):
            arrays = work[i]
            tensors[i].parameter = address(arrays[0], PyBUF_WRITABLE)
            tensors[i].gradient = address(arrays[1], PyBUF_SIMPLE)
            for j in range(len(arrays) - 2):
                tensors[i].memory[j] = address(arrays[j + 2], PyBUF_WRITABLE)
            tensors[i].size, tensors[i].decay = arrays[0].size, decays[i]
        with nogil:
            update_all(chosen, tensors, count, numbers, threads)
    finally:
        free(tensors)
