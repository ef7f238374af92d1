"""The contracts tell a broken layer or optimizer what is wrong with it, in words."""

import attrs
import numpy as np
import pytest

from phosphene_core import Layer, Optimizer, option
from phosphene_core.layer import Need
from phosphene_core.testing import ContractError, check_layer, check_model, check_objective, check_optimizer
from phosphene_core.testing.techniques import FirstScore
from phosphene_core.testing.tiny import Mix, Read, Rectify, TinyClassifier


@pytest.mark.parametrize("layer", [Mix, Rectify, Read])
def test_correct_layers_pass(layer):
    check_layer(layer)


def test_the_tiny_classifier_passes():
    check_model(TinyClassifier)
    check_objective(FirstScore)


@attrs.frozen
class Scale(Layer):
    """y = w x, broken on request."""

    fault: str = option("", "what to do wrong")

    def init(self, rng, shape):
        return {"w": rng.standard_normal(shape).astype(np.float32)}, shape

    def forward(self, params, x, run):
        w = params["w"]
        y = x * w
        if self.fault == "input":
            x += 1
        if self.fault == "random":
            y = y + np.random.default_rng().standard_normal(y.shape)
        if self.fault == "float64":
            y = y.astype(np.float64)
        if self.fault == "need" and run.need == Need.PARAMS:
            y = 2 * y
        if self.fault == "batch of none" and len(x) == 0:
            y = np.zeros((1, *x.shape[1:]))

        def backward(dy):
            dx, dw = dy * w, (dy * x).sum(axis=0)
            if self.fault == "sign":
                dx = -dx
            if self.fault == "dw":
                dw = dw.copy()
                dw[..., -1] += 1
            if self.fault == "dy":
                dy *= 2
            if self.fault == "shape":
                dx = dx[..., None]
            return dx, {} if self.fault == "missing" else {"w": dw, **({"v": dw} if self.fault == "extra" else {})}

        return y, backward


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("input", "forward changed its input"),
        ("random", "the same seed gave other outputs"),
        ("float64", "in float32, the output came out as float64"),
        ("need", "need=Need.PARAMS gave another output"),
        ("batch of none", "a batch of 0"),
        ("sign", r"gradient of input 0, .* differs by .* at index"),
        ("dw", r"gradient of w, by central differences, differs by .* at index \(.*4\)"),
        ("dy", "backward changed the gradient"),
        ("shape", "the gradient of input 0 has shape"),
        ("missing", "backward returned no gradient for w"),
        ("extra", "a gradient for v, which is no parameter"),
    ],
)
def test_a_broken_layer_is_told_what_is_wrong(fault, message):
    check_layer(Scale())
    with pytest.raises(ContractError, match=message):
        check_layer(Scale(fault))


@attrs.frozen
class Plain(Optimizer):
    learning_rate: float = option(0.1, "step size")
    fault: str = option("", "what to do wrong")

    def start(self, params):
        return {}

    def update(self, params, grads, state, scale=1.0):
        for name, g in grads.items():
            rate = self.learning_rate * (1 if self.fault == "scale" else scale)
            if self.fault == "up":
                rate = -rate
            if self.fault == "grads":
                g *= 2
            if self.fault == "replace":
                params[name] = params[name] - rate * g
            else:
                params[name] -= rate * g


@pytest.mark.parametrize(
    ("fault", "message"),
    [("scale", "scale 0"), ("up", "did not lower"), ("grads", "changed the gradients"), ("replace", "in place")],
)
def test_a_broken_optimizer_is_told_what_is_wrong(fault, message):
    check_optimizer(Plain())
    with pytest.raises(ContractError, match=message):
        check_optimizer(Plain(fault=fault))
