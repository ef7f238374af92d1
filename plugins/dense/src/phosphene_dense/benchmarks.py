"""What `phosphene bench` measures here: the layers between convolutions, and the loss."""

from functools import partial
from typing import Any

import numpy as np

from phosphene_core.benchmark import layer_work
from phosphene_core.layer import Layer
from phosphene_dense.affine import Affine
from phosphene_dense.batchnorm import BatchNorm, BatchNormReLU
from phosphene_dense.cross_entropy import softmax_cross_entropy
from phosphene_dense.dropout import Dropout
from phosphene_dense.relu import ReLU

MAPS = (50, 64, 32, 32)


def add(register: Any) -> None:
    """Offer the cases."""
    for rows, width, units in ((50, 4096, 512), (400, 512, 1004)):
        for back in (False, True):
            name = f"affine, {rows}x{width} to {units}, {'forward and backward' if back else 'forward'}"
            products = 2.0 * rows * width * units
            register(
                "layer", name, partial(_pass, Affine(units), (rows, width), back=back), products * (3 if back else 1)
            )
    for name, layer in {
        "relu": ReLU(), "batchnorm": BatchNorm(), "batchnorm_relu": BatchNormReLU(), "dropout": Dropout(),
    }.items():  # fmt: skip
        size = "x".join(map(str, MAPS))
        if name != "dropout":
            register("layer", f"{name}, {size}, forward", partial(_pass, layer, MAPS))
        register("layer", f"{name}, {size}, training, both ways", partial(_pass, layer, MAPS, train=True, back=True))
    register("kernel", "softmax loss and its gradient, 400x1004", _loss)


def _pass(layer: Layer, shape: tuple[int, ...], train: bool = False, back: bool = False) -> Any:
    x = np.random.default_rng(2).standard_normal(shape, np.float32)
    return layer_work(layer, x, train=train, back=back)


def _loss() -> Any:
    rng = np.random.default_rng(0)
    scores, labels = rng.standard_normal((400, 1004), np.float32), rng.integers(0, 1004, 400)
    return lambda: softmax_cross_entropy(scores, labels)
