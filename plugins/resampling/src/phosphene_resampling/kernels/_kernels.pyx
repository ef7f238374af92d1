# cython: language_level=3, boundscheck=False, wraparound=False
"""The bridge from numpy arrays to the C kernels. The arrays come checked from resample.py and reduce.py."""
from libc.stddef cimport ptrdiff_t
from libc.stdint cimport int32_t, uint8_t

cdef extern from "kernels.h" nogil:
    ctypedef struct axis:
        const int32_t *first
        const int32_t *length
        const int32_t *weights
        ptrdiff_t count, taps
    ctypedef int (*resampler)(const uint8_t *, ptrdiff_t, const axis *, const axis *, int, uint8_t *) noexcept
    ctypedef int (*reducer)(const uint8_t *, ptrdiff_t, ptrdiff_t, ptrdiff_t, ptrdiff_t, ptrdiff_t, uint8_t *) noexcept
    ctypedef struct kernel_set:
        resampler resample
        reducer reduce

include "address.pxi"
include "kernel_sets.pxi"


cdef axis as_axis(taps) except *:
    cdef axis a
    a.first, a.length = <const int32_t *>address(taps.first), <const int32_t *>address(taps.length)
    a.weights = <const int32_t *>address(taps.weights)
    a.count, a.taps = taps.weights.shape[0], taps.weights.shape[1]
    return a


def resample(picture, across, down, bint down_first, planes):
    """`picture` (H, W, 3) into `planes` (3, h, w), by the `Taps` of both axes."""
    cdef axis horizontal = as_axis(across), vertical = as_axis(down)
    cdef const uint8_t *source = <const uint8_t *>address(picture)
    cdef uint8_t *target = <uint8_t *>address(planes, PyBUF_WRITABLE)
    cdef ptrdiff_t width = picture.shape[1]
    cdef int failed
    with nogil:
        failed = sets[0].resample(source, width, &horizontal, &vertical, down_first, target)
    if failed:
        raise MemoryError("no memory to resize a picture")


def reduce(picture, tuple box, ptrdiff_t down, ptrdiff_t across, reduced):
    """The part of `picture` (H, W, 3) in `box` (left, top, right, bottom) into `reduced`, flat and with a byte to spare."""
    cdef ptrdiff_t width = picture.shape[1], left = box[0], top = box[1], right = box[2], bottom = box[3]
    cdef const uint8_t *source = <const uint8_t *>address(picture) + 3 * (top * width + left)
    cdef uint8_t *target = <uint8_t *>address(reduced, PyBUF_WRITABLE)
    cdef int failed
    with nogil:
        failed = sets[0].reduce(source, width, bottom - top, right - left, down, across, target)
    if failed:
        raise MemoryError("no memory to reduce a picture")
