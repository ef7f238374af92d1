"""The measures, on models of which it is known what the right map is."""

import attrs
import numpy as np
import pytest
from skimage.metrics import structural_similarity

from phosphene_core import Chain, Layer
from phosphene_core.testing import tiny_classifier, tiny_pictures
from phosphene_core.testing.tiny import TinyClassifier
from phosphene_faithfulness import (
    Edges,
    Questions,
    RandomMap,
    area,
    deletion,
    infidelity,
    insertion,
    max_sensitivity,
    overlaps,
    points,
    randomized,
)
from phosphene_faithfulness.curves import FRACTIONS, ranks
from phosphene_faithfulness.randomization import cascade
from phosphene_faithfulness.similarity import normalized, similarity
from phosphene_objectives import ClassScore

SIDE = 12
PATCH = np.zeros((SIDE, SIDE), bool)
PATCH[3:7, 4:9] = True


@attrs.frozen
class Weigh(Layer):
    """Scores that are weighted sums of pixels."""

    def init(self, rng, shape):
        return {"W": rng.standard_normal((np.prod(shape), 2)).astype(np.float32)}, (2,)

    def forward(self, params, x, run):
        flat = x.reshape(len(x), -1)
        return flat @ params["W"], lambda dy: ((dy @ params["W"].T).reshape(x.shape), {})


@attrs.frozen
class Linear(TinyClassifier):
    @property
    def network(self):
        return Chain({"scores": Weigh()})


def linear(weights):
    """A model of two classes; the first one's score is the sum of pixels times `weights` (H, W)."""
    whole = np.zeros((3, SIDE, SIDE, 2), np.float32)
    whole[..., 0] = weights
    return Linear(params={"scores.W": whole.reshape(-1, 2)}, class_names=("one", "other"))


def ask(model, count=3):
    images = np.random.default_rng(0).uniform(1, 9, (count, 3, SIDE, SIDE)).astype(np.float32)
    target = np.zeros(count, np.intp)
    objective = ClassScore((0,) * count).bound(model, images)
    masks = np.broadcast_to(PATCH, (count, SIDE, SIDE))
    return Questions(model, images, objective, np.zeros_like(images), ("one",) * count, masks, target)


def rng():
    return np.random.default_rng(1)


def test_curves_run_from_the_picture_to_the_cover_and_back():
    asked = ask(linear(0.1 * PATCH))
    down, up = (curve(asked, PATCH[None].repeat(3, 0).astype(float), rng()) for curve in (deletion, insertion))
    whole, nothing = (asked.probability(x, np.arange(3)) for x in (asked.images, asked.covers))
    for curves, first, last in ((down, whole, nothing), (up, nothing, whole)):
        np.testing.assert_allclose(curves[:, 0], first, rtol=1e-6)
        np.testing.assert_allclose(curves[:, -1], last, rtol=1e-6)
    enough = FRACTIONS > PATCH.mean()
    assert (down[:, enough] == down[:, -1:]).all()  # nothing outside of the patch matters
    assert (up[:, enough] == up[:, -1:]).all()


def test_the_right_map_beats_noise_and_noise_beats_the_wrong_one():
    asked = ask(linear(0.01 * PATCH), 6)
    right, noise = PATCH[None].repeat(6, 0).astype(float), rng().random((6, SIDE, SIDE))
    falls, rises = ([area(c(asked, m, rng())).mean() for m in (right, noise, -right)] for c in (deletion, insertion))
    assert falls[0] < falls[1] - 0.02 < falls[2] - 0.04
    assert rises[0] > rises[1] + 0.02 > rises[2] + 0.04


def test_pixels_of_one_value_are_taken_in_random_order():
    one, two = (ranks(np.zeros((1, 5, 4)), np.random.default_rng(seed)) for seed in (0, 1))
    assert sorted(one.ravel()) == sorted(two.ravel()) == list(range(20))
    assert (one != two).any()
    assert ranks(np.array([[[1.0, 3.0, 2.0]]]), rng()).tolist() == [[[2, 0, 1]]]


def test_the_area_under_a_straight_line():
    assert area(FRACTIONS[None])[0] == pytest.approx(0.5, abs=1e-3)
    assert area(np.ones((2, len(FRACTIONS)))).tolist() == [1, 1]


