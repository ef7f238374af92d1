"""A tiny classifier and pictures to try techniques on, in plain numpy: no plugin is needed."""

from functools import cached_property

import attrs
import numpy as np

from phosphene_core.chain import Chain
from phosphene_core.dataset import Batch
from phosphene_core.layer import Array, Backward, Grads, Layer, Need, Params, Pass, Shape
from phosphene_core.model import ImageModel
from phosphene_core.options import option


@attrs.frozen
class Mix(Layer):
    """A 3x3 convolution, one pixel of padding: the slow, obvious way."""

    filters: int = option(4, "filters", ge=1)

    def init(self, rng: np.random.Generator, shape: Shape) -> tuple[dict[str, Array], Shape]:
        w = rng.standard_normal((self.filters, shape[0], 3, 3)) / np.sqrt(9 * shape[0])
        return {"W": w.astype(np.float32)}, (self.filters, *shape[1:])

    def forward(self, params: Params, x: Array, run: Pass) -> tuple[Array, Backward]:
        w = params["W"]
        patches = _patches(x)

        def backward(dy: Array) -> tuple[Array, Grads]:
            turned = w[:, :, ::-1, ::-1]
            dx = np.einsum("nfhwij,fcij->nchw", _patches(dy), turned)
            return dx, {"W": np.einsum("nchwij,nfhw->fcij", patches, dy)}

        return np.einsum("nchwij,fcij->nfhw", patches, w), backward


@attrs.frozen
class Rectify(Layer):
    """max(0, x), with the backward rules that techniques ask rectifiers for."""

    rule: str = option("gradient", "way back", choices=("gradient", "guided", "deconvnet"))

    def init(self, rng: np.random.Generator, shape: Shape) -> tuple[dict[str, Array], Shape]:
        return {}, shape

    def forward(self, params: Params, x: Array, run: Pass) -> tuple[Array, Backward]:
        def backward(dy: Array) -> tuple[Array, Grads]:
            passed = dy if self.rule == "gradient" else np.maximum(dy, 0)
            return passed if self.rule == "deconvnet" else passed * (x > 0), {}

        return np.maximum(x, 0), backward


@attrs.frozen
class Read(Layer):
    """The mean of each channel, then one matrix: class scores."""

    classes: int = option(5, "classes", ge=1)

    def init(self, rng: np.random.Generator, shape: Shape) -> tuple[dict[str, Array], Shape]:
        return {"W": rng.standard_normal((shape[0], self.classes)).astype(np.float32)}, (self.classes,)

    def forward(self, params: Params, x: Array, run: Pass) -> tuple[Array, Backward]:
        w, area = params["W"], x.shape[2] * x.shape[3]
        means = x.mean(axis=(2, 3))

        def backward(dy: Array) -> tuple[Array, Grads]:
            spread = (dy @ w.T / area)[:, :, None, None]
            return np.broadcast_to(spread, x.shape).astype(x.dtype), {"W": means.T @ dy}

        return means @ w, backward


@attrs.frozen
class TinyClassifier(ImageModel):
    """Two convolutions, `conv1` and `conv2`, and `scores` of five classes, for 12x12 pictures."""

    @property
    def input_shape(self) -> tuple[int, int, int]:
        return (3, 12, 12)

    @cached_property
    def network(self) -> Chain:
        return Chain({"conv1": Chain({"mix": Mix(4), "relu": Rectify()}),
                      "conv2": Chain({"mix": Mix(6), "relu": Rectify()}), "scores": Read(5)})  # fmt: skip

    def loss(self, batch: Batch, run: Pass) -> tuple[float, dict[str, float], Grads]:
        scores, backward = self.network.forward(self.params, batch["images"], run)
        labels, rows = batch["labels"], np.arange(len(scores))
        e = np.exp(scores - scores.max(axis=1, keepdims=True))
        p = e / e.sum(axis=1, keepdims=True)
        loss = float(-np.log(p[rows, labels]).mean())
        accuracy = float((scores.argmax(axis=1) == labels).mean())
        p[rows, labels] -= 1
        return loss, {"accuracy": accuracy}, backward(p / len(scores))[1] if Need.PARAMS in run.need else {}


def tiny_classifier(seed: int = 0) -> TinyClassifier:
    """A `TinyClassifier` with random weights, a mean image and class names."""
    names = ("red thing", "green thing", "blue thing", "stripe", "spot")
    mean = np.full((3, 12, 12), 120, np.float32)
    model = TinyClassifier(mean=mean, class_names=names, class_ids=tuple(f"t{i}" for i in range(5)))
    return model.initialized(np.random.default_rng(seed))


def tiny_pictures(count: int = 2, size: int = 12, seed: int = 0) -> Array:
    """Smooth random pictures (N, size, size, 3), uint8."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (count, -(-size // 4), -(-size // 4), 3))
    return coarse.repeat(4, axis=1).repeat(4, axis=2)[:, :size, :size].astype(np.uint8)


def _patches(x: Array) -> Array:
    """(N, C, H, W) as (N, C, H, W, 3, 3): the neighbourhood of each pixel, zeros outside."""
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    return np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3))
