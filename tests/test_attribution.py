"""Every registered attribution technique, whoever brings it: what the framework promises of all of them together."""

import attrs
import numpy as np
import pytest

from phosphene_core import Attribution, Chain, Layer, Need, PhospheneError
from phosphene_core.testing import tiny_classifier, tiny_pictures
from phosphene_core.testing.contract import example_of
from phosphene_core.twin import twin
from phosphene_objectives import ClassScore
from phosphene_registry import Registry

MODEL = tiny_classifier()
IMAGES = MODEL.preprocess(list(tiny_pictures(3)))
RANDOM = {"smoothgrad", "rise"}


def techniques():
    entries = Registry().entries("technique").values()
    return [
        pytest.param(example_of(e.cls, np.random.default_rng(0), lambda t: t), id=e.name)
        for e in entries
        if issubclass(e.cls, Attribution)
    ]


def attribute(technique, model, images, objective):
    return technique.attribute(model, images, objective.bound(model, images), np.random.default_rng(0))


@attrs.frozen
class Watch(Layer):
    """Changes nothing, and refuses a pass that would pay for the gradients of weights."""

    def init(self, rng, shape):
        return {}, shape

    def forward(self, params, x, run):
        assert Need.PARAMS not in run.need, "weight gradients were asked for"
        return x, lambda dy: (dy, {})


@pytest.mark.parametrize("technique", techniques())
def test_nothing_pays_for_weight_gradients(technique):
    watched = twin(MODEL, Chain([("watch", Watch()), *MODEL.network]))
    expected = attribute(technique, MODEL, IMAGES[:1], ClassScore(2)).maps
    np.testing.assert_allclose(
        attribute(technique, watched, IMAGES[:1], ClassScore(2)).maps, expected, rtol=1e-4, atol=1e-7
    )


@pytest.mark.parametrize("technique", techniques())
def test_each_picture_of_a_batch_is_asked_its_own_question(technique, request):
    if request.node.callspec.id in RANDOM:
        pytest.skip("its noise depends on a picture's place in the batch")
    together = attribute(technique, MODEL, IMAGES, ClassScore((4, 0, 2)))
    for n, target in enumerate((4, 0, 2)):
        alone = attribute(technique, MODEL, IMAGES[n : n + 1], ClassScore(target))
        scale = np.abs(alone.maps).max()
        np.testing.assert_allclose(together.maps[n], alone.maps[0], rtol=1e-3, atol=1e-4 * scale)
        np.testing.assert_allclose(together.values[n], alone.values[0], rtol=1e-5)


@pytest.mark.parametrize("technique", techniques())
def test_pictures_of_any_size_and_shape(technique):
    for height, width in ((12, 12), (7, 19), (1, 1)):
        images = np.random.default_rng(0).standard_normal((1, 3, height, width)).astype(np.float32) * 50
        result = attribute(technique, MODEL, images, ClassScore(1))
        assert result.maps.shape == (1, height, width)
        assert np.isfinite(result.maps).all()


@pytest.mark.parametrize("technique", techniques())
def test_a_dead_network_gives_blank_maps_that_say_so(technique):
    dead = attrs.evolve(MODEL, params={k: v * 0 if k == "scores.W" else v for k, v in MODEL.params.items()})
    assert attribute(technique, dead, IMAGES, ClassScore(1)).blank.all()


@pytest.mark.parametrize("technique", techniques())
def test_a_network_of_nan_is_refused_in_one_line(technique):
    broken = attrs.evolve(MODEL, params={k: v * np.nan if k == "conv2.mix.W" else v for k, v in MODEL.params.items()})
    with pytest.raises(PhospheneError, match="not finite") as caught, np.errstate(all="ignore"):
        attribute(technique, broken, IMAGES, ClassScore(1))
    assert "\n" not in str(caught.value)
