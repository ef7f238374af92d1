# cython: language_level=3, boundscheck=False, wraparound=False
"""The bridge from numpy arrays to the C kernels. What is asked for comes checked from compiled.py; nothing is checked
here. Arrays are given by rows: two-dimensional, the numbers of a row adjacent."""
from cpython.buffer cimport PyBUF_STRIDES, PyBuffer_Release, PyObject_GetBuffer
from cpython.pycapsule cimport PyCapsule_GetPointer, PyCapsule_New
from libc.stddef cimport ptrdiff_t

cdef extern from "kernels.h" nogil:
    ctypedef struct matrix:
        const void *data
        ptrdiff_t stride
        const ptrdiff_t *places
        int turned
    ctypedef struct c_product "product":
        matrix a, b
        const void *panels
        void *out
        ptrdiff_t out_stride
        const ptrdiff_t *out_places
        const void *bias
        void *sums
        ptrdiff_t rows, depth, columns
        int add, threads
    ctypedef struct packing:
        const void *from_ "from"
        ptrdiff_t stride
        const ptrdiff_t *offsets
        ptrdiff_t units, depth, parts, segments, length
        int turned, threads
        void *to
    ctypedef struct lane:
        const void *from_ "from"
        ptrdiff_t from_stride
        const ptrdiff_t *from_places
        void *to
        ptrdiff_t to_stride
        const ptrdiff_t *to_places
    enum: MOST_LANES
    enum: MOST_PACKED
    ctypedef void (*activation)(void *, ptrdiff_t) noexcept nogil
    ctypedef void (*cell)(void **, ptrdiff_t, activation, activation) noexcept nogil
    ctypedef struct c_step "step":
        lane lanes[MOST_LANES]
        int lane_count, parts, packed_count
        int packed[MOST_PACKED]
        int threads
        cell function
        const void *weights
        const void *operand
        void *next
        ptrdiff_t units, depth, rows, product_rows
    ctypedef struct kernel_set:
        int tile, panel
        int (*product)(const c_product *) noexcept nogil
        void (*pack_weights)(const packing *) noexcept nogil
        void (*pack_operand)(const matrix *, ptrdiff_t, ptrdiff_t, void *) noexcept nogil
        void (*step)(const c_step *) noexcept nogil
        activation sigmoid
        activation tanh
    const kernel_set *kernels_for(char real, const char *name)
    const char *best_instruction_set()

cdef extern from "workers.h":
    int join_workers() except -1

cdef extern from "cell.h" nogil:
    void vanilla_forward_f()
    void vanilla_forward_d()
    void vanilla_backward_f()
    void vanilla_backward_d()

join_workers()

most_lanes, most_packed = MOST_LANES, MOST_PACKED

# The name of a capsule is the signature of the function in it, as in SciPy's LowLevelCallable.
cdef const char *SIGNATURES[2]
SIGNATURES[0] = "void (float **, ptrdiff_t, void (*)(float *, ptrdiff_t), void (*)(float *, ptrdiff_t))"
SIGNATURES[1] = "void (double **, ptrdiff_t, void (*)(double *, ptrdiff_t), void (*)(double *, ptrdiff_t))"

cdef const kernel_set *sets[2]


def instruction_set():
    """The name of the instruction set that kernels are chosen for: v4 (AVX-512), v3 (AVX2) or base."""
    return best_instruction_set().decode()


def use(str name):
    """Choose another instruction set, for tests. Returns whether this processor has it."""
    cdef bytes wanted = name.encode()
    if kernels_for(b"f", wanted) == NULL:
        return False
    sets[0], sets[1] = kernels_for(b"f", wanted), kernels_for(b"d", wanted)
    return True


use(instruction_set())


def sizes(bint double):
    """Rows of an operand's tile, columns of a weights' panel."""
    return sets[double].tile, sets[double].panel


cdef int look(array, void **data, ptrdiff_t *stride) except -1:
    """Where an array's numbers are, and the distance of its rows in numbers."""
    cdef Py_buffer view
    if array is None:
        data[0], stride[0] = NULL, 0
        return 0
    PyObject_GetBuffer(array, &view, PyBUF_STRIDES)
    data[0] = view.buf
    stride[0] = view.strides[0] // view.itemsize if view.ndim else 0
    PyBuffer_Release(&view)
    return 0


cdef void *address(array) except? NULL:
    cdef void *data
    cdef ptrdiff_t stride
    look(array, &data, &stride)
    return data


cdef int fill(matrix *m, array, places, bint turned) except -1:
    look(array, <void **>&m.data, &m.stride)
    m.places, m.turned = <const ptrdiff_t *>address(places), turned
    return 0


def product(bint double, out, out_places, a, a_places, bint a_turned, b, bint b_turned, panels, bias, sums,
            ptrdiff_t rows, ptrdiff_t depth, ptrdiff_t columns, bint add, int threads):
    cdef c_product p
    cdef int failed
    fill(&p.a, a, a_places, a_turned)
    fill(&p.b, b, None, b_turned)
    look(out, &p.out, &p.out_stride)
    p.out_places, p.panels = <const ptrdiff_t *>address(out_places), address(panels)
    p.bias, p.sums = address(bias), address(sums)
    p.rows, p.depth, p.columns, p.add, p.threads = rows, depth, columns, add, threads
    with nogil:
        failed = sets[double].product(&p)
    if failed:
        raise MemoryError("no memory for a matrix product's scratch space")


def pack_weights(bint double, w, offsets, ptrdiff_t units, ptrdiff_t length, bint turned, to, int threads):
    cdef packing p
    look(w, <void **>&p.from_, &p.stride)
    p.offsets, p.to = <const ptrdiff_t *>address(offsets), address(to)
    p.units, p.length, p.turned, p.threads = units, length, turned, threads
    p.parts = 1 if turned else len(offsets)
    p.segments = len(offsets) if turned else 1
    p.depth = p.segments * length
    with nogil:
        sets[double].pack_weights(&p)


def pack_operand(bint double, array, places, ptrdiff_t rows, ptrdiff_t depth, to):
    cdef matrix m
    cdef void *out = address(to)
    fill(&m, array, places, False)
    with nogil:
        sets[double].pack_operand(&m, rows, depth, out)


def step(bint double, function, list lanes, int parts, tuple packed, weights, operand, next,
         ptrdiff_t units, ptrdiff_t depth, ptrdiff_t rows, ptrdiff_t product_rows, int threads):
    """`lanes`: (array or None, places or None, is it read, is it written) of each."""
    cdef c_step s
    cdef lane *l
    cdef int i
    cdef void *data
    cdef ptrdiff_t stride
    s.lane_count, s.parts, s.packed_count = len(lanes), parts, len(packed)
    for i in range(s.lane_count):
        array, places, reads, writes = lanes[i]
        l = s.lanes + i
        look(array, &data, &stride)
        l.from_, l.from_stride, l.from_places = data if reads else NULL, stride, <const ptrdiff_t *>address(places)
        l.to, l.to_stride, l.to_places = data if writes else NULL, stride, l.from_places
    for i in range(s.packed_count):
        s.packed[i] = packed[i]
    s.function = NULL
    if function is not None:
        s.function = <cell>PyCapsule_GetPointer(function, SIGNATURES[double])
    s.weights, s.operand, s.next = address(weights), address(operand), address(next)
    s.units, s.depth, s.rows, s.product_rows, s.threads = units, depth, rows, product_rows, threads
    with nogil:
        sets[double].step(&s)


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
