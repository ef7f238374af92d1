"""The contracts let what is right pass, and tell what is broken in words."""

import sys
import types
from typing import ClassVar

import attrs
import numpy as np
import pytest

from phosphene_core import (
    Attribution,
    Dataset,
    Frame,
    Generation,
    Layer,
    Objective,
    Optimizer,
    Result,
    hookimpl,
    option,
)
from phosphene_core.layer import Need
from phosphene_core.objective import image_gradient
from phosphene_core.testing import (
    ContractError,
    TinyRecurrent,
    check_dataset,
    check_layer,
    check_model,
    check_objective,
    check_optimizer,
    check_technique,
    contracts,
)
from phosphene_core.testing.techniques import FirstScore
from phosphene_core.testing.tiny import Mix, Read, Rectify, TinyClassifier


@pytest.mark.parametrize("layer", [Mix, Rectify, Read, TinyRecurrent])
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


@attrs.frozen
class Halting(TinyRecurrent):
    """A recurrent layer, broken on request."""

    fault: str = option("", "what to do wrong")

    @classmethod
    def example(cls, rng):
        raise NotImplementedError

    def start(self, h0):
        return (0 * h0,) if self.fault == "start" else super().start(h0)

    def step(self, params, projected, state):
        h, following = super().step(params, projected, state)
        if self.fault == "step":
            h = h + 1e-3 * (state[0] != 0)
        if self.fault == "state":
            state[0][...] = 0
        return h, following


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("start", "the first array of what start returns must be h0 itself"),
        ("step", "h of step 0, beside forward's, differs by 0.001 at index"),
        ("state", "step changed its state"),
    ],
)
def test_a_broken_step_is_told_what_is_wrong(fault, message):
    rng = np.random.default_rng(0)
    inputs = rng.standard_normal((2, 3, 2)), rng.standard_normal((2, 4))
    check_layer(Halting(4), inputs)
    with pytest.raises(ContractError, match=message):
        check_layer(Halting(4, fault), inputs)


@attrs.frozen
class Plain(Optimizer):
    learning_rate: float = option(0.1, "step size")
    fault: str = option("", "what to do wrong")
    hidden: dict = attrs.field(factory=dict)

    def start(self, params):
        if self.fault == "start":
            params["b"] *= 2
        return {"count": 0} if self.fault == "state" else {}

    def update(self, params, grads, state, scale=1.0):
        self.hidden["count"] = self.hidden.get("count", 0) + 1
        for name, g in grads.items():
            rate = self.learning_rate * (1 if self.fault == "scale" else scale)
            if self.fault == "up":
                rate = -rate
            if self.fault == "grads":
                g *= 2
            if self.fault == "hidden":
                rate /= self.hidden["count"]
            if self.fault == "replace":
                params[name] = params[name] - rate * g
            else:
                params[name] -= rate * g
        if self.fault == "others":
            params["b"] += rate


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("scale", "scale 0 must leave the parameters as they are; W changed"),
        ("up", "thirty updates did not lower a quadratic: it went from .* to"),
        ("grads", "update changed the gradient of W"),
        ("replace", "in place"),
        ("start", "start changed the parameter b"),
        ("state", "the state holds 'count' as int; it must hold arrays"),
        ("hidden", "led to another W: something is kept outside the state"),
        ("others", "update changed a parameter that had no gradient"),
    ],
)
def test_a_broken_optimizer_is_told_what_is_wrong(fault, message):
    check_optimizer(Plain())
    with pytest.raises(ContractError, match=message):
        check_optimizer(Plain(fault=fault))


@attrs.frozen
class Faulty(TinyClassifier):
    """A classifier, broken on request."""

    fault: str = option("", "what to do wrong")

    def initialized(self, rng):
        return super().initialized(np.random.default_rng() if self.fault == "init" else rng)

    def loss(self, batch, run):
        loss, measures, grads = super().loss(batch, run)
        if self.fault == "pair":
            return loss, grads
        if self.fault == "need" and run.need == Need.NOTHING:
            loss += 1
        if self.fault == "batch":
            batch["images"][0] = 0
        grads = {k: 2 * v if self.fault == "double" and k == "scores.W" else v for k, v in grads.items()}
        if self.fault == "missing":
            grads.pop("scores.W", None)
        return loss, measures, grads

    def trace(self, images, upto=None, run=None):
        trace = super().trace(images, upto, run)
        if self.fault == "pictures":
            way = trace.backward
            trace.backward = lambda seeds, to="input": (-way(seeds, to)[0], {})
        return trace


