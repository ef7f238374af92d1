"""Part 1: the vanilla recurrent network, word vectors and the loss over words.

N captions in a batch, T steps, D numbers in an input, H units in the hidden state, V words in the vocabulary. Every
forward function returns what it computes and, last, a cache: whatever its backward function will need.
"""

import numpy as np


def rnn_step_forward(x, prev_h, Wx, Wh, b):
    """One step: next_h = tanh(x Wx + prev_h Wh + b).

    x (N, D), prev_h (N, H), Wx (D, H), Wh (H, H), b (H,). Returns next_h (N, H), cache.
    """
    raise NotImplementedError


def rnn_step_backward(dnext_h, cache):
    """The way back through one step, for the gradient dnext_h (N, H) of the loss by next_h.

    Returns dx (N, D), dprev_h (N, H), dWx (D, H), dWh (H, H), db (H,). The derivative of tanh(a) is 1 - tanh(a)².
    """
    raise NotImplementedError


def rnn_forward(x, h0, Wx, Wh, b):
    """A whole sequence, step by step, from the state h0 (N, H).

    x (N, T, D). Returns h (N, T, H), the state after every step, and a cache. Use rnn_step_forward.
    """
    raise NotImplementedError


def rnn_backward(dh, cache):
    """The way back through a sequence, last step first, for dh (N, T, H): the gradients that come to each step's state
    from above. What comes from the step after it is for you to add.

    Returns dx (N, T, D), dh0 (N, H), dWx (D, H), dWh (H, H), db (H,). The weights are the same in every step, so their
    gradients add up. Use rnn_step_backward.
    """
    raise NotImplementedError


def word_embedding_forward(x, W):
    """The vectors of words: x (N, T) integers below V, W (V, D). Returns out (N, T, D), cache."""
    raise NotImplementedError


def word_embedding_backward(dout, cache):
    """The gradient dW (V, D) for dout (N, T, D). A word that comes several times gets the sum (look at np.add.at)."""
    raise NotImplementedError


def temporal_softmax_loss(x, y, mask):
    """The softmax loss of the right words, and its gradient.

    x (N, T, V): scores; y (N, T): the right words; mask (N, T) booleans: where it is False, the word costs nothing.
    Summed over time and averaged over the N captions of the batch. Returns loss (a number), dx (N, T, V). Scores may
    be huge: subtract the largest before exp.
    """
    raise NotImplementedError


def temporal_affine_forward(x, w, b):
    """Given: x (N, T, D) w (D, V) + b (V,), at every step. Returns out (N, T, V), cache."""
    return x @ w + b, (x, w)


def temporal_affine_backward(dout, cache):
    """Given: dx (N, T, D), dw (D, V), db (V,) for dout (N, T, V)."""
    x, w = cache
    return dout @ w.T, np.einsum("ntd,ntv->dv", x, dout), dout.sum(axis=(0, 1))
