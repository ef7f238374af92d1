"""A classifier of pictures that hold several things: each class is there or not, whatever the others are."""

from functools import cached_property
from importlib.resources import as_file, files
from typing import Any, Self

import attrs
import numpy as np

from phosphene_conv.layers import Conv2d, MaxPool2d
from phosphene_core.chain import Chain
from phosphene_core.dataset import Batch
from phosphene_core.errors import PhospheneError
from phosphene_core.layer import Array, Grads, Layer, Need, Pass
from phosphene_core.model import ImageModel
from phosphene_core.modelfile import load_model
from phosphene_core.options import option
from phosphene_dense import Affine, BatchNormReLU
from phosphene_scene_classifier.global_max_pool import GlobalMaxPool


@attrs.frozen
class SceneClassifier(ImageModel):
    """Blocks of convolution, batch normalization, ReLU and max pooling, named conv1, conv2, ...; then the maximum over
    all places, `pool`, and `scores`. The probability of each class is the sigmoid of its score.

    It has what the techniques' papers had in mind (max pooling, of which a deconvolutional network keeps the places),
    and fine last maps.
    """

    filters: tuple[int, ...] = option((16, 32, 48, 64, 64), "filters of each block", ge=1)
    sizes: tuple[int, ...] = option((5, 3), "filter sizes, the last one repeated", ge=1)
    pools: tuple[int, ...] = option((2, 2, 1), "side of each block's max pooling, 1 for none; the last one repeated", ge=1)
    classes: int = option(30, "number of classes", ge=1)
    size: int = option(64, "height and width of the pictures in pixels", ge=1)

    @classmethod
    def example(cls, rng: np.random.Generator) -> Any:
        """A small member of the family and a batch, for its contract."""
        model = cls(filters=(4, 6), pools=(2, 1), classes=3, size=8)
        return model, {"images": rng.standard_normal((3, 3, 8, 8)), "labels": rng.random((3, 3)) < 0.5}

    @property
    def input_shape(self) -> tuple[int, int, int]:
        return (3, self.size, self.size)

    @cached_property
    def network(self) -> Chain:
        layers: dict[str, Layer] = {}
        for i, filters in enumerate(self.filters):
            size, pool = (values[min(i, len(values) - 1)] for values in (self.sizes, self.pools))
            block: dict[str, Layer] = {
                "conv": Conv2d(filters=filters, size=size, pad=(size - 1) // 2), "batchnorm": BatchNormReLU(),
            }  # fmt: skip
            if pool > 1:
                block["pool"] = MaxPool2d(size=pool)
            layers[f"conv{i + 1}"] = Chain(block)
        return Chain({**layers, "pool": GlobalMaxPool(), "scores": Affine(self.classes)})

    def prepared_for(self, facts: dict[str, Any]) -> Self:
        known = super().prepared_for(facts)
        return attrs.evolve(known, classes=len(known.class_names)) if known.class_names else known

    def loss(self, batch: Batch, run: Pass) -> tuple[float, dict[str, float], Grads]:
        """Binary cross-entropy of `scores` against `batch["labels"]` (N, classes), summed over the classes; the measure
        `accuracy` is the share of pictures with every class right."""
        scores, backward = self.network.forward(self.params, batch["images"], run)
        labels = np.asarray(batch["labels"])
        if labels.shape != scores.shape:
            raise PhospheneError(
                f"the labels have shape {labels.shape}; this classifier wants yes or no for each class, {scores.shape}, "
                "as the data set `scenes` tells it"
            )
        there = labels.astype(scores.dtype)
        losses = np.logaddexp(0, scores) - there * scores
        count = max(1, len(scores))
        grads = {}
        if Need.PARAMS in run.need:
            grads = backward((sigmoid(scores) - there) / scores.dtype.type(count))[1]
        right = ((scores > 0) == (there > 0)).all(axis=1)
        return float(losses.sum() / count), {"accuracy": float(right.sum() / count)}, grads

    def _probabilities(self, images: Array) -> Array:
        return sigmoid(self.trace(images, run=Pass(need=Need.NOTHING))[self.scores])

    @classmethod
    def pretrained(cls) -> Self:
        """The network inside this package, trained on the data set `scenes`; its README says how well it does."""
        with as_file(files("phosphene_scene_classifier") / "pretrained.h5") as path:
            model = load_model(path, {cls.__name__: cls})
        assert isinstance(model, cls)
        return model


def sigmoid(scores: Array) -> Array:
    """1 / (1 + e^-scores), without overflow."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * scores)))