def test_a_map_of_what_each_pixel_contributes_foretells_everything():
    weights = rng().standard_normal((SIDE, SIDE))
    asked = ask(linear(weights))
    shares = (asked.images * weights).sum(axis=1)
    assert infidelity(asked, shares, rng()).max() < 1e-6
    assert infidelity(asked, 1e-9 * shares, rng()).max() < 1e-6  # its units do not matter
    assert (infidelity(asked, -shares, rng()) == 1).all()
    noise = infidelity(asked, np.random.default_rng(5).standard_normal(shares.shape), rng())
    assert (noise > 0.5).all()
    assert np.isnan(infidelity(ask(linear(0 * weights)), shares, rng())).all()


def test_a_linear_models_gradient_is_not_sensitive_and_its_picture_is():
    asked = ask(linear(PATCH))
    gradient = lambda model, images, objective: np.broadcast_to(PATCH * 1.0, (len(images), SIDE, SIDE))  # noqa: E731
    assert (max_sensitivity(asked, gradient, rng()) == 0).all()
    picture = lambda model, images, objective: images.sum(axis=1)  # noqa: E731
    found = max_sensitivity(asked, picture, rng(), radius=0.02, samples=4)
    most = 0.02 * 255 * 3 * SIDE / np.sqrt(np.square(asked.images.sum(axis=1)).sum(axis=(1, 2)))
    assert (found > 0.2 * most).all()
    assert (found < most).all()
    assert np.isnan(max_sensitivity(asked, lambda m, x, o: np.zeros((len(x), SIDE, SIDE)), rng())).all()


def test_pointing_and_overlap():
    masks = np.stack([PATCH] * 4)
    maps = np.zeros((4, SIDE, SIDE))
    maps[0, 3, 4], maps[1, 2, 4], maps[2, 11, 11] = 1, 1, 1
    assert points(maps, masks).tolist() == [True, False, False, False]  # the last one points nowhere
    assert points(maps, masks, margin=1).tolist() == [True, True, False, False]
    half = np.zeros((2, SIDE, SIDE))
    half[0], half[1, 3:5, 4:9], half[1, :2, :5] = PATCH, 1, 1
    assert overlaps(half, masks[:2]) == pytest.approx([1, 10 / 30])
    assert len(points(maps[:0], masks[:0])) == len(overlaps(maps[:0], masks[:0])) == 0


def test_layers_become_random_from_the_top_down_and_stay_so():
    model = tiny_classifier()
    before = {k: v.copy() for k, v in model.params.items()}
    stages = list(cascade(model, rng()))
    assert [name for name, _ in stages] == ["scores", "conv2", "conv1"]
    changed = [{k.split(".")[0] for k, v in m.params.items() if (v != before[k]).any()} for _, m in stages]
    assert changed == [{"scores"}, {"scores", "conv2"}, {"scores", "conv2", "conv1"}]
    assert all((model.params[k] == before[k]).all() for k in before)


def test_a_map_that_asks_no_model_stays_as_it_is():
    model = tiny_classifier()
    images = model.preprocess(list(tiny_pictures(2)))
    asked = Questions(
        model, images, ClassScore(1).bound(model, images), 0 * images, ("a", "a"), target=np.array([1, 1])
    )

    def maps(technique):
        return lambda model, images, objective: technique.attribute(model, images, objective, rng()).maps

    for reference in (Edges(), RandomMap()):
        assert randomized(asked, maps(reference), rng()).similarity == pytest.approx(np.ones((3, 2)))
    gradient = randomized(asked, lambda m, x, o: m.trace(x).backward(o(m.trace(x))[1])[0].sum(axis=1), rng())
    assert gradient.maps.shape == (4, 2, 12, 12)
    assert (gradient.similarity[-1] < 0.5).all()


def test_similarity_is_the_structural_one_of_maps_as_they_are_drawn():
    first, second = np.random.default_rng(3).standard_normal((2, 3, 30, 25))
    settings = {"data_range": 1, "gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    expected = [
        structural_similarity(a, b, **settings) for a, b in zip(normalized(first), normalized(second), strict=True)
    ]
    np.testing.assert_allclose(similarity(first, second), expected, rtol=1e-6)
    assert similarity(first, -3 * first) == pytest.approx([1, 1, 1])
    assert similarity(0 * first, 0 * first) == pytest.approx([1, 1, 1])
    assert similarity(first[:, :3, :4], first[:, :3, :4]) == pytest.approx([1, 1, 1])
    assert len(similarity(first[:0], first[:0])) == 0


def test_the_edge_detector_finds_an_edge():
    model = tiny_classifier()
    images = np.zeros((1, 3, 12, 12), np.float32)
    images[..., 6:] = 100
    found = Edges().attribute(model, images, ClassScore(1).bound(model, images), rng()).maps[0]
    assert (found[:, 5:7] > 0).all()
    assert found[:, 5:7].sum() == pytest.approx(found.sum())
