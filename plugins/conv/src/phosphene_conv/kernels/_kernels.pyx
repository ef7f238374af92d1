# cython: language_level=3, boundscheck=False, wraparound=False
"""The bridge from numpy arrays to the C kernels. The arrays come checked from arrays.py; nothing is checked here."""
from libc.stddef cimport ptrdiff_t

cdef extern from "kernels.h" nogil:
    ctypedef struct convolution:
        const void *x
        const void *w
        const void *dy
        const void *scale
        const void *shift
        void *y
        void *dx
        void *dw
        void *db
        ptrdiff_t images, channels, height, width, filters, size_y, size_x, out_height, out_width
        ptrdiff_t stride_y, stride_x, pad_y, pad_x, dilation_y, dilation_x
        int relu, way, minimal, threads
    ctypedef struct pooling:
        const void *x
        const void *dy
        void *y
        void *dx
        int *where
        ptrdiff_t planes, height, width, size_y, size_x, out_height, out_width, stride_y, stride_x, pad_y, pad_x
        int count_pad, threads
    ctypedef int (*convolve)(const convolution *) noexcept
    ctypedef void (*pool)(const pooling *) noexcept
    ctypedef struct kernel_set:
        convolve forward, backward_data, backward_weights, backward_bias
        pool max_forward, max_backward, average_forward, average_backward

include "address.pxi"
include "kernel_sets.pxi"


cdef convolution convolution_of(x_shape, w_shape, y_shape, window, int threads):
    cdef convolution c
    c.images, c.channels, c.height, c.width = x_shape
    c.filters, c.size_y, c.size_x = w_shape[0], w_shape[2], w_shape[3]
    c.out_height, c.out_width = y_shape[2], y_shape[3]
    (c.stride_y, c.stride_x), (c.pad_y, c.pad_x), (c.dilation_y, c.dilation_x) = window.stride, window.pad, window.dilation
    c.x = c.w = c.dy = c.scale = c.shift = NULL
    c.y = c.dx = c.dw = c.db = NULL
    c.relu, c.way, c.minimal, c.threads = 0, 0, 0, threads
    return c


cdef int run(convolve kernel, convolution *c) except -1:
    cdef int failed
    with nogil:
        failed = kernel(c)
    if failed:
        raise MemoryError("no memory for the convolution's scratch space")
    return 0


def convolve_forward(x, w, scale, shift, y, window, bint relu, bint minimal, int threads):
    cdef convolution c = convolution_of(x.shape, w.shape, y.shape, window, threads)
    c.x, c.w, c.scale, c.shift, c.relu = address(x), address(w), address(scale), address(shift), relu
    c.y, c.minimal = address(y), minimal
    run(sets[x.itemsize == 8].forward, &c)


def convolve_backward_data(dy, w, scale, y, dx, window, int way, bint minimal, int threads):
    cdef convolution c = convolution_of(dx.shape, w.shape, dy.shape, window, threads)
    c.dy, c.w, c.dx, c.minimal = address(dy), address(w), address(dx), minimal
    c.scale, c.y, c.way = address(scale), address(y), way
    run(sets[dy.itemsize == 8].backward_data, &c)


def convolve_backward_weights(dy, x, dw, db, window, bint minimal, int threads):
    cdef convolution c = convolution_of(x.shape, dw.shape, dy.shape, window, threads)
    c.dy, c.x, c.dw, c.db, c.minimal = address(dy), address(x), address(dw), address(db), minimal
    run(sets[x.itemsize == 8].backward_weights, &c)
    run(sets[x.itemsize == 8].backward_bias, &c)


cdef pooling pooling_of(x_shape, y_shape, size, window, int threads):
    cdef pooling p
    p.planes, p.height, p.width = x_shape[0] * x_shape[1], x_shape[2], x_shape[3]
    p.out_height, p.out_width = y_shape[2], y_shape[3]
    (p.size_y, p.size_x), (p.stride_y, p.stride_x), (p.pad_y, p.pad_x) = size, window.stride, window.pad
    p.x = p.dy = NULL
    p.y = p.dx = NULL
    p.where = NULL
    p.count_pad, p.threads = 0, threads
    return p


def max_forward(x, y, where, size, window, int threads):
    cdef pooling p = pooling_of(x.shape, y.shape, size, window, threads)
    cdef const kernel_set *kernels = sets[x.itemsize == 8]
    p.x, p.y, p.where = address(x), address(y), <int *>address(where)
    with nogil:
        kernels.max_forward(&p)


def max_backward(dy, where, dx, size, window, int threads):
    cdef pooling p = pooling_of(dx.shape, dy.shape, size, window, threads)
    cdef const kernel_set *kernels = sets[dx.itemsize == 8]
    p.dy, p.dx, p.where = address(dy), address(dx), <int *>address(where)
    with nogil:
        kernels.max_backward(&p)


def average_forward(x, y, size, window, bint count_pad, int threads):
    cdef pooling p = pooling_of(x.shape, y.shape, size, window, threads)
    cdef const kernel_set *kernels = sets[x.itemsize == 8]
    p.x, p.y, p.count_pad = address(x), address(y), count_pad
    with nogil:
        kernels.average_forward(&p)


def average_backward(dy, dx, size, window, bint count_pad, int threads):
    cdef pooling p = pooling_of(dx.shape, dy.shape, size, window, threads)
    cdef const kernel_set *kernels = sets[dx.itemsize == 8]
    p.dy, p.dx, p.count_pad = address(dy), address(dx), count_pad
    with nogil:
        kernels.average_backward(&p)
