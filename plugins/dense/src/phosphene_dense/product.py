"""Matrix products for layers, on the threads that all kernels share."""

import numpy as np

from phosphene_core.threads import threads
from phosphene_dense.arrays import Array, checked
from phosphene_dense.engine import kernels


def product(a: Array, b: Array, bias: Array | None = None, *, a_turned: bool = False, b_turned: bool = False) -> Array:
    """a b + bias, for matrices of float32 or float64; the transpose of one that is `turned` takes its place.

    Errors: `ShapeError` for another number type; shapes are the caller's to see to.
    """
    a = checked("a", a)
    b = checked("b", b, a)
    bias = None if bias is None else checked("bias", bias, a)
    if (compiled := kernels()) is None:
        out = (a.T if a_turned else a) @ (b.T if b_turned else b)
        return out if bias is None else out + bias
    out = np.empty((a.shape[1 if a_turned else 0], b.shape[0 if b_turned else 1]), a.dtype)
    compiled.product(a, a_turned, b, b_turned, bias, out, threads())
    return out
