"""Every registered generation technique, whoever brings it: what the framework promises of all of them together."""

from collections import deque

import attrs
import numpy as np
import pytest

from phosphene_captioning import PictureCaptioner
from phosphene_captioning.objectives import CaptionSentence
from phosphene_core import Chain, Generation, Layer, Need, Objective, PhospheneError
from phosphene_core.testing import tiny_classifier, tiny_pictures
from phosphene_registry import Registry

REGISTRY = Registry()
FEW = {"steps": 2, "octaves": 2, "tries": 2, "count": 3}
"""Settings that make a run short, where a technique has them."""

ENTRIES = [e for e in REGISTRY.entries("technique").values() if issubclass(e.cls, Generation)]
every_technique = pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: e.name)


def short(entry):
    return entry.cls(**{o.name: FEW[o.name] for o in entry.options if o.name in FEW})


def model_for(entry):
    """A tiny model of the kind that it asks, and a question for it."""
    if entry.cls.model is not None:  # it asks captioners
        return PictureCaptioner.example(np.random.default_rng(18))[0], CaptionSentence("a red circle")
    return tiny_classifier(), REGISTRY.resolve(Objective, entry.cls.objective)


def generate(entry, model, objective, images, technique=None):
    made = technique or short(entry)
    return deque(made.frames(model, images, objective.bound(model, images), np.random.default_rng(0)), maxlen=1)[0]


def pictures(model, entry, height=20, width=20):
    return model.preprocess([tiny_pictures(1, max(height, width))[0][:height, :width]], square=entry.cls.picture != "whole")


@pytest.fixture
def asked(monkeypatch):
    """What every layer is told is needed, and which gradients it gives back although nobody needs them."""
    needs = []

    def watched(forward):
        def watching(self, params, x, run):
            needs.append(run.need)
            return forward(self, params, x, run)

        return watching

    layers = {Chain, *(e.cls for e in REGISTRY.entries("layer").values()), *_kinds(Layer)}
    for cls in layers:
        if "forward" in vars(cls):
            monkeypatch.setattr(cls, "forward", watched(vars(cls)["forward"]))
    return needs


def _kinds(cls):
    for kind in cls.__subclasses__():
        yield kind
        yield from _kinds(kind)


@every_technique
def test_nothing_pays_for_weight_gradients(entry, asked):
    model, objective = model_for(entry)
    generate(entry, model, objective, pictures(model, entry))
    assert len(asked) > 4
    assert not [need for need in asked if Need.PARAMS in need]


@every_technique
@pytest.mark.parametrize(("height", "width"), [(1, 1), (3, 200), (200, 3), (17, 40)])
def test_photographs_of_any_shape(entry, height, width):
    model, objective = model_for(entry)
    images = pictures(model, entry, height, width)
    try:
        last = generate(entry, model, objective, images)
    except PhospheneError as error:  # three pixels, enlarged, may leave a layer with nothing to see
        assert "zero" in str(error) and min(height, width) <= 3
        return
    assert len(last.images) == 1
    assert np.isfinite(last.images).all()
    if entry.cls.picture == "whole":
        assert last.images.shape == images.shape


@every_technique
def test_a_network_that_answers_nothing_is_told_of_in_one_line_or_leaves_a_picture(entry):
    model, objective = model_for(entry)
    dead = attrs.evolve(model, params={k: 0 * v for k, v in model.params.items()})
    images = pictures(model, entry)
    try:
        last = generate(entry, dead, objective, images, attrs.evolve(short(entry), **_long(entry)))
    except PhospheneError as error:
        assert "\n" not in str(error)
        assert "zero" in str(error) or "nothing" in str(error)
    else:
        assert np.isfinite(last.images).all()
        assert last.images.std() > 0 or not last.facts.get("fooled", [True])[0]


def _long(entry):
    return {"steps": 30} if any(o.name == "steps" for o in entry.options) else {}


@every_technique
def test_a_network_of_nan_is_refused_in_one_line(entry):
    model, objective = model_for(entry)
    broken = attrs.evolve(model, params={k: np.nan * v for k, v in model.params.items()})
    with pytest.raises(PhospheneError, match="not finite") as caught, np.errstate(all="ignore"):
        generate(entry, broken, objective, pictures(model, entry))
    assert "\n" not in str(caught.value)


@every_technique
def test_a_layer_that_does_not_exist_names_those_that_do(entry):
    model, objective = model_for(entry)
    if not hasattr(objective, "layer"):
        pytest.skip("it asks about no layer unless told to")
    with pytest.raises(PhospheneError, match=r"there are: conv1, conv2, scores"):
        generate(entry, model, attrs.evolve(objective, layer="conv99"), pictures(model, entry))
