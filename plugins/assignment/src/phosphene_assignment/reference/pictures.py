"""Image gradients, and pictures made by following them."""

import numpy as np

from phosphene_core import ImageModel
from phosphene_core.layer import Array


def score_gradient(model: ImageModel, images: Array, classes: Array) -> Array:
    """The gradient of each picture's score of its class, by its pixels."""
    trace = model.trace(images)
    seed = np.zeros_like(trace[model.scores])
    seed[np.arange(len(images)), classes] = 1
    return np.asarray(trace.backward({model.scores: seed})[0])


def saliency(model: ImageModel, images: Array, classes: Array) -> Array:
    """The largest magnitude of the channels' gradients, (N, H, W)."""
    return np.abs(score_gradient(model, images, classes)).max(axis=1)


def blurred(images: Array) -> Array:
    """One pass of [[1, 2, 1], [2, 188, 2], [1, 2, 1]] / 200, edges repeated."""
    p = np.pad(images, ((0, 0), (0, 0), (1, 1), (1, 1)), mode="edge")
    kernel = np.array([[1, 2, 1], [2, 188, 2], [1, 2, 1]]) / 200
    height, width = images.shape[2:]
    return np.asarray(sum(kernel[i, j] * p[..., i : i + height, j : j + width] for i in range(3) for j in range(3)))


def class_visualization(
    model: ImageModel, target: int, seed: int, *, steps: int, learning_rate: float, l2_reg: float, max_jitter: int,
    blur_every: int, unrolled: bool = True,
) -> Array:  # fmt: skip
    """Ascent of the score less l2_reg ‖X‖². Without `unrolled` the jitter is not undone: a mistake to recognize."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((1, *model.input_shape))
    low, high = model.pixel_range(x)
    for t in range(steps):
        down, right = rng.integers(-max_jitter, max_jitter + 1, 2)
        x = np.roll(x, (down, right), (2, 3))
        x = x + learning_rate * (score_gradient(model, x, np.array([target])) - 2 * l2_reg * x)
        x = np.roll(x, (-down, -right), (2, 3)) if unrolled else x
        x = np.clip(x, low, high)
        x = blurred(x) if blur_every and t % blur_every == 0 else x
    return x


def inversion(
    model: ImageModel, features: Array, layer: str, seed: int, *, steps: int, learning_rate: float, l2_reg: float,
    blur_every: int,
) -> Array:  # fmt: skip
    """Descent of ‖Φ(X) - features‖² + l2_reg ‖X‖²."""
    x = np.random.default_rng(seed).standard_normal((1, *model.input_shape))
    low, high = model.pixel_range(x)
    for t in range(steps):
        trace = model.trace(x, upto=layer)
        dx = trace.backward({layer: 2 * (trace[layer] - features)})[0] + 2 * l2_reg * x
        x = np.clip(x - learning_rate * dx, low, high)
        x = blurred(x) if blur_every and t % blur_every == 0 else x
    return x


def deepdream(
    model: ImageModel, images: Array, layer: str, seed: int, *, steps: int, learning_rate: float, max_jitter: int,
    unrolled: bool = True,
) -> Array:  # fmt: skip
    """Ascent of half the squared length of a layer's activation. Without `unrolled`: as above."""
    rng = np.random.default_rng(seed)
    x, (low, high) = images, model.pixel_range(images)
    for _ in range(steps):
        down, right = rng.integers(-max_jitter, max_jitter + 1, 2)
        x = np.roll(x, (down, right), (2, 3))
        trace = model.trace(x, upto=layer)
        x = x + learning_rate * trace.backward({layer: trace[layer]})[0]
        x = np.roll(x, (-down, -right), (2, 3)) if unrolled else x
        x = np.clip(x, low, high)
    return x
