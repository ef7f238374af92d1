# Where an array's numbers are.
def sizes(bint double):
    """Rows of an operand's tile, columns of a weights' panel."""
    return sets[double].tile, sets[double].panel


cdef int look(grid *g, array, places, bint double, ptrdiff_t units) except -1:
    """Where an array's numbers are: rows (rows, columns) of parts of so many units, panels of one part (blocks, rows,
    PANEL) or of several (blocks, parts, rows, PANEL), or a vector."""
    cdef Py_buffer view
    cdef ptrdiff_t panel = sets[double].panel
    g.data, g.row, g.block, g.part, g.places, g.in_panels = NULL, 0, panel, units, NULL, 0
    if array is None:
        return 0
    PyObject_GetBuffer(array, &view, PyBUF_STRIDES)
    g.data = view.buf
    if view.ndim > 1:
        g.row = view.strides[view.ndim - 2] // view.itemsize
    if view.ndim > 2:
        g.in_panels = 1
        g.block, g.part = view.strides[0] // view.itemsize, view.strides[view.ndim - 3] // view.itemsize
    PyBuffer_Release(&view)
    if places is not None:
        g.places = <const ptrdiff_t *>address(places)
    return 0


cdef void *address(array) except? NULL:
    cdef Py_buffer view
    if array is None:
        return NULL
    PyObject_GetBuffer(array, &view, PyBUF_STRIDES)
    PyBuffer_Release(&view)
    return view.buf


cdef void *combined(weights, bint double, ptrdiff_t units) except? NULL:
    """What Strassen's product needs of packed weights besides: it lies behind their panels, where there is room for it."""
    cdef ptrdiff_t block, blocks = (units + sets[double].panel - 1) // sets[double].panel
    if weights is None or weights.shape[0] == blocks:
        return NULL
    block = weights.strides[0]
    return <char *>address(weights) + blocks * block
