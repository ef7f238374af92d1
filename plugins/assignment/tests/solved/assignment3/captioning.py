import numpy as np

from assignment3.lstm_layers import lstm_backward, lstm_forward, lstm_step_forward
from assignment3.rnn_layers import (
    rnn_backward,
    rnn_forward,
    rnn_step_forward,
    temporal_affine_backward,
    temporal_affine_forward,
    temporal_softmax_loss,
    word_embedding_backward,
    word_embedding_forward,
)

NULL, START, END = 0, 1, 2


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
    forward, backward = (rnn_forward, rnn_backward) if cell == "rnn" else (lstm_forward, lstm_backward)
    words, targets = captions[:, :-1], captions[:, 1:]
    h0 = features @ params["W_proj"] + params["b_proj"]
    vectors, embedding_cache = word_embedding_forward(words, params["W_embed"])
    h, cache = forward(vectors, h0, params["Wx"], params["Wh"], params["b"])
    scores, affine_cache = temporal_affine_forward(h, params["W_vocab"], params["b_vocab"])
    loss, dscores = temporal_softmax_loss(scores, targets, targets != NULL)
    grads = {}
    dh, grads["W_vocab"], grads["b_vocab"] = temporal_affine_backward(dscores, affine_cache)
    dvectors, dh0, grads["Wx"], grads["Wh"], grads["b"] = backward(dh, cache)
    grads["W_embed"] = word_embedding_backward(dvectors, embedding_cache)
    grads["W_proj"], grads["b_proj"] = features.T @ dh0, dh0.sum(axis=0)
    return loss, grads


def caption_sample(params, features, cell="rnn", max_length=16):
    captions = np.full((len(features), max_length), NULL)
    h = features @ params["W_proj"] + params["b_proj"]
    c = np.zeros_like(h)
    word = np.full(len(features), START)
    ended = np.zeros(len(features), bool)
    for t in range(max_length):
        x = params["W_embed"][word]
        if cell == "rnn":
            h, _ = rnn_step_forward(x, h, params["Wx"], params["Wh"], params["b"])
        else:
            h, c, _ = lstm_step_forward(x, h, c, params["Wx"], params["Wh"], params["b"])
        word = np.argmax(h @ params["W_vocab"] + params["b_vocab"], axis=1)
        captions[:, t] = np.where(ended, NULL, word)
        ended |= word == END
    return captions
