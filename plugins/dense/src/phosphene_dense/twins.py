"""The kernels in plain numpy: what they must compute."""

import numpy as np

from phosphene_dense.arrays import Array


def rectify(x: Array) -> Array:
    return np.maximum(x, 0)


def rectify_backward(dy: Array, y: Array, rule: str) -> Array:
    return dy * passing(dy, y, rule)


def passing(dy: Array, y: Array, rule: str | None) -> Array:
    """Where a rectifier with output y (or the number before it) lets dy through; everywhere if there is none."""
    if rule is None:
        return np.ones(dy.shape, bool)
    if rule == "deconvnet":
        return dy > 0
    return (y > 0) & (dy > 0) if rule == "guided" else y > 0


def statistics(x: Array) -> tuple[Array, Array]:
    axes, shape = around(x)
    mean = x.mean(axis=axes)
    centred = x - mean.reshape(shape)
    return mean, np.square(centred).mean(axis=axes)


def normalize(x: Array, scale: Array, shift: Array, relu: bool) -> Array:
    _, shape = around(x)
    y = x * scale.reshape(shape)
    y += shift.reshape(shape)
    return np.maximum(y, 0, out=y) if relu else y


def normalize_sums(
    dy: Array,
    x: Array,
    mean: Array,
    inv: Array,
    scale: Array,
    shift: Array,
    rule: str | None,
) -> tuple[Array, Array]:
    """dgamma = sum of dy (x - mean) inv and dbeta = sum of dy, of what the rectifier let through."""
    axes, shape = around(x)
    if rule is not None:
        dy = dy * passing(dy, normalize(x, scale, shift, False), rule)
    return (dy * (x - mean.reshape(shape))).sum(axis=axes) * inv, dy.sum(axis=axes)


def normalize_backward(
    dy: Array,
    x: Array,
    scale: Array,
    shift: Array,
    a: Array | None,
    b: Array | None,
    rule: str | None,
) -> Array:
    """scale * dy + a * x + b, per channel, of what the rectifier let through; without a and b, scale * dy."""
    _, shape = around(x)
    if rule is not None:
        dy = dy * passing(dy, normalize(x, scale, shift, False), rule)
    dx = dy * scale.reshape(shape)
    if a is not None and b is not None:
        dx += x * a.reshape(shape)
        dx += b.reshape(shape)
    return dx


def around(x: Array) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The axes around the channel's, and the shape that stretches a vector of channels over x."""
    return (0, *range(2, x.ndim)), (1, -1, *(1,) * (x.ndim - 2))


def cross_entropy(scores: Array, labels: Array, smoothing: float) -> tuple[Array, Array, Array]:
    """Loss of each row, its gradient by the row's scores, and whether the row's largest score is its label's."""
    rows, classes = np.arange(len(scores)), scores.shape[1]
    shifted = scores - scores.max(axis=1, keepdims=True)
    e = np.exp(shifted)
    total = e.sum(axis=1, keepdims=True)
    away = np.log(total) - shifted  # -log probability
    losses = (1 - smoothing) * away[rows, labels]
    if smoothing:  # else a score of minus infinity is a class that cannot be, and no NaN
        losses += smoothing * away.mean(axis=1)
    gradient = e / total - scores.dtype.type(smoothing / classes)
    gradient[rows, labels] -= scores.dtype.type(1 - smoothing)
    return losses, gradient, scores.argmax(axis=1) == labels


def log_softmax(scores: Array) -> Array:
    if not len(scores):
        return scores.copy()
    shifted = scores - scores.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))


def largest(scores: Array, count: int) -> Array:
    return np.argsort(-scores, axis=1, kind="stable")[:, :count]


def drop(x: Array, key: Array, threshold: int, growth: float) -> Array:
    """x * growth where 32 random bits, made of the key (2,) and the number's place, reach the threshold; else 0."""
    place = np.arange(x.size, dtype=np.uint64)
    high, low = (place >> np.uint64(32)).astype(np.uint32), place.astype(np.uint32)
    bits = mixed(mixed(low ^ key[0]) ^ key[1] ^ mixed(high))
    return np.where(bits.reshape(x.shape) >= threshold, x * x.dtype.type(growth), x.dtype.type(0))


def mixed(h: Array) -> Array:
    """The 32-bit finalizer of MurmurHash3: every bit of h reaches every bit of the result."""
    h = (h ^ h >> 16) * np.uint32(0x85EBCA6B)
    h = (h ^ h >> 13) * np.uint32(0xC2B2AE35)
    return h ^ h >> 16
