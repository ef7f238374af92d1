"""A classifier of pictures: blocks of convolution, batch normalization and ReLU, then a hidden layer and the scores."""

from collections.abc import Sequence
from functools import cached_property
from importlib.resources import as_file, files
from typing import Any, Self

import attrs
import numpy as np

from phosphene_cnn import course
from phosphene_conv.layers import Conv2d, MaxPool2d
from phosphene_core.chain import Chain, Trace
from phosphene_core.dataset import Batch
from phosphene_core.errors import PhospheneError
from phosphene_core.layer import Grads, Layer, Need, Pass
from phosphene_core.model import ImageModel
from phosphene_core.modelfile import load_model
from phosphene_core.options import option
from phosphene_dense import Affine, BatchNormReLU, GlobalAveragePool, SpatialPyramidPool, softmax_cross_entropy


def _per_layer(values: Sequence[int], count: int) -> list[int]:
    """One value per layer; the last one stands for all that follow."""
    return [values[min(i, len(values) - 1)] for i in range(count)]


def _positive(values: tuple[int, ...]) -> str | None:
    return None if values and min(values) >= 1 else "must hold at least one number, each at least 1"


@attrs.frozen
class CNN(ImageModel):
    """Convolution blocks named conv1, conv2, ..., then `hidden` and `scores`.

    The default settings are the course's network (CS231n 2016, assignment 3): nine blocks, 64x64 pictures, 100
    classes. A tuple shorter than `filters` repeats its last value, so `sizes=(5, 3)` is one 5x5 and then 3x3. The head
    "average" takes the mean of each channel, "pyramid" its means over coarse grids (`spatial_pyramid_pool`).
    """

    filters: tuple[int, ...] = option(
        (64, 64, 128, 128, 256, 256, 512, 512, 1024), "filters of each convolution block", check=_positive
    )
    sizes: tuple[int, ...] = option((5, 3), "filter sizes, the last one repeated", check=_positive)
    strides: tuple[int, ...] = option((2, 1, 2, 1, 2, 1, 2, 1, 2), "strides, the last one repeated", check=_positive)
    pools: tuple[int, ...] = option(
        (1,), "side of the max pooling in each block, 1 for none; the last one repeated", check=_positive
    )
    head: str = option(
        "flatten", "how the last block's map meets the hidden layer", choices=("flatten", "average", "pyramid")
    )
    hidden: int = option(512, "units of the hidden layer; 0 for none", ge=0)
    classes: int = option(100, "number of classes", ge=1)
    size: int = option(64, "height and width of the pictures in pixels", ge=1)
    whitened: bool = option(False, "the first filters start against whitened patches (`conv2d`)")
    smoothing: float = option(0.0, "label smoothing of the loss (Szegedy 2016)", ge=0, lt=1)

    @classmethod
    def example(cls, rng: np.random.Generator) -> Any:
        """A small member of the family and a batch, for its contract."""
        model = cls(filters=(4, 6), strides=(2, 1), hidden=5, classes=3, size=8)
        return model, {"images": rng.standard_normal((3, 3, 8, 8)), "labels": rng.integers(0, 3, 3)}

    @property
    def input_shape(self) -> tuple[int, int, int]:
        return (3, self.size, self.size)

    @cached_property
    def network(self) -> Chain:
        layers: dict[str, Layer] = {}
        count = len(self.filters)
        sizes, strides = _per_layer(self.sizes, count), _per_layer(self.strides, count)
        pools = _per_layer(self.pools, count)
        for i, (filters, size, stride, pool) in enumerate(zip(self.filters, sizes, strides, pools, strict=True), 1):
            first = self.whitened and i == 1
            conv = Conv2d(filters=filters, size=size, stride=stride, pad=(size - 1) // 2, whitened=first)
            block: dict[str, Layer] = {"conv": conv}
            if pool > 1:  # before the normalization: it has less to do, and the maximum stays the maximum
                block["pool"] = MaxPool2d(size=pool)
            layers[f"conv{i}"] = Chain({**block, "batchnorm": BatchNormReLU()})
        if self.head == "average":
            layers["pool"] = GlobalAveragePool()
        elif self.head == "pyramid":
            layers["pool"] = SpatialPyramidPool()
        if self.hidden:
            layers["hidden"] = Chain({"affine": Affine(self.hidden), "batchnorm": BatchNormReLU()})
        layers["scores"] = Affine(self.classes)
        return Chain(layers)

    def loss(self, batch: Batch, run: Pass) -> tuple[float, dict[str, float], Grads]:
        """Softmax cross-entropy of `scores` against `batch["labels"]`; the measure is `accuracy`."""
        if "images" not in batch or "labels" not in batch:
            raise PhospheneError("a classifier learns from pictures with labels; the data holds none")
        trace = Trace(self.network, self.params, batch["images"], run)
        scores = trace[self.scores]
        loss, dscores, correct = softmax_cross_entropy(scores, batch["labels"], label_smoothing=self.smoothing)
        grads = trace.backward({self.scores: dscores}, last=True)[1] if Need.PARAMS in run.need else {}
        return float(loss), {"accuracy": float(np.mean(correct))}, grads

    def prepared_for(self, facts: dict[str, Any]) -> Self:
        known = super().prepared_for(facts)
        return attrs.evolve(known, classes=len(known.class_names)) if known.class_names else known

    @classmethod
    def from_foreign(cls, file: Any) -> Self | None:
        """The course's layout (W1, b1, gamma1, running_mean1, ...); see `phosphene_cnn.course`."""
        return course.read(cls, file)

    @classmethod
    def pretrained(cls) -> Self:
        """The small network inside this package, trained on TinyImageNet-100-A; its README says how well it does."""
        with as_file(files("phosphene_cnn") / "pretrained.h5") as path:
            model = load_model(path, {cls.__name__: cls})
        assert isinstance(model, cls)
        return model
