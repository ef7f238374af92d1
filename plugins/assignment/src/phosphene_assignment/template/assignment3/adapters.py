"""Given: your functions as Phosphene's layers and techniques. Nothing to write here, but something to read."""

from typing import ClassVar

import attrs
import numpy as np

from assignment3 import image_generation, image_gradients, lstm_layers, rnn_layers
from phosphene_core import Attribution, Frame, Generation, RecurrentLayer, Result, option


@attrs.frozen
class MyRNN(RecurrentLayer):
    """Your rnn_forward and rnn_backward."""

    hidden: int = option(128, "units of the hidden state", ge=1)
    gates: ClassVar[int] = 1

    @classmethod
    def example(cls, rng):
        return cls(hidden=3), (rng.standard_normal((3, 4, 5)), rng.standard_normal((3, 3)), np.array([4, 0, 2]))

    def init(self, rng, shape):
        (steps, width), _ = shape[:2]
        columns = self.gates * self.hidden
        params = {"Wx": rng.standard_normal((width, columns)) / np.sqrt(width),
                  "Wh": rng.standard_normal((self.hidden, columns)) / np.sqrt(self.hidden), "b": np.zeros(columns)}  # fmt: skip
        return {k: v.astype(np.float32) for k, v in params.items()}, (steps, self.hidden)

    def functions(self):
        return rnn_layers.rnn_forward, rnn_layers.rnn_backward

    def forward(self, params, x, run):
        words, h0, *rest = x
        run_forward, run_backward = self.functions()
        h, cache = run_forward(words, h0, params["Wx"], params["Wh"], params["b"])
        # Steps past a sequence's length: their state is 0, and nothing comes back from them.
        there = np.ones(h.shape[:2], bool) if not rest else np.arange(h.shape[1]) < np.asarray(rest[0])[:, None]

        def backward(dh):
            dwords, dh0, *weights = (a.astype(words.dtype, copy=False) for a in run_backward(dh * there[..., None], cache))
            return (dwords, dh0, *(None for _ in rest)), dict(zip(("Wx", "Wh", "b"), weights, strict=True))

        return (h * there[..., None]).astype(words.dtype, copy=False), backward

    def start(self, h0):
        return (h0,)

    def step(self, params, projected, state):
        h, _ = rnn_layers.rnn_step_forward(projected, *state, params["Wx"], params["Wh"], params["b"])
        return h, (h,)


@attrs.frozen
class MyLSTM(MyRNN):
    """Your lstm_forward and lstm_backward."""

    gates: ClassVar[int] = 4

    def functions(self):
        return lstm_layers.lstm_forward, lstm_layers.lstm_backward

    def start(self, h0):
        return h0, np.zeros_like(h0)

    def step(self, params, projected, state):
        h, c, _ = lstm_layers.lstm_step_forward(projected, *state, params["Wx"], params["Wh"], params["b"])
        return h, (h, c)


@attrs.frozen
class MySaliency(Attribution):
    """Your compute_saliency_maps."""

    def attribute(self, model, images, objective, rng):
        values, seeds = objective(model.trace(images))
        return Result(image_gradients.compute_saliency_maps(model, images, seeds[model.scores].argmax(axis=1)), values)


@attrs.frozen
class MyDream(Generation):
    """Your deepdream."""

    objective: ClassVar[str] = "layer_activation"
    picture: ClassVar[str] = "whole"

    steps: int = option(20, "steps", ge=1)
    learning_rate: float = option(20.0, "length of a step", gt=0)
    max_jitter: int = option(16, "the picture is rolled by up to so many pixels each step", ge=0)

    def frames(self, model, images, objective, rng):
        layer = objective.upto(model) or model.feature_maps[-1]
        for step in range(self.steps):
            images = image_generation.deepdream(
                model, images, layer, rng, steps=1, learning_rate=self.learning_rate, max_jitter=self.max_jitter
            )
            yield Frame(step + 1, self.steps, images, objective(model.trace(images))[0])
