"""Questions about the captioning model: its loss with gradients, and sampling."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from phosphene_assignment.asking import Asked
from phosphene_assignment.comparing import described, equal, true
from phosphene_assignment.reference import captions as reference
from phosphene_assignment.rubric import Check, Item, Judge, Question
from phosphene_core.layer import Array

GROUPS = {"recurrent weights": ("Wx", "Wh", "b"), "word vectors": ("W_embed",), "projection": ("W_proj", "b_proj"),
          "scores": ("W_vocab", "b_vocab")}  # fmt: skip


def parameters(cell: str, rng: np.random.Generator) -> tuple[dict[str, Array], Array]:
    """A model with random parameters, and features for it."""
    n, d, w, h, v = 4, *(int(k) for k in rng.choice(np.arange(5, 10), 3, replace=False)), int(rng.integers(11, 16))
    g = h * (4 if cell == "lstm" else 1)
    shapes = {"W_proj": (d, h), "b_proj": (h,), "W_embed": (v, w), "Wx": (w, g), "Wh": (h, g), "b": (g,), "W_vocab": (h, v),
              "b_vocab": (v,)}  # fmt: skip
    return {k: rng.standard_normal(s) * (1.5 if len(s) == 2 else 0.5) / np.sqrt(s[0] if len(s) == 2 else 1)
            for k, s in shapes.items()}, rng.standard_normal((n, d))  # fmt: skip


def loss(cell: str, worth: float, groups: tuple[float, ...]) -> Question:
    def question(asked: Asked, rng: np.random.Generator) -> Judge:
        params, features = parameters(cell, rng)
        captions = _captions(rng, len(features), len(params["W_embed"]))
        came = asked.call("captioning.caption_loss", params, features, captions, cell)
        value, gradients = came if isinstance(came, tuple) and len(came) == 2 else (came, None)

        def judge() -> Iterator[Check]:
            want, wanted = reference.caption_loss(cell, params, features, captions)
            unmasked, _ = reference.caption_loss(cell, params, features, captions, masked=False)
            words = (captions[:, 1:] != 0).sum()
            yield equal("loss", value, want, worth, {"<NULL> is not masked": unmasked, "it is averaged over the words": want * 4 / words,
                                                     "it is averaged over the steps as well": want / (captions.shape[1] - 1)})  # fmt: skip
            for (group, names), points in zip(GROUPS.items(), groups, strict=True):
                if isinstance(gradients, dict):
                    made = [equal(f"gradient of {n}", gradients.get(n), wanted[n], points) for n in names]
                    yield next((c for c in made if not c.passed), true(f"gradients of the {group}", True, points, "", ""))
                else:
                    yield true(f"gradients of the {group}", False, points, "a dict of gradients", f"{described(gradients)} came")

        return judge

    return question


def sampling(cell: str, points: tuple[float, float]) -> Question:
    def question(asked: Asked, rng: np.random.Generator) -> Judge:
        models = [parameters(cell, rng), parameters(cell, rng)]
        lengths = [int(rng.integers(6, 9)), int(rng.integers(10, 14))]
        models[1] = models[1][0], models[1][1][:1]
        for p, _ in models:
            p["b_vocab"][[reference.NULL, reference.START]] -= 50.0  # no model that has learned says these
        models[0][0]["b_vocab"][reference.END] -= 50.0  # goes on to the end
        came = [asked.call("captioning.caption_sample", p, f, cell, max_length=m) for (p, f), m in zip(models, lengths, strict=True)]

        def judge() -> Iterator[Check]:
            for name, answer, (p, f), length, worth in zip(("captions", "one caption of another length"), came, models, lengths, points, strict=True):
                want = reference.caption_sample(cell, p, f, length)
                yield equal(name, _upto_end(answer), want, worth)

        return judge

    return question


def _captions(rng: np.random.Generator, n: int, v: int) -> Array:
    """<START>, words, <END>, then <NULL>, of different lengths."""
    steps = int(rng.integers(6, 9))
    captions = np.zeros((n, steps), np.int64)
    for row, length in zip(captions, rng.permutation(np.arange(n)) % (steps - 3) + 1, strict=True):
        row[: length + 2] = [1, *rng.integers(3, v, length), 2]
    return captions


def _upto_end(captions: Any) -> Any:
    """Captions with everything after the first <END> taken as <NULL>: what stands there is free."""
    if not isinstance(captions, np.ndarray) or captions.ndim != 2:
        return captions
    ended = np.cumsum(captions == reference.END, axis=1) - (captions == reference.END)
    return np.where(ended > 0, reference.NULL, captions)


_WORDS = ("word_embedding_forward", "word_embedding_backward", "temporal_softmax_loss")
ITEMS = (
    Item("caption_loss with an RNN", "rnn", 7, loss("rnn", 3, (1.5, 1, 0.5, 1)), (*_WORDS, "rnn_forward", "rnn_backward")),
    Item("caption_sample with an RNN", "rnn", 3, sampling("rnn", (2, 1)), ("rnn_step_forward",)),
    Item("caption_loss with an LSTM", "lstm", 5, loss("lstm", 2, (1.5, 0.5, 0.5, 0.5)), (*_WORDS, "lstm_forward", "lstm_backward")),
    Item("caption_sample with an LSTM", "lstm", 3, sampling("lstm", (2, 1)), ("lstm_step_forward",)),
)
