# cython: language_level=3
"""The compiled functions of the cell, as capsules for the engine of phosphene-rnn. A capsule's name is the signature of
the function in it, as in SciPy's LowLevelCallable."""
from cpython.pycapsule cimport PyCapsule_New

cdef extern from "cell.h" nogil:
    void lstm_forward_f()
    void lstm_forward_d()
    void lstm_backward_f()
    void lstm_backward_d()

cdef const char *FLOAT = "void (float **, ptrdiff_t, void (*)(float *, ptrdiff_t), void (*)(float *, ptrdiff_t))"
cdef const char *DOUBLE = "void (double **, ptrdiff_t, void (*)(double *, ptrdiff_t), void (*)(double *, ptrdiff_t))"


def functions():
    """The cell's functions by stage, for float and double."""
    return {
        "forward": (PyCapsule_New(<void *>lstm_forward_f, FLOAT, NULL), PyCapsule_New(<void *>lstm_forward_d, DOUBLE, NULL)),
        "backward": (PyCapsule_New(<void *>lstm_backward_f, FLOAT, NULL), PyCapsule_New(<void *>lstm_backward_d, DOUBLE, NULL)),
    }
