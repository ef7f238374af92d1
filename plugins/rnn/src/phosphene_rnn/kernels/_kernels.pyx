# cython: language_level=3, boundscheck=False, wraparound=False
"""The bridge from numpy arrays to the C kernels. What is asked for comes checked from compiled_engine.py; nothing is checked
here. Arrays are given by rows: two-dimensional, the numbers of a row adjacent; or in panels."""
from cpython.buffer cimport PyBUF_STRIDES, PyBuffer_Release, PyObject_GetBuffer
from cpython.pycapsule cimport PyCapsule_GetPointer, PyCapsule_New
from libc.stddef cimport ptrdiff_t
from libc.stdlib cimport calloc, free

include "declarations.pxi"
include "kernel_sets.pxi"

most_lanes, most_packed, most_stages = MOST_LANES, MOST_PACKED, MOST_STAGES

# The name of a capsule is the signature of the function in it, as in SciPy's LowLevelCallable.
cdef const char *SIGNATURES[2]
SIGNATURES[0] = "void (float **, ptrdiff_t, void (*)(float *, ptrdiff_t), void (*)(float *, ptrdiff_t))"
SIGNATURES[1] = "void (double **, ptrdiff_t, void (*)(double *, ptrdiff_t), void (*)(double *, ptrdiff_t))"

include "arrays.pxi"
include "products.pxi"
include "plan.pxi"
include "sentences.pxi"


def sum_groups(bint double, to, array, order, starts, int threads):
    cdef grouping g
    look(&g.from_, array, None, double, 0)
    look(&g.to, to, None, double, 0)
    g.order, g.starts = <const ptrdiff_t *>address(order), <const ptrdiff_t *>address(starts)
    g.groups, g.parts, g.blocks, g.threads = len(starts) - 1, to.shape[1], to.shape[0], threads
    with nogil:
        sets[double].sum_groups(&g)


def apply(bint double, function, list arrays, ptrdiff_t count):
    """A cell's function, or "sigmoid" or "tanh", on `count` numbers of contiguous arrays, in place."""
    cdef void *data[MOST_LANES]
    cdef const kernel_set *kernels = sets[double]
    for i, array in enumerate(arrays):
        data[i] = address(array)
    if function == "sigmoid":
        kernels.sigmoid(data[0], count)
    elif function == "tanh":
        kernels.tanh(data[0], count)
    else:
        (<cell>PyCapsule_GetPointer(function, SIGNATURES[double]))(
            data, count, kernels.sigmoid, kernels.tanh)


def functions():
    """The vanilla cell's functions, for float and double."""
    return {
        "forward": (PyCapsule_New(<void *>vanilla_forward_f, SIGNATURES[0], NULL),
                    PyCapsule_New(<void *>vanilla_forward_d, SIGNATURES[1], NULL)),
        "backward": (PyCapsule_New(<void *>vanilla_backward_f, SIGNATURES[0], NULL),
                     PyCapsule_New(<void *>vanilla_backward_d, SIGNATURES[1], NULL)),
    }
