"""Canvases: pictures to coordinates and back, in range, with the exact gradient."""

import functools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phosphene_imageopt import CutoutCanvas, FourierCanvas, PixelCanvas
from phosphene_imageopt.colour import FROM_RGB, TO_RGB, mix

KINDS = (PixelCanvas, FourierCanvas, functools.partial(FourierCanvas, soft=False))
EVERY = (*KINDS, CutoutCanvas)


def canvas_for(kind, height, width, dtype=np.float64):
    low = np.linspace(-130, -100, 3 * height * width).reshape(3, height, width).astype(dtype)
    return kind(low, low + 255)


@settings(max_examples=30)
@given(st.sampled_from(EVERY), st.integers(1, 10), st.integers(1, 10), st.integers(0, 99))
def test_the_gradient_by_coordinates_is_exact(kind, height, width, seed):
    rng = np.random.default_rng(seed)
    canvas = canvas_for(kind, height, width)
    at = canvas.noise(np.zeros((2, 3, height, width)), rng).astype(np.float64)
    along = rng.standard_normal(at.shape)
    seeds = rng.standard_normal((2, 3, height, width))
    step = 1e-5
    numeric = np.vdot(canvas.decode(at + step * along)[0] - canvas.decode(at - step * along)[0], seeds) / (2 * step)
    assert np.vdot(canvas.decode(at)[1](seeds), along) == pytest.approx(numeric, rel=1e-5, abs=1e-5)


@settings(max_examples=30)
@given(st.sampled_from(KINDS), st.integers(1, 12), st.integers(1, 12), st.integers(0, 99))
def test_pictures_come_back_from_their_coordinates(kind, height, width, seed):
    canvas = canvas_for(kind, height, width, np.float32)
    share = np.random.default_rng(seed).uniform(0.01, 0.99, (2, 3, height, width)).astype(np.float32)
    images = canvas.low + 255 * share
    back, _ = canvas.decode(canvas.encode(images))
    assert back == pytest.approx(images, abs=0.01)
    assert back.dtype == np.float32


@pytest.mark.parametrize("kind", EVERY)
def test_whatever_the_coordinates_pictures_are_in_range(kind):
    canvas = canvas_for(kind, 7, 8, np.float32)
    far = 300 * canvas.noise(np.zeros((2, 3, 7, 8), np.float32), np.random.default_rng(0))
    canvas.settle(far)
    images, _ = canvas.decode(far)
    assert (images >= canvas.low - 1e-3).all()
    assert (images <= canvas.high + 1e-3).all()


@pytest.mark.parametrize("kind", KINDS)
def test_blurring_calms_a_picture_and_keeps_its_mean(kind):
    canvas = canvas_for(kind, 32, 32)
    at = canvas.noise(np.zeros((1, 3, 32, 32)), np.random.default_rng(0)).astype(np.float64) * 0.1
    sharp, soft = (canvas.decode(c)[0] for c in (at, canvas.blur(at, 1.5)))
    assert np.abs(np.diff(soft - canvas.low)).mean() < 0.6 * np.abs(np.diff(sharp - canvas.low)).mean()
    assert soft.mean() == pytest.approx(sharp.mean(), abs=0.5)


def test_cut_outs_are_one_sheet_that_fades_at_the_frame_and_have_sharp_edges_on_a_plain_ground():
    canvas = canvas_for(CutoutCanvas, 40, 48, np.float32)
    images = canvas.low + 255 * np.random.default_rng(0).uniform(0.01, 0.99, (2, 3, 40, 48)).astype(np.float32)
    back, _ = canvas.decode(canvas.encode(images))
    assert back[..., 5:-5, 5:-5] == pytest.approx(images[..., 5:-5, 5:-5], abs=0.1)
    assert back[..., 0, 0] == pytest.approx(canvas.low[:, 0, 0] + 127.5 + 0 * back[..., 0, 0], abs=2)
    noise = canvas.noise(images, np.random.default_rng(0))
    noise[:, 0] *= 5
    away = np.abs(canvas.decode(noise)[0] - canvas.low - 127.5).max(axis=1)
    assert (away < 10).mean() > 0.2 and (away > 60).mean() > 0.05


def test_the_noise_of_the_spectrum_has_larger_shapes_than_that_of_pixels():
    def roughness(kind):
        canvas = canvas_for(kind, 32, 32)
        noise = canvas.noise(np.zeros((4, 3, 32, 32)), np.random.default_rng(0)).astype(np.float64)
        plain = canvas.decode(noise)[0] - canvas.decode(0 * noise)[0]
        return np.abs(np.diff(plain)).mean() / plain.std()

    assert roughness(FourierCanvas) < 0.6 * roughness(PixelCanvas)


def test_decorrelated_colour_has_its_inverse_and_its_first_axis_is_grey():
    x = np.random.default_rng(0).standard_normal((2, 3, 4, 5))
    assert mix(FROM_RGB, mix(TO_RGB, x)) == pytest.approx(x, abs=1e-5)
    assert np.ptp(TO_RGB[:, 0]) < 0.05
    sizes = np.sqrt((TO_RGB**2).sum(axis=0))
    assert sizes[0] > sizes[1] > sizes[2]
