import numpy as np

from assignment3.rnn_layers import backward_of, sequence
from phosphene_lstm import LSTM
from phosphene_lstm.cell import backward, forward


def lstm_step_forward(x, prev_h, prev_c, Wx, Wh, b):
    gates = [np.ascontiguousarray(a) for a in np.split(x @ Wx + prev_h @ Wh + b, 4, axis=1)]
    next_c, next_h = np.empty_like(prev_c), np.empty_like(prev_h)
    forward(*gates, prev_c, next_c, next_h)
    return next_h, next_c, (x, prev_h, prev_c, Wx, Wh, gates, next_c)


def lstm_step_backward(dnext_h, dnext_c, cache):
    x, prev_h, prev_c, Wx, Wh, gates, next_c = cache
    dc, parts = dnext_c.copy(), [np.empty_like(g) for g in gates]
    backward(dnext_h, *gates, prev_c, next_c, dc, *parts)
    da = np.hstack(parts)
    return da @ Wx.T, da @ Wh.T, dc, x.T @ da, prev_h.T @ da, da.sum(axis=0)


def lstm_forward(x, h0, Wx, Wh, b):
    return sequence(LSTM, x, h0, Wx, Wh, b)


def lstm_backward(dh, cache):
    return backward_of(cache, dh)
