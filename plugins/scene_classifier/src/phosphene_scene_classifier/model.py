"""A classifier of pictures that hold several things: each class is there or not, whatever the others are."""

from importlib.resources import as_file, files
from typing import Any, Self

import attrs
import numpy as np

from phosphene_cnn import CNN
from phosphene_core.dataset import Batch
from phosphene_core.errors import PhospheneError
from phosphene_core.layer import Array, Grads, Need, Pass
from phosphene_core.modelfile import load_model
from phosphene_core.options import option


@attrs.frozen
class SceneClassifier(CNN):
    """A CNN whose classes are independent of each other: the probability of each is the sigmoid of its score.

    The default settings are those of the network inside this package: small, with an average-pooling head, so that it
    looks alike everywhere, and with fine last maps.
    """

    filters: tuple[int, ...] = option((16, 32, 48, 64, 64), "filters of each convolution block")
    strides: tuple[int, ...] = option((2, 1, 2, 1, 1), "strides, the last one repeated")
    head: str = option("average", "how the last block's map meets the hidden layer", choices=("flatten", "average"))
    hidden: int = option(0, "units of the hidden layer; 0 for none", ge=0)
    classes: int = option(30, "number of classes", ge=1)

    @classmethod
    def example(cls, rng: np.random.Generator) -> Any:
        """A small member of the family and a batch, for its contract."""
        model = cls(filters=(4, 6), strides=(2, 1), classes=3, size=8)
        return model, {"images": rng.standard_normal((3, 3, 8, 8)), "labels": rng.random((3, 3)) < 0.5}

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
