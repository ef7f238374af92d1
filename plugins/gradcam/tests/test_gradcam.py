"""Grad-CAM and its kin: the contract, each formula written out, and which layer is looked at."""

import attrs
import numpy as np
import pytest

from phosphene_core import Chain, Layer, NotFoundError, PhospheneError, ShapeError, image_gradient, with_rule
from phosphene_core.testing import check_technique, tiny_classifier, tiny_pictures
from phosphene_core.testing.techniques import FirstScore
from phosphene_core.testing.tiny import Read
from phosphene_core.twin import twin
from phosphene_gradcam import GradCAM

MODEL = tiny_classifier()
IMAGES = MODEL.preprocess(list(tiny_pictures(3)))
VARIANTS = ("gradcam", "gradcam++", "layercam")


@attrs.frozen
class Half(Layer):
    """Every second pixel."""

    def init(self, rng, shape):
        return {}, (shape[0], shape[1] // 2, shape[2] // 2)

    def forward(self, params, x, run):
        def backward(dy):
            dx = np.zeros_like(x)
            dx[:, :, ::2, ::2] = dy
            return dx, {}

        return x[:, :, ::2, ::2], backward


def attribute(technique, objective=None, model=MODEL):
    return technique.attribute(model, IMAGES, objective or FirstScore(), np.random.default_rng(0))


def seen(layer):
    """The layer's activation and the gradient of the first score by it."""
    trace = MODEL.trace(IMAGES)
    return trace[layer], trace.backward(FirstScore()(trace)[1], to=layer)[0]


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("guided", [False, True])
def test_keeps_the_contract(variant, guided):
    check_technique(GradCAM(variant=variant, guided=guided))
    check_technique(GradCAM("conv1", variant, guided, rectify=False))


@pytest.mark.parametrize("layer", ["conv1", "conv2"])
def test_gradcam_is_its_formula(layer):
    a, gradient = seen(layer)
    for n in range(3):
        cam = sum(gradient[n, k].mean() * a[n, k] for k in range(a.shape[1]))
        np.testing.assert_allclose(attribute(GradCAM(layer)).maps[n], np.maximum(cam, 0), rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(attribute(GradCAM(layer, rectify=False)).maps[n], cam, rtol=1e-4, atol=1e-5)


def test_gradcam_plus_plus_is_its_formula():
    a, gradient = seen("conv1")
    for n in range(3):
        cam = np.zeros((12, 12))
        for k in range(a.shape[1]):
            weight = 0.0
            for g in gradient[n, k].ravel():
                if g > 0:
                    weight += g**2 / (2 * g**2 + a[n, k].sum() * g**3) * g
            cam += weight * a[n, k]
        np.testing.assert_allclose(attribute(GradCAM("conv1", "gradcam++")).maps[n], cam, rtol=1e-3, atol=1e-6)


def test_layercam_is_its_formula():
    a, gradient = seen("conv1")
    cam = (np.maximum(gradient, 0) * a).sum(axis=1)
    np.testing.assert_allclose(attribute(GradCAM("conv1", "layercam")).maps, cam, rtol=1e-4, atol=1e-6)


def test_guided_gradcam_is_the_product():
    guided = image_gradient(with_rule(MODEL, "guided"), IMAGES, FirstScore())[0].sum(axis=1)
    expected = guided * attribute(GradCAM()).maps
    np.testing.assert_allclose(attribute(GradCAM(guided=True)).maps, expected, rtol=1e-4, atol=1e-9)


def test_is_linear_in_the_objective_where_the_method_is():
    one, other = (attribute(GradCAM(rectify=False), f * FirstScore()).maps for f in (1.0, -2.5))
    np.testing.assert_allclose(other, -2.5 * one, rtol=1e-4, atol=1e-6 * np.abs(one).max())


def test_the_last_layer_of_a_useful_size_is_looked_at():
    assert attribute(GradCAM()).facts["layer"] == "conv2"

    @attrs.frozen
    class LowerDown(FirstScore):
        """A question about conv1 must not look for an answer above it."""

        def upto(self, model):
            return "conv1"

        def __call__(self, trace):
            return trace["conv1"].sum(axis=(1, 2, 3)), {"conv1": np.ones_like(trace["conv1"])}

    result = attribute(GradCAM(), LowerDown())
    assert result.facts["layer"] == "conv1"
    np.testing.assert_allclose(result.maps, MODEL.trace(IMAGES)["conv1"].sum(axis=1), rtol=1e-5)


def test_the_small_map_is_among_the_facts_and_the_large_one_has_the_pictures_size():
    half = Chain([("half", Half()), *MODEL.network])
    result = attribute(GradCAM(), model=twin(MODEL, half))
    assert result.facts["cam"].shape == (3, 6, 6)
    assert result.maps.shape == (3, 12, 12)
    np.testing.assert_allclose(result.maps.mean(axis=(1, 2)), result.facts["cam"].mean(axis=(1, 2)), rtol=0.2)


def test_all_that_speaks_against_gives_a_blank_map_and_not_an_error():
    against = {**MODEL.params, "scores.W": -np.abs(MODEL.params["scores.W"])}
    result = attribute(GradCAM(), model=attrs.evolve(MODEL, params=against))
    assert result.blank.all()
    assert not attribute(GradCAM(rectify=False), model=attrs.evolve(MODEL, params=against)).blank.any()


@pytest.mark.parametrize(("layer", "error", "words"), [
    ("conv9", NotFoundError, "no activation is called 'conv9'; did you mean 'conv2' or 'conv1'"),
    ("scores", ShapeError, "scores has no height and width"),
])  # fmt: skip
def test_a_layer_that_will_not_do_is_named(layer, error, words):
    with pytest.raises(error, match=words):
        attribute(GradCAM(layer))


def test_a_network_without_places_is_told_so():
    flat = twin(MODEL, Chain({"scores": Read(5)}), {"scores.W": np.ones((3, 5), np.float32)})
    with pytest.raises(PhospheneError, match="no layer up to scores keeps a height and a width"):
        attribute(GradCAM(), model=flat)


def test_nan_is_refused():
    broken = attrs.evolve(MODEL, params={**MODEL.params, "scores.W": MODEL.params["scores.W"] * np.nan})
    with pytest.raises(PhospheneError, match="not finite"):
        attribute(GradCAM(), model=broken)
