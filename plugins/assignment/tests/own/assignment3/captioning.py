import numpy as np

from phosphene_captioning import Captioner, greedy
from phosphene_captioning.vocabulary import SPECIAL
from phosphene_core import Need, Pass
from phosphene_lstm import LSTM
from phosphene_rnn import VanillaRNN

RECURRENT = ("Wx", "Wh", "b")


def captioner(params, cell):
    words = len(params["W_embed"])
    layer = {"rnn": VanillaRNN, "lstm": LSTM}[cell](hidden=params["W_proj"].shape[1])
    named = {f"recurrent.{k}" if k in RECURRENT else k: v for k, v in params.items()}
    return Captioner(layer, *params["W_proj"].shape[:1], params["W_embed"].shape[1], params=named,
                     vocabulary_words=(*SPECIAL, *(f"word{i}" for i in range(words - 4))))  # fmt: skip


def caption_loss(params, features, captions, cell="rnn"):
    batch = {"features": features, "captions": captions}
    loss, _, grads = captioner(params, cell).loss(batch, Pass(need=Need.PARAMS))
    return loss, {k.removeprefix("recurrent."): g for k, g in grads.items()}


def caption_sample(params, features, cell="rnn", max_length=16):
    out = np.zeros((len(features), max_length), int)
    for row, caption in zip(out, greedy(captioner(params, cell), features, max_length), strict=True):
        row[: len(caption.tokens)] = caption.tokens
    return out
