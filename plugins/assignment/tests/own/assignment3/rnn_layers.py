import numpy as np

from phosphene_core import Pass
from phosphene_dense import softmax_cross_entropy
from phosphene_rnn import VanillaRNN

NAMES = ("Wx", "Wh", "b")


def sequence(layer, x, h0, *weights):
    return layer(hidden=h0.shape[1]).forward(dict(zip(NAMES, weights, strict=True)), (x, h0), Pass())


def backward_of(backward, dh):
    (dx, dh0), grads = backward(dh)
    return dx, dh0, *(grads[n] for n in NAMES)


def rnn_step_forward(x, prev_h, Wx, Wh, b):
    h, backward = sequence(VanillaRNN, x[:, None], prev_h, Wx, Wh, b)
    return h[:, 0], backward


def rnn_step_backward(dnext_h, cache):
    dx, *rest = backward_of(cache, dnext_h[:, None])
    return dx[:, 0], *rest


def rnn_forward(x, h0, Wx, Wh, b):
    return sequence(VanillaRNN, x, h0, Wx, Wh, b)


def rnn_backward(dh, cache):
    return backward_of(cache, dh)


def word_embedding_forward(x, W):
    return W[x], (x, len(W))


def word_embedding_backward(dout, cache):
    x, size = cache
    return np.eye(size)[x.ravel()].T @ dout.reshape(x.size, -1)


def temporal_softmax_loss(x, y, mask):
    dx = np.zeros_like(x)
    loss, dx[mask], _ = softmax_cross_entropy(x[mask], y[mask], divisor=len(x))
    return loss, dx
