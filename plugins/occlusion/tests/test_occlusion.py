"""Occlusion: the contract, and falls that can be counted by hand."""

import numpy as np
import pytest

from phosphene_core import Chain, SettingError
from phosphene_core.baseline import BASELINES, baseline
from phosphene_core.testing import check_technique, tiny_classifier, tiny_pictures
from phosphene_core.testing.techniques import FirstScore
from phosphene_core.testing.tiny import Read
from phosphene_core.twin import twin
from phosphene_occlusion import Occlusion
from phosphene_occlusion.occlusion import places

MODEL = tiny_classifier()
IMAGES = MODEL.preprocess(list(tiny_pictures(3)))
W = np.array([[1, 0, 0, 0, 0], [-3, 0, 0, 0, 0], [2, 0, 0, 0, 0]], np.float32)
LINEAR = twin(MODEL, Chain({"scores": Read(5)}), {"scores.W": W})


def maps(technique, model=MODEL, images=IMAGES):
    return technique.attribute(model, images, FirstScore(), np.random.default_rng(0)).maps


@pytest.mark.parametrize("cover", BASELINES)
def test_keeps_the_contract(cover):
    check_technique(Occlusion(window=5, stride=3, cover=cover, batch_size=4))


@pytest.mark.parametrize("cover", BASELINES)
def test_a_linear_model_pixel_by_pixel(cover):
    fall = (IMAGES - baseline(MODEL, IMAGES, cover)).transpose(0, 2, 3, 1) @ W[:, 0] / 144
    np.testing.assert_allclose(maps(Occlusion(1, 1, cover), LINEAR), fall, rtol=1e-3, atol=1e-4)


def test_every_window_is_the_mean_of_the_falls_that_cover_a_pixel():
    found = maps(Occlusion(5, 3, "mean"))
    scores = MODEL.trace(IMAGES)["scores"][:, 0]
    total, count = np.zeros((3, 12, 12)), np.zeros((12, 12))
    for y in (0, 3, 6, 7):
        for x in (0, 3, 6, 7):
            covered = IMAGES.copy()
            covered[:, :, y : y + 5, x : x + 5] = 0
            fall = scores - MODEL.trace(covered)["scores"][:, 0]
            total[:, y : y + 5, x : x + 5] += fall[:, None, None]
            count[y : y + 5, x : x + 5] += 1
    np.testing.assert_allclose(found, total / count, rtol=1e-4, atol=1e-4)
    assert (found < 0).any(), "signed results stay signed"


@pytest.mark.parametrize(("size", "window", "stride", "expected"), [
    (64, 15, 7, [0, 7, 14, 21, 28, 35, 42, 49]), (12, 5, 3, [0, 3, 6, 7]), (5, 15, 7, [0]), (6, 5, 5, [0, 1]),
])  # fmt: skip
def test_windows_reach_the_far_edge(size, window, stride, expected):
    assert places(size, window, stride) == expected


def test_a_window_over_everything_is_the_whole_rise():
    found = maps(Occlusion(99, cover="mean"))
    rise = MODEL.trace(IMAGES)["scores"][:, 0] - MODEL.trace(np.zeros_like(IMAGES))["scores"][:, 0]
    np.testing.assert_allclose(found, np.broadcast_to(rise[:, None, None], found.shape), rtol=1e-4)


def test_the_batch_size_changes_memory_and_nothing_else():
    made = [maps(Occlusion(4, 3, batch_size=n)) for n in (1, 7, 999)]
    for other in made[1:]:
        np.testing.assert_allclose(other, made[0], rtol=1e-3, atol=1e-4)


def test_a_picture_of_another_shape():
    wide = np.random.default_rng(0).standard_normal((1, 3, 9, 20)).astype(np.float32) * 50
    assert maps(Occlusion(), MODEL, wide).shape == (1, 9, 20)


def test_windows_that_would_leave_pixels_out_are_refused():
    with pytest.raises(SettingError, match="a stride of 6 leaves pixels between windows of 5"):
        Occlusion(window=5, stride=6)
