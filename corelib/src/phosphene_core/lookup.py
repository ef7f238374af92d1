"""Rows looked up in a table, and their gradients brought back to it."""

from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]


def table_gradient(indexes: Array, drows: Array, size: int) -> Array:
    """The gradient of the table E (size, D) of `E[indexes]`: indexes (M,) integers, drows (M, D).

    Rows of one index are brought together by sorting and summed in one pass; `np.add.at` is many times slower.
    """
    gradient = np.zeros((size, drows.shape[1]), drows.dtype)
    if len(indexes):
        order = np.argsort(indexes, kind="stable")
        ranked = indexes[order]
        starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
        gradient[ranked[starts]] = np.add.reduceat(drows[order], starts, axis=0)
    return gradient
