# cython: language_level=3
"""The compiled functions of the cell, as capsules for the engine of phosphene-rnn. A capsule's name is the signature of
the function in it, as in SciPy's LowLevelCallable."""
from cpython.pycapsule cimport PyCapsule_New

cdef extern from "cell.h" nogil:
    void gru_reset_f()
    void gru_reset_d()
    void gru_update_f()
    void gru_update_d()
    void gru_update_back_f()
    void gru_update_back_d()
    void gru_reset_back_f()
    void gru_reset_back_d()

cdef const char *FLOAT = "void (float **, ptrdiff_t, void (*)(float *, ptrdiff_t), void (*)(float *, ptrdiff_t))"
cdef const char *DOUBLE = "void (double **, ptrdiff_t, void (*)(double *, ptrdiff_t), void (*)(double *, ptrdiff_t))"


def functions():
    """The cell's functions by stage, for float and double."""
    return {
        "reset": (PyCapsule_New(<void *>gru_reset_f, FLOAT, NULL), PyCapsule_New(<void *>gru_reset_d, DOUBLE, NULL)),
        "update": (PyCapsule_New(<void *>gru_update_f, FLOAT, NULL), PyCapsule_New(<void *>gru_update_d, DOUBLE, NULL)),
        "update_back": (PyCapsule_New(<void *>gru_update_back_f, FLOAT, NULL), PyCapsule_New(<void *>gru_update_back_d, DOUBLE, NULL)),
        "reset_back": (PyCapsule_New(<void *>gru_reset_back_f, FLOAT, NULL), PyCapsule_New(<void *>gru_reset_back_d, DOUBLE, NULL)),
    }
