"""In evaluation a block is one step: the same numbers as layer by layer, by every rule, and no array in between."""

import tracemalloc

import attrs
import numpy as np
import pytest

from phosphene_cnn import CNN
from phosphene_core.chain import Chain, Trace
from phosphene_core.layer import Layer, Need, Pass
from phosphene_core.twin import twin
from phosphene_dense import BatchNormReLU

RNG = np.random.default_rng(0)
MODEL = CNN(filters=(8, 16), strides=(2, 1), hidden=5, classes=3, size=16).initialized(RNG)
for name, value in MODEL.params.items():
    value += (RNG.uniform(0.5, 1, value.shape) if "var" in name else RNG.normal(0, 0.1, value.shape)).astype(np.float32)
X = RNG.standard_normal((4, 3, 16, 16), np.float32)


def layer_by_layer(chain: Chain, x: np.ndarray, seed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The scores and the gradient of x, with every layer of every block asked alone."""
    flat: dict[str, Layer] = {}
    for name, layer in chain:
        flat |= {f"{name}_{n}": v for n, v in layer} if isinstance(layer, Chain) else {name: layer}
    params = {".".join(k.rsplit(".", 1)) if k.count(".") < 2 else k.replace(".", "_", 1): v for k, v in MODEL.params.items()}
    trace = Trace(Chain(flat), params, x, Pass(need=Need.INPUT))
    return trace["scores"], trace.backward({"scores": seed})[0]


@pytest.mark.parametrize("rule", ["gradient", "guided", "deconvnet"])
def test_a_block_in_one_step_is_its_layers_one_by_one(rule: str) -> None:
    other = twin(MODEL, lambda v: attrs.evolve(v, rule=rule) if isinstance(v, BatchNormReLU) else v)
    trace = other.trace(X)
    seed = RNG.standard_normal(trace["scores"].shape, np.float32)
    scores, dx = layer_by_layer(other.network, X, seed)
    np.testing.assert_allclose(trace["scores"], scores, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(trace.backward({"scores": seed})[0], dx, rtol=1e-4, atol=1e-5)


def peak(chain: Chain, params: dict[str, np.ndarray], x: np.ndarray) -> int:
    tracemalloc.start()
    try:
        kept = chain.forward(params, x, Pass(need=Need.INPUT))
        return tracemalloc.get_traced_memory()[1]
    finally:
        del kept
        tracemalloc.stop()


def test_no_array_but_the_output_is_made() -> None:
    """Neither an im2col buffer nor the normalization's input: the peak is the output and small change."""
    block = MODEL.network["conv2"]
    assert isinstance(block, Chain)
    params = {k.removeprefix("conv2."): v for k, v in MODEL.params.items() if k.startswith("conv2.")}
    x = RNG.standard_normal((8, 8, 64, 64), np.float32)
    output = 4 * 8 * 16 * 64 * 64
    assert output < peak(block, params, x) < output + 50_000
