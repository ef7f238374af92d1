"""The LSTM's step between its products, gates in the order i, f, o, g."""

import numpy as np

from phosphene_attention.glance import sigmoid
from phosphene_core.layer import Array


def forward(a: Array, c: Array) -> tuple[Array, Array, Array]:
    """h and c after the step, and the gates (N, 4H), from a = x Wx + z Wz + h Wh + b and the cell before."""
    hidden = c.shape[1]
    gates = np.concatenate([sigmoid(a[:, : 3 * hidden]), np.tanh(a[:, 3 * hidden :])], axis=1)
    i, f, o, g = np.split(gates, 4, axis=1)
    c = f * c + i * g
    return o * np.tanh(c), c, gates


def backward(dh: Array, dc: Array, gates: Array, c: Array, c_before: Array) -> tuple[Array, Array]:
    """The gradient of a (N, 4H), and of the cell before, from those of h and c after the step."""
    i, f, o, g = np.split(gates, 4, axis=1)
    squashed = np.tanh(c)
    dc = dc + dh * o * (1 - squashed * squashed)
    da = [dc * g * i * (1 - i), dc * c_before * f * (1 - f), dh * squashed * o * (1 - o), dc * i * (1 - g * g)]
    return np.concatenate(da, axis=1), dc * f
