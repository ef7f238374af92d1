import numpy as np


def rnn_step_forward(x, prev_h, Wx, Wh, b):
    next_h = np.tanh(x @ Wx + prev_h @ Wh + b)
    return next_h, (x, prev_h, Wx, Wh, next_h)


def rnn_step_backward(dnext_h, cache):
    x, prev_h, Wx, Wh, next_h = cache
    da = dnext_h * (1 - next_h * next_h)
    return da @ Wx.T, da @ Wh.T, x.T @ da, prev_h.T @ da, da.sum(axis=0)


def rnn_forward(x, h0, Wx, Wh, b):
    h = np.zeros((x.shape[0], x.shape[1], h0.shape[1]), x.dtype)
    prev_h, caches = h0, []
    for t in range(x.shape[1]):
        prev_h, cache = rnn_step_forward(x[:, t], prev_h, Wx, Wh, b)
        h[:, t] = prev_h
        caches.append(cache)
    return h, caches


def rnn_backward(dh, caches):
    x, prev_h, Wx, Wh, _ = caches[0]
    dx = np.zeros((dh.shape[0], dh.shape[1], x.shape[1]), dh.dtype)
    dprev_h = np.zeros_like(prev_h)
    dWx, dWh, db = np.zeros_like(Wx), np.zeros_like(Wh), np.zeros(Wx.shape[1], Wx.dtype)
    for t in reversed(range(dh.shape[1])):
        dx[:, t], dprev_h, dwx, dwh, dbias = rnn_step_backward(dh[:, t] + dprev_h, caches[t])
        dWx += dwx
        dWh += dwh
        db += dbias
    return dx, dprev_h, dWx, dWh, db


def word_embedding_forward(x, W):
    return W[x], (x, W.shape)


def word_embedding_backward(dout, cache):
    x, shape = cache
    dW = np.zeros(shape, dout.dtype)
    np.add.at(dW, x, dout)
    return dW


def temporal_softmax_loss(x, y, mask):
    N, T, _ = x.shape
    p = np.exp(x - x.max(axis=2, keepdims=True))
    p /= p.sum(axis=2, keepdims=True)
    n, t = np.arange(N)[:, None], np.arange(T)
    right = x - x.max(axis=2, keepdims=True)
    log_p = right[n, t, y] - np.log(np.exp(right).sum(axis=2))
    loss = -np.sum(mask * log_p) / N
    dx = p
    dx[n, t, y] -= 1
    dx *= mask[:, :, None] / N
    return loss, dx


def temporal_affine_forward(x, w, b):
    return x @ w + b, (x, w)


def temporal_affine_backward(dout, cache):
    x, w = cache
    return dout @ w.T, np.einsum("ntd,ntv->dv", x, dout), dout.sum(axis=(0, 1))
