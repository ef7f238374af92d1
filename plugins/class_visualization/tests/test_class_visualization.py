"""Class visualization: the model becomes sure of the class, whatever the basis and the regularizers."""

import attrs
import numpy as np
import pytest

from phosphene_class_visualization import ClassVisualization
from phosphene_core.errors import SettingError
from phosphene_core.objective import Objective
from phosphene_core.testing import check_technique, tiny_classifier

MODEL = tiny_classifier()
BLANK = np.zeros((1, 3, 12, 12), np.float32)


@attrs.frozen
class Score(Objective):
    which: int

    def __call__(self, trace):
        seed = np.zeros_like(trace["scores"])
        seed[:, self.which] = 1
        return trace["scores"][:, self.which], {"scores": seed}


def last(images=BLANK, which=2, seed=0, **settings):
    made = ClassVisualization(**{"steps": 15, **settings})
    return list(made.frames(MODEL, images, Score(which), np.random.default_rng(seed)))[-1]


@pytest.mark.parametrize("basis", ["fourier", "pixels", "cutouts"])
def test_the_contract(basis):
    check_technique(ClassVisualization(basis=basis))


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"basis": "pixels"},
        {"basis": "pixels", "l2": 1.0, "blur": 0.5, "total_variation": 0.0, "scale": (1.0, 1.0), "rotate": 0.0},
        {"jitter": 0, "scale": (1.0, 1.0), "rotate": 0.0, "total_variation": 0.0},
    ],
)
@pytest.mark.parametrize("which", [0, 2, 4])  # no picture at all makes the tiny model see the others
def test_the_class_wins_from_noise(which, settings):
    assert MODEL.predict(last(which=which, **settings).images).argmax(axis=1) == which


def test_it_starts_from_nothing_the_pictures_that_are_given_only_lend_their_shape():
    photo = np.random.default_rng(1).normal(0, 50, (1, 3, 12, 12)).astype(np.float32)
    assert last(photo).images.tobytes() == last().images.tobytes()
    assert ClassVisualization.picture == "none"
    assert last(np.zeros((2, 3, 10, 17), np.float32), steps=2).images.shape == (2, 3, 10, 17)


def test_cut_outs_raise_the_score_too():
    made = ClassVisualization(basis="cutouts", steps=15).frames(MODEL, BLANK, Score(2), np.random.default_rng(0))
    first, *_, end = made
    assert end.values[0] > first.values[0] + 1


def test_a_weight_on_l2_keeps_the_picture_near_the_mean():
    def size(l2):
        return np.abs(last(basis="pixels", total_variation=0.0, l2=l2).images).mean()

    assert size(500.0) < 0.7 * size(0.0)


def test_settings_that_make_no_sense_are_refused():
    with pytest.raises(SettingError, match="smaller factor"):
        ClassVisualization(scale=(1.2, 0.8))
    with pytest.raises(SettingError, match="basis"):
        ClassVisualization(basis="wavelets")
