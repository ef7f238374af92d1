"""What the questions about pictures are asked on: a small classifier with random weights, the one inside `phosphene_cnn`,
and random pictures."""

from functools import cache

import attrs
import numpy as np

from phosphene_cnn import CNN
from phosphene_core import ImageModel
from phosphene_core.image import resize
from phosphene_core.layer import Array

SIZE, CLASSES = 12, 5
LAYERS = ("conv1", "conv2")


def random_model(rng: np.random.Generator) -> ImageModel:
    """A classifier of pictures 12 pixels square with two blocks of convolution, in float64, its statistics and mean image
    random too."""
    model = CNN(filters=(4, 6), sizes=(3,), strides=(1, 2), hidden=8, classes=CLASSES, size=SIZE)
    params = {k: v.astype(np.float64) for k, v in model.initialized(rng).params.items()}
    for name, value in params.items():
        if name.endswith("running_var"):
            params[name] = np.asarray(rng.uniform(0.5, 1.5, value.shape) * (50**2 if "conv1" in name else 1))
        elif value.ndim == 1:
            params[name] = value + 0.3 * rng.standard_normal(value.shape)
    return attrs.evolve(model, params=params, mean=rng.uniform(90, 150, model.input_shape))


@cache
def pretrained() -> CNN:
    """The classifier inside `phosphene_cnn`: 100 classes, 64 pixels square."""
    return CNN.pretrained()


def pictures(model: ImageModel, count: int, rng: np.random.Generator, blobs: int = 6) -> Array:
    """Random pictures (N, 3, H, W) with large and small shapes, as the model's input."""
    _, height, width = model.input_shape
    out = []
    for _ in range(count):
        coarse = rng.integers(0, 256, (blobs, blobs, 3)).astype(np.uint8)
        fine = rng.integers(-20, 21, (height, width, 3))
        out.append(np.clip(resize(coarse, height, width).astype(int) + fine, 0, 255).astype(np.uint8))
    dtype = next(iter(model.params.values())).dtype
    return model.preprocess(out).astype(dtype)
