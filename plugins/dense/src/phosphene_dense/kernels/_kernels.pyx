# cython: language_level=3, boundscheck=False, wraparound=False
"""The bridge from numpy arrays to the C kernels. The arrays come checked from the callers; nothing is checked here."""
from libc.stddef cimport ptrdiff_t
from libc.stdint cimport uint32_t

cdef extern from "kernels.h" nogil:
    ctypedef struct elementwise:
        const void *x
        const void *y
        const void *dy
        void *out
        ptrdiff_t size
        int way, threads
        uint32_t key[2]
        uint32_t threshold
        double growth
    ctypedef struct normalization:
        const void *x
        const void *dy
        const void *mean
        const void *inv
        const void *scale
        const void *shift
        const void *a
        const void *b
        void *out
        void *first
        void *second
        ptrdiff_t images, channels, area
        int way, relu, threads
    ctypedef struct loss:
        const void *scores
        const ptrdiff_t *labels
        void *out
        double *losses
        double smoothing, count
        unsigned char *correct
        ptrdiff_t rows, classes
        int threads
    ctypedef struct matrices:
        const void *a
        const void *b
        const void *bias
        void *out
        ptrdiff_t rows, columns, depth, a_row, a_depth, b_depth, b_column
        int threads
    ctypedef struct ranking:
        const void *scores
        ptrdiff_t *out
        void *logs
        ptrdiff_t rows, classes, count
        int threads
    ctypedef void (*each)(const elementwise *) noexcept
    ctypedef void (*gather)(const normalization *) noexcept
    ctypedef int (*spread)(const normalization *) noexcept
    ctypedef void (*judge)(const loss *) noexcept
    ctypedef int (*multiply)(const matrices *) noexcept
    ctypedef void (*rank)(const ranking *) noexcept
    ctypedef struct kernel_set:
        each rectify, rectify_backward, drop
        gather statistics, sums
        spread normalize, normalize_backward
        judge cross_entropy, log_softmax
        rank largest
        multiply product

include "address.pxi"
include "kernel_sets.pxi"


cdef inline const kernel_set *kernels(array):
    return sets[array.itemsize == 8]


def rectify(x, y, int threads):
    cdef elementwise e
    cdef const kernel_set *chosen = kernels(x)
    e.x, e.out, e.size, e.threads = address(x), address(y), x.size, threads
    with nogil:
        chosen.rectify(&e)


def rectify_backward(dy, y, dx, int way, int threads):
    cdef elementwise e
    cdef const kernel_set *chosen = kernels(y)
    e.dy, e.y, e.out, e.size, e.way, e.threads = address(dy), address(y), address(dx), y.size, way, threads
    with nogil:
        chosen.rectify_backward(&e)


def drop(x, y, key, uint32_t threshold, double growth, int threads):
    cdef elementwise e
    cdef const kernel_set *chosen = kernels(x)
    e.x, e.out, e.size, e.threads = address(x), address(y), x.size, threads
    e.key[0], e.key[1] = key
    e.threshold, e.growth = threshold, growth
    with nogil:
        chosen.drop(&e)


cdef normalization normalization_of(x, int threads):
    cdef normalization n
    n.x, n.threads = address(x), threads
    n.images, n.channels = x.shape[0], x.shape[1]
    n.area = x.size // (n.images * n.channels) if x.size else 0
    n.dy = n.mean = n.inv = n.scale = n.shift = n.a = n.b = NULL
    n.out = n.first = n.second = NULL
    n.way = n.relu = 0
    return n


def statistics(x, mean, var, int threads):
    cdef normalization n = normalization_of(x, threads)
    cdef const kernel_set *chosen = kernels(x)
    n.first, n.second = address(mean), address(var)
    with nogil:
        chosen.statistics(&n)


def normalize_sums(dy, x, mean, inv, scale, shift, dgamma, dbeta, int way, int threads):
    cdef normalization n = normalization_of(x, threads)
    cdef const kernel_set *chosen = kernels(x)
    n.dy, n.mean, n.inv, n.scale, n.shift = address(dy), address(mean), address(inv), address(scale), address(shift)
    n.first, n.second, n.way = address(dgamma), address(dbeta), way
    with nogil:
        chosen.sums(&n)


cdef int apply(spread kernel, normalization *n) except -1:
    cdef int failed
    with nogil:
        failed = kernel(n)
    if failed:
        raise MemoryError("no memory for the normalization's scratch space")
    return 0


def normalize(x, scale, shift, y, bint relu, int threads):
    cdef normalization n = normalization_of(x, threads)
    n.scale, n.shift, n.out, n.relu = address(scale), address(shift), address(y), relu
    apply(kernels(x).normalize, &n)


def normalize_backward(dy, x, scale, shift, a, b, dx, int way, int threads):
    cdef normalization n = normalization_of(x, threads)
    n.dy, n.scale, n.shift, n.a, n.b = address(dy), address(scale), address(shift), address(a), address(b)
    n.out, n.way = address(dx), way
    apply(kernels(x).normalize_backward, &n)


def cross_entropy(scores, labels, double smoothing, double count, losses, gradient, correct, int threads):
    cdef loss l
    cdef const kernel_set *chosen = kernels(scores)
    l.scores, l.labels, l.out = address(scores), <const ptrdiff_t *>address(labels), address(gradient)
    l.losses, l.correct = <double *>address(losses), <unsigned char *>address(correct)
    l.smoothing, l.count, l.threads = smoothing, count, threads
    l.rows, l.classes = scores.shape[0], scores.shape[1]
    with nogil:
        chosen.cross_entropy(&l)


def product(a, bint a_turned, b, bint b_turned, bias, out, int threads):
    """out = a b + bias; a matrix that is `turned` is given as its transpose."""
    cdef matrices m
    cdef const kernel_set *chosen = kernels(a)
    cdef int failed
    m.a, m.b, m.bias, m.out, m.threads = address(a), address(b), address(bias), address(out), threads
    m.rows, m.columns, m.depth = out.shape[0], out.shape[1], a.shape[0] if a_turned else a.shape[1]
    m.a_row, m.a_depth = (1, a.shape[1]) if a_turned else (a.shape[1], 1)
    m.b_depth, m.b_column = (1, b.shape[1]) if b_turned else (b.shape[1], 1)
    with nogil:
        failed = chosen.product(&m)
    if failed:
        raise MemoryError("no memory for the matrix product's scratch space")


def log_softmax(scores, out, int threads):
    cdef loss l
    cdef const kernel_set *chosen = kernels(scores)
    l.scores, l.out, l.rows, l.classes, l.threads = address(scores), address(out), scores.shape[0], scores.shape[1], threads
    with nogil:
        chosen.log_softmax(&l)


def largest(scores, out, logs, int threads):
    cdef ranking r
    cdef const kernel_set *chosen = kernels(scores)
    r.scores, r.out, r.logs = address(scores), <ptrdiff_t *>address(out), address(logs)
    r.rows, r.classes, r.count, r.threads = scores.shape[0], scores.shape[1], out.shape[1], threads
    with nogil:
        chosen.largest(&r)
