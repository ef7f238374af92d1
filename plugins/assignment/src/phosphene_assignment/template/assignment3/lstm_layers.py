"""Part 2: long short-term memory (Hochreiter and Schmidhuber 1997).

Every step makes a = x Wx + prev_h Wh + b, (N, 4H), and cuts it into four gates of H columns in the order i, f, o, g:

    next_c = sigmoid(f) * prev_c + sigmoid(i) * tanh(g)
    next_h = sigmoid(o) * tanh(next_c)
"""

import numpy as np


def sigmoid(x):
    """Given: 1 / (1 + exp(-x)), without overflow."""
    return 0.5 * (1 + np.tanh(0.5 * x))


def lstm_step_forward(x, prev_h, prev_c, Wx, Wh, b):
    """One step: x (N, D), prev_h and prev_c (N, H), Wx (D, 4H), Wh (H, 4H), b (4H,).

    Returns next_h (N, H), next_c (N, H), cache.
    """
    raise NotImplementedError


def lstm_step_backward(dnext_h, dnext_c, cache):
    """The way back through one step. dnext_c (N, H) is what comes to next_c from the step after; next_h depends on
    next_c too.

    Returns dx (N, D), dprev_h (N, H), dprev_c (N, H), dWx (D, 4H), dWh (H, 4H), db (4H,).
    """
    raise NotImplementedError


def lstm_forward(x, h0, Wx, Wh, b):
    """A whole sequence x (N, T, D) from the state h0 (N, H); the first cell state is zero. Returns h (N, T, H), cache."""
    raise NotImplementedError


def lstm_backward(dh, cache):
    """The way back through a sequence for dh (N, T, H). Returns dx (N, T, D), dh0 (N, H), dWx, dWh, db. Two gradients
    go from step to step: the hidden state's and the cell state's."""
    raise NotImplementedError
