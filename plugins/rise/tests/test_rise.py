"""RISE: the contract, its masks, and a model whose one interesting corner is known."""

import attrs
import numpy as np
import pytest

from phosphene_core.baseline import BASELINES
from phosphene_core.objective import Objective
from phosphene_core.testing import check_technique, tiny_classifier, tiny_pictures
from phosphene_core.testing.techniques import FirstScore
from phosphene_rise import RISE

MODEL = tiny_classifier()
IMAGES = MODEL.preprocess(list(tiny_pictures(3)))


@attrs.frozen
class Corner(Objective):
    """How red the upper left corner is, and a constant."""

    constant: float = 0.0
    corner: int = 4

    def __call__(self, trace):
        red = trace["input"][:, 0, : self.corner, : self.corner]
        return red.mean(axis=(1, 2)) + self.constant, {}


def maps(technique, images=IMAGES, objective=None):
    return technique.attribute(MODEL, images, objective or FirstScore(), np.random.default_rng(0)).maps


@pytest.mark.parametrize("cover", BASELINES)
@pytest.mark.parametrize("centred", [True, False])
def test_keeps_the_contract(cover, centred):
    check_technique(RISE(masks=20, cover=cover, centred=centred, batch_size=7))


def test_masks_are_smooth_and_as_dense_as_asked():
    rng = np.random.default_rng(0)
    for keep in (0.2, 0.5):
        masks = RISE(keep=keep).some_masks(400, 30, 44, *rng.spawn(2))
        assert masks.shape == (400, 30, 44)
        assert masks.min() >= 0
        assert masks.max() <= 1
        np.testing.assert_allclose(masks.mean(axis=0), keep, atol=0.12)
        assert np.abs(np.diff(masks, axis=2)).max() < 0.5


def test_what_the_answer_needs_stands_out():
    bright = np.full((1, 3, 12, 12), 100, np.float32)
    found = maps(RISE(masks=600, grid=4), bright, Corner())[0]
    assert found[:4, :4].min() > 0.5 * found.max()
    assert np.abs(found[6:, 6:]).max() < 0.3 * found.max()


def test_a_constant_in_the_answer_does_not_move_the_map():
    one, other = (maps(RISE(masks=50), objective=Corner(c)) for c in (0.0, 1000.0))
    np.testing.assert_allclose(other, one, atol=0.01 * np.abs(one).max() + 1e-3)


def test_an_answer_that_never_changes_gives_a_flat_map_of_zero():
    np.testing.assert_allclose(maps(RISE(masks=50), objective=Corner(7.0), images=IMAGES * 0), 0, atol=1e-5)


def test_the_papers_own_map_has_the_average_in_it():
    bright = np.full((1, 3, 12, 12), 100, np.float32)
    plain, centred = (maps(RISE(masks=400, centred=c), bright, Corner())[0] for c in (False, True))
    assert plain.mean() == pytest.approx(50, rel=0.1)
    assert np.corrcoef(plain.ravel(), centred.ravel())[0, 1] > 0.8


def test_the_batch_size_changes_memory_and_nothing_else():
    made = [maps(RISE(masks=30, batch_size=n)) for n in (1, 7, 999)]
    for other in made[1:]:
        np.testing.assert_allclose(other, made[0], rtol=1e-3, atol=1e-3 * np.abs(made[0]).max())


def test_a_picture_of_another_shape():
    wide = np.random.default_rng(0).standard_normal((1, 3, 9, 20)).astype(np.float32) * 50
    assert maps(RISE(masks=10), wide).shape == (1, 9, 20)
