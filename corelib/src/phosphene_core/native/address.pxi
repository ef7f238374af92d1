from cpython.buffer cimport PyBUF_SIMPLE, PyBUF_WRITABLE, PyBuffer_Release, PyObject_GetBuffer


cdef void *address(array, int how=PyBUF_SIMPLE) except? NULL:
    """Where the numbers of a C-contiguous array lie; whoever calls keeps it alive. None is nowhere."""
    cdef Py_buffer view
    if array is None:
        return NULL
    PyObject_GetBuffer(array, &view, how)
    cdef void *where = view.buf
    PyBuffer_Release(&view)
    return where
