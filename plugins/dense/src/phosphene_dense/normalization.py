"""Normalization of channels, forward and back, for x (N, C, ...) of float32 or float64."""

import numpy as np

from phosphene_core.epilogue import RULES
from phosphene_core.layer import Need
from phosphene_core.threads import threads
from phosphene_dense import twins
from phosphene_dense.arrays import Array, checked
from phosphene_dense.engine import kernels


def statistics(x: Array) -> tuple[Array, Array]:
    """Mean and biased variance of each channel, (C,) each. x must not be empty."""
    x = checked("x", x)
    if (compiled := kernels()) is None:
        return twins.statistics(x)
    mean, var = np.empty(x.shape[1], x.dtype), np.empty(x.shape[1], x.dtype)
    compiled.statistics(x, mean, var, threads())
    return mean, var


def normalize(x: Array, mean: Array, inv: Array, gamma: Array, beta: Array, relu: bool = False) -> Array:
    """y = gamma * inv * (x - mean) + beta, all (C,); and max(0, y) with `relu`."""
    x = checked("x", x)
    scale, shift = folded(x, mean, inv, gamma, beta)
    if (compiled := kernels()) is None:
        return twins.normalize(x, scale, shift, relu)
    y = np.empty(x.shape, x.dtype)
    compiled.normalize(x, scale, shift, y, relu, threads())
    return y


def normalize_backward(
    dy: Array, x: Array, mean: Array, inv: Array, gamma: Array, beta: Array, batch: bool, need: Need = Need.BOTH,
    rule: str | None = None,
) -> tuple[Array | None, Array | None, Array | None]:  # fmt: skip
    """dx, dgamma, dbeta of `normalize`; None for what is not needed.

    `batch`: mean and inv are the batch's own, so dx runs through them too. `rule`: the way back through the rectifier
    that followed, one of `RULES`; None: none did. Whether it let a number through is computed again from x.
    """
    x = checked("x", x)
    dy = checked("dy", dy, x, x.shape)
    scale, shift = folded(x, mean, inv, gamma, beta)
    mean = np.ascontiguousarray(mean, x.dtype)
    inv = np.ascontiguousarray(inv, x.dtype)
    way = 0 if rule is None else 1 + RULES.index(rule)
    compiled = kernels()
    dgamma = dbeta = None
    a = b = None
    if batch or Need.PARAMS in need:
        if compiled is None:
            dgamma, dbeta = twins.normalize_sums(dy, x, mean, inv, scale, shift, rule)
        else:
            dgamma, dbeta = np.empty_like(mean), np.empty_like(mean)
            compiled.normalize_sums(dy, x, mean, inv, scale, shift, dgamma, dbeta, way, threads())
    if Need.INPUT not in need:
        return None, dgamma, dbeta
    if batch:  # dx = scale * (dy - mean of dy - xhat * mean of dy xhat), as scale * dy + a * x + b
        count = x.dtype.type(x.size // x.shape[1])
        a = -scale * inv * dgamma / count
        b = -scale * dbeta / count - a * mean
    if compiled is None:
        dx = twins.normalize_backward(dy, x, scale, shift, a, b, rule)
    else:
        dx = np.empty(x.shape, x.dtype)
        compiled.normalize_backward(dy, x, scale, shift, a, b, dx, way, threads())
    return dx, dgamma, dbeta


def folded(x: Array, mean: Array, inv: Array, gamma: Array, beta: Array) -> tuple[Array, Array]:
    """scale and shift (C,), in x's own dtype, so that y = scale * x + shift."""
    scale = np.asarray(gamma * inv, x.dtype)
    return scale, np.asarray(beta - mean * scale, x.dtype)
