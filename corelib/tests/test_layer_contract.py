"""The contract of layers lets what is right pass, and tells what is broken in words."""

import attrs
import numpy as np
import pytest

from phosphene_core import Layer, option
from phosphene_core.layer import Need
from phosphene_core.testing import ContractError, TinyRecurrent, check_layer
from phosphene_core.testing.tiny import Mix, Read, Rectify


@pytest.mark.parametrize("layer", [Mix, Rectify, Read, TinyRecurrent])
def test_correct_layers_pass(layer):
    check_layer(layer)


@attrs.frozen
class Scale(Layer):
    """y = w x, broken on request."""

    fault: str = option("", "what to do wrong")

    def init(self, rng, shape):
        if self.fault == "init":
            rng = np.random.default_rng()
        return {"w": rng.standard_normal(shape).astype(float if self.fault == "start64" else np.float32)}, shape

    def forward(self, params, x, run):
        w = params["w"]
        y = x * w
        if self.fault == "input":
            x += 1
        if self.fault == "parameter":
            w *= 2
        if self.fault == "random":
            y = y + np.random.default_rng().standard_normal(y.shape)
        if self.fault == "float64":
            y = y.astype(np.float64)
        if self.fault == "need" and run.need == Need.PARAMS:
            y = 2 * y
        if self.fault == "batch of none" and len(x) == 0:
            y = np.zeros((1, *x.shape[1:]))
        if self.fault == "nan":
            y = y * np.nan
        if self.fault == "layout" and not x.flags.c_contiguous:
            y = -y
        if self.fault == "alone":
            return y
        kept = x.copy()

        def backward(dy):
            dx, dw = dy * w, (dy * kept).sum(axis=0)
            if self.fault == "sign":
                dx = -dx
            if self.fault == "dw":
                dw = dw.copy()
                dw[..., -1] += 1
            if self.fault == "dy":
                dy *= 2
            if self.fault == "shape":
                dx = dx[..., None]
            if self.fault == "twice":
                kept[...] = 0
            if self.fault == "only dx":
                return dx
            if self.fault == "no dx":
                dx = None
            return dx, {} if self.fault == "missing" else {"w": dw, **({"v": dw} if self.fault == "extra" else {})}

        return y, backward


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("init", "init gave other values of w for the same seed"),
        ("start64", "init gave w in float64; parameters start in float32"),
        ("input", "forward changed its input"),
        ("parameter", "forward changed the parameter w"),
        ("random", "the same seed gave other outputs"),
        ("float64", "in float32, the output came out as float64"),
        ("need", "need=Need.PARAMS gave another output"),
        ("batch of none", "a batch of 0"),
        ("nan", "forward gave NaN or infinite values"),
        ("layout", "arrays that are not contiguous gave another output"),
        ("alone", r"forward must return \(output, backward\), not ndarray"),
        ("sign", r"gradient of input 0, .* differs by .* at index"),
        ("dw", r"gradient of w, by central differences, differs by .* at index \(.*4\)"),
        ("dy", "backward changed the gradient that it was given"),
        ("shape", "the gradient of input 0 has shape"),
        ("twice", "a second way back over the same run gave another gradient of w"),
        ("only dx", "backward must return .* not ndarray"),
        ("no dx", "backward returned no gradient for input 0"),
        ("missing", "backward returned no gradient for w"),
        ("extra", "a gradient for v, which is no parameter"),
    ],
)
def test_a_broken_layer_is_told_what_is_wrong(fault, message):
    check_layer(Scale())
    with pytest.raises(ContractError, match=message):
        check_layer(Scale(fault))
