"""The kernels in plain numpy: what they must compute, in place in p (a parameter) and its memory.

g is the gradient, `decay` the weight decay, `rate` the learning rate.
"""

import numpy as np

from phosphene_core.layer import Array


def sgd(p: Array, g: Array, decay: float, rate: float) -> None:
    p -= rate * (g + decay * p)


def momentum(p: Array, g: Array, v: Array, decay: float, rate: float, keep: float, nesterov: float) -> None:
    """`nesterov` 0 or 1."""
    d = g + decay * p
    v *= keep
    v += d
    p -= rate * (d + keep * v if nesterov else v)


def rmsprop(p: Array, g: Array, v: Array, decay: float, rate: float, keep: float, eps: float) -> None:
    d = g + decay * p
    v *= keep
    v += (1 - keep) * d * d
    p -= rate * d / (np.sqrt(v) + eps)


def adam(
    p: Array, g: Array, m: Array, v: Array, decay: float, rate: float, beta1: float, beta2: float, eps: float,
    correction1: float, correction2: float, decoupled: float,
) -> None:  # fmt: skip
    """`correction1` is 1 / (1 - beta1 ** step), `correction2` 1 / (1 - beta2 ** step). With `decoupled` 1 the decay
    acts on the parameter alone; with 0 it joins the gradient."""
    if decoupled:
        p *= 1 - rate * decay
        d = g
    else:
        d = g + decay * p
    m *= beta1
    m += (1 - beta1) * d
    v *= beta2
    v += (1 - beta2) * d * d
    p -= rate * correction1 * m / (np.sqrt(correction2 * v) + eps)
