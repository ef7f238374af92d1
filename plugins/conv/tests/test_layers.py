"""The layers keep the contract that every layer keeps, and start as the papers say."""

import numpy as np
import pytest

from phosphene_conv.engine import use_twins
from phosphene_conv.layers import AveragePool2d, Conv2d, MaxPool2d
from phosphene_core.errors import PhospheneError
from phosphene_core.layer import Layer, Need, Pass
from phosphene_core.testing import check_layer

LAYERS = [
    Conv2d(filters=3),
    Conv2d(filters=3, whitened=True),
    Conv2d(filters=2, size=(2, 3), stride=(2, 1), pad=(0, 2), dilation=(1, 2)),
    MaxPool2d(),
    MaxPool2d(size=3, stride=2, pad=1),
    AveragePool2d(size=(2, 3), stride=(2, 1)),
    AveragePool2d(size=3, stride=2, pad=1, count_pad=False),
]


@pytest.mark.parametrize("layer", LAYERS, ids=str)
def test_the_contract(layer: Layer) -> None:
    x = np.random.default_rng(0).standard_normal((3, 2, 6, 7))
    check_layer(layer, x)
    with use_twins():
        check_layer(layer, x)


@pytest.mark.parametrize("cls", [Conv2d, MaxPool2d, AveragePool2d])
def test_the_class_shows_an_example(cls: type[Layer]) -> None:
    check_layer(cls)


def test_start_values() -> None:
    params, shape = Conv2d(filters=200, size=5, stride=2, pad=2).init(np.random.default_rng(0), (16, 64, 64))
    assert shape == (200, 32, 32)
    assert params["W"].shape == (200, 16, 5, 5)
    assert params["W"].dtype == np.float32
    assert abs(params["W"].std() * np.sqrt(16 * 25 / 2) - 1) < 0.01
    assert not params["b"].any()


def test_whitened_filters_say_as_much_of_edges_and_colours_as_of_brightness() -> None:
    """Of smooth pictures, the outputs' covariance is spread over many directions; plain random filters all say one thing."""
    rng = np.random.default_rng(0)
    rough = rng.standard_normal((64, 3, 40, 40)) + 2 * rng.standard_normal((64, 1, 40, 40))  # colours that are alike
    pictures = sum(np.roll(rough, (i, j), (2, 3)) for i in range(5) for j in range(5)).astype(np.float32)  # and neighbours

    def directions(layer: Conv2d) -> float:
        params, _ = layer.init(np.random.default_rng(1), (3, 40, 40))
        assert abs(params["W"].std() * np.sqrt(27 / 2) - 1) < 0.05
        y, _ = layer.forward(params, pictures, Pass(need=Need.NOTHING))
        said = y[:, :, 1:-1, 1:-1].transpose(0, 2, 3, 1).reshape(-1, layer.filters)
        shares = np.linalg.eigvalsh(np.corrcoef(said.T)) / layer.filters
        return float(1 / (shares**2).sum())  # how many, if all were as strong as one another

    assert directions(Conv2d(filters=64)) < 5
    assert directions(Conv2d(filters=64, whitened=True)) > 8


def test_what_is_not_needed_is_not_computed() -> None:
    layer, rng = Conv2d(filters=2), np.random.default_rng(0)
    params, _ = layer.init(rng, (3, 5, 5))
    x = rng.standard_normal((2, 3, 5, 5), np.float32)
    y, backward = layer.forward(params, x, Pass(need=Need.INPUT))
    dx, grads = backward(np.ones_like(y))
    assert dx is not None
    assert not grads
    _, backward = layer.forward(params, x, Pass(need=Need.PARAMS))
    dx, grads = backward(np.ones_like(y))
    assert dx is None
    assert set(grads) == {"W", "b"}


@pytest.mark.parametrize(
    "make",
    [lambda: Conv2d(filters=0), lambda: Conv2d(size=(3, 0)), lambda: Conv2d(stride=0), lambda: MaxPool2d(pad=-1)],
)
def test_a_wrong_setting(make: object) -> None:
    with pytest.raises(PhospheneError):
        make()  # type: ignore[operator]


@pytest.mark.parametrize("shape", [(3,), (3, 2, 2), (0, 9, 9)])
def test_a_wrong_input(shape: tuple[int, ...]) -> None:
    with pytest.raises(PhospheneError):
        Conv2d(size=5, pad=0).init(np.random.default_rng(0), shape)