@attrs.frozen
class Forgetful(TinyClassifier):
    """A setting that no JSON holds."""

    ratio: complex = option(1j, "a number that JSON does not know")


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (Faulty("init"), "initialized gave other values of conv1.mix.W for the same seed"),
        (Faulty("pair"), r"loss must return \(loss, measures, gradients\), not tuple"),
        (Faulty("need"), "a pass that needs nothing gave another loss"),
        (Faulty("batch"), "the loss changed the batch of images"),
        (Faulty("double"), "the gradient of scores.W along a random direction is"),
        (Faulty("missing"), "the loss gave no gradient for scores.W"),
        (Faulty("pictures"), "the gradient of a score by the pictures is"),
        (Forgetful(), "it does not come back from its model file"),
    ],
)
def test_a_broken_model_is_told_what_is_wrong(model, message):
    check_model(Faulty())
    with pytest.raises(ContractError, match=message):
        check_model(model)


@attrs.frozen
class Brightness(Objective):
    """The mean of the first activation, or of some of its pictures, broken on request."""

    fault: str = option("", "what to do wrong")
    weights: tuple[float, ...] = ()

    def bound(self, model, images):
        return attrs.evolve(self, weights=tuple(1.0 + i for i in range(len(images))))

    def select(self, rows):
        return self if self.fault == "select" else attrs.evolve(self, weights=tuple(self.weights[int(r)] for r in rows))

    def __call__(self, trace):
        a = trace["conv1"]
        w = np.array(self.weights)
        seed = np.broadcast_to(w[:, None, None, None] / a[0].size, a.shape).astype(a.dtype)
        value = a.mean(axis=(1, 2, 3)) * w
        name = "conv7" if self.fault == "name" else "conv1"
        if self.fault == "sign":
            seed = -seed
        if self.fault == "seed":
            seed = seed[:1]
        if self.fault == "scalar":
            value = value.sum()
        if self.fault == "alone":
            return value
        return value, {name: seed}

    def describe(self, model):
        return "" if self.fault == "words" else "brightness"


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("select", r"select\(\[1, 0\]\) does not ask the same of those pictures"),
        ("name", "a seed is named 'conv7', which is no activation"),
        ("sign", "the gradient along a direction is .*; the central difference is"),
        ("seed", r"the seed of conv1 has shape \(1, 4, 12, 12\), not \(2, 4, 12, 12\)"),
        ("scalar", r"the value must be one number per picture, not shape \(\)"),
        ("alone", "must return .* not ndarray"),
        ("words", "must say in words what is asked"),
    ],
)
def test_a_broken_objective_is_told_what_is_wrong(fault, message):
    check_objective(Brightness())
    with pytest.raises(ContractError, match=message):
        check_objective(Brightness(fault))


@attrs.frozen
class Map(Attribution):
    """The gradient's size, broken on request."""

    fault: str = option("", "what to do wrong")

    def attribute(self, model, images, objective, rng):
        if self.fault == "pictures":
            images += 1
        if self.fault == "model":
            model.params["scores.W"][...] *= 2
        gradient, values = image_gradient(model, images, objective)
        maps = np.abs(gradient).max(axis=1)
        if self.fault == "random":
            maps = maps + np.random.default_rng().random(maps.shape)
        if self.fault == "nan":
            maps = maps * np.nan
        if self.fault == "colours":
            maps = gradient
        if self.fault == "batch":
            maps = maps - maps.mean(axis=0)
        if self.fault == "values":
            values = values.sum()
        return maps if self.fault == "alone" else Result(maps, values)


@attrs.frozen
class Climb(Generation):
    """Steps up the gradient, broken on request."""

    fault: str = option("", "what to do wrong")

    def frames(self, model, images, objective, rng):
        for step in range(1, 4):
            if self.fault == "nothing":
                return
            gradient, values = image_gradient(model, images, objective)
            images = images + gradient
            shown = {"steps": 5, "back": 4 - step}.get(self.fault, step)
            made = images[0] if self.fault == "one" else images
            yield made if self.fault == "alone" else Frame(shown, 3, made, values)


