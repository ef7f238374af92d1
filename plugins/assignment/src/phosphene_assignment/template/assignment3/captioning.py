"""Parts 1 and 2: from features of a picture to a caption, with either network.

`params` holds W_proj (D, H), b_proj (H,): features to the first hidden state; W_embed (V, W): the words' vectors; Wx, Wh,
b: the recurrent network; W_vocab (H, V), b_vocab (V,): hidden states to scores. `cell` is "rnn" or "lstm".
"""

import numpy as np

NULL, START, END = 0, 1, 2
"""The words that are none: filling, the beginning, the end."""


def init_params(rng, cell, features, words, word_size=64, hidden=128):
    """Given: start values, float32."""
    gates = 4 if cell == "lstm" else 1
    shapes = {
        "W_proj": (features, hidden), "b_proj": (hidden,), "W_embed": (words, word_size), "Wx": (word_size, gates * hidden),
        "Wh": (hidden, gates * hidden), "b": (gates * hidden,), "W_vocab": (hidden, words), "b_vocab": (words,),
    }  # fmt: skip
    params = {k: rng.standard_normal(s) / np.sqrt(s[0]) if len(s) == 2 else np.zeros(s) for k, s in shapes.items()}
    params["W_embed"] = rng.standard_normal(shapes["W_embed"]) / 100
    return {k: v.astype(np.float32) for k, v in params.items()}


def caption_loss(params, features, captions, cell="rnn"):
    """The loss of captions (N, T + 1) for features (N, D), and the gradients of all parameters.

    1. h0 = features W_proj + b_proj
    2. the vectors of the words captions[:, :-1]
    3. the recurrent network over them, from h0
    4. scores = h W_vocab + b_vocab
    5. temporal_softmax_loss of the next words, captions[:, 1:]; where they are NULL they cost nothing

    and all of it backwards. Returns loss, grads: a dict with the names of `params`.
    """
    raise NotImplementedError


def caption_sample(params, features, cell="rnn", max_length=16):
    """A caption for each row of features (N, D): from START on, always the likeliest next word, which is the next input.

    Returns captions (N, max_length) integers, without START. After a caption's END, write NULL (or anything).
    """
    raise NotImplementedError
