"""The layers keep the contract that every layer keeps."""

import numpy as np
import pytest

from phosphene_core.layer import Layer
from phosphene_core.testing import check_layer
from phosphene_dense import Affine, BatchNorm, BatchNormReLU, Dropout, Flatten, GlobalAveragePool, ReLU
from phosphene_dense.engine import use_twins

IMAGES, ROWS = (3, 2, 4, 5), (4, 6)
CASES = [
    (Affine(3), IMAGES),
    (Affine(1), ROWS),
    (ReLU(), IMAGES),
    (BatchNorm(), IMAGES),
    (BatchNorm(momentum=0.5, eps=1e-3), ROWS),
    (BatchNormReLU(), IMAGES),
    (BatchNormReLU(), ROWS),
    (Dropout(0.3), ROWS),
    (Dropout(0.0), IMAGES),
    (Flatten(), IMAGES),
    (GlobalAveragePool(), IMAGES),
]


@pytest.mark.parametrize("twins", [False, True], ids=["kernels", "twins"])
@pytest.mark.parametrize(("layer", "shape"), CASES, ids=str)
def test_the_contract(layer: Layer, shape: tuple[int, ...], twins: bool) -> None:
    x = np.random.default_rng(0).standard_normal(shape)
    if twins:
        with use_twins():
            check_layer(layer, x)
    else:
        check_layer(layer, x)


@pytest.mark.parametrize("cls", sorted({type(layer) for layer, _ in CASES}, key=lambda c: c.__name__))
def test_the_class_shows_an_example(cls: type[Layer]) -> None:
    check_layer(cls)