@pytest.mark.parametrize(
    ("technique", "message"),
    [
        (Map("pictures"), "the technique changed the pictures"),
        (Map("model"), "the technique changed the parameter of the model scores.W"),
        (Map("random"), "the same seed gave other results: draw from the rng"),
        (Map("nan"), "NaN or infinite"),
        (Map("colours"), r"maps must be \(N, H, W\), not \(2, 3, 12, 12\)"),
        (Map("batch"), "picture 0 alone gave another map than in a batch of 2"),
        (Map("values"), "values must be one number per picture"),
        (Map("alone"), "attribute must return a Result, not ndarray"),
        (Climb("nothing"), "yielded no frame"),
        (Climb("steps"), "a frame says step 5 of 3"),
        (Climb("back"), "a frame says step 2 after step 3"),
        (Climb("one"), r"a frame's images must be \(N, 3, H, W\), not"),
        (Climb("alone"), "frames must yield Frame objects, not ndarray"),
    ],
)
def test_a_broken_technique_is_told_what_is_wrong(technique, message):
    check_technique(type(technique)())
    with pytest.raises(ContractError, match=message):
        check_technique(technique)


@attrs.frozen
class Stripes(Dataset):
    """Made numbers, broken on request."""

    splits: ClassVar[tuple[str, ...]] = ("train",)
    fault: str = option("", "what to do wrong")

    def size(self, split):
        return -1 if self.fault == "size" else 4

    def batch(self, split, rows, rng=None):
        count = len(rows) + 1 if self.fault == "more" else len(rows)
        images = np.broadcast_to(np.resize(rows, count)[:, None], (count, 3)).astype(float)
        if self.fault == "places":
            images = images + np.arange(count)[:, None]
        if self.fault == "random":
            images = images + np.random.default_rng().random()
        if self.fault == "augment" and rng is not None:
            images = images + np.random.default_rng().random()
        if self.fault == "nan":
            images = images * np.nan
        return {"images": list(images) if self.fault == "list" else images, "labels": np.resize(rows, count)}

    def facts(self):
        return {"class_names": ("a", "b", "c") if self.fault == "names" else ("a", "b", "c", "d")}

    def check_split(self, split):
        if self.fault != "split":
            super().check_split(split)


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("size", "the split 'train' has size -1"),
        ("more", "'images' of three rows of 'train' has 4"),
        ("places", "'images' of one row of 'train' came out in two ways"),
        ("random", "the same rows of 'train' gave another 'images' when asked again"),
        ("augment", "'images' of 'train': the same seed gave another augmentation"),
        ("nan", "'images' of .* (came out in two ways|holds NaN)"),
        ("list", "'images' of 'train' is list, not an array"),
        ("names", r"a label of 'train' is 3, and facts\(\) names 3 classes"),
        ("split", "check_split accepts a split that there is not"),
    ],
)
def test_a_broken_dataset_is_told_what_is_wrong(fault, message):
    check_dataset(Stripes())
    with pytest.raises(ContractError, match=message):
        check_dataset(Stripes(fault))


def test_a_plugin_as_a_table():
    plugin = types.ModuleType("plugin")
    plugin.register_layers = hookimpl(lambda register: (register("right", Mix), register("wrong", Unmakeable)))
    plugin.register_datasets = hookimpl(lambda register: register("stripes", Stripes))
    table = {str(c): c for c in contracts(plugin)}
    assert list(table) == ["layer right", "layer wrong", "dataset stripes"]
    table["layer right"].check()
    with pytest.raises(ContractError, match="Unmakeable cannot be made with its defaults"):
        table["layer wrong"].check()
    with pytest.raises(ContractError, match=r"Stripes has no classmethod example\(rng\)"):
        table["dataset stripes"].check()
    assert contracts(sys) == []


@attrs.frozen
class Unmakeable(Mix):
    """A layer whose required setting is no number."""

    name: str = attrs.field(kw_only=True)
