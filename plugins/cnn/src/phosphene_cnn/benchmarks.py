"""What `phosphene bench` measures here: whole steps of the course's network."""

import math
from functools import partial
from typing import Any

import numpy as np

from phosphene_cnn.model import CNN
from phosphene_core.layer import Need, Pass
from phosphene_core.optimizer import Optimizer


def add(register: Any, registry: Any) -> None:
    """Offer the cases."""
    size = (64, 64)
    for n in (1, 50):
        register("step", f"forward, N={n}", partial(_forward, n), n * products(*size))
    training = partial(_training, registry, 50)
    register("step", "training step with Adam, N=50", training, 50 * 3 * products(*size))
    for n in (1, 5):
        register(
            "step", f"gradient of the images, N={n}", partial(_gradient, n, size, "scores"), n * 2 * products(*size)
        )
    dream = partial(_gradient, 1, (180, 256), "conv8")
    register("step", "DeepDream step, 180x256, conv8", dream, 2 * products(180, 256, "conv8"))


def products(height: int, width: int, upto: str = "scores") -> float:
    """Floating-point operations of the convolutions and matrices on one picture's way to `upto`."""
    model, found = CNN(), 0.0
    channels = model.input_shape[0]
    rows = zip(model.filters, (5,) + (3,) * 8, model.strides, strict=True)
    for number, (filters, size, stride) in enumerate(rows, 1):
        height, width = math.ceil(height / stride), math.ceil(width / stride)
        found += 2.0 * filters * height * width * channels * size * size
        channels = filters
        if upto == f"conv{number}":
            return found
    return found + 2.0 * (channels * height * width * model.hidden + model.hidden * model.classes)


def _images(n: int, height: int, width: int) -> Any:
    return 50 * np.random.default_rng(0).standard_normal((n, 3, height, width), np.float32)


def _model() -> CNN:
    return CNN().initialized(np.random.default_rng(1))


def _forward(n: int) -> Any:
    model, images = _model(), _images(n, 64, 64)
    return lambda: model.predict(images)


def _gradient(n: int, size: tuple[int, int], layer: str) -> Any:
    model, images = _model(), _images(n, *size)

    def work() -> None:
        trace = model.trace(images, upto=layer, run=Pass(need=Need.INPUT))
        trace.backward({layer: trace[layer]})

    return work


def _training(registry: Any, n: int) -> Any:
    model, images = _model(), _images(n, 64, 64)
    batch = {"images": images, "labels": np.arange(n) % model.classes}
    optimizer = registry.resolve(Optimizer, "adam")
    trainable = {k: v for k, v in model.params.items() if k not in model.buffers}
    state = optimizer.start(trainable)

    def work() -> None:
        run = Pass(train=True, rng=np.random.default_rng(0), need=Need.PARAMS)
        _, _, grads = model.loss(batch, run)
        optimizer.update(trainable, grads, state)

    return work
