"""The vanilla recurrent cell and the LSTM, one step and sequences of them, with their gradients."""

from collections.abc import Callable
from typing import Any

import numpy as np

from phosphene_core.layer import Array

Step = Callable[..., Any]


def sigmoid(x: Array) -> Array:
    return np.asarray(0.5 * (1 + np.tanh(0.5 * x)))


def rnn_step(x: Array, h: Array, wx: Array, wh: Array, b: Array) -> Array:
    """h' = tanh(x Wx + h Wh + b)."""
    return np.tanh(x @ wx + h @ wh + b)


def rnn_step_gradients(dnext: Array, x: Array, h: Array, wx: Array, wh: Array, b: Array) -> tuple[Array, ...]:
    """By x, h, Wx, Wh and b."""
    da = dnext * (1 - rnn_step(x, h, wx, wh, b) ** 2)
    return da @ wx.T, da @ wh.T, x.T @ da, h.T @ da, da.sum(axis=0)


def lstm_step(
    x: Array, h: Array, c: Array, wx: Array, wh: Array, b: Array, *, order: str = "ifog", forget_bias: float = 0.0
) -> tuple[Array, Array]:
    """(h', c') with the gates in the order i, f, o, g. Another `order` or a `forget_bias` is a mistake to recognize."""
    parts = dict(zip(order, np.split(x @ wx + h @ wh + b, 4, axis=1), strict=True))
    i, f, o = sigmoid(parts["i"]), sigmoid(parts["f"] + forget_bias), sigmoid(parts["o"])
    following = f * c + i * np.tanh(parts["g"])
    return o * np.tanh(following), following


def lstm_step_gradients(
    dnext_h: Array, dnext_c: Array, x: Array, h: Array, c: Array, wx: Array, wh: Array, b: Array
) -> tuple[Array, ...]:
    """By x, h, c, Wx, Wh and b."""
    ai, af, ao, ag = np.split(x @ wx + h @ wh + b, 4, axis=1)
    i, f, o, g = sigmoid(ai), sigmoid(af), sigmoid(ao), np.tanh(ag)
    t = np.tanh(f * c + i * g)
    dc = dnext_c + dnext_h * o * (1 - t**2)
    da = np.concatenate([dc * g * i * (1 - i), dc * c * f * (1 - f), dnext_h * t * o * (1 - o), dc * i * (1 - g**2)], axis=1)
    return da @ wx.T, da @ wh.T, dc * f, x.T @ da, h.T @ da, da.sum(axis=0)


def sequence(cell: str, x: Array, h0: Array, wx: Array, wh: Array, b: Array) -> Array:
    """h (N, T, H) of all steps; the cell state of an LSTM starts at zero."""
    return _walk(cell, x, h0, wx, wh, b)[0]


def _walk(cell: str, x: Array, h0: Array, wx: Array, wh: Array, b: Array) -> tuple[Array, list[tuple[Array, Array]]]:
    h, c = h0, np.zeros_like(h0)
    before, hs = [], []
    for t in range(x.shape[1]):
        before.append((h, c))
        if cell == "rnn":
            h = rnn_step(x[:, t], h, wx, wh, b)
        else:
            h, c = lstm_step(x[:, t], h, c, wx, wh, b)
        hs.append(h)
    return np.stack(hs, axis=1), before


def sequence_gradients(
    cell: str, dh: Array, x: Array, h0: Array, wx: Array, wh: Array, b: Array, *, chained: bool = True, summed: bool = True
) -> tuple[Array, ...]:
    """By x, h0, Wx, Wh and b. Without `chained` no gradient flows from step to step, and without `summed` the weights'
    gradients are the first step's alone: mistakes to recognize."""
    _, before = _walk(cell, x, h0, wx, wh, b)
    dx = np.zeros_like(x)
    totals = [np.zeros_like(wx), np.zeros_like(wh), np.zeros_like(b)]
    dnext_h, dnext_c = np.zeros_like(h0), np.zeros_like(h0)
    for t in reversed(range(x.shape[1])):
        h, c = before[t]
        coming = dh[:, t] + dnext_h if chained else dh[:, t]
        if cell == "rnn":
            dx[:, t], dnext_h, *own = rnn_step_gradients(coming, x[:, t], h, wx, wh, b)
        else:
            dx[:, t], dnext_h, dnext_c, *own = lstm_step_gradients(coming, dnext_c, x[:, t], h, c, wx, wh, b)
        totals = [total * summed + part for total, part in zip(totals, own, strict=True)]
    return dx, dnext_h, *totals
