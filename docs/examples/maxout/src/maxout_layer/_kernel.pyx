# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""Maxout's kernel: one pass over memory each way, for float32 and float64. `twin.py` is its specification."""

cimport cython
import numpy as np


def largest(const cython.floating[:, :, ::1] x, int pieces):
    """x (N, C, P) to the largest of every `pieces` channels (N, C / pieces, P), and which of them it was (uint8)."""
    cdef Py_ssize_t count = x.shape[0], groups = x.shape[1] // pieces, places = x.shape[2], n, g, p
    cdef int k
    cdef cython.floating best, value
    cdef unsigned char chosen
    dtype = np.float32 if cython.floating is float else np.float64
    y_array, which_array = np.empty((count, groups, places), dtype), np.empty((count, groups, places), np.uint8)
    cdef cython.floating[:, :, ::1] y = y_array
    cdef unsigned char[:, :, ::1] which = which_array
    with nogil:
        for n in range(count):
            for g in range(groups):
                for p in range(places):
                    best, chosen = x[n, g * pieces, p], 0
                    for k in range(1, pieces):
                        value = x[n, g * pieces + k, p]
                        if value > best:
                            best, chosen = value, <unsigned char>k
                    y[n, g, p], which[n, g, p] = best, chosen
    return y_array, which_array


def spread(const cython.floating[:, :, ::1] dy, const unsigned char[:, :, ::1] which, int pieces):
    """The way back: dy (N, C / pieces, P) goes to the channels that were the largest, 0 to the others."""
    cdef Py_ssize_t count = dy.shape[0], groups = dy.shape[1], places = dy.shape[2], n, g, p
    dx_array = np.zeros((count, groups * pieces, places), np.float32 if cython.floating is float else np.float64)
    cdef cython.floating[:, :, ::1] dx = dx_array
    with nogil:
        for n in range(count):
            for g in range(groups):
                for p in range(places):
                    dx[n, g * pieces + which[n, g, p], p] = dy[n, g, p]
    return dx_array
