"""Random changes: each is exactly what its name says, picture by picture."""

import numpy as np
import pytest

from phosphene_tinyimagenet import augment


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def images(rng):
    return rng.integers(0, 256, (40, 3, 12, 9), np.uint8)


def test_flipped_mirrors_about_half_of_them_and_leaves_its_input(images, rng):
    before = images.copy()
    after = augment.flipped(images, rng)
    assert np.array_equal(images, before)
    same = np.array([np.array_equal(a, b) for a, b in zip(after, images, strict=True)])
    assert 8 < same.sum() < 32
    assert np.array_equal(after[~same], images[~same][..., ::-1])


def test_shifted_pictures_are_windows_of_the_reflected_picture(images, rng):
    seen = set()
    for before, after in zip(images, augment.shifted(images, 2, rng), strict=True):
        wide = np.pad(before, ((0, 0), (2, 2), (2, 2)), mode="reflect")
        places = [(y, x) for y in range(5) for x in range(5) if np.array_equal(wide[:, y : y + 12, x : x + 9], after)]
        assert len(places) == 1
        seen.add(places[0])
    assert {y for y, _ in seen} == {x for _, x in seen} == set(range(5))


def test_zooming_in_by_nothing_changes_nothing(images, rng):
    pixels = images.astype(np.float32)
    np.testing.assert_allclose(augment.zoomed(pixels, 1.0, 0, rng), pixels, atol=1e-3)


def test_zoomed_keeps_a_plain_picture_and_the_range_of_any(images, rng):
    plain = np.full((5, 3, 12, 9), 77, np.float32)
    np.testing.assert_allclose(augment.zoomed(plain, 0.5, 3, rng), plain, rtol=1e-5)
    pixels = images.astype(np.float32)
    after = augment.zoomed(pixels, 0.5, 3, rng)
    assert after.min() >= 0
    assert after.max() <= 255.01


def test_zoomed_stretches_a_ramp_by_the_window(rng):
    ramp = np.broadcast_to(np.arange(32, dtype=np.float32), (50, 3, 32, 32))
    slopes = np.diff(augment.zoomed(ramp, 0.5, 0, rng), axis=-1)[:, 0, 0]
    inner = np.median(slopes, axis=1)
    assert inner.min() >= 0.49
    assert inner.max() <= 1.01
    assert np.ptp(inner) > 0.3


def test_recoloured_keeps_grey_grey_and_stays_in_range(images, rng):
    pixels = images.astype(np.float32)
    after = augment.recoloured(pixels, 0.5, rng)
    assert after.min() >= 0
    assert after.max() <= 255
    assert not np.allclose(after, pixels, atol=5)
    np.testing.assert_allclose(augment.recoloured(pixels, 0.0, rng), pixels, atol=1e-2)
    grey = np.repeat(pixels[:, :1], 3, axis=1)
    after = augment.recoloured(grey, 0.5, rng)
    np.testing.assert_allclose(after[:, 0], after[:, 1], atol=1e-2)
    np.testing.assert_allclose(after[:, 0], after[:, 2], atol=1e-2)
