# cython: language_level=3, boundscheck=False, wraparound=False
"""The bridge from numpy arrays to the C kernels. The arrays come checked from elementwise.py."""
from cpython.buffer cimport PyBUF_SIMPLE, PyBUF_WRITABLE, PyBuffer_Release, PyObject_GetBuffer
from libc.stddef cimport ptrdiff_t
from libc.stdlib cimport calloc, free

cdef extern from "workers.h":
    int join_workers() except -1

cdef extern from "kernels.h" nogil:
    enum: CONSTANTS
    ctypedef struct tensor:
        void *parameter
        void *memory[2]
        const void *gradient
        ptrdiff_t size
        double decay
    ctypedef void (*rule)(const tensor *, ptrdiff_t, ptrdiff_t, const double *) noexcept
    const rule *rules_for(char real, const char *name)
    const char *best_instruction_set()
    void update_all(rule, const tensor *, int, const double *, int)

join_workers()

cdef const rule *sets[2]
cdef tuple NAMES = ("sgd", "momentum", "rmsprop", "adam")


def instruction_set():
    """The name of the instruction set that kernels are chosen for: v4 (AVX-512), v3 (AVX2) or base."""
    return best_instruction_set().decode()


def use(str name):
    """Choose another instruction set, for tests. Returns whether this processor has it."""
    cdef bytes wanted = name.encode()
    if rules_for(b"f", wanted) == NULL:
        return False
    sets[0], sets[1] = rules_for(b"f", wanted), rules_for(b"d", wanted)
    return True


use(instruction_set())

cdef void *address(array, int how) except? NULL:
    """Where the numbers of a C-contiguous array lie; whoever calls keeps it alive."""
    cdef Py_buffer view
    PyObject_GetBuffer(array, &view, how)
    cdef void *where = view.buf
    PyBuffer_Release(&view)
    return where


def update(str name, list work, list decays, tuple constants, int threads):
    """The rule `name` over `work`, tuples (parameter, gradient, memory...) of one number type."""
    cdef int i, j, count = len(work)
    cdef double numbers[CONSTANTS]
    cdef tensor *tensors
    if not count:
        return
    cdef rule chosen = sets[work[0][0].itemsize == 8][NAMES.index(name)]
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
